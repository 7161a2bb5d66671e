//! Runs of tools that deliver: executions of Spinnaker, releases of Azure DevOps, deployments of Nomad. Their service and
//! version stand below the top.
//!
//! It must never tell a stage that bakes, tests, waits or asks for a change. A run that was left out or stopped before it
//! began changed nothing. What breaks it: a stage with a script of somebody's own.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy};
use expressions::Expression;

use super::changes::{is_rollback, sha};
use super::json::El;
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let kinds = [spinnaker, azure, nomad, octopus];
    !context.is_line && kinds.iter().any(|kind| kind(element, out))
}

/// An execution of Spinnaker: each stage that deploys or takes back is a change.
fn spinnaker(element: El<'_>, out: &mut Out) -> bool {
    let is_execution = element.has_all(&["application", "stages", "trigger"]) && element.has_any(&["startTime", "buildTime"]);
    if !is_execution || element.list("stages").next().is_none() {
        return false;
    }
    out.is("spinnaker");
    let mut is_told = false;
    for stage in element.list("stages") {
        let kind = stage.word("type");
        let is_back = kind.starts_with("undoRollout") || kind.starts_with("rollback");
        let is_deploy = ["deploy", "patchManifest"].iter().any(|start| kind.starts_with(start));
        let Some(phase) = phase(&stage.word("status")).filter(|_| is_back || is_deploy) else { continue };
        // A stage stands at its own time; the whole run is told where it has none.
        let at = stage.stamp(&["startTime"]).or_else(|| element.stamp(&["startTime", "buildTime"]));
        let manifest = stage.first(&["context.manifestName", "context.manifest.metadata.name"]);
        let named = manifest.and_then(|name| name.split(' ').next_back().map(str::to_string));
        let version = stage.first(&["context.version"]);
        let built = || element.first(&["trigger.tag", "trigger.buildInfo.artifacts.version", "trigger.version"]);
        let deploy = Deploy {
            service: named
                .or_else(|| stage.first(&["context.moniker.app", "context.cluster"]))
                .or_else(|| element.first(&["application"])),
            version: version.or_else(|| built().filter(|_| !is_back)),
            sha: element.first(&["trigger.commit", "trigger.hash", "trigger.buildInfo.scm.sha1"]).and_then(|s| sha(&s)),
            finished: stage.stamp(&["endTime"]).or_else(|| element.stamp(&["endTime"])),
            rollback: is_back || is_rollback(&[&element.word("name")]),
            environment: stage.first(&["context.account", "context.credentials"]),
            actor: element.first(&["trigger.user", "authentication.user"]).filter(|user| !user.starts_with('[')),
            ..change(phase, element.word("name"))
        };
        // What was built stands beside the stages.
        out.add(element, at, Body::Deploy(deploy));
        is_told = true;
    }
    out.others += u64::from(!is_told);
    true
}

/// A release of Azure DevOps: each environment that it reached.
fn azure(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["releaseDefinition", "environments"]) {
        return false;
    }
    out.is("azure_releases");
    let artifact = element.list("artifacts").next();
    let version = artifact.and_then(|a| a.first(&["definitionReference.version.name", "definitionReference.version.id"]));
    let mut is_told = false;
    for environment in element.list("environments") {
        let Some(phase) = phase(&environment.word("status")) else { continue };
        let step = environment.list("deploySteps").last();
        let at = step.and_then(|s| s.stamp(&["queuedOn", "startedOn"])).or_else(|| environment.stamp(&["queuedOn", "createdOn"]));
        let Some(at) = at else { continue };
        let by = ["requestedFor.displayName", "requestedBy.displayName", "lastModifiedBy.displayName"];
        let deploy = Deploy {
            service: element.first(&["releaseDefinition.name"]).or_else(|| artifact.and_then(|a| a.first(&["alias"]))),
            version: version.clone(),
            sha: artifact.and_then(|a| a.first(&["definitionReference.sourceVersion.id"])).and_then(|s| sha(&s)),
            finished: step.and_then(|s| s.stamp(&["lastModifiedOn", "completedOn"])),
            rollback: is_rollback(&[&element.word("name"), &element.word("description")]),
            environment: environment.first(&["name"]),
            actor: step.and_then(|s| s.first(&by)).or_else(|| element.first(&["createdBy.displayName"])),
            ..change(phase, [element.word("name"), element.word("description")].join(" ").trim().to_string())
        };
        out.add(element, Some(at), Body::Deploy(deploy));
        is_told = true;
    }
    out.others += u64::from(!is_told);
    true
}

