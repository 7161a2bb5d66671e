//! Events of services that a cloud runs for others (`describe-events` of RDS and ElastiCache): a failover, a restart, an
//! update that begins. They are told as changes of what the service runs on, as calls to the cloud's interface are.
//!
//! What is planned, what ended and what is only kept (snapshots, backups) is left as text. It must never tell the end of a
//! failover for its beginning. What breaks it: words of another cloud.

use evidence::{Body, ChangePhase, Deploy};

use super::json::El;
use super::{Context, Out};

/// What happened, by the beginnings of its words.
const KINDS: [&str; 9] =
    ["failover", "failed over", "reboot", "restart", "shutdown", "replac", "maintenance", "patching", "service update"];
const BEGINS: [&str; 5] = ["started", "initiated", "begun", "beginning", "in progress"];
const PLANNED: [&str; 4] = ["scheduled", "upcoming", "will be", "planned"];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["SourceIdentifier", "SourceType", "Message", "Date"]) {
        return false;
    }
    let text = element.word("Message");
    let lower = text.to_lowercase();
    let has = |cues: &[&str]| cues.iter().any(|cue| lower.contains(cue));
    let is_instant = ["rebooted", "restarted", "failed over"].iter().any(|done| lower.contains(done));
    if !has(&KINDS) || has(&PLANNED) || !(has(&BEGINS) || is_instant) {
        return false;
    }
    out.is("cloud_events");
    let deploy = Deploy {
        service: element.first(&["SourceIdentifier"]),
        version: None,
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "infrastructure".into(),
        text,
    };
    out.add(element, element.stamp(&["Date"]), Body::Deploy(deploy));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_failover_that_begins_is_told_and_what_is_planned_or_kept_is_not() {
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
            .map(|e| if let Body::Deploy(d) = &e.body { (d.text.as_str(), d.kind.as_str()) } else { panic!("{e:?}") })
            .collect();
        assert_eq!(told, [("Multi-AZ instance failover started", "infrastructure")]);
        assert_eq!(document.texts.len(), 3);
    }
}
