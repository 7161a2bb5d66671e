//! `casefile report`: one report, in one or several files. Must never decide what stands in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use investigate::Config;
use report::audience::{self, Audience};
use report::layout::Layout;
use report::model::Report;
use report::render;
use report::render::formats::{self, Format as Written, Leak, Refusal};

use crate::args::{Format, Reader, Regime, ReportOptions, Stage};
use crate::bundle::FileBundle;
use crate::targets::Targets;
use crate::{Outcome, config, output, progress, say, sealing, settings, templates};

/// Reads the inputs once and writes every file that was asked for; negative when nothing was usable.
pub fn run(options: &ReportOptions) -> Result<Outcome> {
    let targets = targets(&options.format, &options.out)?;
    let audience = audience(options)?;
    options.scope.check()?;
    let places = places(options)?;
    let key = sealing::key(options)?;
    let config = config_of(options)?;
    let template = templates::of(&options.paper, &options.common)?;
    let bundle = FileBundle::new(&options.inputs, &places)?;
    let outcome = progress::watch("reading", &bundle, || investigate::investigate(&bundle, &config));
    if !outcome.usable {
        say(&outcome.why);
        return Ok(Outcome::Negative);
    }
    if !outcome.why.is_empty() {
        say(&outcome.why);
    }
    let report = match audience::address(outcome.report, audience) {
        Ok(report) => report,
        Err(refusal) => {
            say(&format!("no report was written: {refusal}"));
            return Ok(Outcome::Negative);
        }
    };
    let layout = template.layout(&report)?;
    if targets.iter().any(|(format, _)| format.id == "ics") && render::dated(&report) == 0 {
        say("no action has a date at which it is due, so the calendar is empty");
    }
    let mut finished = Vec::new();
    for (format, path) in &targets {
        let name = path.as_deref().unwrap_or(Path::new("the report"));
        output::progress(&format!("writing {} ...", name.display()));
        let written = format.written((&report, &report), &layout, &pdf);
        output::progress("");
        match written {
            Ok(bytes) => finished.push((path.as_deref(), bytes)),
            Err(Refusal::Failed(why)) => bail!("cannot write {}: {why}; choose another format", name.display()),
            Err(Refusal::Secret(leak)) => {
                say(&leaked(name, &leak));
                return Ok(Outcome::Negative);
            }
        }
    }
    if let Some(path) = &options.manifest {
        let cited = formats::json(&report).map_err(|_| anyhow!("cannot write the report as JSON"))?;
        let manifest = sealing::manifest(&sealing::Inputs::new(&bundle, &config.settings, config.threads), &cited, &finished)?;
        output::write(Some(path), &manifest)?;
        if let Some(key) = key {
            output::write(Some(&sealing::beside(path)), &key.sign(&manifest))?;
        }
    }
    for (path, bytes) in finished {
        output::write(path, &bytes)?;
    }
    Ok(Outcome::Done)
}

/// Everything that is going to be written, and nothing of it over what is read.
fn places(options: &ReportOptions) -> Result<Targets> {
    let signature = options.sign.as_ref().and(options.manifest.as_deref()).map(sealing::beside);
    let places = Targets::new(&options.out, options.manifest.iter().chain(&signature))?;
    places.spare([&options.sign, &options.paper.template, &options.paper.logo].into_iter().flatten())?;
    places.spare_common(&options.common)?;
    Ok(places)
}

/// Which format goes where: the n-th --format with the n-th --out, then the ending of the path, then md.
fn targets(formats: &[Format], outs: &[PathBuf]) -> Result<Vec<(&'static Written, Option<PathBuf>)>> {
    if formats.len() > outs.len().max(1) {
        bail!("{} formats were asked for and {} files; give each --format its --out", formats.len(), outs.len());
    }
    let given = |at: usize| formats.get(at).and_then(|format| formats::by_id(format.to_possible_value()?.get_name()));
    let usual = formats::by_id("md").context("there is no Markdown")?;
    for path in outs.iter().enumerate().filter(|(at, path)| given(*at).is_none() && is_of_another(path)).map(|(_, path)| path) {
        say(&format!("{}: no format of a report has this ending, so it is Markdown; --format says another", path.display()));
    }
    let of = |(at, path): (usize, &PathBuf)| {
        let named = || formats::by_ending(path.file_name()?.to_str()?);
        (given(at).or_else(named).unwrap_or(usual), Some(path.clone()))
    };
    let targets: Vec<(&Written, Option<PathBuf>)> = match outs {
        [] => vec![(given(0).unwrap_or(usual), None)],
        _ => outs.iter().enumerate().map(of).collect(),
    };
    if cfg!(not(feature = "pdf")) && targets.iter().any(|(format, _)| format.id == "pdf") {
        bail!("this casefile was built without PDF; choose html, or print the HTML report");
    }
    Ok(targets)
}

