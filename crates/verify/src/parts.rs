//! Texts: the parts of the report repeat their claims, and every number in a text stands in what it cites.
//!
//! Must never accept a number because it looks harmless. Titles, questions and what is unknown cite nothing and are
//! not looked at.

use std::collections::BTreeMap;

use report::model::{Claim, Report};

use crate::input::Found;
use crate::numbers::{self, Ground};
use crate::proof::Proof;
use crate::{Verdict, moments};

/// One text with what it may lean on.
struct Said<'r> {
    place: String,
    text: &'r str,
    /// The text of this claim is repeated.
    repeats: Option<&'r str>,
    citations: Vec<&'r str>,
    claims: Vec<&'r str>,
    at: Option<&'r str>,
    /// `at` is what the cited records have to show.
    dated: bool,
}

/// Without `found` the records are withheld: a number that only they could have is counted, and is no fault.
pub fn check(report: &Report, found: Option<&Found>, verdict: &mut Verdict) {
    let (mut unseen, mut undated) = (0, 0);
    let evidence = report.evidence.iter().enumerate().map(|(i, e)| (e.id.as_str(), i)).collect();
    let mut all = Proof::default();
    for (index, item) in report.evidence.iter().enumerate() {
        add_evidence(&mut all, item, found, index);
    }
    let claims: BTreeMap<&str, &Claim> = report.claims.iter().map(|c| (c.id.as_str(), c)).collect();
    for said in all_texts(report) {
        let own = own_proof(report, found, &said, (&evidence, &claims));
        let ground = Ground { own: &own, all: &all, at: said.at };
        let (faults, count) = numbers::unproven(said.text, &ground);
        verdict.checked.numbers += count;
        if found.is_none() {
            // The number of a pseudonym counts nothing.
            unseen += faults.iter().filter(|number| !said.text.contains(&format!("ngineer {number}"))).count();
        } else {
            verdict.want(faults.is_empty(), || format!("{}: {} does not stand in what it cites", said.place, faults.join(", ")));
        }
        if let Some(claim) = said.repeats.and_then(|id| claims.get(id)) {
            verdict.want(repeats(said.text, &claim.text), || format!("{} does not repeat its claim {}", said.place, claim.id));
        }
        if let Some(at) = said.at.filter(|_| said.dated).and_then(moments::moment) {
            if found.is_none() && !own.has_instant(at) {
                undated += 1;
                continue;
            }
            verdict.want(own.has_instant(at), || {
                format!("{}: its time {} stands nowhere in what it cites", said.place, at.rfc3339())
            });
        }
    }
    if undated > 0 {
        verdict.unchecked.push(format!("{undated} times, which only the words of a record could show"));
    }
    if unseen > 0 {
        verdict.unchecked.push(format!("{unseen} numbers, which stand in no time and no derivation"));
    }
}

