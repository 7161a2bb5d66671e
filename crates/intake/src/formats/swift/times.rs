//! Times that differ from one that was read before in nothing but their seconds.
//!
//! The text up to the seconds and the text behind their fraction are compared byte by byte; only what is between them is
//! read. Must never accept a second that a clock does not have; a minute that has 61 of them is read in general.

use std::cell::RefCell;

use evidence::Stamp;

use super::text::Text;
use crate::formats::draft::whole_stamp;
use crate::formats::time::Order;

/// The minute that was read last.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// Up to and with the colon before the seconds.
    before: Text,
    /// What follows seconds and fraction.
    after: Text,
    /// The sign between seconds and fraction, 0 for none.
    point: u8,
    /// The time with the seconds at zero.
    minute: Option<Stamp>,
    order: Order,
}

/// Digits of a fraction that are looked at.
const FRACTION: usize = 9;

/// The minutes that were read last in general, each in the place that the size of its text gives it, with the beginning of the
/// last text there that was of none.
type Recent = [(Times, [u8; HEAD]); 4];

/// Bytes by which two texts are told to be of one minute, or nearly.
const HEAD: usize = 12;

/// The stamp of a value that is a time as a whole, and a zone's abbreviation in it, for whoever has no [`Times`].
pub fn stamp_of(value: &str, order: Order) -> (Option<Stamp>, Option<String>) {
    thread_local!(static RECENT: RefCell<Recent> = RefCell::default());
    RECENT.with_borrow_mut(|recent| {
        let (times, last) = &mut recent[value.len() % 4];
        if let Some(stamp) = times.alike(value.as_bytes(), order) {
            return (Some(stamp), None);
        }
        let (stamp, zone) = whole_stamp(value, order);
        // What is the only one of its minute is not worth it.
        let head = value.as_bytes().first_chunk().copied().unwrap_or_default();
        let is_near = std::mem::replace(last, head) == head;
        if let (Some(stamp), None, true) = (stamp, &zone, is_near) {
            times.remember(value, stamp, order);
        }
        (stamp, zone)
    })
}

impl Times {
    /// The stamp of a value that is a time as a whole, and whether it names a zone that has to be told.
    pub fn read(&mut self, value: &str, order: Order) -> Option<(Stamp, bool)> {
        if let Some(stamp) = self.alike(value.as_bytes(), order) {
            return Some((stamp, false));
        }
        let (stamp, zone) = whole_stamp(value, order);
        if let (Some(stamp), None) = (stamp, &zone) {
            self.remember(value, stamp, order);
        }
        stamp.map(|stamp| (stamp, zone.is_some()))
    }

    // For each record, and short where it is asked in general.
    #[inline(always)]
    fn alike(&self, value: &[u8], order: Order) -> Option<Stamp> {
        let minute = self.minute.filter(|_| order == self.order)?;
        self.before.begins(value).then_some(())?;
        let from = self.before.len();
        // Most clocks write milliseconds.
        if let Some(micros) = value.get(from.checked_sub(2)?..).and_then(|text| thousandths(*text.first_chunk()?, self.point))
            && self.after.is(&value[from + 6..])
        {
            return Some(Stamp::new(minute.micros + micros, minute.basis));
        }
        let (micros, n) = seconds(&value[from..], self.point)?;
        self.after.is(&value[from + n..]).then_some(Stamp::new(minute.micros + micros, minute.basis))
    }

    /// Learns the minute of a time of which seconds are told from the rest.
    fn remember(&mut self, value: &str, stamp: Stamp, order: Order) {
        let bytes = value.as_bytes();
        let is_clock = |w: &[u8]| w[2] == b':' && w[5] == b':' && [0, 1, 3, 4, 6, 7].iter().all(|i| w[*i].is_ascii_digit());
        let Some(at) = bytes.windows(8).rposition(is_clock).map(|at| at + 6) else { return };
        let point = bytes.get(at + 2).copied().filter(|b| matches!(b, b'.' | b',')).unwrap_or(0);
        let Some((micros, n)) = seconds(&bytes[at..], point) else { return };
        // What looks like seconds may be something else: the last second of the minute has to be where it is expected.
        let last = [&bytes[..at], b"59", &bytes[at + 2..]].concat();
        let shift = 59_000_000 - micros / 1_000_000 * 1_000_000;
        let is_told = std::str::from_utf8(&last).is_ok_and(|text| {
            whole_stamp(text, order).0.is_some_and(|found| found == Stamp::new(stamp.micros.saturating_add(shift), stamp.basis))
        });
        if !is_told {
            return;
        }
        self.before = Text::new(&bytes[..at]);
        self.after = Text::new(&bytes[at + n..]);
        self.minute = stamp.micros.checked_sub(micros).map(|minute| Stamp::new(minute, stamp.basis));
        self.point = point;
        self.order = order;
    }
}

