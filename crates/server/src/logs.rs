//! The log room on the web: search, counts over time, patterns, and the lines around a place.
//!
//! Every line that is shown is redacted on its way out. A search answers within its time: what it has by then, and where to
//! go on. Must never know how a room is kept.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use evidence::Level;
use futures::Stream;
use logroom::{Count, Order, Position, Query, Seek, Stretch};
use redact::Redactor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::app::App;
use crate::asked::Asked;
use crate::error::{Answer, Problem};
use crate::progress::EventBody;
use crate::rooms::{self, Opened};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(counts))
        .routes(routes!(lines))
        .routes(routes!(sources))
        .routes(routes!(patterns))
}

/// After so long a search answers with what it has.
const PATIENCE: Duration = Duration::from_millis(700);
const THREADS: usize = 2;
const MOST: usize = 200;
/// Blocks that are counted between two messages.
const STEP: u32 = 64;
const BARS: usize = 120;

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Sought {
    /// Words, "phrases", /regular expressions/, -without, level:error, service:x, source:x, pattern:p17, trace:id, field:name=value, from:time, to:time.
    #[serde(default)]
    pub q: String,
    /// Where the page before ended.
    #[param(pattern = "^([0-9]+[.][0-9]+([.]-?[0-9]+)?)?$")]
    pub after: Option<String>,
    /// Records of a page, up to 200; 50 unless given.
    pub limit: Option<usize>,
    /// `place` (default): source by source; `time`.
    #[param(pattern = "^(place|time)?$")]
    pub order: Option<String>,
}

/// What is counted, by the same words.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asking {
    /// As of a search.
    #[serde(default)]
    pub q: String,
}

fn query(line: &str) -> Answer<Query> {
    Query::parse(line)
        .map_err(|wrong| Problem::bad(format!("The search cannot be read at character {}: {}.", wrong.at + 1, wrong.why)))
}

