//! Metrics as monitoring systems of clouds and OpenTelemetry answer: CloudWatch statistics, Google Cloud, Azure Monitor,
//! Datadog's second interface, frames of Grafana, OTLP, results of queries of Honeycomb.
//!
//! It must never add up what it reads, nor keep a value that is no finite number. What breaks it: a sum since the start
//! of a process is told as it stands, which is no rate.

use evidence::{Point, Stamp};

use super::json::El;
use super::metrics::{add, dimensions, point};
use super::spans_vendor::otlp_attributes;
use super::{Context, Out, when};

/// Statistics of CloudWatch and Azure, the most telling first.
const STATISTICS: [&str; 14] = [
    "Average",
    "average",
    "Sum",
    "total",
    "Maximum",
    "maximum",
    "Minimum",
    "minimum",
    "SampleCount",
    "count",
    "ExtendedStatistics",
    "value",
    "avg",
    "max",
];

type Labels = Vec<(String, String)>;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let kinds = [statistics, google, azure, datadog, frame, otlp, honeycomb, influx];
    !context.is_line && kinds.iter().any(|kind| kind(element, out))
}

/// `aws cloudwatch get-metric-statistics`, in no order.
fn statistics(element: El<'_>, out: &mut Out) -> bool {
    let lists = ["Datapoints", "datapoints", "data_points"];
    let time = |p: El<'_>| ["Timestamp", "timestamp"].into_iter().find(|k| p.is_object() && p.has(k));
    let Some(list) = lists.into_iter().find(|k| element.list(k).next().is_some_and(|p| time(p).is_some())) else {
        return false;
    };
    out.is("cloudwatch");
    let points = element.list(list).filter_map(|p| point(p, p.get(time(p)?)?, statistic(p)?));
    let name = element.first(&["Label", "metric_name", "metricName", "metric", "label", "name"]).unwrap_or_default();
    add(element, name, dimensions(element), sorted(points.collect()), out);
    true
}

fn statistic(point: El<'_>) -> Option<El<'_>> {
    STATISTICS.iter().find_map(|k| point.get(k))
}

fn sorted(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by_key(|p| p.stamp);
    points
}

/// A time series of Google Cloud Monitoring, newest first.
fn google(element: El<'_>, out: &mut Out) -> bool {
    let is_series = element.dig("metric.type").is_some() && element.list("points").next().is_some_and(|p| p.has("interval"));
    if !is_series {
        return false;
    }
    out.is("gcp_metrics");
    let pair = |p: El<'_>| {
        let value = p.get("value")?.members().next()?.1;
        // Of a distribution the mean is told.
        let value = if value.is_object() { value.get("mean")? } else { value };
        Some(Point { stamp: p.stamp(&["interval.endTime"])?, value: value.number()?, place: p.place() })
    };
    let labels = ["metric.labels", "resource.labels"].iter().filter_map(|k| element.dig(k)).flat_map(El::members);
    let labels: Labels = labels.filter_map(|(k, v)| Some((k, v.text()?))).collect();
    let points = element.list("points").filter_map(pair).collect();
    add(element, element.word("metric.type"), labels, sorted(points), out);
    true
}

/// A metric of Azure Monitor with its series.
fn azure(element: El<'_>, out: &mut Out) -> bool {
    if !element.list("timeseries").next().is_some_and(|t| t.has("data")) {
        return false;
    }
    out.is("azure_metrics");
    for series in element.list("timeseries") {
        let labels =
            series.list("metadatavalues").filter_map(|m| Some((m.first(&["name.value", "name"])?, m.first(&["value"])?)));
        let points = series.list("data").filter_map(|p| point(p, p.get("timeStamp")?, statistic(p)?)).collect();
        add(series, element.first(&["name.value", "name"]).unwrap_or_default(), labels.collect(), points, out);
    }
    true
}

