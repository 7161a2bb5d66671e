//! The API: everything that the pages do, as JSON under `/api/v1`, described at `/openapi.json`.
//!
//! Each handler asks the store or the desk and says what came of it; it must never decide. What is refused is a
//! [`Problem`].

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use report::model::Report;
use report::render::formats::{FORMATS, Format};
use report::revision::{Difference, compare};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::asked::{Asked, Sent};
use crate::desk::{self, Wanted};
use crate::error::{Answer, Problem};
use crate::export::{self, For};
use crate::{clock, rooms, upload};

pub type Shared = State<Arc<App>>;

/// All routes of the API, but those of the work on a case and of the log room.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, rename, delete))
        .routes(routes!(uploads, add_upload))
        .routes(routes!(remove_upload))
        .routes(routes!(report))
        .routes(routes!(changes, change))
        .routes(routes!(differences))
        .routes(routes!(formats))
        .routes(routes!(written))
}

/// A case, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseBody {
    pub id: String,
    pub title: String,
    /// RFC 3339 UTC.
    pub created_at: String,
    /// Of the last change; 0 where nobody changed anything.
    pub version: i64,
    /// Number of the newest analysis.
    pub analysis: Option<i64>,
    pub uploads: i64,
    pub bytes: i64,
}

impl From<store::Case> for CaseBody {
    fn from(case: store::Case) -> CaseBody {
        CaseBody {
            created_at: clock::rfc3339(case.created_at),
            id: case.id,
            title: case.title,
            version: case.version,
            analysis: case.analysis,
            uploads: case.uploads,
            bytes: case.bytes,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadBody {
    pub id: String,
    pub name: String,
    pub sha256: String,
    pub bytes: i64,
    pub by: String,
    pub at: String,
}

impl From<store::Upload> for UploadBody {
    fn from(upload: store::Upload) -> UploadBody {
        UploadBody {
            at: clock::rfc3339(upload.at),
            id: upload.id,
            name: upload.name,
            sha256: upload.sha256,
            bytes: upload.bytes,
            by: upload.by,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    pub title: Option<String>,
    /// Chosen by whoever asks; the same key again gives the same case.
    pub key: Option<String>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Title {
    #[schema(pattern = "\\S")]
    pub title: String,
}

/// All cases, the newest first.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", responses((status = 200, body = Vec<CaseBody>)))]
async fn list(State(app): Shared) -> Answer<Json<Vec<CaseBody>>> {
    Ok(Json(app.store.cases().await?.into_iter().map(CaseBody::from).collect()))
}

/// A new case without any evidence yet.
#[utoipa::path(post, path = "/api/v1/cases", tag = "cases", request_body = NewCase, responses(
    (status = 201, body = CaseBody), (status = 200, body = CaseBody, description = "the case of this key, made before"),
    (status = 400, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn create(State(app): Shared, body: Sent<NewCase>) -> Answer<(StatusCode, Json<CaseBody>)> {
    let new = body.0;
    let title = match desk::line(new.title.as_deref().unwrap_or_default(), 200) {
        title if title.is_empty() => "New case".to_owned(),
        title => title,
    };
    let key = new.key.map(|key| desk::line(&key, 200)).filter(|key| !key.is_empty());
    let made = app.store.create_case(&title, key.as_deref(), app.now()).await?;
    let status = if made.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(made.value.into())))
}

/// One case.
#[utoipa::path(get, path = "/api/v1/cases/{case}", tag = "cases", params(("case" = String, Path)),
    responses((status = 200, body = CaseBody), (status = 404, body = Problem)))]
async fn show(State(app): Shared, Path(case): Path<String>) -> Answer<Json<CaseBody>> {
    Ok(Json(app.store.case(&case).await?.into()))
}

/// Another title for a case.
#[utoipa::path(patch, path = "/api/v1/cases/{case}", tag = "cases", params(("case" = String, Path)), request_body = Title,
    responses((status = 200, body = CaseBody), (status = 400, body = Problem), (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn rename(State(app): Shared, Path(case): Path<String>, body: Sent<Title>) -> Answer<Json<CaseBody>> {
    let title = desk::line(&body.0.title, 200);
    if title.is_empty() {
        return Err(Problem::bad("The title is empty."));
    }
    app.store.rename_case(&case, &title).await?;
    Ok(Json(app.store.case(&case).await?.into()))
}

/// Deletes a case and its evidence for good.
#[utoipa::path(delete, path = "/api/v1/cases/{case}", tag = "cases", params(("case" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn delete(State(app): Shared, Path(case): Path<String>) -> Answer<StatusCode> {
    app.store.delete_case(&case).await?;
    rooms::forget(&app, &case).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What was uploaded into a case.
#[utoipa::path(get, path = "/api/v1/cases/{case}/uploads", tag = "evidence", params(("case" = String, Path)),
    responses((status = 200, body = Vec<UploadBody>), (status = 404, body = Problem)))]
async fn uploads(State(app): Shared, Path(case): Path<String>) -> Answer<Json<Vec<UploadBody>>> {
    app.store.case(&case).await?;
    Ok(Json(app.store.uploads(&case).await?.into_iter().map(UploadBody::from).collect()))
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Named {
    /// The file's name, with `/` where it lay in folders.
    pub name: String,
    /// Who uploads it.
    pub by: Option<String>,
}

/// The body as one file of the case, streamed; then it is analysed. The same file again is the same upload.
#[utoipa::path(put, path = "/api/v1/cases/{case}/uploads", tag = "evidence", params(("case" = String, Path), Named),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 201, body = UploadBody), (status = 200, body = UploadBody, description = "it was there already"),
        (status = 400, body = Problem), (status = 404, body = Problem), (status = 408, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 503, body = Problem), (status = 507, body = Problem)))]
async fn add_upload(
    State(app): Shared,
    Path(case): Path<String>,
    Asked(named): Asked<Named>,
    body: Body,
) -> Answer<(StatusCode, Json<UploadBody>)> {
    let by = named.by.unwrap_or_default();
    let made = upload::raw(&app, &case, (&named.name, &by), body).await?;
    let status = if made.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(made.value.into())))
}

