//! The first page: drop files, paste, or open the example; and the cases that are there.

use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::HeaderMap;

use super::{Shown, page, remember, see, visitor};
use crate::api::Shared;
use crate::error::Problem;
use crate::{clock, desk, upload};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    cases: Vec<Row>,
    visitor: String,
    has_example: bool,
    title: &'static str,
    case: Option<super::Head>,
}

struct Row {
    id: String,
    title: String,
    when: String,
    size: String,
    state: &'static str,
}

pub async fn show(State(app): Shared, headers: HeaderMap) -> Shown {
    let mut cases = Vec::new();
    for case in app.store.cases().await? {
        let state = match (case.analysis, case.uploads) {
            (Some(_), _) => "report",
            (None, 0) => "empty",
            (None, _) => match app.store.job(&case.id).await?.map(|job| job.state) {
                Some(store::State::Queued | store::State::Running) => "being read",
                _ => "no report",
            },
        };
        let files = if case.uploads == 1 { "file" } else { "files" };
        cases.push(Row {
            when: clock::words(case.created_at),
            size: format!("{} {files}, {}", case.uploads, amount(case.bytes)),
            id: case.id,
            title: case.title,
            state,
        });
    }
    let has_example = !app.options.example.is_empty();
    page(&Home { cases, visitor: visitor(&headers), has_example, title: "Cases", case: None })
}

/// A new case of what a form brought.
pub async fn create(State(app): Shared, parts: Multipart) -> Shown {
    let form = upload::form(&app, parts).await?;
    if form.files.is_empty() {
        return Err(Problem::bad("There was no file and no text in it. Choose a file, or paste what you have.").into());
    }
    let first = form.files.first().map(|(name, _)| upload::label(name)).unwrap_or_default();
    let title = if form.title.is_empty() { titled(&first, form.files.len()) } else { form.title.clone() };
    let case = app.store.create_case(&title, None, app.now()).await?.value;
    for (name, blob) in &form.files {
        upload::add(&app, &case.id, (name, &form.by), blob).await?;
    }
    let mut response = see(&format!("/cases/{}", case.id));
    if !form.by.is_empty() {
        remember(&mut response, &form.by);
    }
    Ok(response)
}

pub fn titled(first: &str, count: usize) -> String {
    if count > 1 { format!("{first} and {} more", count - 1) } else { desk::line(first, 200) }
}

/// The invented incident that comes with the program; the same case however often it is opened.
pub async fn example(State(app): Shared) -> Shown {
    let now = app.now();
    let made = app.store.create_case("Example: checkout goes down", Some("example"), now).await?;
    for (name, bytes) in &app.options.example {
        let mut incoming = app.store.incoming(now)?;
        incoming.write(bytes).await?;
        let blob = incoming.finish().await?;
        upload::add(&app, &made.value.id, (name, "Casefile"), &blob).await?;
    }
    Ok(see(&format!("/cases/{}", made.value.id)))
}

pub fn amount(bytes: i64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
