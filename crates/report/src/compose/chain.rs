//! How the fault travelled: an edge from the service that failed to the one it harmed.
//!
//! Must never say that an unverified edge carried the fault; it may have.

use analysis::findings::{Edge, EdgeBasis, Findings};

use crate::model::{ChainEdge, Report, Section};

use super::ledger::{Ledger, Line};
use super::words;

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    for edge in &findings.chain {
        let later = if let EdgeBasis::Order { seconds } = edge.by { Some(seconds).filter(|s| *s >= 1.0) } else { None };
        let seconds = later.and_then(|seconds| ledger.span(&edge.places, seconds));
        let long = seconds.as_ref().and_then(|d| d.value.as_f64()).map(words::duration);
        let text = words::end(&tell(edge, long.as_deref()));
        let sure = if edge.verified { 0.85 } else { 0.5 };
        let said = ledger.claim(Line::inferred(Section::RootCause, text, &edge.places).sure(sure).with(seconds));
        report.chain.push(ChainEdge {
            from: ledger.clean(&edge.from),
            to: ledger.clean(&edge.to),
            text: said.text,
            verified: edge.verified,
            claim: said.id,
            citations: said.citations,
        });
    }
}

fn tell(edge: &Edge, long: Option<&str>) -> String {
    let (from, to) = (&edge.from, &edge.to);
    let verb = if edge.verified { "harmed" } else { "may have harmed" };
    match &edge.by {
        EdgeBasis::Names { words } => format!("Trouble in {from} {verb} {to}, whose failing record names it: {}", quoted(words)),
        EdgeBasis::SpeaksOf { of, words } => {
            format!("Trouble in {from} {verb} {to}, whose failing record speaks of {of}: {}", quoted(words))
        }
        EdgeBasis::Alike { words } => format!("Trouble in {from} {verb} {to}, which fails in the same way: {}", quoted(words)),
        EdgeBasis::Traces { .. } if !edge.verified => {
            format!("Trouble in {from} may have harmed {to}: both worked on the same traces")
        }
        EdgeBasis::Traces { .. } => {
            format!("Trouble in {from} {verb} {to}: calls of {to} were served by {from}, as shared trace ids show")
        }
        EdgeBasis::Spans { name } => format!("Trouble in {from} {verb} {to}, whose spans call it: {}", quoted(name)),
        EdgeBasis::Said { author, words } => {
            format!("Trouble in {from} {verb} {to}, according to {}: {}", words::who(author), quoted(words))
        }
        EdgeBasis::Data { words } => format!("Trouble in {from} {verb} {to}, which receives its messages: {}", quoted(words)),
        EdgeBasis::Load { words } => {
            format!("Trouble in {from} {verb} {to}, which it calls and which had no room left: {}", quoted(words))
        }
        EdgeBasis::Order { seconds } if *seconds < 1.0 => {
            format!("Trouble in {from} may have harmed {to}, which failed at the same time; nothing else shows it")
        }
        EdgeBasis::Order { .. } => match long {
            Some(long) => {
                format!("Trouble in {from} may have harmed {to}, which failed {long} later; only the order in time shows it")
            }
            None => format!("Trouble in {from} may have harmed {to}, which failed later; only the order in time shows it"),
        },
    }
}

fn quoted(text: &str) -> String {
    words::quote(text, words::QUOTE)
}
