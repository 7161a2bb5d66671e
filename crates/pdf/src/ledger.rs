//! Who cites what: statements with links to their evidence, and each evidence with the way back.
//!
//! Links are numbers that this module gives out, never ids of the report: an id that is twice there, missing or full of
//! markup cannot break the document. It must never know where on a page a statement ends up.

use std::collections::{BTreeMap, BTreeSet};

use report::model::{Claim, ClaimStatus, Derivation, Op, Report, Section};
use serde_json::{Value, json};

use crate::{clean, words};

/// Evidence links printed after one statement; all of them count for the way back.
const LINKS: usize = 12;

pub struct Ledger<'a> {
    claims: BTreeMap<&'a str, &'a Claim>,
    evidence: BTreeMap<&'a str, usize>,
    /// Per evidence: heading of a section and the anchors in it.
    cited: Vec<Vec<(&'static str, Vec<usize>)>>,
    /// Claims that a part of the report shows.
    placed: BTreeSet<&'a str>,
    section: &'static str,
    anchors: usize,
}

impl<'a> Ledger<'a> {
    pub fn of(report: &'a Report) -> Ledger<'a> {
        let mut evidence = BTreeMap::new();
        for (i, item) in report.evidence.iter().enumerate() {
            evidence.entry(item.id.as_str()).or_insert(i);
        }
        Ledger {
            claims: report.claims.iter().map(|claim| (claim.id.as_str(), claim)).collect(),
            cited: vec![Vec::new(); report.evidence.len()],
            evidence,
            placed: placed(report),
            section: "",
            anchors: 0,
        }
    }

    /// Statements from here on stand under this heading.
    pub fn enter(&mut self, heading: &'static str) {
        self.section = heading;
    }

    /// A part's own text with its claim's standing; citations of the claim where the part has none.
    pub fn statement(&mut self, text: &str, claim: &str, citations: &[String]) -> Value {
        let found = self.claims.get(claim).copied();
        let citations = match found {
            Some(claim) if citations.is_empty() => claim.citations.as_slice(),
            _ => citations,
        };
        let anchor = self.anchor(citations);
        json!({
            "parts": parts(&clean::prose(text)),
            "standing": found.map(|claim| standing(claim.status)),
            "confidence": found.map(|claim| words::percent(claim.confidence)),
            "how": found.and_then(|claim| claim.derivation.as_ref()).map(how),
            "cites": self.links(citations),
            "more": citations.len().saturating_sub(LINKS),
            "anchor": anchor,
        })
    }

    /// A claim in its own words.
    pub fn claim(&mut self, id: &str) -> Value {
        match self.claims.get(id).copied() {
            Some(claim) => self.statement(&claim.text, id, &[]),
            None => self.statement(&format!("(claim {id} is not part of this report)"), id, &[]),
        }
    }

    pub fn optional_claim(&mut self, id: Option<&str>) -> Value {
        id.map_or(Value::Null, |id| self.claim(id))
    }

    pub fn claims<'b>(&mut self, ids: impl IntoIterator<Item = &'b String>) -> Vec<Value> {
        ids.into_iter().map(|id| self.claim(id)).collect()
    }

    /// The claims of a section that no part shows.
    pub fn rest(&mut self, report: &'a Report, section: Section) -> Vec<Value> {
        let left = report.claims.iter().filter(|c| c.section == section && !self.placed.contains(c.id.as_str()));
        let ids: Vec<&str> = left.map(|c| c.id.as_str()).collect();
        ids.into_iter().map(|id| self.claim(id)).collect()
    }

    /// Links without a statement, for a value that has its own citations.
    pub fn value(&mut self, text: &str, citations: &[String]) -> Value {
        self.statement(text, "", citations)
    }

    /// Where an evidence is cited: headings in the order of the report, each with its anchors.
    pub fn ways_back(&self, evidence: usize) -> Vec<Value> {
        let places = self.cited.get(evidence).map_or(&[][..], Vec::as_slice);
        places.iter().map(|(heading, anchors)| json!({ "heading": heading, "anchors": anchors })).collect()
    }

    fn anchor(&mut self, citations: &[String]) -> usize {
        let anchor = self.anchors;
        self.anchors += 1;
        for id in citations {
            let Some(places) = self.evidence.get(id.as_str()).and_then(|i| self.cited.get_mut(*i)) else { continue };
            match places.last_mut() {
                Some((heading, anchors)) if *heading == self.section => anchors.push(anchor),
                _ => places.push((self.section, vec![anchor])),
            }
        }
        anchor
    }

    fn links(&self, citations: &[String]) -> Vec<Value> {
        let link = |id: &String| json!({ "id": clean::short(id, 24), "to": self.evidence.get(id.as_str()) });
        citations.iter().take(LINKS).map(link).collect()
    }
}

/// The text in parts, each with whether it is code.
fn parts(text: &str) -> Vec<Value> {
    report::render::parts(text).into_iter().map(|(code, text)| json!({ "code": code, "text": text })).collect()
}

fn placed(report: &Report) -> BTreeSet<&str> {
    let times = report.times.all().into_iter().filter_map(|(_, t)| Some(t?.claim.as_str()));
    let metrics = report.metrics.all().into_iter().filter_map(|(_, m)| Some(m?.claim.as_str()));
    let causes = report.causes.iter().flat_map(|cause| {
        let lists = cause.supports.iter().chain(&cause.against).map(String::as_str);
        let terms = cause.terms.iter().filter_map(|term| term.claim.as_deref());
        let tests = cause.tests.iter().filter_map(|test| test.claim.as_deref());
        lists.chain(terms).chain(tests).chain([cause.claim.as_str()])
    });
    let parts = (report.timeline.iter().map(|x| x.claim.as_str()))
        .chain(report.contributing.iter().map(|x| x.claim.as_str()))
        .chain(report.chain.iter().map(|x| x.claim.as_str()))
        .chain(report.actions.iter().map(|x| x.claim.as_str()))
        .chain(report.whys.iter().filter_map(|x| x.claim.as_deref()))
        .chain(report.prevention.iter().map(|x| x.claim.as_str()))
        .chain(report.lessons.iter().map(|x| x.claim.as_str()))
        .chain(report.contradictions.iter().map(|x| x.claim.as_str()));
    times.chain(metrics).chain(causes).chain(parts).collect()
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
    let mut parts = vec![format!("{} = {}", words::op(derivation.op), value(derivation))];
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
        parts.push(format!("{} to {}", words::moment(from), words::moment(to)));
    }
    if !derivation.sources.is_empty() {
        parts.push(format!("in {}", derivation.sources.join(", ")));
    }
    clean::aside(&parts.join(" · "))
}
