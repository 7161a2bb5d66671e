//! Metrics as lines of text: the exposition of Prometheus and OpenMetrics, and the line protocol of InfluxDB.
//!
//! It must never give a value the time at which it was read: an exposition without times stays text. What breaks it: a
//! line protocol in another unit than nanoseconds is known by the size of its times, which is right from 1973 on.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use evidence::{Body, Event, Point, Series, Stamp};
use expressions::Expression;

use super::page::Page;
use super::{Document, metrics, when};

/// Lines by which a text is judged.
const LOOK: usize = 60;

type Labels = Vec<(String, String)>;
/// One line: values by their metrics, with the labels and the time that they share.
type Sample = (Vec<(String, f64)>, Labels, Option<Stamp>);

/// Reads such a text; `None` when it is none, or without times.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let (format, line) = kind(page)?;
    let mut document = Document { format: format.into(), ..Document::default() };
    let mut found: BTreeMap<(String, Labels), Vec<Point>> = BTreeMap::new();
    let mut order = Vec::new();
    for index in 0..page.len() {
        let text = page.line(index);
        let Some((values, labels, Some(stamp))) = line(&text) else {
            // What the lines mean is said above them, and is no record.
            document.texts.extend(page.record(index).filter(|(_, t)| !t.starts_with('#')));
            continue;
        };
        document.records += 1;
        for (metric, value) in values {
            let key = (metric, labels.clone());
            let points = found.entry(key.clone()).or_default();
            if points.is_empty() {
                order.push(key);
            }
            points.push(Point { stamp, value, place: page.place(index, index) });
        }
    }
    for key in order {
        let points = found.remove(&key).unwrap_or_default();
        let Some(first) = points.first().copied() else { continue };
        let (metric, labels) = key;
        let series = Series { metric, service: metrics::service(&labels), labels, points };
        document.events.push(Event { place: first.place, stamp: Some(first.stamp), body: Body::Series(series) });
    }
    document.records += document.texts.len() as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins like one of these.
pub fn is_likely(page: &Page<'_>) -> bool {
    kind(page).is_some()
}

type Reader = fn(&str) -> Option<Sample>;

fn kind(page: &Page<'_>) -> Option<(&'static str, Reader)> {
    let full: Vec<_> = (0..page.len()).filter(|i| !page.is_blank(*i)).take(LOOK).map(|i| page.line(i)).collect();
    let says = full.iter().any(|l| l.starts_with("# TYPE ") || l.starts_with("# HELP "));
    let samples: Vec<_> = full.iter().filter(|l| !l.starts_with('#')).collect();
    let timed = |line: Reader| samples.iter().filter(|l| line(l).is_some_and(|(.., stamp)| stamp.is_some())).count();
    if says && timed(exposed) > 0 {
        return Some(("prometheus_text", exposed));
    }
    let is_bare = samples.len() > 1 && samples.iter().all(|l| l.contains('{')) && timed(exposed) == samples.len();
    if is_bare {
        return Some(("prometheus_text", exposed));
    }
    let others: [(&str, Reader); 3] =
        [("influx_lines", protocol), ("graphite_csv", graphite_row), ("graphite_lines", graphite_line)];
    others.into_iter().find(|(_, line)| samples.len() > 1 && timed(*line) == samples.len())
}

/// `up{job="web"} 1 1735689605000`.
fn exposed(line: &str) -> Option<Sample> {
    static SHAPE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"^([A-Za-z_:][\w:]*)(?:\{(.*)\})?[ \t]+([0-9.eE+-]+|NaN|[+-]?Inf)(?:[ \t]+([0-9.]+))?(?:\s+#.*)?\s*$")
            .ok()
    });
    let found = SHAPE.as_ref()?.captures(line)?;
    let value: f64 = found[3].parse().ok().filter(|v: &f64| v.is_finite())?;
    let labels = found.get(2).map(|l| labels(l.as_str())).unwrap_or_default();
    Some((vec![(found[1].to_string(), value)], labels, found.get(4).and_then(|t| when::epoch(t.as_str()))))
}

