//! Deployments as further tools list them, one row of a table each: AWS AppConfig, Octopus, Buildkite, TeamCity, runs and builds
//! of Azure Pipelines, Bitbucket, runs of Terraform's cloud, ...
//!
//! An object is one of a tool's only with all members that the row asks for; of a build server only what says that it
//! delivers is a change. It must never tell a run that was cancelled before it began. What breaks it: a newer interface
//! with other names.

mod tools;

use evidence::{Body, ChangePhase, Deploy};

use super::changes::{is_rollback, repository_name, sha};
use super::json::El;
use super::{Context, Out};
use tools::TOOLS;

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    let holds = |asked: &&str| match asked.split_once('=') {
        Some((name, value)) => element.word(name) == value,
        None => element.dig(asked).is_some(),
    };
    let found = TOOLS.iter().find(|tool| tool.requires.iter().all(&holds));
    let Some(tool) = found.filter(|_| !context.is_line) else { return false };
    let said = tool.says.iter().filter_map(|name| element.first(&[name])).collect::<Vec<_>>().join(" ").to_lowercase();
    let delivers = tool.says.is_empty() || says_delivery(&said);
    let change = element.stamp(tool.began).zip(phase(&element.first(tool.status).unwrap_or_default()));
    if tool.is_log && !delivers {
        return false;
    }
    out.is(tool.id);
    let Some((at, phase)) = change.filter(|_| delivers) else {
        out.others += 1;
        return true;
    };
    let words = element.first(tool.words).unwrap_or_default();
    let service = element.first(tool.service).and_then(|name| repository_name(repository(&name)));
    let deploy = Deploy {
        service: service.and_then(|name| without_task(&name)),
        version: tool.version.iter().find_map(|name| element.first(&[name]).as_deref().and_then(version)),
        sha: element.first(tool.commit).and_then(|s| sha(&s)),
        phase,
        finished: element.stamp(tool.ended),
        rollback: is_rollback(&[&words, &said]) || element.has("rollbackOfRollout"),
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

/// A branch is no version, a tag is; of an image its tag; `$LATEST` is whatever runs.
fn version(name: &str) -> Option<String> {
    if let Some((pipeline, release)) = of_rollout(name) {
        // `cart-2-30-2` is the release 2.30.2 of `cart`.
        let bare = release.strip_prefix(pipeline).map_or(release, |rest| rest.trim_start_matches(['-', 'v']));
        let is_number = bare.starts_with(|c: char| c.is_ascii_digit()) && bare.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        return Some(if is_number { bare.replace('-', ".") } else { bare.to_string() });
    }
    if let Some((_, tag)) = name.split_once(':').filter(|(image, tag)| !image.contains(['/', ' ']) && !tag.contains(['/', ':'])) {
        return Some(tag.to_string());
    }
    let image = name.rsplit_once('/').map(|(_, image)| image).filter(|_| !name.starts_with("refs/"));
    if let Some(image) = image.filter(|image| image.contains([':', '@'])) {
        let (_, tag) = image.split('@').next()?.split_once(':')?;
        return Some(tag.to_string());
    }
    let tag = name.strip_prefix("refs/tags/").unwrap_or(name);
    (!tag.starts_with("refs/") && !tag.starts_with('$')).then(|| tag.to_string())
}

/// Pipeline and release in the name of a rollout: `…/deliveryPipelines/cart/releases/cart-12/rollouts/…`.
fn of_rollout(name: &str) -> Option<(&str, &str)> {
    let (pipeline, rest) = name.split_once("/deliveryPipelines/")?.1.split_once("/releases/")?;
    Some((pipeline, rest.split('/').next()?))
}

/// The address of a repository in that of one of its pages.
fn repository(address: &str) -> &str {
    if let Some((pipeline, _)) = of_rollout(address) {
        return pipeline;
    }
    let pages = ["/addon/", "/-/", "/pipelines/", "/actions/", "/deployments/"];
    let cut = pages.iter().filter_map(|page| address.find(page)).min().filter(|_| address.contains("://"));
    cut.map_or(address, |at| &address[..at])
}

/// `cart-deploy` is about `cart`, and `Deploy` about nothing that it names.
fn without_task(name: &str) -> Option<String> {
    const TASKS: [&str; 7] = ["deployment", "deploy", "release", "rollout", "rollback", "promote", "cd"];
    let is_joint = |c: char| matches!(c, '-' | '_' | '.' | ' ');
    let is_task = |word: &str| TASKS.iter().any(|task| word.eq_ignore_ascii_case(task));
    let whole = without_environment(name.trim_matches(is_joint));
    let behind = whole.rsplit_once(is_joint).filter(|(_, last)| is_task(last)).map(|(rest, _)| rest);
    let before = || whole.split_once(is_joint).filter(|(first, _)| is_task(first)).map(|(_, rest)| rest);
    let rest = behind.or_else(before).unwrap_or(whole).trim_matches(is_joint);
    (!rest.is_empty() && !is_task(rest)).then(|| rest.to_string())
}

/// `cart-deploy-prod` is `cart-deploy`; without a task the environment is part of a name.
fn without_environment(name: &str) -> &str {
    let ends = ["-prod", "-production", "-live", "-staging", " production", " prod"];
    let rest = ends.iter().find_map(|end| name.strip_suffix(end));
    rest.filter(|rest| says_delivery(&rest.to_lowercase())).unwrap_or(name)
}

/// How far it came; nothing for what did not begin. A list without states has what was done.
fn phase(status: &str) -> Option<ChangePhase> {
    match status.to_ascii_lowercase().replace(['_', ' '], "").as_str() {
        "failed" | "failure" | "error" | "errored" | "stopped" | "rolledback" | "timedout" => Some(ChangePhase::Failed),
        "canceled" | "cancelled" | "created" | "queued" | "scheduled" | "onhold" | "notrun" | "skipped" | "blocked" => None,
        "pending" | "paused" | "superseded" | "notdeployed" | "noop" | "discarded" | "needsattention" => None,
        "planning" | "planned" | "plannedandfinished" | "confirmed" | "policychecked" | "costestimated" => None,
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
    fn a_rollout_of_cloud_deploy_tells_pipeline_and_release_in_its_name() {
        let text = r#"[{"name":"projects/shop/locations/eu/deliveryPipelines/cart/releases/cart-2-30-2/rollouts/to-prod-0001","deployStartTime":"2025-01-01T00:00:05Z","deployEndTime":"2025-01-01T00:01:05Z","state":"SUCCEEDED","targetId":"prod"},
            {"name":"projects/shop/locations/eu/deliveryPipelines/pay/releases/rel-77/rollouts/r1","deployStartTime":"2025-01-01T00:00:09Z","state":"SUCCEEDED","targetId":"prod","annotations":{"image":"pay:7.1"}},
            {"name":"projects/shop/locations/eu/deliveryPipelines/pay/releases/rel-76/rollouts/r2","deployStartTime":"2025-01-01T00:00:19Z","state":"SUCCEEDED","targetId":"prod","rollbackOfRollout":"r1"}]"#;
        assert_eq!(told(text).0, "cloud_deploy");
        assert_eq!(told(text).1, ["cart 2.30.2 5 deploy", "pay 7.1 9 deploy", "pay rel-76 19 deploy"]);
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let goes_back = |e: &evidence::Event| matches!(&e.body, Body::Deploy(d) if d.rollback);
        assert_eq!(document.events.iter().map(goes_back).collect::<Vec<_>>(), [false, false, true]);
    }

    /// Version, commit, seconds since 2025-01-01, environment and who.
    fn in_full(text: &str) -> Vec<String> {
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let changes = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => {
                let at = e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600);
                let told = [d.service, d.version, d.sha, d.environment, d.actor].map(|part| part.unwrap_or("-".into()));
                format!("{at} {} {:?}", told.join(" "), d.phase)
            }
            other => panic!("{other:?}"),
        });
        changes.collect()
    }

    #[test]
    fn each_vendor_tells_who_what_and_where() {
        for (text, want) in [
            (
                r#"{"values":[{"build_number":7,"repository":{"name":"cart"},"state":{"name":"COMPLETED","result":{"name":"SUCCESSFUL"}},"creator":{"display_name":"Ann"},"created_on":"2025-01-01T00:00:05Z","target":{"selector":{"type":"custom","pattern":"deploy-to-production"},"commit":{"hash":"0a1b2c3d4e5f"}}}]}"#,
                "5 cart - 0a1b2c3d4e5f - Ann Started",
            ),
            (
                r#"{"values":[{"environment":{"name":"Production"},"release":{"name":"7","url":"https://bitbucket.org/shop/cart/addon/pipelines/home#!/results/7","commit":{"hash":"0a1b2c3d4e5f"}},"state":{"name":"COMPLETED","status":{"name":"FAILED"},"started_on":"2025-01-01T00:00:05Z","deployer":{"display_name":"Ann"}}}]}"#,
                "5 cart - 0a1b2c3d4e5f Production Ann Failed",
            ),
            (
                r#"{"build":[{"buildTypeId":"Shop_Deploy","number":"2.4.1","status":"SUCCESS","startDate":"20250101T010005+0100","buildType":{"name":"Deploy","projectName":"Shop / cart"},"triggered":{"user":{"name":"Ann"}},"revisions":{"revision":[{"version":"0a1b2c3d4e5f"}]}}]}"#,
                "5 cart 2.4.1 0a1b2c3d4e5f - Ann Started",
            ),
            (
                r#"{"value":[{"release":{"name":"Release-7","artifacts":[{"definitionReference":{"version":{"name":"2.4.1"}}}]},"releaseDefinition":{"name":"cart"},"releaseEnvironment":{"name":"Production"},"deploymentStatus":"succeeded","startedOn":"2025-01-01T00:00:05Z","requestedBy":{"displayName":"Ann"}}]}"#,
                "5 cart 2.4.1 - Production Ann Started",
            ),
            (
                r#"{"type":"workflow-completed","happened_at":"2025-01-01T00:01:05Z","project":{"name":"cart"},"workflow":{"name":"deploy-prod","created_at":"2025-01-01T00:00:05Z","stopped_at":"2025-01-01T00:01:05Z","status":"failed"},"pipeline":{"vcs":{"revision":"0a1b2c3d4e5f","tag":"v2.4","commit":{"subject":"Pool","author":{"name":"Ann"}}}}}"#,
                "5 cart v2.4 0a1b2c3d4e5f - Ann Failed",
            ),
            (
                r#"[{"kind":"Revision","metadata":{"name":"cart-7","creationTimestamp":"2025-01-01T00:00:05Z","labels":{"serving.knative.dev/service":"cart"},"annotations":{"serving.knative.dev/creator":"ann@a.example"}},"spec":{"containers":[{"image":"eu.gcr.io/shop/cart:2.4.1@sha256:00"}]}}]"#,
                "5 cart 2.4.1 - - ann@a.example Started",
            ),
            (
                r#"{"data":{"content":[{"planExecutionId":"x","name":"Deploy cart","status":"Failed","startTs":1735689605000,"executionTriggerInfo":{"triggeredBy":{"identifier":"ann"}},"moduleInfo":{"cd":{"serviceIdentifiers":["cart"],"envIdentifiers":["prod"]}}}]}}"#,
                "5 cart - - prod ann Failed",
            ),
            (
                r#"{"items":[{"job_number":12,"name":"deploy","status":"success","project_slug":"gh/shop/cart","started_at":"2025-01-01T00:00:05Z"}]}"#,
                "5 cart - - - - Started",
            ),
            (
                r#"[{"author":"ann","complete":true,"deployer":"GITHUB_ZIP_DEPLOY","id":"0a1b2c3d4e5f","message":"Pool","received_time":"2025-01-01T00:00:05Z","site_name":"cart","status":4}]"#,
                "5 cart - 0a1b2c3d4e5f - ann Started",
            ),
            (
                r#"{"pipelineExecutionSummaries":[{"pipelineExecutionId":"e","status":"Succeeded","startTime":"2025-01-01T01:00:05+01:00","sourceRevisions":[{"revisionId":"0a1b2c3d4e5f","revisionSummary":"Pool"}]}]}"#,
                "5 - - 0a1b2c3d4e5f - - Started",
            ),
            (
                r#"{"Versions":[{"FunctionName":"price","FunctionArn":"arn:aws:lambda:x:1:function:price:42","LastModified":"2025-01-01T00:00:05.000+0000","CodeSha256":"YQ==","Version":"42"}]}"#,
                "5 price 42 - - - Started",
            ),
            (
                r#"{"data":[{"id":"run-1","attributes":{"status":"applied","plan-only":false,"message":"Pool","status-timestamps":{"applying-at":"2025-01-01T00:00:05+00:00"}}}]}"#,
                "5 - - - - - Started",
            ),
            (
                r#"[{"kind":"update","startTime":"2025-01-01T00:00:05Z","message":"Pool","environment":{"git.head":"0a1b2c3d4e5f","git.author":"Ann","vcs.repo":"infra"},"result":"failed","resourceChanges":{"update":1}}]"#,
                "5 infra - 0a1b2c3d4e5f - Ann Failed",
            ),
        ] {
            assert_eq!(in_full(text), [want], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_delivery_is_none() {
        let planned = r#"{"data":[{"attributes":{"status":"planned_and_finished","plan-only":true,"status-timestamps":{"planned-at":"2025-01-01T00:00:05Z"}}}]}"#;
        let built =
            r#"{"build":[{"buildTypeId":"Shop_Tests","number":"7","status":"SUCCESS","startDate":"20250101T000005+0000"}]}"#;
        assert_eq!((in_full(planned).len(), in_full(built).len()), (0, 0));
        let health = r#"{"Events":[{"EventDate":"2025-01-01T00:00:05Z","Message":"Environment health has transitioned from Ok to Severe.","ApplicationName":"cart","EnvironmentName":"cart-prod","VersionLabel":"7","Severity":"WARN"}]}"#;
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, health.as_bytes());
        assert!(document.is_none_or(|d| d.events.is_empty() && d.texts.len() + d.carried.len() == 1));
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
            ("cart-deploy-prod", Some("cart")),
            ("cart-prod", Some("cart-prod")),
            ("Deploy", None),
        ] {
            assert_eq!(without_task(name).as_deref(), want, "{name}");
        }
    }
}
