//! The page as blocks, for all formats that are text with marks, and for DOCX.
//!
//! Says what stands where and in which words, once. This module must never know a format, nor findings. What breaks it:
//! nothing that a report can hold.

mod tables;

use super::blocks::{Block, Inline, Line, Marker, Record, Table, cites, code, marked, places, plain, said, strong, text};
use super::ledger::{Back, Statement};
use super::regulatory::Regulatory;
use super::view::{self, Body, Chapter, Page};
use super::{parts, sources};
use crate::layout::Layout;
use crate::model::Report;

/// The cover, then each section under its heading.
pub struct Outline {
    pub title: String,
    pub organisation: Option<String>,
    pub confidentiality: Option<String>,
    pub cover: Vec<Block>,
    pub sections: Vec<Section>,
}

pub struct Section {
    pub title: String,
    pub anchor: String,
    /// Without its heading.
    pub blocks: Vec<Block>,
}

pub fn of(report: &Report, layout: &Layout) -> Outline {
    let page = view::of(report, layout);
    let mut out = Out::default();
    cover(&page, &mut out);
    Outline {
        title: page.cover.title.clone(),
        organisation: page.cover.organisation.clone(),
        confidentiality: page.cover.confidentiality.clone(),
        cover: out.blocks,
        sections: page.sections.iter().map(|chapter| section(chapter, &page)).collect(),
    }
}

/// Blocks under a heading. Nothing is pushed for a list or a table without items.
#[derive(Default)]
struct Out {
    blocks: Vec<Block>,
}

impl Out {
    fn paragraph(&mut self, line: Line) {
        self.blocks.push(Block::Paragraph(line));
    }

    fn say(&mut self, words: &str) {
        self.paragraph(plain(words));
    }