/// `{"series": [...], "times": [...], "values": [[...], ...]}`.
fn datadog(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["times", "values", "series"]) || element.list("times").next().is_none() {
        return false;
    }
    out.is("datadog_metrics");
    for (series, values) in element.list("series").zip(element.list("values")) {
        let tags = series.list("group_tags").filter_map(El::text);
        let labels = tags.filter_map(|t| t.split_once(':').map(|(k, v)| (k.to_string(), v.to_string()))).collect();
        let name = series.first(&["query", "name", "query_index"]).unwrap_or_default();
        add(values, name, labels, columns(element.list("times"), values.items()), out);
    }
    true
}

/// A frame of Grafana: fields with their columns of values.
fn frame(element: El<'_>, out: &mut Out) -> bool {
    let (Some(fields), Some(values)) = (element.dig("schema.fields"), element.dig("data.values")) else { return false };
    let columns_of: Vec<(El<'_>, El<'_>)> = fields.items().zip(values.items()).collect();
    let Some((_, times)) = columns_of.iter().find(|(f, _)| f.word("type") == "time").copied() else { return false };
    out.is("grafana_metrics");
    for (field, column) in columns_of.into_iter().filter(|(f, _)| f.word("type") == "number") {
        let labels: Labels =
            field.get("labels").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?))).collect();
        let named = labels.iter().find(|(k, _)| k == "__name__").map(|(_, v)| v.clone());
        let name =
            named.or_else(|| element.first(&["schema.name"])).or_else(|| field.first(&["config.displayNameFromDS", "name"]));
        let labels = labels.into_iter().filter(|(k, _)| k != "__name__").collect();
        add(column, name.unwrap_or_default(), labels, columns(times.items(), column.items()), out);
    }
    true
}

fn columns<'a>(times: impl Iterator<Item = El<'a>>, values: impl Iterator<Item = El<'a>>) -> Vec<Point> {
    times.zip(values).filter_map(|(at, value)| point(value, at, value)).collect()
}

fn otlp(element: El<'_>, out: &mut Out) -> bool {
    let Some(resources) = element.get("resourceMetrics").or_else(|| element.get("resource_metrics")).filter(|r| r.is_array())
    else {
        return false;
    };
    out.is("otlp_metrics");
    let mut found: Vec<((String, Labels), El<'_>, Vec<Point>)> = Vec::new();
    for resource in resources.items() {
        let about = resource.dig("resource.attributes").map(otlp_attributes).unwrap_or_default();
        let scopes = ["scopeMetrics", "scope_metrics"].iter().filter_map(|k| resource.get(k)).flat_map(El::items);
        for metric in scopes.flat_map(|s| s.list("metrics")) {
            for (suffix, item, point) in data_points(metric) {
                let labels = about.iter().cloned().chain(item.get("attributes").map(otlp_attributes).unwrap_or_default());
                let key = (format!("{}{suffix}", metric.word("name")), labels.map(service_label).collect());
                match found.iter_mut().find(|(k, ..)| *k == key) {
                    Some((.., points)) => points.push(point),
                    None => found.push((key, metric, vec![point])),
                }
            }
        }
    }
    for ((name, labels), metric, points) in found {
        add(metric, name, labels, points, out);
    }
    true
}

/// A result of a query of Honeycomb: a list of times, each with what was computed and what it was broken down by.
fn honeycomb(element: El<'_>, out: &mut Out) -> bool {
    let Some(list) = element.dig("data.series").filter(|_| element.has_any(&["query", "id", "complete"])) else { return false };
    let is_step = |step: El<'_>| step.has("time") && step.get("data").is_some_and(El::is_object);
    if !list.items().next().is_some_and(is_step) {
        return false;
    }
    out.is("honeycomb");
    let mut found: Vec<((String, Labels), Vec<Point>)> = Vec::new();
    for step in list.items().filter(|step| is_step(*step)) {
        let members: Vec<(String, El<'_>)> = step.get("data").into_iter().flat_map(El::members).collect();
        let words = members.iter().filter(|(_, value)| value.is_string());
        let labels: Labels = words.filter_map(|(key, value)| Some(service_label((key.clone(), value.text()?)))).collect();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_string()) {
            let Some(point) = step.get("time").and_then(|at| point(step, at, *value)) else { continue };
            let key = (name.clone(), labels.clone());
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, points)) => points.push(point),
                None => found.push((key, vec![point])),
            }
        }
    }
    for ((name, labels), points) in found {
        add(list, name, labels, points, out);
    }
    true
}

