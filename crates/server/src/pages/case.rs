//! A case: its report as people left it, or how far the work on it is; what may be taken along; and the case as a whole.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use report::layout::Layout;
use report::model::Report;
use report::render::formats::{FORMATS, Format};
use report::render::{Surround, html_within};
use report::revision::told;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::home::amount;
use super::{Head, Shown, page, see};
use crate::api::Shared;
use crate::app::{App, Page};
use crate::asked::Asked;
use crate::error::{Answer, Problem};
use crate::export;
use crate::{desk, progress, rooms};

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Which {
    version: Option<i64>,
    analysis: Option<i64>,
}

/// The report, or how far the work on it is.
pub async fn show(State(app): Shared, Path(id): Path<String>, Asked(which): Asked<Which>, headers: HeaderMap) -> Shown {
    let case = app.store.case(&id).await?;
    let Some(analysis) = which.analysis.or(case.analysis) else { return waiting(&app, &case).await };
    let version = which.version.unwrap_or(case.version).clamp(0, case.version);
    let busy = app.store.job(&id).await?.is_some_and(|job| matches!(job.state, store::State::Queued | store::State::Running));
    // The bar says which version and analysis is the newest.
    let place = format!("report {busy} {} {} {}", case.version, case.analysis.unwrap_or(0), case.title);
    let key = ((id.clone(), analysis, version), place);
    let ready = match app.pages.get(&key) {
        Some(ready) => ready,
        None => {
            let report = desk::report(&app, &id, Some(analysis), Some(version)).await?;
            let is_newest = version == case.version && Some(analysis) == case.analysis;
            let (hand, worded) = by_hand(&report);
            let bar = Bar { case: Some(&Head::of(&case, "report")), busy, is_newest, version, analysis, hand, worded };
            let top = bar.render().map_err(|_| Problem::fault("The page could not be made."))?;
            let made = tokio::task::spawn_blocking(move || whole(&report, &top)).await;
            let made = made.map_err(|_| Problem::fault("The page could not be made."))??;
            app.pages.insert(key, made.clone());
            made
        }
    };
    Ok(packed(&ready, &headers))
}

#[derive(Template)]
#[template(path = "bar.html")]
struct Bar<'b> {
    case: Option<&'b Head>,
    busy: bool,
    is_newest: bool,
    version: i64,
    analysis: i64,
    /// Ids of statements of which somebody said something, and of those in somebody's words.
    hand: String,
    worded: String,
}

/// Told beside the report, because brackets in a sentence may come out of a log.
fn by_hand(report: &Report) -> (String, String) {
    let Some(hand) = &report.by_hand else { return (String::new(), String::new()) };
    let worded: Vec<&str> = hand.wordings.iter().map(|wording| wording.claim.as_str()).collect();
    let mut all = worded.clone();
    all.extend(hand.judgements.iter().map(|judgement| judgement.claim.as_str()));
    all.extend(hand.choice.iter().map(|choice| choice.claim.as_str()));
    all.extend(hand.assigned.iter().map(|assigned| assigned.claim.as_str()));
    let added: Vec<String> = hand.actions.iter().map(|action| action.id()).collect();
    all.extend(added.iter().map(String::as_str));
    (all.join(" "), worded.join(" "))
}

const HEAD: &str = include_str!("../../templates/head.html");

fn whole(report: &Report, top: &str) -> Answer<Page> {
    let around = Surround { head: HEAD, top, end: include_str!("../../templates/desk.html") };
    let html = html_within(&told(report), &Layout::default(), &around);
    export::gate(html.as_bytes())?;
    let tag = Sha256::digest(html.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Ok(Page { packed: pack(html.as_bytes()), tag })
}

fn pack(bytes: &[u8]) -> Bytes {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default().into()
}

fn unpack(bytes: &[u8]) -> Vec<u8> {
    use std::io::Read;
    let mut out = Vec::new();
    let _ = flate2::read::GzDecoder::new(bytes).read_to_end(&mut out);
    out
}

/// As the browser likes it: nothing where it has it already, packed where it can unpack.
fn packed(ready: &Page, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", ready.tag);
    let says =
        |name, word: &str| headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word));
    let mut response = if says(header::IF_NONE_MATCH, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if says(header::ACCEPT_ENCODING, "gzip") {
        ([(header::CONTENT_ENCODING, "gzip")], ready.packed.clone()).into_response()
    } else {
        unpack(&ready.packed).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The report says itself which script may run.
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[derive(Template)]
#[template(path = "progress.html")]
struct Progress {
    title: String,
    case: Option<Head>,
    told: String,
    files: usize,
    size: String,
    is_empty: bool,
    failed: Option<String>,
    cancelled: bool,
}

async fn waiting(app: &App, case: &store::Case) -> Shown {
    let job = app.store.job(&case.id).await?;
    let state = job.as_ref().map(|job| job.state);
    let failed = job.filter(|job| job.state == store::State::Failed).map(|job| job.why.unwrap_or_default());
    page(&Progress {
        title: case.title.clone(),
        case: Some(Head::of(case, "report")),
        told: progress::told(app, &case.id).await?,
        files: usize::try_from(case.uploads).unwrap_or_default(),
        size: amount(case.bytes),
        is_empty: state.is_none(),
        failed,
        cancelled: state == Some(store::State::Cancelled),
    })
}

#[derive(Template)]
#[template(path = "export.html")]
struct Export {
    title: String,
    case: Option<Head>,
    formats: &'static [Format],
}

pub async fn export(State(app): Shared, Path(id): Path<String>) -> Shown {
    let case = app.store.case(&id).await?;
    page(&Export { title: case.title.clone(), case: Some(Head::of(&case, "export")), formats: FORMATS })
}

#[derive(Debug, Clone, Deserialize)]
pub struct Titled {
    title: String,
}

pub async fn rename(State(app): Shared, Path(id): Path<String>, Form(form): Form<Titled>) -> Shown {
    let title = desk::line(&form.title, 200);
    if title.is_empty() {
        return Err(Problem::bad("The title is empty.").into());
    }
    app.store.rename_case(&id, &title).await?;
    Ok(see(&format!("/cases/{id}/evidence")))
}

pub async fn delete(State(app): Shared, Path(id): Path<String>) -> Shown {
    app.store.delete_case(&id).await?;
    rooms::forget(&app, &id).await;
    Ok(see("/"))
}

pub async fn analyse(State(app): Shared, Path(id): Path<String>) -> Shown {
    app.store.case(&id).await?;
    app.store.enqueue(&id, app.now()).await?;
    app.work.notify_one();
    Ok(see(&format!("/cases/{id}")))
}

pub async fn cancel(State(app): Shared, Path(id): Path<String>) -> Shown {
    app.store.cancel(&id, app.now()).await?;
    Ok(see(&format!("/cases/{id}")))
}