    fn list(&mut self, marker: Marker, items: Vec<Line>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(marker, items));
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        self.list(Marker::Bullet, statements.iter().map(said).collect());
    }

    /// Columns: head and width.
    fn table(&mut self, columns: &[(&'static str, u32)], rows: Vec<Vec<Line>>) {
        if !rows.is_empty() {
            let (head, widths) = columns.iter().copied().unzip();
            self.blocks.push(Block::Table(Table { head, widths, rows }));
        }
    }

    fn house(&mut self, paragraphs: &[String], page: &Page) {
        if !paragraphs.is_empty() {
            let by = page.cover.organisation.clone().unwrap_or_else(|| "Added to this report".to_owned());
            self.blocks.push(Block::House { by, paragraphs: paragraphs.to_vec() });
        }
    }
}

fn section(chapter: &Chapter, page: &Page) -> Section {
    let mut out = Out::default();
    out.house(&chapter.before, page);
    body(&chapter.body, page.none_found, &mut out);
    out.house(&chapter.after, page);
    Section { title: chapter.title.clone(), anchor: chapter.anchor.clone(), blocks: out.blocks }
}

fn body(body: &Body, none_found: bool, out: &mut Out) {
    match body {
        Body::Summary(statements) => summary(statements, none_found, out),
        Body::Overview(overview) => tables::overview(overview, out),
        Body::Timeline(list) => timeline(list, none_found, out),
        Body::Causes(list) => causes(list, none_found, out),
        Body::Chain(edges) => chain(edges, out),
        Body::Contributing(factors) => contributing(factors, out),
        Body::Impact(impact) => tables::impact(impact, none_found, out),
        Body::Actions(actions) => tables::actions(actions, out),
        Body::Response(response) => tables::response(response, none_found, out),
        Body::Whys(steps) => whys(steps, out),
        Body::Prevention(list) => checklist(("No measure follows from the evidence.", Marker::Box), list, out),
        Body::Lessons(list) => {
            checklist(("Nobody stated a lesson, and none follows from the evidence.", Marker::Bullet), list, out);
        }
        Body::Contradictions(list) => contradictions(list, out),
        Body::Unknowns(gaps) => unknowns(gaps, out),
        Body::Evidence(exhibits) => evidence(exhibits, out),
        Body::Coverage(rows) => tables::coverage(rows, out),
        Body::Score(score) => tables::score(score, out),
        Body::Regulatory(asked) => regulatory(asked, out),
        Body::House => {}
    }
}

fn cover(page: &Page, out: &mut Out) {
    let (cover, none_found) = (&page.cover, page.none_found);
    let house: Vec<&str> = [&cover.organisation, &cover.confidentiality].into_iter().flatten().map(String::as_str).collect();
    if !house.is_empty() {
        out.paragraph(vec![strong(house.join(" · "))]);
    }
    out.blocks.extend(cover.for_whom.iter().map(|words| Block::Paragraph(vec![strong(words)])));
    let as_of = |at: &String| vec![strong(format!("As of {at}: nothing that was not known then was looked at."))];
    out.blocks.extend(cover.as_of.iter().map(|at| Block::Paragraph(as_of(at))));
    let severity = match (&cover.severity, &cover.severity_needs) {
        _ if none_found => "none".to_owned(),
        (Some(word), _) => word.clone(),
        (None, Some(needs)) => format!("unknown: needs {needs}"),
        (None, None) => "unknown".to_owned(),
    };
    let services = if cover.services.is_empty() { "none named".to_owned() } else { cover.services.join(", ") };
    let row = |label: &str, value: String| vec![vec![strong(label)], plain(value), Line::new()];
    let mut rows = vec![row("Severity", severity), row("Status", cover.status.to_owned()), row("Services", services)];
    rows.extend(cover.when.iter().map(|when| row("When", when.clone())));
    rows.extend(cover.figures.iter().map(|figure| tables::in_short(figure, none_found)));
    out.table(&[("Incident", 22), ("Value", 28), ("How it is known", 50)], rows);
    if let Some((probability, statement)) = &cover.cause {
        let lead = match (cover.undetermined, cover.cause_known) {
            (true, _) => "Cause not determined; most likely so far",
            (_, false) => "Cause not determined",
            _ => "Root cause",
        };
        let mut line = vec![strong(format!("{lead}{}:", in_brackets(probability))), text(" ")];
        line.extend(marked(&statement.text));
        line.extend(cites(statement));
        out.paragraph(line);
    }
    if cover.has_score {
        out.paragraph(plain(format!("{} · {} · confidence score {} of 100", cover.maker, cover.extent, cover.score)));
    } else {
        out.paragraph(plain(format!("{} · {}", cover.maker, cover.extent)));
    }
}

fn summary(summary: &[Statement], none_found: bool, out: &mut Out) {
    if summary.is_empty() {
        out.say(if none_found {
            "No incident was found in this input."
        } else {
            "No statement of a summary could be backed with evidence."
        });
    }
    for statement in summary {
        out.paragraph(said(statement));
    }
}

fn timeline(timeline: &parts::Timeline, none_found: bool, out: &mut Out) {
    if timeline.days.is_empty() {
        out.say(if none_found {
            "No incident was found, so there is no course of one."
        } else {
            "No event with a time could be tied to this incident."
        });
    }
    for day in &timeline.days {
        if !day.date.is_empty() {
            out.paragraph(vec![strong(format!("{} (UTC)", day.date))]);
        }
        let row = |entry: &parts::Entry| {
            let who: Vec<&str> = [&entry.service, &entry.actor].into_iter().flatten().map(String::as_str).collect();
            let time = format!("{}{}", entry.time, entry.fraction);
            vec![plain(time), plain(entry.kind), plain(who.join(", ")), said(&entry.said)]
        };
        let columns = [("Time", 14), ("Kind", 14), ("Who or where", 17), ("What", 55)];
        out.table(&columns, day.entries.iter().map(row).collect());
    }
    out.statements(&timeline.more);
}

fn causes(causes: &parts::Causes, none_found: bool, out: &mut Out) {
    if causes.undetermined {
        out.paragraph(vec![strong("Not determined."), text(" The evidence cannot decide between the hypotheses below.")]);
        if let Some(check) = &causes.next_check {
            out.paragraph(vec![strong("The check that would decide:"), text(format!(" {check}"))]);
        }
    }
    if causes.list.is_empty() {
        out.say(if none_found {
            "No incident was found, so there is no cause to look for."
        } else {
            "No hypothesis could be backed with evidence."
        });
    }
    for cause in &causes.list {
        hypothesis(cause, out);
    }
    if let Some(name) = &causes.first_failing {
        out.paragraph(vec![text("First failing service: "), code(name)]);
    }
    out.statements(&causes.more);
}

fn hypothesis(cause: &parts::Hypothesis, out: &mut Out) {
    let (anchor, heading) =
        (format!("h-{}", cause.rank), format!("Hypothesis {}{}", cause.rank, in_brackets(&cause.probability)));
    out.blocks.push(Block::Heading { level: 3, anchor, text: heading });
    out.paragraph(said(&cause.said));
    let mut facts: Vec<Line> = Vec::new();
    for (name, value, is_code) in &cause.facts {
        facts.push(vec![strong(format!("{name}:")), text(" "), if *is_code { code(value) } else { text(value) }]);
    }
    facts.extend(cause.trigger.as_ref().map(|trigger| {
        let lead = vec![strong("Trigger:"), text(" ")];
        lead.into_iter().chain(said(trigger)).collect()
    }));
    out.list(Marker::Bullet, facts);
    let mut reasons = |heading: &str, none: &str, list: &[Statement]| {
        out.paragraph(vec![strong(heading)]);
        if list.is_empty() { out.say(none) } else { out.statements(list) }
    };
    reasons("What speaks for it", "Nothing in the evidence.", &cause.supports);
    reasons("What speaks against it", "Nothing was found that speaks against it.", &cause.against);
    weighed(cause, out);
}

/// ` (87%)`, or nothing where it is not told.
fn in_brackets(probability: &str) -> String {
    if probability.is_empty() { String::new() } else { format!(" ({probability})") }
}

/// The terms of the score, and the tests.
fn weighed(cause: &parts::Hypothesis, out: &mut Out) {
    let rests = |statement: &Option<Statement>, none: &str| statement.as_ref().map_or_else(|| plain(none), said);
    let mut terms: Vec<Vec<Line>> = Vec::new();
    for term in &cause.terms {
        terms.push(vec![plain(&term.name), plain(&term.value), rests(&term.said, "prior, no claim")]);
    }
    if let Some(score) = cause.score.as_ref().filter(|_| !terms.is_empty()) {
        terms.push(vec![plain("Score"), plain(score), plain("the sum of these")]);
    }
    out.table(&[("Term", 26), ("Weight", 12), ("Rests on", 62)], terms);
    let mut tests: Vec<Vec<Line>> = Vec::new();
    for test in &cause.tests {
        tests.push(vec![plain(&test.name), plain(test.result), rests(&test.said, "no evidence bears on it")]);
    }
    out.table(&[("Test", 26), ("Result", 12), ("Rests on", 62)], tests);
}

fn chain(chain: &parts::Chain, out: &mut Out) {
    if chain.runs.is_empty() {
        out.say("No way of the failure from one service to another could be shown.");
    }
    let step = |edge: &parts::Edge| {
        let verified = if edge.verified { " (verified): " } else { " (not verified): " };
        let way = vec![strong(format!("{} → {}", edge.from, edge.to)), text(verified)];
        way.into_iter().chain(said(&edge.said)).collect()
    };
    out.list(Marker::Number, chain.runs.iter().flatten().map(step).collect());
}

fn contributing(factors: &[parts::Factor], out: &mut Out) {
    if factors.is_empty() {
        out.say("Nothing else was found that made it worse or likelier.");
    }
    let item = |factor: &parts::Factor| {
        let service = factor.service.iter().flat_map(|name| [strong(format!("{name}:")), text(" ")]);
        service.chain(said(&factor.said)).collect()
    };
    out.list(Marker::Bullet, factors.iter().map(item).collect());
}

fn whys(whys: &parts::Whys, out: &mut Out) {
    if whys.steps.is_empty() {
        out.say("Without a cause that the evidence supports, there is no chain of whys to follow.");
    }
    let open = || vec![Inline::Emphasis("A question for the team.".to_owned()), text(" The evidence does not answer it.")];
    let step = |(question, answer): &(String, Option<Statement>)| {
        let asked = vec![strong(question), text(" ")];
        asked.into_iter().chain(answer.as_ref().map_or_else(open, said)).collect()
    };
    out.list(Marker::Number, whys.steps.iter().map(step).collect());
    out.statements(&whys.more);
}

fn checklist((none, marker): (&str, Marker), list: &parts::Checklist, out: &mut Out) {
    if list.items.is_empty() {
        out.say(none);
    }
    let item = |(statement, replay): &(Statement, Option<String>)| {
        let mut line = said(statement);
        line.extend(replay.iter().map(|replay| text(format!(" {replay}"))));
        line
    };
    out.list(marker, list.items.iter().map(item).collect());
    out.statements(&list.more);
}

fn contradictions(contradictions: &parts::Contradictions, out: &mut Out) {
    if contradictions.items.is_empty() {
        out.say("No two sources were found to contradict each other.");
    }
    for item in &contradictions.items {
        let kind = vec![strong(format!("{}:", item.kind)), text(" ")];
        out.paragraph(kind.into_iter().chain(said(&item.said)).collect());
        let row = |side: &Statement| {
            let what = vec![Inline::Anchor(side.anchor.clone()), text(&side.text)];
            vec![what, places(side)]
        };
        out.table(&[("What is said", 45), ("Where", 55)], item.sides.iter().map(row).collect());
    }
    out.statements(&contradictions.more);
}

fn regulatory(asked: &Regulatory, out: &mut Out) {
    let due = asked.due_at.as_deref().map(|at| format!(" ({at})")).unwrap_or_default();
    out.paragraph(vec![strong(&asked.title), text(format!(" · {}", asked.article))]);
    out.say(&format!("Due {}{due}. {}.", asked.due, asked.extent));
    for (number, item) in (1_usize..).zip(&asked.items) {
        let applicable = if item.where_applicable { " (where applicable)" } else { "" };
        out.paragraph(vec![strong(format!("{number}. {}", item.text)), text(format!("{applicable} · {}", item.article))]);
        let answer = |(at, statement): &(Option<String>, Statement)| {
            let mut line: Line = at.iter().flat_map(|at| [strong(format!("{at}:")), text(" ")]).collect();
            line.extend(said(statement));
            line
        };
        let mut lines: Vec<Line> = item.answers.iter().map(answer).collect();
        let lead = if lines.is_empty() { "Missing:" } else { "Still needed:" };
        lines.extend(item.needs.iter().map(|needs| vec![strong(lead), text(format!(" {needs}"))]));
        out.list(Marker::Bullet, lines);
    }
}

fn unknowns(gaps: &[sources::Gap], out: &mut Out) {
    if gaps.is_empty() {
        out.say("No field of this report was left open.");
    }
    let row = |gap: &sources::Gap| vec![plain(&gap.question), plain(&gap.needs), vec![code(&gap.field)]];
    out.table(&[("Question", 35), ("Needs", 40), ("Field", 25)], gaps.iter().map(row).collect());
}

fn evidence(exhibits: &[sources::Exhibit], out: &mut Out) {
    if exhibits.is_empty() {
        out.say("The report cites nothing, because it states nothing.");
    }
    let mut listed: Vec<Line> = Vec::new();
    for item in exhibits {
        let at = item.at.as_ref().map_or("no time in the record", |(_, words)| words);
        if item.text.is_empty() {
            let place = format!(" — {}, {} — {at}", item.source, item.place);
            listed.push(vec![Inline::Anchor(item.anchor.clone()), strong(&item.id), text(place)]);
            continue;
        }
        out.blocks.push(Block::Record(Record {
            anchor: item.anchor.clone(),
            id: item.id.clone(),
            place: format!("{}, {} — {at}", item.source, item.place),
            text: item.text.clone(),
            backs: by_heading(&item.backs),
        }));
    }
    out.list(Marker::Bullet, listed);
}

fn by_heading(backs: &[Back]) -> Vec<(String, Vec<String>)> {
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for back in backs {
        match out.iter_mut().find(|(heading, _)| *heading == back.heading) {
            Some((_, anchors)) => anchors.push(back.anchor.clone()),
            None => out.push((back.heading.clone(), vec![back.anchor.clone()])),
        }
    }
    out
}
