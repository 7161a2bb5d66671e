//! The pages: rendered here, whole without a script, changed in parts where there is one.
//!
//! Every form posts to a page and is answered by a redirection, so that going back and reloading repeat nothing. Must never
//! do what the API cannot.

mod case;
mod evidence;
mod history;
mod home;
mod logs;
mod statement;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use crate::app::App;
use crate::error::Problem;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::show))
        .route("/cases", post(home::create))
        .route("/example", post(home::example))
        .route("/cases/{case}", get(case::show))
        .route("/cases/{case}/evidence", get(evidence::show).post(evidence::add))
        .route("/cases/{case}/evidence/{upload}/remove", post(evidence::remove))
        .route("/cases/{case}/statements/{claim}", get(statement::show))
        .route("/cases/{case}/changes", post(statement::change))
        .route("/cases/{case}/history", get(history::show))
        .route("/cases/{case}/logs", get(logs::show))
        .route("/cases/{case}/export", get(case::export))
        .route("/cases/{case}/rename", post(case::rename))
        .route("/cases/{case}/delete", post(case::delete))
        .route("/cases/{case}/analyse", post(case::analyse))
        .route("/cases/{case}/cancel", post(case::cancel))
}

/// What stands at the top of every page of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    pub title: String,
    pub version: i64,
    pub has_report: bool,
    /// Which of the pages it is.
    pub page: &'static str,
}

impl Head {
    pub fn of(case: &store::Case, page: &'static str) -> Head {
        Head { id: case.id.clone(), title: case.title.clone(), version: case.version, has_report: case.analysis.is_some(), page }
    }

    /// Used by the navigation.
    pub fn is(&self, page: &str) -> bool {
        self.page == page
    }

    /// Changes so far, for the history.
    pub fn count(&self, page: &str) -> Option<i64> {
        (page == "history" && self.version > 0).then_some(self.version)
    }

    /// What follows the case's own address; the report has nothing.
    pub fn path(&self, page: &str) -> String {
        if page == "report" { String::new() } else { format!("/{page}") }
    }
}

/// A refusal as a page.
pub struct Refused(pub Problem);

pub type Shown = Result<Response, Refused>;

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.page()
    }
}

impl<E: Into<Problem>> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused(error.into())
    }
}

pub fn page(template: &impl Template) -> Shown {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(_) => Err(Refused(Problem::fault("The page could not be made."))),
    }
}

pub fn see(place: &str) -> Response {
    Redirect::to(place).into_response()
}

const NAME: &str = "casefile_name";

/// Who sits at this browser, as they said last.
pub fn visitor(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
    found.map(decoded).unwrap_or_default()
}

/// Remembers who it is for the next form.
pub fn remember(response: &mut Response, name: &str) {
    let coded: String =
        name.bytes().map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") }).collect();
    let cookie = format!("{NAME}={coded}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn decoded(coded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = coded.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let hex: String = rest.by_ref().take(2).map(char::from).collect();
        bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b' '));
    }
    crate::desk::line(&String::from_utf8_lossy(&bytes), 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_remembered_whatever_it_is_made_of() {
        for name in ["Ann", "Zoë; Path=/x", "李 雷", "a\"b,c"] {
            let mut response = Response::new(axum::body::Body::empty());
            remember(&mut response, name);
            let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(&format!("other=1; {cookie}")).unwrap());
            assert_eq!(visitor(&headers), name);
        }
    }
}
