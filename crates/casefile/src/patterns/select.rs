//! Which patterns are shown, and which of them first. Must never change a count: what is left out here is still counted in
//! the whole.

use std::cmp::{Ordering, Reverse};

use analysis::kinds::Change;
use anyhow::{Result, bail};

use super::Row;
use crate::args::{PatternsOptions, Sort};

/// Keeps the patterns that were asked for. Fails where one was asked for by an id that nothing has.
pub fn keep(rows: &mut Vec<Row<'_>>, options: &PatternsOptions) -> Result<()> {
    if let Some(rank) = options.show.iter().find(|rank| !rows.iter().any(|row| row.rank == **rank)) {
        bail!("there is no pattern p{rank} in what is looked at; `casefile patterns` without --show lists those there are");
    }
    rows.retain(|row| options.show.is_empty() || options.show.contains(&row.rank));
    let wanted = options.contains.as_deref().map(str::to_lowercase);
    rows.retain(|row| {
        let sides = [Some(row.here), row.against.as_ref().map(|against| against.counts)];
        let has_level = options.level.is_empty()
            || sides.into_iter().flatten().any(|side| options.level.iter().any(|level| side.has_level(*level)));
        has_level && wanted.as_deref().is_none_or(|wanted| row.template.to_lowercase().contains(wanted))
    });
    Ok(())
}

/// Where two are equal, the one of the lower rank is first.
pub fn sort(rows: &mut [Row<'_>], by: Sort) {
    rows.sort_by(|a, b| {
        let order = match by {
            Sort::Count => by_count(a, b),
            Sort::First => (a.here.first.is_none(), a.here.first).cmp(&(b.here.first.is_none(), b.here.first)),
            Sort::Last => b.here.last.cmp(&a.here.last),
            Sort::Rate => by_rate(a, b),
            Sort::New => (is_new(b), b.here.first).cmp(&(is_new(a), a.here.first)),
            Sort::Change => by_change(a, b),
        };
        order.then(a.rank.cmp(&b.rank))
    });
}

fn by_count(a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let there = |row: &Row<'_>| row.against.as_ref().map_or(0, |against| against.counts.count);
    (b.here.count, there(b)).cmp(&(a.here.count, there(a)))
}

fn by_rate(a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let rate = |row: &Row<'_>| match &row.against {
        Some(against) => against.comparison.contrast.ratio,
        None => row.here.rate().unwrap_or(-1.0),
    };
    rate(b).total_cmp(&rate(a))
}

/// What did not change comes after all that did, however many records make it significant.
fn by_change(a: &Row<'_>, b: &Row<'_>) -> Ordering {
    let changed = |row: &Row<'_>| row.against.as_ref().is_some_and(|against| against.comparison.change != Change::Same);
    let surprise = |row: &Row<'_>| row.against.as_ref().map_or(0.0, |against| against.comparison.contrast.g2);
    Reverse(changed(a)).cmp(&Reverse(changed(b))).then(surprise(b).total_cmp(&surprise(a)))
}

fn is_new(row: &Row<'_>) -> bool {
    row.against.as_ref().is_some_and(|against| against.comparison.change == Change::New)
}
