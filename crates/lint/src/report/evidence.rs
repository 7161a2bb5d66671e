//! Evidence against the account of its source, and times against the records that are cited for them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{document, facts};

use super::view::{View, list, number, string, strings, time};

pub fn check(view: &mut View<'_>) {
    places_in_sources(view);
    timeline(view);
    triggers(view);
    trigger_times(view);
    clocks(view);
    services(view);
}

/// Lines and bytes lie in the source as the coverage describes it.
fn places_in_sources(view: &mut View<'_>) {
    let sources: Vec<&Value> = view.value.get("coverage").into_iter().flat_map(|c| list(c, "sources")).collect();
    for (i, item) in list(view.value, "evidence").enumerate() {
        let name = string(item, "source").unwrap_or_default();
        let path = format!("evidence.{i}");
        let Some(source) = sources.iter().find(|s| string(s, "name") == Some(name)) else {
            view.says("source/unresolved", &path, format!("the coverage has no source {name}"));
            continue;
        };
        let (line, last) = (number(item, "line").unwrap_or(0.0), number(item, "last_line").unwrap_or(0.0));
        let bytes: Vec<f64> = list(item, "bytes").filter_map(Value::as_f64).collect();
        let lines = number(source, "lines").unwrap_or(f64::MAX);
        let size = number(source, "bytes").unwrap_or(f64::MAX);
        if line < 1.0 || last < line || line > lines + 1.0 {
            view.says(
                "source/unresolved",
                &path,
                format!("lines {line} to {last} do not lie in {name}, which has {lines} lines"),
            );
        }
        if bytes.len() != 2 || bytes[0] > bytes[1] || bytes[1] > size {
            view.says("source/unresolved", &path, format!("its bytes do not lie in {name}, which has {size}"));
        }
    }
}

/// An entry has the time of a record that it cites, where those have one.
fn timeline(view: &mut View<'_>) {
    for (i, item) in list(view.value, "timeline").enumerate() {
        let Some(at) = time(item, "at") else { continue };
        let cited: Vec<&Value> = strings(item, "citations").into_iter().filter_map(|id| Some(view.evidence.get(id)?.1)).collect();
        let times: Vec<f64> = cited.iter().filter_map(|e| time(e, "at")).collect();
        let minute = string(item, "at").and_then(|t| t.get(14..16)).unwrap_or_default();
        let told = cited.iter().any(|e| string(e, "text").is_some_and(|t| t.contains(minute)));
        if !times.is_empty() && !told && !times.iter().any(|t| (t - at).abs() <= 1.0) {
            let shown = string(item, "at").unwrap_or_default().to_string();
            let message = format!("the entry is at {shown}, and no record that it cites has that time");
            view.says("time/source", &format!("timeline.{i}.at"), message);
        }
    }
}

/// What triggered the incident is not after its begin.
fn triggers(view: &mut View<'_>) {
    let started = view.value.get("times").and_then(|t| t.get("started")).and_then(|s| time(s, "latest"));
    for (i, cause) in list(view.value, "causes").enumerate().take(1) {
        let change = cause.get("change_caused").and_then(Value::as_bool) == Some(true);
        let at = cause.get("trigger").and_then(|t| time(t, "at"));
        if let Some((at, started)) = at.zip(started).filter(|(at, started)| change && at > &(started + 60.0)) {
            let message = format!(
                "the change that is given as the cause took effect {} s after the incident began",
                (at - started).round()
            );
            view.says("cause/order", &format!("causes.{i}.trigger.at"), message);
        }
    }
}

/// Every time of day that a claim states in its own words is one that the report has elsewhere.
fn clocks(view: &mut View<'_>) {
    let mut known: BTreeSet<i64> = BTreeSet::new();
    let mut add = |t: Option<f64>| known.extend(t.map(|t| t.floor() as i64));
    for (part, key) in [("timeline", "at"), ("evidence", "at")] {
        list(view.value, part).for_each(|v| add(time(v, key)));
    }
    for claim in list(view.value, "claims").filter_map(|c| c.get("derivation")) {
        ["from", "to", "value"].iter().for_each(|k| add(time(claim, k)));
    }
    for instant in view.value.get("times").and_then(Value::as_object).into_iter().flatten() {
        ["at", "earliest", "latest"].iter().for_each(|k| add(time(instant.1, k)));
    }
    let is_known = |second: f64| known.iter().any(|k| (k.rem_euclid(86_400) - second.floor() as i64).abs() <= 1);
    let mut strange: Vec<(usize, String)> = Vec::new();
    for (i, claim) in list(view.value, "claims").enumerate() {
        if string(claim, "section") == Some("contradictions") {
            continue;
        }
        let document = document::read(&string(claim, "text").unwrap_or_default().replace('\n', " "));
        for unit in &document.units {
            let own = unit.facts.clocks.iter().filter(|c| !unit.is_quoted(c.range.start) && c.fine <= 1.0);
            strange.extend(own.filter(|c| !is_known(c.second)).map(|c| (i, facts::time(c.second))));
        }
    }
    for (i, shown) in strange {
        view.says("time/source", &format!("claims.{i}.text"), format!("nothing in the report is at {shown}"));
    }
}

/// The trigger of a cause has the time of a record that it cites.
fn trigger_times(view: &mut View<'_>) {
    for (i, cause) in list(view.value, "causes").enumerate() {
        let Some((trigger, at)) = cause.get("trigger").and_then(|t| Some((t, time(t, "at")?))) else { continue };
        let cited: Vec<&Value> =
            strings(trigger, "citations").into_iter().filter_map(|id| Some(view.evidence.get(id)?.1)).collect();
        let minute = string(trigger, "at").and_then(|t| t.get(14..16)).unwrap_or_default();
        let told = cited.iter().any(|e| string(e, "text").is_some_and(|t| t.contains(&format!(":{minute}"))));
        let near = cited.iter().filter_map(|e| time(e, "at")).any(|t| (t - at).abs() <= 1.0);
        if !cited.is_empty() && !near && !told {
            view.says("time/source", &format!("causes.{i}.trigger.at"), "no record that it cites has this time".to_string());
        }
    }
}

/// Names of services stand in what is cited somewhere.
fn services(view: &mut View<'_>) {
    let known = |name: &str| view.text().matches(&format!("\"{name}\"")).count() + view.text().matches(name).count() > 2;
    let first = view.value.get("first_failing_service").and_then(Value::as_str);
    let named: Vec<(String, &str)> = view
        .value
        .get("incident")
        .map(|i| strings(i, "services"))
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(i, n)| (format!("incident.services.{i}"), n))
        .chain(first.map(|n| ("first_failing_service".to_string(), n)))
        .collect();
    let strange: Vec<(String, String)> = named.into_iter().filter(|(_, n)| !known(n)).map(|(p, n)| (p, n.to_string())).collect();
    for (path, name) in strange {
        view.says("name/alias", &path, format!("nothing else in the report names {name}"));
    }
}
