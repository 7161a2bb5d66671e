//! What a text states: times, dates, durations, shares, counts, sums of money, versions and names, each with its extent.
//!
//! Must never know the document around it: a time without a date stays without one here. What breaks it: numbers in
//! words beyond those that people write about incidents.

mod clocks;
mod dates;
mod names;
mod numbers;

use std::ops::Range;

pub use clocks::{Clock, shown as time};
pub use dates::Date;
pub use dates::shown as day;
pub use numbers::{Amount, Unit as Measure, duration};

/// What one text states, each in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub clocks: Vec<Clock>,
    pub dates: Vec<Date>,
    /// Durations in seconds, shares in per cent, money, and other numbers.
    pub amounts: Vec<Amount>,
    pub versions: Vec<Name>,
    /// Names of services and the like: lower-case words joined by hyphens.
    pub names: Vec<Name>,
}

/// A word that names something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub range: Range<usize>,
    pub text: String,
}

/// `code` says that a program wrote the text: numbers of seconds since 1970 are times there.
pub fn of(text: &str, code: bool) -> Facts {
    if !text.bytes().any(|b| b.is_ascii_digit()) && !text.contains('-') {
        let amounts = numbers::of(text, &[]);
        return Facts { amounts, ..Facts::default() };
    }
    let dates = dates::of(text);
    let clocks = clocks::of(text, &dates, code);
    let versions = names::versions(text);
    let mut taken: Vec<Range<usize>> = dates.iter().map(|d| d.range.clone()).collect();
    taken.extend(clocks.iter().map(|c| c.range.clone()));
    taken.extend(versions.iter().map(|v| v.range.clone()));
    let amounts = numbers::of(text, &taken);
    Facts { amounts, names: names::identifiers(text), dates, clocks, versions }
}

/// The character before and after an extent.
fn around(text: &str, range: &Range<usize>) -> (Option<char>, Option<char>) {
    let before = text.get(..range.start).and_then(|t| t.chars().next_back());
    let after = text.get(range.end..).and_then(|t| t.chars().next());
    (before, after)
}

/// Does the text before an offset say that what follows is not exact?
fn is_about(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    let word = before.split([' ', '(', ',']).next_back().unwrap_or_default().to_lowercase();
    before.ends_with(['~', '≈', '∼'])
        || [
            "about",
            "around",
            "approximately",
            "approx",
            "approx.",
            "roughly",
            "circa",
            "ca.",
            "nearly",
            "almost",
            "some",
            "over",
        ]
        .contains(&word.as_str())
        || before.to_lowercase().ends_with("more than")
}
