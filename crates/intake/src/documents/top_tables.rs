//! What `kubectl top` printed again and again, with the time above each table: how much processor and memory pods or nodes use,
//! as series of each workload.
//!
//! Pods come and go while the workload stays, so its series has the pod that uses most at each time. It must never make up a time:
//! a table without one above it is left to others. What breaks it: times of day without a date.

use std::collections::BTreeMap;

use evidence::{Body, Event, Point, Series, Stamp};

use super::page::Page;
use super::{Document, when};
use crate::formats::workload_of_pod;

/// Lines by which a text is judged, and tables that make a history.
const LOOK: usize = 60;
const TABLES: usize = 2;

/// Reads such a history; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    is_likely(page).then_some(())?;
    let mut document = Document { format: "kubectl_top".into(), ..Document::default() };
    let mut found: BTreeMap<(String, &'static str), Vec<Point>> = BTreeMap::new();
    let mut at: Option<Stamp> = None;
    for index in 0..page.len() {
        let line = page.line(index);
        if let Some(stamp) = heading(&line) {
            at = Some(stamp);
            document.records += 1;
        } else if let Some((stamp, used)) = at.zip(used(&line)) {
            document.records += 1;
            for (metric, value) in used.values {
                let points = found.entry((used.of.clone(), metric)).or_default();
                let point = Point { stamp, value, place: page.place(index, index) };
                match points.last_mut().filter(|last| last.stamp == stamp) {
                    Some(last) if last.value >= value => {}
                    Some(last) => *last = point,
                    None => points.push(point),
                }
            }
        } else if !is_names(&line) {
            document.texts.extend(page.record(index));
        }
    }
    for ((of, metric), points) in found {
        let Some(first) = points.first().copied() else { continue };
        let series = Series { metric: metric.into(), service: Some(of), labels: Vec::new(), points };
        document.events.push(Event { place: first.place, stamp: Some(first.stamp), body: Body::Series(series) });
    }
    document.records += document.texts.len() as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins with such tables, each below a time.
pub fn is_likely(page: &Page<'_>) -> bool {
    let is_row =
        |index: usize| used(&page.line(index)).is_some() || is_names(&page.line(index)) && used(&page.line(index + 1)).is_some();
    let lines = 0..page.len().min(LOOK);
    lines.filter(|i| heading(&page.line(*i)).is_some() && is_row(i + 1)).count() >= TABLES
}

/// The time that a line is, with signs around it: `== 2026-01-24T11:40:00Z`.
fn heading(line: &str) -> Option<Stamp> {
    let bare = line.trim_matches(|c: char| c.is_whitespace() || "=#-*[]".contains(c));
    (bare.len() >= 12).then(|| when::read(bare)).flatten()
}

fn is_names(line: &str) -> bool {
    line.starts_with("NAME") && line.contains("CPU") && line.contains("MEMORY")
}

struct Used {
    of: String,
    values: Vec<(&'static str, f64)>,
}

/// `cart-7c9f6d8b54-4xk2p 271m 87Mi`, also behind a namespace; of nodes with shares: `node-1 1200m 30% 9011Mi 57%`.
fn used(line: &str) -> Option<Used> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let cpu = words.iter().position(|word| cores(word).is_some()).filter(|at| (1..=3).contains(at))?;
    let memory = words.iter().skip(cpu + 1).take(2).find_map(|word| bytes(word))?;
    let is_node = words.get(cpu + 1).is_some_and(|word| word.ends_with('%'));
    let name = if is_node { words[0] } else { words[cpu - 1] };
    let of = if is_node { name } else { workload_of_pod(name).unwrap_or(name) };
    Some(Used { of: of.to_string(), values: vec![("cpu_cores", cores(words[cpu])?), ("memory_bytes", memory)] })
}

fn cores(word: &str) -> Option<f64> {
    word.strip_suffix('m').filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?.parse::<f64>().ok().map(|milli| milli / 1_000.0)
}

fn bytes(word: &str) -> Option<f64> {
    let units = [("Ki", 1_024.0), ("Mi", 1_048_576.0), ("Gi", 1_073_741_824.0)];
    units.iter().find_map(|(unit, factor)| Some(word.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_history_of_tables_is_a_series_of_the_pod_that_uses_most() {
        let text = "# every 20 minutes\n== 2025-01-01T00:00:00Z\ncart-7c9f6d8b54-4xk2p   271m   80Mi\ncart-7c9f6d8b54-9wz7m   292m   87Mi\n\
            == 2025-01-01T00:20:00Z\nNAME CPU(cores) MEMORY(bytes)\ncart-5b8d9c7f6-c9fjh   126m   1Gi\n";
        let document = read_whole("top.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a history");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Series(s) => {
                (s.metric.clone(), s.service.clone(), s.points.iter().map(|p| (p.value, p.place.line)).collect::<Vec<_>>())
            }
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!((document.format.as_str(), told.len()), ("kubectl_top", 2));
        assert_eq!(told[1].0, "memory_bytes");
        assert_eq!((told[1].1.as_deref(), &told[1].2), (Some("cart"), &vec![(91_226_112.0, 4), (1_073_741_824.0, 7)]));
    }

    #[test]
    fn one_table_and_tables_without_a_time_are_no_history() {
        let page = |text: &'static str| is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes()));
        assert!(!page("NAME CPU(cores) MEMORY(bytes)\ncart-7c9f6d8b54-4xk2p 271m 80Mi\n"));
        assert!(!page("== first\ncart-7c9f6d8b54-4xk2p 271m 80Mi\n== second\ncart-7c9f6d8b54-4xk2p 271m 80Mi\n"));
        assert!(!page("2025-01-01T00:00:00Z\nstarted in 271m of 80Mi\n2025-01-01T00:20:00Z\nstarted\n"));
    }
}
