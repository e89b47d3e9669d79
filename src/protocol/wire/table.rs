//! The notation in which messages are declared.
//!
//! ```text
//! messages! {
//!     /// What it is for.
//!     SomeRequest {
//!         name: String [0-12];                          // only in versions 0 to 12
//!         retries: i32 [2+] = -1;                       // from version 2 on, -1 when unset
//!         rack: Option<String> [1+] null[2+];           // null allowed from 2 on, empty when unset
//!         instance_id: Option<String> [3+] none[3+];    // the same, but null when unset
//!         hint: i64 [4+] tag 0;                         // a tagged field
//!     }
//! }
//! ```
//!
//! A message takes what it needs from here; the rows are read by the reader and the writer.

/// Declares message structs with their schema rows.
macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $(
                $field:ident : $ty:ty [$($range:tt)+]
                $(null[$($null:tt)+])? $(none[$($none:tt)+])?
                $(tag $tag:literal)? $(= $number:literal)? ;
            )*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct $name {
            $(
                #[doc = concat!(
                    "Versions ", $(stringify!($range)),+,
                    $(", null in ", $(stringify!($null)),+,)?
                    $(", null in ", $(stringify!($none)),+, " and unless set",)?
                    $(", ", stringify!($number), " unless set",)?
                    "."
                )]
                pub $field: $ty,
            )*
        }

        impl $name {
            const FIELDS: &'static [$crate::wire::Field] = &[$(
                $crate::wire::Field {
                    name: stringify!($field),
                    versions: $crate::wire::versions!($($range)+),
                    nullable: $crate::wire::versions!($($($null)+)? $($($none)+)?),
                    tag: $crate::wire::tag!($($tag)?),
                    initial: $crate::wire::initial!($([$($none)+])? $($number)?),
                },
            )*];
        }

        impl Default for $name {
            fn default() -> Self {
                use $crate::wire::Wire;
                Self {$(
                    $field: <$ty>::initial($crate::wire::initial!($([$($none)+])? $($number)?)),
                )*}
            }
        }

        impl $crate::wire::Value for $name {
            fn read(
                &mut self,
                reader: &mut $crate::wire::Reader<'_>,
                _nullable: bool,
            ) -> Result<(), $crate::error::Fault> {
                let values: &mut [&mut dyn $crate::wire::Value] = &mut [$(&mut self.$field),*];
                reader.structure(Self::FIELDS, values)
            }

            fn write(&self, writer: &mut $crate::wire::Writer, _nullable: bool) {
                let values: &[&dyn $crate::wire::Value] = &[$(&self.$field),*];
                writer.structure(Self::FIELDS, values);
            }

            fn is_initial(&self, _initial: $crate::wire::Initial) -> bool {
                $crate::wire::Writer::is_unset(self)
            }

            fn describe(&self) -> String {
                String::new()
            }
        }

        impl $crate::wire::Wire for $name {
            const NAME: &'static str = stringify!($name);
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Struct;
            const MIN_SIZE: usize = 1;

            fn initial(_initial: $crate::wire::Initial) -> Self {
                Self::default()
            }
        }
    )*};
}

/// `3+`, `3-7`, `3` or nothing as a range of versions.
macro_rules! versions {
    () => {
        $crate::wire::Versions::NONE
    };
    ($first:literal +) => {
        $crate::wire::Versions {
            first: $first,
            last: i8::MAX,
        }
    };
    ($first:literal - $last:literal) => {
        $crate::wire::Versions {
            first: $first,
            last: $last,
        }
    };
    ($only:literal) => {
        $crate::wire::Versions {
            first: $only,
            last: $only,
        }
    };
}

/// A tag, or none.
macro_rules! tag {
    () => {
        None
    };
    ($tag:literal) => {
        Some($tag)
    };
}

/// What a field starts as: a number, null (when given the versions of `none[…]`), or zero.
macro_rules! initial {
    () => {
        $crate::wire::Initial::Zero
    };
    ([$($none:tt)+]) => {
        $crate::wire::Initial::Null
    };
    ($number:literal) => {
        $crate::wire::Initial::number($number)
    };
}

pub(crate) use {initial, messages, tag, versions};
