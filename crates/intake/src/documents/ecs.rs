//! Services of Amazon ECS as `describe-services` tells them: deployments are changes, events are records. So is the end of a
//! task, as `describe-tasks` tells it.
//!
//! It must never tell a deployment twice. What breaks it: a service whose old deployments were forgotten already; only what
//! is still listed is told.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Level};
use expressions::Expression;

use super::carried::{Carried, Outer};
use super::cloud_changes::change;
use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if task(element, context, out) {
        return true;
    }
    // Who cuts it down to what he asked for (`--query`) keeps the names and the events.
    let is_whole = element.has_all(&["serviceName", "serviceArn", "deployments"]);
    let is_cut = element.has_all(&["serviceName", "runningCount", "events"])
        && (element.has_all(&["taskDefinition"]) || element.has_all(&["clusterArn"]) || element.has_all(&["desiredCount"]));
    if !is_whole && !is_cut {
        return false;
    }
    out.is("ecs_services");
    let service = element.first(&["serviceName"]);
    for item in element.list("deployments").filter(|d| d.has_all(&["createdAt", "taskDefinition"])) {
        let state = item.word("rolloutState");
        let task = item.word("taskDefinition");
        let deploy = Deploy {
            service: service.clone(),
            version: task.rsplit('/').next().map(str::to_string),
            sha: None,
            phase: if state == "FAILED" { ChangePhase::Failed } else { ChangePhase::Started },
            finished: item.stamp(&["updatedAt"]).filter(|_| state == "COMPLETED"),
            rollback: item.word("rolloutStateReason").to_lowercase().contains("rolling back"),
            environment: element.first(&["clusterArn"]).and_then(|arn| arn.rsplit('/').next().map(str::to_string)),
            actor: None,
            kind: "deploy".into(),
            text: item.word("rolloutStateReason"),
        };
        out.add(item, item.stamp(&["createdAt"]), Body::Deploy(deploy));
    }
    for event in element.list("events").filter(|e| e.has_all(&["createdAt", "message"]) && !e.is_open()) {
        let words = event.word("message");
        let lower = words.to_lowercase();
        if let Some((version, rollback, actor)) = rolled(&words).filter(|_| !is_whole) {
            let deploy = Deploy {
                service: service.clone(),
                version: Some(version),
                sha: None,
                phase: ChangePhase::Started,
                finished: None,
                rollback,
                environment: None,
                actor,
                kind: "deploy".into(),
                text: words,
            };
            out.add(event, event.stamp(&["createdAt"]), Body::Deploy(deploy));
            continue;
        }
        if is_scaled(&words) {
            out.add(event, event.stamp(&["createdAt"]), Body::Deploy(change(service.clone(), words)));
            continue;
        }
        let is_bad = ["unhealthy", "unable", "failed", "stopped", "was unable"].iter().any(|word| lower.contains(word));
        let outer = Outer {
            stamp: event.stamp(&["createdAt"]),
            level: Some(if is_bad { Level::Warn } else { Level::Info }),
            service: service.clone(),
            ..Outer::default()
        };
        out.carried.push(Carried::new(event.place(), words, outer));
    }
    true
}

/// `(deployment ecs-svc/77) started cart:41`, `rolling back to cart:40 requested by ann`: what is rolled out, whether it goes back,
/// and who asked for it.
fn rolled(words: &str) -> Option<(String, bool, Option<String>)> {
    static ROLLED: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"\b(?P<verb>[Ss]tarted|[Ss]tarting|[Rr]olling back to|[Rr]olled back to|[Dd]eploying|has begun,?) (?:the )?(?:task definition:? )?(?P<task>[\w-]+:\d+)\b(?: \((?P<version>v?\d+(?:\.\d+)+[\w.-]*)\))?(?:.{0,20}\bby (?P<who>[\w.@-]+))?",
        )
        .ok()
    });
    let found = ROLLED.as_ref()?.captures(words)?;
    let who = found.name("who").map(|who| who.as_str().trim_end_matches('.').to_string());
    // A definition is numbered by the service; who labels it with the version of the program says more.
    let version = found.name("version").map_or(&found["task"], |version| version.as_str());
    Some((version.to_string(), found["verb"].to_lowercase().starts_with("roll"), who))
}

/// `desired count changed from 4 to 6`: somebody, or something, wants more or fewer tasks.
fn is_scaled(words: &str) -> bool {
    static SCALED: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"(?i)\bdesired count (?:was )?(?:changed|set|updated)?\s?(?:from \d+ )?to \d+\b").ok());
    SCALED.as_ref().is_some_and(|scaled| scaled.is_match(words))
}

