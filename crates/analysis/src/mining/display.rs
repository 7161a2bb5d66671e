//! The template that a reader sees: what the members of a group share.
//!
//! The key of a group leaves out more than a reader should miss, so the template is made of the members' own lines,
//! place by place, from those of the commonest length. It must never decide what belongs together. Input that breaks
//! it: groups whose members have many lengths; then the key is shown.

use std::collections::BTreeMap;

use crate::mask::VARIABLE;

use super::phrases::{joined, line, without_restatements};
use super::words::is_unit;

/// Stands for units that differ.
const UNITS: &str = "";

/// The template of a group with this key and these masks with their counts.
pub fn template(key: &[&str], members: Vec<(&str, u64)>) -> String {
    let lines: Vec<(Vec<&str>, u64)> = members.iter().map(|(mask, count)| (line(mask), *count)).collect();
    if let Some(shared) = shared(&lines, 100) {
        return shared;
    }
    let lines: Vec<_> = lines.iter().map(|(line, count)| (without_restatements(line), *count)).collect();
    shared(&lines, 50).unwrap_or_else(|| key.concat())
}

/// What the lines of the commonest length share, if they are so many percent of all.
fn shared(lines: &[(Vec<&str>, u64)], percent: u64) -> Option<String> {
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    for (line, count) in lines {
        *counts.entry(line.len()).or_default() += count;
    }
    let (length, most) = counts.iter().max_by_key(|(length, count)| (**count, **length))?;
    let all: u64 = counts.values().sum();
    let same: Vec<&Vec<&str>> = lines.iter().map(|(line, _)| line).filter(|line| line.len() == *length).collect();
    let at = |place: usize| {
        let mut tokens = same.iter().map(|line| line[place]);
        match tokens.next() {
            Some(first) if tokens.all(|token| token == first) => first,
            _ if same.iter().all(|line| is_unit(line[place])) => UNITS,
            _ => VARIABLE,
        }
    };
    let template = (0..*length).map(at).collect();
    (u128::from(*most) * 100 >= u128::from(all) * u128::from(percent)).then(|| without_units(template))
}

/// A unit that is now one and now another is part of the amount before it.
fn without_units(mut template: Vec<&str>) -> String {
    for place in (0..template.len()).filter(|place| template[*place] == UNITS).collect::<Vec<_>>() {
        template[place] = VARIABLE;
        if place >= 2 && template[place - 2..place] == [VARIABLE, " "] {
            template[place - 1] = "";
        }
    }
    template.retain(|token| !token.is_empty());
    joined(&template).concat()
}
