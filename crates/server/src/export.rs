//! What leaves: a case as people left it, for a reader, in a format.
//!
//! People's words are woven in with their names, but for customers, who get no names. The last look at the bytes is the
//! same as the command's: what has the shape of a secret does not go out.

use axum::http::StatusCode;
use report::audience::{self, Audience};
use report::layout::Layout;
use report::model::Report;
use report::render;
use report::revision::told;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{Answer, Problem};

/// One way to write a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    pub id: &'static str,
    pub title: &'static str,
    pub ending: &'static str,
    pub media: &'static str,
}

macro_rules! formats {
    ($($id:literal $title:literal $ending:literal $media:literal,)*) => {
        pub const FORMATS: &[Format] = &[$(Format { id: $id, title: $title, ending: $ending, media: $media },)*];
    };
}

formats! {
    "html" "Web page, one file" "html" "text/html; charset=utf-8",
    "pdf" "PDF" "pdf" "application/pdf",
    "docx" "Word document" "docx" "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md" "Markdown" "md" "text/markdown; charset=utf-8",
    "notion" "Markdown for Notion" "notion.md" "text/markdown; charset=utf-8",
    "confluence" "Confluence page" "confluence.xml" "application/xml; charset=utf-8",
    "confluence-wiki" "Confluence wiki markup" "confluence.txt" "text/plain; charset=utf-8",
    "jira" "Jira markup" "jira.txt" "text/plain; charset=utf-8",
    "slack" "Slack message" "slack.txt" "text/plain; charset=utf-8",
    "timeline-csv" "Timeline as CSV" "timeline.csv" "text/csv; charset=utf-8",
    "actions-csv" "Actions as CSV" "actions.csv" "text/csv; charset=utf-8",
    "ics" "Due dates as calendar" "ics" "text/calendar; charset=utf-8",
    "json" "Report as JSON" "json" "application/json",
}

/// For whom.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct For {
    /// `engineering` (default), `executive`, `customer` or `regulator`.
    pub audience: Option<String>,
    /// `dora` (default) or `nis2`, for a regulator.
    pub regime: Option<String>,
    /// `initial`, `intermediate` or `final` (default), for a regulator.
    pub stage: Option<String>,
    /// The version of the case; the newest unless given.
    pub version: Option<i64>,
    /// The number of the analysis; the newest unless given.
    pub analysis: Option<i64>,
}

pub fn format(id: &str) -> Answer<Format> {
    let known = FORMATS.iter().find(|format| format.id == id);
    known.copied().ok_or_else(|| Problem::missing("format"))
}

/// The bytes of a report for a reader. Takes time: not to be called where others wait.
pub fn written(report: &Report, format: Format, reader: &For) -> Answer<Vec<u8>> {
    let audience = reader.audience()?;
    let by_hand = report.by_hand.clone().filter(|_| audience != Audience::Customer);
    let mut addressed =
        audience::address(report.clone(), audience).map_err(|refusal| Problem::new(StatusCode::CONFLICT, refusal.to_string()))?;
    addressed.by_hand = by_hand;
    let layout = Layout::default();
    let shown = told(&addressed);
    let bytes = match format.id {
        "json" => json(&addressed)?,
        "html" => render::html_in(&shown, &layout).into_bytes(),
        "pdf" => pdf(&shown, &layout)?,
        "docx" => render::docx_in(&shown, &layout)
            .map_err(|_| Problem::fault("The DOCX could not be written; choose another format."))?,
        "notion" => render::notion_in(&shown, &layout).into_bytes(),
        "confluence" => render::confluence_in(&shown, &layout).into_bytes(),
        "confluence-wiki" => render::confluence_wiki_in(&shown, &layout).into_bytes(),
        "jira" => render::jira_in(&shown, &layout).into_bytes(),
        "slack" => render::slack_in(&shown, &layout).into_bytes(),
        "timeline-csv" => render::timeline_csv(&shown).into_bytes(),
        "actions-csv" => render::actions_csv(&shown).into_bytes(),
        "ics" => render::calendar(&shown).into_bytes(),
        _ => render::markdown_in(&shown, &layout).into_bytes(),
    };
    // What a PDF or a DOCX shows is compressed in it: the same words without it are looked at.
    let looked_at = match format.id {
        "pdf" | "docx" => render::markdown_in(&shown, &layout).into_bytes(),
        _ => Vec::new(),
    };
    gate(&bytes)?;
    gate(&looked_at)?;
    Ok(bytes)
}

