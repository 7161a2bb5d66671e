//! Deployments as further tools list them, one row of a table each: AWS AppConfig, Octopus, Buildkite.
//!
//! An object is one of a tool's only with all members that the row asks for; of a build server only what says that it
//! delivers is a change. It must never tell a run that was cancelled before it began. What breaks it: a newer interface
//! with other names.

use evidence::{Body, ChangePhase, Deploy};

use super::changes::{is_rollback, repository_name, sha};
use super::json::El;
use super::{Context, Out};

/// What a tool calls the parts of a deployment; of several names the first that has a value.
struct Tool {
    id: &'static str,
    requires: &'static [&'static str],
    /// Names whose words have to say that it delivers; none where all that is listed does.
    says: &'static [&'static str],
    service: &'static [&'static str],
    version: &'static [&'static str],
    commit: &'static [&'static str],
    began: &'static [&'static str],
    ended: &'static [&'static str],
    status: &'static [&'static str],
    environment: &'static [&'static str],
    actor: &'static [&'static str],
    words: &'static [&'static str],
    kind: &'static str,
}

const TOOLS: [Tool; 3] = [
    Tool {
        id: "appconfig",
        requires: &["DeploymentNumber", "ConfigurationName", "StartedAt"],
        says: &[],
        service: &["ConfigurationName"],
        version: &["VersionLabel", "ConfigurationVersion"],
        commit: &[],
        began: &["StartedAt"],
        ended: &["CompletedAt"],
        status: &["State"],
        environment: &["EnvironmentName"],
        actor: &[],
        words: &["Description"],
        kind: "config",
    },
    Tool {
        id: "octopus",
        requires: &["ReleaseId", "EnvironmentId", "Created"],
        says: &[],
        service: &["Project.Name", "ProjectName", "ProjectId"],
        version: &["ReleaseVersion", "Release.Version", "ReleaseId"],
        commit: &[],
        began: &["StartTime", "Created"],
        ended: &["CompletedTime"],
        status: &["State", "Task.State"],
        environment: &["Environment.Name", "EnvironmentName"],
        actor: &["DeployedBy"],
        words: &["Comments", "Name"],
        kind: "deploy",
    },
    Tool {
        id: "buildkite",
        requires: &["pipeline", "number", "state", "branch", "commit"],
        says: &["pipeline.slug", "message"],
        service: &["pipeline.slug"],
        version: &["env.VERSION", "tag"],
        commit: &["commit"],
        began: &["started_at", "created_at"],
        ended: &["finished_at"],
        status: &["state"],
        environment: &[],
        actor: &["creator.name"],
        words: &["message"],
        kind: "deploy",
    },
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let found = TOOLS.iter().find(|tool| element.has_all(tool.requires));
    let Some(tool) = found.filter(|_| !context.is_line) else { return false };
    let said = tool.says.iter().filter_map(|name| element.first(&[name])).collect::<Vec<_>>().join(" ").to_lowercase();
    let delivers =
        tool.says.is_empty() || ["deploy", "release", "rollout", "rollback", "promote"].iter().any(|w| said.contains(w));
    let change = element.stamp(tool.began).zip(phase(&element.first(tool.status).unwrap_or_default()));
    out.is(tool.id);
    let Some((at, phase)) = change.filter(|_| delivers) else {
        out.others += 1;
        return true;
    };
    let words = element.first(tool.words).unwrap_or_default();
    let service = element.first(tool.service).and_then(|name| repository_name(&name));
    let deploy = Deploy {
        service: service.map(|name| without_task(&name).to_string()),
        version: element.first(tool.version),
        sha: element.first(tool.commit).and_then(|s| sha(&s)),
        phase,
        finished: element.stamp(tool.ended),
        rollback: is_rollback(&[&words, &said]),
        environment: element.first(tool.environment),
        actor: element.first(tool.actor),
        kind: tool.kind.into(),
        text: words,
    };
    out.add(element, Some(at), Body::Deploy(deploy));
    true
}

/// `cart-deploy` is about `cart`.
fn without_task(name: &str) -> &str {
    let behind = ["-deploy", "-deployment", "-release"].iter().find_map(|end| name.strip_suffix(end));
    behind.or_else(|| ["deploy-", "release-"].iter().find_map(|start| name.strip_prefix(start))).unwrap_or(name)
}

/// How far it came; nothing for what did not begin. A list without states has what was done.
fn phase(status: &str) -> Option<ChangePhase> {
    match status.to_ascii_lowercase().replace(['_', ' '], "").as_str() {
        "failed" | "failure" | "error" | "stopped" | "rolledback" | "timedout" => Some(ChangePhase::Failed),
        "canceled" | "cancelled" | "created" | "queued" | "scheduled" | "onhold" | "notrun" | "skipped" | "blocked" => None,
        _ => Some(ChangePhase::Started),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Format, and service, version, seconds since 2025-01-01 and kind of each change.
    fn told(text: &str) -> (String, Vec<String>) {
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let changes = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                format!("{} {} {at} {}", d.service.unwrap_or_default(), d.version.or(d.sha).unwrap_or_default(), d.kind)
            }
            other => panic!("{other:?}"),
        });
        (document.format, changes.collect())
    }

    #[test]
    fn each_tool_lists_its_deployments() {
        for (text, format, want) in [
            (
                r#"{"Items":[{"DeploymentNumber":7,"ConfigurationName":"cart-limits","ConfigurationVersion":"12","State":"COMPLETE","StartedAt":"2025-01-01T00:00:05Z"}]}"#,
                "appconfig",
                "cart-limits 12 5 config",
            ),
            (
                r#"{"Items":[{"Id":"Deployments-2","ReleaseId":"Releases-9","EnvironmentId":"Environments-1","Name":"Deploy to Production","Created":"2025-01-01T00:00:05Z","Project":{"Name":"cart"},"ReleaseVersion":"2.4.1"}]}"#,
                "octopus",
                "cart 2.4.1 5 deploy",
            ),
            (
                r#"[{"number":7,"state":"passed","branch":"main","commit":"0a1b2c3d4e","message":"2.4","started_at":"2025-01-01T00:00:05Z","pipeline":{"slug":"cart-deploy"}}]"#,
                "buildkite",
                "cart 0a1b2c3d4e 5 deploy",
            ),
        ] {
            assert_eq!(told(text), (format.to_string(), vec![want.to_string()]), "{text}");
        }
    }

    #[test]
    fn a_build_and_what_never_began_are_no_changes() {
        let build = r#"[{"number":7,"state":"passed","branch":"main","commit":"0a1b2c3d4e","message":"fix typo","started_at":"2025-01-01T00:00:05Z","pipeline":{"slug":"cart"}}]"#;
        let held = r#"[{"number":8,"state":"scheduled","branch":"main","commit":"0a1b2c3d4e","message":"2.4","created_at":"2025-01-01T00:00:05Z","pipeline":{"slug":"cart-deploy"}}]"#;
        assert_eq!((told(build).1.len(), told(held).1.len()), (0, 0));
    }
}
