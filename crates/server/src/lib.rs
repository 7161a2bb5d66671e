//! The web app and its API: a case, from dropped files to a report that people agreed on.
//!
//! One process, one folder. Pages are rendered here and whole without a script; the API does all that they do. This crate
//! must never know a rule of inference: it asks `investigate`, keeps what comes out in `store`, and puts what people say
//! beside it. What breaks it is the machine (a full disk, a database that is down), which is told and mends itself; what
//! comes from the network is bounded in size, time and number.
// Like the binary it touches files and the clock: it is outside.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod api;
mod app;
mod asked;
mod assets;
mod bundle;
mod clock;
mod description;
mod desk;
mod error;
mod export;
mod guard;
mod logs;
mod pages;
mod progress;
mod rooms;
mod serving;
mod upload;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use store::{Location, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use app::App;
pub use app::Options;
use description::Description;
use guard::Names;

/// Why the server does not start, or ended; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("cannot listen on {address}: {why}; choose another with --addr")]
    Address { address: SocketAddr, why: String },
    #[error("cannot open {folder}: {why}")]
    Store { folder: String, why: String },
}

/// A server that has its address and its data and answers from now on.
pub struct Server {
    address: SocketAddr,
    listener: TcpListener,
    app: Arc<App>,
}

impl Server {
    pub async fn bind(address: SocketAddr, options: Options) -> Result<Server, ServerError> {
        let refused = |why: std::io::Error| ServerError::Address { address, why: why.to_string() };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let location =
            Location { folder: options.folder.clone(), postgres: options.postgres.clone(), abort_at: options.abort_at };
        let store = Store::open(&location, clock::now())
            .await
            .map_err(|error| ServerError::Store { folder: options.folder.display().to_string(), why: error.to_string() })?;
        Ok(Server { address, listener, app: Arc::new(App::new(store, options)) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` says so; then takes no more, and lets those under way end for half a minute.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let worker = tokio::spawn(work::run(self.app.clone(), format!("worker-{}", std::process::id()), stop.clone()));
        serving::serve(self.listener, routes(self.app.clone(), self.address), stop).await;
        let _ = worker.await;
        self.app.store.close().await;
    }
}

/// Bytes of a body that is no upload.
const LARGEST_BODY: usize = 1 << 20;

fn routes(app: Arc<App>, address: SocketAddr) -> Router {
    let (api, description) = described();
    let names = Arc::new(Names::new(address, &app.options.names));
    let description = Json(description::whole(&description));
    api.route("/openapi.json", get(move || async move { description }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        // Uploads are streamed and bounded by themselves.
        .merge(pages::routes().layer(DefaultBodyLimit::disable()))
        .merge(assets::routes())
        .fallback(missing)
        .method_not_allowed_fallback(otherwise)
        .layer(middleware::from_fn_with_state(names, guard::guard))
        .with_state(app)
}

/// The routes of the API, and what their handlers say of themselves.
fn described() -> (Router<Arc<App>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(api::routes())
        .merge(progress::routes())
        .merge(logs::routes())
        .routes(utoipa_axum::routes!(healthz))
        .routes(utoipa_axum::routes!(readyz))
        .split_for_parts()
}

/// A program gets a problem, a person a page.
async fn missing(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return error::Problem::new(StatusCode::NOT_FOUND, "There is no such path; /openapi.json lists those there are.")
            .into_response();
    }
    error::Problem::missing("page").page()
}

async fn otherwise() -> error::Problem {
    let detail = "This path is not asked for in that way; the header Allow says in which.";
    error::Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, body = String)))]
async fn healthz() -> &'static str {
    "ok"
}

/// Whether it can take and keep something.
#[utoipa::path(get, path = "/readyz", tag = "server", responses((status = 200, body = String), (status = 503, body = error::Problem), (status = 507, body = error::Problem)))]
async fn readyz(State(app): api::Shared) -> Result<(StatusCode, &'static str), error::Problem> {
    app.store.ready().await?;
    Ok((StatusCode::OK, "ready"))
}