/// Refuses what has a secret in it, and tells its rule only.
pub fn gate(bytes: &[u8]) -> Answer<()> {
    match redact::gate(bytes).first() {
        None => Ok(()),
        Some(found) => Err(Problem::fault(format!(
            "This was not sent: the rule {} finds a secret in it, which should have been replaced before. Please report it.",
            found.rule
        ))),
    }
}

fn json(report: &Report) -> Answer<Vec<u8>> {
    serde_json::to_vec_pretty(report).map_err(|_| Problem::fault("The report could not be written."))
}

#[cfg(feature = "pdf")]
fn pdf(report: &Report, layout: &Layout) -> Answer<Vec<u8>> {
    pdf::pdf_in(report, layout).map_err(|_| Problem::fault("The PDF could not be typeset; choose another format."))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Report, _: &Layout) -> Answer<Vec<u8>> {
    Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "This casefile was built without PDF; print the web page."))
}

impl For {
    fn audience(&self) -> Answer<Audience> {
        Ok(match self.audience.as_deref().unwrap_or("engineering") {
            "engineering" => Audience::Engineering,
            "executive" => Audience::Executive,
            "customer" => Audience::Customer,
            "regulator" => Audience::Regulator {
                regime: pick(self.regime.as_deref(), &["dora", "nis2"])?,
                stage: pick(self.stage.as_deref(), &["final", "intermediate", "initial"])?,
            },
            other => {
                return Err(Problem::bad(format!("There is no reader {other}: engineering, executive, customer or regulator.")));
            }
        })
    }
}

/// The first is the default.
fn pick(word: Option<&str>, known: &[&'static str]) -> Answer<&'static str> {
    let word = word.filter(|word| !word.is_empty()).unwrap_or(known[0]);
    known
        .iter()
        .find(|name| **name == word)
        .copied()
        .ok_or_else(|| Problem::bad(format!("{word} is none of {}.", known.join(", "))))
}

/// The name of a downloaded file (RFC 6266): plain letters for everybody, the title itself for those who can.
pub fn disposition(title: &str, ending: &str) -> String {
    let plain: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let plain: String = plain.chars().take(60).collect();
    let plain = if plain.is_empty() { "report".to_owned() } else { plain };
    let whole: String = title.chars().filter(|c| !intake::is_unseen(*c) && *c != '/').take(80).collect();
    let mut encoded = String::new();
    for byte in format!("{whole}.{ending}").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c7_no_title_breaks_out_of_a_header() {
        for title in ["a\r\nSet-Cookie: x=1", "\"; filename=evil.exe", "Größe \u{202e}é", "../../x", ""] {
            let header = disposition(title, "pdf");
            assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
            assert_eq!(header.matches('"').count(), 2, "{header}");
        }
        assert_eq!(
            disposition("Checkout down", "pdf"),
            "attachment; filename=\"checkout-down.pdf\"; filename*=UTF-8''Checkout%20down.pdf"
        );
    }

    #[test]
    fn a_regulator_is_told_by_a_known_regime_at_a_known_stage() {
        let reader = |regime: Option<&str>| For {
            audience: Some("regulator".to_owned()),
            regime: regime.map(str::to_owned),
            ..For::default()
        };
        assert!(matches!(reader(None).audience(), Ok(Audience::Regulator { regime: "dora", stage: "final" })));
        assert!(reader(Some("sox")).audience().is_err());
    }
}