/// Microseconds of `SS.mmm`, the last six of these bytes.
#[inline(always)]
fn thousandths(bytes: [u8; 8], point: u8) -> Option<i64> {
    // Digits become their numbers and the point nothing; six more makes a bit of the upper half of what is no digit.
    let (expected, six) = (0x3030_3000_3030 | u64::from(point) << 16, 0x0606_0600_0606);
    let digits = (u64::from_le_bytes(bytes) >> 16) ^ expected;
    let odd = (digits | digits.wrapping_add(six)) & 0xf0f0_f0ff_f0f0;
    let digit = |n: u32| (digits >> (8 * n) & 0xff) as i64;
    let micros = digit(0) * 10_000_000 + digit(1) * 1_000_000 + digit(3) * 100_000 + digit(4) * 10_000 + digit(5) * 1_000;
    (odd == 0 && digit(0) < 6 && point != 0).then_some(micros)
}

/// Microseconds of `SS` or `SS.fraction`, and the bytes they take.
fn seconds(text: &[u8], point: u8) -> Option<(i64, usize)> {
    let digit = |at: usize| text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d <= 9).map(i64::from);
    let whole = digit(0)? * 10 + digit(1)?;
    if whole > 59 {
        return None;
    }
    if point == 0 {
        let ends = text.get(2).is_none_or(|b| !b.is_ascii_digit() && !matches!(b, b'.' | b','));
        return ends.then_some((whole * 1_000_000, 2));
    }
    if text.get(2) != Some(&point) {
        return None;
    }
    let (mut fraction, mut n) = (0, 0);
    while let Some(digit) = digit(3 + n) {
        if n < 6 {
            fraction = fraction * 10 + digit;
        }
        n += 1;
        if n > FRACTION {
            return None;
        }
    }
    if n == 0 {
        return None;
    }
    (n..6).for_each(|_| fraction *= 10);
    Some((whole * 1_000_000 + fraction, 3 + n))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn thousandths_are_the_seconds_that_stand_there(text in "..[0-6/:][0-9/:.][.,:][0-9/:]{3}|.{8}", point in prop_oneof![Just(b'.'), Just(b','), Just(0)]) {
            let Some(eight) = text.as_bytes().first_chunk::<8>() else { return Ok(()) };
            let expected = seconds(&eight[2..], point).filter(|_| point != 0 && eight[2..].len() == 6);
            let whole = expected.filter(|(_, n)| *n == 6).map(|(micros, _)| micros);
            prop_assert_eq!(thousandths(*eight, point), whole);
        }
    }

    #[test]
    fn a_time_of_the_same_minute_is_what_the_general_reader_makes_of_it() {
        let lists: [&[&str]; 7] = [
            &["2024-02-07T09:00:25.123Z", "2024-02-07T09:00:59.9Z", "2024-02-07T09:00:00.123456789Z", "2024-02-07T09:01:00.1Z"],
            &["2024-02-07 09:00:25,123", "2024-02-07 09:00:26,007", "2024-02-07 09:00:26.007", "2024-02-07 09:00:60,1"],
            &["07/Feb/2024:09:00:25 +0000", "07/Feb/2024:09:00:26 +0000", "07/Feb/2024:09:00:26 +0100"],
            &["Feb  7 09:00:25", "Feb  7 09:00:26", "Feb  8 09:00:26"],
            &["2024-02-07 9:00:25 PM", "2024-02-07 9:00:26 PM", "2024-02-07 9:00:26 AM"],
            &["2024:01:16-10:20:30", "2024:01:16-10:20:31", "2024:01:17-10:20:31"],
            &["1707296425.5", "1707296426", "2024-02-07T09:00:25+02:00", "2024-02-07T09:00:26+02:00", "x", ""],
        ];
        for list in lists {
            let mut times = Times::default();
            for text in list {
                let (stamp, zone) = whole_stamp(text, Order::DayMonth);
                // Twice, as the second one is remembered.
                assert_eq!(
                    [stamp_of(text, Order::DayMonth), stamp_of(text, Order::DayMonth)],
                    [(stamp, zone.clone()), (stamp, zone.clone())]
                );
                assert_eq!(times.read(text, Order::DayMonth), stamp.map(|s| (s, zone.is_some())), "{text}");
            }
        }
    }
}
