//! The report as pages: one self-contained HTML file, and what is pasted or sent elsewhere.
//!
//! All take the report as data and add nothing but layout: no fact, no clock, no id by chance. The view that they are laid
//! out from is in `view.rs`, the words for numbers in `words.rs`; what is a text with marks is laid out once more, as
//! blocks, in `outline.rs`. This module must never know findings or files.
//! What breaks it: text of the sources is hostile; HTML escapes it in the template, each other format by rules of
//! its own.

mod blocks;
mod calendar;
mod confluence;
mod docx;
mod figures;
mod html;
mod ledger;
mod markdown;
mod outline;
mod overview;
mod parts;
pub mod scene;
mod sheet;
mod slack;
mod sources;
mod view;
mod wiki;
pub mod words;
mod xml;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

pub use overview::{Chart, Span};
pub use words::{hedge, parts};

use crate::model::Report;

/// Counts and events over time, none where nothing can be drawn.
pub fn charts(report: &Report) -> Vec<Chart> {
    overview::overview(report, &ledger::Ledger::of(report)).charts
}

/// The way of the failure through the services, where it reached more than one.
pub fn way(report: &Report) -> Option<Chart> {
    overview::way(report, &ledger::Ledger::of(report))
}

/// A cause is named and the evidence decides for it: not undetermined, and known whether a change did it.
pub fn cause_is_known(report: &Report) -> bool {
    !report.undetermined && report.causes.first().is_some_and(|cause| cause.change_caused.is_some())
}

pub use calendar::{calendar, dated};
pub use confluence::confluence_in;
pub use docx::docx_in;
pub use html::{html, html_in};
pub use markdown::{markdown, markdown_in, notion_in};
pub use sheet::{actions_csv, timeline_csv};
pub use slack::{slack_blocks_in, slack_in};
pub use wiki::{confluence_wiki_in, jira_in};
