//! The report as the pages read it: every number in words, every text in one line, every citation a link.
//!
//! Both HTML and Markdown are laid out from this one view, so that they say the same. The order of the calls in [`of`]
//! is the order of the page, because links back are listed in it. This module must never know markup; what a report
//! leaves null stays `None`, and the page says so in words.

use super::ledger::{Ledger, Statement};
use super::{figures, parts, regulatory, sources, words};
use crate::model::{Report, Section, Status};

pub struct Page {
    pub cover: Cover,
    /// Nothing is wrong in this input.
    pub none_found: bool,
    /// What an authority asks for.
    pub regulatory: Option<regulatory::Regulatory>,
    pub summary: Vec<Statement>,
    pub timeline: parts::Timeline,
    pub causes: parts::Causes,
    pub chain: parts::Chain,
    pub contributing: Vec<parts::Factor>,
    pub impact: figures::Impact,
    pub actions: parts::Actions,
    pub response: figures::Response,
    pub whys: parts::Whys,
    pub prevention: parts::Checklist,
    pub lessons: parts::Checklist,
    pub contradictions: parts::Contradictions,
    pub unknowns: Vec<sources::Gap>,
    pub evidence: Vec<sources::Exhibit>,
    pub coverage: sources::Covered,
    pub score: sources::Score,
    /// Sections that the reader does not get.
    withheld: Vec<String>,
}

impl Page {
    /// Whether the section is shown, if only to say that there is nothing in it: `chain`, `whys`, ...
    pub fn shows(&self, section: &str) -> bool {
        !self.withheld.iter().any(|withheld| withheld == section)
    }
}

pub struct Cover {
    pub title: String,
    /// For whom it is and what they should know, when it is not for engineers.
    pub for_whom: Option<String>,
    /// Nothing that was not known then was looked at.
    pub as_of: Option<String>,
    pub severity: Option<String>,
    pub severity_needs: Option<String>,
    pub status: &'static str,
    /// `good`, `bad` or `plain`.
    pub tone: &'static str,
    pub services: Vec<String>,
    pub when: Option<String>,
    /// The first hypothesis: how probable, and in short.
    pub cause: Option<(String, Statement)>,
    /// There is more to read about it below.
    pub cause_goes_on: bool,
    pub undetermined: bool,
    /// A cause is named and the evidence decides for it.
    pub cause_known: bool,
    pub figures: Vec<figures::Figure>,
    pub score: u32,
    pub score_share: u32,
    pub maker: String,
    pub schema: String,
    /// `9 sources, 41,203 records, 52 statements, 61 pieces of evidence`.
    pub extent: String,
}

/// Longest text about the cause on the cover, in characters; all of it stands in its section.
const LEAD: usize = 220;

pub fn of(report: &Report) -> Page {
    let ledger = &mut Ledger::of(report);
    let cover = cover(report, ledger);
    let regulatory = regulatory::regulatory(report, ledger);
    ledger.enter("Executive summary", Section::Summary);
    let summary = ledger.rest(report, Section::Summary);
    let timeline = parts::timeline(report, ledger);
    let mut causes = parts::causes(report, ledger);
    let chain = parts::chain(report, ledger);
    let contributing = parts::contributing(report, ledger);
    causes.more = parts::root_cause_rest(report, ledger);
    let impact = figures::impact(report, ledger);
    let actions = parts::actions(report, ledger);
    let response = figures::response(report, ledger);
    let whys = parts::whys(report, ledger);
    let prevention = parts::prevention(report, ledger);
    let lessons = parts::lessons(report, ledger);
    let contradictions = parts::contradictions(report, ledger);
    let coverage = sources::coverage(report, ledger);
    Page {
        cover,
        none_found: report.incident.status == Status::NoneFound,
        regulatory,
        summary,
        timeline,
        causes,
        chain,
        contributing,
        impact,
        actions,
        response,
        whys,
        prevention,
        lessons,
        contradictions,
        unknowns: sources::unknowns(report),
        // After all that cites: it lists the ways back.
        evidence: sources::evidence(report, ledger),
        coverage,
        score: sources::score(report),
        withheld: report.audience.iter().flat_map(|audience| audience.withheld.clone()).collect(),
    }
}

fn cover<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Cover {
    ledger.enter_cover();
    let incident = &report.incident;
    let title = words::line(&incident.title);
    let cause = report.causes.first().map(|cause| {
        let mut statement = ledger.statement(&cause.text, &cause.claim, &[]);
        statement.text = words::first_sentences(&cause.text, LEAD);
        (words::percent(cause.probability), statement)
    });
    let cause_goes_on = report.causes.first().is_some_and(|cause| words::line(&cause.text).chars().count() > LEAD);
    Cover {
        title: if title.is_empty() { "Untitled incident".to_owned() } else { title },
        for_whom: super::for_whom(report),
        as_of: super::as_of(report),
        severity: incident.severity.as_deref().map(words::line),
        severity_needs: figures::needs(report, "incident.severity"),
        status: words::status(incident.status),
        tone: tone(incident.status),
        services: incident.services.iter().map(|name| words::line(name)).collect(),
        when: when(report),
        cause,
        cause_goes_on,
        undetermined: report.undetermined,
        cause_known: super::cause_is_known(report),
        figures: figures::cover(report, ledger),
        score: report.confidence_score.value,
        score_share: report.confidence_score.value.min(100),
        maker: maker(report),
        schema: words::line(&report.schema),
        extent: extent(report),
    }
}

/// `Casefile 0.1.0`.
fn maker(report: &Report) -> String {
    let mut letters = report.generator.name.chars();
    let name: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    words::line(&format!("{name} {}", report.generator.version))
}

fn extent(report: &Report) -> String {
    let records = report.coverage.sources.iter().fold(0_u64, |sum, source| sum.saturating_add(source.records));
    [
        words::counted(report.coverage.sources.len() as u64, "source", "sources"),
        words::counted(records, "record", "records"),
        words::counted(report.claims.len() as u64, "statement", "statements"),
        words::counted(report.evidence.len() as u64, "piece of evidence", "pieces of evidence"),
    ]
    .join(" · ")
}

/// From the first harm to the end, as far as known.
fn when(report: &Report) -> Option<String> {
    let started = report.times.started.as_ref()?;
    let Some(resolved) = report.times.resolved.as_ref() else {
        return Some(format!("Started {}", words::moment(&words::whole(&started.at))));
    };
    Some(words::span(&words::whole(&started.at), &words::whole(&resolved.at)))
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Resolved | Status::NoneFound => "good",
        Status::Ongoing => "bad",
        Status::Unknown => "plain",
    }
}
