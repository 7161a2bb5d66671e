//! `casefile lint`: says what in a postmortem does not agree with itself, or does harm. Must never need the input of an
//! incident.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use lint::{Finding, Severity};
use serde_json::{Value, json};

use crate::args::{LintFormat, LintOptions};
use crate::looks::{self, FromWide, Looks};
use crate::targets::Targets;
use crate::{Outcome, output};

/// What is not read of a document: nobody writes one that long.
const MAX_BYTES: u64 = 256 << 20;

/// One line per finding, or one JSON object; negative when there is an error among them.
pub fn run(options: &LintOptions) -> Result<Outcome> {
    Targets::new(options.out.as_slice(), &[])?.spare(&options.files)?;
    if options.rules {
        output::write(options.out.as_deref(), rules(options.format).as_bytes())?;
        return Ok(Outcome::Done);
    }
    let chosen = lint::Options { allow: options.allow.clone(), only: options.only.clone() };
    let mut all: Vec<(String, Vec<Finding>)> = Vec::new();
    for path in &options.files {
        let bytes = text_of(path, read(path)?)?;
        let findings = if lint::is_report(&bytes) { of_report(&bytes, &chosen) } else { lint::check_text(&bytes, &chosen) };
        all.push((path.display().to_string(), findings));
    }
    let text = match options.format {
        LintFormat::Text => lines(&all),
        LintFormat::Json => format!("{}\n", object(&all)),
    };
    output::write(options.out.as_deref(), text.as_bytes())?;
    let errors = all.iter().flat_map(|(_, f)| f).any(|f| f.severity == Severity::Error);
    Ok(if errors { Outcome::Negative } else { Outcome::Done })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().take(MAX_BYTES).read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    let file =
        fs::File::open(path).and_then(|f| if f.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(f) });
    let read = file.and_then(|f| f.take(MAX_BYTES).read_to_end(&mut bytes));
    read.with_context(|| format!("cannot read {}; give a postmortem as Markdown, text or a report as JSON", path.display()))?;
    Ok(bytes)
}

/// As UTF-8 or what passes for it. Refuses what has no sentences that could be looked at: that nothing was found there would
/// say nothing.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    match looks::of(&bytes[..bytes.len().min(looks::HEAD)]) {
        Looks::Text => Ok(bytes),
        Looks::Wide(order) => {
            let mut text = Vec::with_capacity(bytes.len());
            FromWide::new(&bytes[..], order).read_to_end(&mut text)?;
            Ok(text)
        }
        Looks::Packed => bail!("cannot look at {}: it is packed (as .docx and .gz are); export it as Markdown", path.display()),
        Looks::Binary => bail!("cannot look at {}: it is no text (a PDF is none either); export it as Markdown", path.display()),
    }
}

/// What `verify` sees in a report without its input, and what the report says twice.
fn of_report(json: &[u8], chosen: &lint::Options) -> Vec<Finding> {
    let mut findings = lint::check_report(json, chosen);
    let faults = verify::without_input(json);
    findings.extend(faults.iter().map(|f| lint::from_fault(json, rule(f.about), &f.text)));
    lint::finish(findings, chosen)
}

/// The rule that a fault of a report belongs to.
fn rule(about: &str) -> &'static str {
    match about {
        "references" => "source/unresolved",
        "terms" | "confidence" | "coverage" => "sum/total",
        "times" | "timeline" => "time/order",
        "metrics" => "sum/duration",
        "actions" => "action/owner",
        "derivations" => "sum/derivation",
        "texts" => "number/source",
        _ => "report/shape",
    }
}

fn lines(all: &[(String, Vec<Finding>)]) -> String {
    let mut text = String::new();
    for (file, finding) in all.iter().flat_map(|(file, findings)| findings.iter().map(move |f| (file, f))) {
        let quote = if finding.quote.is_empty() { String::new() } else { format!(" [“{}”]", finding.quote) };
        let line = format!(
            "{file}:{}:{}: {}[{}]: {}{quote}",
            finding.line,
            finding.column,
            finding.severity.word(),
            finding.rule,
            finding.message
        );
        text.push_str(&output::shown(&line.replace('\n', " ")));
        text.push('\n');
    }
    text.push_str(&summary(all));
    text
}

fn summary(all: &[(String, Vec<Finding>)]) -> String {
    let count = |severity: Severity| all.iter().flat_map(|(_, f)| f).filter(|f| f.severity == severity).count();
    let many = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Hint, "hint")];
    let counts: Vec<String> = counts.into_iter().map(|(s, word)| many(count(s), word)).collect();
    format!("{} looked at: {}\n", many(all.len(), "document"), counts.join(", "))
}

fn object(all: &[(String, Vec<Finding>)]) -> String {
    let files =
        all.iter().map(|(file, findings)| json!({ "file": file, "findings": findings.iter().map(finding).collect::<Vec<_>>() }));
    let value = json!({ "schema": "casefile.lint/1", "files": files.collect::<Vec<_>>() });
    let mut out = Vec::new();
    output::push_json(&value.to_string(), &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn finding(f: &Finding) -> Value {
    json!({ "rule": f.rule, "severity": f.severity.word(), "line": f.line, "column": f.column, "quote": f.quote,
            "message": f.message, "other_line": f.other_line })
}

fn rules(format: LintFormat) -> String {
    match format {
        LintFormat::Text => lint::RULES.iter().map(|r| format!("{:<18} {:<8} {}\n", r.id, r.severity.word(), r.finds)).collect(),
        LintFormat::Json => {
            let all = lint::RULES.iter().map(|r| json!({ "rule": r.id, "severity": r.severity.word(), "finds": r.finds }));
            format!("{}\n", Value::from(all.collect::<Vec<_>>()))
        }
    }
}
