//! Deployments as further tools list them, one row of a table each: AWS AppConfig, Octopus, Buildkite, runs and builds of Azure
//! Pipelines.
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

const TOOLS: [Tool; 5] = [
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
    Tool {
        id: "azure_runs",
        requires: &["pipeline.name", "state", "createdDate", "name"],
        says: &["pipeline.name"],
        service: &["pipeline.name"],
        version: &["resources.repositories.self.refName", "name"],
        commit: &["resources.repositories.self.version"],
        began: &["createdDate"],
        ended: &["finishedDate"],
        status: &["result", "state"],
        environment: &["templateParameters.environment"],
        actor: &[],
        words: &[],
        kind: "deploy",
    },
    Tool {
        id: "azure_builds",
        requires: &["definition.name", "buildNumber", "queueTime", "status"],
        says: &["definition.name"],
        service: &["definition.name"],
        version: &["sourceBranch", "buildNumber"],
        commit: &["sourceVersion"],
        began: &["startTime", "queueTime"],
        ended: &["finishTime"],
        status: &["result", "status"],
        environment: &["templateParameters.environment"],
        actor: &["requestedFor.displayName", "requestedBy.displayName"],
        words: &["triggerInfo.ci.message"],
        kind: "deploy",
    },
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let found = TOOLS.iter().find(|tool| tool.requires.iter().all(|name| element.dig(name).is_some()));
    let Some(tool) = found.filter(|_| !context.is_line) else { return false };
    let said = tool.says.iter().filter_map(|name| element.first(&[name])).collect::<Vec<_>>().join(" ").to_lowercase();
    let delivers = tool.says.is_empty() || says_delivery(&said);
    let change = element.stamp(tool.began).zip(phase(&element.first(tool.status).unwrap_or_default()));
    out.is(tool.id);
    let Some((at, phase)) = change.filter(|_| delivers) else {
        out.others += 1;
        return true;
    };
    let words = element.first(tool.words).unwrap_or_default();
    let service = element.first(tool.service).and_then(|name| repository_name(&name));
    let deploy = Deploy {
        service: service.and_then(|name| without_task(&name)),
        version: tool.version.iter().find_map(|name| element.first(&[name]).as_deref().and_then(version)),
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

fn says_delivery(words: &str) -> bool {
    let is_cd = || words.split(|c: char| !c.is_alphanumeric()).any(|word| word == "cd");
    ["deploy", "release", "rollout", "rollback", "promote"].iter().any(|word| words.contains(word)) || is_cd()
}

/// A branch is no version, a tag is.
fn version(name: &str) -> Option<String> {
    let tag = name.strip_prefix("refs/tags/").unwrap_or(name);
    (!tag.starts_with("refs/")).then(|| tag.to_string())
}

/// `cart-deploy` is about `cart`, and `Deploy` about nothing that it names.
fn without_task(name: &str) -> Option<String> {
    const TASKS: [&str; 7] = ["deployment", "deploy", "release", "rollout", "rollback", "promote", "cd"];
    let is_joint = |c: char| matches!(c, '-' | '_' | '.' | ' ');
    let is_task = |word: &str| TASKS.iter().any(|task| word.eq_ignore_ascii_case(task));
    let whole = name.trim_matches(is_joint);
    let behind = whole.rsplit_once(is_joint).filter(|(_, last)| is_task(last)).map(|(rest, _)| rest);
    let before = || whole.split_once(is_joint).filter(|(first, _)| is_task(first)).map(|(_, rest)| rest);
    let rest = behind.or_else(before).unwrap_or(whole).trim_matches(is_joint);
    (!rest.is_empty() && !is_task(rest)).then(|| rest.to_string())
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
            (
                r#"{"count":1,"value":[{"id":7,"name":"20250101.2","state":"completed","result":"succeeded","createdDate":"2025-01-01T00:00:05.1234567Z","pipeline":{"id":3,"name":"Deploy cart","folder":"\\"},"resources":{"repositories":{"self":{"refName":"refs/tags/2.4.1","version":"0a1b2c3d4e5f"}}}}]}"#,
                "azure_runs",
                "cart 2.4.1 5 deploy",
            ),
            (
                r#"{"count":1,"value":[{"id":7,"buildNumber":"20250101.2","status":"completed","result":"succeeded","queueTime":"2025-01-01T00:00:01Z","startTime":"2025-01-01T00:00:05Z","definition":{"id":3,"name":"cart-CD"},"sourceBranch":"refs/heads/main","sourceVersion":"0a1b2c3d4e5f","requestedFor":{"displayName":"Ann Lee"}}]}"#,
                "azure_builds",
                "cart 20250101.2 5 deploy",
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
        let run = |name: &str, result: &str| {
            format!(
                r#"[{{"id":7,"name":"20250101.2","state":"completed","result":"{result}","createdDate":"2025-01-01T00:00:05Z","pipeline":{{"name":"{name}"}}}}]"#
            )
        };
        assert_eq!(told(&run("cart-ci", "succeeded")), ("azure_runs".to_string(), vec![]));
        assert_eq!(told(&run("cart-deploy", "canceled")).1.len(), 0);
    }

    #[test]
    fn what_is_delivered_stands_beside_the_task() {
        for (name, want) in [
            ("cart-deploy", Some("cart")),
            ("Deploy cart-api", Some("cart-api")),
            ("cart - CD", Some("cart")),
            ("cart-release-notes", Some("cart-release-notes")),
            ("deployer", Some("deployer")),
            ("Deploy", None),
        ] {
            assert_eq!(without_task(name).as_deref(), want, "{name}");
        }
    }
}
