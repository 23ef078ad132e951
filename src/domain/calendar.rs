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
            prop_assert_eq!(ours, theirs.format(&Rfc3339).ok());
        }
    }
}
