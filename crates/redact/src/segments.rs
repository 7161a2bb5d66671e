//! The stretches of a line in which numbers of people stand: digits, capitals, and the signs that people put between them.
//!
//! Must never miss a number of seven digits; what has fewer is no number of anybody.

use std::ops::Range;

/// Digits that a stretch must have.
const LEAST: usize = 7;

const NONE: u8 = 0;
const SIGN: u8 = 1;
const CAPITAL: u8 = 2;
const DIGIT: u8 = 3;

static CLASS: [u8; 256] = {
    let mut class = [NONE; 256];
    let mut at = 0;
    while at < 256 {
        class[at] = match at as u8 {
            b'0'..=b'9' => DIGIT,
            b'A'..=b'Z' => CAPITAL,
            b' ' | b'+' | b'(' | b')' | b'.' | b'-' | b'/' => SIGN,
            _ => NONE,
        };
        at += 1;
    }
    class
};

/// Calls `each` with every stretch.
pub(crate) fn of(line: &[u8], mut each: impl FnMut(Range<usize>)) {
    let mut start = 0;
    let mut digits = 0;
    for (at, b) in line.iter().enumerate() {
        match CLASS[usize::from(*b)] {
            NONE => {
                if digits >= LEAST {
                    each(start..at);
                }
                start = at + 1;
                digits = 0;
            }
            DIGIT => digits += 1,
            _ => {}
        }
    }
    if digits >= LEAST {
        each(start..line.len());
    }
}
