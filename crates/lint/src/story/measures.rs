//! The quantities that the document gives of the incident as a whole: in sentences, in rows, under heads of columns, and on
//! cards whose value stands above its label.

use super::mask::Mask;
use super::{masked, speaks};
use crate::document::{Document, Kind as UnitKind, Unit};
use crate::facts::{self, Amount};
use crate::phrases::{self, Kind, List};

/// One statement of a quantity.
#[derive(Debug, Clone)]
pub struct Measured {
    pub measure: &'static str,
    pub unit: usize,
    pub amount: Amount,
}

pub fn of(document: &Document) -> Vec<Measured> {
    let mut found = Vec::new();
    let mut rows = vec![0usize; document.tables.len()];
    document.units.iter().filter_map(|u| u.table).for_each(|t| rows.get_mut(t).into_iter().for_each(|n| *n += 1));
    for (index, unit) in document.units.iter().enumerate() {
        if !speaks(unit.kind) || unit.facts.amounts.is_empty() || document.is_of_others(unit) {
            continue;
        }
        let mask = masked(unit);
        let next = document.units.get(index + 1);
        for text in readings(document, unit, &mask, (next, &rows)) {
            for list in phrases::of(Kind::Measure).filter(|l| l.may_match(&text)) {
                push(index, list, &text, &mask, &mut found);
            }
        }
    }
    found
}

fn push(unit: usize, list: &'static List, text: &str, mask: &Mask, found: &mut Vec<Measured>) {
    for captures in list.patterns.iter().flat_map(|p| p.captures_iter(text)) {
        let index = captures.iter().skip(1).flatten().next().and_then(|m| m.as_str().parse::<usize>().ok());
        let Some(amount) = index.and_then(|i| mask.amounts.get(i)) else { continue };
        let measured = Measured { measure: &list.file.name, unit, amount: amount.clone() };
        if !found.iter().rev().take(8).any(|m| m.unit == unit && m.measure == measured.measure && m.amount == measured.amount) {
            found.push(measured);
        }
    }
}

/// The ways in which a unit can be read: as it stands, cell by cell under its head, with the label that follows.
fn readings(document: &Document, unit: &Unit, mask: &Mask, (next, rows): (Option<&Unit>, &[usize])) -> Vec<String> {
    let mut all = vec![mask.text.clone()];
    // Several rows under one head break it down.
    let single = unit.table.filter(|t| rows.get(*t) == Some(&1));
    if let Some(heads) = single.and_then(|t| document.tables.get(t)) {
        let cells = mask.text.split(" | ");
        all.extend(heads.iter().zip(cells).skip(1).map(|(head, cell)| format!("{head}: {cell}")));
    }
    let alone = mask.text.trim_matches([' ', '~', '*', '≈']);
    let token = alone.starts_with('⟦') && alone.ends_with('⟧') && alone.matches('⟦').count() == 1;
    let label = next.filter(|n| token && n.text.len() < 40 && n.kind != UnitKind::Row && n.facts.amounts.is_empty());
    all.extend(label.map(|n| format!("{}: {alone}", n.text.trim())));
    all
}

/// What an amount may differ from another by without contradicting it.
pub fn tolerance(a: &Amount, b: &Amount) -> f64 {
    let size = a.value.abs().max(b.value.abs());
    let coarse = |x: &Amount| {
        // 8,000 is rarely exact to one, 8,137 is.
        let zeros = if x.unit == facts::Measure::Duration { x.fine } else { round_to(x.value).max(x.fine) };
        zeros * 0.5
    };
    let about = if a.about || b.about { 0.15 * size } else { 0.0 };
    (coarse(a) + coarse(b)).max(about)
}

/// The power of ten that a number is rounded to, at most a hundredth of it.
fn round_to(value: f64) -> f64 {
    let mut step = 1.0;
    while step * 1_000.0 <= value.abs() && (value / (step * 10.0)).fract() == 0.0 {
        step *= 10.0;
    }
    step
}
