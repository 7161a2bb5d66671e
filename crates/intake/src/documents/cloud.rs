//! Notices of a cloud about machines: a spot instance that is taken back, an instance that stops or changes its state.
//!
//! They are told as states of a node, because that is what a cluster loses with them. It must never tell a machine that
//! starts or runs as trouble. Notices of other services in the same envelope are left as text.

use evidence::{Body, KubeEvent};

use super::json::El;
use super::{Context, Out};

/// States in which a machine is well or on its way there.
const WELL: [&str; 4] = ["running", "pending", "started", "launching"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let Some(detail) = element.get("detail").filter(|d| d.is_object()) else { return false };
    let Some(title) = element.first(&["detail-type", "detailType"]) else { return false };
    let Some(machine) = detail.first(&["instance-id", "instanceId", "EC2InstanceId", "instance_id"]) else { return false };
    let what = detail.first(&["instance-action", "state", "StatusMessage", "Cause", "Description"]);
    out.is("cloud_events");
    let stamp = element.stamp(&["time", "timestamp"]).or_else(|| detail.stamp(&["StartTime", "time"]));
    let words = [Some(title.clone()), Some(machine.clone()), what.clone(), element.first(&["region"])];
    let event = KubeEvent {
        reason: reason(&title, what.as_deref().unwrap_or_default()),
        kind: "Node".to_string(),
        name: machine,
        message: words.into_iter().flatten().collect::<Vec<_>>().join(", "),
        warning: !what.is_some_and(|w| WELL.contains(&w.to_lowercase().as_str()))
            && !title.to_lowercase().contains("launch successful"),
        count: 1,
        first: stamp,
        last: stamp,
        ..KubeEvent::default()
    };
    out.add(element, stamp, Body::Kube(event));
    true
}

/// One word for the notice: `SpotInterruption`, `InstanceTerminated`, else the words of its title.
fn reason(title: &str, what: &str) -> String {
    let lower = title.to_lowercase();
    if lower.contains("interruption") {
        return "SpotInterruption".to_string();
    }
    if lower.contains("state-change") || lower.contains("state change") {
        return format!("Instance{}", joined(what));
    }
    joined(title.trim_start_matches("EC2 "))
}

/// `shutting-down` is `ShuttingDown`.
fn joined(words: &str) -> String {
    let parts = words.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let upper = |w: &str| {
        let mut chars = w.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    parts.map(upper).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };
    const SPOT: &str = r#"{"version":"0","detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2","time":"2025-01-01T00:00:00Z","region":"eu-west-1","detail":{"instance-id":"i-0a1","instance-action":"terminate"}}"#;
    const STATE: &str = r#"{"version":"0","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","time":"2025-01-01T00:02:00Z","detail":{"instance-id":"i-0a1","state":"shutting-down"}}"#;

    fn seen(events: &[evidence::Event]) -> Vec<(String, String, bool)> {
        let told = events
            .iter()
            .map(|e| if let Body::Kube(k) = &e.body { (k.reason.clone(), k.name.clone(), k.warning) } else { panic!("{e:?}") });
        told.collect()
    }

    #[test]
    fn a_machine_that_is_taken_back() {
        let whole = read_whole("e.json", SOURCE, format!("[{SPOT},\n{STATE}]").as_bytes()).expect("JSON");
        let expected =
            [("SpotInterruption".to_string(), "i-0a1".to_string(), true), ("InstanceShuttingDown".into(), "i-0a1".into(), true)];
        assert_eq!(seen(&whole.events), expected);
        let place = RecordRef { source: SOURCE, start: 0, end: SPOT.len() as u64, line: 1, last_line: 1 };
        assert_eq!(seen(&read_line(SPOT, place).events), expected[..1]);
    }

    #[test]
    fn a_machine_that_runs_is_no_warning() {
        let text = STATE.replace("shutting-down", "running");
        let place = RecordRef { source: SOURCE, start: 0, end: text.len() as u64, line: 1, last_line: 1 };
        assert_eq!(seen(&read_line(&text, place).events), [("InstanceRunning".to_string(), "i-0a1".to_string(), false)]);
    }
}
