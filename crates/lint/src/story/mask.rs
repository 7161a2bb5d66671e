//! A text with its amounts and times as tokens `⟦d0⟧`, so that patterns speak of kinds of values.

use crate::document::Unit;
use crate::facts::{Amount, Clock, Measure};

/// The text with tokens, and where each came from.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    pub text: String,
    pub amounts: Vec<Amount>,
    pub clocks: Vec<Clock>,
}

/// The unit's own words; what is quoted is blank.
pub fn masked(unit: &Unit) -> Mask {
    let own = unit.own_words();
    let amounts: Vec<Amount> = unit.facts.amounts.iter().filter(|a| !unit.is_quoted(a.range.start)).cloned().collect();
    let clocks: Vec<Clock> = unit.facts.clocks.iter().filter(|c| !unit.is_quoted(c.range.start)).cloned().collect();
    let mut tokens: Vec<(usize, usize, String)> = Vec::new();
    tokens.extend(amounts.iter().enumerate().map(|(i, a)| (a.range.start, a.range.end, format!("⟦{}{i}⟧", letter(a.unit)))));
    tokens.extend(clocks.iter().enumerate().map(|(i, c)| (start(unit, c), c.range.end, format!("⟦t{i}⟧"))));
    tokens.sort_by_key(|t| t.0);
    let mut text = String::with_capacity(own.len());
    let mut at = 0;
    for (start, end, token) in tokens {
        if start < at {
            continue;
        }
        text.push_str(own.get(at..start).unwrap_or_default());
        text.push_str(&token);
        at = end;
    }
    text.push_str(own.get(at..).unwrap_or_default());
    Mask { text, amounts, clocks }
}

/// A date before a time belongs to it.
fn start(unit: &Unit, clock: &Clock) -> usize {
    let date = clock.date.and_then(|d| unit.facts.dates.get(d)).filter(|d| d.range.end <= clock.range.start);
    date.map_or(clock.range.start, |d| d.range.start)
}

fn letter(unit: Measure) -> char {
    match unit {
        Measure::Duration => 'd',
        Measure::Share => 's',
        Measure::Money => 'm',
        Measure::Count => 'c',
    }
}
