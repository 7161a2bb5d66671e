//! The report as one HTML file: no script, nothing fetched, escaped by the template.
//!
//! What stands where is in `templates/`. This module must never know what a section means. What breaks it: a template
//! that cannot be rendered is a fault of the build and shows up as a page that says so.

use askama::Template;

use super::view::{self, Body, Page};
use crate::layout::Layout;
use crate::model::Report;

/// A page that works from disk, in the dark, on paper, on a phone and without a mouse.
pub fn html(report: &Report) -> String {
    html_in(report, &Layout::default())
}

/// As [`html`], laid out by a house.
pub fn html_in(report: &Report, layout: &Layout) -> String {
    let page = HtmlPage { page: view::of(report, layout) };
    // Writing to a string does not fail; were it to, a page that says so beats a panic.
    page.render().unwrap_or_else(|_| {
        "<!doctype html><meta charset=\"utf-8\"><title>Casefile</title><p>The page could not be made.".to_owned()
    })
}

#[derive(Template)]
#[template(path = "report.html")]
struct HtmlPage {
    page: Page,
}