/// Its ending promises what it does not get; text may hold Markdown.
fn is_of_another(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
    formats::by_ending(name).is_none() && ending.is_some_and(|ending| !["txt", "text", "tmp", "out"].contains(&ending.as_str()))
}

fn leaked(what: &Path, leak: &Leak) -> String {
    format!(
        "{} was not written: the rule {} finds a secret in it, at line {}, bytes {} to {} ({} in all); this should have \
         been replaced before, please report it, and leave out the input that has it until then",
        what.display(),
        leak.rule,
        leak.line,
        leak.bytes.0,
        leak.bytes.1,
        leak.count
    )
}

#[cfg(feature = "pdf")]
fn pdf(report: &Report, layout: &Layout) -> Result<Vec<u8>, String> {
    pdf::pdf_in(report, layout).map_err(|error| format!("it cannot be typeset: {error}"))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Report, _: &Layout) -> Result<Vec<u8>, String> {
    Err("this casefile was built without PDF".to_owned())
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
        progress: None,
    })
}

fn audience(options: &ReportOptions) -> Result<Audience> {
    if options.audience != Reader::Regulator && (options.regime.is_some() || options.stage.is_some()) {
        bail!("--regime and --stage say what a regulator gets; add --audience regulator, or leave them out");
    }
    let is_of_nis2 = matches!(options.stage, Some(Stage::EarlyWarning | Stage::Notification));
    if is_of_nis2 && options.regime != Some(Regime::Nis2) {
        bail!(
            "--stage early-warning and notification are words of NIS2; add --regime nis2, or write initial, intermediate or final"
        );
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
                Some(Stage::Initial | Stage::EarlyWarning) => "initial",
                Some(Stage::Intermediate | Stage::Notification) => "intermediate",
                Some(Stage::Final) | None => "final",
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(given: &[Format], outs: &[&str]) -> Vec<&'static str> {
        let outs: Vec<PathBuf> = outs.iter().map(PathBuf::from).collect();
        targets(given, &outs).unwrap().into_iter().map(|(format, _)| format.id).collect()
    }

    #[test]
    fn the_format_is_given_or_follows_from_the_ending() {
        assert_eq!(ids(&[], &[]), ["md"]);
        assert_eq!(ids(&[Format::Json], &[]), ["json"]);
        assert_eq!(ids(&[], &["a.JSON", "b.html", "c.txt"]), ["json", "html", "md"]);
        assert_eq!(ids(&[Format::Html], &["a.txt", "b.json"]), ["html", "json"]);
        assert!(targets(&[Format::Md, Format::Json], &[]).is_err());
        assert_eq!(ids(&[], &["a.docx", "a.notion.md", "a.Slack.md"]), ["docx", "notion", "slack"]);
        assert_eq!(ids(&[], &["actions.csv", "a-actions.csv", "a.csv"]), ["actions-csv", "actions-csv", "timeline-csv"]);
        assert_eq!(ids(&[], &["a.confluence.xml", "a.jira.txt", "a.ics"]), ["confluence", "jira", "ics"]);
        let slack = ["a.slack.txt", "a.slack.ndjson", "a.jira", "a.confluence.txt", "a.htm", "a.ical", "a.markdown"];
        assert_eq!(ids(&[], &slack), ["slack", "slack-blocks", "jira", "confluence-wiki", "html", "ics", "md"]);
    }

    #[test]
    fn an_ending_of_no_format_is_told_unless_it_is_text() {
        let told = |name: &str| is_of_another(Path::new(name));
        assert!(told("report.xlsx") && told("a.odt"));
        assert!(!told("report.md") && !told("report") && !told("report.txt") && !told("/dev/stdout") && !told("a.json"));
    }

    #[test]
    fn every_format_of_the_command_is_one_that_is_written() {
        for format in Format::value_variants() {
            let name = format.to_possible_value().unwrap().get_name().to_owned();
            // Without the typesetter there is no PDF.
            if cfg!(feature = "pdf") || name != "pdf" {
                assert_eq!(ids(&[*format], &[]), [name]);
            }
        }
        assert_eq!(Format::value_variants().len(), formats::FORMATS.len());
    }
}
