//! What a case rests on: its files, what people stated by hand, and the analyses of both.

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::http::HeaderMap;

use super::home::amount;
use super::{Head, Shown, page, see, visitor};
use crate::api::Shared;
use crate::error::Problem;
use crate::{clock, desk, upload};

#[derive(Template)]
#[template(path = "evidence.html")]
struct Evidence {
    title: String,
    case: Option<Head>,
    uploads: Vec<File>,
    statements: Vec<Statement>,
    visitor: String,
    analyses: Vec<(i64, String)>,
    newest: i64,
}

struct File {
    id: String,
    name: String,
    size: String,
    by: String,
    when: String,
    sha256: String,
}

struct Statement {
    by: String,
    when: String,
    about: Option<String>,
    text: String,
}

/// What the report rests on: files, and what people stated by hand.
pub async fn show(State(app): Shared, Path(id): Path<String>, headers: HeaderMap) -> Shown {
    let case = app.store.case(&id).await?;
    let uploads = app.store.uploads(&id).await?;
    let revisions = desk::revisions(&app, &id, i64::MAX).await?;
    let statements = report::revision::effective(&revisions).into_iter().filter_map(|revision| match &revision.change {
        report::revision::Change::Testify { text, about } => {
            Some(Statement { by: revision.by.clone(), when: revision.at.clone(), about: about.clone(), text: text.clone() })
        }
        _ => None,
    });
    let analyses = app.store.analyses(&id).await?;
    page(&Evidence {
        title: case.title.clone(),
        case: Some(Head::of(&case, "evidence")),
        uploads: uploads
            .into_iter()
            .map(|u| File { size: amount(u.bytes), when: clock::words(u.at), id: u.id, name: u.name, by: u.by, sha256: u.sha256 })
            .collect(),
        statements: statements.collect(),
        visitor: visitor(&headers),
        newest: case.analysis.unwrap_or_default(),
        analyses: analyses.into_iter().map(|analysis| (analysis.number, clock::words(analysis.at))).collect(),
    })
}

/// Further files of a form.
pub async fn add(State(app): Shared, Path(id): Path<String>, parts: Multipart) -> Shown {
    app.store.case(&id).await?;
    let form = upload::form(&app, parts).await?;
    if form.files.is_empty() {
        return Err(Problem::bad("There was no file and no text in it.").into());
    }
    for (name, blob) in &form.files {
        upload::add(&app, &id, (name, &form.by), blob).await?;
    }
    Ok(see(&format!("/cases/{id}/evidence")))
}

pub async fn remove(State(app): Shared, Path((id, upload)): Path<(String, String)>) -> Shown {
    app.store.remove_upload(&id, &upload, app.now()).await?;
    app.work.notify_one();
    Ok(see(&format!("/cases/{id}/evidence")))
}
