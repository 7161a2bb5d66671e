//! The report as pages: one self-contained HTML file, and Markdown to paste.
//!
//! Both take the report as data and add nothing but layout: no fact, no clock, no id by chance. The view that both are
//! laid out from is in `view.rs`, the words for numbers in `words.rs`. This module must never know findings or files.
//! What breaks it: text of the sources is hostile; HTML escapes it in the template, Markdown in `markdown/escape.rs`.

mod figures;
mod html;
mod ledger;
mod markdown;
mod parts;
mod sources;
mod view;
pub mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

pub use words::{hedge, parts};

use crate::model::Report;

/// A cause is named and the evidence decides for it: not undetermined, and known whether a change did it.
pub fn cause_is_known(report: &Report) -> bool {
    !report.undetermined && report.causes.first().is_some_and(|cause| cause.change_caused.is_some())
}

/// A report with every part filled.
#[cfg(test)]
pub(crate) fn full_report() -> Report {
    fixture::full()
}

pub use html::html;
pub use markdown::markdown;
