//! Who cites what: statements with links to their evidence, and each evidence with the way back.
//!
//! Links are numbers that this module gives out, never ids of the report: an id that is twice there, missing or full of
//! markup cannot break the document. It must never know where on a page a statement ends up. What breaks it: a claim
//! that is cited and not there is told as such.

use std::collections::{BTreeMap, BTreeSet};

use report::layout::Part;
use report::model::{Claim, ClaimStatus, Derivation, Op, Report, Section};
use report::render::words;
use serde_json::{Value, json};

use crate::clean;

/// Evidence links printed after one statement; all of them count for the way back.
const LINKS: usize = 12;

/// Longest beginning of a statement where another place points to it, in characters.
const BEGINNING: usize = 88;

pub struct Ledger<'a> {
    claims: BTreeMap<&'a str, &'a Claim>,
    evidence: BTreeMap<&'a str, usize>,
    cited: Vec<Vec<Back>>,
    /// Claims that a part of the report shows, under the section that the part belongs to.
    placed: BTreeSet<(Section, &'a str)>,
    /// Sentences under the present heading, each with its anchor.
    said: BTreeMap<String, usize>,
    heading: String,
    silent: bool,
    anchors: usize,
}

/// A statement that cites an evidence.
struct Back {
    heading: String,
    anchor: usize,
    text: String,
}

impl<'a> Ledger<'a> {
    pub fn of(report: &'a Report, parts: &BTreeSet<Part>) -> Ledger<'a> {
        let mut evidence = BTreeMap::new();
        for (i, item) in report.evidence.iter().enumerate() {
            evidence.entry(item.id.as_str()).or_insert(i);
        }
        Ledger {
            claims: report.claims.iter().map(|claim| (claim.id.as_str(), claim)).collect(),
            cited: report.evidence.iter().map(|_| Vec::new()).collect(),
            evidence,
            placed: placed(report, parts),
            said: BTreeMap::new(),
            heading: String::new(),
            silent: false,
            anchors: 0,
        }
    }

    /// Statements from here on stand under this heading.
    pub fn enter(&mut self, heading: &str) {
        self.heading = heading.to_owned();
        self.silent = false;
        self.said.clear();
    }

    /// Statements from here on repeat what stands further down and are no places to link back to.
    pub fn enter_cover(&mut self) {
        self.enter("");
        self.silent = true;
    }

    /// A part's own text with its claim's standing and the citations of both.
    pub fn statement(&mut self, text: &str, claim: &str, citations: &[String]) -> Value {
        let found = self.claims.get(claim).copied();
        let mut all: Vec<&String> = Vec::new();
        for id in citations.iter().chain(found.map_or(&[][..], |claim| claim.citations.as_slice())) {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        let anchor = (!self.silent).then(|| self.anchor(text));
        if let Some(anchor) = anchor {
            self.link_back(&all, anchor, text);
        }
        json!({
            "parts": parts(&clean::prose(text)),
            "standing": found.map(|claim| standing(claim.status)),
            "confidence": found.map(|claim| words::percent(claim.confidence)),
            "how": found.and_then(|claim| claim.derivation.as_ref()).map(how),
            "cites": self.links(&all),
            "more": all.len().saturating_sub(LINKS),
            "anchor": anchor,
            "above": null,
        })
    }

    /// A claim in its own words, or a pointer to where it stands under the same heading.
    pub fn claim(&mut self, id: &str) -> Value {
        let Some(claim) = self.claims.get(id).copied() else {
            return self.statement(&format!("(claim {id} is not part of this report)"), id, &[]);
        };
        let Some(above) = self.said.get(&claim.text).copied() else { return self.statement(&claim.text, id, &[]) };
        let cites: Vec<&String> = claim.citations.iter().collect();
        self.link_back(&cites, above, &claim.text);
        json!({
            "parts": [{ "code": false, "text": beginning(&claim.text, 44) }],
            "standing": null, "confidence": null, "how": null,
            "cites": self.links(&cites),
            "more": cites.len().saturating_sub(LINKS),
            "anchor": null,
            "above": above,
        })
    }

    pub fn optional_claim(&mut self, id: Option<&str>) -> Value {
        id.map_or(Value::Null, |id| self.claim(id))
    }

    pub fn claims<'b>(&mut self, ids: impl IntoIterator<Item = &'b String>) -> Vec<Value> {
        ids.into_iter().map(|id| self.claim(id)).collect()
    }

    /// The claims of a section that no part shows.
    pub fn rest(&mut self, report: &'a Report, section: Section) -> Vec<Value> {
        let left = report.claims.iter().filter(|c| c.section == section && !self.placed.contains(&(section, c.id.as_str())));
        let ids: Vec<&str> = left.map(|c| c.id.as_str()).collect();
        ids.into_iter().map(|id| self.claim(id)).collect()
    }

    /// Links without a claim, for a value that has its own citations.
    pub fn value(&mut self, text: &str, citations: &[String]) -> Value {
        self.statement(text, "", citations)
    }

    /// All statements that cite an evidence, in the order of the report.
    pub fn ways_back(&self, evidence: usize) -> Vec<Value> {
        let places = self.cited.get(evidence).map_or(&[][..], Vec::as_slice);
        places.iter().map(|back| json!({ "heading": back.heading, "anchor": back.anchor, "text": back.text })).collect()
    }

    /// The evidence that a picture's mark links to, by the name that pages of hypertext give it: its id, or a number
    /// where the id is unusual.
    pub fn target(&self, name: &str) -> Option<usize> {
        let by_number = || name.strip_prefix("evidence-").and_then(|n| n.parse().ok()).filter(|n| *n < self.cited.len());
        self.evidence.get(name).copied().or_else(by_number)
    }

    fn anchor(&mut self, text: &str) -> usize {
        let anchor = self.anchors;
        self.anchors += 1;
        self.said.entry(text.to_owned()).or_insert(anchor);
        anchor
    }

    /// Each sentence once under its heading.
    fn link_back(&mut self, citations: &[&String], anchor: usize, text: &str) {
        if self.silent {
            return;
        }
        let (heading, text) = (clean::short(&self.heading, 60), beginning(text, BEGINNING));
        for id in citations {
            let Some(places) = self.evidence.get(id.as_str()).and_then(|i| self.cited.get_mut(*i)) else { continue };
            if !places.iter().any(|back| back.heading == heading && back.text == text) {
                places.push(Back { heading: heading.clone(), anchor, text: text.clone() });
            }
        }
    }

    fn links(&self, citations: &[&String]) -> Vec<Value> {
        let link = |id: &&String| json!({ "id": clean::short(id, 24), "to": self.evidence.get(id.as_str()) });
        citations.iter().take(LINKS).map(link).collect()
    }
}

fn beginning(text: &str, longest: usize) -> String {
    clean::short(&words::beginning(&text.replace('`', ""), longest), longest + 1)
}

/// The text in parts, each with whether it is code.
fn parts(text: &str) -> Vec<Value> {
    report::render::parts(text).into_iter().map(|(code, text)| json!({ "code": code, "text": text })).collect()
}

/// The claims that the parts of the layout show by themselves.
fn placed<'a>(report: &'a Report, parts: &BTreeSet<Part>) -> BTreeSet<(Section, &'a str)> {
    let mut out = BTreeSet::new();
    for part in parts {
        let (section, claims): (Section, Vec<&str>) = match part {
            Part::Timeline => (Section::Timeline, report.timeline.iter().map(|x| x.claim.as_str()).collect()),
            Part::RootCause => (Section::RootCause, report.causes.iter().flat_map(of_cause).collect()),
            Part::Chain => (Section::RootCause, report.chain.iter().map(|x| x.claim.as_str()).collect()),
            Part::Contributing => (Section::RootCause, report.contributing.iter().map(|x| x.claim.as_str()).collect()),
            Part::Impact => {
                (Section::Impact, report.metrics.all().into_iter().filter_map(|(_, m)| Some(m?.claim.as_str())).collect())
            }
            Part::Response => {
                (Section::Response, report.times.all().into_iter().filter_map(|(_, t)| Some(t?.claim.as_str())).collect())
            }
            Part::Actions => (Section::Actions, report.actions.iter().map(|x| x.claim.as_str()).collect()),
            Part::Whys => (Section::Whys, report.whys.iter().filter_map(|x| x.claim.as_deref()).collect()),
            Part::Prevention => (Section::Prevention, report.prevention.iter().map(|x| x.claim.as_str()).collect()),
            Part::Lessons => (Section::Lessons, report.lessons.iter().map(|x| x.claim.as_str()).collect()),
            Part::Contradictions => (Section::Contradictions, report.contradictions.iter().map(|x| x.claim.as_str()).collect()),
            _ => continue,
        };
        out.extend(claims.into_iter().map(|claim| (section, claim)));
    }
    out
}