/// Takes a file out of a case; then it is analysed again.
#[utoipa::path(delete, path = "/api/v1/cases/{case}/uploads/{upload}", tag = "evidence", params(("case" = String, Path), ("upload" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_upload(State(app): Shared, Path((case, upload)): Path<(String, String)>) -> Answer<StatusCode> {
    app.store.remove_upload(&case, &upload, app.now()).await?;
    app.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct At {
    /// The version of the case; the newest unless given.
    pub version: Option<i64>,
    /// The number of the analysis; the newest unless given.
    pub analysis: Option<i64>,
}

/// The report (`casefile.report/1`), what people said in its `by_hand`.
#[utoipa::path(get, path = "/api/v1/cases/{case}/report", tag = "report", params(("case" = String, Path), At),
    responses((status = 200, body = Object), (status = 404, body = Problem)))]
async fn report(State(app): Shared, Path(case): Path<String>, Asked(at): Asked<At>) -> Answer<Json<Report>> {
    Ok(Json(desk::report(&app, &case, at.analysis, at.version).await?.as_ref().clone()))
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Changed {
    pub version: i64,
    pub at: String,
    pub by: String,
    pub why: String,
    /// As it was kept: with what the statement said, instead of its id.
    #[schema(value_type = Object)]
    pub change: serde_json::Value,
}

/// Every change of a case, the oldest first.
#[utoipa::path(get, path = "/api/v1/cases/{case}/changes", tag = "report", params(("case" = String, Path)),
    responses((status = 200, body = Vec<Changed>), (status = 404, body = Problem)))]