/// An answer of InfluxDB to a query in InfluxQL: columns of values beside one of times.
fn influx(element: El<'_>, out: &mut Out) -> bool {
    let columns: Vec<String> = element.list("columns").filter_map(El::text).collect();
    let Some(time) = columns.iter().position(|name| name == "time").filter(|_| element.get("values").is_some_and(El::is_array))
    else {
        return false;
    };
    out.is("influxdb");
    let labels: Labels =
        element.get("tags").into_iter().flat_map(El::members).filter_map(|(k, v)| Some((k, v.text()?))).collect();
    let name = element.word("name");
    for (at, column) in columns.iter().enumerate().filter(|(at, _)| *at != time) {
        let value = |row: El<'_>| point(row, row.items().nth(time)?, row.items().nth(at)?);
        let points: Vec<Point> = element.list("values").filter_map(value).collect();
        if !points.is_empty() {
            add(element, format!("{name}.{column}").trim_matches('.').to_string(), labels.clone(), points, out);
        }
    }
    true
}

/// The name by which other metrics carry the service.
fn service_label((key, value): (String, String)) -> (String, String) {
    (if key == "service.name" { "service".to_string() } else { key }, value)
}

/// The values of a gauge or a sum; of a histogram how many there were and their sum.
fn data_points<'a>(metric: El<'a>) -> Vec<(&'static str, El<'a>, Point)> {
    let mut all = Vec::new();
    for kind in ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] {
        for item in metric.get(kind).into_iter().flat_map(|k| k.list("dataPoints").chain(k.list("data_points"))) {
            let Some(stamp) = nanos(item) else { continue };
            for (key, suffix) in [("asDouble", ""), ("asInt", ""), ("count", "_count"), ("sum", "_sum")] {
                if let Some(value) = item.get(key).and_then(El::number) {
                    all.push((suffix, item, Point { stamp, value, place: item.place() }));
                }
            }
        }
    }
    all
}

