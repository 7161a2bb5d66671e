//! The report as a page shows it: what people said woven into its sentences, always with their name.
//!
//! What comes out is for reading, not for checking: a statement in a person's words says what that person says. Must never
//! let such words stand without the mark that tells them from the analysis's.

use super::{Added, Answer, ByHand, Hand};
use crate::model::{Action, Citations, Claim, ClaimStatus, Evidence, Origin, Report, Section};

/// Each format shows this text; where nobody said anything it is the report itself.
pub fn told(report: &Report) -> Report {
    let mut told = report.clone();
    let Some(hand) = &report.by_hand else { return told };
    for claim in &report.claims {
        if let Some(text) = spoken(claim, hand) {
            say(&mut told, claim, &text);
        }
    }
    if let Some(choice) = &hand.choice
        && let Some(cause) = told.causes.iter_mut().find(|cause| cause.claim == choice.claim)
    {
        cause.text = format!("{} [Chosen by {}{}]", cause.text, who(&choice.hand), why(&choice.hand));
        let text = cause.text.clone();
        told.claims.iter_mut().filter(|claim| claim.id == choice.claim).for_each(|claim| claim.text.clone_from(&text));
    }
    for assigned in &hand.assigned {
        if let Some(action) = told.actions.iter_mut().find(|action| action.claim == assigned.claim) {
            action.owner = assigned.owner.clone().or(action.owner.take());
            action.due = assigned.due.clone().or(action.due.take());
            action.status = assigned.status.clone().or(action.status.take());
            action.text = format!("{}{}", action.text, set_by(&assigned.hand));
        }
    }
    for added in &hand.actions {
        add(&mut told, added);
    }
    for answer in &hand.answers {
        answered(&mut told, answer);
    }
    told
}

/// None where nobody said anything of it.
fn spoken(claim: &Claim, hand: &ByHand) -> Option<String> {
    let wording = hand.wording(&claim.id);
    let judgements: Vec<String> = hand
        .judgements
        .iter()
        .filter(|judgement| judgement.claim == claim.id)
        .map(|judgement| format!(" [{}: {}{}]", who(&judgement.hand), judgement.verdict.word(), why(&judgement.hand)))
        .collect();
    if wording.is_none() && judgements.is_empty() {
        return None;
    }
    let text = match wording {
        Some(wording) => format!("{} [Worded by {}{}]", wording.text, who(&wording.hand), why(&wording.hand)),
        None => claim.text.clone(),
    };
    Some(text + &judgements.concat())
}

/// Puts it wherever the statement stands.
fn say(report: &mut Report, claim: &Claim, text: &str) {
    let id = claim.id.as_str();
    let parts = report
        .claims
        .iter_mut()
        .map(|part| (&part.id, &mut part.text))
        .chain(report.timeline.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.causes.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.contributing.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.chain.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.actions.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.prevention.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.lessons.iter_mut().map(|part| (&part.claim, &mut part.text)))
        .chain(report.contradictions.iter_mut().map(|part| (&part.claim, &mut part.text)));
    parts.filter(|(part, _)| *part == id).for_each(|(_, own)| text.clone_into(own));
    for why in report.whys.iter_mut().filter(|why| why.claim.as_deref() == Some(id)) {
        why.answer = Some(text.to_owned());
    }
}

/// Its evidence is that somebody said so.
fn add(report: &mut Report, added: &Added) {
    let id = added.id();
    let assigned = added.assigned.as_ref().map(set_by).unwrap_or_default();
    let text = format!("{} [Added by {}{}]{assigned}", added.text, who(&added.hand), why(&added.hand));
    let evidence = format!("hand-{}", added.hand.version);
    let citations = Citations::new(evidence.clone(), []);
    report.evidence.push(Evidence {
        id: evidence,
        source: format!("said by {}", added.hand.by),
        line: 1,
        last_line: 1,
        bytes: [0, added.text.len() as u64],
        at: Some(added.hand.at.clone()),
        text: added.text.clone(),
        withheld: false,
        before: Vec::new(),
        after: Vec::new(),
    });
    report.claims.push(Claim {
        id: id.clone(),
        section: Section::Actions,
        text: text.clone(),
        status: ClaimStatus::Stated,
        confidence: 1.0,
        citations: citations.clone(),
        derivation: None,
    });
    report.actions.push(Action {
        priority: None,
        text,
        owner: added.owner.clone(),
        due: added.due.clone(),
        status: added.status.clone(),
        origin: Origin::Stated,
        done_when: None,
        claim: id,
        citations,
    });
}

fn answered(report: &mut Report, answer: &Answer) {
    if let Some(unknown) = report.unknowns.iter_mut().find(|unknown| unknown.field == answer.field) {
        unknown.question = format!("{} [Answered by {}: {}]", unknown.question, who(&answer.hand), answer.text);
    }
}

fn set_by(hand: &Hand) -> String {
    format!(" [Owner, date and status as set by {}]", who(hand))
}

/// `Ann on 2026-11-28`.
fn who(hand: &Hand) -> String {
    format!("{} on {}", hand.by, hand.at.get(..10).unwrap_or(&hand.at))
}

fn why(hand: &Hand) -> String {
    if hand.why.is_empty() { String::new() } else { format!(": {}", hand.why) }
}