/// `code="200",path="/a\"b"`.
pub fn labels(text: &str) -> Labels {
    static PAIR: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r#"([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)""#).ok());
    let Some(pair) = PAIR.as_ref() else { return Vec::new() };
    pair.captures_iter(text)
        .map(|c| (c[1].to_string(), c[2].replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")))
        .collect()
}

/// `stats.cart.errors,2025-01-01 00:00:05,12.0`: an export of Graphite, which has no value where there was none.
fn graphite_row(line: &str) -> Option<Sample> {
    let (name, rest) = line.trim_end().rsplit_once(',').and_then(|(front, value)| Some((front.rsplit_once(',')?, value)))?;
    let (name, at, value) = (name.0.trim_matches('"'), name.1.trim_matches('"'), rest.trim());
    let values = if value.is_empty() { Vec::new() } else { vec![(name.to_string(), value.parse().ok()?)] };
    let is_time = at.len() == 19 && at.contains(':');
    (is_path(name) && is_time).then(|| Some((values, Vec::new(), Some(when::read(at)?))))?
}

/// `stats.cart.errors 12 1735689605`: what is sent to Graphite.
fn graphite_line(line: &str) -> Option<Sample> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [name, value, at] = parts.as_slice() else { return None };
    let stamp = when::epoch(at).filter(|_| is_path(name) && at.len() == 10)?;
    Some((vec![(name.to_string(), value.parse().ok()?)], Vec::new(), Some(stamp)))
}

/// `stats.cart.errors`, possibly with functions around it.
fn is_path(name: &str) -> bool {
    name.contains('.') && name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains([' ', '/', '='])
}

/// `cpu,host=a usage=1.5,count=3i 1735689605000000000`; blanks and commas within names are escaped.
fn protocol(line: &str) -> Option<Sample> {
    let parts = split(line.trim_end(), ' ', true);
    let [head, fields, at] = parts.as_slice() else { return None };
    let mut names = split(head, ',', false).into_iter();
    let measurement = plain(&names.next().filter(|n| !n.contains('=') && !n.is_empty())?);
    let pair = |text: String| text.split_once('=').map(|(k, v)| (plain(k), plain(v)));
    let labels: Labels = names.map(pair).collect::<Option<_>>()?;
    let mut values = Vec::new();
    for (name, value) in split(fields, ',', true).into_iter().map(pair).collect::<Option<Vec<_>>>()? {
        match number(&value) {
            Some(number) => values.push((format!("{measurement}.{name}"), number)),
            None if value.starts_with('"') => {}
            None => return None,
        }
    }
    let is_time = at.len() >= 9 && at.bytes().all(|b| b.is_ascii_digit());
    Some((values, labels, when::epoch(at).filter(|_| is_time)))
}

/// A float, an integer with its mark, a truth value.
fn number(value: &str) -> Option<f64> {
    match value {
        "t" | "T" | "true" | "True" | "TRUE" => Some(1.0),
        "f" | "F" | "false" | "False" | "FALSE" => Some(0.0),
        _ => value.trim_end_matches(['i', 'u']).parse().ok().filter(|v: &f64| v.is_finite()),
    }
}

/// Cuts at a mark that is neither escaped nor (where quotes count) within a text.
fn split(text: &str, mark: char, quotes: bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut escaped, mut quoted) = (false, false);
    for c in text.chars() {
        let Some(part) = parts.last_mut() else { break };
        quoted ^= quotes && c == '"' && !escaped;
        if c == mark && !escaped && !quoted {
            parts.push(String::new());
        } else {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

fn plain(text: &str) -> String {
    text.replace("\\ ", " ").replace("\\,", ",").replace("\\=", "=")
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::{Basis, SourceId};

    fn check(text: &str) -> Option<Document> {
        let document = read_whole("m.txt", SourceId { input: 0, entry: 0 }, text.as_bytes());
        assert_eq!(document.is_some(), sniff("m.txt", text.as_bytes(), true), "{text}");
        document
    }

    fn series(document: &Document, index: usize) -> &Series {
        let Body::Series(series) = &document.events[index].body else { panic!("a series") };
        series
    }

    #[test]
    fn what_graphite_exports_and_is_sent() {
        for text in [
            "stats.cart.errors,2025-01-01 00:00:05,0.0\nstats.cart.errors,2025-01-01 00:01:05,12.0\nstats.cart.errors,2025-01-01 00:02:05,\n",
            "stats.cart.errors 0 1735689605\nstats.cart.errors 12 1735689665\n",
        ] {
            let document =
                super::super::read_whole("m.csv", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("metrics");
            let Body::Series(series) = &document.events[0].body else { panic!("a series") };
            let values: Vec<f64> = series.points.iter().map(|p| p.value).collect();
            assert_eq!((series.metric.as_str(), values), ("stats.cart.errors", vec![0.0, 12.0]));
        }
    }

    #[test]
    fn an_exposition_with_times() {
        let text = "# HELP reqs Requests.\n# TYPE reqs counter\nreqs{service=\"cart\",code=\"5\\\"0\"} 7 1735689605000\nreqs{service=\"cart\",code=\"5\\\"0\"} 9 1735689665000\nup 1\n";
        let document = check(text).expect("metrics");
        let first = series(&document, 0);
        assert_eq!((first.metric.as_str(), first.service.as_deref(), first.labels[1].1.as_str()), ("reqs", Some("cart"), "5\"0"));
        let points: Vec<_> = first.points.iter().map(|p| (p.stamp.micros, p.value, p.place.line)).collect();
        assert_eq!(points, [(1_735_689_605_000_000, 7.0, 3), (1_735_689_665_000_000, 9.0, 4)]);
        assert_eq!((document.format.as_str(), document.texts.len(), document.records), ("prometheus_text", 1, 3));
    }

    #[test]
    fn an_exposition_without_types_has_labels_and_times_in_each_line() {
        let text = "up{job=\"web\"} 1 1735689605000\nup{job=\"web\"} 0 1735689665000\n";
        assert_eq!(series(&check(text).expect("metrics"), 0).points.len(), 2);
        assert_eq!(check("up{job=\"web\"} 1 1735689605000\nup{job=\"web\"} 0\n"), None);
    }

    #[test]
    fn an_exposition_without_times_is_no_series() {
        assert_eq!(check("# TYPE up gauge\nup{job=\"a\"} 1\n"), None);
    }

    #[test]
    fn lines_of_the_line_protocol() {
        let text = "pool,service=cart,host=a\\ b used=19i,limit=20.5,name=\"x, y\",ok=t 1735689605000000000\npool,service=cart,host=a\\ b used=20i 1735689606000000000\n";
        let document = check(text).expect("metrics");
        assert_eq!((document.events.len(), document.records), (3, 2));
        let used = series(&document, 0);
        assert_eq!(
            (used.metric.as_str(), used.service.as_deref(), used.labels[1].1.as_str()),
            ("pool.used", Some("cart"), "a b")
        );
        assert_eq!(
            used.points.iter().map(|p| (p.stamp, p.value)).collect::<Vec<_>>(),
            [(Stamp::new(1_735_689_605_000_000, Basis::Epoch), 19.0), (Stamp::new(1_735_689_606_000_000, Basis::Epoch), 20.0)]
        );
        assert_eq!((series(&document, 2).metric.as_str(), series(&document, 2).points[0].value), ("pool.ok", 1.0));
    }

    #[test]
    fn logs_are_no_metrics() {
        for text in [
            "time=1735689605 level=info msg=a\ntime=1735689606 level=info msg=b\n",
            "worker started=true pid=7\nworker done=yes pid=7\n",
            "GET /a?b=c 1735689605\nGET /a?b=d 1735689606\n",
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
