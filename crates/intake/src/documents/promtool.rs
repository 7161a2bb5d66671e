//! What `promtool query` prints: `up{job="web"} => 1 @[1735689605]`, and for a range the labels above their values.
//!
//! It must never take an arrow in a log for a series: each value has its time in brackets behind it.

use std::sync::LazyLock;

use evidence::{Body, Event, Point, Series};
use expressions::Expression;

use super::metrics_text::labels;
use super::page::Page;
use super::{Document, metrics, when};

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "promtool".into(), ..Document::default() };
    for index in 0..page.len() {
        let line = page.line(index);
        if let Some((name, rest)) = head(&line) {
            let series = series(&name);
            let points: Vec<Point> = point(&rest, page, index).into_iter().collect();
            let stamp = points.first().map(|p| p.stamp);
            document.events.push(Event {
                place: page.place(index, index),
                stamp,
                body: Body::Series(Series { points, ..series }),
            });
        } else if let Some(found) = point(&line, page, index)
            && let Some(event) = document.events.last_mut()
            && let Body::Series(series) = &mut event.body
        {
            event.place = evidence::RecordRef { end: found.place.end, last_line: found.place.last_line, ..event.place };
            event.stamp = event.stamp.or(Some(found.stamp));
            series.points.push(found);
        } else {
            document.texts.extend(page.record(index));
        }
    }
    document.events.retain(|e| matches!(&e.body, Body::Series(s) if !s.points.is_empty()));
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a series and a value with its time stand at the beginning.
pub fn is_likely(page: &Page<'_>) -> bool {
    let first = |i: &usize| head(&page.line(*i)).map(|(_, rest)| (*i, rest));
    let Some((at, rest)) = (0..page.len().min(5)).find_map(|i| first(&i)) else { return false };
    point(&rest, page, at).is_some() || rest.is_empty() && point(&page.line(at + 1), page, at + 1).is_some()
}

/// `up{job="web"} => rest`.
fn head(line: &str) -> Option<(String, String)> {
    static SHAPE: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^([A-Za-z_:][\w:]*)?(\{.*\})? =>\s*(.*)$").ok());
    let found = SHAPE.as_ref()?.captures(line.trim_end())?;
    let name = format!("{}{}", found.get(1).map_or("", |m| m.as_str()), found.get(2).map_or("", |m| m.as_str()));
    (!name.is_empty()).then(|| (name, found[3].to_string()))
}

fn series(name: &str) -> Series {
    let (metric, rest) = name.split_once('{').unwrap_or((name, ""));
    let labels = labels(rest);
    let service = metrics::service(&labels);
    Series { metric: metrics::named(metric, &labels), service, labels, points: Vec::new() }
}

/// `40.1 @[1735689605]`.
fn point(text: &str, page: &Page<'_>, index: usize) -> Option<Point> {
    let (value, rest) = text.trim().split_once(" @[")?;
    let stamp = when::epoch(rest.strip_suffix(']')?)?;
    let value: f64 = value.trim().parse().ok().filter(|v: &f64| v.is_finite())?;
    Some(Point { stamp, value, place: page.place(index, index) })
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    #[test]
    fn an_instant_and_a_range() {
        for (text, metric, points) in [
            ("conns{service=\"cart\", state=\"idle\"} => 188 @[1735689605.412]\n", "conns", 1),
            ("{code=\"500\", service=\"cart\"} =>\n40.1 @[1735689605]\n40.7 @[1735689665]\n", "code=500", 2),
        ] {
            assert!(sniff("q.txt", text.as_bytes(), true));
            let document = read_whole("q.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a series");
            let Body::Series(series) = &document.events[0].body else { panic!("a series") };
            assert_eq!((series.metric.as_str(), series.service.as_deref(), series.points.len()), (metric, Some("cart"), points));
        }
    }
}
