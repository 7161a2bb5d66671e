//! Typesets a report as a PDF.
//!
//! A [`Report`] in, bytes out, and the same bytes for the same report: no clock, no network, no files, no fonts of the
//! machine. This crate must never know findings or the user's files. The pages stand in `template/`, what is said there
//! in `view.rs`; text of the report reaches the typesetter only as data (`/report.json`), never as source, so that a
//! log line full of markup is printed as it stands. What breaks it: nothing that a report can hold should; a logo that
//! is no picture and a fault of the template itself come back as [`PdfError`].

mod clean;
mod ledger;
mod links;
mod pictures;
mod response;
mod sections;
mod view;
mod world;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod reading;

use clean::Faces;
use report::layout::{Layout, Logo};
use report::model::Report;
use typst::diag::{SourceDiagnostic, Warned};
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

/// Why no PDF could be made.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    #[error("the logo is no picture of its kind: {0}")]
    Logo(String),
    #[error("the report could not be typeset: {0}")]
    Typeset(String),
    #[error("the typeset report could not be written as PDF: {0}")]
    Write(String),
}

/// The report as a tagged PDF, A4, in English, that keeps the accessibility standard PDF/UA-1.
pub fn pdf(report: &Report) -> Result<Vec<u8>, PdfError> {
    pdf_in(report, &Layout::default())
}

/// As [`pdf`], laid out by a house.
pub fn pdf_in(report: &Report, layout: &Layout) -> Result<Vec<u8>, PdfError> {
    attempt(report, layout, Faces::All)
        // Marks that were stacked on a letter in a way that no face draws: shown as code points, like what no face has.
        .or_else(|fault| if matches!(fault, PdfError::Write(_)) { attempt(report, layout, Faces::First) } else { Err(fault) })
}

/// Lets go of what the typesetter remembers of the reports that it made. Who makes many calls it after each: what was
/// remembered for one helps no other. For a long report that takes most of a second, which a program that ends anyway can spare.
pub fn forget() {
    typst::comemo::evict(0);
}

fn attempt(report: &Report, layout: &Layout, faces: Faces) -> Result<Vec<u8>, PdfError> {
    let document = typeset(report, layout, faces).map_err(|fault| {
        // With a logo that the typesetter cannot read there are no pages at all; without it there are.
        let bare = Layout { logo: None, ..layout.clone() };
        let by_logo = layout.logo.is_some() && typeset(report, &bare, faces).is_ok();
        if by_logo { PdfError::Logo(fault) } else { PdfError::Typeset(fault) }
    })?;
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).unwrap_or_default();
    let options =
        PdfOptions { creator: Smart::Custom(Some(view::maker(report))), standards: accessible, ..PdfOptions::default() };
    typst_pdf::pdf(&document, &options).map_err(|faults| PdfError::Write(sentence(&faults)))
}

fn typeset(report: &Report, layout: &Layout, faces: Faces) -> Result<PagedDocument, String> {
    let mut data = view::of(report, layout);
    clean::drawable(&mut data, faces);
    data["boxed"] = clean::is_boxed(&data).into();
    compiled(&data, layout.logo.as_ref())
}

fn compiled(data: &serde_json::Value, logo: Option<&Logo>) -> Result<PagedDocument, String> {
    let world = world::ReportWorld::new(data.to_string().into_bytes(), logo);
    let Warned { output, .. } = typst::compile::<PagedDocument>(&world);
    output.map_err(|faults| sentence(&faults)).and_then(|document| links::led(&document))
}

fn sentence(faults: &[SourceDiagnostic]) -> String {
    faults.iter().take(3).map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
