//! A report by itself, without the input: what of the contract can be seen to be broken in it alone.
//!
//! Must never guess what a record says that the report shows only in part: numbers that lean on it are not looked at.

use std::collections::BTreeMap;

use evidence::{RecordRef, SourceId};
use intake::Quote;
use report::model::{Evidence, Report};

use crate::input::{self, Found};
use crate::{Verdict, derive, parts, rules, shape};

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What of the report it is about: `shape`, `ids`, `claims`, `references`, `unknowns`, `causes`, `terms`, `times`,
    /// `timeline`, `metrics`, `contradictions`, `actions`, `confidence`, `coverage`, `derivations` or `texts`.
    pub about: &'static str,
    /// One sentence, with the place in front.
    pub text: String,
}

/// Checks a report (`casefile.report/1`, as JSON) without its input. One that cannot be read is one fault.
pub fn without_input(report_json: &[u8]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut verdict = Verdict::default();
    let report = shape::read(report_json, &mut verdict);
    take("shape", verdict, &mut faults);
    let report = match report {
        Ok(report) => report,
        Err(reason) => {
            faults.push(Fault { about: "shape", text: format!("the report cannot be read: {reason}") });
            return faults;
        }
    };
    let mut run = |about: &'static str, check: &dyn Fn(&mut Verdict)| {
        let mut verdict = Verdict::default();
        check(&mut verdict);
        take(about, verdict, &mut faults);
    };
    for (about, rule) in rules::ALL {
        run(about, &|verdict| rule(&report, verdict));
    }
    run("coverage", &|verdict| report.coverage.sources.iter().for_each(|s| input::check_sums(s, verdict)));
    run("derivations", &|verdict| derive::check_alone(&report, verdict));
    run("texts", &|verdict| parts::check(&report, Some(&shown(&report)), verdict));
    faults
}

fn take(about: &'static str, verdict: Verdict, faults: &mut Vec<Fault>) {
    faults.extend(verdict.faults.into_iter().map(|text| Fault { about, text }));
}

/// `[email:1]` stands for something else.
fn has_mark(text: &str) -> bool {
    let is_mark = |(kind, number): (&str, &str)| {
        !kind.is_empty()
            && kind.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-')
            && number.bytes().all(|c| c.is_ascii_digit())
    };
    text.split('[').skip(1).filter_map(|rest| rest.split_once(']')?.0.split_once(':')).any(is_mark)
}

/// The records as far as the report shows them whole.
fn shown(report: &Report) -> Found {
    let quote = |e: &Evidence| {
        let whole = !e.text.contains('…') && !has_mark(&e.text);
        let [start, end] = e.bytes;
        // Which source it is matters to nobody here.
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start, end, line: e.line, last_line: e.last_line };
        whole.then(|| Quote { place, text: e.text.clone(), before: e.before.clone(), after: e.after.clone() })
    };
    Found {
        sources: BTreeMap::new(),
        places: BTreeMap::new(),
        clocks: BTreeMap::new(),
        near: BTreeMap::new(),
        tallies: Vec::new(),
        quotes: report.evidence.iter().map(quote).collect(),
        alone: true,
    }
}

#[cfg(test)]
mod tests {
    use super::has_mark;

    #[test]
    fn a_list_is_no_mark_of_a_secret() {
        assert!(has_mark(r#"{"owner": "[email:3]"}"#) && has_mark("key [token:12]"));
        assert!(!has_mark(r#"{"tags": ["a", "b"], "title": "[cart] errors"}"#));
    }
}
