//! Actions without owner, date or a way to tell that they are done; actions that are due before the incident.
//!
//! What the document itself only suggests needs nobody. Misleads where owners stand in a system that the document links to.

use super::{Spot, cut};
use crate::document::{Document, Unit};
use crate::facts::day;
use crate::story::{Action, Story, citations};
use crate::{Finding, Severity};

/// A document with so many citations of lines shows what it rests on.
const MANY: usize = 10;
/// Nobody has more actions after one incident.
const MOST: usize = 500;

pub fn check(document: &Document, story: &Story, found: &mut Vec<Finding>) {
    let promised: Vec<&Action> = story.actions.iter().filter(|a| !a.suggested).collect();
    let dated = promised.iter().filter(|a| a.due.is_some()).count();
    let owned = story.actions.iter().filter(|a| a.owner.as_ref().is_some_and(|o| !o.is_empty())).count();
    let cited = || document.units.iter().flat_map(citations).filter(|c| c.label.contains(':')).take(MANY).count() == MANY;
    let shows = story.sources.values().filter(|s| s.text.len() > 40).count() >= 3 || cited();
    for action in promised.iter().take(MOST) {
        owner(document, story, action, (owned, shows), found);
        due(document, story, action, (dated, promised.len()), found);
    }
    let tested = story.actions.iter().any(|a| a.done_test);
    if let Some(unit) = promised.first().filter(|_| !tested).and_then(|a| document.units.get(a.unit)) {
        let many = promised.len();
        let message = match many {
            1 => "the action does not say how one will know that it is done".to_string(),
            _ => format!("none of {many} actions says how one will know that it is done"),
        };
        found.push(Spot { document, unit, range: 0..unit.text.len() }.says("action/done-test", message, None));
    }
}

fn owner(document: &Document, story: &Story, action: &Action, (owned, shows): (usize, bool), found: &mut Vec<Finding>) {
    let Some(unit) = document.units.get(action.unit) else { return };
    let spot = Spot { document, unit, range: 0..unit.text.len() };
    let owner = action.owner.as_deref().unwrap_or_default().trim();
    if owner.is_empty() {
        let message = match owned {
            0 => "nobody owns it".to_string(),
            n => format!("nobody owns it, and {n} of {} actions have an owner", story.actions.len()),
        };
        found.push(spot.says("action/owner", message, None));
        return;
    }
    // Where the document shows its evidence, an owner who occurs nowhere else was not named by it.
    if shows && !is_named(document, story, owner) {
        found.push(spot.says("action/owner", format!("nothing else in the document names {}", cut(owner)), None));
    }
}

/// Does the name stand anywhere but among the actions?
fn is_named(document: &Document, story: &Story, owner: &str) -> bool {
    let name = owner.trim_start_matches('@').trim_matches(['*', '_', ' ']).to_lowercase();
    let elsewhere = |(i, u): (usize, &Unit)| !story.actions.iter().any(|a| a.unit == i) && u.text.to_lowercase().contains(&name);
    name.is_empty() || document.units.iter().enumerate().any(elsewhere)
}

fn due(document: &Document, story: &Story, action: &Action, (dated, promised): (usize, usize), found: &mut Vec<Finding>) {
    let Some(unit) = document.units.get(action.unit) else { return };
    let spot = Spot { document, unit, range: 0..unit.text.len() };
    match (action.due, story.day) {
        (Some(due), Some(incident)) if due < incident => {
            let message = format!("it is due on {}, and the incident was on {}", day(due), day(incident));
            found.push(spot.says("action/due", message, None));
        }
        (None, _) if dated > 0 && dated * 2 >= promised => {
            let finding = spot.says("action/due", format!("it has no date, and {dated} other actions have one"), None);
            found.push(Finding { severity: Severity::Hint, ..finding });
        }
        _ => {}
    }
}
