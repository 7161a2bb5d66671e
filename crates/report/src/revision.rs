//! What people say about a report: other words for a sentence, verdicts, answers, owners and dates, a choice between causes.
//!
//! A change never touches what the analysis said. It is kept beside it ([`ByHand`]), found again in a later analysis by what
//! the statement cites, and woven into the text only for a page ([`told`]), with the name of whoever said it. So the report
//! stays checkable and a person's words stay a person's. This module must never know where changes are kept. What misleads
//! it: a later analysis that says something else about the very same records; the difference is then listed, not decided.

mod anchor;
mod compare;
mod told;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use anchor::Anchor;
pub use compare::{Difference, compare};
pub use told::told;

use crate::model::Report;

/// One change to a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Other words for a statement; its citations stay.
    Reword { statement: Anchor, text: String },
    /// Whether a statement is right.
    Judge { statement: Anchor, verdict: Verdict },
    /// An answer to an open question, by the field that it asks for.
    Answer { field: String, text: String },
    /// What somebody saw or did, as evidence for the next analysis.
    Testify {
        text: String,
        /// When it was so; RFC 3339.
        about: Option<String>,
    },
    /// Which hypothesis the team holds for the cause.
    Choose { cause: Anchor },
    /// What becomes of an action that stands in the report.
    Assign { action: Anchor, owner: Option<String>, due: Option<String>, status: Option<String> },
    /// An action that nobody stated in the evidence.
    Act { text: String, owner: Option<String>, due: Option<String> },
    /// What becomes of an action that somebody added: the version that added it, and what it said.
    AssignAdded { added: i64, text: String, owner: Option<String>, due: Option<String>, status: Option<String> },
    /// Everything as it was at a version.
    Restore { version: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Right,
    Wrong,
    Partly,
}

/// A change with who made it, when and why, in the order of `version`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    pub version: i64,
    /// RFC 3339 UTC.
    pub at: String,
    pub by: String,
    pub why: String,
    pub change: Change,
}

/// Who said it, when and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hand {
    pub by: String,
    pub at: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    pub version: i64,
}

/// What people said, beside what the analysis said; the `by_hand` of a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ByHand {
    /// The last change that is in it.
    pub version: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Wording>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judgements: Vec<Judgement>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned: Vec<Assigned>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Added>,
    /// What was said of statements that this analysis does not make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmatched: Vec<Unmatched>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wording {
    pub claim: String,
    pub text: String,
    /// What the analysis said when it was worded, where it says something else now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    pub claim: String,
    pub verdict: Verdict,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub field: String,
    pub text: String,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Of the cause.
    pub claim: String,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// Of the action.
    pub claim: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub status: Option<String>,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub text: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Who said last what became of it, where somebody did after it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Hand>,
    #[serde(flatten)]
    pub hand: Hand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unmatched {
    /// What the analysis said then.
    pub was: String,
    /// What was said of it.
    pub text: String,
    #[serde(flatten)]
    pub hand: Hand,
}

impl Added {
    /// By which it is named where claims are; the same whatever else is added or taken back.
    pub fn id(&self) -> String {
        format!("h{}", self.hand.version)
    }
}

impl ByHand {
    pub fn is_empty(&self) -> bool {
        *self == ByHand { version: self.version, ..ByHand::default() }
    }

    pub fn wording(&self, claim: &str) -> Option<&Wording> {
        self.wordings.iter().find(|wording| wording.claim == claim)
    }

    pub fn added(&self, id: &str) -> Option<&Added> {
        self.actions.iter().find(|action| action.id() == id)
    }
}

/// The analysis with what people said up to now beside it.
pub fn revised(mut report: Report, revisions: &[Revision]) -> Report {
    let mut hand = ByHand { version: revisions.last().map_or(0, |last| last.version), ..ByHand::default() };
    for revision in effective(revisions) {
        hand.take(revision, &report);
    }
    report.by_hand = (hand.version > 0).then_some(hand);
    report
}