fn nanos(item: El<'_>) -> Option<Stamp> {
    when::read(&item.first(&["timeUnixNano", "time_unix_nano"])?)
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use evidence::{Body, SourceId};

    /// Metric, service, and seconds since 2025-01-01 with values.
    type Told = (String, Option<String>, Vec<(i64, f64)>);

    fn check(text: &str) -> Vec<Told> {
        let document = read_whole("m.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Series(s) => {
                assert!(s.points.iter().all(|p| e.place.start <= p.place.start && p.place.end <= e.place.end));
                (s.metric, s.service, s.points.iter().map(|p| (p.stamp.micros / 1_000_000 - 1_735_689_600, p.value)).collect())
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(metric: &str, service: Option<&str>, points: &[(i64, f64)]) -> Told {
        (metric.into(), service.map(str::to_string), points.to_vec())
    }

    #[test]
    fn an_answer_of_influxdb_has_columns() {
        let text = r#"{"results":[{"statement_id":0,"series":[{"name":"cpu","tags":{"service":"cart"},"columns":["time","mean"],"values":[["2025-01-01T00:00:05Z",1.5],["2025-01-01T00:01:05Z",null],["2025-01-01T00:02:05Z",99]]}]}]}"#;
        assert_eq!(check(text), [told("cpu.mean", Some("cart"), &[(5, 1.5), (125, 99.0)])]);
        let log = r#"{"columns":["time","text"],"values":"none"}"#;
        assert!(read_whole("m.json", SourceId { input: 0, entry: 0 }, log.as_bytes()).is_none_or(|d| d.events.is_empty()));
    }

    #[test]
    fn answers_of_three_clouds() {
        let aws = r#"{"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2025-01-01T00:01:00Z","Average":9.5,"Unit":"Percent"},{"Timestamp":"2025-01-01T00:00:00Z","Average":3}]}"#;
        assert_eq!(check(aws), [told("CPUUtilization", None, &[(0, 3.0), (60, 9.5)])]);
        let google = r#"{"timeSeries":[{"metric":{"type":"run.googleapis.com/request_count","labels":{"response_code":"500"}},"resource":{"type":"cloud_run_revision","labels":{"service_name":"cart"}},
            "points":[{"interval":{"startTime":"2025-01-01T00:00:00Z","endTime":"2025-01-01T00:01:00Z"},"value":{"int64Value":"7"}},{"interval":{"endTime":"2025-01-01T00:00:00Z"},"value":{"doubleValue":1.5}}]}]}"#;
        assert_eq!(check(google), [told("run.googleapis.com/request_count", Some("cart"), &[(0, 1.5), (60, 7.0)])]);
        let azure = r#"{"value":[{"name":{"value":"Http5xx"},"unit":"Count","timeseries":[{"metadatavalues":[{"name":{"value":"service"},"value":"cart"}],"data":[{"timeStamp":"2025-01-01T00:00:00Z","total":4.0},{"timeStamp":"2025-01-01T00:01:00Z"}]}]}]}"#;
        assert_eq!(check(azure), [told("Http5xx", Some("cart"), &[(0, 4.0)])]);
    }

    #[test]
    fn columns_of_datadog_and_grafana() {
        let datadog = r#"{"data":{"type":"timeseries_response","attributes":{"series":[{"group_tags":["service:cart"],"query_index":0}],"times":[1735689600000,1735689660000],"values":[[1,null]]}}}"#;
        assert_eq!(check(datadog), [told("0", Some("cart"), &[(0, 1.0)])]);
        let grafana = r#"{"results":{"A":{"frames":[{"schema":{"fields":[{"name":"Time","type":"time"},{"name":"Value","type":"number","labels":{"__name__":"up","job":"cart"}}]},"data":{"values":[[1735689600000,1735689660000],[1,0]]}}]}}}"#;
        assert_eq!(check(grafana), [told("up", Some("cart"), &[(0, 1.0), (60, 0.0)])]);
    }

    #[test]
    fn metrics_of_opentelemetry() {
        let text = r#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},"scopeMetrics":[{"metrics":[
            {"name":"pool.used","gauge":{"dataPoints":[{"timeUnixNano":"1735689600000000000","asInt":"19"},{"timeUnixNano":"1735689660000000000","asDouble":20}]}},
            {"name":"latency","histogram":{"dataPoints":[{"timeUnixNano":"1735689600000000000","count":"4","sum":2.5,"bucketCounts":["4"]}]}}]}]}]}"#;
        assert_eq!(
            check(text),
            [
                told("pool.used", Some("cart"), &[(0, 19.0), (60, 20.0)]),
                told("latency_count", Some("cart"), &[(0, 4.0)]),
                told("latency_sum", Some("cart"), &[(0, 2.5)])
            ]
        );
    }

    #[test]
    fn the_result_of_a_query_of_honeycomb() {
        let text = r#"{"query":{"calculations":[{"op":"COUNT"}]},"data":{"series":[{"time":"2025-01-01T00:00:00Z","data":{"service.name":"cart","COUNT":4}},{"time":"2025-01-01T00:01:00Z","data":{"service.name":"cart","COUNT":9}}],"results":[{"data":{"service.name":"cart","COUNT":13}}]}}"#;
        assert_eq!(check(text), [told("COUNT", Some("cart"), &[(0, 4.0), (60, 9.0)])]);
    }
}
