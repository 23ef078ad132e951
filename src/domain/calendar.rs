//! Which day is it, in the Gregorian calendar and in UTC?
//!
//! Written out because a crate for dates was a twentieth of the Worker. The
//! tests hold it to that crate.

use super::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// An instant as a calendar and a clock show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// Hour of the day.
    pub hour: i64,
    /// Minute of the hour.
    pub minute: i64,
    /// Second of the minute.
    pub second: i64,
    /// Millisecond of the second.
    pub millis: i64,
}

impl Moment {
    /// What calendar and clock show at an instant.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let (year, month, day) = civil(at.as_millis().div_euclid(DAY_MS));
        let of_day = at.as_millis().rem_euclid(DAY_MS);
        Self {
            year,
            month: month + 1,
            day,
            hour: of_day / HOUR_MS,
            minute: of_day % HOUR_MS / MINUTE_MS,
            second: of_day % MINUTE_MS / SECOND_MS,
            millis: of_day % SECOND_MS,
        }
    }

    /// As programs write it ([RFC 3339 §5.6]), with the fraction that it has;
    /// `None` for a year that has not four digits.
    ///
    /// [RFC 3339 §5.6]: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
    #[must_use]
    pub fn rfc3339(self) -> Option<String> {
        if !(0..=9_999).contains(&self.year) {
            return None;
        }
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        let time = format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second);
        let fraction = format!(".{:03}", self.millis);
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        Some(format!("{date}T{time}{fraction}Z"))
    }
}

/// The instant that a text names as programs write it ([RFC 3339 §5.6]), any
/// fraction of a millisecond cut off. A leap second is no instant of ours.
///
/// [RFC 3339 §5.6]: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
#[must_use]
pub fn instant(text: &str) -> Option<Timestamp> {
    let (clock, rest) = text.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let is_marked = |(at, mark): (usize, u8)| {
        let byte = clock.as_bytes().get(at);
        byte.is_some_and(|byte| byte.to_ascii_uppercase() == mark)
    };
    if !marks.into_iter().all(is_marked) {
        return None;
    }
    let part = |from: usize, to: usize| digits(clock.get(from..to)?);
    let date = (part(0, 4)?, part(5, 7)? - 1, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let days = days_of(date.0, date.1, date.2);
    let (millis, offset) = fraction(rest)?;
    if civil(days) != date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let of_day = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + millis;
    Some(Timestamp::from_millis(
        days * DAY_MS + of_day - offset_ms(offset)?,
    ))
}

/// Milliseconds of the fraction that `text` begins with, if it does, and what
/// follows.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = text.split_at_checked(end)?;
    let first = fraction.get(..3).unwrap_or(fraction);
    Some((digits(&format!("{first:0<3}"))?, rest)).filter(|_| end > 0)
}

fn offset_ms(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let offset = hours * HOUR_MS + minutes * MINUTE_MS;
    match sign {
        _ if hours > 23 || minutes > 59 => None,
        "+" => Some(offset),
        "-" => Some(-offset),
        _ => None,
    }
}

fn two(text: &str) -> Option<i64> {
    digits(text).filter(|_| text.len() == 2)
}

fn digits(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Year, month from 0 and day from 1 of a day counted from the epoch, in the
/// Gregorian calendar. Years begin in March here, so that a leap day is a
/// year's last: 153 days are five months, 146,097 are four hundred years.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let since_january = month + 2;
    (
        era * 400 + year + since_january / 12,
        since_january % 12,
        day,
    )
}

/// The inverse of [`civil`].
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month < 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::time::{OffsetDateTime, format_description::well_known::Rfc3339};
    use proptest::prelude::*;

    #[test]
    fn the_end_of_time_is_no_date() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(Moment::of(end).rfc3339(), None);
    }

    #[test]
    fn a_text_that_is_no_instant_is_none() {
        let of = |text| instant(text).map(Timestamp::as_millis);
        assert_eq!(of("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(of("1970-01-01t01:30:00.0019+01:30"), Some(1));
        assert_eq!(of("1969-12-31T23:00:00-01:00"), Some(0));
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01 00:00:00Z",
            "1970-02-29T00:00:00Z",
            "1970-00-01T00:00:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:00:60Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00+1:00",
            "1970-01-01T00:00:00+24:00",
            "+970-01-01T00:00:00Z",
            "1970-01-01T00:00:00ZZ",
            "1970-01-01T00:00:0éZ",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_its_date_and_back(days in -800_000_i64..800_000) {
            let (year, month, day) = civil(days);
            prop_assert!((0..12).contains(&month) && (1..=31).contains(&day));
            prop_assert_eq!(days_of(year, month, day), days);
        }

        #[test]
        fn the_crate_for_dates_agrees(millis in -62_135_596_800_000_i64..253_402_300_800_000) {
            let nanos = i128::from(millis) * 1_000_000;
            let theirs = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap();
            let ours = Moment::of(Timestamp::from_millis(millis)).rfc3339();
            prop_assert_eq!(&ours, &theirs.format(&Rfc3339).ok());
            let again = ours.as_deref().and_then(instant);
            prop_assert_eq!(again, Some(Timestamp::from_millis(millis)));
        }

        #[test]
        fn it_reads_what_we_read(
            text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,5})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])",
        ) {
            let theirs = OffsetDateTime::parse(&text, &Rfc3339).ok();
            let ours = instant(&text).map(Timestamp::as_millis);
            // Theirs takes some leap seconds.
            prop_assume!(!text.contains(":60"));
            let millis = theirs.map(|at| at.unix_timestamp_nanos().div_euclid(1_000_000));
            prop_assert_eq!(ours.map(i128::from), millis, "{}", text);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let again = instant(&text);
            prop_assert!(again.is_none_or(|at| at.as_millis() > -63_000_000_000_000));
        }
    }
}
