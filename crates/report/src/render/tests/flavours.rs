//! What holds for every format that a report is pasted or sent in.

use super::super::{fixture, wiki};
use super::*;
use crate::layout::Layout;
use crate::model::Report;

/// Name, and the text of a report in it.
type Format = (&'static str, fn(&Report, &Layout) -> String);

const FORMATS: [Format; 10] = [
    ("md", markdown_in),
    ("notion", notion_in),
    ("confluence", confluence_in),
    ("confluence-wiki", confluence_wiki_in),
    ("jira", jira_in),
    ("slack", slack_in),
    ("slack-blocks", slack_blocks_in),
    ("timeline-csv", |report, _| timeline_csv(report)),
    ("actions-csv", |report, _| actions_csv(report)),
    ("ics", |report, _| calendar(report)),
];
/// Those that hold the whole report.
const WHOLE: usize = 7;

/// What the marks of each language would do if they were let through.
const POISONS: [&str; 14] = [
    "![i](https://evil.example/i.png)",
    "!https://evil.example/i.png! !i.png|thumbnail!",
    "[x|http://evil.example] [x](http://evil.example) [~bob] [[x]]",
    "a | b || c |- d",
    "<img src=\"https://evil.example/i.png\"> <b>x</b> &lt;script&gt;",
    "```\n~~~\n{code}\n{noformat}\n]]>\n</ac:plain-text-body>",
    "{html}x{html} {{mono}} {include:x} {code}",
    "<!channel> <@U123> <!subteam^S1> <#C1> @here @everyone @bob",
    "<ac:image><ri:url ri:value=\"https://evil.example\"/></ac:image>",
    "]]><ac:structured-macro ac:name=\"html\">",
    "h1. head\nbq. quote\n# one\n* two\n- three",
    "=HYPERLINK(\"https://evil.example\")\r\nBEGIN:VALARM",
    "\0\u{1b}]0;x\u{7}\u{202e}\u{FFFF}\u{2028}",
    "\\\\ \\{code} \\[x] \\<b>",
];

fn each(check: impl Fn(&str, &str, &str)) {
    for (name, write) in FORMATS {
        for text in POISONS {
            check(name, text, &write(&fixture::poisoned(text), &Layout::default()));
        }
    }
}

/// Without records, which stand in blocks of code.
fn without_records(name: &str, page: &str) -> String {
    let marks: &[(&str, &str)] = match name {
        "md" | "notion" => &[("\n````", "\n````"), ("\n```", "\n```")],
        "confluence" => &[("<![CDATA[", "]]>")],
        _ => &[("{noformat}", "{noformat}"), ("{code}", "{code}"), ("{quote}", "{quote}")],
    };
    let mut page = page.to_owned();
    for (open, close) in marks {
        while let Some(from) = page.find(open) {
            let rest = from + open.len();
            let end = page[rest..].find(close).map_or(page.len(), |at| rest + at + close.len());
            page.replace_range(from..end, " ");
        }
    }
    page
}

#[test]
fn c3_no_format_shows_a_picture_or_a_link_of_a_text() {
    each(|name, text, page| {
        let prose = without_records(name, page);
        // Within code an address is a text.
        let bare: String = if name == "md" || name == "notion" { prose.split('`').step_by(2).collect() } else { prose };
        let live: &[&str] = match name {
            "md" | "notion" => &["](", "https://", "http://"],
            "confluence" => &["<img", "<ac:image", "<ri:", "<a "],
            "jira" | "confluence-wiki" => &["|http", "https://", "http://", "[~", " !h", "!i."],
            "slack" => &["<http", "<@", "<!", "<#"],
            _ => &[],
        };
        for mark in live {
            let escaped = format!("\\{mark}");
            assert!(!bare.replace(&escaped, "").contains(mark), "{name}: {text:?} gives {mark}");
        }
    });
}

#[test]
fn c3_no_text_opens_a_block_a_row_or_a_macro_of_a_wiki() {
    for name in ["jira", "confluence-wiki"] {
        let write = FORMATS.iter().find(|(known, _)| *known == name).expect("is there").1;
        for text in POISONS {
            let page = write(&fixture::poisoned(text), &Layout::default());
            let prose = without_records(name, &page);
            for (i, _) in prose.match_indices('{') {
                let before = prose[..i].chars().next_back();
                let ours = ["{anchor:", "{{"].iter().any(|mark| prose[i..].starts_with(mark)) || before == Some('{');
                assert!(before == Some('\\') || ours, "{text:?}: {}", &prose[i..(i + 30).min(prose.len())].escape_debug());
            }
            for row in prose.lines().filter(|line| line.starts_with('|') && !line.starts_with("||")) {
                // The bar of a link is ours.
                let bars = row.replace("\\|", "").replace("|#", "").matches('|').count();
                assert!((3..=7).contains(&bars), "{row}");
            }
        }
    }
}

#[test]
fn c3_a_page_of_confluence_is_xml_whatever_a_text_says() {
    let elements = |page: &str| {
        let whole = format!("<r xmlns:ac=\"a\" xmlns:ri=\"r\">{page}</r>");
        let mut reader = quick_xml::Reader::from_str(&whole);
        let mut count = 0;
        loop {
            match reader.read_event().expect("is XML") {
                quick_xml::events::Event::Eof => return count,
                quick_xml::events::Event::Start(_) => count += 1,
                _ => {}
            }
        }
    };
    let plain = elements(&confluence_in(&fixture::full(), &Layout::default()));
    for text in POISONS.into_iter().chain(HOSTILE) {
        let page = confluence_in(&fixture::poisoned(text), &Layout::default());
        assert!(elements(&page) <= plain + 60, "{text:?}");
        let prose = without_records("confluence", &page);
        assert!(!prose.contains("<script") && !prose.contains("ac:name=\"html\""), "{text:?}");
    }
}

#[test]
fn c4_slack_mentions_nobody_and_unfurls_nothing() {
    for text in POISONS {
        let report = fixture::poisoned(text);
        let page = slack_in(&report, &Layout::default());
        assert!(!page.contains('<'), "{text:?}");
        for line in slack_blocks_in(&report, &Layout::default()).lines() {
            let payload: serde_json::Value = serde_json::from_str(line).expect("is JSON");
            for key in ["unfurl_links", "unfurl_media", "link_names"] {
                assert_eq!(payload[key], serde_json::json!(false));
            }
            let blocks = payload["blocks"].as_array().expect("has blocks");
            let said = |block: &serde_json::Value| block["text"]["text"].as_str().unwrap_or_default().to_owned();
            assert!(blocks.len() <= 50 && blocks.iter().map(|block| said(block).chars().count()).sum::<usize>() <= 13_000);
            for block in blocks {
                assert!((1..=slack::SECTION).contains(&said(block).chars().count()));
                assert!(block["type"] == "header" || !said(block).contains('<') && block["text"]["verbatim"] == true);
            }
        }
    }
}

#[test]
fn messages_and_fields_hold_no_more_than_they_may() {
    let mut report = fixture::full();
    let entry = report.timeline[0].clone();
    report.timeline.extend(std::iter::repeat_n(entry, 2_000));
    let messages = slack_in(&report, &Layout::default());
    assert!(messages.contains(slack::CUT));
    assert!(messages.split(slack::CUT).all(|message| message.chars().count() <= slack::MESSAGE + 1));
    let jira = jira_in(&report, &Layout::default());
    assert!(jira.chars().count() <= wiki::JIRA_FIELD && jira.contains("Left out, since a field holds 32,767 characters"));
}

#[test]
fn every_format_has_every_citation_of_every_claim() {
    let report = fixture::full();
    for (name, write) in FORMATS.into_iter().take(WHOLE) {
        let page = write(&report, &Layout::default());
        for id in report.claims.iter().flat_map(|claim| claim.citations.iter()) {
            let cited = [format!("[{id}]"), format!("[#{id}]")].iter().any(|cite| page.contains(cite));
            assert!(cited, "{name}: {id}");
        }
        for item in &report.evidence {
            let place = format!("{}, line", item.source);
            assert!(page.replace(['\\', '`'], "").contains(&place), "{name}: {place}");
        }
    }
}

#[test]
fn no_format_has_characters_that_are_not_seen_and_all_say_the_same_again() {
    each(|name, text, page| {
        let odd = |c: char| {
            c.is_control() && c != '\n' && c != '\t' && !(c == '\r' && matches!(name, "timeline-csv" | "actions-csv" | "ics"))
        };
        let hides = |c: char| matches!(u32::from(c), 0xad | 0x200b | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff);
        assert!(!page.chars().any(|c| odd(c) || hides(c)), "{name}: {text:?}");
        let write = FORMATS.iter().find(|(known, _)| *known == name).expect("is there").1;
        assert_eq!(page, write(&fixture::poisoned(text), &Layout::default()));
    });
}

#[test]
fn words_of_a_house_are_told_from_statements() {
    let mut layout = Layout { organisation: Some("Example Ltd".to_owned()), ..Layout::default() };
    layout.sections[0].before = Some("Ours *not* theirs.\n\nA second one.".to_owned());
    let report = fixture::full();
    let shown = |write: fn(&Report, &Layout) -> String| write(&report, &layout);
    assert!(shown(markdown_in).contains("> **Example Ltd:** Ours \\*not\\* theirs.\n>\n> A second one.\n"));
    assert!(shown(confluence_in).contains("<blockquote><p><strong>Example Ltd:</strong> Ours *not* theirs.</p><p>A second"));
    assert!(shown(jira_in).contains("{quote}\n*Example Ltd:* Ours \\*not\\* theirs.\n\nA second one.\n{quote}"));
    assert!(shown(slack_in).contains("> *Example Ltd:* Ours `*not*` theirs.\n> A second one.\n"));
}
