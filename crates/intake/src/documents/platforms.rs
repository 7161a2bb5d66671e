//! Deployments as platforms and build servers answer: Octopus, Heroku, Vercel, Netlify, Render, CodeDeploy, Azure DevOps, CircleCI,
//! Bitbucket, Sentry. One row of a table says how each is told and where it says what.
//!
//! It must never take a preview for a deployment, nor a run of tests. What breaks it: a run whose name does not say that it
//! deploys.

use evidence::{Body, ChangePhase, Deploy};

use super::changes::{is_rollback, repository_name, sha, version_in};
use super::deploys::chart;
use super::jobs::subject;
use super::json::El;
use super::{Context, Out};

type Paths = &'static [&'static str];

/// How one platform tells a deployment: members that all have to be there, and where each thing stands.
struct Shape {
    format: &'static str,
    needs: Paths,
    service: Paths,
    version: Paths,
    sha: Paths,
    started: Paths,
    finished: Paths,
    actor: Paths,
    environment: Paths,
    status: Paths,
    text: Paths,
    /// Whether its words have to say that it deploys.
    is_run: bool,
}

const SHAPES: [Shape; 9] = [
    Shape {
        format: "octopus",
        needs: &["ReleaseVersion", "Created", "CompletedTime"],
        service: &["ProjectName", "Project.Name", "ProjectSlug"],
        version: &["ReleaseVersion"],
        sha: &["GitCommit", "Release.VersionControlReference.GitCommit"],
        started: &["StartTime", "Created"],
        finished: &["CompletedTime"],
        actor: &["DeployedBy"],
        environment: &["EnvironmentName", "Environment.Name", "Environment"],
        status: &["State"],
        text: &["Comments"],
        is_run: false,
    },
    Shape {
        format: "heroku",
        needs: &["app", "slug", "version", "description", "created_at", "user"],
        service: &["app.name"],
        version: &["version"],
        sha: &[],
        started: &["created_at"],
        finished: &[],
        actor: &["user.email"],
        environment: &[],
        status: &["status"],
        text: &["description"],
        is_run: false,
    },
    Shape {
        format: "vercel",
        needs: &["uid", "target", "creator", "meta"],
        service: &["name"],
        version: &[],
        sha: &["meta.githubCommitSha", "meta.gitlabCommitSha", "meta.bitbucketCommitSha"],
        started: &["created", "createdAt"],
        finished: &["ready"],
        actor: &["creator.username", "creator.email"],
        environment: &["target"],
        status: &["state", "readyState"],
        text: &["meta.githubCommitMessage", "meta.gitlabCommitMessage"],
        is_run: false,
    },
    Shape {
        format: "netlify",
        needs: &["deploy_ssl_url", "context", "commit_ref", "created_at"],
        service: &["name"],
        version: &[],
        sha: &["commit_ref"],
        started: &["created_at"],
        finished: &["published_at"],
        actor: &["committer"],
        environment: &["context"],
        status: &["state"],
        text: &["title"],
        is_run: false,
    },
    Shape {
        format: "render",
        needs: &["commit", "trigger", "status", "createdAt", "finishedAt"],
        service: &["service.name"],
        version: &[],
        sha: &["commit.id"],
        started: &["startedAt", "createdAt"],
        finished: &["finishedAt"],
        actor: &[],
        environment: &[],
        status: &["status"],
        text: &["commit.message"],
        is_run: false,
    },
    Shape {
        format: "codedeploy",
        needs: &["applicationName", "deploymentGroupName", "deploymentId", "createTime"],
        service: &["applicationName"],
        version: &["revision.s3Location.key"],
        sha: &["revision.gitHubLocation.commitId"],
        started: &["startTime", "createTime"],
        finished: &["completeTime"],
        actor: &[],
        environment: &["deploymentGroupName"],
        status: &["status"],
        text: &["description"],
        is_run: false,
    },
    Shape {
        format: "azure_devops",
        needs: &["definition", "buildNumber", "startTime"],
        service: &["repository.name", "definition.name"],
        version: &["sourceBranch"],
        sha: &["sourceVersion"],
        started: &["startTime"],
        finished: &["finishTime"],
        actor: &["requestedFor.displayName"],
        environment: &[],
        status: &["result"],
        text: &["definition.name"],
        is_run: true,
    },
    Shape {
        format: "circleci",
        needs: &["project_slug", "pipeline_number", "created_at"],
        service: &["project_slug"],
        version: &["tag"],
        sha: &[],
        started: &["created_at"],
        finished: &["stopped_at"],
        actor: &[],
        environment: &[],
        status: &["status"],
        text: &["name"],
        is_run: true,
    },
    Shape {
        format: "sentry",
        needs: &["environment", "dateStarted", "dateFinished"],
        service: &[],
        version: &["name"],
        sha: &[],
        started: &["dateStarted", "dateFinished"],
        finished: &["dateFinished"],
        actor: &[],
        environment: &["environment"],
        status: &[],
        text: &["name"],
        is_run: false,
    },
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line {
        return false;
    }
    let Some(shape) = SHAPES.iter().find(|shape| element.has_all(shape.needs)) else { return false };
    let first = |paths: Paths| element.first(paths).filter(|text| !text.is_empty());
    let (text, environment) = (first(shape.text).unwrap_or_default(), first(shape.environment));
    let is_preview = !shape.environment.is_empty() && environment.as_deref().is_none_or(is_preview);
    if is_preview || shape.is_run && !says_deploy(&text) {
        out.is(shape.format);
        out.others += 1;
        return true;
    }
    let Some(stamp) = element.stamp(shape.started) else { return false };
    let status = first(shape.status).unwrap_or_default().to_lowercase();
    let is_failed = ["fail", "error", "cancel", "abort", "stopped"].iter().any(|word| status.contains(word));
    let goes_back = is_rollback(&[&text]);
    let version = first(shape.version).filter(|v| !v.starts_with("refs/heads/")).map(|v| version(&v));
    // A release that is only counted is spoken of as `v142`, and one that goes back is what it goes back to.
    let version = match shape.format {
        "heroku" => version_in(&text).filter(|_| goes_back).or(version.map(|number| format!("v{number}"))),
        _ => version,
    };
    let deploy = Deploy {
        service: first(shape.service).map(|name| repository_name(&name).unwrap_or(name)).map(|name| {
            let is_pipeline = name.contains(' ') || says_deploy(&name);
            subject(&name).filter(|_| is_pipeline).unwrap_or(name)
        }),
        version: version.or_else(|| version_in(&text)),
        sha: first(shape.sha).or_else(|| text.split(' ').nth(1).map(str::to_string)).and_then(|s| sha(&s)),
        phase: if is_failed { ChangePhase::Failed } else { ChangePhase::Started },
        finished: element.stamp(shape.finished).filter(|end| *end >= stamp),
        rollback: goes_back,
        environment,
        actor: first(shape.actor),
        kind: if text.contains("config vars") { "config" } else { "deploy" }.into(),
        text,
    };
    out.is(shape.format);
    out.add(element, Some(stamp), Body::Deploy(deploy));
    true
}

