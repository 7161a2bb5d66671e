//! Which statement a change is about, so that it is found again in another analysis of the same case.
//!
//! Ids of claims are numbers of one analysis. What lasts is what a statement says and where what it cites stands. Must never
//! take a statement of another section for it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{Claim, Report, Section};

/// A statement by its section, its words and what it cites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    pub section: Section,
    /// What the analysis said.
    pub text: String,
    /// Source and first line of each cited record.
    pub cites: Vec<(String, u64)>,
}

/// Less of what both cite than this is another statement.
const ALIKE: f64 = 0.5;

impl Anchor {
    /// None where the report does not have the claim.
    pub fn of(report: &Report, claim: &str) -> Option<Anchor> {
        let claim = report.claims.iter().find(|other| other.id == claim)?;
        Some(Anchor { section: claim.section, text: claim.text.clone(), cites: places(report, claim).into_iter().collect() })
    }

    /// The same words in the same section, or else the one statement there that cites most of the same.
    pub fn find<'r>(&self, report: &'r Report) -> Option<&'r Claim> {
        let there = || report.claims.iter().filter(|claim| claim.section == self.section);
        if let Some(same) = there().find(|claim| claim.text == self.text) {
            return Some(same);
        }
        let mine: BTreeSet<(String, u64)> = self.cites.iter().cloned().collect();
        let mut best: Vec<(f64, &Claim)> = there().map(|claim| (likeness(&mine, &places(report, claim)), claim)).collect();
        best.retain(|(likeness, _)| *likeness >= ALIKE);
        best.sort_by(|a, b| b.0.total_cmp(&a.0));
        match best.as_slice() {
            [(_, only)] => Some(only),
            [(first, claim), (second, _), ..] if first > second => Some(claim),
            // Several cite the same: which of them is meant, the words tell where they are nearly the same.
            [(first, _), ..] => {
                nearest(&self.text, best.iter().filter(|(likeness, _)| likeness == first).map(|(_, claim)| *claim))
            }
            [] => None,
        }
    }
}

fn places(report: &Report, claim: &Claim) -> BTreeSet<(String, u64)> {
    let cited = |id: &String| report.evidence.iter().find(|evidence| evidence.id == *id);
    claim.citations.iter().filter_map(cited).map(|evidence| (evidence.source.clone(), evidence.line)).collect()
}

/// Jaccard's index.
fn likeness<T: Ord>(a: &BTreeSet<T>, b: &BTreeSet<T>) -> f64 {
    let all = a.union(b).count();
    if all == 0 { 0.0 } else { a.intersection(b).count() as f64 / all as f64 }
}

fn nearest<'r>(text: &str, claims: impl Iterator<Item = &'r Claim>) -> Option<&'r Claim> {
    let words = |text: &str| -> BTreeSet<String> { text.split_whitespace().map(str::to_lowercase).collect() };
    let mine = words(text);
    let mut near: Vec<(f64, &Claim)> = claims.map(|claim| (likeness(&mine, &words(&claim.text)), claim)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.first().filter(|(likeness, _)| *likeness >= ALIKE).map(|(_, claim)| *claim)
}
