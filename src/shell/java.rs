//! Small things that Kafka's tools get from Java: dates, durations, hashes, log lines, patterns.

use client::event::{LogLevel, LogLine};
use engine::ids::TopicPartition;
use records::sorted::Arrange;
use regex_lite::{Regex, RegexBuilder};

use crate::datetime::civil;
use crate::io::Io;
use crate::screen::Tone;

const DAY: i64 = 86_400_000;

/// `2026-11-24 22:49:00`, with `,123` if `fraction`; UTC.
pub(crate) fn date_time(millis: i64, between: char, fraction: bool) -> String {
    let (year, month, day) = civil(millis.div_euclid(DAY));
    let rest = millis.rem_euclid(DAY);
    let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60);
    let mut text =
        format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}");
    if fraction {
        text.push_str(&format!(",{:03}", rest % 1000));
    }
    text
}

/// The day since the Unix epoch of a date; months and days beyond their range roll over.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let months = year * 12 + month - 1;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let of_era = shifted_year.rem_euclid(400);
    let shifted = (month + 9) % 12;
    let of_year = (153 * shifted + 2) / 5;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + days - 719_468 + day - 1
}

/// `2020-01-01T00:00:00.000`, with a zone such as `Z`, `+01:00` or none for UTC, in milliseconds.
/// `Err` is Java's own message.
pub(crate) fn parse_date_time(text: &str) -> Result<i64, String> {
    let Some((_, time)) = text.split_once('T') else {
        return Err(
            "Error parsing timestamp. It does not contain a 'T' according to ISO8601 format"
                .to_owned(),
        );
    };
    let zoned = time.contains(['Z', '+', '-']);
    let shown = if zoned {
        text.to_owned()
    } else {
        format!("{text}Z")
    };
    let unparseable = || format!("Unparseable date: \"{shown}\"");
    date_parts(&shown).ok_or_else(unparseable)
}

fn date_parts(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let zone_at = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at_checked(zone_at)?;
    let numbers = |text: &str, between: char| -> Option<Vec<i64>> {
        let digits = |part: &str| part.len() <= 9 && part.chars().all(|c| c.is_ascii_digit());
        let parse = |part: &str| digits(part).then(|| part.parse().ok()).flatten();
        text.split(between).map(parse).collect()
    };
    let [year, month, day] = numbers(date, '-')?[..] else {
        return None;
    };
    let (clock, fraction) = clock.split_once('.')?;
    let [hour, minute, second] = numbers(clock, ':')?[..] else {
        return None;
    };
    let [millis] = numbers(fraction, '.')?[..] else {
        return None;
    };
    let offset = match zone {
        "Z" => 0,
        zone => {
            let (sign, rest) = zone.split_at_checked(1)?;
            let minutes = match numbers(rest, ':')?[..] {
                [hours, minutes] => hours * 60 + minutes,
                [hours] if rest.len() == 2 => hours * 60,
                [both] if rest.len() == 4 => both / 100 * 60 + both % 100,
                _ => return None,
            };
            if sign == "-" { -minutes } else { minutes }
        }
    };
    let seconds = (hour * 60 + minute - offset) * 60 + second;
    Some(days(year, month, day) * DAY + seconds * 1000 + millis)
}

/// A `java.time.Duration` such as `PT1H30M` or `P2DT5S`, in milliseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let upper = text.to_ascii_uppercase();
    let (negative, rest) = match upper.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, upper.as_str()),
    };
    let rest = rest.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    for (part, units) in [(date, "D"), (time, "HMS")] {
        let mut number = String::new();
        for c in part.chars() {
            let millis: i64 = match c {
                '0'..='9' | '.' | '-' | '+' => {
                    number.push(c);
                    continue;
                }
                'D' => DAY,
                'H' => 3_600_000,
                'M' => 60_000,
                'S' => 1000,
                _ => return None,
            };
            if !units.contains(c) {
                return None;
            }
            let amount = scaled(&number, millis)?;
            total = total.checked_add(amount)?;
            number.clear();
        }
        if !number.is_empty() {
            return None;
        }
    }
    Some(if negative { -total } else { total })
}

/// `number` times `millis`; only seconds may have a fraction.
fn scaled(number: &str, millis: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut amount = whole.parse::<i64>().ok()?.checked_mul(millis)?;
    if !fraction.is_empty() {
        if millis != 1000 || !fraction.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let digits = format!("{fraction:0<3}");
        let part: i64 = digits.get(..3)?.parse().ok()?;
        amount = amount.checked_add(if whole.starts_with('-') { -part } else { part })?;
    }
    Some(amount)
}

