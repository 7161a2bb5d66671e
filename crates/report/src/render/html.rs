//! The report as one HTML file: nothing fetched, escaped by the template, whole without its one small script, which may run
//! because its hash stands in the policy of the page.
//!
//! What stands where is in `templates/`. This module must never know what a section means. What breaks it: a template
//! that cannot be rendered is a fault of the build and shows up as a page that says so.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::scene::Shape;
use super::view::{self, Body, Page};
use crate::layout::Layout;
use crate::model::Report;

/// A page that works from disk, in the dark, on paper, on a phone and without a mouse.
pub fn html(report: &Report) -> String {
    html_in(report, &Layout::default())
}

/// As [`html`], laid out by a house.
pub fn html_in(report: &Report, layout: &Layout) -> String {
    html_within(report, layout, &Surround::default())
}

/// What stands around a report that is part of something larger, as HTML that is put there as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surround<'s> {
    pub head: &'s str,
    /// Before the cover.
    pub top: &'s str,
    pub end: &'s str,
}

impl Surround<'_> {
    /// A report alone has nothing to ask for; within another page, styles, scripts and answers come from where that came from.
    fn policy(&self) -> String {
        let (styles, scripts, rest) = match self.head {
            "" => ("", "", "form-action 'none'"),
            _ => (" 'self'", " 'self'", "connect-src 'self'; form-action 'self'"),
        };
        let hash = hash();
        format!(
            "default-src 'none'; style-src 'unsafe-inline'{styles}; script-src '{hash}'{scripts}; img-src data:; base-uri 'none'; {rest}"
        )
    }
}

/// The same page as part of another: with its head, above it and at its end.
pub fn html_within(report: &Report, layout: &Layout, around: &Surround<'_>) -> String {
    let page = HtmlPage { page: view::of(report, layout), script: SCRIPT, policy: around.policy(), around };
    // Writing to a string does not fail; were it to, a page that says so beats a panic.
    page.render().unwrap_or_else(|_| {
        "<!doctype html><meta charset=\"utf-8\"><title>Casefile</title><p>The page could not be made.".to_owned()
    })
}

#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage<'s> {
    page: Page,
    script: &'static str,
    policy: String,
    around: &'s Surround<'s>,
}

const SCRIPT: &str = include_str!("../../templates/report.js");

/// By which the page's policy knows the script (Content Security Policy, level 2).
fn hash() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT)))
}
