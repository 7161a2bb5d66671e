//! The report as Markdown to paste: ATX headings, pipe tables, no HTML.
//!
//! Written from the same view as the HTML page. Every text passes through `escape`; evidence stands in fences. This
//! module must never know findings. What breaks it: nothing that a report can hold.

mod escape;
mod tables;

use super::ledger::Statement;
use super::regulatory::Regulatory;
use super::view::{self, Cover, Page};
use super::{parts, sources};
use crate::model::Report;
use escape::{code, fenced, inline, span};

/// Pastes into GitHub, Confluence and Notion; ends with a line break.
pub fn markdown(report: &Report) -> String {
    let page = view::of(report);
    let mut out = Out::default();
    cover(&page.cover, page.none_found, &mut out);
    if let Some(asked) = &page.regulatory {
        regulatory(asked, &mut out);
    }
    let mut part = |name: &str, write: &dyn Fn(&mut Out)| {
        if page.shows(name) {
            write(&mut out);
        }
    };
    part("summary", &|out| summary(&page, out));
    part("timeline", &|out| timeline(&page, out));
    part("causes", &|out| causes(&page, out));
    part("chain", &|out| chain(&page.chain, out));
    part("contributing", &|out| contributing(&page.contributing, out));
    part("impact", &|out| tables::impact(&page, out));
    part("actions", &|out| tables::actions(&page.actions, out));
    part("response", &|out| tables::response(&page, out));
    part("whys", &|out| whys(&page.whys, out));
    part("prevention", &|out| {
        checklist("Prevention checklist", "No measure follows from the evidence.", "[ ] ", &page.prevention, out)
    });
    part("lessons", &|out| {
        checklist("Lessons learned", "Nobody stated a lesson, and none follows from the evidence.", "", &page.lessons, out)
    });
    part("contradictions", &|out| contradictions(&page.contradictions, out));
    unknowns(&page.unknowns, &mut out);
    evidence(&page.evidence, &mut out);
    tables::coverage(&page.coverage, &mut out);
    tables::score(&page.score, &mut out);
    out.text
}

/// Blocks, each followed by a blank line.
#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn block(&mut self, block: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(block.trim_end_matches('\n'));
        self.text.push('\n');
    }

    fn heading(&mut self, level: usize, text: &str) {
        self.block(&format!("{} {text}", "#".repeat(level)));
    }

    /// Items that are Markdown already; nothing for none.
    fn list(&mut self, items: &[String]) {
        if !items.is_empty() {
            self.block(&items.iter().map(|item| format!("- {item}\n")).collect::<String>());
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        let items: Vec<String> = statements.iter().map(said).collect();
        self.list(&items);
    }

    /// Cells are Markdown already. Nothing for no rows.
    fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let mut table = format!("| {} |\n|{}\n", head.join(" | "), " --- |".repeat(head.len()));
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| escape::cell(cell)).collect();
            table.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        self.block(&table);
    }
}

/// `Text [e1] [e2] (measured, 90%)`.
fn said(statement: &Statement) -> String {
    let text = if statement.again.is_some() {
        format!("as stated above: “{}”", inline(&statement.beginning()))
    } else {
        marked(&statement.text)
    };
    let standing =
        statement.standing.as_ref().map(|how| format!(" ({}, {})", how.word, inline(&how.confidence))).unwrap_or_default();
    format!("{text}{}{standing}", cites(statement))
}

/// Text with what stands in backticks as code.
fn marked(text: &str) -> String {
    let mut out = String::new();
    for (is_code, part) in super::words::parts(text) {
        let shown = if is_code { span(part) } else { spaced(part) };
        out.push_str(&shown);
    }
    out
}

/// As [`inline`], with the blanks at both ends kept.
fn spaced(text: &str) -> String {
    let head = if text.starts_with(' ') { " " } else { "" };
    let tail = if text.len() > 1 && text.ends_with(' ') { " " } else { "" };
    format!("{head}{}{tail}", inline(text))
}

fn cites(statement: &Statement) -> String {
    statement.cites.iter().map(|cite| format!(" [{}]", inline(&cite.label))).collect()
}

