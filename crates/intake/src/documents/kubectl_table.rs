//! `kubectl get events`, `get pods`, `get nodes` and `get deployments` as the tables they print by default and wide, several
//! below each other with the commands between them or not.
//!
//! It must never turn an age (`5m`, `2m10s (x5 over 9m)`) into a time where no line above the table says when it was printed,
//! nor make an event of a pod or a node that is well, nor take a chat in which somebody pasted a table for one.
//! Lines that are no row, or nothing wrong, stay text.

use evidence::{Basis, Event, KubeEvent, Stamp};

use super::kube::told;
use super::kubectl_cells::{columns, parts};
use super::kubectl_custom;
use super::page::Page;
use super::{Document, when};

/// Lines by which a text is judged.
const LOOK: usize = 60;

/// Reads such tables; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document::default();
    let mut table: Option<Table> = None;
    // What `date` printed before.
    let mut printed = None;
    for index in 0..page.len() {
        let line = page.line(index);
        if let Some(next) = Table::at(page, index) {
            if document.format.is_empty() {
                document.format = if next.is_events() { "kubectl_events" } else { "kubectl_table" }.into();
            } else {
                document.texts.extend(page.record(index));
            }
            table = Some(next);
            continue;
        }
        if is_shell(&line) {
            printed = when::read(line.trim()).filter(|s| s.basis != Basis::CivilNoYear).or(printed);
            table = table.filter(|_| page.is_blank(index));
            document.texts.extend(page.record(index));
            continue;
        }
        match table.as_ref().and_then(|table| table.event(&line, printed)) {
            Some(event) => {
                let stamp = event.first.or(event.last);
                document.events.push(Event { place: page.place(index, index), stamp, body: told(event) });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    Some(document)
}

/// Whether such a table stands near the beginning, and little else.
pub fn is_likely(page: &Page<'_>) -> bool {
    if !(0..page.len().min(5)).any(|i| Table::at(page, i).is_some()) {
        return false;
    }
    let mut table: Option<Table> = None;
    let (mut full, mut others) = (0, 0);
    for index in (0..page.len().min(LOOK)).filter(|i| !page.is_blank(*i)) {
        let line = page.line(index);
        full += 1;
        match Table::at(page, index) {
            Some(next) => table = Some(next),
            None => others += usize::from(!is_shell(&line) && !table.as_ref().is_some_and(|table| table.has_row(&line))),
        }
    }
    others * 4 <= full
}

/// What a shell shows around a table: blank lines, its prompt with a command, what `date` printed.
fn is_shell(line: &str) -> bool {
    let line = line.trim();
    let prompts = ["$ ", "# ", "> ", "% ", "❯ ", "```"];
    let is_command = |word: &str| ["kubectl", "oc", "k"].contains(&word);
    line.is_empty()
        || prompts.iter().any(|prompt| line.starts_with(prompt))
        || line.split(' ').take(4).any(is_command)
        || when::read(line).is_some()
}

/// The columns of a table, by the line of their names.
struct Table {
    header: String,
    columns: Vec<String>,
    /// Somebody chose them.
    is_custom: bool,
}

impl Table {
    fn at(page: &Page<'_>, index: usize) -> Option<Table> {
        let line = page.line(index);
        let chosen = || {
            let columns = kubectl_custom::names(page, index)?;
            Some(Table { header: line.to_string(), columns, is_custom: true })
        };
        Table::of(&line).or_else(chosen)
    }

    fn of(line: &str) -> Option<Table> {
        let has = |names: &[&str]| names.iter().all(|c| line.contains(c));
        let is_named = line.trim_start().starts_with("NAME") && has(&["READY", "AGE"]);
        let is_of_objects = is_named && (has(&["STATUS", "RESTARTS"]) || has(&["UP-TO-DATE", "AVAILABLE"]));
        let is_of_nodes = line.trim_start().starts_with("NAME") && has(&["STATUS", "ROLES", "AGE", "VERSION"]);
        let is_of_events = has(&["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]);
        (is_of_events || is_of_objects || is_of_nodes).then(|| Table {
            header: line.to_string(),
            columns: columns(line),
            is_custom: false,
        })
    }

    fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|c| c == name)
    }

    fn is_events(&self) -> bool {
        self.has("OBJECT")
    }

    fn row(&self, line: &str) -> Row<'_> {
        Row { columns: &self.columns, cells: parts(&self.header, &self.columns, line) }
    }

    /// Whether a line has what a row of this table has.
    fn has_row(&self, line: &str) -> bool {
        let row = self.row(line);
        let is_name = |n: &String| n.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
        if self.is_custom {
            return row.cell("LAST SEEN").is_some_and(|seen| when::read(&seen).is_some()) && row.cell("REASON").is_some();
        }
        if self.is_events() {
            return row.cell("OBJECT").is_some_and(|object| object.contains('/'));
        }
        row.cell("NAME").is_some_and(|name| is_name(&name)) && row.cell("AGE").is_some_and(|seen| age(&seen).is_some())
    }

    fn event(&self, line: &str, printed: Option<Stamp>) -> Option<KubeEvent> {
        if !self.has_row(line) {
            return None;
        }
        let row = self.row(line);
        if self.is_events() {
            happened(&row, printed)
        } else if self.has("UP-TO-DATE") {
            missing(&row)
        } else {
            state(&row, self.has("ROLES"))
        }
    }
}

struct Row<'t> {
    columns: &'t [String],
    cells: Vec<String>,
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<String> {
        self.cells.get(self.columns.iter().position(|c| c == name)?).filter(|c| !c.is_empty()).cloned()
    }
}

