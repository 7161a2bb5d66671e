//! `kubectl get events`, `get pods` and `get nodes` as the tables they print by default.
//!
//! It must never turn an age (`5m`, `2m10s (x5 over 9m)`) into a time where no line above the table says when it was printed,
//! nor make an event of a pod or a node that is well.
//! Lines that are no row, or nothing wrong, stay text.

use evidence::{Basis, Body, Event, KubeEvent, Stamp};

use super::page::Page;
use super::{Document, when};

/// Reads such a table; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    let header = header(page)?;
    let columns = columns(&page.line(header));
    let is_events = columns.iter().any(|c| c == "OBJECT");
    let format = if is_events { "kubectl_events" } else { "kubectl_table" };
    let mut document = Document { format: format.into(), ..Document::default() };
    document.texts.extend((0..header).filter_map(|i| page.record(i)));
    // What `date` printed before.
    let printed = (0..header).rev().find_map(|i| when::read(page.line(i).trim())).filter(|s| s.basis != Basis::CivilNoYear);
    for index in header + 1..page.len() {
        let line = page.line(index);
        match if is_events { row(&line, &columns, printed) } else { state(&line, &columns) } {
            Some(body) => {
                let stamp = body.first.or(body.last);
                document.events.push(Event { place: page.place(index, index), stamp, body: Body::Kube(body) });
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
        let has = |names: &[&str]| names.iter().all(|c| line.contains(c));
        let is_of_objects = line.trim_start().starts_with("NAME") && has(&["STATUS", "AGE"]);
        has(&["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"])
            || is_of_objects && (has(&["READY", "RESTARTS"]) || has(&["ROLES", "VERSION"]))
    })
}

/// Names of the columns, in their order; they stand apart by two blanks or more.
fn columns(header: &str) -> Vec<String> {
    parts(header, usize::MAX)
}

fn row(line: &str, columns: &[String], printed: Option<Stamp>) -> Option<KubeEvent> {
    let cells = parts(line, columns.len());
    let cell = |name: &str| cells.get(columns.iter().position(|c| c == name)?).cloned();
    let object = cell("OBJECT")?;
    let (kind, name) = object.split_once('/')?;
    let seen = cell("LAST SEEN").unwrap_or_default();
    let count = seen.split_once("(x").and_then(|(_, rest)| rest.split([' ', ')']).next()?.parse().ok());
    let last = time(seen.split(" (").next().unwrap_or_default(), printed);
    Some(KubeEvent {
        reason: cell("REASON")?,
        kind: kind_of(kind),
        name: name.to_string(),
        namespace: cell("NAMESPACE"),
        message: cell("MESSAGE").unwrap_or_default(),
        warning: cell("TYPE")? == "Warning",
        count: cell("COUNT").and_then(|c| c.parse().ok()).or(count).unwrap_or(1),
        first: cell("FIRST SEEN").or_else(|| over(&seen)).and_then(|age| time(&age, printed)).or(last),
        last,
        ..KubeEvent::default()
    })
}

/// `2m (x5 over 9m)` began nine minutes before.
fn over(seen: &str) -> Option<String> {
    seen.split_once(" over ").map(|(_, age)| age.trim_end_matches(')').to_string())
}

/// A time as it stands, or so long before the table was printed.
fn time(seen: &str, printed: Option<Stamp>) -> Option<Stamp> {
    let written = Some(seen).filter(|s| s.len() > 12).and_then(when::read);
    written.or_else(|| {
        let printed = printed?;
        Some(Stamp::new(printed.micros - age(seen)?.checked_mul(1_000_000)?, printed.basis))
    })
}

/// Seconds of `90s`, `2m10s`, `3h`, `5d`.
fn age(text: &str) -> Option<i64> {
    let (mut seconds, mut number) = (0_i64, String::new());
    for c in text.trim().chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        seconds += std::mem::take(&mut number).parse::<i64>().ok().filter(|n| *n < 100_000)? * unit;
    }
    (number.is_empty() && seconds > 0).then_some(seconds)
}

