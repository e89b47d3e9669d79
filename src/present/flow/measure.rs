//! How wide text is. The page measures; tests count characters.

/// A face in which the diagram writes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// Whether it is the fixed-width face.
    pub mono: bool,
    /// Its size in pixels.
    pub size: f64,
    /// Whether it is bold.
    pub bold: bool,
}

impl Font {
    /// Topics and groups.
    pub const NAME: Font = Font::mono(11.5, true);
    /// Clients.
    pub const NODE: Font = Font::mono(11.0, false);
    /// Keys in a topic's header.
    pub const KEY: Font = Font::mono(10.0, false);
    /// Second lines of nodes.
    pub const SUB: Font = Font::ui(10.5, false);
    /// Offsets in cells, names of group rows.
    pub const MARK: Font = Font::ui(10.0, false);
    /// Lags.
    pub const LAG: Font = Font::ui(10.0, true);
    /// Assignment chips and broker badges.
    pub const CHIP: Font = Font::ui(9.5, false);
    /// Partitions.
    pub const PART: Font = Font::ui(12.0, true);

    const fn mono(size: f64, bold: bool) -> Font {
        Font {
            mono: true,
            size,
            bold,
        }
    }

    const fn ui(size: f64, bold: bool) -> Font {
        Font {
            mono: false,
            size,
            bold,
        }
    }
}

/// Tells a text's width in pixels.
pub type Measure<'a> = &'a dyn Fn(&str, Font) -> f64;

/// A width for every character alike, where there is no page to measure on.
pub fn fixed(text: &str, font: Font) -> f64 {
    let advance = if font.mono { 0.605 } else { 0.56 };
    let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    f64::from(count) * advance * font.size
}

/// Text that fits its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fitted {
    /// What is written, cut with `…` if it had to be.
    pub text: String,
    /// All of it, when it was cut: the tooltip.
    pub full: Option<String>,
}

/// Cuts `text` to `width`.
pub fn fit(text: &str, font: Font, width: f64, measure: Measure) -> Fitted {
    // No place of the diagram holds this many characters; measuring a megabyte would cost a frame.
    const MOST: usize = 120;
    let short: String = text.chars().take(MOST).collect();
    if short.len() == text.len() && measure(text, font) <= width {
        return Fitted {
            text: short,
            full: None,
        };
    }
    let chars: Vec<char> = short.chars().collect();
    let mut keep = 0usize;
    let mut beyond = chars.len().saturating_add(1);
    while beyond.saturating_sub(keep) > 1 {
        let middle = keep.saturating_add(beyond) / 2;
        if measure(&cut(&chars, middle), font) <= width {
            keep = middle;
        } else {
            beyond = middle;
        }
    }
    Fitted {
        text: cut(&chars, keep),
        full: Some(text.chars().take(1000).collect()),
    }
}

/// Of names that a program numbers, such as `console-consumer-48213`, the number's end stays: all of
/// them begin alike.
fn cut(chars: &[char], keep: usize) -> String {
    let digits = chars.iter().rev().take_while(|c| c.is_ascii_digit());
    let number = digits.count().min(4);
    let tail = if keep >= number.saturating_add(3) {
        number
    } else {
        0
    };
    let mut out: String = chars.iter().take(keep.saturating_sub(tail)).collect();
    out.push('…');
    out.extend(chars.iter().skip(chars.len().saturating_sub(tail)));
    out
}

#[cfg(test)]
mod tests {
    use super::{Font, fit, fixed};

    #[test]
    fn what_fits_stays_and_what_does_not_is_cut_with_its_full_text_kept() {
        assert_eq!(fit("perth", Font::KEY, 60.0, &fixed).full, None);
        let cut = fit("a-very-long-client-id-indeed", Font::NODE, 60.0, &fixed);
        assert!(
            cut.text.ends_with('…') && fixed(&cut.text, Font::NODE) <= 60.0,
            "{cut:?}"
        );
        assert_eq!(cut.full.as_deref(), Some("a-very-long-client-id-indeed"));
        assert_eq!(fit("abc", Font::NODE, 0.0, &fixed).text, "…");
    }

    #[test]
    fn a_number_at_the_end_tells_names_apart() {
        let cut = |text| fit(text, Font::NODE, 70.0, &fixed).text;
        assert_eq!(cut("console-consumer-48213"), "conso…8213");
        assert_eq!(cut("console-consumer"), "console-c…");
    }
}
