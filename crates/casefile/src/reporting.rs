//! `casefile report`: one report, in one or several files. Must never decide what stands in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use investigate::Config;
use report::audience::{self, Audience};
use report::model::Report;

use crate::args::{Format, Reader, Regime, ReportOptions, Stage};
use crate::bundle::FileBundle;
use crate::{Outcome, config, output, progress, say, settings};

/// Reads the inputs once and writes every file that was asked for; negative when nothing was usable.
pub fn run(options: &ReportOptions) -> Result<Outcome> {
    let targets = targets(&options.format, &options.out)?;
    let audience = audience(options)?;
    if let Some(path) = output::missing_folder(&options.out) {
        bail!("cannot write {}: its folder does not exist; make it first", path.display());
    }
    let config = config_of(options)?;
    let bundle = FileBundle::new(&options.inputs)?;
    let outcome = progress::watch("reading", &bundle, || investigate::investigate(&bundle, &config));
    if !outcome.usable {
        say(&outcome.why);
        return Ok(Outcome::Negative);
    }
    let report = match audience::address(outcome.report, audience) {
        Ok(report) => report,
        Err(refusal) => {
            say(&format!("no report was written: {refusal}"));
            return Ok(Outcome::Negative);
        }
    };
    for (format, path) in &targets {
        output::progress(&format!("writing {} ...", path.as_deref().unwrap_or(Path::new("the report")).display()));
        let bytes = rendered(&report, *format)?;
        output::progress("");
        output::write(path.as_deref(), &bytes)?;
    }
    Ok(Outcome::Done)
}

/// Which format goes where: the n-th --format with the n-th --out, then the ending of the path, then md.
fn targets(formats: &[Format], outs: &[PathBuf]) -> Result<Vec<(Format, Option<PathBuf>)>> {
    if formats.len() > outs.len().max(1) {
        bail!("{} formats were asked for and {} files; give each --format its --out", formats.len(), outs.len());
    }
    let targets: Vec<(Format, Option<PathBuf>)> = match outs {
        [] => vec![(formats.first().copied().unwrap_or(Format::Md), None)],
        _ => outs
            .iter()
            .enumerate()
            .map(|(i, path)| (formats.get(i).copied().or_else(|| by_ending(path)).unwrap_or(Format::Md), Some(path.clone())))
            .collect(),
    };
    if cfg!(not(feature = "pdf")) && targets.iter().any(|(f, _)| *f == Format::Pdf) {
        bail!("this casefile was built without PDF; choose html, or print the HTML report");
    }
    Ok(targets)
}

fn by_ending(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "json" => Format::Json,
        "html" | "htm" => Format::Html,
        "pdf" => Format::Pdf,
        "md" | "markdown" => Format::Md,
        _ => return None,
    })
}

fn rendered(report: &Report, format: Format) -> Result<Vec<u8>> {
    Ok(match format {
        Format::Json => {
            let json = serde_json::to_string_pretty(report).context("cannot write the report as JSON")?;
            let mut bytes = Vec::with_capacity(json.len() + 1);
            output::push_json(&json, &mut bytes);
            bytes.push(b'\n');
            bytes
        }
        Format::Md => report::render::markdown(report).into_bytes(),
        Format::Html => report::render::html(report).into_bytes(),
        Format::Pdf => pdf(report)?,
    })
}

#[cfg(feature = "pdf")]
fn pdf(report: &Report) -> Result<Vec<u8>> {
    pdf::pdf(report).map_err(|e| anyhow::anyhow!("cannot typeset the PDF: {e}; choose another format"))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Report) -> Result<Vec<u8>> {
    bail!("this casefile was built without PDF")
}

fn config_of(options: &ReportOptions) -> Result<Config> {
    // A report keeps to masks that no user changes; the file has to hold all the same.
    config::of(&options.common)?;
    Ok(Config {
        threads: options.common.threads(),
        settings: settings::of(&options.common)?,
        from: options.scope.from,
        to: options.scope.to,
        services: options.scope.service.clone(),
        sources: options.scope.source.clone(),
        as_of: options.as_of,
    })
}

fn audience(options: &ReportOptions) -> Result<Audience> {
    if options.audience != Reader::Regulator && (options.regime.is_some() || options.stage.is_some()) {
        bail!("--regime and --stage say what a regulator gets; add --audience regulator, or leave them out");
    }
    Ok(match options.audience {
        Reader::Engineering => Audience::Engineering,
        Reader::Executive => Audience::Executive,
        Reader::Customer => Audience::Customer,
        Reader::Regulator => Audience::Regulator {
            regime: match options.regime {
                Some(Regime::Nis2) => "nis2",
                Some(Regime::Dora) | None => "dora",
            },
            stage: match options.stage {
                Some(Stage::Initial) => "initial",
                Some(Stage::Intermediate) => "intermediate",
                Some(Stage::Final) | None => "final",
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formats(given: &[Format], outs: &[&str]) -> Vec<Format> {
        let outs: Vec<PathBuf> = outs.iter().map(PathBuf::from).collect();
        targets(given, &outs).unwrap().into_iter().map(|(f, _)| f).collect()
    }

    #[test]
    fn the_format_is_given_or_follows_from_the_ending() {
        assert_eq!(formats(&[], &[]), [Format::Md]);
        assert_eq!(formats(&[Format::Json], &[]), [Format::Json]);
        assert_eq!(formats(&[], &["a.JSON", "b.html", "c.txt"]), [Format::Json, Format::Html, Format::Md]);
        assert_eq!(formats(&[Format::Html], &["a.txt", "b.json"]), [Format::Html, Format::Json]);
        assert!(targets(&[Format::Md, Format::Json], &[]).is_err());
    }
}
