//! `kubectl get events` as the table it prints by default.
//!
//! It must never turn an age (`5m`, `2m10s (x5 over 9m)`) into a time. Lines that are no row stay text.

use evidence::{Body, Event, KubeEvent};

use super::Document;
use super::page::Page;

/// Reads such a table; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let header = header(page)?;
    let mut document = Document { format: "kubectl_events".into(), ..Document::default() };
    document.texts.extend((0..header).filter_map(|i| page.record(i)));
    let columns = columns(&page.line(header));
    for index in header + 1..page.len() {
        match row(&page.line(index), &columns) {
            Some(body) => {
                document.events.push(Event { place: page.place(index, index), stamp: None, body: Body::Kube(body) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether a line of the names of such a table stands near the beginning.
pub fn is_likely(page: &Page<'_>) -> bool {
    header(page).is_some()
}

fn header(page: &Page<'_>) -> Option<usize> {
    (0..page.len().min(5)).find(|i| {
        let line = page.line(*i);
        ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"].iter().all(|c| line.contains(c))
    })
}

/// Names of the columns, in their order; they stand apart by two blanks or more.
fn columns(header: &str) -> Vec<String> {
    parts(header, usize::MAX)
}

fn row(line: &str, columns: &[String]) -> Option<KubeEvent> {
    let cells = parts(line, columns.len());
    let cell = |name: &str| cells.get(columns.iter().position(|c| c == name)?).cloned();
    let object = cell("OBJECT")?;
    let (kind, name) = object.split_once('/')?;
    let count = cell("LAST SEEN").and_then(|age| age.split_once("(x")?.1.split([' ', ')']).next()?.parse().ok());
    Some(KubeEvent {
        reason: cell("REASON")?,
        kind: kind_of(kind),
        name: name.to_string(),
        namespace: cell("NAMESPACE"),
        message: cell("MESSAGE").unwrap_or_default(),
        warning: cell("TYPE")? == "Warning",
        count: cell("COUNT").and_then(|c| c.parse().ok()).or(count).unwrap_or(1),
        ..KubeEvent::default()
    })
}

/// The parts of a line between runs of blanks, at most so many; the last one takes the rest.
fn parts(line: &str, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = line.trim();
    while parts.len().saturating_add(1) < most {
        let Some(end) = rest.find("  ") else { break };
        parts.push(rest[..end].to_string());
        rest = rest[end..].trim_start();
    }
    if !rest.is_empty() {
        parts.push(rest.to_string());
    }
    parts
}

/// `pod` is `Pod`.
fn kind_of(word: &str) -> String {
    let known =
        ["Pod", "Node", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "HorizontalPodAutoscaler"];
    let kind = word.split('.').next().unwrap_or(word);
    known.iter().find(|k| k.eq_ignore_ascii_case(kind)).map_or_else(|| kind.to_string(), |k| k.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn rows_become_events_without_a_time() {
        let text = "LAST SEEN           TYPE      REASON     OBJECT          MESSAGE\n2m (x5 over 9m)     Warning   BackOff    pod/api-1       Back-off restarting  it\n";
        let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Kube(kube) = &document.events[0].body else { panic!("an event") };
        assert_eq!((kube.reason.as_str(), kube.kind.as_str(), kube.name.as_str(), kube.count), ("BackOff", "Pod", "api-1", 5));
        assert_eq!((kube.message.as_str(), document.events[0].stamp), ("Back-off restarting  it", None));
    }
}
