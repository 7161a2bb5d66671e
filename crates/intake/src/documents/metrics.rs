//! Metrics as JSON: Prometheus (matrix and vector), Datadog, Graphite, CloudWatch.
//!
//! One series is one event, each point with its own place. It must never keep a value that is no finite number.

use evidence::{Body, Point, Series};

use super::json::El;
use super::{Context, Out, when};

const SERVICES: [&str; 13] = [
    "service",
    "service_name",
    "app",
    "application",
    "app_kubernetes_io_name",
    "deployment",
    "kube_deployment",
    "job",
    "container",
    "workload",
    "component",
    "pod",
    "instance",
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line {
        return false;
    }
    let results = element.dig("data.result").or_else(|| element.get("result"));
    if let Some(results) = results.filter(|r| r.items().next().is_some_and(is_prometheus)) {
        out.is("prometheus");
        results.items().for_each(|r| prometheus(r, out));
        return true;
    }
    if element.get("data").is_some_and(|d| d.has("resultType") && d.list("result").next().is_none()) {
        out.is("prometheus");
        return true;
    }
    if is_prometheus(element) {
        out.is("prometheus");
        prometheus(element, out);
        return true;
    }
    if element.has("pointlist") || element.has_all(&["target", "datapoints"]) {
        out.is("metrics");
        pairs(element, out);
        return true;
    }
    if element.has_all(&["Timestamps", "Values"]) {
        out.is("cloudwatch");
        columns(element, out);
        return true;
    }
    false
}

/// The service that labels name.
pub fn service(labels: &[(String, String)]) -> Option<String> {
    let value = |name: &&str| labels.iter().find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v.clone());
    SERVICES.iter().find_map(value)
}

fn is_prometheus(element: El<'_>) -> bool {
    element.get("metric").is_some_and(El::is_object) && element.has_any(&["values", "value", "histogram", "histograms"])
}

fn prometheus(element: El<'_>, out: &mut Out) {
    let all = element.get("metric").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?)));
    let all: Vec<(String, String)> = all.collect();
    let metric = all.iter().find(|(k, _)| k == "__name__").map(|(_, v)| v.clone()).unwrap_or_default();
    let labels: Vec<_> = all.into_iter().filter(|(k, _)| k != "__name__").collect();
    let single = element.get("value").into_iter();
    let points = element.list("values").chain(single).filter_map(|pair| point(pair, pair.items().next()?, pair.items().nth(1)?));
    add(element, metric, labels, points.collect(), out);
}

/// Datadog's `[milliseconds, value]` and Graphite's `[value, seconds]`.
fn pairs(element: El<'_>, out: &mut Out) {
    let metric = element.first(&["metric", "target", "display_name"]).unwrap_or_default();
    let tags = element.list("tag_set").chain(element.list("tags")).filter_map(El::text);
    let tags =
        tags.chain(element.first(&["scope"]).into_iter().flat_map(|s| s.split(',').map(str::to_string).collect::<Vec<_>>()));
    let mut labels: Vec<(String, String)> =
        tags.filter_map(|t| t.split_once(':').map(|(k, v)| (k.to_string(), v.to_string()))).collect();
    labels.extend(element.get("tags").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?))));
    labels.dedup();
    let datadog = element.list("pointlist").filter_map(|p| point(p, p.items().next()?, p.items().nth(1)?));
    let graphite = element.list("datapoints").filter_map(|p| point(p, p.items().nth(1)?, p.items().next()?));
    add(element, metric, labels, datadog.chain(graphite).collect(), out);
}

/// CloudWatch's two columns, newest first as a rule.
fn columns(element: El<'_>, out: &mut Out) {
    let metric = element.first(&["Label", "Id"]).unwrap_or_default();
    let both = element.list("Timestamps").zip(element.list("Values"));
    let mut points: Vec<Point> = both.filter_map(|(at, value)| point(value, at, value)).collect();
    points.sort_by_key(|p| p.stamp);
    add(element, metric, Vec::new(), points, out);
}

/// A value and its time; `None` when either is none.
pub fn point(place: El<'_>, at: El<'_>, value: El<'_>) -> Option<Point> {
    let stamp = at.own_stamp().or_else(|| when::read(&at.text()?))?;
    Some(Point { stamp, value: value.number()?, place: place.place() })
}

/// Adds a series.
pub fn add(element: El<'_>, metric: String, labels: Vec<(String, String)>, points: Vec<Point>, out: &mut Out) {
    let stamp = points.first().map(|p| p.stamp);
    let series = Series { metric, service: service(&labels), labels, points };
    out.add(element, stamp, Body::Series(series));
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_range_of_prometheus() {
        let text = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"web"},
            "values":[[1749647760,"30"],[1749647790,"NaN"],[1749647820.5,"31"]]}]}}"#;
        let document = read_whole("q.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Series(series) = &document.events[0].body else { panic!("a series") };
        let values: Vec<f64> = series.points.iter().map(|p| p.value).collect();
        assert_eq!((series.metric.as_str(), series.service.as_deref(), values), ("up", Some("web"), vec![30.0, 31.0]));
        let at = series.points[1].place;
        assert_eq!(&text[at.start as usize..at.end as usize], r#"[1749647820.5,"31"]"#);
    }
}
