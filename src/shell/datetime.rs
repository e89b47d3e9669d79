//! Calendar dates from milliseconds, as people and Kafka's tools write them (UTC).

/// `2026-11-24T22:49:34.123`, UTC, for milliseconds since the Unix epoch.
pub fn iso(millis: i64) -> String {
    let (days, within) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = civil(days);
    let (hours, minutes) = (within / 3_600_000, within / 60_000 % 60);
    let (seconds, rest) = (within / 1000 % 60, within % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{rest:03}")
}

/// Year, month and day of the proleptic Gregorian calendar, for days since 1970-01-01. Counts from
/// 1 March of year 0, so that the leap day is a year's last.
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::iso;

    #[test]
    fn known_dates() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000");
        assert_eq!(iso(1_700_000_000_123), "2023-11-14T22:13:20.123");
        assert_eq!(iso(-1), "1969-12-31T23:59:59.999");
    }
}
