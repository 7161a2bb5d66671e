//! Executions of operators' jobs: Rundeck, Jenkins, AWX and others of their shape, told as changes.
//!
//! It must never tell a build or a test run as a change: a job of a build server counts only when its name or its
//! arguments say that it changes something. What breaks it: jobs whose names say nothing.

use std::collections::BTreeMap;

use evidence::{Body, ChangePhase, Deploy};

use super::changes::{is_rollback, sha};
use super::json::El;
use super::{Context, Out};

const STARTED: [&str; 10] = [
    "dateStarted",
    "date-started",
    "dateStarted.date",
    "date-started.date",
    "date-started.unixtime",
    "started",
    "startedAt",
    "timestamp",
    "startTime",
    "buildTime",
];
const ENDED: [&str; 7] =
    ["endTime", "dateEnded", "date-ended", "dateEnded.date", "date-ended.date", "date-ended.unixtime", "finished"];
const NAMES: [&str; 7] =
    ["job.name", "job", "summary_fields.job_template.name", "fullDisplayName", "jobName", "job_name", "name"];
const ACTORS: [&str; 8] = [
    "authentication.user",
    "trigger.user",
    "user",
    "summary_fields.created_by.username",
    "launched_by.name",
    "executedBy",
    "started_by",
    "username",
];
/// What a job is for, by the beginnings of words in its name and arguments; the first that occurs wins.
const KINDS: [(&str, &[&str]); 4] = [
    ("migration", &["migrat", "schema", "backfill", "reindex"]),
    (
        "infrastructure",
        &[
            "terraform",
            "infra",
            "provision",
            "drain",
            "cordon",
            "resize",
            "firewall",
            "dns",
            "failover",
            "patch",
            "reboot",
            "upgrade",
            "network",
            "scale",
            "restart",
        ],
    ),
    ("config", &["config", "setting", "secret", "rotate", "certificate", "toggle"]),
    ("deploy", &["deploy", "release", "rollout", "rollback", "promote", "publish"]),
];

pub fn read(element: El<'_>, _context: &Context<'_>, out: &mut Out) -> bool {
    let is_operators = element.has_any(&["argstring", "dateStarted", "date-started"])
        && element.has_any(&["job", "jobName", "job_name"])
        || element.has_all(&["started", "job_type"]) && element.has_any(&["playbook", "launch_type", "job_template"])
        || element.has_all(&["job", "status", "started"]) && element.has_any(&["user", "args", "arguments"]);
    let is_build = element.has_all(&["result", "timestamp"]) && element.has_any(&["fullDisplayName", "displayName"]);
    // A pipeline of Spinnaker.
    let is_pipeline = element.has_all(&["application", "buildTime", "status"]) && element.has_any(&["trigger", "stages"]);
    let is_build = is_build || is_pipeline;
    if !(is_operators || is_build) {
        return false;
    }
    let (Some(stamp), Some(name)) = (element.stamp(&STARTED), element.first(&NAMES)) else { return false };
    let arguments = arguments(element);
    let text = words(element, &name, &arguments);
    let kind = kind(&text);
    if is_build && kind.is_none() {
        return false;
    }
    out.is("jobs");
    let value = |keys: &[&str]| keys.iter().find_map(|k| arguments.get(*k).cloned());
    let version = value(&["version", "tag", "image_tag", "release", "ref", "revision", "branch"]);
    let status = element.first(&["status", "result", "state"]).unwrap_or_default().to_lowercase();
    let failed = ["fail", "error", "abort", "cancel", "terminal"].iter().any(|w| status.contains(w));
    let deploy = Deploy {
        service: value(&["service", "app", "application", "component", "project"])
            .or_else(|| element.first(&["application"]).filter(|_| is_pipeline))
            .or_else(|| subject(&name)),
        sha: value(&["sha", "commit", "git_sha"])
            .or_else(|| version.clone())
            .and_then(|v| sha(&v))
            .or_else(|| checked_out(element)),
        version,
        phase: if failed { ChangePhase::Failed } else { ChangePhase::Started },
        finished: element.stamp(&ENDED),
        rollback: is_rollback(&[&text]),
        environment: value(&["environment", "env", "stage", "cluster"]).or_else(|| element.first(&["environment"])),
        actor: element.first(&ACTORS).or_else(|| cause(element)),
        kind: kind.unwrap_or("deploy").to_string(),
        text,
    };
    out.add(element, Some(stamp), Body::Deploy(deploy));
    true
}

