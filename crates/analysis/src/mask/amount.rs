//! Amounts: numbers with the unit that is part of them or stands behind them, and their value in one unit.
//!
//! It must never know what is measured. Input that breaks it: units of one letter that mean something else (`5 m` is five
//! minutes, never metres or millions), and sizes in powers of ten, which are taken for powers of two.

use super::kind::Kind;

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// In milliseconds.
const TIMES: [(&str, f64); 30] = [
    ("ns", 1e-6),
    ("nanos", 1e-6),
    ("nanoseconds", 1e-6),
    ("us", 1e-3),
    ("µs", 1e-3),
    ("μs", 1e-3),
    ("usec", 1e-3),
    ("micros", 1e-3),
    ("microseconds", 1e-3),
    ("ms", 1.0),
    ("msec", 1.0),
    ("msecs", 1.0),
    ("millis", 1.0),
    ("milliseconds", 1.0),
    ("s", SECOND),
    ("sec", SECOND),
    ("secs", SECOND),
    ("second", SECOND),
    ("seconds", SECOND),
    ("m", MINUTE),
    ("min", MINUTE),
    ("mins", MINUTE),
    ("minute", MINUTE),
    ("minutes", MINUTE),
    ("h", HOUR),
    ("hour", HOUR),
    ("hours", HOUR),
    ("d", DAY),
    ("day", DAY),
    ("days", DAY),
];

const KIB: f64 = 1_024.0;
const MIB: f64 = KIB * KIB;
const GIB: f64 = MIB * KIB;
const TIB: f64 = GIB * KIB;

/// In bytes. What programs call a kilobyte is 1,024 bytes far more often than 1,000 (the habit of JEDEC 100B.01).
const SIZES: [(&str, f64); 19] = [
    ("B", 1.0),
    ("byte", 1.0),
    ("bytes", 1.0),
    ("K", KIB),
    ("KB", KIB),
    ("kB", KIB),
    ("kb", KIB),
    ("KiB", KIB),
    ("Ki", KIB),
    ("M", MIB),
    ("MB", MIB),
    ("MiB", MIB),
    ("Mi", MIB),
    ("G", GIB),
    ("GB", GIB),
    ("GiB", GIB),
    ("Gi", GIB),
    ("TB", TIB),
    ("TiB", TIB),
];

/// An amount by what it is of and how much: durations in milliseconds, sizes in bytes, percentages in percent. `after` is
/// what follows the value in its line. `None` for what is no amount.
pub fn measured(value: &str, after: &str) -> Option<(Kind, f64)> {
    let unsigned = value.trim_start_matches(['-', '+']);
    let sign = if value.starts_with('-') { -1.0 } else { 1.0 };
    let (number, own) = number(unsigned)?;
    let (kind, size) = match own {
        "" if after.starts_with('%') => (Kind::Percentage, number?),
        "" => match behind(after) {
            Some((kind, factor)) => (kind, number? * factor),
            None => (Kind::Number, number?),
        },
        "%" | " %" => (Kind::Percentage, number?),
        own => {
            let (kind, factor, rest) = unit(own)?;
            let first = number? * factor;
            (kind, if kind == Kind::Duration { first + further(rest)? } else { rest.is_empty().then_some(first)? })
        }
    };
    Some((kind, sign * size))
}

/// What of an amount the text is, where it is one but has no value that can be compared (`7,21`).
pub fn kind(value: &str, after: &str) -> Option<Kind> {
    let looks = || {
        let digits = value.trim_start_matches(['-', '+']);
        let is_number = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
        (is_number && digits.bytes().any(|b| b.is_ascii_digit()) && digits.matches('.').count() <= 1).then_some(Kind::Number)
    };
    measured(value, after).map(|(kind, _)| kind).or_else(looks)
}

