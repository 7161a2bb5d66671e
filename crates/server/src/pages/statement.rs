//! One statement: what was said of it, and the forms to say more. A change that comes by a form is the API's change.
//!
//! An action that somebody added is no statement of the analysis: it can be assigned, and nothing else.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use report::model::{Claim, ClaimStatus, Report};
use report::revision::told;
use serde::Deserialize;

use super::{Head, Shown, page, remember, see, visitor};
use crate::api::Shared;
use crate::desk;
use crate::desk::{Wanted, Wish};
use crate::error::{Answer, Problem};

#[derive(Template)]
#[template(path = "statement.html")]
struct Panel {
    title: String,
    case: Option<Head>,
    visitor: String,
    /// Only the panel, for the page that is open.
    part: bool,
    claim: String,
    text: String,
    machine: String,
    status: &'static str,
    confidence: i64,
    worded: Option<(String, String, Option<String>)>,
    judgements: Vec<(String, &'static str, String)>,
    cause: bool,
    chosen: bool,
    action: Option<(String, String, String)>,
    /// Who added it, where it is no statement of the analysis.
    added: Option<String>,
    cites: Vec<(String, String, String)>,
}

/// One statement with what was said of it, and forms to say more.
pub async fn show(State(app): Shared, Path((id, claim)): Path<(String, String)>, headers: HeaderMap) -> Shown {
    let case = app.store.case(&id).await?;
    let report = desk::report(&app, &id, None, None).await?;
    let panel = panel(&report, &claim).ok_or_else(|| Problem::missing("statement in the newest report of this case"))?;
    page(&Panel {
        title: case.title.clone(),
        case: Some(Head::of(&case, "report")),
        visitor: visitor(&headers),
        part: headers.contains_key("hx-request"),
        ..panel
    })
}

fn panel(report: &Arc<Report>, id: &str) -> Option<Panel> {
    let hand = report.by_hand.clone().unwrap_or_default();
    let shown = told(report);
    let added = hand.added(id);
    let claim: &Claim = match added {
        Some(_) => shown.claims.iter().find(|claim| claim.id == id)?,
        None => report.claims.iter().find(|claim| claim.id == id)?,
    };
    let worded = hand.wording(id).map(|w| (w.hand.by.clone(), w.hand.why.clone(), w.was.clone()));
    let action = shown.actions.iter().find(|action| action.claim == id);
    let place = |id: &String| {
        let evidence = report.evidence.iter().find(|evidence| evidence.id == *id)?;
        Some((evidence.id.clone(), format!("{}:{}", evidence.source, evidence.line), evidence.text.clone()))
    };
    Some(Panel {
        title: String::new(),
        case: None,
        visitor: String::new(),
        part: true,
        claim: id.to_owned(),
        text: match added {
            Some(added) => added.text.clone(),
            None => hand.wording(id).map_or_else(|| claim.text.clone(), |wording| wording.text.clone()),
        },
        added: added.map(|added| added.hand.by.clone()),
        machine: claim.text.clone(),
        status: match claim.status {
            ClaimStatus::Measured => "measured",
            ClaimStatus::Stated => "stated",
            ClaimStatus::Inferred => "inferred",
            ClaimStatus::Disputed => "disputed",
        },
        confidence: (claim.confidence * 100.0).round() as i64,
        worded,
        judgements: hand
            .judgements
            .iter()
            .filter(|j| j.claim == id)
            .map(|j| (j.hand.by.clone(), j.verdict.word(), j.hand.why.clone()))
            .collect(),
        cause: report.causes.iter().any(|cause| cause.claim == id),
        chosen: hand.choice.as_ref().is_some_and(|choice| choice.claim == id),
        action: action.map(|a| {
            let words = |text: &Option<String>| text.clone().unwrap_or_default();
            (words(&a.owner), words(&a.due), words(&a.status))
        }),
        cites: claim.citations.iter().filter_map(place).collect(),
    })
}

/// A change as a form has it: every field is a text.
#[derive(Debug, Clone, Deserialize)]
pub struct Said {
    kind: String,
    by: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    expected: String,
    #[serde(default)]
    claim: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    version: String,
    /// Where to go on, within the case.
    #[serde(default)]
    then: String,
}

impl Said {
    fn wanted(&self) -> Answer<Wanted> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        let (claim, text) = (self.claim.clone(), self.text.clone());
        let change = match self.kind.as_str() {
            "reword" => Wish::Reword { claim, text },
            "judge" => Wish::Judge { claim, verdict: self.verdict.clone() },
            "answer" => Wish::Answer { field: self.field.clone(), text },
            "testify" => Wish::Testify { text, about: some(&self.about) },
            "choose" => Wish::Choose { claim },
            "assign" => Wish::Assign { claim, owner: some(&self.owner), due: some(&self.due), status: some(&self.status) },
            "act" => Wish::Act { text, owner: some(&self.owner), due: some(&self.due) },
            "restore" => Wish::Restore { version: self.version.parse().map_err(|_| Problem::bad("Which version?"))? },
            _ => return Err(Problem::bad("There is no such change.")),
        };
        Ok(Wanted { by: self.by.clone(), why: self.why.clone(), expected: self.expected.parse().ok(), change })
    }
}

pub async fn change(State(app): Shared, Path(id): Path<String>, Form(said): Form<Said>) -> Shown {
    desk::change(&app, &id, said.wanted()?).await?;
    let then = match said.then.as_str() {
        "evidence" | "history" => format!("/cases/{id}/{}", said.then),
        _ => format!("/cases/{id}{}", anchor(&said.claim)),
    };
    let mut response = see(&then);
    remember(&mut response, &desk::line(&said.by, 80));
    Ok(response)
}

/// Back to where the statement stands.
fn anchor(claim: &str) -> String {
    if !claim.is_empty() && claim.chars().all(|c| c.is_ascii_alphanumeric()) { format!("#{claim}") } else { String::new() }
}
