//! The zone behind a time: `Z`, an offset, or an abbreviation.
//!
//! Must never guess: an abbreviation that means several offsets is kept as it is. What breaks it: a word in capitals
//! behind a time that happens to be an abbreviation.

use super::time::Cursor;

/// The zone that stands behind a time.
#[derive(Clone, Copy, PartialEq)]
pub enum Zone {
    None,
    /// Seconds east of UTC.
    Offset(i64),
    /// From and to in bytes: an abbreviation that says no one offset.
    Name(usize, usize),
}

/// Abbreviations that mean several offsets; which one is not theirs to say.
const AMBIGUOUS: [&str; 18] = [
    "ACT", "ADT", "AMT", "ART", "AST", "BST", "BRT", "CDT", "CST", "ECT", "GST", "ICT", "IRST", "IST", "NPT", "PHT", "SST", "WST",
];

/// Abbreviations that mean one offset, in minutes east of UTC; the American ones as RFC 5322 fixes them.
const OFFSETS: [(&str, i64); 37] = [
    ("ACDT", 630),
    ("ACST", 570),
    ("AEDT", 660),
    ("AEST", 600),
    ("AKDT", -480),
    ("AKST", -540),
    ("AWST", 480),
    ("CAT", 120),
    ("CEST", 120),
    ("CET", 60),
    ("EAT", 180),
    ("EDT", -240),
    ("EEST", 180),
    ("EET", 120),
    ("EST", -300),
    ("HKT", 480),
    ("HST", -600),
    ("IDT", 180),
    ("JST", 540),
    ("KST", 540),
    ("MDT", -360),
    ("MESZ", 120),
    ("MEZ", 60),
    ("MSK", 180),
    ("MST", -420),
    ("NZDT", 780),
    ("NZST", 720),
    ("PDT", -420),
    ("PKT", 300),
    ("PST", -480),
    ("SAST", 120),
    ("SGT", 480),
    ("TRT", 180),
    ("WAT", 60),
    ("WEST", 60),
    ("WET", 0),
    ("WIB", 420),
];

/// Minutes east of UTC of an abbreviation that means one offset.
pub fn minutes_of(name: &str) -> Option<i64> {
    OFFSETS.iter().find(|(known, _)| *known == name).map(|(_, minutes)| *minutes)
}

/// The zone here, after a space or none. Leaves the cursor where it is when there is none.
pub fn read(c: &mut Cursor) -> Zone {
    let back = c.at;
    while c.peek() == Some(b' ') && c.at < back + 2 {
        c.at += 1;
    }
    let spaced = c.at > back;
    let found = match c.peek() {
        Some(b'+' | b'-') => offset(c),
        Some(b'A'..=b'Z' | b'z') => {
            let word = c.word();
            let (from, to) = (c.at, c.at + word.len());
            let known = match word {
                b"Z" | b"z" if !spaced => Zone::Offset(0),
                b"UTC" | b"GMT" => Zone::Offset(0),
                w if AMBIGUOUS.iter().any(|a| a.as_bytes() == w) => Zone::Name(from, to),
                w => {
                    OFFSETS.iter().find(|(a, _)| a.as_bytes() == w).map_or(Zone::None, |(_, minutes)| Zone::Offset(minutes * 60))
                }
            };
            c.at = to;
            if known != Zone::None && c.ends() { Some(known) } else { None }
        }
        _ => None,
    };
    // `UTC+02:00`
    if let (Some(Zone::Offset(0)), Some(b'+' | b'-')) = (found, c.peek()) {
        let here = c.at;
        match offset(c) {
            Some(zone) => return zone,
            None => c.at = here,
        }
    }
    found.unwrap_or_else(|| {
        c.at = back;
        Zone::None
    })
}

fn offset(c: &mut Cursor) -> Option<Zone> {
    let sign = if c.peek()? == b'-' { -1 } else { 1 };
    c.at += 1;
    let (hours, minutes) = match c.run() {
        2 if c.ahead(2) == Some(b':') => {
            let h = c.number(2, 2)?;
            c.at += 1;
            (h, (c.run() == 2).then(|| c.number(2, 2)).flatten()?)
        }
        2 => (c.number(2, 2)?, 0),
        // Minutes (DB2).
        3 => (0, c.number(3, 3)?),
        4 => (c.number(2, 2)?, c.number(2, 2)?),
        _ => return None,
    };
    (hours <= 15 && minutes <= 840 && (hours == 0 || minutes < 60) && c.ends())
        .then_some(Zone::Offset(sign * (hours * 3_600 + minutes * 60)))
}
