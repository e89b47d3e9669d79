//! Decimal numbers as people type them.

/// The number that a text spells, as `f64`'s own `FromStr` reads it: digits with a sign, a point and an
/// exponent, `inf`, `infinity` or `nan`.
///
/// Exact up to fifteen digits and exponents of twenty-two; beyond that the last bits may differ. Why not
/// `std`'s own: exactness for every text takes ten kilobytes of tables that no compression shrinks.
#[inline(never)]
pub fn parse(text: &str) -> Option<f64> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let named = |name: &str| unsigned.eq_ignore_ascii_case(name);
    let number = if named("inf") || named("infinity") {
        f64::INFINITY
    } else if named("nan") {
        f64::NAN
    } else {
        unsigned_number(unsigned)?
    };
    Some(if negative { -number } else { number })
}

fn unsigned_number(text: &str) -> Option<f64> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent_of(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut mantissa: u64 = 0;
    let mut scale = exponent;
    let places = std::iter::repeat_n(false, whole.len())
        .chain(std::iter::repeat_n(true, fraction.len()))
        .zip(whole.bytes().chain(fraction.bytes()));
    // Zeros at the end say nothing, but would use up the digits that are exact.
    let meant = whole.len() + fraction.trim_end_matches('0').len();
    for (place, (behind_point, byte)) in places.enumerate() {
        if !byte.is_ascii_digit() {
            return None;
        }
        // Nineteen digits fit; of later ones only the place counts.
        if place < meant && mantissa < 1_000_000_000_000_000_000 {
            mantissa = mantissa * 10 + u64::from(byte - b'0');
            scale = scale.saturating_sub(i32::from(behind_point));
        } else if !behind_point {
            scale = scale.saturating_add(1);
        }
    }
    Some(scaled(mantissa as f64, scale))
}

fn exponent_of(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // An exponent that no i32 holds is beyond every number.
    let size = digits.parse::<i32>().unwrap_or(i32::MAX);
    Some(if text.starts_with('-') { -size } else { size })
}

/// `number` times ten to the power `scale`.
fn scaled(mut number: f64, scale: i32) -> f64 {
    // Powers of ten are exact up to the twenty-second; further than 400 everything is zero or infinite.
    let mut left = scale.unsigned_abs().min(400);
    while left > 0 && number != 0.0 {
        let step = left.min(22);
        let power = (0..step).fold(1.0, |power, _| power * 10.0);
        number = if scale < 0 {
            number / power
        } else {
            number * power
        };
        left -= step;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn reads_what_the_standard_reads() {
        for text in [
            "",
            "-",
            "+",
            ".",
            "1",
            "-1",
            "+1.5",
            "1.",
            ".5",
            "1e3",
            "1E-3",
            "1e",
            "1e+",
            "e5",
            "1.5.2",
            "inf",
            "-Infinity",
            "1e999999999999",
            "1e-999999999999",
            "0e999",
            "-0",
            "1_0",
            " 1",
            "1 ",
            "0.10000000000000000000",
            "100000000000000000000000",
            "½",
            "0x10",
            "--1",
            "1e400",
            "0.8",
            "--",
        ] {
            assert_eq!(parse(text), text.parse().ok(), "{text:?}");
        }
        assert!(parse("NaN").is_some_and(f64::is_nan));
    }

    proptest! {
        #[test]
        fn is_exact_for_numbers_of_fifteen_digits(digits in 0u64..1_000_000_000_000_000, places in 0usize..=15) {
            let text = format!("{digits:016}");
            let (whole, fraction) = text.split_at(16 - places);
            let text = format!("{whole}.{fraction}");
            prop_assert_eq!(parse(&text), text.parse().ok(), "{}", text);
        }

        #[test]
        fn no_text_panics_and_the_same_are_numbers(text in "[-+0-9.eE]{0,12}") {
            let other: Option<f64> = text.parse().ok();
            prop_assert_eq!(parse(&text).is_some(), other.is_some(), "{}", text);
        }
    }
}