/// What is wrong with a pod or a node, in the word of its status; `None` when it is well.
fn state(line: &str, columns: &[String]) -> Option<KubeEvent> {
    let cells = parts(line, columns.len());
    let cell = |name: &str| cells.get(columns.iter().position(|c| c == name)?).cloned();
    let (name, status) = (cell("NAME")?, cell("STATUS")?);
    let is_node = columns.iter().any(|c| c == "ROLES");
    let ready = cell("READY").and_then(|r| r.split_once('/').map(|(is, of)| (is.to_string(), of.to_string())));
    let missing = ready.filter(|(is, of)| status == "Running" && is != of);
    let reason = match (status.as_str(), &missing) {
        ("Running", Some(_)) => "NotReady".to_string(),
        ("Running" | "Completed" | "Succeeded" | "Ready" | "ContainerCreating" | "PodInitializing", _) => return None,
        _ if is_node => if status.starts_with("NotReady") { "NodeNotReady" } else { "NodeNotSchedulable" }.to_string(),
        _ => status.clone(),
    };
    let restarts = cell("RESTARTS").and_then(|r| r.split(' ').next()?.parse::<u32>().ok()).unwrap_or(0);
    let message = missing.map_or(format!("status is {status}"), |(is, of)| format!("{is} of {of} containers ready"));
    Some(KubeEvent {
        reason,
        kind: if is_node { "Node" } else { "Pod" }.to_string(),
        name,
        namespace: cell("NAMESPACE"),
        message,
        warning: true,
        count: restarts.max(1),
        is_state: true,
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
    fn a_time_stands_in_the_row_or_counts_from_what_date_printed() {
        let table = "LAST SEEN              TYPE      REASON     OBJECT       MESSAGE\n";
        let first = |text: &str| {
            let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
            let at = |s: Stamp| s.micros / 1_000_000 - 1_735_689_600;
            let Body::Kube(event) = &document.events[0].body else { panic!("an event") };
            (document.events[0].stamp.map(at), event.last.map(at))
        };
        let written = format!("{table}2025-01-01T00:00:05Z   Warning   BackOff    pod/api-1    Back-off\n");
        assert_eq!(first(&written), (Some(5), Some(5)));
        let row = "2m (x5 over 9m)        Warning   BackOff    pod/api-1    Back-off\n";
        let printed = format!("$ date -u; kubectl get events\nWed Jan  1 00:10:00 UTC 2025\n{table}{row}");
        assert_eq!(first(&printed), (Some(60), Some(480)));
        assert_eq!(first(&format!("{table}{row}")), (None, None));
    }

    #[test]
    fn rows_become_events_without_a_time() {
        let text = "LAST SEEN           TYPE      REASON     OBJECT          MESSAGE\n2m (x5 over 9m)     Warning   BackOff    pod/api-1       Back-off restarting  it\n";
        let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Kube(kube) = &document.events[0].body else { panic!("an event") };
        assert_eq!((kube.reason.as_str(), kube.kind.as_str(), kube.name.as_str(), kube.count), ("BackOff", "Pod", "api-1", 5));
        assert_eq!((kube.message.as_str(), document.events[0].stamp), ("Back-off restarting  it", None));
    }

    #[test]
    fn pods_and_nodes_that_are_not_well() {
        let check = |text: &str| {
            let document = read_whole("p.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
            let seen: Vec<_> = document
                .events
                .iter()
                .map(|e| match &e.body {
                    Body::Kube(k) => (k.kind.clone(), k.name.clone(), k.reason.clone(), k.count, e.place.line),
                    other => panic!("{other:?}"),
                })
                .collect();
            (seen, document.texts.len())
        };
        let pods = "$ kubectl get pods -A\nNAMESPACE   NAME       READY   STATUS             RESTARTS      AGE\nshop        cart-1     0/1     CrashLoopBackOff   7 (41s ago)   12m\nshop        cart-2     0/1     Running            0             12m\nshop        web-1      1/1     Running            0             9d\n";
        let expected = [("Pod", "cart-1", "CrashLoopBackOff", 7, 3), ("Pod", "cart-2", "NotReady", 1, 4)]
            .map(|(k, n, r, c, l)| (k.into(), n.into(), r.into(), c, l));
        assert_eq!(check(pods), (expected.to_vec(), 2));
        let nodes = "NAME     STATUS                     ROLES    AGE   VERSION\nnode-1   Ready                      <none>   9d    v1.31.0\nnode-2   NotReady                   <none>   9d    v1.31.0\nnode-3   Ready,SchedulingDisabled   <none>   9d    v1.31.0\n";
        let expected = [("Node", "node-2", "NodeNotReady", 1, 3), ("Node", "node-3", "NodeNotSchedulable", 1, 4)]
            .map(|(k, n, r, c, l)| (k.into(), n.into(), r.into(), c, l));
        assert_eq!(check(nodes), (expected.to_vec(), 1));
    }
}