/// The number at the beginning, and what follows it. Its value is `None` where the commas in it part no thousands. No
/// number at all is `None` altogether.
fn number(text: &str) -> Option<(Option<f64>, &str)> {
    let bytes = text.as_bytes();
    let mut length = bytes.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')).count();
    // "1.5e-05"
    if length > 0 && matches!(bytes.get(length), Some(b'e' | b'E')) {
        let from = length + 1 + usize::from(matches!(bytes.get(length + 1), Some(b'-' | b'+')));
        let digits = bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 && from + digits == bytes.len() {
            length = bytes.len();
        }
    }
    let (number, rest) = text.split_at(length);
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !number.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if number.bytes().filter(|b| *b == b'.').count() > 1 {
        return None;
    }
    if !number.contains(',') {
        return Some((number.parse().ok(), rest));
    }
    let whole = number.split('.').next().unwrap_or_default();
    let parts_thousands = whole.split(',').skip(1).all(|group| group.len() == 3) && !number[whole.len()..].contains(',');
    Some((number.replace(',', "").parse().ok().filter(|_| parts_thousands), rest))
}

/// The unit behind a number, with or without a blank before it.
fn behind(after: &str) -> Option<(Kind, f64)> {
    let text = after.strip_prefix(' ').unwrap_or(after);
    let (kind, factor, rest) = unit(text)?;
    let is_word = !rest.starts_with(|c: char| c.is_ascii_digit());
    // One letter behind a blank is more often a word than a unit.
    let is_letter = text.len() - rest.len() == 1 && after.starts_with(' ');
    (is_word && !is_letter).then_some((kind, factor))
}

/// The unit at the beginning of a text, and what follows it.
fn unit(text: &str) -> Option<(Kind, f64, &str)> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let length = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(length);
    let find = |units: &[(&str, f64)]| units.iter().find(|(unit, _)| *unit == word).map(|(_, factor)| *factor);
    let time = || Some((Kind::Duration, find(&TIMES)?, rest));
    time().or_else(|| Some((Kind::Size, find(&SIZES)?, rest)))
}

/// Further parts of a duration: of `1h2m3.5s` what follows the hour.
fn further(text: &str) -> Option<f64> {
    let mut rest = text.trim_start_matches(' ');
    let mut sum = 0.0;
    while !rest.is_empty() {
        let (value, own) = number(rest)?;
        let (kind, factor, more) = unit(own)?;
        sum += value.filter(|_| kind == Kind::Duration)? * factor;
        rest = more.trim_start_matches(' ');
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_compared_by_their_value() {
        for (value, after, wanted) in [
            ("84", " ms to read", Some((Kind::Duration, 84.0))),
            ("1.5s", "", Some((Kind::Duration, 1_500.0))),
            ("1m30s", "", Some((Kind::Duration, 90_000.0))),
            ("1h2m3.5s", "", Some((Kind::Duration, 3_723_500.0))),
            ("2 days", "", Some((Kind::Duration, 172_800_000.0))),
            ("-3ms", "", Some((Kind::Duration, -3.0))),
            ("5", " KB", Some((Kind::Size, 5_120.0))),
            ("2GiB", " left", Some((Kind::Size, 2_147_483_648.0))),
            ("90", "% full", Some((Kind::Percentage, 90.0))),
            ("12.5%", "", Some((Kind::Percentage, 12.5))),
            ("7,216", " rows", Some((Kind::Number, 7_216.0))),
            ("3", " s", Some((Kind::Number, 3.0))),
            ("3", "s", Some((Kind::Duration, 3_000.0))),
            ("3", " m2 x", Some((Kind::Number, 3.0))),
            ("1.5e-05", "", Some((Kind::Number, 1.5e-5))),
            ("1,2", "", None),
            ("1.2.3", "", None),
            ("1m30", "", None),
            ("x5", "", None),
            ("", " ms", None),
        ] {
            assert_eq!(measured(value, after), wanted, "{value}{after}");
        }
        assert_eq!((kind("1,2", ""), kind(".", ""), kind("1.2.3", "")), (Some(Kind::Number), None, None));
    }
}