/// `refs/tags/v1.2.3`, `cart-4.12.0.zip`, or as it stands.
fn version(text: &str) -> String {
    let bare = [".zip", ".tar.gz", ".tgz", ".jar"].iter().find_map(|end| text.strip_suffix(end));
    let packed = bare.and_then(|name| chart(name).1);
    packed.or_else(|| version_in(&text.replace('/', " "))).unwrap_or_else(|| text.to_string())
}

fn is_preview(environment: &str) -> bool {
    ["deploy-preview", "branch-deploy", "preview", "staging", "development"].contains(&environment.to_lowercase().as_str())
}

fn says_deploy(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["deploy", "release", "rollout", "rollback"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    /// Service, version, sha, phase, whether it goes back.
    type Told = (Option<String>, Option<String>, Option<String>, ChangePhase, bool);

    fn check(text: &str) -> Vec<Told> {
        let document = read_whole("d.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => (d.service, d.version, d.sha, d.phase, d.rollback),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(service: &str, version: Option<&str>, sha: Option<&str>, phase: ChangePhase, rollback: bool) -> Told {
        (Some(service.into()), version.map(str::to_string), sha.map(str::to_string), phase, rollback)
    }

    #[test]
    fn platforms_say_what_they_deployed() {
        let heroku = r#"[{"app":{"name":"cart"},"created_at":"2025-01-01T00:00:05Z","description":"Deploy d4e5f607","slug":{"id":"s"},"status":"succeeded","user":{"email":"ann@a.example"},"version":141},
            {"app":{"name":"cart"},"created_at":"2025-01-01T00:10:05Z","description":"Rollback to v140","slug":{"id":"s"},"status":"succeeded","user":{"email":"ann@a.example"},"version":142}]"#;
        let started = ChangePhase::Started;
        let expected =
            [told("cart", Some("v141"), Some("d4e5f607"), started, false), told("cart", Some("v140"), None, started, true)];
        assert_eq!(check(heroku), expected);
        let aws = r#"{"deploymentInfo":{"applicationName":"cart","deploymentGroupName":"prod","deploymentId":"d-A","revision":{"s3Location":{"key":"cart-4.12.0.zip"}},"status":"Failed","createTime":"2025-01-01T00:00:05Z"}}"#;
        assert_eq!(check(aws), [told("cart", Some("4.12.0"), None, ChangePhase::Failed, false)]);
        let run = |name: &str| {
            format!(
                r#"{{"value":[{{"buildNumber":"7","definition":{{"name":"{name}"}},"startTime":"2025-01-01T00:00:05Z","result":"succeeded","sourceVersion":"d4e5f60718293a4b"}}]}}"#
            )
        };
        let octopus = |environment: &str, comments: &str| {
            format!(
                r#"{{"Items":[{{"Id":"Deployments-7","ProjectName":"cart","ReleaseVersion":"1.21.3","EnvironmentName":"{environment}","Created":"2025-01-01T00:00:05Z","CompletedTime":"2025-01-01T00:01:05Z","State":"Success","Comments":"{comments}","DeployedBy":"ann"}}]}}"#
            )
        };
        assert_eq!(check(&octopus("Production", "")), [told("cart", Some("1.21.3"), None, started, false)]);
        assert_eq!(check(&octopus("Production", "rollback")), [told("cart", Some("1.21.3"), None, started, true)]);
        assert_eq!(check(&octopus("Staging", "")), []);
        assert_eq!(check(&run("deploy-cart")), [told("cart", None, Some("d4e5f60718293a4b"), started, false)]);
        assert_eq!(check(&run("cart-tests")), []);
    }

    #[test]
    fn a_preview_is_no_deployment() {
        let one = |target: &str| {
            format!(
                r#"{{"deployments":[{{"uid":"d","name":"web","target":{target},"created":1735689605000,"state":"READY","creator":{{"username":"ann"}},"meta":{{"githubCommitSha":"d4e5f60718293a4b"}}}}]}}"#
            )
        };
        assert_eq!(check(&one("\"production\"")), [told("web", None, Some("d4e5f60718293a4b"), ChangePhase::Started, false)]);
        assert_eq!(check(&one("null")), []);
    }
}
