//! What went wrong, told so that whoever asked can do something: as a problem (RFC 9457) to a program, as a page to a person.
//!
//! Must never tell what only the operator should know: paths, SQL, other cases.

use askama::Template;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

/// A refusal with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    pub title: String,
    /// What to do about it.
    pub detail: String,
    /// The version that a change should have been made to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<i64>,
}

pub type Answer<T> = Result<T, Problem>;

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Problem").to_owned();
        Problem { status: status.as_u16(), title, detail: detail.into(), current: None }
    }

    pub fn bad(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn missing(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, format!("There is no such {what}; it may have been deleted."))
    }

    pub fn fault(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// As a page, for whoever reads it in a browser.
    pub fn page(&self) -> Response {
        #[derive(Template)]
        #[template(path = "problem.html")]
        struct Page<'p> {
            problem: &'p Problem,
            title: &'p str,
            case: Option<&'p crate::pages::Head>,
        }
        let page = Page { problem: self, title: &self.title, case: None };
        let html = page.render().unwrap_or_else(|_| self.detail.clone());
        self.answer(Html(html).into_response())
    }

    fn answer(&self, mut response: Response) -> Response {
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.status == 503 {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Json(&self).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        self.answer(response)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::NotFound => Problem::missing("case or part of it"),
            StoreError::Conflict { current } => Problem {
                current: Some(current),
                ..Problem::new(
                    StatusCode::CONFLICT,
                    format!(
                        "Somebody changed this case meanwhile; it is at version {current}. Look at it again and repeat the change."
                    ),
                )
            },
            StoreError::Full => Problem::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "The disk of the server is full. Nothing was kept of this; free some space and try again.",
            ),
            StoreError::Unavailable(_) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The server cannot get at what it keeps at the moment. Nothing that it acknowledged before is lost; try again in a moment.",
            ),
            _ => Problem::fault("The server met a fault of its own; nothing was changed."),
        }
    }
}
