//! Who cites what: statements with links to their evidence, and each evidence with the way back.
//!
//! Anchors are made here, from the report's ids only where these are of the usual shape, so that an id that is twice
//! there, missing or full of markup cannot break a page. The ledger knows what has been said under the present heading,
//! so that nothing is said there twice. It must never know how a page looks. What breaks it: a claim that is cited and
//! not there is told as such.

use std::collections::{BTreeMap, BTreeSet};

use super::words;
use crate::model::{Claim, ClaimStatus, Derivation, Op, Reader, Report, Section};

/// A sentence of the report as it is printed in one place.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    pub text: String,
    /// Where it stands; links back from the evidence arrive here.
    pub anchor: String,
    /// The place above where the same sentence already stands under the same heading; it is then not printed again.
    pub again: Option<String>,
    /// The claim's id, empty where no claim stands behind it.
    pub id: String,
    pub standing: Option<Standing>,
    pub cites: Vec<Cite>,
    pub derivation: Vec<(&'static str, String)>,
}

impl Statement {
    /// Its text in parts, each with whether it is code: what stands between a pair of backticks.
    pub fn parts(&self) -> Vec<(bool, &str)> {
        words::parts(&self.text)
    }

    /// Its first words, for a pointer to where it stands.
    pub fn beginning(&self) -> String {
        words::beginning(&self.text.replace('`', ""), 34)
    }
}

/// How a statement is known, and how sure it is.
#[derive(Debug, Clone)]
pub struct Standing {
    pub word: &'static str,
    pub tone: &'static str,
    pub confidence: String,
}

/// A link to an evidence; without anchor where the report does not hold it.
#[derive(Debug, Clone)]
pub struct Cite {
    pub label: String,
    pub anchor: Option<String>,
    /// `logs/api.log:12`, empty where the report does not hold the evidence.
    pub place: String,
}

/// A statement that cites an evidence.
#[derive(Debug, Clone)]
pub struct Back {
    pub heading: String,
    pub anchor: String,
    pub text: String,
}

pub struct Ledger<'a> {
    claims: BTreeMap<&'a str, (usize, &'a Claim)>,
    /// Anchor and place of each.
    evidence: BTreeMap<&'a str, (String, String)>,
    heading: String,
    section: Section,
    silent: bool,
    /// A reader who is not told how sure each sentence is.
    plain: bool,
    /// Anchors of the sentences under the present heading.
    said: BTreeMap<String, String>,
    shown: BTreeSet<(Section, &'a str)>,
    uses: BTreeMap<String, usize>,
    backs: BTreeMap<&'a str, Vec<(String, Back)>>,
}