async fn changes(State(app): Shared, Path(case): Path<String>) -> Answer<Json<Vec<Changed>>> {
    app.store.case(&case).await?;
    let kept = desk::revisions(&app, &case, i64::MAX).await?;
    let body = |revision: report::revision::Revision| Changed {
        change: serde_json::to_value(&revision.change).unwrap_or_default(),
        version: revision.version,
        at: revision.at,
        by: revision.by,
        why: revision.why,
    };
    Ok(Json(kept.into_iter().map(body).collect()))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Version {
    pub version: i64,
}

/// Makes a change; says the new version. 409 where somebody else was faster.
#[utoipa::path(post, path = "/api/v1/cases/{case}/changes", tag = "report", params(("case" = String, Path)), request_body = Wanted,
    responses((status = 201, body = Version), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem)))]
async fn change(State(app): Shared, Path(case): Path<String>, body: Sent<Wanted>) -> Answer<(StatusCode, Json<Version>)> {
    let version = desk::change(&app, &case, body.0).await?;
    Ok((StatusCode::CREATED, Json(Version { version })))
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Between {
    /// Version to compare from; the beginning unless given.
    pub from: Option<i64>,
    /// Version to compare to; the newest unless given.
    pub to: Option<i64>,
    /// Analysis to compare from; that of `to_analysis` unless given.
    pub from_analysis: Option<i64>,
    /// Analysis to compare to; the newest unless given.
    pub to_analysis: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DifferenceBody {
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub by: Option<String>,
}

/// What differs between two versions, or two analyses.
#[utoipa::path(get, path = "/api/v1/cases/{case}/differences", tag = "report", params(("case" = String, Path), Between),
    responses((status = 200, body = Vec<DifferenceBody>), (status = 404, body = Problem)))]
async fn differences(
    State(app): Shared,
    Path(case): Path<String>,
    Asked(between): Asked<Between>,
) -> Answer<Json<Vec<DifferenceBody>>> {
    let body = |d: Difference| DifferenceBody { what: d.what, before: d.before, after: d.after, by: d.by };
    Ok(Json(compared(&app, &case, &between).await?.into_iter().map(body).collect()))
}

pub async fn compared(app: &App, case: &str, between: &Between) -> Answer<Vec<Difference>> {
    let newest = app.store.case(case).await?;
    let to = between.to_analysis.or(newest.analysis);
    let old = desk::report(app, case, between.from_analysis.or(to), Some(between.from.unwrap_or(0))).await?;
    let new = desk::report(app, case, to, between.to).await?;
    tokio::task::spawn_blocking(move || compare(&old, &new)).await.map_err(|_| Problem::fault("The two cannot be compared."))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FormatBody {
    pub id: String,
    pub title: String,
    pub media_type: String,
}

/// In which formats a report can be had.
#[utoipa::path(get, path = "/api/v1/formats", tag = "report", responses((status = 200, body = Vec<FormatBody>)))]
async fn formats() -> Json<Vec<FormatBody>> {
    let body = |format: &Format| FormatBody { id: format.id.into(), title: format.title.into(), media_type: format.media.into() };
    Json(FORMATS.iter().map(body).collect())
}

/// The report in a format, for a reader, as people left it.
#[utoipa::path(get, path = "/api/v1/cases/{case}/exports/{format}", tag = "report", params(("case" = String, Path), ("format" = String, Path), For),
    responses((status = 200, content_type = "*/*", body = serde_json::Value, description = "in the media type of the format"), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 501, body = Problem)))]
async fn written(
    State(app): Shared,
    Path((case, format)): Path<(String, String)>,
    Asked(reader): Asked<For>,
) -> Answer<Response> {
    let format = export::format(&format)?;
    let title = app.store.case(&case).await?.title;
    let report = desk::report(&app, &case, reader.analysis, reader.version).await?;
    let bytes = tokio::task::spawn_blocking(move || export::written(&report, format, &reader)).await;
    let bytes = bytes.map_err(|_| Problem::fault("The report could not be written; choose another format."))??;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media));
    let disposition = export::disposition(&title, format.endings[0]);
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
    );
    // Its own policy stands in it; opened from here it may do nothing else.
    headers.insert(HeaderName::from_static("content-security-policy"), HeaderValue::from_static("sandbox"));
    Ok((headers, bytes).into_response())
}
