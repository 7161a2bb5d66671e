//! A case: its report as people left it, the files and statements it rests on, and what may be taken along.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use report::layout::Layout;
use report::model::{ClaimStatus, Report};
use report::render::{Surround, html_within};
use report::revision::told;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::home::amount;
use super::{Head, Shown, page, remember, see, visitor};
use crate::api::{self, Asked, Shared};
use crate::app::{App, Page};
use crate::desk::{Wanted, Wish};
use crate::error::{Answer, Problem};
use crate::export::{self, FORMATS};
use crate::{clock, desk, rooms, upload};

#[derive(Debug, Clone, Default, Deserialize)]
pub struct Which {
    version: Option<i64>,
    analysis: Option<i64>,
}

/// The report, or how far the work on it is.
pub async fn show(State(app): Shared, Path(id): Path<String>, Asked(which): Asked<Which>, headers: HeaderMap) -> Shown {
    let case = app.store.case(&id).await?;
    let Some(analysis) = which.analysis.or(case.analysis) else { return progress(&app, &case).await };
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
    let added: Vec<String> = (1..=hand.actions.len()).map(|number| format!("h{number}")).collect();
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

async fn progress(app: &App, case: &store::Case) -> Shown {
    let job = app.store.job(&case.id).await?;
    let state = job.as_ref().map(|job| job.state);
    let failed = job.filter(|job| job.state == store::State::Failed).map(|job| job.why.unwrap_or_default());
    page(&Progress {
        title: case.title.clone(),
        case: Some(Head::of(case, "report")),
        told: api::told(app, &case.id).await?,
        files: usize::try_from(case.uploads).unwrap_or_default(),
        size: amount(case.bytes),
        is_empty: state.is_none(),
        failed,
        cancelled: state == Some(store::State::Cancelled),
    })
}

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
pub async fn evidence(State(app): Shared, Path(id): Path<String>, headers: HeaderMap) -> Shown {
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
    app.store.remove_upload(&id, &upload, clock::now()).await?;
    app.work.notify_one();
    Ok(see(&format!("/cases/{id}/evidence")))
}

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
    cites: Vec<(String, String, String)>,
}

/// One statement with what was said of it, and forms to say more.
pub async fn statement(State(app): Shared, Path((id, claim)): Path<(String, String)>, headers: HeaderMap) -> Shown {
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
    let claim = report.claims.iter().find(|claim| claim.id == id)?;
    let hand = report.by_hand.clone().unwrap_or_default();
    let shown = told(report);
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
        text: hand.wording(id).map_or_else(|| claim.text.clone(), |wording| wording.text.clone()),
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
        chosen: hand.choice.is_some_and(|choice| choice.claim == id),
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

#[derive(Template)]
#[template(path = "export.html")]
struct Export {
    title: String,
    case: Option<Head>,
    formats: &'static [export::Format],
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
    app.store.enqueue(&id, clock::now()).await?;
    app.work.notify_one();
    Ok(see(&format!("/cases/{id}")))
}

pub async fn cancel(State(app): Shared, Path(id): Path<String>) -> Shown {
    app.store.cancel(&id, clock::now()).await?;
    Ok(see(&format!("/cases/{id}")))
}
