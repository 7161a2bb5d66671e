//! Moves every stamp of a text, in the shapes that logs, exports and interfaces write. Must never change a stamp's shape.
//!
//! A number of ten digits that is no time is moved too when it looks like one; it stays the same number everywhere.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, ToSpan};
use regex::bytes::{Captures, Regex};

use crate::cases::{self, Files};

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const CLOCK: &str = r"(?P<h>\d\d):(?P<i>\d\d):(?P<s>\d\d)";

struct Shape {
    pattern: Regex,
    /// In the order of the stamp: `y`ear, `m`onth as a number, `b` as a name, `d`ay, `e` day padded with a blank, `t`ime.
    print: &'static str,
}

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let shapes = [
        (r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T ]CLOCK", "y-m-d?t"),
        (r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", "y-m-d"),
        (r"(?P<d>\d\d)/(?P<b>[A-Z][a-z][a-z])/(?P<y>\d{4}):CLOCK", "d/b/y:t"),
        (r"(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d) CLOCK", "y/m/d t"),
        (r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4}) CLOCK", "d/m/y t"),
        (r"(?P<d>\d\d) (?P<b>[A-Z][a-z][a-z]) (?P<y>\d{4}) CLOCK", "d b y t"),
        (r"(?P<b>[A-Z][a-z][a-z]) (?P<d>\d\d), (?P<y>\d{4}) CLOCK", "b d, y t"),
        (r"(?P<b>[A-Z][a-z][a-z]) (?P<d>[ \d]\d) CLOCK", "b e t"),
        (r"(?P<k>[IWEF])(?P<m>\d\d)(?P<d>\d\d) CLOCK", "kmd t"),
        (r"(?P<epoch>1[6-8]\d{8})(?:\d{9}|\d{6}|\d{3})?", ""),
    ];
    let one = |(pattern, print): &(&str, &'static str)| Shape {
        pattern: Regex::new(&format!("^{}", pattern.replace("CLOCK", CLOCK))).unwrap(),
        print,
    };
    shapes.iter().map(one).collect()
});

/// Names and texts of all files.
pub fn files(files: &Files, seconds: i64, year: i16) -> Files {
    let texts = cases::rewritten(files, &|bytes| text(bytes, seconds, year));
    texts.into_iter().map(|(n, b)| (String::from_utf8_lossy(&text(n.as_bytes(), seconds, year)).into_owned(), b)).collect()
}

/// `year` is that of stamps without one.
pub fn text(bytes: &[u8], seconds: i64, year: i16) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let fresh = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let may = fresh && may_be_stamp(&bytes[at..]);
        match may.then(|| stamp(&bytes[at..], seconds, year)).flatten() {
            Some((moved, length)) => {
                out.extend(moved);
                at += length;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// A cheap look before the patterns are tried.
fn may_be_stamp(rest: &[u8]) -> bool {
    let is = |i: usize, what: fn(&u8) -> bool| rest.get(i).is_some_and(what);
    let digits = rest.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    match digits {
        0 if is(0, u8::is_ascii_uppercase) => is(1, u8::is_ascii_digit) || is(3, |b| *b == b' '),
        2 => is(2, |b| matches!(b, b'/' | b' ')),
        4 => is(4, |b| matches!(b, b'/' | b'-')),
        10 => true,
        _ => false,
    }
}

/// The stamp at the beginning of a text, moved, and its length.
fn stamp(rest: &[u8], seconds: i64, year: i16) -> Option<(Vec<u8>, usize)> {
    let head = &rest[..rest.len().min(40)];
    SHAPES.iter().find_map(|shape| {
        let found = shape.pattern.captures(head)?;
        let length = found.get(0)?.end();
        if head.get(length).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        if let Some(epoch) = found.name("epoch") {
            let moved: i64 = std::str::from_utf8(epoch.as_bytes()).ok()?.parse().ok()?;
            let tail = &head[epoch.end()..length];
            return Some(([(moved + seconds).to_string().as_bytes(), tail].concat(), length));
        }
        let was = when(&found, year)?;
        let is = was.checked_add(SignedDuration::from_secs(seconds)).ok()?;
        Some((printed(shape.print, is, &found), length))
    })
}

fn when(found: &Captures<'_>, year: i16) -> Option<DateTime> {
    let number = |name: &str| -> Option<i16> {
        let text = std::str::from_utf8(found.name(name)?.as_bytes()).ok()?;
        text.trim().parse().ok()
    };
    let name = found.name("b").map(|m| m.as_bytes());
    let month = match name {
        Some(name) => MONTHS.iter().position(|m| m.as_bytes() == name)? as i8 + 1,
        None => number("m")? as i8,
    };
    let day: Date = Date::new(number("y").unwrap_or(year), month, number("d")? as i8).ok()?;
    let clock = |name: &str| number(name).unwrap_or(0);
    day.at(0, 0, 0, 0).checked_add(clock("h").hours().minutes(clock("i")).seconds(clock("s"))).ok()
}

fn printed(print: &str, at: DateTime, found: &Captures<'_>) -> Vec<u8> {
    let mut text = String::new();
    for sign in print.chars() {
        match sign {
            'y' => text += &format!("{:04}", at.year()),
            'm' => text += &format!("{:02}", at.month()),
            'd' => text += &format!("{:02}", at.day()),
            'e' => text += &format!("{:2}", at.day()),
            'b' => text += MONTHS[at.month() as usize - 1],
            't' => text += &format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()),
            'k' => text += std::str::from_utf8(&found["k"]).unwrap(),
            '?' => text.push(found[0][10] as char),
            other => text.push(other),
        }
    }
    text.into_bytes()
}

#[test]
fn a_date_that_is_none_stays() {
    assert_eq!(text(b"2024-13-41T09:00:00Z", DAY, 2024), b"2024-13-41T09:00:00Z");
    assert_eq!(date(2024, 2, 28).tomorrow().unwrap(), date(2024, 2, 29));
}