fn of_cause(cause: &report::model::Cause) -> impl Iterator<Item = &str> {
    let lists = cause.supports.iter().chain(&cause.against).map(String::as_str);
    let terms = cause.terms.iter().filter_map(|term| term.claim.as_deref());
    let tests = cause.tests.iter().filter_map(|test| test.claim.as_deref());
    lists.chain(terms).chain(tests).chain([cause.claim.as_str()])
}

fn standing(status: ClaimStatus) -> &'static str {
    match status {
        ClaimStatus::Measured => "measured",
        ClaimStatus::Stated => "stated",
        ClaimStatus::Inferred => "inferred",
        ClaimStatus::Disputed => "disputed",
    }
}

fn value(derivation: &Derivation) -> String {
    match (derivation.op, derivation.value.as_f64()) {
        (Op::Ratio, Some(share)) => words::ratio(share),
        (Op::Difference, Some(seconds)) => words::duration(seconds),
        _ => words::json(&derivation.value),
    }
}

/// One line that says how a number was computed.
fn how(derivation: &Derivation) -> String {
    let mut parts = match derivation.op {
        Op::Absent => vec![words::op(derivation.op).to_owned()],
        op => vec![format!("{} = {}", words::op(op), value(derivation))],
    };
    if let (Some(part), Some(whole)) = (derivation.numerator, derivation.denominator) {
        parts.push(format!("{} of {}", words::number(part), words::number(whole)));
    }
    if (derivation.op == Op::Absent || derivation.numerator.is_none())
        && let (Some(matched), Some(scanned)) = (derivation.matched, derivation.scanned)
    {
        let (matched, scanned) = (words::thousands(matched), words::thousands(scanned));
        parts.push(format!("{matched} of {scanned} records match"));
    }
    if !derivation.filter.is_empty() {
        parts.push(derivation.filter.clone());
    }
    if let (Some(from), Some(to)) = (&derivation.from, &derivation.to) {
        parts.push(words::span(from, to));
    }
    if !derivation.sources.is_empty() {
        parts.push(format!("in {}", derivation.sources.join(", ")));
    }
    clean::aside(&parts.join(" · "))
}
