//! What is pasted, sent and filed of a report: every format of every case.
//!
//! Must never test how a format looks, only what whoever gets it relies on: its citations, nothing hidden, the same again.

use std::io::{Cursor, Read};

use report::layout::Layout;
use report::model::{Claim, Report, Section};
use report::render;

use crate::cases;
use crate::hostile_text::is_harmless;
use crate::program::{casefile, folder};

/// Name and text of each, but HTML and PDF; of a DOCX its parts.
pub fn texts(report: &Report) -> Vec<(String, String)> {
    let layout = Layout::default();
    let mut all = vec![
        ("md", render::markdown_in(report, &layout)),
        ("notion", render::notion_in(report, &layout)),
        ("confluence", render::confluence_in(report, &layout)),
        ("confluence-wiki", render::confluence_wiki_in(report, &layout)),
        ("jira", render::jira_in(report, &layout)),
        ("slack", render::slack_in(report, &layout)),
        ("slack-blocks", render::slack_blocks_in(report, &layout)),
        ("timeline-csv", render::timeline_csv(report)),
        ("actions-csv", render::actions_csv(report)),
        ("ics", render::calendar(report)),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_string(), text))
    .collect::<Vec<_>>();
    let mut docx = zip::ZipArchive::new(Cursor::new(render::docx_in(report, &layout).unwrap())).unwrap();
    for i in 0..docx.len() {
        let mut part = docx.by_index(i).unwrap();
        let name = format!("docx, {}", part.name().unwrap());
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        all.push((name, text));
    }
    all
}

#[test]
fn every_format_of_every_case_cites_and_hides_nothing() {
    for case in cases::names() {
        let report = cases::base(&case);
        let all = texts(&report);
        assert_eq!(all, texts(&report), "{case}: the same again");
        for (name, text) in &all {
            // Lines of CSV and calendars end so by their standards.
            assert!(is_harmless(&text.replace("\r\n", "\n")), "{case}: {name}");
        }
        for (name, text) in all.iter().filter(|(name, _)| !name.starts_with("docx") && !name.contains("csv") && name != "ics") {
            // What a field of Jira cannot hold is the account of the sources, at the end.
            let told = |claim: &&Claim| name != "jira" || claim.section != Section::Evidence;
            for id in report.claims.iter().filter(told).flat_map(|claim| claim.citations.iter()) {
                assert!(text.contains(&format!("[{id}]")) || text.contains(&format!("[#{id}]")), "{case}: {name}: {id}");
            }
        }
        let (_, document) = all.iter().find(|(name, _)| name == "docx, word/document.xml").unwrap();
        let (_, timeline) = all.iter().find(|(name, _)| name == "timeline-csv").unwrap();
        for claim in &report.claims {
            assert!(claim.citations.iter().all(|id| document.contains(&format!("<w:hyperlink w:anchor=\"{id}\""))), "{case}");
        }
        assert_eq!(timeline.matches("\r\n").count(), report.timeline.len() + 1);
        assert!(report.timeline.iter().all(|entry| timeline.contains(&format!("\"{}\"", entry.claim))), "{case}");
    }
}

#[test]
fn the_ending_chooses_the_format_and_one_run_writes_them_all() {
    let dir = folder(&[("app.log", LOG)]);
    let names = ["a.docx", "a.notion.md", "a.confluence.xml", "a.confluence.txt", "a.jira.txt", "a.slack.md", "a.slack.ndjson"];
    let names: Vec<&str> = names.into_iter().chain(["timeline.csv", "actions.csv", "due.ics"]).collect();
    let mut words = vec!["report", "app.log"];
    names.iter().for_each(|name| words.extend(["--out", name]));
    let run = casefile(dir.path(), &words);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("no action has a date at which it is due"), "{}", run.err);
    let starts = |name: &str, wanted: &str| {
        let bytes = std::fs::read(dir.path().join(name)).unwrap();
        assert!(bytes.starts_with(wanted.as_bytes()), "{name}: {}", String::from_utf8_lossy(&bytes[..40.min(bytes.len())]));
    };
    let wanted = ["PK", "# ", "<h1>", "h1. ", "h1. ", "*", "{\"text\":", "\"time_utc\",", "\"priority\",", "BEGIN:VCALENDAR\r\n"];
    names.iter().zip(wanted).for_each(|(name, wanted)| starts(name, wanted));
}