impl<'a> Ledger<'a> {
    pub fn of(report: &'a Report) -> Ledger<'a> {
        let mut claims = BTreeMap::new();
        for (i, claim) in report.claims.iter().enumerate() {
            claims.entry(claim.id.as_str()).or_insert((i, claim));
        }
        let mut evidence = BTreeMap::new();
        for (i, item) in report.evidence.iter().enumerate() {
            evidence.entry(item.id.as_str()).or_insert_with(|| {
                let place = format!("{}:{}", words::line(&item.source), item.line);
                (anchor_of(&item.id, 'e', "evidence", i), place)
            });
        }
        Ledger {
            claims,
            evidence,
            heading: String::new(),
            section: Section::Summary,
            silent: false,
            plain: report.is_for(Reader::Customer),
            said: BTreeMap::new(),
            shown: BTreeSet::new(),
            uses: BTreeMap::new(),
            backs: BTreeMap::new(),
        }
    }

    /// Statements from here on stand under this heading and belong to this section.
    pub fn enter(&mut self, heading: &str, section: Section) {
        self.heading = heading.to_owned();
        self.section = section;
        self.silent = false;
        self.said.clear();
    }

    /// Statements from here on repeat what stands further down and are no places to link back to.
    pub fn enter_cover(&mut self) {
        self.enter("Cover", Section::Summary);
        self.silent = true;
    }

    /// A part's own text, printed even where the same text stands above it, with the citations of part and claim.
    pub fn statement(&mut self, text: &str, claim: &'a str, citations: &'a [String]) -> Statement {
        let found = self.claims.get(claim).map(|(_, claim)| *claim);
        let text = words::line(text);
        let anchor = self.anchor(claim);
        let mut ids: Vec<&'a str> = Vec::new();
        let of_claim = found.map_or(&[][..], |claim| claim.citations.as_slice());
        for id in citations.iter().chain(of_claim) {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        if let Some(claim) = found.filter(|claim| !self.silent && words::line(&claim.text).starts_with(&text)) {
            self.shown.insert((self.section, claim.id.as_str()));
        }
        self.link_back(&ids, claim, &anchor, &text);
        self.said.entry(text.clone()).or_insert_with(|| anchor.clone());
        Statement {
            text,
            anchor,
            again: None,
            id: found.map(|claim| words::short(&claim.id, 24)).unwrap_or_default(),
            standing: found.filter(|_| !self.plain).map(standing),
            cites: ids.iter().map(|id| self.cite(id)).collect(),
            derivation: found.and_then(|claim| claim.derivation.as_ref()).map(how).unwrap_or_default(),
        }
    }

    /// Nothing for a reader who is not told how sure each sentence is.
    pub fn how_probable(&self, share: f64) -> String {
        if self.plain { String::new() } else { words::percent(share) }
    }

    /// A claim in its own words, or a pointer to where it stands under the same heading.
    pub fn claim(&mut self, id: &'a str) -> Statement {
        let Some((_, claim)) = self.claims.get(id).copied() else {
            let text = format!("The claim {} is not part of this report.", words::short(id, 24));
            return Statement { text, anchor: self.anchor(""), ..Statement::default() };
        };
        let above = self.said.get(&words::line(&claim.text)).cloned();
        let Some(above) = above else { return self.statement(&claim.text, id, &[]) };
        self.shown.insert((self.section, claim.id.as_str()));
        let cites: Vec<&'a str> = claim.citations.iter().map(String::as_str).collect();
        self.link_back(&cites, id, &above, &claim.text);
        let cites = cites.iter().map(|id| self.cite(id)).collect();
        let id = words::short(&claim.id, 24);
        Statement { text: words::line(&claim.text), anchor: String::new(), again: Some(above), id, cites, ..Statement::default() }
    }

    pub fn claims(&mut self, ids: &'a [String]) -> Vec<Statement> {
        ids.iter().map(|id| self.claim(id)).collect()
    }

    /// The claims of a section that no part of this section has printed.
    pub fn rest(&mut self, report: &'a Report, section: Section) -> Vec<Statement> {
        let left: Vec<&'a str> =
            report.claims.iter().filter(|claim| claim.section == section).map(|claim| claim.id.as_str()).collect();
        let mut out = Vec::new();
        for id in left {
            if !self.shown.contains(&(section, id)) {
                let statement = self.claim(id);
                if statement.again.is_none() {
                    out.push(statement);
                }
            }
        }
        out
    }

    /// A value with citations of its own, without a claim.
    pub fn value(&mut self, text: &str, citations: &'a [String]) -> Statement {
        let mut statement = self.statement(text, "", citations);
        statement.id.clear();
        statement
    }

    /// The statements that cite an evidence, each claim once, in the order of the page.
    pub fn backs(&self, evidence: &str) -> Vec<Back> {
        self.backs.get(evidence).map(|list| list.iter().map(|(_, back)| back.clone()).collect()).unwrap_or_default()
    }

    pub fn evidence_anchor(&self, id: &str) -> Option<&str> {
        self.evidence.get(id).map(|(anchor, _)| anchor.as_str())
    }

    fn anchor(&mut self, claim: &str) -> String {
        if self.silent {
            return String::new();
        }
        let base = self.claims.get(claim).map_or_else(|| "part".to_owned(), |(i, _)| anchor_of(claim, 'c', "claim", *i));
        let uses = self.uses.entry(base.clone()).or_insert(0);
        *uses += 1;
        if *uses == 1 { base } else { format!("{base}-{uses}") }
    }

    fn link_back(&mut self, ids: &[&'a str], claim: &str, anchor: &str, text: &str) {
        if self.silent {
            return;
        }
        // Values without a claim are told apart by where they stand.
        let key = if claim.is_empty() { anchor } else { claim };
        for id in ids {
            let list = self.backs.entry(id).or_default();
            if !list.iter().any(|(known, _)| known == key) {
                let back = Back { heading: self.heading.clone(), anchor: anchor.to_owned(), text: words::beginning(text, 110) };
                list.push((key.to_owned(), back));
            }
        }
    }

    fn cite(&self, id: &str) -> Cite {
        let (anchor, place) = self.evidence.get(id).cloned().unzip();
        Cite { label: words::short(id, 24), anchor, place: place.unwrap_or_default() }
    }
}

/// The id itself where it is a letter and digits, else a number of our own.
fn anchor_of(id: &str, letter: char, family: &str, index: usize) -> String {
    let digits = id.strip_prefix(letter).unwrap_or("");
    let usual = !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|b| b.is_ascii_digit());
    if usual { id.to_owned() } else { format!("{family}-{index}") }
}

fn standing(claim: &Claim) -> Standing {
    let (word, tone) = match claim.status {
        ClaimStatus::Measured => ("measured", "good"),
        ClaimStatus::Stated => ("stated", "accent"),
        ClaimStatus::Inferred => ("inferred", "warn"),
        ClaimStatus::Disputed => ("disputed", "bad"),
    };
    Standing { word, tone, confidence: words::percent(claim.confidence) }
}

/// How a number was computed, line by line.
fn how(derivation: &Derivation) -> Vec<(&'static str, String)> {
    let mut lines = vec![("Computed", words::op(derivation.op).to_owned())];
    let mut push = |name, value: Option<String>| lines.extend(value.filter(|text| !text.is_empty()).map(|text| (name, text)));
    push("From sources", Some(derivation.sources.iter().map(|name| words::line(name)).collect::<Vec<_>>().join(", ")));
    push("Filter", Some(words::line(&derivation.filter)));
    let bounds = if derivation.op == Op::Difference { ("First instant", "Second instant") } else { ("From (in)", "To (out)") };
    push(bounds.0, derivation.from.as_deref().map(words::moment));
    push(bounds.1, derivation.to.as_deref().map(words::moment));
    push("Numerator", derivation.numerator.map(words::number));
    push("Denominator", derivation.denominator.map(words::number));
    push("Value", Some(words::json(&derivation.value)));
    push("Records scanned", derivation.scanned.map(words::thousands));
    push("Records matched", derivation.matched.map(words::thousands));
    lines
}
