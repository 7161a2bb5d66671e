//! Phrases that are findings by themselves (`lints/*.toml` of kind `phrase`): blame, filler, vague quantities.
//!
//! Misleads where a document quotes such words without marks of quotation.

use super::Spot;
use crate::document::{Document, Kind as UnitKind};
use crate::phrases::{self, Kind};
use crate::story::{Story, speaks};
use crate::{Finding, RULES};

pub fn check(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    for unit in document.units.iter().filter(|u| speaks(u.kind) && u.kind != UnitKind::Heading) {
        if document.is_of_others(unit) {
            continue;
        }
        let own = unit.own_words();
        for list in phrases::of(Kind::Phrase).filter(|l| l.may_match(&own)) {
            let Some(rule) = RULES.iter().find(|r| r.id == list.file.name) else { continue };
            for part in list.patterns.iter().flat_map(|p| p.find_iter(&own)) {
                let spot = Spot { document, unit, range: part.range() };
                found.push(spot.says(rule.id, format!("“{}” {}", part.as_str().trim(), list.file.prose), None));
            }
        }
    }
}
