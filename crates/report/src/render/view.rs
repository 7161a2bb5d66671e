//! The report as the pages read it: every number in words, every text in one line, every citation a link.
//!
//! All pages are laid out from this one view, so that they say the same. Its sections follow the layout, and are made in
//! that order, because links back and "as stated above" go by it. This module must never know markup; what a report
//! leaves null stays `None`, and the page says so in words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ledger::{Ledger, Statement};
use super::{figures, overview, parts, regulatory, sources, words};
use crate::layout::{Layout, Logo, LogoKind, Part, Planned};
use crate::model::{Report, Section, Status};

pub struct Page {
    pub cover: Cover,
    /// Nothing is wrong in this input.
    pub none_found: bool,
    pub sections: Vec<Chapter>,
}

/// A section of the page: a part of the report between the house's own words.
pub struct Chapter {
    /// Links arrive here.
    pub anchor: String,
    pub title: String,
    /// Paragraphs.
    pub before: Vec<String>,
    pub after: Vec<String>,
    /// How many items it has, where that is worth a number in the contents.
    pub count: Option<usize>,
    pub body: Body,
}

pub enum Body {
    Summary(Vec<Statement>),
    Overview(overview::Overview),
    Timeline(parts::Timeline),
    Causes(parts::Causes),
    Chain(parts::Chain),
    Contributing(Vec<parts::Factor>),
    Impact(figures::Impact),
    Actions(parts::Actions),
    Response(figures::Response),
    Whys(parts::Whys),
    Prevention(parts::Checklist),
    Lessons(parts::Checklist),
    Contradictions(parts::Contradictions),
    Unknowns(Vec<sources::Gap>),
    Evidence(Vec<sources::Exhibit>),
    Coverage(sources::Covered),
    Score(sources::Score),
    Regulatory(regulatory::Regulatory),
    House,
}

pub struct Cover {
    pub organisation: Option<String>,
    pub confidentiality: Option<String>,
    pub logo: Option<Logo>,
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
    /// Its parts stand below.
    pub has_score: bool,
    pub maker: String,
    pub schema: String,
    /// `9 sources, 41,203 records, 52 statements, 61 pieces of evidence`.
    pub extent: String,
}

impl Page {
    /// So long that what is not in view should not be laid out.
    pub fn is_long(&self) -> bool {
        let entries = |chapter: &Chapter| match &chapter.body {
            Body::Timeline(timeline) => timeline.days.iter().map(|day| day.entries.len()).sum(),
            _ => 0,
        };
        self.sections.iter().map(entries).sum::<usize>() > 200
    }
}

impl Body {
    /// There is nothing in it that could be read.
    fn is_empty(&self) -> bool {
        match self {
            Body::Summary(_) | Body::Evidence(_) | Body::Coverage(_) | Body::Score(_) | Body::Regulatory(_) => false,
            Body::Overview(overview) => overview.charts.is_empty(),
            Body::Timeline(list) => list.days.is_empty() && list.more.is_empty(),
            Body::Causes(list) => list.list.is_empty() && list.more.is_empty(),
            Body::Chain(chain) => chain.runs.is_empty(),
            Body::Contributing(list) => list.is_empty(),
            Body::Impact(impact) => impact.rows.is_empty() && impact.more.is_empty(),
            Body::Actions(actions) => actions.rows.is_empty() && actions.more.is_empty(),
            Body::Response(response) => response.instants.is_empty() && response.more.is_empty(),
            Body::Whys(whys) => whys.steps.is_empty() && whys.more.is_empty(),
            Body::Prevention(list) | Body::Lessons(list) => list.items.is_empty() && list.more.is_empty(),
            Body::Contradictions(list) => list.items.is_empty() && list.more.is_empty(),
            Body::Unknowns(gaps) => gaps.is_empty(),
            Body::House => true,
        }
    }
}

impl Cover {
    /// The logo as an address that holds it.
    pub fn logo_src(&self) -> Option<String> {
        let logo = self.logo.as_ref()?;
        let kind = match logo.kind {
            LogoKind::Png => "png",
            LogoKind::Jpeg => "jpeg",
            LogoKind::Svg => "svg+xml",
        };
        Some(format!("data:image/{kind};base64,{}", STANDARD.encode(&logo.bytes)))
    }
}

/// Longest text about the cause on the cover, in characters; all of it stands in its section.
const LEAD: usize = 220;