/// `[e1] logs/api.log:12, [e2] chat.txt:4`.
fn places(statement: &Statement) -> String {
    let place = |cite: &super::ledger::Cite| format!("[{}] {}", inline(&cite.label), inline(&cite.place)).trim_end().to_owned();
    statement.cites.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// A value or what to say where there is none.
fn or(value: Option<&String>, none: &str) -> String {
    value.map_or_else(|| none.to_owned(), |text| inline(text))
}

fn cover(cover: &Cover, none_found: bool, out: &mut Out) {
    out.heading(1, &inline(&cover.title));
    if let Some(words) = &cover.for_whom {
        out.block(&format!("**{}**", inline(words)));
    }
    if let Some(at) = &cover.as_of {
        out.block(&format!("**As of {}: nothing that was not known then was looked at.**", inline(at)));
    }
    let severity = match (&cover.severity, &cover.severity_needs) {
        (Some(word), _) => inline(word),
        (None, Some(needs)) => format!("unknown: needs {}", inline(needs)),
        (None, None) => "unknown".to_owned(),
    };
    let services: Vec<String> = cover.services.iter().map(|name| inline(name)).collect();
    let mut rows = vec![
        vec!["**Severity**".to_owned(), if none_found { "none".to_owned() } else { severity }, String::new()],
        vec!["**Status**".to_owned(), cover.status.to_owned(), String::new()],
        vec![
            "**Services**".to_owned(),
            if services.is_empty() { "none named".to_owned() } else { services.join(", ") },
            String::new(),
        ],
    ];
    if let Some(when) = &cover.when {
        rows.push(vec!["**When**".to_owned(), inline(when), String::new()]);
    }
    rows.extend(cover.figures.iter().map(|figure| tables::figure(figure, none_found)));
    out.table(&["Incident", "Value", "How it is known"], &rows);
    if let Some((probability, statement)) = &cover.cause {
        let lead = match (cover.undetermined, cover.cause_known) {
            (true, _) => "Cause not determined; most likely so far",
            (_, false) => "Cause not determined",
            _ => "Root cause",
        };
        out.block(&format!("**{lead} ({}):** {}{}", inline(probability), marked(&statement.text), cites(statement)));
    }
    out.block(&format!("{} · {} · confidence score {} of 100", inline(&cover.maker), inline(&cover.extent), cover.score));
}

fn regulatory(asked: &Regulatory, out: &mut Out) {
    out.heading(2, "Regulatory items");
    let due = asked.due_at.as_deref().map(|at| format!(" ({})", inline(at))).unwrap_or_default();
    out.block(&format!("**{}** · {}", inline(&asked.title), inline(&asked.article)));
    out.block(&format!("Due {}{due}. {}.", inline(&asked.due), inline(&asked.extent)));
    for (number, item) in (1_usize..).zip(&asked.items) {
        let applicable = if item.where_applicable { " (where applicable)" } else { "" };
        out.block(&format!("**{number}. {}**{applicable} · {}", inline(&item.text), inline(&item.article)));
        let dated = |at: &Option<String>| at.as_deref().map(|at| format!("**{}:** ", inline(at))).unwrap_or_default();
        let mut lines: Vec<String> = item.answers.iter().map(|(at, answer)| format!("{}{}", dated(at), said(answer))).collect();
        let lead = if lines.is_empty() { "Missing" } else { "Still needed" };
        lines.extend(item.needs.as_deref().map(|needs| format!("*{lead}:* {}", inline(needs))));
        out.list(&lines);
    }
}

fn summary(page: &Page, out: &mut Out) {
    out.heading(2, "Executive summary");
    if page.summary.is_empty() {
        let none = if page.none_found {
            "No incident was found in this input."
        } else {
            "No statement of a summary could be backed with evidence."
        };
        out.block(none);
    }
    for statement in &page.summary {
        out.block(&said(statement));
    }
}

fn timeline(page: &Page, out: &mut Out) {
    out.heading(2, "Timeline");
    if page.timeline.days.is_empty() {
        out.block(if page.none_found {
            "No incident was found, so there is no course of one."
        } else {
            "No event with a time could be tied to this incident."
        });
    }
    for day in &page.timeline.days {
        if !day.date.is_empty() {
            out.block(&format!("**{} (UTC)**", inline(&day.date)));
        }
        let row = |entry: &parts::Entry| {
            let who: Vec<String> = [&entry.service, &entry.actor].into_iter().flatten().map(|name| inline(name)).collect();
            vec![inline(&format!("{}{}", entry.time, entry.fraction)), entry.kind.to_owned(), who.join(", "), said(&entry.said)]
        };
        out.table(&["Time", "Kind", "Who or where", "What"], &day.entries.iter().map(row).collect::<Vec<_>>());
    }
    out.statements(&page.timeline.more);
}

fn causes(page: &Page, out: &mut Out) {
    out.heading(2, "Root cause");
    let causes = &page.causes;
    if causes.undetermined {
        out.block("**Not determined.** The evidence cannot decide between the hypotheses below.");
        if let Some(check) = &causes.next_check {
            out.block(&format!("**The check that would decide:** {}", inline(check)));
        }
    }
    if causes.list.is_empty() {
        out.block(if page.none_found {
            "No incident was found, so there is no cause to look for."
        } else {
            "No hypothesis could be backed with evidence."
        });
    }
    for cause in &causes.list {
        hypothesis(cause, out);
    }
    if let Some(name) = &causes.first_failing {
        out.block(&format!("First failing service: {}", code(name)));
    }
    out.statements(&causes.more);
}

fn hypothesis(cause: &parts::Hypothesis, out: &mut Out) {
    out.heading(3, &format!("Hypothesis {} ({})", cause.rank, inline(&cause.probability)));
    out.block(&said(&cause.said));
    let mut facts: Vec<String> = Vec::new();
    for (name, value, is_code) in &cause.facts {
        facts.push(format!("**{name}:** {}", if *is_code { code(value) } else { inline(value) }));
    }
    facts.extend(cause.trigger.as_ref().map(|trigger| format!("**Trigger:** {}", said(trigger))));
    out.list(&facts);
    out.block("**What speaks for it**");
    if cause.supports.is_empty() {
        out.block("Nothing in the evidence.")
    } else {
        out.statements(&cause.supports)
    }
    out.block("**What speaks against it**");
    if cause.against.is_empty() {
        out.block("Nothing was found that speaks against it.")
    } else {
        out.statements(&cause.against)
    }
    let rests = |statement: &Option<Statement>, none: &str| statement.as_ref().map_or_else(|| none.to_owned(), said);
    let mut terms: Vec<Vec<String>> = cause
        .terms
        .iter()
        .map(|term| vec![inline(&term.name), inline(&term.value), rests(&term.said, "prior, no claim")])
        .collect();
    if let Some(score) = cause.score.as_ref().filter(|_| !terms.is_empty()) {
        terms.push(vec!["Score".to_owned(), inline(score), "the sum of these".to_owned()]);
    }
    out.table(&["Term", "Weight", "Rests on"], &terms);
    let tests: Vec<Vec<String>> = cause
        .tests
        .iter()
        .map(|test| vec![inline(&test.name), test.result.to_owned(), rests(&test.said, "no evidence bears on it")])
        .collect();
    out.table(&["Test", "Result", "Rests on"], &tests);
}

fn chain(chain: &parts::Chain, out: &mut Out) {
    out.heading(2, "Causal chain");
    if chain.runs.is_empty() {
        out.block("No way of the failure from one service to another could be shown.");
    }
    let mut items = String::new();
    for edge in chain.runs.iter().flatten() {
        let verified = if edge.verified { "verified" } else { "not verified" };
        items.push_str(&format!(
            "{}. **{} → {}** ({verified}): {}\n",
            edge.number,
            inline(&edge.from),
            inline(&edge.to),
            said(&edge.said)
        ));
    }
    if !items.is_empty() {
        out.block(&items);
    }
}

fn contributing(factors: &[parts::Factor], out: &mut Out) {
    out.heading(2, "Contributing factors");
    if factors.is_empty() {
        out.block("Nothing else was found that made it worse or likelier.");
    }
    let item = |factor: &parts::Factor| {
        let service = factor.service.as_deref().map(|name| format!("**{}:** ", inline(name))).unwrap_or_default();
        format!("{service}{}", said(&factor.said))
    };
    out.list(&factors.iter().map(item).collect::<Vec<_>>());
}

fn whys(whys: &parts::Whys, out: &mut Out) {
    out.heading(2, "Five whys");
    if whys.steps.is_empty() {
        out.block("Without a cause that the evidence supports, there is no chain of whys to follow.");
    }
    let mut items = String::new();
    for (number, (question, answer)) in (1_usize..).zip(&whys.steps) {
        let answer =
            answer.as_ref().map_or_else(|| "*A question for the team.* The evidence does not answer it.".to_owned(), said);
        items.push_str(&format!("{number}. **{}** {answer}\n", inline(question)));
    }
    if !items.is_empty() {
        out.block(&items);
    }
    out.statements(&whys.more);
}

fn checklist(heading: &str, none: &str, tick: &str, list: &parts::Checklist, out: &mut Out) {
    out.heading(2, heading);
    if list.items.is_empty() {
        out.block(none);
    }
    let item = |(statement, replay): &(Statement, Option<String>)| {
        let replay = replay.as_deref().map(|text| format!(" {}", inline(text))).unwrap_or_default();
        format!("{tick}{}{replay}", said(statement))
    };
    out.list(&list.items.iter().map(item).collect::<Vec<_>>());
    out.statements(&list.more);
}

fn contradictions(contradictions: &parts::Contradictions, out: &mut Out) {
    out.heading(2, "Contradictions between sources");
    if contradictions.items.is_empty() {
        out.block("No two sources were found to contradict each other.");
    }
    for item in &contradictions.items {
        out.block(&format!("**{}:** {}", item.kind, said(&item.said)));
        let rows: Vec<Vec<String>> = item.sides.iter().map(|side| vec![inline(&side.text), places(side)]).collect();
        out.table(&["What is said", "Where"], &rows);
    }
    out.statements(&contradictions.more);
}

fn unknowns(gaps: &[sources::Gap], out: &mut Out) {
    out.heading(2, "What is unknown");
    if gaps.is_empty() {
        out.block("No field of this report was left open.");
    }
    let rows: Vec<Vec<String>> =
        gaps.iter().map(|gap| vec![inline(&gap.question), inline(&gap.needs), code(&gap.field)]).collect();
    out.table(&["Question", "Needs", "Field"], &rows);
}

fn evidence(exhibits: &[sources::Exhibit], out: &mut Out) {
    out.heading(2, "Evidence");
    if exhibits.is_empty() {
        out.block("The report cites nothing, because it states nothing.");
    }
    for item in exhibits {
        let at = or(item.at.as_ref(), "no time in the record");
        out.block(&format!("**{}** — {}, {} — {at}", inline(&item.id), inline(&item.source), item.place));
        out.block(&fenced(&item.text));
    }
}
