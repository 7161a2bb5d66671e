//! Typesets a report as a PDF.
//!
//! A [`Report`] in, bytes out, and the same bytes for the same report: no clock, no network, no files, no fonts of the
//! machine. This crate must never know findings or the user's files. Layout stands in `template/`, what is said there
//! in `view.rs`; text of the report reaches the typesetter only as data (`/report.json`), never as source, so that a
//! log line full of markup is printed as it stands. What breaks it: nothing that a report can hold should; a fault of
//! the template itself comes back as [`PdfError`].

mod clean;
mod ledger;
mod response;
mod sections;
mod view;
mod words;
mod world;

#[cfg(test)]
mod fixture;

use report::model::Report;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// Why no PDF could be made. Both are faults of the template, not of the report.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("the report could not be typeset: {0}")]
    Typeset(String),
    #[error("the typeset report could not be written as PDF: {0}")]
    Write(String),
}

/// The report as a tagged PDF, A4, in English. It keeps the accessibility standard PDF/UA-1 unless the report holds
/// characters that none of the built-in fonts has (these are printed as a box, which that standard forbids).
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    let world = world::ReportWorld::new(view::of(report).to_string().into_bytes());
    let Warned { output, .. } = typst::compile::<PagedDocument>(&world);
    let document = output.map_err(|faults| PdfError::Typeset(sentence(&faults)));
    let written = document.and_then(|document| write(&document, report));
    // A server makes many reports: what was remembered for this one helps no other.
    typst::comemo::evict(0);
    written
}

fn write(document: &PagedDocument, report: &Report) -> Result<Vec<u8>, PdfError> {
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).unwrap_or_default();
    typst_pdf::pdf(document, &options(report, accessible))
        .or_else(|_| typst_pdf::pdf(document, &options(report, PdfStandards::default())))
        .map_err(|faults| PdfError::Write(sentence(&faults)))
}

fn options(report: &Report, standards: PdfStandards) -> PdfOptions {
    PdfOptions { creator: Smart::Custom(Some(view::maker(report))), standards, ..PdfOptions::default() }
}

fn sentence(faults: &[SourceDiagnostic]) -> String {
    faults.iter().take(3).map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