pub fn of(report: &Report, layout: &Layout) -> Page {
    let ledger = &mut Ledger::of(report);
    let planned = layout.sections_for(report);
    let cover = cover(report, (layout, &planned), ledger);
    let mut sections: Vec<Chapter> =
        (1..).zip(&planned).map(|(number, planned)| chapter(number, planned, report, ledger)).collect();
    for chapter in &mut sections {
        match &mut chapter.body {
            // Claims of the section that neither causes nor chain nor factors print.
            Body::Causes(causes) => {
                ledger.enter(&chapter.title, Section::RootCause);
                causes.more = ledger.rest(report, Section::RootCause);
            }
            // After all that cites: it lists the ways back.
            Body::Evidence(exhibits) => *exhibits = sources::evidence(report, ledger),
            _ => {}
        }
        chapter.count = count(&chapter.body);
    }
    if report.incident.status == Status::NoneFound {
        // What cannot hold anything without an incident is not worth a heading.
        sections.retain(|chapter| !chapter.body.is_empty() || !chapter.before.is_empty() || !chapter.after.is_empty());
    }
    Page { cover, none_found: report.incident.status == Status::NoneFound, sections }
}

fn chapter<'a>(number: usize, planned: &Planned, report: &'a Report, ledger: &mut Ledger<'a>) -> Chapter {
    let title = words::line(&planned.title);
    ledger.enter(&title, section_of(planned.part));
    let body = match planned.part {
        Part::Summary => Body::Summary(ledger.rest(report, Section::Summary)),
        Part::Overview => Body::Overview(overview::overview(report, ledger)),
        Part::Timeline => Body::Timeline(parts::timeline(report, ledger)),
        Part::RootCause => Body::Causes(parts::causes(report, ledger)),
        Part::Chain => Body::Chain(parts::chain(report, ledger)),
        Part::Contributing => Body::Contributing(parts::contributing(report, ledger)),
        Part::Impact => Body::Impact(figures::impact(report, ledger)),
        Part::Actions => Body::Actions(parts::actions(report, ledger)),
        Part::Response => Body::Response(figures::response(report, ledger)),
        Part::Whys => Body::Whys(parts::whys(report, ledger)),
        Part::Prevention => Body::Prevention(parts::prevention(report, ledger)),
        Part::Lessons => Body::Lessons(parts::lessons(report, ledger)),
        Part::Contradictions => Body::Contradictions(parts::contradictions(report, ledger)),
        Part::Unknowns => Body::Unknowns(sources::unknowns(report)),
        Part::Evidence => Body::Evidence(Vec::new()),
        Part::Coverage => Body::Coverage(sources::coverage(report, ledger)),
        Part::Score => Body::Score(sources::score(report)),
        Part::Regulatory => regulatory::regulatory(report, ledger).map_or(Body::House, Body::Regulatory),
        Part::House => Body::House,
    };
    let anchor = match planned.part {
        Part::House => format!("s-house-{number}"),
        part => format!("s-{}", part.slug()),
    };
    let (before, after) = (paragraphs(&planned.before), paragraphs(&planned.after));
    Chapter { anchor, title, before, after, count: None, body }
}

/// The section whose claims a part prints.
fn section_of(part: Part) -> Section {
    match part {
        Part::Timeline => Section::Timeline,
        Part::RootCause | Part::Chain | Part::Contributing => Section::RootCause,
        Part::Impact => Section::Impact,
        Part::Actions => Section::Actions,
        Part::Response => Section::Response,
        Part::Whys => Section::Whys,
        Part::Prevention => Section::Prevention,
        Part::Lessons => Section::Lessons,
        Part::Contradictions => Section::Contradictions,
        Part::Coverage | Part::Evidence | Part::Regulatory => Section::Evidence,
        Part::Summary | Part::Overview | Part::Unknowns | Part::Score | Part::House => Section::Summary,
    }
}

fn count(body: &Body) -> Option<usize> {
    let count = match body {
        Body::Contradictions(list) => list.items.len(),
        Body::Unknowns(gaps) => gaps.len(),
        Body::Evidence(exhibits) => exhibits.len(),
        _ => 0,
    };
    Some(count).filter(|count| *count > 0)
}

fn paragraphs(text: &Option<String>) -> Vec<String> {
    let text = text.as_deref().unwrap_or_default().replace("\r\n", "\n");
    text.split("\n\n").map(words::line).filter(|paragraph| !paragraph.is_empty()).collect()
}

fn cover<'a>(report: &'a Report, (layout, planned): (&Layout, &[Planned]), ledger: &mut Ledger<'a>) -> Cover {
    ledger.enter_cover();
    let incident = &report.incident;
    let title = words::line(layout.title.as_deref().unwrap_or(&incident.title));
    let cause = report.causes.first().map(|cause| {
        let mut statement = ledger.statement(&cause.text, &cause.claim, &[]);
        statement.text = words::first_sentences(&cause.text, LEAD);
        (ledger.how_probable(cause.probability), statement)
    });
    let cause_goes_on = report.causes.first().is_some_and(|cause| words::line(&cause.text).chars().count() > LEAD);
    let has = |part: Part| planned.iter().any(|planned| planned.part == part);
    Cover {
        organisation: layout.organisation.as_deref().map(words::line),
        confidentiality: layout.confidentiality.as_deref().map(words::line),
        logo: layout.logo.clone(),
        has_score: has(Part::Score),
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
        cause_goes_on: cause_goes_on && has(Part::RootCause),
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