/// Index of each evidence, and each claim, by id.
type Known<'k, 'r> = (&'k BTreeMap<&'r str, usize>, &'k BTreeMap<&'r str, &'r Claim>);

fn own_proof(report: &Report, found: Option<&Found>, said: &Said<'_>, (evidence, claims): Known<'_, '_>) -> Proof {
    let mut proof = Proof::default();
    let mut cited: Vec<&str> = said.citations.clone();
    for claim in said.claims.iter().filter_map(|id| claims.get(id)) {
        cited.extend(claim.citations.iter().map(String::as_str));
        if let Some(derivation) = &claim.derivation {
            proof.add_derivation(derivation);
        }
    }
    cited.sort_unstable();
    cited.dedup();
    for index in cited.into_iter().filter_map(|id| evidence.get(id)) {
        if let Some(item) = report.evidence.get(*index) {
            add_evidence(&mut proof, item, found, *index);
        }
    }
    proof
}

/// The record as it stands in the input, not as the report shows it.
fn add_evidence(proof: &mut Proof, item: &report::model::Evidence, found: Option<&Found>, index: usize) {
    proof.add_text(&item.source);
    match found.map(|found| (found, found.quotes.get(index).and_then(Option::as_ref))) {
        Some((_, Some(quote))) => proof.add_text(&quote.text),
        Some((found, None)) if found.alone => proof.add_anything(),
        _ => {}
    }
    if let Some(at) = &item.at {
        proof.add_time(at);
    }
}

fn all_texts(report: &Report) -> Vec<Said<'_>> {
    let mut all: Vec<Said<'_>> = Vec::new();
    for c in &report.claims {
        all.push(Said {
            place: c.id.clone(),
            text: &c.text,
            repeats: None,
            citations: Vec::new(),
            claims: vec![&c.id],
            at: None,
            dated: false,
        });
    }
    for (i, x) in report.timeline.iter().enumerate() {
        all.push(Said::part(format!("timeline[{i}]"), &x.text, &x.claim, x.citations.as_slice()).at(&x.at));
    }
    for (i, x) in report.contributing.iter().enumerate() {
        all.push(Said::part(format!("contributing[{i}]"), &x.text, &x.claim, x.citations.as_slice()));
    }
    for (i, x) in report.chain.iter().enumerate() {
        all.push(Said::part(format!("chain[{i}]"), &x.text, &x.claim, x.citations.as_slice()));
    }
    for (i, x) in report.actions.iter().enumerate() {
        all.push(Said::part(format!("actions[{i}]"), &x.text, &x.claim, x.citations.as_slice()));
    }
    for (i, x) in report.whys.iter().enumerate() {
        if let (Some(answer), Some(claim)) = (&x.answer, &x.claim) {
            all.push(Said::part(format!("whys[{i}]"), answer, claim, &x.citations));
        }
    }
    for (i, x) in report.prevention.iter().enumerate() {
        all.push(Said::part(format!("prevention[{i}]"), &x.text, &x.claim, x.citations.as_slice()));
    }
    for (i, x) in report.lessons.iter().enumerate() {
        all.push(Said::part(format!("lessons[{i}]"), &x.text, &x.claim, x.citations.as_slice()));
    }
    for item in report.audience.iter().filter_map(|a| a.regulatory.as_ref()).flat_map(|r| &r.items) {
        let said = |a: &'_ report::model::Answer| format!("regulatory item {} ({})", item.id, a.claim);
        all.extend(item.answers.iter().map(|a| Said::part(said(a), &a.text, &a.claim, a.citations.as_slice())));
    }
    for (name, time) in report.times.all() {
        if let Some(time) = time {
            // No text of its own: only the time is looked at.
            let mut said = Said::part(format!("times.{name}"), "", &time.claim, &[]).at(&time.at);
            said.repeats = None;
            all.push(said);
        }
    }
    causes_and_contradictions(report, &mut all);
    all
}

fn causes_and_contradictions<'r>(report: &'r Report, all: &mut Vec<Said<'r>>) {
    for cause in &report.causes {
        let citations = cause.trigger.as_ref().map_or(&[][..], |t| &t.citations);
        let mut said = Said::part(format!("cause {}", cause.rank), &cause.text, &cause.claim, citations);
        said.claims.extend(cause.supports.iter().chain(&cause.against).map(String::as_str));
        said.at = cause.trigger.as_ref().and_then(|t| t.at.as_deref());
        all.push(said);
    }
    for (i, contradiction) in report.contradictions.iter().enumerate() {
        let mut said = Said::part(format!("contradictions[{i}]"), &contradiction.text, &contradiction.claim, &[]);
        said.citations = contradiction.values.iter().flat_map(|v| v.citations.iter()).map(String::as_str).collect();
        all.push(said);
        for value in &contradiction.values {
            let place = format!("a value of contradictions[{i}]");
            let mut said = Said::part(place, &value.value, &contradiction.claim, value.citations.as_slice());
            said.repeats = None;
            all.push(said);
        }
    }
}

impl<'r> Said<'r> {
    fn part(place: String, text: &'r str, claim: &'r str, citations: &'r [String]) -> Said<'r> {
        let citations = citations.iter().map(String::as_str).collect();
        Said { place, text, repeats: Some(claim), citations, claims: vec![claim], at: None, dated: false }
    }

    fn at(mut self, at: &'r str) -> Said<'r> {
        self.at = Some(at);
        self.dated = true;
        self
    }
}

/// One of the texts holds the other; letter case and blanks do not count.
fn repeats(text: &str, claim: &str) -> bool {
    let plain = |t: &str| t.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let (text, claim) = (plain(text), plain(claim));
    !text.is_empty() && (claim.contains(&text) || text.contains(&claim))
}
