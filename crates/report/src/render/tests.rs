//! What a reader of the pages can rely on: nothing in a text runs, each link arrives, nothing is fetched, what is not
//! known is said. How the page behaves in a browser is tested from outside, in `browser/`.

mod flavours;

use std::collections::BTreeSet;

use super::*;

const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' onmouseover='x",
    "</style></pre></textarea><!-- ]]>",
    "{{ 7*7 }} {% include \"x\" %} {# #}",
    "# h\n- a\n1. b\n| c | d |\n|---|---|\n```\n<b>[x](javascript:alert(1)) ![i](https://evil.example/i.png)",
    "\0\u{1b}[31mred\u{7}\u{202e}turned\u{feff}",
    "",
];

pub(super) fn reports() -> Vec<crate::model::Report> {
    let mut reports = vec![fixture::full(), fixture::unknown(), fixture::quiet(), fixture::undetermined()];
    reports.extend(HOSTILE.iter().map(|text| fixture::poisoned(text)));
    reports
}

/// Values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    html.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// What stands before the evidence, without code.
fn prose(markdown: &str) -> &str {
    markdown.split("\n## Evidence\n").next().unwrap_or("")
}

#[test]
fn c1_text_of_the_sources_stays_text_in_html() {
    let plain = html(&fixture::full()).matches('<').count();
    for text in HOSTILE {
        let page = html(&fixture::poisoned(text));
        assert!(page.matches("<script").count() == 1 && !page.contains("<img"), "{text}");
        // No text adds or takes an element, but lines of a record are elements of their own.
        if !text.contains('\n') && !text.is_empty() {
            assert!(page.matches('<').count() <= plain, "{text}");
        }
        assert!(!page.contains('\u{202e}') && !page.contains('\0'));
    }
}

#[test]
fn c3_text_of_the_sources_stays_text_in_markdown() {
    for text in HOSTILE {
        let page = markdown(&fixture::poisoned(text));
        for line in prose(&page).lines() {
            let bare = ["\\\\", "\\<", "\\[", "\\]", "\\|", "\\`"]
                .iter()
                .fold(line.to_owned(), |rest, escaped| rest.replace(escaped, ""));
            let outside: String = bare.split('`').step_by(2).collect();
            assert!(!outside.contains('<'), "{line}");
            assert!(!outside.contains("]("), "{line}");
            assert!(!outside.contains("https://"), "{line}");
        }
        let columns: BTreeSet<usize> = cells(&page, "| Time | Kind").into_iter().collect();
        assert_eq!(columns, BTreeSet::from([5]), "{text}");
    }
}

/// How many unescaped bars each row of a table has.
fn cells(markdown: &str, head: &str) -> Vec<usize> {
    let table = markdown.lines().skip_while(|line| !line.starts_with(head)).take_while(|line| line.starts_with('|'));
    table.map(|line| line.replace("\\\\", "").replace("\\|", "").matches('|').count()).collect()
}

#[test]
fn a_record_cannot_leave_its_fence() {
    let mut report = fixture::full();
    report.evidence.truncate(1);
    report.evidence[0].text = "a\n```\n# not a heading\n`````\n".to_owned();
    let page = markdown(&report);
    assert!(page.contains("``````text\na\n```\n# not a heading\n`````\n``````\n"), "{page}");
}

#[test]
fn every_link_arrives_and_nothing_is_fetched() {
    for report in reports() {
        let page = html(&report);
        let ids: Vec<&str> = values(&page, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "an id is twice there");
        for link in values(&page, "href") {
            assert!(link == "data:," || link.strip_prefix('#').is_some_and(|id| unique.contains(id)), "{link} leads nowhere");
        }
        assert!(values(&page, "src").is_empty() && !page.contains("@import"));
        assert!(page.split("url(").skip(1).all(|rest| rest.starts_with('#')), "only marks of the page itself are referred to");
        for reference in values(&page, "aria-labelledby") {
            assert!(unique.contains(reference));
        }
    }
}

#[test]
fn every_citation_of_every_claim_is_a_link_and_has_a_way_back() {
    let report = fixture::full();
    let page = html(&report);
    for claim in &report.claims {
        let shown = askama::filters::escape(&claim.text, askama::filters::Html).expect("escapes").to_string();
        assert!(page.contains(&shown), "{} is not printed", claim.id);
        for id in claim.citations.iter() {
            assert!(page.contains(&format!("<a class=\"cite\" href=\"#{id}\"")), "{id} is not linked");
            let exhibit = page.split(&format!("<article class=\"exhibit\" id=\"{id}\"")).nth(1).expect("the evidence is there");
            let exhibit = exhibit.split("</article>").next().unwrap_or("");
            let back = values(exhibit, "href")
                .iter()
                .any(|link| *link == format!("#{}", claim.id) || link.starts_with(&format!("#{}-", claim.id)));
            assert!(back, "{id} does not lead back to {}", claim.id);
        }
    }
    for item in &report.evidence {
        assert!(!page.contains("No statement cites it."), "{} is not linked back", item.id);
    }
}

#[test]
fn no_sentence_stands_twice_in_one_section() {
    let report = fixture::full();
    let page = html(&report);
    for section in page.split("<section").skip(1).filter(|section| !section.contains("id=\"s-evidence\"")) {
        for claim in &report.claims {
            let shown = askama::filters::escape(&claim.text, askama::filters::Html).expect("escapes").to_string();
            assert!(section.matches(&format!("<span class=\"tx\">{shown}")).count() <= 1, "{}", claim.text);
        }
    }
}

