//! What `amtool alert` prints: one alert a line, in the short form and in the extended one.
//!
//! It must never trust the columns: long labels push them out of line. What breaks it: a summary that ends in the name of a
//! state.

use std::sync::LazyLock;

use evidence::{AlertState, Body, Event, Stamp};
use expressions::Expression;

use super::page::Page;
use super::{Document, when};

/// Reads such a listing; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let header = header(page)?;
    let mut document = Document { format: "amtool".into(), ..Document::default() };
    for index in 0..page.len() {
        let alert = if index > header { alert(&page.line(index)) } else { None };
        match alert {
            Some((stamp, alert)) => {
                document.events.push(Event { place: page.place(index, index), stamp: Some(stamp), body: Body::Alert(alert) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    (!document.events.is_empty()).then_some(document)
}

/// Whether a text begins with the names of its columns, possibly below the command.
pub fn is_likely(page: &Page<'_>) -> bool {
    header(page).is_some()
}

fn header(page: &Page<'_>) -> Option<usize> {
    (0..page.len().min(5)).find(|i| {
        let line = page.line(*i);
        let line = line.trim_end();
        let is_one = line.starts_with("Alertname ") || line.starts_with("Labels ");
        is_one && line.contains("Starts At") && line.ends_with("State")
    })
}

fn alert(line: &str) -> Option<(Stamp, AlertState)> {
    static TIME: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [A-Z]{3,4}\b").ok());
    static LABEL: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r#"([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)""#).ok());
    let times: Vec<_> = TIME.as_ref()?.find_iter(line).collect();
    let start = times.first()?;
    let state = line.split_whitespace().last()?;
    if !["active", "suppressed", "unprocessed"].contains(&state) {
        return None;
    }
    let front = &line[..start.start()];
    let labels: Vec<(String, String)> =
        LABEL.as_ref()?.captures_iter(front).map(|c| (c[1].to_string(), c[2].to_string())).collect();
    let label = |name: &str| labels.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
    let beside = line[start.end()..].trim().trim_end_matches(state).trim().to_string();
    let name = label("alertname").or_else(|| front.split_whitespace().next().map(str::to_string))?;
    let told = ["summary", "description", "message"].iter().find_map(|key| label(key));
    let alert = AlertState {
        severity: label("severity"),
        service: ["service", "app", "job"].iter().find_map(|key| label(key)),
        summary: told.unwrap_or(if labels.is_empty() { beside } else { name.clone() }),
        name,
        firing: true,
        labels,
        ..AlertState::default()
    };
    Some((when::read(start.as_str())?, alert))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<(String, Option<String>, Option<String>, String, i64)> {
        let document = read_whole("a.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a listing");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Alert(a) => {
                (a.name, a.severity, a.service, a.summary, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600))
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn both_forms() {
        let short = "$ amtool alert\nAlertname  Starts At                Summary                 State   \nCartDown   2025-01-01 00:00:05 UTC  5xx of cart is at 61%   active  \n";
        assert_eq!(check(short), [("CartDown".into(), None, None, "5xx of cart is at 61%".into(), 5)]);
        let long = "Labels                  Annotations          Starts At                Ends At                  Generator URL    State   \nalertname=\"CartDown\" service=\"cart\" severity=\"critical\"  summary=\"5xx of cart\"  2025-01-01 00:00:05 UTC  2025-01-01 00:05:05 UTC  http://p:9090/graph?g0.expr=x  active  \n";
        assert_eq!(check(long), [("CartDown".into(), Some("critical".into()), Some("cart".into()), "5xx of cart".into(), 5)]);
    }
}
