//! What holds for every request, whatever it asks for: which names this server answers to, that no other site changes
//! anything through a visitor's browser, what a browser may do with an answer.
//!
//! A server on this machine's own interface is reachable by every page that its user has open. Two things keep those out:
//! the `Host` has to be one of ours (a foreign name that resolves to us is refused), and a request that changes something
//! must not say that it comes from elsewhere (`Sec-Fetch-Site`, `Origin`). Programs say neither and may.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Problem;

/// The names by which this server may be asked.
#[derive(Debug, Clone)]
pub struct Names {
    port: u16,
    names: Vec<String>,
}

impl Names {
    /// Names of this machine, the address itself, and what the operator adds.
    pub fn new(address: SocketAddr, more: &[String]) -> Names {
        let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "[::1]".to_owned()];
        if !address.ip().is_unspecified() {
            names.push(if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() });
        }
        names.extend(more.iter().map(|name| name.to_ascii_lowercase()));
        Names { port: address.port(), names }
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.names.iter().any(|name| host == *name || host == format!("{name}:{}", self.port))
    }
}

/// Everything that a page of ours may load, and that it may not be framed.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Refuses what does not come from us, and says with each answer what may be done with it.
pub async fn guard(State(names): State<Arc<Names>>, request: Request, next: Next) -> Response {
    let mut response = match refused(&names, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-robots-tag", "noindex"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn refused(names: &Names, request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let host = text(headers, header::HOST).or_else(|| request.uri().authority().map(|a| a.as_str())).unwrap_or_default();
    if !names.knows(host) {
        let detail = "This server does not answer to that name. If it should, start it with --name NAME.";
        return Some(Problem::new(StatusCode::MISDIRECTED_REQUEST, detail));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let detail = "Send the body as it is: a compressed one is not unpacked. A compressed file may be uploaded as a file.";
        return Some(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    (changes && !is_own(headers, host))
        .then(|| Problem::new(StatusCode::FORBIDDEN, "This request comes from another site, which may not change anything here."))
}

/// From a page of ours, or from no page at all.
fn is_own(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = text(headers, HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    match text(headers, header::ORIGIN) {
        Some(origin) => origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host)),
        None => !headers.contains_key(header::ORIGIN),
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new("127.0.0.1:8080".parse().unwrap(), &["casefile.example".to_owned()])
    }

    fn request(method: Method, headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new(axum::body::Body::empty());
        *request.method_mut() = method;
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        request
    }

    fn status(method: Method, headers: &[(&str, &str)]) -> u16 {
        refused(&names(), &request(method, headers)).map_or(200, |problem| problem.status)
    }

    #[test]
    fn d6_only_a_page_of_ours_or_a_program_may_change_anything() {
        let host = ("host", "127.0.0.1:8080");
        assert_eq!(status(Method::POST, &[host]), 200);
        assert_eq!(status(Method::POST, &[host, ("origin", "http://127.0.0.1:8080")]), 200);
        assert_eq!(status(Method::POST, &[host, ("sec-fetch-site", "same-origin")]), 200);
        for foreign in [
            &[host, ("origin", "http://evil.example")][..],
            &[host, ("origin", "null")],
            &[host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("origin", "http://127.0.0.1:8081")],
        ] {
            assert_eq!(status(Method::POST, foreign), 403, "{foreign:?}");
            assert_eq!(status(Method::DELETE, foreign), 403, "{foreign:?}");
            assert_eq!(status(Method::GET, foreign), 200, "{foreign:?}");
        }
    }

    #[test]
    fn a_foreign_name_that_resolves_to_this_machine_is_refused() {
        for host in ["evil.example", "evil.example:8080", "127.0.0.1:9999", "localhost.evil.example:8080", ""] {
            assert_eq!(status(Method::GET, &[("host", host)]), 421, "{host}");
        }
        for host in ["localhost:8080", "LOCALHOST:8080", "[::1]:8080", "casefile.example"] {
            assert_eq!(status(Method::GET, &[("host", host)]), 200, "{host}");
        }
    }

    #[test]
    fn b12_a_packed_body_is_not_unpacked() {
        assert_eq!(status(Method::POST, &[("host", "localhost:8080"), ("content-encoding", "gzip")]), 415);
    }
}