/// A task as `describe-tasks` tells it, or as it stands in the detail of an event: why it stopped is a line of its service's log.
fn task(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line || element.is_open() || !element.has_all(&["taskArn", "taskDefinitionArn", "lastStatus"]) {
        return false;
    }
    out.is("ecs_tasks");
    let Some(stopped) = element.stamp(&["stoppedAt", "stoppingAt"]) else {
        out.others += 1;
        return true;
    };
    let code = |container: El<'_>| container.get("exitCode").and_then(El::number);
    let of_container = |container: El<'_>| {
        let code = code(container).map(|code| format!("exit code {code}"));
        let said = [code, container.first(&["reason"])].into_iter().flatten().collect::<Vec<_>>().join(", ");
        (!said.is_empty()).then(|| format!("{}: {said}", container.word("name")))
    };
    let words = element.first(&["stoppedReason"]).into_iter().chain(element.list("containers").filter_map(of_container));
    let has_failed = element.list("containers").any(|c| code(c).is_some_and(|code| code != 0.0));
    let family = |arn: String| Some(arn.rsplit('/').next()?.split(':').next()?.to_string());
    let group = element.first(&["group"]).and_then(|group| group.strip_prefix("service:").map(str::to_string));
    let outer = Outer {
        stamp: Some(stopped),
        level: Some(if has_failed { Level::Error } else { Level::Info }),
        service: group.or_else(|| family(element.word("taskDefinitionArn"))),
        instance: element.first(&["taskArn"]).and_then(|arn| arn.rsplit('/').next().map(str::to_string)),
        ..Outer::default()
    };
    out.carried.push(Carried::new(element.place(), format!("task stopped: {}", words.collect::<Vec<_>>().join("; ")), outer));
    true
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn deployments_are_changes_and_events_records() {
        let text = r#"{"services":[{"serviceArn":"arn:aws:ecs:eu-central-1:1:service/prod/cart","serviceName":"cart","clusterArn":"arn:aws:ecs:eu-central-1:1:cluster/prod",
            "deployments":[{"id":"ecs-svc/2","taskDefinition":"arn:aws:ecs:eu-central-1:1:task-definition/cart:57","createdAt":"2025-01-01T01:00:05+01:00","updatedAt":"2025-01-01T01:02:05+01:00","rolloutState":"COMPLETED"}],
            "events":[{"id":"a","createdAt":"2025-01-01T01:03:05+01:00","message":"(service cart) (instance i-1) is unhealthy in (target-group t)"}]}],"failures":[]}"#;
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!(
            (deploy.service.as_deref(), deploy.version.as_deref(), deploy.environment.as_deref()),
            (Some("cart"), Some("cart:57"), Some("prod"))
        );
        assert_eq!(deploy.finished.map(|s| s.micros / 1_000_000 - 1_735_689_600), Some(125));
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!((record.level, record.service.as_deref()), (Some(Level::Warn), Some("cart")));
    }

    #[test]
    fn what_is_left_of_a_service_tells_its_changes_by_its_events() {
        let text = r#"{"services":[{"serviceName":"cart","runningCount":2,"taskDefinition":"cart:56","events":[
            {"id":"b","createdAt":"2025-01-01T01:09:05+01:00","message":"(service cart) (deployment ecs-svc/3) rolling back to cart:56 requested by ann.lee"},
            {"id":"a","createdAt":"2025-01-01T01:00:05+01:00","message":"(service cart) (deployment ecs-svc/2) started cart:57"},
            {"id":"c","createdAt":"2025-01-01T01:11:05+01:00","message":"(service cart) has reached a steady state."}]}]}"#;
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => (d.version.as_deref(), d.rollback, d.actor.as_deref()),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [(Some("cart:56"), true, Some("ann.lee")), (Some("cart:57"), false, None)]);
        assert_eq!(document.carried.len(), 1);
    }

    #[test]
    fn a_service_cut_down_to_its_counts_tells_its_versions_and_its_size() {
        let text = r#"{"services":[{"serviceName":"cart","clusterArn":"arn:aws:ecs:eu-central-1:1:cluster/prod","desiredCount":6,"runningCount":6,"events":[
            {"id":"b","createdAt":"2025-01-01T01:09:05+01:00","message":"(service cart) has started 2 tasks: desired count changed from 4 to 6."},
            {"id":"a","createdAt":"2025-01-01T01:00:05+01:00","message":"(service cart) (deployment ecs-svc/2) has begun, task definition cart:57 (2.4.0)."},
            {"id":"c","createdAt":"2025-01-01T01:11:05+01:00","message":"(service cart) has reached a steady state."}]}]}"#;
        let document = read_whole("s.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => (d.version.as_deref(), d.kind.as_str(), d.rollback),
            other => panic!("{other:?}"),
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [(None, "infrastructure", false), (Some("2.4.0"), "deploy", false)]);
        assert_eq!(document.carried.len(), 1);
        let other = r#"{"services":[{"serviceName":"cart","runningCount":6,"events":[]}]}"#;
        let read = read_whole("s.json", SourceId { input: 0, entry: 0 }, other.as_bytes());
        assert!(read.is_none_or(|d| d.events.is_empty()), "not of a cluster");
    }

    #[test]
    fn a_task_that_stopped_says_why() {
        let task = |status: &str, rest: &str| {
            format!(
                r#"{{"tasks":[{{"taskArn":"arn:aws:ecs:eu-central-1:1:task/prod/9c1f","taskDefinitionArn":"arn:aws:ecs:eu-central-1:1:task-definition/cart:57","group":"service:cart","lastStatus":"{status}",
                "containers":[{{"name":"app"{rest}}}]}}],"failures":[]}}"#
            )
        };
        let stopped = r#","exitCode":137,"reason":"OutOfMemoryError: Container killed due to memory usage"}],"stoppedReason":"Essential container in task exited","stoppedAt":"2025-01-01T01:00:05+01:00","attributes":[{"a":1"#;
        let text = task("STOPPED", stopped);
        let document = read_whole("t.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let record = document.carried[0].record(document.carried[0].place);
        assert_eq!(
            record.message,
            "task stopped: Essential container in task exited; app: exit code 137, OutOfMemoryError: Container killed due to memory usage"
        );
        assert_eq!(
            (record.level, record.service.as_deref(), record.instance.as_deref()),
            (Some(Level::Error), Some("cart"), Some("9c1f"))
        );
        let running = read_whole("t.json", SourceId { input: 0, entry: 0 }, task("RUNNING", "").as_bytes()).expect("JSON");
        assert_eq!((running.carried.len(), running.records), (0, 1));
    }
}
