//! Metrics as JSON: Prometheus (matrix and vector), Datadog, Graphite, CloudWatch.
//!
//! One series is one event, each point with its own place. It must never keep a value that is no finite number.

use std::collections::BTreeMap;

use evidence::{Body, Point, Series};

use super::json::El;
use super::{Context, Out, when};

const SERVICES: [&str; 14] = [
    "service",
    "service.name",
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

type Labels = Vec<(String, String)>;

/// Names of a metric in answers that were reshaped.
const NAMES: [&str; 6] = ["metric_name", "metricName", "metric", "label", "name", "id"];

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
    if nrql(element, out) {
        return true;
    }
    if element.has("pointlist") || element.has_all(&["target", "datapoints"]) {
        out.is("metrics");
        pairs(element, out);
        return true;
    }
    let is_columns = element.has_all(&["timestamps", "values"]) && element.has_any(&NAMES);
    if element.has_all(&["Timestamps", "Values"]) || is_columns {
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

/// The name of a series; an answer that was computed has none, and is told by what sets it apart.
pub fn named(metric: &str, labels: &[(String, String)]) -> String {
    let metric = metric.trim();
    if !metric.is_empty() {
        return metric.to_string();
    }
    let apart = labels.iter().filter(|(key, _)| !SERVICES.contains(&key.as_str()));
    apart.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// The answer to a query of New Relic: one column a member, with the beginning and the end of each stretch.
fn nrql(element: El<'_>, out: &mut Out) -> bool {
    const TIMES: [&str; 4] = ["beginTimeSeconds", "endTimeSeconds", "timestamp", "inspectedCount"];
    let rows: Vec<El<'_>> = element.list("results").filter(|r| r.has_all(&["beginTimeSeconds", "endTimeSeconds"])).collect();
    if rows.len() < 2 {
        return false;
    }
    out.is("newrelic");
    let mut found: BTreeMap<(String, Labels), Vec<Point>> = BTreeMap::new();
    for row in &rows {
        let words = row.members().filter(|(k, v)| !TIMES.contains(&k.as_str()) && v.number().is_none());
        let labels: Vec<(String, String)> = words.filter_map(|(k, v)| Some((k, v.text()?))).collect();
        let Some(at) = row.get("beginTimeSeconds") else { continue };
        for (name, value) in row.members().filter(|(k, _)| !TIMES.contains(&k.as_str())) {
            if let Some(point) = point(*row, at, value) {
                found.entry((name, labels.clone())).or_default().push(point);
            }
        }
    }
    for ((metric, labels), points) in found {
        add(element, metric, labels, points, out);
    }
    true
}

fn is_prometheus(element: El<'_>) -> bool {
    element.get("metric").is_some_and(El::is_object) && element.has_any(&["values", "value", "histogram", "histograms"])
}

fn prometheus(element: El<'_>, out: &mut Out) {
    let all = element.get("metric").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?)));
    let all: Vec<(String, String)> = all.collect();
    let metric = all.iter().find(|(k, _)| k == "__name__").map(|(_, v)| v.clone()).unwrap_or_default();
    let labels: Vec<_> = all.into_iter().filter(|(k, _)| k != "__name__").collect();
    let metric = named(&metric, &labels);
    let single = element.get("value").into_iter();
    let points = element.list("values").chain(single).filter_map(|pair| point(pair, pair.items().next()?, pair.items().nth(1)?));
    // VictoriaMetrics exports values and times as two lists.
    let apart = element.list("values").zip(element.list("timestamps")).filter_map(|(value, at)| point(value, at, value));
    add(element, metric, labels, points.chain(apart).collect(), out);
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
    let metric = element.first(&["Label", "Id"]).or_else(|| element.first(&NAMES)).unwrap_or_default();
    let list = |names: [&str; 2]| names.into_iter().flat_map(|n| element.list(n)).collect::<Vec<_>>();
    let both = list(["Timestamps", "timestamps"]).into_iter().zip(list(["Values", "values"]));
    let mut points: Vec<Point> = both.filter_map(|(at, value)| point(value, at, value)).collect();
    points.sort_by_key(|p| p.stamp);
    add(element, metric, dimensions(element), points, out);
}

/// What the series is about, as CloudWatch and tools after it tell: a list of names with values, or an object.
pub fn dimensions(element: El<'_>) -> Vec<(String, String)> {
    let lists = ["Dimensions", "dimensions"].into_iter().filter_map(|k| element.get(k));
    let pair = |d: El<'_>| Some((d.first(&["Name", "name"])?, d.first(&["Value", "value"])?));
    let mut labels = Vec::new();
    for list in lists {
        labels.extend(list.items().filter_map(pair));
        labels.extend(list.members().filter_map(|(k, v)| Some((k, v.text()?))));
    }
    let instance = labels.iter().find(|(k, _)| is_database(k)).map(|(_, v)| ("service".to_string(), v.clone()));
    labels.extend(instance);
    labels
}

/// `DBInstanceIdentifier`, `db_instance_identifier`, `DBClusterIdentifier`.
fn is_database(name: &str) -> bool {
    let name = name.replace('_', "").to_ascii_lowercase();
    name == "dbinstanceidentifier" || name == "dbclusteridentifier"
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
    fn values_and_times_as_two_lists() {
        let text =
            r#"{"metric":{"__name__":"errors_total","job":"cart"},"values":[0,12],"timestamps":[1735689600000,1735689660000]}"#;
        let document =
            super::super::read_whole("m.json", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Series(series) = &document.events[0].body else { panic!("a series") };
        let told: Vec<_> = series.points.iter().map(|p| (p.stamp.micros / 1_000_000, p.value)).collect();
        assert_eq!((series.metric.as_str(), told), ("errors_total", vec![(1_735_689_600, 0.0), (1_735_689_660, 12.0)]));
    }

    #[test]
    fn an_answer_of_new_relic_and_one_of_datadog() {
        let text = r#"{"data":{"actor":{"account":{"nrql":{"results":[{"beginTimeSeconds":1735689600,"endTimeSeconds":1735689660,"Error rate":0.1,"facet":"cart"},
            {"beginTimeSeconds":1735689660,"endTimeSeconds":1735689720,"Error rate":0.4,"facet":"cart"}]}}}}}"#;
        let datadog = r#"{"status":"ok","res_type":"time_series","series":[{"metric":"errors","scope":"service:cart","pointlist":[[1735689600000.0,0.1],[1735689660000.0,0.4]]}],"message":"","values":[],"times":[],"query":"sum:errors"}"#;
        for (text, metric) in [(text, "Error rate"), (datadog, "errors")] {
            assert!(super::super::sniff("q.json", text.as_bytes(), true));
            let document = read_whole("q.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let Body::Series(series) = &document.events[0].body else { panic!("a series") };
            let values: Vec<f64> = series.points.iter().map(|p| p.value).collect();
            assert_eq!((series.metric.as_str(), values, document.events.len()), (metric, vec![0.1, 0.4], 1));
        }
    }

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
