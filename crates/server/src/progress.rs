//! How far the work on a case is: asked for once, or told as it changes; begun again and stopped.
//!
//! Must never know what an analysis does. What misleads it: another process that works on the same case says nothing here, so
//! its progress is looked up now and then.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Shared;
use crate::app::App;
use crate::error::{Answer, Problem};
use crate::work::Told;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(job, analyse, cancel)).routes(routes!(events))
}

/// How far the analysis of a case is.
#[utoipa::path(get, path = "/api/v1/cases/{case}/analysis", tag = "analysis", params(("case" = String, Path)),
    responses((status = 200, body = Told), (status = 404, body = Problem)))]
async fn job(State(app): Shared, Path(case): Path<String>) -> Answer<Response> {
    let told = told(&app, &case).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], told).into_response())
}

/// Analyses a case again.
#[utoipa::path(post, path = "/api/v1/cases/{case}/analysis", tag = "analysis", params(("case" = String, Path)),
    responses((status = 202), (status = 404, body = Problem)))]
async fn analyse(State(app): Shared, Path(case): Path<String>) -> Answer<StatusCode> {
    app.store.case(&case).await?;
    app.store.enqueue(&case, app.now()).await?;
    app.work.notify_one();
    Ok(StatusCode::ACCEPTED)
}

/// Stops the analysis of a case.
#[utoipa::path(delete, path = "/api/v1/cases/{case}/analysis", tag = "analysis", params(("case" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn cancel(State(app): Shared, Path(case): Path<String>) -> Answer<StatusCode> {
    app.store.case(&case).await?;
    app.store.cancel(&case, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far the work on a case is, from its newest job; JSON of [`Told`].
pub async fn told(app: &App, case: &str) -> Answer<String> {
    let found = app.store.case(case).await?;
    let Some(job) = app.store.job(case).await? else {
        return Ok(serde_json::to_string(&Told::phase("empty")).unwrap_or_default());
    };
    let told = |phase: &str| Told { analysis: found.analysis, why: job.why.clone(), ..Told::phase(phase) };
    let told = match job.state {
        store::State::Queued => told("queued"),
        store::State::Running => match job.progress.clone() {
            Some(progress) if !progress.is_empty() => return Ok(progress),
            _ => told("reading"),
        },
        store::State::Done => told("done"),
        store::State::Failed => told("failed"),
        store::State::Cancelled => told("cancelled"),
    };
    Ok(serde_json::to_string(&told).unwrap_or_default())
}

/// A server-sent event, as it stands in the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventBody {
    /// `progress` or `end`.
    pub event: String,
    /// JSON.
    pub data: String,
}

/// The same as it changes, as server-sent events; ends when the work does.
#[utoipa::path(get, path = "/api/v1/cases/{case}/events", tag = "analysis", params(("case" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = EventBody, description = "`progress` and at last `end`; the data of each is a Told"), (status = 404, body = Problem)))]
async fn events(State(app): Shared, Path(case): Path<String>) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let listener = app.listen(&case);
    let first = told(&app, &case).await?;
    let start = (app, case, listener, Some(first), false);
    let stream = futures::stream::unfold(start, |(app, case, mut listener, first, over)| async move {
        if over {
            return None;
        }
        let told = match first {
            Some(first) => first,
            None => {
                // What another process works on is not told here: it is asked for now and then.
                let news = tokio::time::timeout(Duration::from_secs(2), listener.changed()).await;
                match news {
                    Ok(Ok(())) => listener.borrow_and_update().clone(),
                    _ => told(&app, &case).await.unwrap_or_default(),
                }
            }
        };
        let over = is_over(&told);
        let event = Event::default().event(if over { "end" } else { "progress" }).data(told);
        Some((Ok(event), (app, case, listener, None, over)))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

fn is_over(told: &str) -> bool {
    ["\"done\"", "\"failed\"", "\"cancelled\"", "\"empty\""].iter().any(|end| told.contains(&format!("\"phase\":{end}")))
        || told.is_empty()
}
