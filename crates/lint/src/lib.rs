//! Checks the style and the consistency of a postmortem, whoever wrote it: a document as bytes to findings.
//!
//! This crate must never know an input, a log format or the analysis: it has the document and nothing else, so it says
//! what in it disagrees with itself, never what is true. It breaks on what is not written down as text: a figure in a
//! picture, a time in words of another language than English.

mod document;
mod facts;
mod finding;
mod phrases;
mod places;
mod reader;
mod report;
mod rules;
mod story;
mod table;

#[cfg(test)]
mod tests;

pub use finding::{Finding, Severity};
pub use table::{RULES, Rule};

/// Which rules speak.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules that are silent, by id or by the part before the slash.
    pub allow: Vec<String>,
    /// When not empty, the only rules that speak.
    pub only: Vec<String>,
}

impl Options {
    fn takes(&self, rule: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|n| n == rule || rule.split('/').next() == Some(n.as_str()));
        !named(&self.allow) && (self.only.is_empty() || named(&self.only))
    }
}

/// Does a rule, or a family of rules, of this name exist?
pub fn is_rule(name: &str) -> bool {
    RULES.iter().any(|r| r.id == name || r.id.split('/').next() == Some(name))
}

/// The findings in a document of Markdown or plain text, by line. Bytes that are no text are no finding.
pub fn check_text(bytes: &[u8], options: &Options) -> Vec<Finding> {
    let text = reader::text(bytes);
    let document = document::read(&text);
    let story = story::of(&document);
    let mut findings = Vec::new();
    for rule in rules::ALL {
        rule(&document, &story, &mut findings);
    }
    finish(findings, options)
}

/// The findings in a report (`casefile.report/1` as JSON), by line.
pub fn check_report(json: &[u8], options: &Options) -> Vec<Finding> {
    finish(report::check(json), options)
}

/// Is this a report of ours, and not a document about one?
pub fn is_report(bytes: &[u8]) -> bool {
    report::is_report(bytes)
}

/// One finding for a fault that somebody else found in a report, at the place that its words name.
pub fn from_fault(json: &[u8], rule: &'static str, fault: &str) -> Finding {
    report::from_fault(json, rule, fault)
}

/// Keeps what the options take, in the order of the document, each once.
pub fn finish(mut findings: Vec<Finding>, options: &Options) -> Vec<Finding> {
    findings.retain(|f| options.takes(f.rule));
    findings.sort_by(|a, b| (a.line, a.column, a.rule, &a.message).cmp(&(b.line, b.column, b.rule, &b.message)));
    findings.dedup();
    findings
}