#[test]
fn markdown_prints_every_claim_and_every_evidence() {
    let report = fixture::full();
    let page = markdown(&report);
    for item in &report.evidence {
        assert!(page.contains(&format!("**{}** — ", item.id)));
        assert!(prose(&page).contains(&format!("[{}]", item.id)), "{} is cited nowhere", item.id);
    }
    assert!(page.contains("1,804 requests to /orders failed"));
    assert!(page.contains("| **Duration** | 75 s (computed) |"));
    assert!(page.lines().all(|line| !line.starts_with("<")));
}

#[test]
fn what_is_not_known_is_said_with_what_it_needs() {
    let report = fixture::unknown();
    for page in [html(&report), markdown(&report)] {
        for unknown in &report.unknowns {
            assert!(page.contains(&unknown.needs) && page.contains(&unknown.question));
        }
        assert!(page.contains("needs an access log with user ids"));
        assert!(page.contains("nothing in the input gives it"));
    }
}

#[test]
fn an_undecided_report_says_so_first_and_names_the_check() {
    for page in [html(&fixture::undetermined()), markdown(&fixture::undetermined())] {
        assert!(page.contains("Not determined."));
        assert!(page.contains("Start v4.2.0 with the session cache reachable"));
    }
}

#[test]
fn an_empty_section_says_why() {
    for report in [fixture::unknown(), fixture::quiet()] {
        let page = html(&report);
        for section in page.split("<section").skip(1) {
            let body = section.split("</h2>").nth(1).unwrap_or("");
            assert!(body.contains("<p") || body.contains("<table"), "{section}");
        }
        for section in markdown(&report).split("\n## ").skip(1) {
            assert!(section.lines().filter(|line| !line.is_empty()).count() > 1, "{section}");
        }
    }
}

#[test]
fn where_nothing_is_wrong_only_what_can_be_read_has_a_heading() {
    let page = html(&fixture::quiet());
    let sections: Vec<&str> = page.split("<h2 id=\"s-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(sections, ["summary", "evidence", "coverage", "score"]);
    assert!(page.contains("No incident was found in this input."));
}

#[test]
fn ids_that_are_odd_twice_there_or_missing_do_not_hurt() {
    let mut report = fixture::full();
    report.evidence[1].id = report.evidence[0].id.clone();
    report.evidence[2].id = "s-timeline\" onclick=x".to_owned();
    report.claims[1].id = report.claims[0].id.clone();
    report.timeline[0].claim = "nowhere".to_owned();
    let page = html(&report);
    let ids = values(&page, "id");
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    assert!(page.contains("not in this report"));
}

#[test]
fn the_same_report_gives_the_same_pages() {
    let report = fixture::full();
    assert_eq!(html(&report), html(&report));
    assert_eq!(markdown(&report), markdown(&report));
}

#[test]
fn only_the_script_of_the_page_may_run_and_only_as_it_is() {
    use base64::Engine;
    use sha2::Digest;
    let page = html(&fixture::full());
    let script = page.split("<script>").nth(1).and_then(|rest| rest.split("</script>").next()).expect("there is one script");
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script));
    assert!(page.contains(&format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'")));
    assert!(!script.contains("innerHTML") && !script.contains("eval(") && !script.contains("fetch("));
}

#[test]
fn a_layout_decides_what_stands_where_under_which_name() {
    use crate::layout::{Layout, Part, Planned};
    let planned =
        |part, title: &str| Planned { part, title: title.to_owned(), before: Some("Our <words>.".to_owned()), after: None };
    let layout = Layout {
        organisation: Some("Example & Sons".to_owned()),
        confidentiality: Some("For <you> only".to_owned()),
        ..Layout::of(vec![
            planned(Part::Actions, "To do"),
            planned(Part::House, "Who we are"),
            planned(Part::Summary, "In short"),
        ])
    };
    let page = html_in(&fixture::full(), &layout);
    let titles: Vec<&str> =
        page.split("</h2>").filter_map(|part| part.rsplit_once("<h2 id=\"s-")?.1.split_once('>')).map(|(_, t)| t).collect();
    assert_eq!(titles, ["To do", "Who we are", "In short", "Evidence"]);
    assert!(
        page.contains("Example &#38; Sons") && page.contains("For &#60;you&#62; only") && page.contains("Our &#60;words&#62;.")
    );
    let page = markdown_in(&fixture::full(), &layout);
    let titles: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(titles, ["To do", "Who we are", "In short", "Evidence"]);
}

/// Writes the pages to the temporary folder, to be looked at.
#[test]
#[ignore = "for the eye"]
#[expect(clippy::disallowed_methods, reason = "written for the eye, on request only")]
fn look() {
    let folder = std::env::temp_dir().join("casefile-pages");
    std::fs::create_dir_all(&folder).expect("makes the folder");
    let reports = [("full", fixture::full()), ("unknown", fixture::unknown()), ("quiet", fixture::quiet())];
    let more = [("undetermined", fixture::undetermined()), ("hostile", fixture::poisoned(HOSTILE[4]))];
    for (name, report) in reports.into_iter().chain(more) {
        std::fs::write(folder.join(format!("{name}.html")), html(&report)).expect("writes");
        std::fs::write(folder.join(format!("{name}.md")), markdown(&report)).expect("writes");
        let docx = docx_in(&report, &crate::layout::Layout::default()).expect("is written");
        std::fs::write(folder.join(format!("{name}.docx")), docx).expect("writes");
    }
}
