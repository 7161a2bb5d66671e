//! `casefile report`: one report, in one or several files. Must never decide what stands in it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use investigate::Config;
use report::audience::{self, Audience};
use report::layout::Layout;
use report::model::Report;
use report::render;

use crate::args::{Format, Reader, Regime, ReportOptions, Stage};
use crate::bundle::FileBundle;
use crate::{Outcome, config, output, progress, say, sealing, settings, templates};

/// Reads the inputs once and writes every file that was asked for; negative when nothing was usable.
pub fn run(options: &ReportOptions) -> Result<Outcome> {
    let targets = targets(&options.format, &options.out)?;
    let audience = audience(options)?;
    let key = sealing::key(options)?;
    let written: Vec<PathBuf> = options.out.iter().chain(&options.manifest).cloned().collect();
    if let Some(path) = output::missing_folder(&written) {
        bail!("cannot write {}: its folder does not exist; make it first", path.display());
    }
    let config = config_of(options)?;
    let template = templates::of(&options.paper, &options.common)?;
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
    let layout = template.layout(&report)?;
    if targets.iter().any(|(format, _)| *format == Format::Ics) && render::dated(&report) == 0 {
        say("no action has a date at which it is due, so the calendar is empty");
    }
    let mut finished = Vec::new();
    for (format, path) in &targets {
        let name = path.as_deref().unwrap_or(Path::new("the report"));
        output::progress(&format!("writing {} ...", name.display()));
        let bytes = rendered((&report, &layout), *format)?;
        // What a PDF or a DOCX shows is compressed in it: the same words without it are looked at.
        let text = match format {
            Format::Pdf => Cow::Owned(json(&report)?),
            Format::Docx => Cow::Owned(render::markdown_in(&report, &layout).into_bytes()),
            _ => Cow::Borrowed(&bytes),
        };
        output::progress("");
        if let Some(why) = output::leak(name, &text) {
            say(&why);
            return Ok(Outcome::Negative);
        }
        finished.push((path.as_deref(), bytes));
    }
    if let Some(path) = &options.manifest {
        let cited = json(&report)?;
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

/// The longest ending that is known, whatever its case.
fn by_ending(path: &Path) -> Option<Format> {
    const ENDINGS: [(&str, Format); 19] = [
        (".json", Format::Json),
        (".html", Format::Html),
        (".htm", Format::Html),
        (".pdf", Format::Pdf),
        (".docx", Format::Docx),
        (".notion.md", Format::Notion),
        (".slack.md", Format::Slack),
        (".slack.txt", Format::Slack),
        (".slack.ndjson", Format::SlackBlocks),
        (".confluence.xml", Format::Confluence),
        (".confluence.txt", Format::ConfluenceWiki),
        (".jira.txt", Format::Jira),
        (".jira", Format::Jira),
        (".md", Format::Md),
        (".markdown", Format::Md),
        ("actions.csv", Format::ActionsCsv),
        (".csv", Format::TimelineCsv),
        (".ics", Format::Ics),
        (".ical", Format::Ics),
    ];
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
}

fn rendered((report, layout): (&Report, &Layout), format: Format) -> Result<Vec<u8>> {
    let text = match format {
        Format::Json => return json(report),
        Format::Pdf => return pdf(report, layout),
        Format::Docx => return render::docx_in(report, layout).context("cannot write the DOCX; choose another format"),
        Format::Md => render::markdown_in(report, layout),
        Format::Html => render::html_in(report, layout),
        Format::Notion => render::notion_in(report, layout),
        Format::Confluence => render::confluence_in(report, layout),
        Format::ConfluenceWiki => render::confluence_wiki_in(report, layout),
        Format::Jira => render::jira_in(report, layout),
        Format::Slack => render::slack_in(report, layout),
        Format::SlackBlocks => render::slack_blocks_in(report, layout),
        Format::TimelineCsv => render::timeline_csv(report),
        Format::ActionsCsv => render::actions_csv(report),
        Format::Ics => render::calendar(report),
    };
    Ok(text.into_bytes())
}

fn json(report: &Report) -> Result<Vec<u8>> {
    let json = serde_json::to_string_pretty(report).context("cannot write the report as JSON")?;
    let mut bytes = Vec::with_capacity(json.len() + 1);
    output::push_json(&json, &mut bytes);
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(feature = "pdf")]
fn pdf(report: &Report, layout: &Layout) -> Result<Vec<u8>> {
    pdf::pdf_in(report, layout).map_err(|e| anyhow::anyhow!("cannot typeset the PDF: {e}; choose another format"))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Report, _: &Layout) -> Result<Vec<u8>> {
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
        progress: None,
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
        assert_eq!(formats(&[], &["a.docx", "a.notion.md", "a.Slack.md"]), [Format::Docx, Format::Notion, Format::Slack]);
        assert_eq!(
            formats(&[], &["actions.csv", "a-actions.csv", "a.csv"]),
            [Format::ActionsCsv, Format::ActionsCsv, Format::TimelineCsv]
        );
        assert_eq!(formats(&[], &["a.confluence.xml", "a.jira.txt", "a.ics"]), [Format::Confluence, Format::Jira, Format::Ics]);
    }
}
