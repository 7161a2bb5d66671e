//! Reads again what stands in several sources, so that each record of it counts once, where it was met first.
//!
//! Must never run when nothing overlaps: the second reading is the price of what was found, not of looking for it.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Event, Record, Sink, Skipped, SourceId};

use super::stream::Spare;
use super::{Copying, Make, Reading, on_threads, read_with};
use crate::bundle::{Bundle, Settings};
use crate::containers::grouped;
use crate::overlap::{Copies, Dropped, Found};

/// Replaces the readings of sources that repeat others.
pub fn each<S: Sink>(
    all: &mut [Reading<S>],
    found: &Found,
    (bundle, settings, threads, make): (&dyn Bundle, &Settings, usize, Make<'_, S>),
) {
    for (later, first) in &found.documents {
        let reason = format!("the same document stands in {} and is counted there", all[*first].source.name);
        let source = &mut all[*later].source;
        let (lines, bytes) = (source.lines, source.read_bytes);
        source.skipped.push(Skipped { reason, lines, bytes, first_line: Some(1) });
        (source.read_bytes, source.records) = (0, 0);
        let (id, name) = (source.id, source.name.clone());
        all[*later].sink = make(id, &name);
    }
    if found.records.is_empty() {
        return;
    }
    let remembered = remember(all, found, (bundle, settings, threads));
    let mut wanted: BTreeMap<SourceId, Dropped> = BTreeMap::new();
    for (later, earlier) in &found.records {
        let mut copies = Copies::default();
        earlier.iter().filter_map(|e| remembered.get(&all[*e].source.id)).for_each(|c| copies.join(c));
        wanted.insert(all[*later].source.id, Dropped::of(copies));
    }
    let inputs: BTreeSet<usize> = wanted.keys().map(|id| id.input as usize).collect();
    for input in inputs {
        let again = read_with((bundle, input), settings, (make, None), &mut Copying::Drop(&mut wanted));
        for (reading, _) in again.unwrap_or_default() {
            let id = reading.source.id;
            let Some(dropped) = wanted.get(&id).filter(|d| d.records > 0) else { continue };
            let Some(at) = all.iter().position(|r| r.source.id == id) else { continue };
            let earlier = found.records.get(&at).into_iter().flatten().map(|e| all[*e].source.name.as_str());
            let reason = said(dropped.records, earlier);
            all[at] = Reading { misread: all[at].misread, ..reading };
            account(&mut all[at], dropped, reason);
        }
    }
}

/// The records of the sources that others repeat.
fn remember<S>(
    all: &[Reading<S>],
    found: &Found,
    (bundle, settings, threads): (&dyn Bundle, &Settings, usize),
) -> BTreeMap<SourceId, Copies> {
    let earlier: BTreeSet<SourceId> = found.records.values().flatten().map(|e| all[*e].source.id).collect();
    let inputs: BTreeSet<usize> = earlier.iter().map(|id| id.input as usize).collect();
    let inputs: Vec<usize> = inputs.into_iter().collect();
    let read = |input: usize| {
        let mut copies = BTreeMap::new();
        let _ = read_with((bundle, input), settings, (&|_, _| Nobody, None), &mut Copying::Remember(&mut copies));
        copies.into_iter().collect()
    };
    let all: Vec<(SourceId, Copies)> = on_threads(&inputs, (threads, &Spare::new(0)), &read);
    all.into_iter().filter(|(id, _)| earlier.contains(id)).collect()
}

fn said<'n>(records: u64, mut earlier: impl Iterator<Item = &'n str>) -> String {
    let first = earlier.next().unwrap_or_default();
    let others = match earlier.count() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let what = if records == 1 { "1 record stands".to_string() } else { format!("{} records stand", grouped(records)) };
    format!("{what} in {first}{others} too and {} counted there", if records == 1 { "is" } else { "are" })
}

/// What was dropped is skipped: a source of which nothing is left is skipped as a whole.
fn account<S>(reading: &mut Reading<S>, dropped: &Dropped, reason: String) {
    let source = &mut reading.source;
    let whole = source.records == 0;
    let (lines, bytes) =
        if whole { (source.lines - source.skipped_lines(), source.read_bytes) } else { (dropped.lines, dropped.bytes) };
    source.read_bytes -= bytes.min(source.read_bytes);
    source.skipped.push(Skipped { reason, lines, bytes, first_line: dropped.first_line });
}

/// A sink for a reading of which only the records themselves are remembered.
struct Nobody;

impl Sink for Nobody {
    fn record(&mut self, _: &Record<'_>) {}
    fn event(&mut self, _: Event) {}
}
