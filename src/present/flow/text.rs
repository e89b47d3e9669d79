//! Numbers as the diagram writes them.

/// A whole number with thousands set apart: `5,200`.
pub fn whole(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len().saturating_add(4));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) && digits.len() > 4 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Records a second: one decimal below ten, none above.
pub fn rate_text(rate: f64) -> String {
    let rate = if rate.is_finite() { rate.max(0.0) } else { 0.0 };
    if rate >= 9.95 {
        return whole(rate.round() as u64);
    }
    let tenths = (rate * 10.0).round() / 10.0;
    if tenths.fract() == 0.0 {
        format!("{tenths:.0}")
    } else {
        format!("{tenths:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::{rate_text, whole};

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [whole(687), whole(5200), whole(1_234_567)],
            ["687", "5200", "1,234,567"]
        );
        assert_eq!(
            [
                rate_text(20.04),
                rate_text(0.5),
                rate_text(2.0),
                rate_text(f64::NAN)
            ],
            ["20", "0.5", "2", "0"]
        );
    }
}
