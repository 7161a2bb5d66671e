//! Checks a report against the input it was made from: every citation, every number, every rule of the contract.
//!
//! This crate must never know the analysis or how a sentence was written. It reads the input again with `intake`, looks
//! up what is cited and recomputes what was computed, by the filter words that stand in the report. It breaks on what
//! the report does not say: a number without a derivation can only be found in the cited records, not recomputed.

mod alone;
mod derive;
mod evidence_text;
mod input;
mod moments;
mod names;
mod numbers;
mod parts;
mod proof;
mod rules;
mod shape;
mod units;
mod withheld;

#[cfg(test)]
mod tests;

pub use alone::{Fault, without_input};
use intake::{Bundle, Settings};
use report::model::Reader;

/// What was checked, and what does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// One sentence each, in the order of the report.
    pub faults: Vec<String>,
    pub checked: Counts,
    /// What a reader withholds from whoever checks, and so was not checked; one sentence each.
    pub unchecked: Vec<String>,
}

/// How much was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Places that were looked up in the input.
    pub citations: u64,
    /// Numbers in sentences.
    pub numbers: u64,
    /// Computations done again.
    pub derivations: u64,
}

impl Verdict {
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, text: String) {
        self.faults.push(text);
    }

    /// Notes a fault unless `good`.
    fn want(&mut self, good: bool, fault: impl FnOnce() -> String) {
        if !good {
            self.faults.push(fault());
        }
    }
}

/// Checks a report (`casefile.report/1`, as JSON) against its input. `threads` changes the time, never the verdict.
/// A report that cannot be read is one fault; nothing fails otherwise.
pub fn verify(report_json: &[u8], bundle: &dyn Bundle, settings: &Settings, threads: usize) -> Verdict {
    let mut verdict = Verdict::default();
    let report = match shape::read(report_json, &mut verdict) {
        Ok(report) => report,
        Err(reason) => {
            verdict.fault(format!("the report cannot be read: {reason}"));
            return verdict;
        }
    };
    if report.is_for(Reader::Customer) {
        withheld::check(&report, &mut verdict);
        return verdict;
    }
    let outside = input::Outside { bundle, settings, threads };
    // The input is read for its names alone only where a report leaves secrets out of them.
    let report = if names::are_marked(&report) { names::restored(report, &input::names(outside)) } else { report };
    let queries = derive::queries(&report, &mut verdict);
    let input = input::read(&report, &queries, outside);
    rules::check(&report, &mut verdict);
    input::check_coverage(&report, &input, &mut verdict);
    evidence_text::check(&report, &input, &mut verdict);
    derive::check(&report, &input, &queries, &mut verdict);
    parts::check(&report, Some(&input), &mut verdict);
    verdict
}

/// What stands at places of the input, each a source's name and a byte range, as a report would quote it before it takes
/// secrets out; none where there is no such place.
pub fn texts(places: &[(&str, [u64; 2])], bundle: &dyn Bundle, settings: &Settings, threads: usize) -> Vec<Option<String>> {
    input::texts(places, input::Outside { bundle, settings, threads })
}
