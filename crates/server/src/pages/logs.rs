//! The log room as a page: the search, what it found, and the lines around a place.

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::{Head, Shown, page};
use crate::api::Shared;
use crate::asked::Asked;
use crate::error::Problem;
use crate::logs::{Around, Found, LineBody, PatternBody, Sought, SourceBody, around_line, found, patterns_of, sources_of};
use crate::rooms;

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    after: Option<String>,
    order: Option<String>,
    /// `source:line`: the lines around it.
    at: Option<String>,
}

#[derive(Template)]
#[template(path = "logs.html")]
struct Logs {
    title: String,
    case: Option<Head>,
    q: String,
    order: String,
    found: Option<Found>,
    wrong: Option<String>,
    waiting: bool,
    at: Option<String>,
    around: Vec<LineBody>,
    sources: Vec<SourceBody>,
    patterns: Vec<PatternBody>,
}

pub async fn show(State(app): Shared, Path(id): Path<String>, Asked(wanted): Asked<Wanted>) -> Shown {
    let case = app.store.case(&id).await?;
    let mut logs = Logs {
        title: case.title.clone(),
        case: Some(Head::of(&case, "logs")),
        q: wanted.q.clone(),
        order: wanted.order.clone().unwrap_or_default(),
        found: None,
        wrong: None,
        waiting: false,
        at: wanted.at.clone(),
        around: Vec::new(),
        sources: Vec::new(),
        patterns: Vec::new(),
    };
    let room = match rooms::of(&app, &id).await {
        Ok(room) => room,
        Err(problem) if problem.status == 503 => {
            logs.waiting = true;
            return page(&logs);
        }
        Err(problem) => return Err(problem.into()),
    };
    logs.sources = sources_of(&room);
    logs.patterns = patterns_of(&room, 40);
    if let Some((source, line)) = wanted.at.as_deref().and_then(|at| at.rsplit_once(':')) {
        let line = line.parse().map_err(|_| Problem::bad("A place is a source, a colon and a line."))?;
        logs.around = around_line(&app, &id, Around { source: source.to_owned(), line, context: Some(40) }).await?;
        return page(&logs);
    }
    let sought = Sought { q: wanted.q, after: wanted.after, limit: None, order: wanted.order };
    match found(&app, &id, &sought).await {
        Ok(found) => logs.found = Some(found),
        Err(problem) if problem.status == 400 => logs.wrong = Some(problem.detail),
        Err(problem) => return Err(problem.into()),
    }
    page(&logs)
}