/// Name, arguments and description as one text.
fn words(element: El<'_>, name: &str, arguments: &BTreeMap<String, String>) -> String {
    let given = element
        .first(&["argstring", "extra_vars", "args", "arguments"])
        .unwrap_or_else(|| arguments.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "));
    let parts =
        [Some(name.to_string()), element.first(&["playbook"]), element.first(&["job.description", "description"]), Some(given)];
    parts.into_iter().flatten().filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join("; ")
}

fn kind(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    KINDS.iter().find(|(_, cues)| words.iter().any(|w| cues.iter().any(|c| w.starts_with(c)))).map(|(kind, _)| *kind)
}

/// Options of a job by their names in lower case: `-version 1.2 --env=prod`, parameters of a build, members of an object.
fn arguments(element: El<'_>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let text = element.first(&["argstring", "args", "arguments"]).unwrap_or_default();
    let mut parts = text.split_whitespace().peekable();
    while let Some(part) = parts.next() {
        let name = part.trim_start_matches('-').to_lowercase();
        if let Some((name, value)) = name.split_once('=') {
            found.insert(name.to_string(), part.split_once('=').map_or(value, |p| p.1).to_string());
        } else if part.starts_with('-') && parts.peek().is_some_and(|next| !next.starts_with('-')) {
            found.insert(name, parts.next().unwrap_or_default().to_string());
        }
    }
    let objects =
        ["job.options", "options", "parameters", "extra_vars", "trigger.parameters"].iter().filter_map(|k| element.dig(k));
    for (name, value) in objects.flat_map(El::members) {
        found.extend(value.text().map(|v| (name.to_lowercase(), v)));
    }
    let listed = element.list("actions").flat_map(|a| a.list("parameters")).chain(element.list("parameters"));
    for item in listed {
        found.extend(item.first(&["value"]).map(|v| (item.word("name").to_lowercase(), v)));
    }
    found
}

/// The commit that a build of Jenkins checked out.
fn checked_out(element: El<'_>) -> Option<String> {
    element.list("actions").find_map(|action| sha(&action.first(&["lastBuiltRevision.SHA1"])?))
}

/// Who started a build, by its causes.
fn cause(element: El<'_>) -> Option<String> {
    element.list("actions").flat_map(|a| a.list("causes")).find_map(|c| c.first(&["userName", "userId"]))
}

/// What a job's name says besides what it does: `deploy-checkout #12` is about `checkout`.
pub fn subject(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '»']).next().unwrap_or(name);
    let told = |w: &str| {
        w.is_empty() || w.starts_with('#') || KINDS.iter().any(|(_, cues)| cues.iter().any(|c| w.to_lowercase().starts_with(c)))
    };
    let small = [
        "to",
        "of",
        "the",
        "prod",
        "production",
        "staging",
        "job",
        "run",
        "service",
        "pipeline",
        "db",
        "database",
        "nodes",
        "node",
    ];
    let words: Vec<&str> =
        last.split([' ', '-', '_', ':']).filter(|w| !told(w) && !small.contains(&w.to_lowercase().as_str())).collect();
    let is_name = !words.is_empty() && words.len() <= 3 && words.len() < last.split([' ', '-', '_', ':']).count();
    is_name.then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    fn check(text: &str) -> Vec<Deploy> {
        let document = read_whole("j.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        document.events.into_iter().filter_map(|e| if let Body::Deploy(d) = e.body { Some(d) } else { None }).collect()
    }

    #[test]
    fn an_execution_of_an_operators_job() {
        let text = r#"{"executions":[{"id":7,"status":"succeeded","user":"ann","date-started":{"unixtime":1735689600000,"date":"2025-01-01T00:00:00Z"},
            "date-ended":{"date":"2025-01-01T00:01:00Z"},"job":{"name":"deploy-cart","group":"ops"},"argstring":"-version 1.8.2 -env prod"},
            {"job":"drain nodes","status":"failed","dateStarted":"2025-01-01T00:05:00Z","user":"bo","argstring":""}]}"#;
        let seen = check(text);
        assert_eq!(
            (seen[0].service.as_deref(), seen[0].version.as_deref(), seen[0].kind.as_str()),
            (Some("cart"), Some("1.8.2"), "deploy")
        );
        assert_eq!(
            (seen[0].actor.as_deref(), seen[0].environment.as_deref(), seen[0].finished.is_some()),
            (Some("ann"), Some("prod"), true)
        );
        assert_eq!((seen[1].kind.as_str(), seen[1].phase), ("infrastructure", ChangePhase::Failed));
    }

    #[test]
    fn a_playbook_that_was_run() {
        let text = r#"[{"id":3,"type":"job","name":"Rotate secrets","job_type":"run","playbook":"rotate.yml","launch_type":"manual","status":"successful",
            "started":"2025-01-01T00:00:00Z","finished":"2025-01-01T00:03:00Z","summary_fields":{"created_by":{"username":"ann"}}}]"#;
        let seen = check(text);
        assert_eq!((seen[0].kind.as_str(), seen[0].actor.as_deref()), ("config", Some("ann")));
    }

    #[test]
    fn a_build_is_a_change_only_when_it_says_so() {
        let build = |name: &str| {
            format!(
                r#"[{{"fullDisplayName":"{name} #12","number":12,"result":"SUCCESS","timestamp":1735689600000,"duration":5,
                "actions":[{{"parameters":[{{"name":"VERSION","value":"2.0"}}]}},{{"causes":[{{"userName":"ann"}}]}}]}}]"#
            )
        };
        let seen = check(&build("deploy-cart"));
        assert_eq!(
            (seen[0].service.as_deref(), seen[0].version.as_deref(), seen[0].actor.as_deref()),
            (Some("cart"), Some("2.0"), Some("ann"))
        );
        assert_eq!(check(&build("cart-unit-tests")).len(), 0);
    }

    #[test]
    fn a_pipeline_of_spinnaker() {
        let text = r#"[{"id":"01H","type":"PIPELINE","application":"cart","name":"Deploy to prod","buildTime":1735689600000,"startTime":1735689605000,"endTime":1735689665000,"status":"TERMINAL",
            "trigger":{"user":"ann","parameters":{"version":"4.12.0"}},"stages":[]}]"#;
        let seen = &check(text)[0];
        assert_eq!(
            (seen.service.as_deref(), seen.version.as_deref(), seen.phase),
            (Some("cart"), Some("4.12.0"), ChangePhase::Failed)
        );
    }
}
