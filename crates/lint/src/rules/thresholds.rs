//! One measure that is planned with two thresholds or shares (`canary at 5 %`, `a 10 % canary`).
//!
//! Misleads where two measures of one kind are for different things.

use std::collections::BTreeSet;

use super::events::words;
use super::{Spot, cut};
use crate::Finding;
use crate::document::{Document, Unit};
use crate::facts::Measure;
use crate::story::{Story, speaks, without_citations};

/// Sections in which measures are planned.
const PLANS: &[&str] =
    &["action", "prevent", "lesson", "follow", "checklist", "next steps", "recommend", "improve", "mitigations"];
/// What has one share or threshold by its nature, where the share stands right beside it.
const SINGLE: &[&str] = &["canary", "canar", "rollback"];
/// So many words that two sentences share make them one measure.
const SHARED: usize = 3;
/// What is longer tells more than one measure, and what somebody else proposed is his.
const MAX_WORDS: usize = 40;
/// Beyond these compare nothing: a plan of more is none.
const MAX_PLANS: usize = 200;

struct Plan<'d> {
    unit: &'d Unit,
    amount: &'d crate::facts::Amount,
    words: BTreeSet<String>,
    near: BTreeSet<String>,
}

pub fn check(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    let mut plans: Vec<Plan<'_>> = Vec::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind) && PLANS.iter().any(|p| document.path(u).contains(p))) {
        let own = unit.own_words();
        if own.split_whitespace().count() > MAX_WORDS || own.to_lowercase().contains("according to") {
            continue;
        }
        for amount in unit.facts.amounts.iter().filter(|a| a.unit == Measure::Share && !unit.is_quoted(a.range.start)) {
            plans.push(Plan {
                unit,
                amount,
                words: words(&without_citations(&unit.own_words())),
                near: near(unit, &amount.range),
            });
        }
    }
    plans.truncate(MAX_PLANS);
    for (i, plan) in plans.iter().enumerate() {
        let other = plans.iter().take(i).find(|o| is_other_value(o, plan) && is_one_measure(o, plan));
        if let Some(other) = other {
            let line = document.place(other.unit, other.amount.range.start).0;
            let text = |p: &Plan<'_>| cut(p.unit.text.get(p.amount.range.clone()).unwrap_or_default());
            let shared: Vec<String> = plan.words.intersection(&other.words).cloned().collect();
            let message = format!(
                "“{}” is planned here and “{}” in line {line} for one measure ({})",
                text(plan),
                text(other),
                shared.join(", ")
            );
            let spot = Spot { document, unit: plan.unit, range: plan.amount.range.clone() };
            found.push(spot.says("number/threshold", message, Some(line)));
        }
    }
}

fn is_other_value(a: &Plan<'_>, b: &Plan<'_>) -> bool {
    !std::ptr::eq(a.unit, b.unit) && (a.amount.value - b.amount.value).abs() > 0.01
}

fn is_one_measure(a: &Plan<'_>, b: &Plan<'_>) -> bool {
    let single = a.near.intersection(&b.near).any(|w| SINGLE.contains(&w.as_str()));
    let shared = a.words.intersection(&b.words).count();
    single || shared >= SHARED && shared * 2 >= a.words.len().min(b.words.len())
}

/// The words beside an amount: three before, two after.
fn near(unit: &Unit, range: &std::ops::Range<usize>) -> BTreeSet<String> {
    let before = unit.text.get(..range.start).unwrap_or_default();
    let after = unit.text.get(range.end..).unwrap_or_default();
    let last: Vec<&str> = before.split_whitespace().rev().take(4).collect();
    let next: Vec<&str> = after.split_whitespace().take(2).collect();
    words(&format!("{} {}", last.join(" "), next.join(" ")))
}
