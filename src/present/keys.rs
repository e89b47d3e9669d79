//! A record key's colour and shape: first seen, first served, and kept for as long as the page lives.

use records::sorted::SortedMap;

use bytes::Bytes;

/// How many keys have a colour and shape of their own; every later one is a grey dot with its label.
pub const SLOTS: u8 = 8;

/// Keys remembered with their labels; beyond that a key is labelled each time it is met.
const REMEMBERED: usize = 4096;

/// How many characters of a key a label keeps.
const LABEL_CHARS: usize = 48;

/// The shape that stands for a key beside its colour, so that colour is never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// ● the first key.
    Disc,
    /// ■ the second.
    Square,
    /// ▲ the third.
    Up,
    /// ◆ the fourth.
    Diamond,
    /// ▼ the fifth.
    Down,
    /// ✚ the sixth.
    Cross,
    /// ★ the seventh.
    Star,
    /// ○ the eighth.
    Ring,
    /// A small grey dot: the ninth key, every later one, and records without a key.
    Dot,
}

/// How one record key is shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyMark {
    /// 1 to 8: colour `--k1` to `--k8` and the shape; 0: grey dot.
    pub slot: u8,
    /// The key as text, shortened; `None` for a record without a key.
    pub label: Option<std::rc::Rc<str>>,
}

impl KeyMark {
    /// The mark of records without a key.
    pub const NONE: KeyMark = KeyMark {
        slot: 0,
        label: None,
    };

    /// A mark of this slot with this label.
    pub fn new(slot: u8, label: &str) -> KeyMark {
        KeyMark {
            slot,
            label: Some(label.into()),
        }
    }

    /// The shape of its slot.
    pub fn shape(&self) -> Shape {
        shape_of(self.slot)
    }

    /// The class that gives an element and what it holds the key's colour.
    pub fn class(&self) -> &'static str {
        slot_class(self.slot)
    }

    /// `key nfsturm`, or `no key`.
    pub fn spoken(&self) -> String {
        match &self.label {
            Some(label) if label.is_empty() => "empty key".into(),
            Some(label) => format!("key {label}"),
            None => "no key".into(),
        }
    }
}

/// The shape of a slot.
pub fn shape_of(slot: u8) -> Shape {
    match slot {
        1 => Shape::Disc,
        2 => Shape::Square,
        3 => Shape::Up,
        4 => Shape::Diamond,
        5 => Shape::Down,
        6 => Shape::Cross,
        7 => Shape::Star,
        8 => Shape::Ring,
        _ => Shape::Dot,
    }
}

/// The class of a slot, `k0` to `k8`.
pub fn slot_class(slot: u8) -> &'static str {
    match slot {
        1 => "k1",
        2 => "k2",
        3 => "k3",
        4 => "k4",
        5 => "k5",
        6 => "k6",
        7 => "k7",
        8 => "k8",
        _ => "k0",
    }
}

/// Gives keys their slots.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeySlots {
    marks: SortedMap<Bytes, KeyMark>,
    taken: u8,
}

impl KeySlots {
    /// The mark of a key; one not seen before takes the next free slot.
    pub fn mark(&mut self, key: Option<&[u8]>) -> KeyMark {
        let Some(key) = key else {
            return KeyMark::NONE;
        };
        if let Some(mark) = self.marks.get(key) {
            return mark.clone();
        }
        let slot = if self.taken < SLOTS {
            self.taken.saturating_add(1)
        } else {
            0
        };
        self.taken = self.taken.max(slot);
        let mark = KeyMark::new(slot, &label(key));
        if slot > 0 || self.marks.len() < REMEMBERED {
            self.marks.insert(Bytes::copy_from_slice(key), mark.clone());
        }
        mark
    }

    /// The mark of a key already seen, without giving a slot to a new one.
    pub fn known(&self, key: Option<&[u8]>) -> KeyMark {
        let Some(key) = key else {
            return KeyMark::NONE;
        };
        self.marks
            .get(key)
            .cloned()
            .unwrap_or_else(|| KeyMark::new(0, &label(key)))
    }
}

/// A key as text: UTF-8 where it is, `…` where it was cut.
fn label(key: &[u8]) -> String {
    let head = key.get(..LABEL_CHARS.saturating_mul(4)).unwrap_or(key);
    let text = String::from_utf8_lossy(head);
    let mut out: String = text.chars().take(LABEL_CHARS).map(visible).collect();
    if text.chars().nth(LABEL_CHARS).is_some() || head.len() < key.len() {
        out.push('…');
    }
    out
}

/// Control characters as their pictures: a line break in a key must not break a label.
fn visible(c: char) -> char {
    match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('␀'),
        '\u{7f}' => '␡',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyMark, KeySlots, Shape};

    #[test]
    fn the_first_key_seen_takes_the_first_slot_and_keeps_it() {
        let mut slots = KeySlots::default();
        assert_eq!(slots.mark(Some(b"nfsturm")), KeyMark::new(1, "nfsturm"));
        assert_eq!(slots.mark(Some(b"ennius")), KeyMark::new(2, "ennius"));
        assert_eq!(slots.mark(Some(b"nfsturm")).slot, 1);
        assert_eq!(slots.mark(Some(b"ennius")).shape(), Shape::Square);
    }

    #[test]
    fn the_ninth_key_is_a_grey_dot_with_its_label() {
        let mut slots = KeySlots::default();
        for n in 0..8 {
            assert_eq!(slots.mark(Some(format!("k{n}").as_bytes())).slot, n + 1);
        }
        let ninth = slots.mark(Some(b"ninth"));
        assert_eq!((ninth.slot, ninth.label.as_deref()), (0, Some("ninth")));
        assert_eq!(slots.mark(Some(b"k7")).slot, 8);
    }

    #[test]
    fn no_key_takes_no_slot_and_an_empty_key_does() {
        let mut slots = KeySlots::default();
        assert_eq!(slots.mark(None), KeyMark::NONE);
        assert_eq!(slots.mark(Some(b"")).slot, 1);
        assert_eq!(slots.mark(Some(b"")).spoken(), "empty key");
    }

    #[test]
    fn a_long_or_binary_key_has_a_short_label_without_line_breaks() {
        let mut slots = KeySlots::default();
        let long = slots.mark(Some(&[b'a'; 1_000_000]));
        assert_eq!(long.label.as_deref().map(|l| l.chars().count()), Some(49));
        let binary = slots.mark(Some(&[0xff, b'\n', 0]));
        assert_eq!(binary.label.as_deref(), Some("\u{fffd}␊␀"));
    }
}