fn happened(row: &Row<'_>, printed: Option<Stamp>) -> Option<KubeEvent> {
    let object = row.cell("OBJECT")?;
    let reason = row.cell("REASON")?;
    let (kind, name) = match object.split_once('/') {
        Some((kind, name)) => (kind_of(kind), name),
        None => (row.cell("KIND").unwrap_or_else(|| kubectl_custom::kind_of(&reason, &object).to_string()), object.as_str()),
    };
    let warning = row.cell("TYPE").map_or_else(|| kubectl_custom::is_warning(&reason), |kind| kind == "Warning");
    let seen = row.cell("LAST SEEN").unwrap_or_default();
    let count = seen.split_once("(x").and_then(|(_, rest)| rest.split([' ', ')']).next()?.parse().ok());
    let last = time(seen.split(" (").next().unwrap_or_default(), printed);
    Some(KubeEvent {
        reason,
        kind,
        name: name.to_string(),
        namespace: row.cell("NAMESPACE"),
        message: row.cell("MESSAGE").unwrap_or_default(),
        warning,
        count: row.cell("COUNT").and_then(|c| c.parse().ok()).or(count).unwrap_or(1),
        first: row.cell("FIRST SEEN").or_else(|| over(&seen)).and_then(|age| time(&age, printed)).or(last),
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
fn state(row: &Row<'_>, is_node: bool) -> Option<KubeEvent> {
    let (name, status) = (row.cell("NAME")?, row.cell("STATUS")?);
    let missing = share(row).filter(|_| status == "Running");
    let reason = match (status.as_str(), &missing) {
        ("Running", Some(_)) => "NotReady".to_string(),
        ("Running" | "Completed" | "Succeeded" | "Ready" | "ContainerCreating" | "PodInitializing", _) => return None,
        _ if is_node => if status.starts_with("NotReady") { "NodeNotReady" } else { "NodeNotSchedulable" }.to_string(),
        _ => status.clone(),
    };
    let restarts = row.cell("RESTARTS").and_then(|r| r.split(' ').next()?.parse::<u32>().ok()).unwrap_or(0);
    let message = missing.map_or(format!("status is {status}"), |(is, of)| format!("{is} of {of} containers ready"));
    Some(KubeEvent {
        reason,
        kind: if is_node { "Node" } else { "Pod" }.to_string(),
        name,
        namespace: row.cell("NAMESPACE"),
        message,
        warning: true,
        count: restarts.max(1),
        is_state: true,
        ..KubeEvent::default()
    })
}

/// A deployment that has fewer pods ready than it should.
fn missing(row: &Row<'_>) -> Option<KubeEvent> {
    let (is, of) = share(row)?;
    Some(KubeEvent {
        reason: "NotReady".to_string(),
        kind: "Deployment".to_string(),
        name: row.cell("NAME")?,
        namespace: row.cell("NAMESPACE"),
        message: format!("{is} of {of} pods ready"),
        warning: true,
        count: 1,
        is_state: true,
        ..KubeEvent::default()
    })
}

/// `1/2` of what should be ready; `None` when all of it is.
fn share(row: &Row<'_>) -> Option<(u32, u32)> {
    let ready = row.cell("READY")?;
    let (is, of) = ready.split_once('/')?;
    let (is, of) = (is.parse().ok()?, of.parse().ok()?);
    (is < of).then_some((is, of))
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
    use evidence::{Body, SourceId};

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
    #[test]
    fn a_table_of_chosen_columns_is_one_of_events() {
        let text = "$ kubectl get events -A -o custom-columns=T:.lastTimestamp,R:.reason,O:.involvedObject.name,M:.message\nT                      R                   O        M\n2025-01-01T00:00:05Z   SuccessfulRescale   cart     New size: 5\n2025-01-01T00:01:05Z   Unhealthy           cart-1   Readiness probe failed\n";
        let document = read_whole("k.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Kube(k) => (k.kind.as_str(), k.name.as_str(), k.reason.as_str(), k.warning, e.stamp.is_some()),
            other => panic!("{other:?}"),
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("HorizontalPodAutoscaler", "cart", "SuccessfulRescale", false, true), ("Pod", "cart-1", "Unhealthy", true, true)]
        );
    }

    #[test]
    fn tables_with_their_commands_between_them() {
        let text = "ann@box:~$ kubectl get deploy\nNAME   READY   UP-TO-DATE   AVAILABLE   AGE\ncart   1/6     2            1           212d\nweb    3/3     3            3           9d\n\nann@box:~$ kubectl get pods\nNAME     READY   STATUS    RESTARTS   AGE\ncart-1   0/1     Pending   0          2m\n";
        let document = read_whole("k.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("tables");
        let seen: Vec<_> =
            document
                .events
                .iter()
                .map(|e| {
                    if let Body::Kube(k) = &e.body {
                        (k.kind.as_str(), k.message.as_str(), e.place.line)
                    } else {
                        panic!("{e:?}")
                    }
                })
                .collect();
        assert_eq!(seen, [("Deployment", "1 of 6 pods ready", 3), ("Pod", "status is Pending", 8)]);
    }

    #[test]
    fn a_wide_table_has_columns_without_a_word() {
        let text = "LAST SEEN   TYPE     REASON              OBJECT            SUBOBJECT   SOURCE                  MESSAGE         FIRST SEEN   COUNT   NAME\n18m         Normal   ScalingReplicaSet   deployment/cart               deployment-controller   Scaled up to 6  18m          3       cart.17\n";
        let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Kube(kube) = &document.events[0].body else { panic!("an event") };
        assert_eq!((kube.message.as_str(), kube.count), ("Scaled up to 6", 3));
    }

    #[test]
    fn an_event_of_a_release_is_a_change() {
        let text = "LAST SEEN\tTYPE  \tREASON           \tOBJECT          \tMESSAGE\n2m       \tNormal\tRollbackSucceeded\tHelmRelease/cart\tHelm rollback to previous release shop/cart.v56 with chart cart@3.17.2 succeeded\t\n";
        let document = read_whole("e.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!((deploy.service.as_deref(), deploy.version.as_deref(), deploy.rollback), (Some("cart"), Some("3.17.2"), true));
    }

    #[test]
    fn a_chat_with_a_pasted_table_is_none() {
        let text = "Ann Lee  [4:07 PM]\nanyone?\n```\nNAME     READY   STATUS    RESTARTS   AGE\ncart-1   0/1     Pending   0          2m\n```\nPager  APP  [4:08 PM]\nTriggered: cart fails\n\nBo  [4:09 PM]\nlooking\n";
        assert!(!is_likely(&Page::new(SourceId { input: 0, entry: 0 }, text.as_bytes())));
    }
}
