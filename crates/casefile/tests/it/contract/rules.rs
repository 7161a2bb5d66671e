//! The rules that `report-v1` numbers, written down a second time: what holds without looking at the input.
//!
//! Must never share code with the program's own checks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{array, text};

/// What a report does not keep of the rules.
pub fn faults(report: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let quiet = report["incident"]["status"] == "none_found";
    for key in KEYS {
        if report.get(key).is_none() {
            faults.push(format!("{key} is missing"));
        }
    }
    references(report, &mut faults);
    unknowns(report, quiet, &mut faults);
    causes(report, quiet, &mut faults);
    order(report, quiet, &mut faults);
    coverage(report, &mut faults);
    faults
}

const KEYS: &[&str] = &[
    "schema",
    "generator",
    "incident",
    "times",
    "metrics",
    "claims",
    "evidence",
    "timeline",
    "undetermined",
    "next_check",
    "causes",
    "contributing",
    "first_failing_service",
    "blast_radius",
    "remediation",
    "chain",
    "actions",
    "whys",
    "prevention",
    "lessons",
    "contradictions",
    "unknowns",
    "coverage",
    "confidence_score",
];

/// Rule 1, and that every text of a part repeats its claim's.
fn references(report: &Value, faults: &mut Vec<String>) {
    let ids = |part: &str| -> BTreeSet<String> { array(report, part).iter().map(|v| text(v, "id")).collect() };
    let (claims, evidence) = (ids("claims"), ids("evidence"));
    if claims.len() != array(report, "claims").len() || evidence.len() != array(report, "evidence").len() {
        faults.push("an id stands twice".into());
    }
    let cited: BTreeSet<String> = array(report, "claims").iter().flat_map(|c| strings(&c["citations"])).collect();
    for id in evidence.difference(&cited) {
        faults.push(format!("{id} is cited by no claim"));
    }
    for claim in array(report, "claims") {
        if strings(&claim["citations"]).is_empty() || text(claim, "text").trim().is_empty() {
            faults.push(format!("{} cites or says nothing", text(claim, "id")));
        }
        if claim["status"] == "measured" && !claim["derivation"].is_object() {
            faults.push(format!("{} is measured and has no derivation", claim["id"]));
        }
    }
    walk(report, &mut |key, value| {
        let known = match key {
            "citations" => strings(value).iter().all(|id| evidence.contains(id)),
            "claim" => value.is_null() || value.as_str().is_some_and(|id| claims.contains(id)),
            "for" | "against" => strings(value).iter().all(|id| claims.contains(id)),
            _ => true,
        };
        if !known {
            faults.push(format!("{key} {value} leads nowhere"));
        }
    });
}

/// Rule 3: what is not known is asked for, once, and what is known is not.
fn unknowns(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let asked: BTreeSet<String> = array(report, "unknowns").iter().map(|u| text(u, "field")).collect();
    let mut fields: Vec<(String, &Value)> = vec![
        ("incident.severity".into(), &report["incident"]["severity"]),
        ("remediation".into(), &report["remediation"]),
        ("first_failing_service".into(), &report["first_failing_service"]),
    ];
    for part in ["times", "metrics"] {
        fields.extend(report[part].as_object().into_iter().flatten().map(|(k, v)| (format!("{part}.{k}"), v)));
    }
    for (field, value) in fields {
        if value.is_null() && !quiet && !asked.contains(&field) {
            faults.push(format!("{field} is null and not among the unknowns"));
        }
        if !value.is_null() && asked.contains(&field) {
            faults.push(format!("{field} is known and among the unknowns"));
        }
        if value == "" || value["value"] == "" {
            faults.push(format!("{field} is an empty text"));
        }
    }
}

/// Rule 4.
fn causes(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let causes = array(report, "causes");
    let undetermined = report["undetermined"] == true;
    let least = if quiet { 0 } else { 1 + usize::from(undetermined) };
    if causes.len() < least || quiet && (!causes.is_empty() || undetermined) {
        faults.push(format!("{} causes, undetermined {undetermined}, none found {quiet}", causes.len()));
    }
    if undetermined != report["next_check"].is_string() {
        faults.push("undetermined and next_check do not go together".into());
    }
    let mut sum = 0.0;
    let mut last = f64::INFINITY;
    for (i, cause) in causes.iter().enumerate() {
        let probability = cause["probability"].as_f64().unwrap_or(-1.0);
        if cause["rank"] != i + 1 || !(0.0..=1.0).contains(&probability) || probability > last + 1e-9 {
            faults.push(format!("cause {} has probability {probability} after {last}", cause["rank"]));
        }
        if strings(&cause["for"]).is_empty() {
            faults.push(format!("nothing speaks for cause {}", cause["rank"]));
        }
        (sum, last) = (sum + probability, probability);
    }
    if sum > 1.0 + 1e-3 {
        faults.push(format!("the probabilities sum to {sum}"));
    }
}

/// Rule 5 and 6.
fn order(report: &Value, quiet: bool, faults: &mut Vec<String>) {
    let at: Vec<String> = array(report, "timeline").iter().map(|t| text(t, "at")).collect();
    if at.is_empty() && !quiet || at.iter().zip(at.iter().skip(1)).any(|(a, b)| moment(a) > moment(b)) {
        faults.push("the timeline is empty or not sorted".into());
    }
    for pair in [
        ("started", "detected"),
        ("detected", "acknowledged"),
        ("started", "mitigation_started"),
        ("mitigation_started", "mitigated"),
        ("started", "mitigated"),
        ("mitigated", "resolved"),
        ("started", "resolved"),
    ] {
        let time = |name: &str| report["times"][name]["at"].as_str().map(moment);
        if let (Some(first), Some(then)) = (time(pair.0), time(pair.1))
            && first > then
        {
            faults.push(format!("{} is after {}", pair.0, pair.1));
        }
    }
    for c in array(report, "contradictions") {
        if array(c, "values").len() < 2 {
            faults.push(format!("a contradiction of one value: {}", text(c, "text")));
        }
    }
    for a in array(report, "actions").iter().filter(|a| a["origin"] == "suggested") {
        if !a["owner"].is_null() || !a["due"].is_null() {
            faults.push(format!("a suggestion with an owner: {}", text(a, "text")));
        }
    }
}

fn coverage(report: &Value, faults: &mut Vec<String>) {
    for source in array(&report["coverage"], "sources") {
        let number = |v: &Value, key: &str| v[key].as_u64().unwrap_or(u64::MAX);
        let skipped: u64 = array(source, "skipped").iter().map(|s| number(s, "bytes")).sum();
        if number(source, "read_bytes").saturating_add(skipped) != number(source, "bytes") {
            faults.push(format!("{}: bytes are not accounted for", source["name"]));
        }
    }
}

fn walk(value: &Value, see: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                see(key, inner);
                walk(inner, see);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| Some(v.as_str()?.to_string())).collect()
}

fn moment(text: &str) -> jiff::Timestamp {
    text.parse().unwrap_or_else(|_| panic!("{text} is no time"))
}