/// A deployment of Nomad, with what the job says of itself in its `Meta`.
fn nomad(element: El<'_>, out: &mut Out) -> bool {
    if !element.has_all(&["JobID", "JobVersion", "Status"]) {
        return false;
    }
    let times = ["SubmitTime", "CreateTime", "ModifyTime"];
    let Some((at, phase)) = element.stamp(&times).zip(phase(&element.word("Status"))) else { return false };
    out.is("nomad");
    let words = element.first(&["Meta.message", "Meta.description"]);
    let told = ["Meta.version", "Meta.VERSION", "Meta.image_tag", "Meta.tag"];
    let deploy = Deploy {
        service: element.first(&["JobID"]),
        version: element.first(&told).or_else(|| element.first(&["JobVersion"]).map(|n| format!("version {n} of the job"))),
        sha: element.first(&["Meta.commit", "Meta.sha", "Meta.git_sha"]).and_then(|s| sha(&s)),
        rollback: is_rollback(&[words.as_deref().unwrap_or_default()]),
        environment: element.first(&["Namespace"]).filter(|n| n != "default"),
        actor: element.first(&["Meta.by", "Meta.user", "Meta.deployed_by"]),
        ..change(phase, words.unwrap_or_else(|| element.word("StatusDescription")))
    };
    out.add(element, Some(at), Body::Deploy(deploy));
    true
}

/// An event of the audit of Octopus, or what it sends to a subscriber: `Deploy to Production succeeded for cart release 2.4.1 to
/// Production`.
fn octopus(element: El<'_>, out: &mut Out) -> bool {
    static SAID: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"^(?:.*\bfor|Deploy) (\S.{0,60}?) release (\S+) to (\S(?:.{0,40}?\S)?)(?: (?:succeeded|failed|was|has).*|[.(].*)?$",
        )
        .ok()
    });
    let Some(event) = element.dig("Payload.Event").or(Some(element)).filter(|e| e.has_all(&["Category", "Occurred", "Message"]))
    else {
        return false;
    };
    out.is("octopus");
    let phase = match event.word("Category").as_str() {
        "DeploymentStarted" => ChangePhase::Started,
        "DeploymentSucceeded" => ChangePhase::Finished,
        "DeploymentFailed" => ChangePhase::Failed,
        _ => {
            out.others += 1;
            return true;
        }
    };
    let words = event.word("Message");
    let said = SAID.as_ref().and_then(|said| said.captures(&words));
    let part = |n: usize| said.as_ref().map(|found| found[n].to_string());
    let deploy = Deploy {
        service: part(1),
        version: part(2),
        environment: part(3),
        actor: event.first(&["Username"]).filter(|name| name != "system"),
        rollback: is_rollback(&[&words]),
        ..change(phase, words.clone())
    };
    out.add(element, event.stamp(&["Occurred"]), Body::Deploy(deploy));
    true
}

/// How far a run came; nothing for one that did not begin.
fn phase(status: &str) -> Option<ChangePhase> {
    match status.to_ascii_lowercase().as_str() {
        "succeeded" | "successful" | "partiallysucceeded" | "running" | "inprogress" | "in_progress" => {
            Some(ChangePhase::Started)
        }
        "terminal" | "failed" | "rejected" | "stopped" => Some(ChangePhase::Failed),
        _ => None,
    }
}

