//! Events of services that a cloud runs for others (`describe-events` of RDS and ElastiCache): a failover, a restart, a
//! node that is replaced.
//!
//! They are told as states of the service, as notices about machines are. What is planned or only kept (snapshots, backups)
//! is left as text. It must never tell the end of a failover as trouble. What breaks it: words of another cloud.

use evidence::{Body, KubeEvent};

use super::json::El;
use super::{Context, Out};

/// What happened, by its words, as one word.
const KINDS: [(&str, &str); 11] = [
    ("failover", "Failover"),
    ("failed over", "Failover"),
    ("reboot", "Restart"),
    ("restart", "Restart"),
    ("shutdown", "Shutdown"),
    ("shut down", "Shutdown"),
    ("replac", "Replacement"),
    ("out of memory", "OutOfMemory"),
    ("maintenance", "Maintenance"),
    ("patch", "Maintenance"),
    ("recover", "Recovery"),
];
const WELL: [&str; 6] = ["complet", "finished", "recovered", "succeeded", "available", "successfully"];
const PLANNED: [&str; 4] = ["scheduled", "upcoming", "will be", "is planned"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["SourceIdentifier", "SourceType", "Message", "Date"]) {
        return false;
    }
    let words = element.word("Message");
    let lower = words.to_lowercase();
    let has = |cues: &[&str]| cues.iter().any(|cue| lower.contains(cue));
    let kind = KINDS.iter().find(|(cue, _)| lower.contains(cue)).map(|(_, kind)| *kind);
    let Some(reason) = kind.filter(|_| !has(&PLANNED)) else { return false };
    let at = element.stamp(&["Date"]);
    out.is("cloud_events");
    let event = KubeEvent {
        reason: reason.into(),
        kind: element.word("SourceType"),
        name: element.word("SourceIdentifier"),
        message: words,
        warning: !has(&WELL),
        count: 1,
        first: at,
        last: at,
        ..KubeEvent::default()
    };
    out.add(element, at, Body::Kube(event));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_failover_is_told_and_what_is_planned_or_kept_is_not() {
        let event = |words: &str| {
            format!(
                r#"{{"SourceIdentifier":"cart-db","SourceType":"db-instance","Message":"{words}","Date":"2025-01-01T00:00:05Z"}}"#
            )
        };
        let all = [
            "Multi-AZ instance failover started",
            "Multi-AZ instance failover completed",
            "Backing up DB instance",
            "A restart is scheduled for 2025-01-08",
        ];
        let text = format!(r#"{{"Events":[{}]}}"#, all.map(event).join(","));
        let document = read_whole("e.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told: Vec<_> = document
            .events
            .iter()
            .map(|e| if let Body::Kube(k) = &e.body { (k.reason.as_str(), k.name.as_str(), k.warning) } else { panic!("{e:?}") })
            .collect();
        assert_eq!(told, [("Failover", "cart-db", true), ("Failover", "cart-db", false)]);
    }
}
