//! The template that a reader sees: what the members of a group share.
//!
//! The key of a group leaves out more than a reader should miss, so the template is made of the members' own lines,
//! place by place, from those of the commonest length. It must never decide what belongs together. Input that breaks
//! it: groups whose members have many lengths; then the key is shown.

use std::collections::BTreeMap;

use crate::mask::VARIABLE;

use super::phrases::{joined, line, without_asides, without_lists};
use super::words::{is_unit, same_dimension};

/// The template of a group with this key and these masks with their counts.
pub fn template(key: &[&str], members: Vec<(&str, u64)>) -> String {
    let lines: Vec<(Vec<&str>, u64)> = members.iter().map(|(mask, count)| (line(mask), *count)).collect();
    if let Some(shared) = shared(&lines, 100) {
        return shared;
    }
    let lines: Vec<_> = lines.iter().map(|(line, count)| (without_asides(line), *count)).collect();
    if let Some(shared) = shared(&lines, 90) {
        return shared;
    }
    let lines: Vec<_> = lines.iter().map(|(line, count)| (without_lists(line), *count)).collect();
    shared(&lines, 34).unwrap_or_else(|| key.concat())
}

/// What the lines of the commonest length share, if they are so many percent of all.
fn shared(lines: &[(Vec<&str>, u64)], percent: u64) -> Option<String> {
    let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
    for (line, count) in lines {
        *counts.entry(line.len()).or_default() += count;
    }
    let (length, most) = counts.iter().max_by_key(|(length, count)| (**count, **length))?;
    let all: u64 = counts.values().sum();
    if u128::from(*most) * 100 < u128::from(all) * u128::from(percent) {
        return None;
    }
    let same: Vec<&[&str]> = lines.iter().map(|(line, _)| line.as_slice()).filter(|line| line.len() == *length).collect();
    let first = *same.first()?;
    let mut scaled: Vec<&str> = Vec::new();
    let mut template: Vec<&str> = first.to_vec();
    for (place, token) in template.iter_mut().enumerate() {
        if same.iter().any(|line| line[place] != *token) {
            scaled.extend(same.iter().all(|line| is_unit(line[place])).then_some(first[place]));
            *token = VARIABLE;
        }
    }
    Some(without_units(first, template, &scaled))
}

/// The template without the units of amounts that are scaled for the eye, now one and now another.
fn without_units<'m>(first: &[&'m str], template: Vec<&'m str>, scaled: &[&str]) -> String {
    let is_scaled = |unit: &str| is_unit(unit) && scaled.iter().any(|other| same_dimension(unit, other));
    let mut out: Vec<&str> = Vec::with_capacity(template.len());
    for (token, unit) in template.into_iter().zip(first) {
        if is_scaled(unit) && out.ends_with(&[VARIABLE, " "]) {
            out.pop();
        } else {
            out.push(token);
        }
    }
    joined(&out).concat()
}