/// The order in which a Java hash map of up to twelve partitions hands them out; several tools
/// print in it.
pub(crate) fn hash_order(partitions: &mut [TopicPartition]) {
    let capacity = partitions
        .len()
        .saturating_mul(4)
        .div_ceil(3)
        .next_power_of_two()
        .max(16);
    let mask = u32::try_from(capacity - 1).unwrap_or(u32::MAX);
    partitions.arrange_by_key(|partition| {
        let hash = partition_hash(partition).cast_unsigned();
        (hash ^ (hash >> 16)) & mask
    });
}

fn partition_hash(partition: &TopicPartition) -> i32 {
    let topic = string_hash(&partition.topic);
    31i32
        .wrapping_add(partition.partition)
        .wrapping_mul(31)
        .wrapping_add(topic)
}

/// `String.hashCode`
fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

/// A pattern that must match a whole name, as the tools' topic filters do.
pub(crate) fn whole(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(1 << 20)
        .build()
        .ok()
}

/// A topic filter as the tools take it: commas are alternatives, quotes and blanks are dropped.
pub(crate) fn topic_filter(text: &str) -> String {
    let text = text.trim().replace(',', "|").replace(' ', "");
    text.trim_matches(['"', '\'']).to_owned()
}

/// Writes a line as Kafka's log prints it to the error output.
pub(crate) fn log(io: &mut Io<'_>, level: LogLevel, text: &str, logger: &str) {
    let time = date_time(io.host.now().as_millis(), ' ', true);
    let (name, tone) = match level {
        LogLevel::Warn => ("WARN", Tone::Warning),
        LogLevel::Error => ("ERROR", Tone::Error),
    };
    io.err(tone, &format!("[{time}] {name} {text} ({logger})"));
}

/// Writes a client's own log line.
pub(crate) fn client_log(io: &mut Io<'_>, line: &LogLine) {
    log(io, line.level, &line.text, line.logger);
}

#[cfg(test)]
mod tests {
    use engine::ids::TopicPartition;

    use super::{date_time, hash_order, parse_date_time, parse_duration};

    #[test]
    fn partitions_in_the_order_the_real_tool_printed_them() {
        let place = |text: &str| {
            let (topic, partition) = text.rsplit_once('-').unwrap();
            TopicPartition::new(topic, partition.parse().unwrap())
        };
        let real = [
            "__consumer_offsets-0",
            "t-0",
            "__consumer_offsets-3",
            "__consumer_offsets-4",
            "__consumer_offsets-1",
            "__consumer_offsets-2",
        ];
        let mut ours: Vec<TopicPartition> = real.map(place).to_vec();
        ours.sort();
        hash_order(&mut ours);
        assert_eq!(ours, real.map(place));
    }

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!(date_time(0, ' ', true), "1970-01-01 00:00:00,000");
        assert_eq!(
            date_time(1_709_164_800_123, ' ', true),
            "2024-02-29 00:00:00,123"
        );
        assert_eq!(
            parse_date_time("2024-02-29T00:00:00.123"),
            Ok(1_709_164_800_123)
        );
        assert_eq!(
            parse_date_time("2024-02-29T01:00:00.123+01:00"),
            Ok(1_709_164_800_123)
        );
        assert_eq!(parse_date_time("1969-12-31T23:59:59.999Z"), Ok(-1));
        for day in (-200_000..200_000).step_by(137) {
            let millis = day * super::DAY;
            let text = format!("{}.000", date_time(millis, 'T', false));
            if day > -150_000 {
                assert_eq!(parse_date_time(&text), Ok(millis), "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_date_is_said_as_java_says_it() {
        assert!(parse_date_time("yesterday").unwrap_err().contains("'T'"));
        assert_eq!(
            parse_date_time("2030-01-01T00:00").unwrap_err(),
            "Unparseable date: \"2030-01-01T00:00Z\""
        );
        for text in [
            "T",
            "TZ",
            "éTéZ",
            "1-2-3T4:5:6.7+é",
            "-T-",
            "9999999999-1-1T0:0:0.0Z",
        ] {
            assert!(parse_date_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("PT1H"), Some(3_600_000));
        assert_eq!(parse_duration("P1DT2H3M4.5S"), Some(93_784_500));
        assert_eq!(parse_duration("-PT1M"), Some(-60_000));
        for text in [
            "foo",
            "P",
            "PT",
            "P1H",
            "PT1D",
            "1H",
            "PT1",
            "PTS",
            "P999999999999D9D",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn partitions_in_the_order_of_a_hash_map() {
        let mut partitions: Vec<_> = (0..3).map(|n| TopicPartition::new("t", n)).collect();
        hash_order(&mut partitions);
        let order: Vec<i32> = partitions.iter().map(|tp| tp.partition).collect();
        assert_eq!(order, [2, 1, 0]);
    }
}