impl Sought {
    fn seek(&self) -> Answer<Seek> {
        let after: Option<Position> = match self.after.as_deref().filter(|after| !after.is_empty()) {
            None => None,
            Some(after) => Some(after.parse().map_err(|_| Problem::bad("This is no place where a page ended."))?),
        };
        let order = match self.order.as_deref() {
            Some("time") => Order::Time,
            None | Some("place" | "") => Order::Place,
            Some(_) => return Err(Problem::bad("The order is place or time.")),
        };
        Ok(Seek { after, limit: self.limit.unwrap_or(50).clamp(1, MOST), order, threads: THREADS })
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HitBody {
    pub source: String,
    pub line: u64,
    pub last_line: u64,
    /// RFC 3339 UTC.
    pub at: Option<String>,
    pub level: Option<String>,
    pub service: Option<String>,
    pub pattern: Option<String>,
    /// Without secrets; of a long record a part in which it matches.
    pub text: String,
    /// Text before, text that matched, and so on by turns; empty where a secret was taken out of it.
    pub parts: Vec<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Found {
    pub hits: Vec<HitBody>,
    /// Give it as `after` to go on.
    pub next: Option<String>,
    /// False: the search took too long and stopped; go on with `next` or refine it.
    pub is_complete: bool,
    /// Blocks that were read, and those that need not be.
    pub scanned: u64,
    pub skipped: u64,
}

/// Records that match, a page at a time.
#[utoipa::path(get, path = "/api/v1/cases/{case}/logs", tag = "logs", params(("case" = String, Path), Sought),
    responses((status = 200, body = Found), (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn search(State(app): Shared, Path(case): Path<String>, Asked(sought): Asked<Sought>) -> Answer<Json<Found>> {
    Ok(Json(found(&app, &case, &sought).await?))
}

pub async fn found(app: &Arc<App>, case: &str, sought: &Sought) -> Answer<Found> {
    let (query, seek) = (query(&sought.q)?, sought.seek()?);
    let room = rooms::of(app, case).await?;
    run(app, move || {
        let begun = Instant::now();
        let mut watch = |_| if begun.elapsed() > PATIENCE { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let page = room.search(&query, &seek, &mut watch).map_err(fault)?;
        let mut redactor = Redactor::new();
        let hits = page.hits.iter().map(|hit| body(hit, &room, &mut redactor)).collect();
        Ok(Found {
            hits,
            next: page.next.map(|next| next.to_string()),
            is_complete: page.is_complete,
            scanned: page.scanned,
            skipped: page.skipped,
        })
    })
    .await
}

/// Off the threads that answer, and not all at once.
async fn run<T: Send + 'static>(app: &Arc<App>, work: impl FnOnce() -> Answer<T> + Send + 'static) -> Answer<T> {
    let _turn = app.searches.acquire().await;
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::fault("The search met a fault."))?
}

fn fault(fault: logroom::Fault) -> Problem {
    match fault {
        logroom::Fault::Query(wrong) => Problem::bad(format!("The search cannot be read: {}.", wrong.why)),
        _ => Problem::fault("The log room of this case cannot be read; it will be built again."),
    }
}

fn body(hit: &logroom::Hit, room: &Opened, redactor: &mut Redactor) -> HitBody {
    let text = redactor.redact(&hit.text);
    let parts = if text == hit.text { parts(&hit.text, &hit.ranges) } else { Vec::new() };
    HitBody {
        source: name(room, hit.source),
        line: hit.line,
        last_line: hit.last_line,
        at: hit.at.map(|at| at.rfc3339()),
        level: hit.level.map(level_name),
        service: hit.service.as_deref().map(|service| redactor.redact(service)),
        pattern: hit.pattern.map(|rank| format!("p{rank}")),
        text,
        parts,
    }
}

fn name(room: &Opened, source: u32) -> String {
    room.sources().get(source as usize).map(|totals| totals.name.clone()).unwrap_or_default()
}

fn level_name(level: Level) -> String {
    format!("{level:?}").to_lowercase()
}

fn parts(text: &str, ranges: &[std::ops::Range<usize>]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut from = 0;
    for range in ranges {
        let (Some(before), Some(matched)) = (text.get(from..range.start), text.get(range.clone())) else { continue };
        parts.extend([before.to_owned(), matched.to_owned()]);
        from = range.end;
    }
    parts.push(text.get(from..).unwrap_or_default().to_owned());
    parts
}

/// How many records match so far.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Counted {
    pub total: u64,
    /// By level, each a pair of its name and its number; `none` are those without one.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub levels: Vec<(String, u64)>,
    /// Start of each bin (RFC 3339 UTC), its records, those of level error and above among them; each a list of these three.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub bars: Vec<(String, u64, u64)>,
    pub bin_s: i64,
    pub is_done: bool,
}

/// Counts over time as they come in, as server-sent events; the last one is `end`.
#[utoipa::path(get, path = "/api/v1/cases/{case}/logs/counts", tag = "logs", params(("case" = String, Path), Asking),
    responses((status = 200, content_type = "text/event-stream", body = EventBody, description = "`progress` and at last `end`; the data of each is a Counted"), (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn counts(
    State(app): Shared,
    Path(case): Path<String>,
    Asked(asking): Asked<Asking>,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let query = query(&asking.q)?;
    let room = rooms::of(&app, &case).await?;
    let (width, room, query) = run(&app, move || Ok((room.width(&query, BARS).map_err(fault)?, room, query))).await?;
    let stream = futures::stream::unfold(Some(Count::default()), move |so_far| {
        let (app, room, query) = (app.clone(), room.clone(), query.clone());
        async move {
            let mut so_far = so_far?;
            let stretch = Stretch { from_block: so_far.next.unwrap_or(0), budget: STEP, bin_s: width, threads: THREADS };
            let step = run(&app, move || room.count(&query, &stretch).map_err(fault)).await.ok()?;
            so_far.join(&step);
            let is_done = so_far.next.is_none();
            let data = serde_json::to_string(&counted(&so_far, is_done)).unwrap_or_default();
            let event = Event::default().event(if is_done { "end" } else { "progress" }).data(data);
            Some((Ok(event), (!is_done).then_some(so_far)))
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

fn counted(count: &Count, is_done: bool) -> Counted {
    let names = Level::ALL.iter().map(|level| level_name(*level)).chain(std::iter::once("none".to_owned()));
    let errors = |levels: &logroom::Levels| {
        Level::ALL.iter().zip(levels).filter(|(level, _)| **level >= Level::Error).map(|(_, count)| count).sum::<u64>()
    };
    Counted {
        total: count.total(),
        levels: names.zip(count.levels).collect(),
        bars: count.bars.each().map(|(at, levels)| (at.rfc3339(), levels.iter().sum(), errors(levels))).collect(),
        bin_s: count.bars.width(),
        is_done,
    }
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Around {
    pub source: String,
    pub line: u64,
    /// Lines before and after, up to 200; 20 unless given.
    pub context: Option<usize>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineBody {
    pub number: u64,
    pub text: String,
    pub at: Option<String>,
    pub level: Option<String>,
    /// It is the one that was asked for.
    pub is_it: bool,
}

/// The source's own lines around one.
#[utoipa::path(get, path = "/api/v1/cases/{case}/logs/lines", tag = "logs", params(("case" = String, Path), Around),
    responses((status = 200, body = Vec<LineBody>), (status = 400, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn lines(State(app): Shared, Path(case): Path<String>, Asked(around): Asked<Around>) -> Answer<Json<Vec<LineBody>>> {
    Ok(Json(around_line(&app, &case, around).await?))
}

pub async fn around_line(app: &Arc<App>, case: &str, around: Around) -> Answer<Vec<LineBody>> {
    let room = rooms::of(app, case).await?;
    let context = around.context.unwrap_or(20).min(MOST);
    let source = room.source_named(&around.source).ok_or_else(|| Problem::missing("source in the log room"))?;
    run(app, move || {
        let lines = room.context(source, around.line, context, context).map_err(fault)?;
        let mut redactor = Redactor::new();
        let body = |line: logroom::Line| LineBody {
            text: redactor.redact(&line.text),
            at: line.at.map(|at| at.rfc3339()),
            level: line.level.map(level_name),
            is_it: line.number == around.line,
            number: line.number,
        };
        Ok(lines.into_iter().map(body).collect())
    })
    .await
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceBody {
    pub name: String,
    pub format: String,
    pub bytes: u64,
    pub lines: u64,
    pub records: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Each a pair of its name and its number.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub levels: Vec<(String, u64)>,
    pub skipped: Vec<String>,
}

/// What is in the log room.
#[utoipa::path(get, path = "/api/v1/cases/{case}/logs/sources", tag = "logs", params(("case" = String, Path)),
    responses((status = 200, body = Vec<SourceBody>), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn sources(State(app): Shared, Path(case): Path<String>) -> Answer<Json<Vec<SourceBody>>> {
    Ok(Json(sources_of(&rooms::of(&app, &case).await?)))
}

pub fn sources_of(room: &Opened) -> Vec<SourceBody> {
    let names = || Level::ALL.iter().map(|level| level_name(*level)).chain(std::iter::once("none".to_owned()));
    let body = |totals: &logroom::SourceTotals| SourceBody {
        name: totals.name.clone(),
        format: totals.format.clone(),
        bytes: totals.bytes,
        lines: totals.lines,
        records: totals.records,
        first: totals.first.map(|at| at.rfc3339()),
        last: totals.last.map(|at| at.rfc3339()),
        levels: names().zip(totals.levels).filter(|(_, count)| *count > 0).collect(),
        skipped: totals.skipped.clone(),
    };
    room.sources().iter().map(body).collect()
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PatternBody {
    pub pattern: String,
    pub template: String,
    pub count: u64,
}

/// The kinds of message, the most frequent first; at most 500.
#[utoipa::path(get, path = "/api/v1/cases/{case}/logs/patterns", tag = "logs", params(("case" = String, Path)),
    responses((status = 200, body = Vec<PatternBody>), (status = 404, body = Problem), (status = 503, body = Problem)))]
async fn patterns(State(app): Shared, Path(case): Path<String>) -> Answer<Json<Vec<PatternBody>>> {
    Ok(Json(patterns_of(&rooms::of(&app, &case).await?, 500)))
}

pub fn patterns_of(room: &Opened, most: usize) -> Vec<PatternBody> {
    let mut redactor = Redactor::new();
    let mut body = |(rank, pattern): (usize, &logroom::Pattern)| PatternBody {
        pattern: format!("p{}", rank + 1),
        template: redactor.redact(&pattern.template),
        count: pattern.count,
    };
    room.patterns().iter().enumerate().take(most).map(&mut body).collect()
}
