//! Times, sizes and texts as the panels write them.

use engine::time::SimTime;

/// A table's cell shows so many characters of a text.
pub const CELL_CHARS: usize = 160;

/// How long a page may have run for its own clock to be the clearer one.
const CLOCK_MILLIS: i64 = 24 * 3_600_000;

/// `00:33.118`: minutes, seconds and milliseconds, and hours once there are any.
pub fn clock(millis: i64) -> String {
    let millis = millis.max(0);
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, rest) = (millis / 1_000 % 60, millis % 1_000);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:03}")
    } else {
        format!("{minutes:02}:{seconds:02}.{rest:03}")
    }
}

/// A timestamp by the page's own clock if it lies within the sitting, else as a date (UTC).
pub fn moment(timestamp: i64, started: SimTime) -> String {
    let since = timestamp.saturating_sub(started.as_millis());
    if (0..CLOCK_MILLIS).contains(&since) {
        clock(since)
    } else {
        date(timestamp)
    }
}

/// `2026-11-24 22:49:34.123 UTC`; what no calendar holds is given as a number.
pub fn date(timestamp: i64) -> String {
    if !(0..=253_402_300_799_999).contains(&timestamp) {
        return format!("{timestamp} ms");
    }
    let iso = shell::datetime::iso(timestamp);
    format!("{} UTC", iso.replace('T', " "))
}

/// Milliseconds since the Unix epoch for what somebody typed: the page's clock (`01:30`, `1:02:03`,
/// `90.5`), a date (`2026-11-24`, `2026-11-24T22:49:34.123`), or the milliseconds themselves.
pub fn typed_moment(text: &str, started: SimTime) -> Option<i64> {
    let text = text.trim().trim_end_matches("UTC").trim_end_matches('Z');
    if let Some(date) = typed_date(text.trim()) {
        return Some(date);
    }
    if let Ok(number) = text.parse::<i64>()
        && number >= 1_000_000_000
    {
        return Some(number);
    }
    let mut seconds = 0.0_f64;
    for part in text.split(':') {
        let part = records::decimal::parse(part.trim()).filter(|part| *part >= 0.0)?;
        seconds = seconds * 60.0 + part;
    }
    let millis = (seconds * 1_000.0).min(1e15) as i64;
    Some(started.as_millis().saturating_add(millis))
}

fn typed_date(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "0"));
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let fits =
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let mut seconds = 0.0_f64;
    let mut count = 0;
    for part in time.split(':') {
        seconds = seconds * 60.0 + records::decimal::parse(part).filter(|part| *part >= 0.0)?;
        count += 1;
    }
    // `10:30` is hours and minutes.
    let seconds = match count {
        2 => seconds * 60.0,
        _ => seconds,
    };
    let millis = (seconds * 1_000.0).min(86_400_000.0) as i64;
    fits.then(|| {
        days_since_epoch(year, month, day)
            .saturating_mul(86_400_000)
            .saturating_add(millis)
    })
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; the year begins in March, so that the
/// leap day is its last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

/// `101 B`, `16.4 kB`, `1.0 MB`.
pub fn size(bytes: u64) -> String {
    let of = |unit: f64, name: &str| format!("{:.1} {name}", bytes as f64 / unit);
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => of(1e3, "kB"),
        1_000_000..1_000_000_000 => of(1e6, "MB"),
        _ => of(1e9, "GB"),
    }
}

/// `1 member`, `2 members`: a number and its noun.
pub fn count(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", crate::flow::text::whole(n as u64))
}

/// Bytes as one short line: text where they are UTF-8, else hexadecimal digits.
pub fn preview(bytes: &[u8], chars: usize) -> String {
    let head = bytes.get(..chars.saturating_mul(4)).unwrap_or(bytes);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The cut may have gone through a character.
        Err(error) if error.error_len().is_none() && head.len() < bytes.len() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default())
                .unwrap_or_default()
        }
        Err(_) => return hex_preview(bytes, chars),
    };
    let mut out: String = text.chars().take(chars).map(visible).collect();
    if text.chars().nth(chars).is_some() || text.len() < bytes.len() {
        out.push('…');
    }
    out
}

fn hex_preview(bytes: &[u8], chars: usize) -> String {
    let shown = (chars / 3).max(1);
    let mut out = hex(bytes.get(..shown).unwrap_or(bytes));
    if bytes.len() > shown {
        out.push_str(" …");
    }
    out
}

/// `0a ff 20`
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(3));
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(digit), 16).unwrap_or('?'));
        }
    }
    out
}

/// Control characters as their pictures, and what could turn the direction of writing as `�`.
pub fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        0x7f => '\u{2421}',
        0x80..=0x9f | 0x202a..=0x202e | 0x2066..=0x2069 => '\u{fffd}',
        _ => c,
    }
}

/// Whether `bytes` contain `needle`, whatever the case of its ASCII letters.
pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else {
        return true;
    };
    bytes.iter().enumerate().any(|(at, byte)| {
        byte.eq_ignore_ascii_case(first)
            && bytes
                .get(at.saturating_add(1)..)
                .and_then(|tail| tail.get(..rest.len()))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::{clock, contains, moment, preview, size, typed_moment};
    use engine::time::SimTime;

    const START: SimTime = SimTime(1_700_000_000_000_000);

    #[test]
    fn times_are_the_pages_or_the_calendars() {
        assert_eq!(clock(33_118), "00:33.118");
        assert_eq!(clock(3_661_000), "1:01:01.000");
        assert_eq!(moment(1_700_000_042_350, START), "00:42.350");
        assert_eq!(moment(0, START), "1970-01-01 00:00:00.000 UTC");
        assert_eq!(moment(-1, START), "-1 ms");
        assert_eq!(moment(i64::MAX, START), format!("{} ms", i64::MAX));
    }

    #[test]
    fn what_is_typed_for_a_time() {
        let at = |text| typed_moment(text, START);
        assert_eq!(at("01:30"), Some(1_700_000_090_000));
        assert_eq!(at("0.5"), Some(1_700_000_000_500));
        assert_eq!(at("1700000000123"), Some(1_700_000_000_123));
        assert_eq!(at("2023-11-14T22:13:20.123"), Some(1_700_000_000_123));
        assert_eq!(at("2023-11-14 22:13:20 UTC"), Some(1_700_000_000_000));
        assert_eq!(at("2000-03-01"), Some(951_868_800_000));
        assert_eq!(at("2000-02-29 10:30"), Some(951_820_200_000));
        assert_eq!(
            (at("soon"), at(""), at("-5"), at("2000-13-01")),
            (None, None, None, None)
        );
    }

    #[test]
    fn previews_are_one_short_line() {
        assert_eq!(preview(b"a\nb", 10), "a␊b");
        assert_eq!(preview("ééé".as_bytes(), 2), "éé…");
        assert_eq!(preview(&[0xff, 0, 16], 10), "ff 00 10");
        assert_eq!(preview(&vec![b'x'; 1_000_000], 3), "xxx…");
        assert_eq!(preview("é".repeat(100).as_bytes(), 3), "ééé…");
        assert_eq!(
            (size(101), size(16_384), size(1_048_576)),
            ("101 B".into(), "16.4 kB".into(), "1.0 MB".into())
        );
    }

    #[test]
    fn text_is_found_whatever_its_case() {
        assert!(contains(b"Bacalhau", b"CAL") && contains(b"x", b""));
        assert!(!contains(b"Bacalhau", b"calm") && !contains(b"", b"a"));
    }
}
