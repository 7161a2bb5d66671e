//! Which source of the input a report means where its name has the mark of a secret, such as `mail/[email:1].log`.
//!
//! A report tells its sources in the order of their names as they are: of the names that fit, the first one is meant that
//! no other source of the report has. Must never take a name without a mark for another one.

use std::collections::{BTreeMap, BTreeSet};

use report::model::Report;

use crate::evidence_text;

/// The report with the names of the input in place of those with marks.
pub fn restored(report: Report, real: &[String]) -> Report {
    let said: Vec<&str> = report.coverage.sources.iter().map(|source| source.name.as_str()).collect();
    let meant = meant(&said, real);
    let mut report = report;
    let of = |name: &mut String| {
        if let Some(real) = meant.get(name) {
            name.clone_from(real);
        }
    };
    report.coverage.sources.iter_mut().for_each(|source| of(&mut source.name));
    report.evidence.iter_mut().for_each(|evidence| of(&mut evidence.source));
    report.claims.iter_mut().filter_map(|claim| claim.derivation.as_mut()).flat_map(|d| &mut d.sources).for_each(of);
    report
}

/// Some name of a source may have a mark.
pub fn are_marked(report: &Report) -> bool {
    report.coverage.sources.iter().any(|source| evidence_text::has_mark(&source.name))
}

/// The name that a place means: its own, or the only one that fits its marks.
pub fn only<'n>(said: &'n str, mut real: impl Iterator<Item = &'n str> + Clone) -> &'n str {
    if !evidence_text::has_mark(said) || real.clone().any(|name| name == said) {
        return said;
    }
    match (real.find(|name| fits(said, name)), real.find(|name| fits(said, name))) {
        (Some(one), None) => one,
        _ => said,
    }
}

fn meant(said: &[&str], real: &[String]) -> BTreeMap<String, String> {
    let own: BTreeSet<&str> = said.iter().copied().collect();
    let mut left: Vec<&String> = real.iter().filter(|name| !own.contains(name.as_str())).collect();
    left.sort();
    let mut meant = BTreeMap::new();
    for name in said.iter().filter(|name| evidence_text::has_mark(name) && !real.iter().any(|real| real == *name)) {
        if let Some(at) = left.iter().position(|real| fits(name, real)) {
            meant.insert(name.to_string(), left.remove(at).clone());
        }
    }
    meant
}

fn fits(said: &str, real: &str) -> bool {
    evidence_text::shows(said, real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real() -> Vec<String> {
        ["a.log", "mail/ana@x.example.log", "mail/ben@x.example.log", "z.log"].map(str::to_string).into()
    }

    #[test]
    fn marks_stand_for_the_names_that_fit_in_their_order() {
        let said = ["a.log", "mail/[email:2].log", "mail/[email:1].log", "z.log"];
        let found = meant(&said, &real());
        assert_eq!(found["mail/[email:2].log"], "mail/ana@x.example.log");
        assert_eq!(found["mail/[email:1].log"], "mail/ben@x.example.log");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn a_name_without_a_mark_and_one_that_fits_nothing_mean_themselves() {
        assert!(meant(&["b.log", "mail/….log", "other/[email:1].log"], &real()).is_empty());
        let real = vec!["mail/[email:1].log".to_string(), "mail/ana@x.example.log".to_string()];
        assert!(meant(&["mail/[email:1].log"], &real).is_empty(), "a file may be called so");
    }

    #[test]
    fn a_place_means_the_only_name_that_fits() {
        let real = real();
        let only = |said| only(said, real.iter().map(String::as_str));
        assert_eq!(only("mail/ana[email:1].log"), "mail/ana@x.example.log");
        assert_eq!(only("mail/[email:1].log"), "mail/[email:1].log", "two fit");
        assert_eq!(only("a.log"), "a.log");
    }
}
