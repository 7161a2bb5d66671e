//! The ways in which a report is written: their names, their endings, and the bytes of each.
//!
//! What leaves has passed the last gate here, whoever asked for it. Must never know files or requests, nor typesetting: a PDF is
//! made by another crate, handed in, and looked at by its words like any other format.

use super::{
    actions_csv, calendar, confluence_in, confluence_wiki_in, docx_in, html_in, jira_in, markdown_in, notion_in, slack_blocks_in,
    slack_in, timeline_csv,
};
use crate::layout::Layout;
use crate::model::Report;

/// One way to write a report.
#[derive(Debug)]
pub struct Format {
    /// As it is called in an address and, but for those that are listed there, on the command line.
    pub id: &'static str,
    /// For a reader who chooses.
    pub title: &'static str,
    /// Of a file's name; the first one is that of a file that is written without asking.
    pub endings: &'static [&'static str],
    /// Its media type.
    pub media: &'static str,
    write: Writer,
}

#[derive(Debug, Clone, Copy)]
enum Writer {
    Json,
    Pdf,
    Docx,
    /// With the sections of a layout.
    Laid(fn(&Report, &Layout) -> String),
    Plain(fn(&Report) -> String),
}

/// A report as a PDF, or why there is none.
pub type Typesetter<'t> = &'t dyn Fn(&Report, &Layout) -> Result<Vec<u8>, String>;

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A secret stands in it: the rule that finds it, where, and how many there are. The value is never told.
    Secret(Leak),
    /// It could not be made, and why.
    Failed(String),
}

/// Where the first secret stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    pub rule: String,
    pub line: usize,
    pub bytes: (usize, usize),
    pub count: usize,
}

const MARKDOWN: &str = "text/markdown; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const fn format(
    id: &'static str,
    title: &'static str,
    endings: &'static [&'static str],
    media: &'static str,
    write: Writer,
) -> Format {
    Format { id, title, endings, media, write }
}

/// All of them, in the order in which they are offered.
pub static FORMATS: &[Format] = &[
    format("html", "Web page, one file", &["html", "htm"], "text/html; charset=utf-8", Writer::Laid(html_in)),
    format("pdf", "PDF", &["pdf"], "application/pdf", Writer::Pdf),
    format("docx", "Word document", &["docx"], WORD, Writer::Docx),
    format("md", "Markdown", &["md", "markdown"], MARKDOWN, Writer::Laid(markdown_in)),
    format("notion", "Markdown for Notion", &["notion.md"], MARKDOWN, Writer::Laid(notion_in)),
    format("confluence", "Confluence page", &["confluence.xml"], "application/xml; charset=utf-8", Writer::Laid(confluence_in)),
    format("confluence-wiki", "Confluence wiki markup", &["confluence.txt"], TEXT, Writer::Laid(confluence_wiki_in)),
    format("jira", "Jira markup", &["jira.txt", "jira"], TEXT, Writer::Laid(jira_in)),
    format("slack", "Slack message", &["slack.txt", "slack.md"], TEXT, Writer::Laid(slack_in)),
    format("slack-blocks", "Slack payloads", &["slack.ndjson"], "application/x-ndjson", Writer::Laid(slack_blocks_in)),
    format("timeline-csv", "Timeline as CSV", &["timeline.csv", "csv"], "text/csv; charset=utf-8", Writer::Plain(timeline_csv)),
    format("actions-csv", "Actions as CSV", &["actions.csv"], "text/csv; charset=utf-8", Writer::Plain(actions_csv)),
    format("ics", "Due dates as calendar", &["ics", "ical"], "text/calendar; charset=utf-8", Writer::Plain(calendar)),
    format("json", "Report as JSON", &["json"], "application/json", Writer::Json),
];

pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// By the longest ending that a file's name has, whatever its case.
pub fn by_ending(name: &str) -> Option<&'static Format> {
    let name = name.to_ascii_lowercase();
    let ends = |ending: &str| {
        let rest = name.strip_suffix(ending);
        // The CSV of the actions may have any beginning.
        rest.is_some_and(|rest| rest.ends_with('.') || ending == "actions.csv")
    };
    let all = FORMATS.iter().flat_map(|format| format.endings.iter().map(move |ending| (ending, format)));
    all.filter(|(ending, _)| ends(ending)).max_by_key(|(ending, _)| ending.len()).map(|(_, format)| format)
}

