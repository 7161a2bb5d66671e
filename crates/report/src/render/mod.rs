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
pub mod formats;
mod html;
mod ledger;
mod markdown;
mod outline;
mod overview;
mod parts;
mod regulatory;
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

use crate::model::{Reader, Report};

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
    // Customers are told of a cause only where a person confirmed it.
    let known = |cause: &crate::model::Cause| cause.change_caused.is_some() || report.is_for(Reader::Customer);
    !report.undetermined && report.causes.first().is_some_and(known)
}

/// `For customers. The cause is being confirmed ...`; nothing for engineers.
pub fn for_whom(report: &Report) -> Option<String> {
    let audience = report.audience.as_ref()?;
    let who = match audience.reader {
        Reader::Executive => "For executives.".to_owned(),
        Reader::Customer => "For customers; names are replaced, and what was recorded is withheld.".to_owned(),
        Reader::Regulator => match &audience.regulatory {
            Some(asked) => format!("For a regulator: {}, {}.", words::line(&asked.title), words::line(&asked.name)),
            None => "For a regulator.".to_owned(),
        },
    };
    let note = audience.note.as_deref().map(|note| format!(" {}", words::line(note))).unwrap_or_default();
    Some(format!("{who}{note}"))
}

/// `2024-02-07 09:05:00 UTC`, for a report of what was known then.
pub fn as_of(report: &Report) -> Option<String> {
    report.as_of.as_deref().map(words::moment)
}

/// A report with every part filled.
#[cfg(test)]
pub(crate) fn full_report() -> Report {
    fixture::full()
}

pub use calendar::{calendar, dated};
pub use confluence::confluence_in;
pub use docx::docx_in;
pub use html::{Surround, html, html_in, html_within};
pub use markdown::{markdown, markdown_in, notion_in};
pub use sheet::{actions_csv, timeline_csv};
pub use slack::{slack_blocks_in, slack_in};
pub use wiki::{confluence_wiki_in, jira_in};