fn change(phase: ChangePhase, text: String) -> Deploy {
    Deploy {
        service: None,
        version: None,
        sha: None,
        phase,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "deploy".into(),
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Service, version, seconds since 2025-01-01, phase, rollback, actor.
    fn told(text: &str) -> Vec<String> {
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let changes = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                let word = |w: Option<String>| w.unwrap_or_else(|| "-".into());
                format!("{} {} {at} {:?} {} {}", word(d.service), word(d.version), d.phase, d.rollback, word(d.actor))
            }
            other => panic!("{other:?}"),
        });
        changes.collect()
    }

    #[test]
    fn of_an_execution_the_stages_that_deploy_are_changes() {
        let execution = |stages: &str| {
            format!(
                r#"[{{"application":"shop","name":"Deploy cart","trigger":{{"type":"docker","user":"[anonymous]","tag":"2.4"}},"startTime":1735689605000,"stages":[{stages}]}}]"#
            )
        };
        let bake = r#"{"type":"bakeManifest","status":"SUCCEEDED","context":{}},{"type":"manualJudgment","status":"SUCCEEDED"}"#;
        let deploy = r#"{"type":"deployManifest","status":"SUCCEEDED","startTime":1735689665000,"context":{"manifestName":"deployment cart"}}"#;
        let undo =
            r#"{"type":"undoRolloutManifest","status":"TERMINAL","context":{"manifestName":"deployment cart","version":"2.3"}}"#;
        let never = r#"{"type":"deployManifest","status":"NOT_STARTED","context":{"manifestName":"deployment cart"}}"#;
        assert_eq!(told(&execution(&[bake, deploy].join(","))), ["cart 2.4 65 Started false -"]);
        assert_eq!(told(&execution(undo)), ["cart 2.3 5 Failed true -"]);
        assert_eq!(told(&execution(&[bake, never].join(","))), [""; 0]);
    }

    #[test]
    fn a_release_reaches_environments() {
        let text = r#"{"value":[{"id":7,"name":"Release-7","releaseDefinition":{"name":"cart"},"artifacts":[{"alias":"cart","definitionReference":{"version":{"name":"2025.1.3"}}}],
            "environments":[{"name":"test","status":"notStarted","deploySteps":[]},{"name":"prod","status":"succeeded","deploySteps":[{"requestedFor":{"displayName":"Ann Lee"},"queuedOn":"2025-01-01T00:00:05Z"}]}]}]}"#;
        assert_eq!(told(text), ["cart 2025.1.3 5 Started false Ann Lee"]);
    }

    #[test]
    fn a_deployment_of_nomad_says_its_version_in_its_meta_or_counts() {
        let job = |meta: &str| {
            format!(
                r#"[{{"ID":"a","JobID":"cart","JobVersion":7,"Status":"successful","SubmitTime":1735689605000000000{meta}}}]"#
            )
        };
        assert_eq!(told(&job(r#","Meta":{"version":"2.4","by":"ann"}"#)), ["cart 2.4 5 Started false ann"]);
        assert_eq!(told(&job("")), ["cart version 7 of the job 5 Started false -"]);
    }

    #[test]
    fn an_event_of_octopus_says_what_went_where() {
        let event = |category: &str, words: &str| {
            format!(
                r#"{{"EventType":"SubscriptionPayload","Payload":{{"Event":{{"Id":"Events-1","Category":"{category}","Username":"ann","Occurred":"2025-01-01T00:00:05Z","Message":"{words}"}}}}}}"#
            )
        };
        let told = |text: &str| {
            let source = evidence::SourceId { input: 0, entry: 0 };
            let document = super::super::read_whole("o.json", source, text.as_bytes()).expect("JSON");
            let told = document.events.into_iter().map(|e| match e.body {
                Body::Deploy(d) => (d.service, d.version, d.environment, d.phase),
                other => panic!("{other:?}"),
            });
            told.collect::<Vec<_>>()
        };
        let some = |text: &str| Some(text.to_string());
        let words = "Deploy to Production succeeded for cart release 2.4.1 to Production";
        let expected = (some("cart"), some("2.4.1"), some("Production"), ChangePhase::Finished);
        assert_eq!(told(&event("DeploymentSucceeded", words)), [expected]);
        let expected = (some("cart"), some("2.4.1"), some("Production"), ChangePhase::Failed);
        assert_eq!(told(&event("DeploymentFailed", "Deploy cart release 2.4.1 to Production failed")), [expected]);
        assert_eq!(told(&event("MachineAdded", "Machine web-1 was added")), []);
    }
}