impl Format {
    /// The bytes, once nothing secret is in them. `shown` is what a reader reads, `data` what the JSON has: the same, but for
    /// what people said, which is woven into the one and stands beside the other.
    pub fn written(&self, (shown, data): (&Report, &Report), layout: &Layout, pdf: Typesetter<'_>) -> Result<Vec<u8>, Refusal> {
        let bytes = match self.write {
            Writer::Json => json(data)?,
            Writer::Pdf => pdf(shown, layout).map_err(Refusal::Failed)?,
            Writer::Docx => docx_in(shown, layout).map_err(|error| Refusal::Failed(error.to_string()))?,
            Writer::Laid(write) => write(shown, layout).into_bytes(),
            Writer::Plain(write) => write(shown).into_bytes(),
        };
        gate(&bytes)?;
        // A mark of the format within a secret hides it, and so does what packs a PDF or a DOCX: the same words without either.
        gate(&json(shown)?)?;
        Ok(bytes)
    }
}

/// The last look at what is about to leave.
pub fn gate(bytes: &[u8]) -> Result<(), Refusal> {
    let found = redact::gate(bytes);
    let Some(first) = found.first() else { return Ok(()) };
    let line = 1 + bytes[..first.start].iter().filter(|b| **b == b'\n').count();
    Err(Refusal::Secret(Leak { rule: first.rule.to_string(), line, bytes: (first.start, first.end), count: found.len() }))
}

/// The data contract, as it is published.
pub fn json(report: &Report) -> Result<Vec<u8>, Refusal> {
    let json = serde_json::to_string_pretty(report).map_err(|error| Refusal::Failed(error.to_string()))?;
    let mut bytes = Vec::with_capacity(json.len() + 1);
    push_json(&json, &mut bytes);
    bytes.push(b'\n');
    Ok(bytes)
}

/// Adds JSON as its writer made it, in which strings may still have characters that are not seen: they are escaped, which
/// changes nothing for whoever reads it as JSON.
pub fn push_json(json: &str, out: &mut Vec<u8>) {
    if json.is_ascii() {
        return out.extend_from_slice(json.as_bytes());
    }
    let mut units = [0; 2];
    let mut rest = json;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| !c.is_ascii() && evidence::is_unseen(*c)) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        c.encode_utf16(&mut units).iter().for_each(|unit| out.extend_from_slice(format!("\\u{unit:04x}").as_bytes()));
        rest = &rest[at + c.len_utf8()..];
    }
    out.extend_from_slice(rest.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::full_report;

    fn no_pdf(_: &Report, _: &Layout) -> Result<Vec<u8>, String> {
        Ok(b"%PDF".to_vec())
    }

    #[test]
    fn json_says_the_same_with_what_is_not_seen_escaped() {
        let text = "é\u{202e}x\u{9b}1m\u{e0041}\u{1b}";
        let mut out = Vec::new();
        push_json(&serde_json::to_string(text).unwrap(), &mut out);
        assert_eq!(out, "\"é\\u202ex\\u009b1m\\udb40\\udc41\\u001b\"".as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }

    #[test]
    fn every_format_is_named_once_and_writes_something() {
        let report = full_report();
        for format in FORMATS {
            assert!(std::ptr::eq(by_id(format.id).unwrap(), format), "{}", format.id);
            let file = format!("report.{}", format.endings[0]);
            assert_eq!(by_ending(&file).map(|found| found.id), Some(format.id), "{file}");
            assert!(!format.written((&report, &report), &Layout::default(), &no_pdf).unwrap().is_empty(), "{}", format.id);
        }
        assert!(by_id("odt").is_none() && by_ending("report.txt").is_none() && by_ending("md").is_none());
        assert_eq!(by_ending("old-ACTIONS.csv").unwrap().id, "actions-csv");
    }

    #[test]
    fn no_format_lets_a_secret_out() {
        let token = ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat();
        let mut report = full_report();
        report.claims[0].text = format!("It was {token} all the time.");
        report.incident.title = format!("Title with {token} in it");
        for format in FORMATS {
            let refused = format.written((&report, &report), &Layout::default(), &no_pdf);
            let Err(Refusal::Secret(leak)) = refused else { panic!("{} lets it out", format.id) };
            assert!(leak.count > 0 && !format!("{leak:?}").contains(&token), "{leak:?}");
        }
    }
}
