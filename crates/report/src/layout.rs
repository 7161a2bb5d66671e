//! What stands in a report, in which order and under which name, and whose paper it is on.
//!
//! Ours is written the same way as a house's own: in TOML, see `templates/default.toml`, read in `template.rs`. All pages
//! (HTML, Markdown, PDF, DOCX) follow it. This module must never know a report's findings. What breaks it: a layout without
//! evidence would leave citations that lead nowhere, so evidence is always the last resort at its end.

mod blank;
mod house;
mod logo;
mod template;

use std::collections::BTreeSet;

use crate::model::{Reader, Report};

pub use template::{DEFAULT, Fault, Template};

/// How a report is laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Who the report is of, such as `Example Ltd`.
    pub organisation: Option<String>,
    /// Stands on every page, such as `Confidential, for Example Ltd only`.
    pub confidentiality: Option<String>,
    pub logo: Option<Logo>,
    /// In place of the report's own.
    pub title: Option<String>,
    pub sections: Vec<Planned>,
}

/// A picture as bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Logo {
    pub kind: LogoKind,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoKind {
    Png,
    Jpeg,
    Svg,
}

/// A section: its part of the report, under this title, between the house's own words.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub part: Part,
    pub title: String,
    /// Plain text; an empty line begins a new paragraph.
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Summary,
    /// The charts: rates, lanes, patterns over time.
    Overview,
    Timeline,
    RootCause,
    Chain,
    Contributing,
    Impact,
    Actions,
    Response,
    Whys,
    Prevention,
    Lessons,
    Contradictions,
    Unknowns,
    Evidence,
    Coverage,
    Score,
    /// What an authority asks for: stands in reports for a regulator, first where a layout does not name it.
    Regulatory,
    /// Nothing but the house's own words.
    House,
}

impl Part {
    /// Each with the word by which a template names it.
    pub const ALL: [(&str, Part); 18] = [
        ("summary", Part::Summary),
        ("overview", Part::Overview),
        ("timeline", Part::Timeline),
        ("root_cause", Part::RootCause),
        ("chain", Part::Chain),
        ("contributing", Part::Contributing),
        ("impact", Part::Impact),
        ("actions", Part::Actions),
        ("response", Part::Response),
        ("whys", Part::Whys),
        ("prevention", Part::Prevention),
        ("lessons", Part::Lessons),
        ("contradictions", Part::Contradictions),
        ("unknowns", Part::Unknowns),
        ("evidence", Part::Evidence),
        ("coverage", Part::Coverage),
        ("score", Part::Score),
        ("house", Part::House),
    ];

    /// The name by which pages link to it; `house` may stand several times and gets a number behind it.
    pub fn slug(self) -> &'static str {
        match self {
            Part::Summary => "summary",
            Part::Overview => "overview",
            Part::Timeline => "timeline",
            Part::RootCause => "cause",
            Part::Chain => "chain",
            Part::Contributing => "contributing",
            Part::Impact => "impact",
            Part::Actions => "actions",
            Part::Response => "response",
            Part::Whys => "whys",
            Part::Prevention => "prevention",
            Part::Lessons => "lessons",
            Part::Contradictions => "contradictions",
            Part::Unknowns => "unknowns",
            Part::Evidence => "evidence",
            Part::Coverage => "coverage",
            Part::Score => "score",
            Part::Regulatory => "regulatory",
            Part::House => "house",
        }
    }
}

impl Part {
    /// The field of the report that it shows, where a reader may not get it.
    fn field(self) -> Option<&'static str> {
        Some(match self {
            Part::Timeline => "timeline",
            Part::RootCause => "causes",
            Part::Chain => "chain",
            Part::Contributing => "contributing",
            Part::Actions => "actions",
            Part::Whys => "whys",
            Part::Prevention => "prevention",
            Part::Lessons => "lessons",
            Part::Contradictions => "contradictions",
            Part::Overview => "course",
            _ => return None,
        })
    }
}

impl Layout {
    /// Its sections for the reader of this report: without what is withheld, with what an authority asks for.
    pub fn sections_for(&self, report: &Report) -> Vec<Planned> {
        let asked = report.audience.as_ref().is_some_and(|audience| audience.regulatory.is_some());
        let shown = |planned: &&Planned| match planned.part {
            Part::Regulatory => asked,
            Part::Coverage | Part::Score | Part::Unknowns if report.is_for(Reader::Customer) => false,
            part => !part.field().is_some_and(|field| report.withholds(field)),
        };
        let mut sections: Vec<Planned> = self.sections.iter().filter(shown).cloned().collect();
        if asked && !sections.iter().any(|planned| planned.part == Part::Regulatory) {
            let title = "Regulatory items".to_owned();
            sections.insert(0, Planned { part: Part::Regulatory, title, before: None, after: None });
        }
        sections
    }

    /// Each part once, the first time it is named; with evidence at the end where it was left out.
    pub fn of(sections: Vec<Planned>) -> Layout {
        let mut seen = BTreeSet::new();
        let mut kept: Vec<Planned> =
            sections.into_iter().filter(|planned| planned.part == Part::House || seen.insert(planned.part)).collect();
        if !seen.contains(&Part::Evidence) {
            kept.push(Planned { part: Part::Evidence, title: "Evidence".to_owned(), before: None, after: None });
        }
        Layout { organisation: None, confidentiality: None, logo: None, title: None, sections: kept }
    }
}

impl Default for Layout {
    /// Ours.
    fn default() -> Layout {
        // A fault of the build, which the test below finds: a report of evidence alone then.
        Template::ours().map_or_else(|_| Layout::of(Vec::new()), |ours| ours.bare())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_has_every_part_once() {
        let ours = Layout::default();
        let parts: BTreeSet<Part> = ours.sections.iter().map(|planned| planned.part).collect();
        assert_eq!(parts.len(), 17);
        assert_eq!(ours.sections.len(), 17);
    }

    #[test]
    fn evidence_is_never_left_out_and_nothing_stands_twice() {
        let planned = |part| Planned { part, title: "x".to_owned(), before: None, after: None };
        let layout = Layout::of([Part::House, Part::Summary, Part::Summary, Part::House].map(planned).to_vec());
        let parts: Vec<Part> = layout.sections.iter().map(|planned| planned.part).collect();
        assert_eq!(parts, [Part::House, Part::Summary, Part::House, Part::Evidence]);
    }
}
