//! The rules, one family a file. Each is a function from what a document tells to findings.

mod actions;
mod cause;
mod cited;
mod clock;
mod date;
mod duration;
mod events;
mod names;
mod numbers;
mod order;
mod sameness;
mod tables;
mod thresholds;
mod totals;
mod twice;
mod words;

use std::ops::Range;

pub use cited::bears_out;

use crate::document::{Document, Unit};
use crate::story::Story;
use crate::{Finding, RULES, Severity};

/// What a rule looks like.
pub type Check = fn(&Document, &Story, &mut Vec<Finding>);

pub const ALL: &[Check] = &[
    duration::check,
    duration::relative,
    duration::window,
    totals::check,
    tables::check,
    order::check,
    twice::check,
    date::check,
    clock::check,
    clock::early,
    cause::check,
    numbers::check,
    sameness::check,
    thresholds::check,
    names::versions,
    names::aliases,
    cited::check,
    actions::check,
    words::check,
];

/// A finding before it has a sentence.
pub struct Spot<'d> {
    pub document: &'d Document,
    pub unit: &'d Unit,
    pub range: Range<usize>,
}

/// Quotations are cut to this many characters.
const MAX_QUOTE: usize = 80;

impl Spot<'_> {
    /// With the severity of the rule's row.
    pub fn says(&self, rule: &'static str, message: String, other: Option<usize>) -> Finding {
        let severity = RULES.iter().find(|r| r.id == rule).map_or(Severity::Error, |r| r.severity);
        let (line, column) = self.document.place(self.unit, self.range.start);
        let words = self.unit.text.get(self.range.clone()).unwrap_or_default();
        Finding { rule, severity, line, column, quote: cut(words), message, other_line: other }
    }

    pub fn line(&self) -> usize {
        self.document.place(self.unit, self.range.start).0
    }
}

/// Words for a quotation, in one line.
pub fn cut(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= MAX_QUOTE {
        return text;
    }
    format!("{}…", text.chars().take(MAX_QUOTE - 1).collect::<String>().trim_end())
}
