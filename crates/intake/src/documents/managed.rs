//! Events of services that a cloud runs for others (`describe-events` of RDS and ElastiCache, activities of groups that scale, the
//! cloud's own health), and of allocations of Nomad: each is a line of the log of the service that it names, which nobody else keeps.
//!
//! It must never judge what a line means: a failover that begins and one that is over differ in their words only. What
//! breaks it: events of another cloud.

use evidence::Level;

use super::carried::{Carried, Outer};
use super::json::El;
use super::{Context, Out};

/// Members that all have to be there, and where the service, the time and the words stand.
type Shape = (&'static [&'static str], &'static [&'static str], &'static str, &'static [&'static str]);

const SHAPES: [Shape; 3] = [
    (&["SourceIdentifier", "SourceType", "Message", "Date"], &["SourceIdentifier"], "Date", &["Message"]),
    // Activities of a group that scales.
    (
        &["AutoScalingGroupName", "ActivityId", "Description", "StartTime"],
        &["AutoScalingGroupName"],
        "StartTime",
        &["Description", "Cause", "StatusMessage"],
    ),
    // What the cloud says of its own health.
    (&["arn", "eventTypeCode", "startTime", "service"], &["service"], "startTime", &["eventTypeCode", "statusCode"]),
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if allocation(element, context, out) {
        return true;
    }
    let Some((_, service, time, words)) = SHAPES.iter().find(|(needs, ..)| element.has_all(needs)) else { return false };
    let Some(service) = element.first(service).filter(|_| !element.is_open()) else { return false };
    out.is("cloud_events");
    let outer = Outer { stamp: element.stamp(&[time]), service: Some(service), ..Outer::default() };
    let said = words.iter().filter_map(|name| element.first(&[name])).collect::<Vec<_>>().join(": ");
    out.carried.push(Carried::new(element.place(), said, outer));
    true
}

/// An allocation of Nomad: what happened to its tasks.
fn allocation(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line || element.is_open() || !element.has_all(&["JobID", "ClientStatus", "TaskStates"]) {
        return false;
    }
    out.is("nomad_allocations");
    let mut is_told = false;
    for event in element.get("TaskStates").into_iter().flat_map(El::members).flat_map(|(_, task)| task.list("Events")) {
        let is_bad = event.get("ExitCode").and_then(El::number).is_some_and(|code| code != 0.0)
            || event.word("Details.oom_killed") == "true"
            || event.word("Type").contains("Fail");
        let outer = Outer {
            stamp: event.stamp(&["Time"]),
            level: Some(if is_bad { Level::Error } else { Level::Info }),
            service: element.first(&["JobID"]),
            instance: element.first(&["ID"]),
            ..Outer::default()
        };
        let words =
            [event.first(&["Type"]), event.first(&["DisplayMessage"])].into_iter().flatten().collect::<Vec<_>>().join(": ");
        out.carried.push(Carried::new(event.place(), words, outer));
        is_told = true;
    }
    out.others += u64::from(!is_told);
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use evidence::SourceId;

    #[test]
    fn an_event_is_a_line_of_the_log_of_its_service() {
        let text = r#"{"Events":[{"SourceIdentifier":"cart-db","SourceType":"db-instance","Message":"Multi-AZ instance failover started","Date":"2025-01-01T00:00:05Z"},
            {"SourceIdentifier":"cart-db","SourceType":"db-instance","Message":"Backing up DB instance","Date":"2025-01-01T01:00:05Z"}]}"#;
        let document = read_whole("e.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!((document.carried.len(), document.texts.len(), document.format.as_str()), (2, 0, "cloud_events"));
        let record = document.carried[0].record(document.carried[0].place);
        let at = record.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
        assert_eq!(
            (record.service.as_deref(), record.message.as_ref(), at),
            (Some("cart-db"), "Multi-AZ instance failover started", Some(5))
        );
    }

    #[test]
    fn activities_and_allocations_are_lines_of_logs_too() {
        let record = |text: &str| {
            let document = read_whole("e.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let record = document.carried[0].record(document.carried[0].place);
            let at = record.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
            format!("{at:?} {:?} {:?} {}", record.service, record.level, record.message)
        };
        let activity = r#"{"Activities":[{"ActivityId":"x","AutoScalingGroupName":"cart-asg","Description":"Terminating EC2 instance: i-1","Cause":"an instance failed its check","StartTime":"2025-01-01T00:00:05Z"}]}"#;
        assert_eq!(
            record(activity),
            r#"Some(5) Some("cart-asg") None Terminating EC2 instance: i-1: an instance failed its check"#
        );
        let nomad = r#"{"ID":"0af9","JobID":"cart","ClientStatus":"failed","TaskStates":{"server":{"State":"dead","Events":[{"Type":"Terminated","Time":1735689605000000000,"DisplayMessage":"Exit Code: 137","ExitCode":137}]}}}"#;
        assert_eq!(record(nomad), r#"Some(5) Some("cart") Some(Error) Terminated: Exit Code: 137"#);
    }
}