const LOG: &str = "2024-02-07T09:00:00Z INFO shop started\n2024-02-07T09:00:01Z ERROR shop connection refused\n";

#[test]
fn a_template_of_a_house_lays_every_page_out() {
    let house = "organisation = \"Example Ltd\"\nconfidentiality = \"For us only\"\ntitle = \"PM: {{ incident.title }}\"\n\
                 [[section]]\npart = \"unknowns\"\ntitle = \"Open questions\"\nbefore_file = \"intro.txt\"\n\
                 [[section]]\npart = \"summary\"\n";
    let config = "template = \"../house/house.toml\"\n";
    let files =
        [("app.log", LOG), ("house/house.toml", house), ("house/intro.txt", "It lasted {{ metrics.duration_s | duration }}.")];
    let dir = folder(&files.into_iter().chain([("etc/casefile.toml", config)]).collect::<Vec<_>>());
    let page = |words: &[&str]| {
        let run = casefile(dir.path(), &[&["report", "app.log", "--format", "md"], words].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.text()
    };
    let laid_out = page(&["--template", "house/house.toml"]);
    assert!(laid_out.starts_with("# PM: ") && laid_out.contains("**Example Ltd · For us only**"));
    let heads: Vec<&str> = laid_out.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(heads, ["## Open questions", "## Executive summary", "## Evidence"]);
    assert!(laid_out.contains("> **Example Ltd:** It lasted "));
    assert_eq!(laid_out, page(&["--config", "etc/casefile.toml"]), "the file of the options names it, too");
    let said = page(&["--template", "house/house.toml", "--organisation", "Other {{ x }}", "--confidentiality", "Open"]);
    assert!(said.contains("**Other \\{\\{ x \\}\\} · Open**"));
}

#[test]
fn a_template_that_does_not_hold_is_told_before_anything_is_read() {
    let dir =
        folder(&[("app.log", LOG), ("house.toml", "[[section]]\ntitle = \"x\"\npart = \"sumary\"\n"), ("logo.gif", "GIF89a")]);
    for (words, wanted) in [
        (
            &["report", "app.log", "--template", "house.toml", "--out", "a.md"][..],
            "house.toml:3: there is no part \"sumary\"; parts are summary,",
        ),
        (&["template", "house.toml"], "house.toml:3: there is no part"),
        (&["report", "app.log", "--template", "gone.toml"], "cannot read gone.toml; --template wants a TOML file"),
        (&["report", "app.log", "--logo", "logo.gif"], "cannot use logo.gif: the logo is neither PNG nor JPEG nor SVG"),
    ] {
        let run = casefile(dir.path(), words);
        assert_eq!(run.code, Some(2), "{words:?}");
        assert!(run.err.contains(wanted), "{words:?}: {}", run.err);
    }
    assert!(!dir.path().join("a.md").exists());
}

#[test]
fn ours_is_printed_to_start_from_and_changes_nothing() {
    let dir = folder(&[("app.log", LOG)]);
    let ours = casefile(dir.path(), &["template"]);
    std::fs::write(dir.path().join("house.toml"), &ours.out).unwrap();
    let page = |words: &[&str]| casefile(dir.path(), &[&["report", "app.log"], words].concat()).text();
    assert_eq!(page(&[]), page(&["--template", "house.toml"]));
    let checked = casefile(dir.path(), &["template", "house.toml"]);
    assert!(checked.code == Some(0) && checked.text().contains("house.toml holds"), "{}", checked.text());
}