/// What stands after all restoring, in order.
pub fn effective(revisions: &[Revision]) -> Vec<&Revision> {
    let mut standing: Vec<&Revision> = Vec::new();
    let mut at: BTreeMap<i64, Vec<&Revision>> = BTreeMap::from([(0, Vec::new())]);
    for revision in revisions {
        match revision.change {
            Change::Restore { version } => {
                standing = at.range(..=version).next_back().map(|(_, then)| then.clone()).unwrap_or_default();
            }
            _ => standing.push(revision),
        }
        at.insert(revision.version, standing.clone());
    }
    standing
}

impl ByHand {
    fn take(&mut self, revision: &Revision, report: &Report) {
        let hand =
            Hand { by: revision.by.clone(), at: revision.at.clone(), why: revision.why.clone(), version: revision.version };
        match &revision.change {
            Change::Reword { statement, text } => match statement.find(report) {
                Some(claim) => {
                    self.wordings.retain(|other| other.claim != claim.id);
                    // The analysis's own words again: nothing is left to be said.
                    if *text != claim.text {
                        let was = (statement.text != claim.text).then(|| statement.text.clone());
                        self.wordings.push(Wording { claim: claim.id.clone(), text: text.clone(), was, hand });
                    }
                }
                None => self.lost(statement, text.clone(), hand),
            },
            Change::Judge { statement, verdict } => match statement.find(report) {
                Some(claim) => {
                    // The last word of each person counts.
                    self.judgements.retain(|other| other.claim != claim.id || other.hand.by != hand.by);
                    self.judgements.push(Judgement { claim: claim.id.clone(), verdict: *verdict, hand });
                }
                None => self.lost(statement, verdict.word().to_string(), hand),
            },
            Change::Answer { field, text } => {
                self.answers.retain(|other| other.field != *field);
                self.answers.push(Answer { field: field.clone(), text: text.clone(), hand });
            }
            Change::Choose { cause } => match cause.find(report) {
                Some(claim) => self.choice = Some(Choice { claim: claim.id.clone(), hand }),
                None => self.lost(cause, "chosen as the cause".to_string(), hand),
            },
            Change::Assign { action, owner, due, status } => match action.find(report) {
                Some(claim) => self.assign(claim.id.clone(), (owner, due, status), hand),
                None => self.lost(action, owner.clone().unwrap_or_default(), hand),
            },
            Change::Act { text, owner, due } => {
                let (status, assigned) = (None, None);
                self.actions.push(Added { text: text.clone(), owner: owner.clone(), due: due.clone(), status, assigned, hand });
            }
            Change::AssignAdded { added, owner, due, status, .. } => {
                // Restoring takes back what was said of an action with the action.
                if let Some(action) = self.actions.iter_mut().find(|action| action.hand.version == *added) {
                    let (owner, due, status) = (owner.clone(), due.clone(), status.clone());
                    (action.owner, action.due) = (owner.or(action.owner.take()), due.or(action.due.take()));
                    (action.status, action.assigned) = (status.or(action.status.take()), Some(hand));
                }
            }
            // It is a source of the next analysis, and cited there.
            Change::Testify { .. } | Change::Restore { .. } => {}
        }
    }

    /// What a later one leaves open stays as an earlier one said.
    fn assign(&mut self, claim: String, (owner, due, status): (&Option<String>, &Option<String>, &Option<String>), hand: Hand) {
        let before = self.assigned.iter().position(|other| other.claim == claim).map(|i| self.assigned.remove(i));
        let (old_owner, old_due, old_status) = before.map_or((None, None, None), |b| (b.owner, b.due, b.status));
        let (owner, due, status) = (owner.clone().or(old_owner), due.clone().or(old_due), status.clone().or(old_status));
        self.assigned.push(Assigned { claim, owner, due, status, hand });
    }

    fn lost(&mut self, statement: &Anchor, text: String, hand: Hand) {
        self.unmatched.push(Unmatched { was: statement.text.clone(), text, hand });
    }
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong => "wrong",
            Verdict::Partly => "not quite right",
        }
    }
}

#[cfg(test)]
mod tests;
