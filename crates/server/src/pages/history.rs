//! What was changed, by whom and why; what that made different; and the way back.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use report::revision::{Change, Difference, Revision};
use serde::Deserialize;

use super::{Head, Shown, page, visitor};
use crate::api::{Between, Shared, compared};
use crate::asked::Asked;
use crate::{clock, desk};

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Which {
    from: Option<String>,
    to: Option<String>,
    from_analysis: Option<String>,
    to_analysis: Option<String>,
}

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    title: String,
    case: Option<Head>,
    visitor: String,
    /// The newest first.
    rows: Vec<Row>,
    from: i64,
    to: i64,
    from_analysis: i64,
    to_analysis: i64,
    differences: Vec<Difference>,
    analyses: Vec<(i64, String)>,
    unmatched: Vec<(String, String, String)>,
    superseded: Vec<(String, String, String)>,
}

struct Row {
    version: i64,
    at: String,
    by: String,
    why: String,
    what: String,
    text: String,
}

pub async fn show(State(app): Shared, Path(id): Path<String>, Asked(which): Asked<Which>, headers: HeaderMap) -> Shown {
    let case = app.store.case(&id).await?;
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<i64>().ok());
    let newest = case.analysis.unwrap_or(0);
    let to = number(&which.to).unwrap_or(case.version).clamp(0, case.version);
    let from = number(&which.from).unwrap_or(0).clamp(0, case.version);
    let to_analysis = number(&which.to_analysis).unwrap_or(newest);
    let from_analysis = number(&which.from_analysis).unwrap_or(to_analysis);
    let between = Between { from: Some(from), to: Some(to), from_analysis: Some(from_analysis), to_analysis: Some(to_analysis) };
    let (mut differences, mut unmatched, mut superseded) = (Vec::new(), Vec::new(), Vec::new());
    if case.analysis.is_some() {
        differences = compared(&app, &id, &between).await?;
        let now = desk::report(&app, &id, None, None).await?;
        let hand = now.by_hand.clone().unwrap_or_default();
        unmatched = hand.unmatched.into_iter().map(|u| (u.hand.by, u.was, u.text)).collect();
        let said = |id: &str| now.claims.iter().find(|claim| claim.id == id).map(|claim| claim.text.clone()).unwrap_or_default();
        superseded = hand
            .wordings
            .iter()
            .filter(|w| w.was.is_some())
            .map(|w| (w.hand.by.clone(), w.text.clone(), said(&w.claim)))
            .collect();
    }
    let mut rows: Vec<Row> = desk::revisions(&app, &id, i64::MAX).await?.into_iter().map(row).collect();
    rows.reverse();
    let analyses = app.store.analyses(&id).await?;
    page(&History {
        title: case.title.clone(),
        case: Some(Head::of(&case, "history")),
        visitor: visitor(&headers),
        rows,
        from,
        to,
        from_analysis,
        to_analysis,
        differences,
        analyses: analyses.into_iter().map(|analysis| (analysis.number, clock::words(analysis.at))).collect(),
        unmatched,
        superseded,
    })
}

fn row(revision: Revision) -> Row {
    let (what, text) = match revision.change {
        Change::Reword { statement, text } => ("worded a sentence".to_owned(), format!("“{text}” for “{}”", statement.text)),
        Change::Judge { statement, verdict } => (format!("called a sentence {}", verdict.word()), statement.text),
        Change::Answer { field, text } => (format!("answered what {} is", field.replace('_', " ")), text),
        Change::Testify { text, .. } => ("stated as evidence".to_owned(), text),
        Change::Choose { cause } => ("chose a cause".to_owned(), cause.text),
        Change::Assign { action, owner, due, status } => (set([owner, due, status]), action.text),
        Change::AssignAdded { text, owner, due, status, .. } => (set([owner, due, status]), text),
        Change::Act { text, .. } => ("added an action".to_owned(), text),
        Change::Restore { version } => (format!("restored version {version}"), String::new()),
    };
    Row { version: revision.version, at: revision.at, by: revision.by, why: revision.why, what, text }
}

fn set(values: [Option<String>; 3]) -> String {
    let named = ["owner", "due", "status"].into_iter().zip(values);
    let said: Vec<String> = named.filter_map(|(name, value)| Some(format!("{name} {}", value?))).collect();
    format!("set {}", said.join(", "))
}
