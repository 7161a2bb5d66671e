//! Deployments: GitHub, GitLab, workflow runs, Argo CD, Helm, and plain objects with a version, a service and a time.
//!
//! One event per deployment, at its start. It must never take a log record that names the version of its program for a
//! deployment: a plain object with a severity is none, and in a stream it has to say that it deploys.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Stamp};
use expressions::Expression;

use super::changes::{ACTORS, TIMES, is_log, is_rollback, repository_name, sha, version_in};
use super::json::El;
use super::{Context, Out};

const VERSIONS: [&str; 20] = [
    "version",
    "to_version",
    "new_version",
    "tag",
    "tag_name",
    "image_tag",
    "imageTag",
    "release",
    "release_tag",
    "image",
    "build",
    "build_number",
    "revision",
    "commit_sha",
    "commit",
    "sha",
    "git_sha",
    "head_sha",
    "app_version",
    "ref",
];
const SERVICES: [&str; 16] = [
    "service",
    "service_name",
    "app",
    "app_name",
    "application",
    "component",
    "deployment",
    "workload",
    "project.name",
    "project",
    "repository.name",
    "repository.full_name",
    "repository",
    "repo",
    "name",
    "chart",
];
const FINISHED: [&str; 9] = [
    "finished_at",
    "finishedAt",
    "completed_at",
    "completedAt",
    "ended_at",
    "rolled_out_at",
    "deployable.finished_at",
    "done_at",
    "succeeded_at",
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if is_argo(element) {
        return argo(element, out);
    }
    if element.has_all(&["deployedAt", "revision", "source"]) {
        return argo_history(element, context, out);
    }
    if is_listed_run(element) {
        return listed_run(element, out);
    }
    let Some((stamp, deploy)) = change(element, context) else { return false };
    out.is("deploys");
    out.add(element, stamp, Body::Deploy(deploy));
    true
}

/// The change that an object is by itself, and when it began.
pub fn change(element: El<'_>, context: &Context<'_>) -> Option<(Option<Stamp>, Deploy)> {
    let deploy = if is_github(element) {
        github(element)
    } else if is_release(element) {
        release(element)
    } else if is_helm(element) {
        helm(element, context)
    } else if is_plain(element, context) {
        plain(element)
    } else {
        return None;
    };
    Some((started(element), deploy))
}

fn started(element: El<'_>) -> Option<Stamp> {
    if is_release(element) {
        return element.stamp(&["published_at", "released_at"]);
    }
    let first = ["started_at", "startedAt", "run_started_at", "deployStartedAt", "deployable.started_at", "status_changed_at"];
    element.stamp(&first).or_else(|| element.stamp(&TIMES)).or_else(|| element.stamp(&["deployed", "deployTime", "finished_at"]))
}

fn is_github(element: El<'_>) -> bool {
    element.has_any(&["sha", "ref"])
        && element.has_any(&["created_at", "status_changed_at"])
        && (element.has_any(&["statuses", "statuses_url", "deployable", "deployable_id"])
            || element.has("environment") && element.has("task"))
}

/// A run as `gh run list --json` prints it.
fn is_listed_run(element: El<'_>) -> bool {
    element.has_any(&["workflowName", "workflowDatabaseId", "databaseId"])
        && element.has_any(&["displayTitle", "headSha"])
        && element.has_any(&["startedAt", "createdAt"])
}

/// A run that its name says to deploy is a change; others are counted.
fn listed_run(element: El<'_>, out: &mut Out) -> bool {
    out.is("deploys");
    let text = run_words(element, &["workflowName", "name", "displayTitle"]);
    let lower = text.to_lowercase();
    if !["deploy", "release", "rollout", "rollback", "roll back"].iter().any(|word| lower.contains(word)) {
        out.others += 1;
        return true;
    }
    let url = element.word("url");
    let repository = url.split_once("/actions/").and_then(|(repository, _)| repository_name(repository));
    let deploy = Deploy {
        // One workflow may deploy many services, each run named after its own.
        service: titled(&element.word("displayTitle")).or(repository),
        version: version_in(&element.word("displayTitle")).or_else(|| version_in(&element.word("headBranch"))),
        sha: element.first(&["headSha"]).and_then(|s| sha(&s)),
        phase: if element.word("conclusion") == "failure" { ChangePhase::Failed } else { ChangePhase::Started },
        finished: element.stamp(&["updatedAt"]).filter(|_| element.word("status") == "completed"),
        rollback: is_rollback(&[&text]),
        environment: None,
        actor: None,
        kind: "deploy".into(),
        text,
    };
    out.add(element, element.stamp(&["startedAt", "createdAt"]), Body::Deploy(deploy));
    true
}

/// The service of a run that is called by it and its version, and nothing else: `cart-api v1.4.0`, `Deploy cart-api@1.4.0`.
fn titled(title: &str) -> Option<String> {
    static TITLE: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"^(?:(?i:deploy|release|roll ?out|roll(?:ing)? ?back|promote)(?i:ed|ing|s)?:?\s+)?(?P<service>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)(?:\s+(?:to\s+)?|@|:)v?\d+(?:\.\d+)+[\w.+-]*(?:\s+(?:to|in|on)\s+[\w-]+)?$",
        )
        .ok()
    });
    const OF_RUNS: [&str; 12] =
        ["to", "version", "release", "bump", "deploy", "back", "tag", "update", "hotfix", "build", "rollback", "chore"];
    let found = TITLE.as_ref()?.captures(title.trim())?;
    Some(found["service"].to_string()).filter(|service| !OF_RUNS.contains(&service.as_str()))
}

/// What a run is called; a workflow gives its runs its own name where they have none.
fn run_words(element: El<'_>, names: &[&str]) -> String {
    let mut words: Vec<String> = names.iter().filter_map(|name| element.first(&[name])).collect();
    words.dedup();
    words.join(": ")
}

/// A release as GitHub and GitLab publish it; a draft is none.
fn is_release(element: El<'_>) -> bool {
    let is_draft = ["draft", "upcoming_release"].iter().any(|k| element.get(k).and_then(El::truth) == Some(true));
    element.has("tag_name")
        && element.has_any(&["published_at", "released_at"])
        && !is_draft
        && element.has_any(&["html_url", "_links", "target_commitish", "commit", "description", "body", "url"])
}

fn release(element: El<'_>) -> Deploy {
    let address = element.first(&["html_url", "_links.self", "url"]).unwrap_or_default();
    let path = address.split_once("/-/releases").or_else(|| address.split_once("/releases")).map_or("", |(path, _)| path);
    let words = [element.first(&["name"]), element.first(&["body", "description"])];
    let text = words.into_iter().flatten().collect::<Vec<_>>().join("\n");
    Deploy {
        service: repository_name(path).or_else(|| element.first(&["repository.name", "project.name"])),
        version: element.first(&["tag_name"]),
        sha: element.first(&["commit.id", "target_commitish"]).and_then(|s| sha(&s)),
        phase: ChangePhase::Finished,
        finished: None,
        rollback: is_rollback(&[&element.word("name")]),
        environment: None,
        actor: element.first(&["author.login", "author.username", "author.name"]),
        kind: "deploy".to_string(),
        text,
    }
}

fn is_helm(element: El<'_>) -> bool {
    element.has_all(&["revision", "updated", "status", "chart"])
}

/// A version and a service at a time; in a stream also a word that it deploys.
fn is_plain(element: El<'_>, context: &Context<'_>) -> bool {
    if is_log(element) || element.has_any(&["trace_id", "traceId", "duration_ms", "status_code", "files", "files_changed"]) {
        return false;
    }
    let is_project = element.has("full_name") && element.has_any(&["deployments_url", "default_branch"]);
    let is_run = element.has_all(&["head_sha", "run_started_at"]);
    if is_project || started(element).is_none() || element.first(&SERVICES).is_none() || is_run && !says_deploy(element, true) {
        return false;
    }
    let has_version = element.first(&VERSIONS).is_some();
    if says_deploy(element, has_version) {
        return has_version || !context.is_line || element.has_any(&["environment", "env", "cluster"]);
    }
    has_version && !context.is_line && !element.has_any(&["flag", "metric", "signature", "labels", "message", "author"])
}

/// Whether a member's name or a short word says that this is a release; `release` alone says so only with a version.
fn says_deploy(element: El<'_>, has_version: bool) -> bool {
    let is_run = element.has_all(&["head_sha", "run_started_at"]);
    let run = element.first(&["name", "display_title", "path"]).filter(|_| is_run).unwrap_or_default().to_ascii_lowercase();
    let by_name = ["deploy", "release", "rollout"].iter().any(|c| run.contains(c))
        || element.members().any(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name == "commit_sha"
                || name == "released_at"
                || name.starts_with("rollout")
                || name.starts_with("deploy") && name != "deployment"
        });
    let named = ["type", "kind", "event", "event_type", "action", "category", "change_type"];
    let says = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.starts_with("deploy")
            || word.starts_with("migrat")
            || ["rollout", "rollback"].contains(&word.as_str())
            || has_version && word.starts_with("release")
    };
    let words: Vec<String> = named.iter().filter_map(|k| element.first(&[k])).filter(|w| w.len() < 40).collect();
    by_name || words.iter().any(|w| w.split(|c: char| !c.is_ascii_alphanumeric()).any(says))
}

fn github(element: El<'_>) -> Deploy {
    let state = |words: &[&str]| element.list("statuses").find(|s| words.contains(&s.word("state").as_str()));
    let success = state(&["success", "active"]).and_then(|s| s.stamp(&["created_at"]));
    let failed = state(&["failure", "error"]).is_some() && success.is_none();
    let address = element.first(&["repository_url", "repository.full_name", "url", "statuses_url"]).unwrap_or_default();
    let service = match address.split_once("/repos/") {
        Some((_, path)) => path.split('/').nth(1).map(str::to_string),
        None => project(element).or_else(|| repository_name(&address)),
    };
    let version = element.first(&["tag", "ref", "payload.version"]);
    let text = element.first(&["description", "payload.description"]).unwrap_or_default();
    Deploy {
        service: service.or_else(|| element.first(&["service"])).or_else(|| host(element)).or_else(|| called(&text)),
        rollback: is_rollback(&[&text, version.as_deref().unwrap_or_default(), &element.word("task")]),
        version: version.map(|v| v.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/").to_string()),
        sha: element.first(&["sha"]).and_then(|s| sha(&s)),
        phase: if failed || element.word("status") == "failed" {
            ChangePhase::Failed
        } else if element.has("status_changed_at") && element.word("status") == "success" {
            ChangePhase::Finished
        } else {
            ChangePhase::Started
        },
        finished: success.or_else(|| element.stamp(&FINISHED)),
        environment: element.first(&["environment.name", "environment"]),
        actor: element.first(&["creator.login", "user.username", "deployable.user.username", "user.name", "creator"]),
        kind: kind(element),
        text,
    }
}

/// A repository of many services: who deploys one writes its name as the description, and nothing else.
fn called(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_one = (4..=40).contains(&text.len()) && text.contains('-') && text.chars().all(is_name);
    let is_act = ["deploy", "rollback", "release", "roll"].iter().any(|act| text.split('-').any(|part| part == *act));
    (is_one && text.starts_with(|c: char| c.is_ascii_lowercase()) && !is_act).then(|| text.to_string())
}

/// The project of a deployment of GitLab: by its path, by the address of its pipeline or job, by its name.
fn project(element: El<'_>) -> Option<String> {
    let path =
        element.first(&["project.path_with_namespace", "deployable.project.path_with_namespace", "project.path", "project_path"]);
    let urls = ["deployable.pipeline.web_url", "deployable.web_url", "deployable_url", "project.web_url", "web_url"];
    let pages = ["/-/", "/pipelines/", "/builds/", "/jobs/"];
    let repository =
        |url: String| pages.iter().filter_map(|page| url.find(page)).min().map_or(url.clone(), |at| url[..at].to_string());
    let url = || element.first(&urls).map(repository);
    path.or_else(url).as_deref().and_then(repository_name).or_else(|| element.first(&["project.name", "project"]))
}

/// The first name of the host at which an environment is reached, unless it is the environment's own.
fn host(element: El<'_>) -> Option<String> {
    let url = element.first(&["environment.external_url", "environment_external_url"])?;
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).split(['/', ':']).next()?.to_string();
    let name = host
        .split('.')
        .next()
        .filter(|n| !["www", "api", "app", "prod", "production", "staging"].contains(n) && !n.is_empty())?;
    Some(name.to_string())
}

fn helm(element: El<'_>, context: &Context<'_>) -> Deploy {
    let text = element.word("description");
    let (name, version) = chart(&element.word("chart"));
    Deploy {
        service: element
            .first(&["name", "release"])
            .or(name)
            .or_else(|| Some(context.stem().to_string()).filter(|s| !s.is_empty())),
        version: element.first(&["app_version"]).or(version),
        sha: None,
        phase: if element.word("status") == "failed" { ChangePhase::Failed } else { ChangePhase::Finished },
        finished: None,
        rollback: is_rollback(&[&text]),
        environment: element.first(&["namespace"]),
        actor: None,
        kind: "deploy".to_string(),
        text,
    }
}

/// `checkout-1.2.3` is `checkout` and `1.2.3`.
pub fn chart(chart: &str) -> (Option<String>, Option<String>) {
    match chart.rfind('-').filter(|i| chart[i + 1..].starts_with(|c: char| c.is_ascii_digit() || c == 'v')) {
        Some(i) => (Some(chart[..i].to_string()), Some(chart[i + 1..].to_string())),
        None => (Some(chart.to_string()).filter(|c| !c.is_empty()), None),
    }
}

fn plain(element: El<'_>) -> Deploy {
    let words = ["description", "message", "text", "title", "summary", "notes", "note", "reason", "change"];
    let is_run = element.has_all(&["head_sha", "run_started_at"]);
    let text = element.first(&words).unwrap_or_else(|| match is_run {
        true => run_words(element, &["name", "display_title"]),
        false => element.first(&["name"]).filter(|_| is_pipeline(element)).unwrap_or_default(),
    });
    let action = element.first(&["action", "type", "event", "event_type", "kind", "change_type"]).unwrap_or_default();
    let sha_of = element.first(&["commit_sha", "sha", "git_sha", "head_sha", "commit.sha", "commit.id", "commit", "revision"]);
    let sha_of = sha_of.and_then(|s| sha(&s));
    let version = element.first(&VERSIONS).map(|v| tag(&v)).filter(|v| sha(v).is_none_or(|s| Some(s) != sha_of));
    // The title of a run often names it.
    let version = version.or_else(|| version_in(&element.first(&["display_title"])?));
    let status = element.first(&["status", "state", "conclusion", "result"]).unwrap_or_default().to_ascii_lowercase();
    let is_rolled = element.get("rollback").and_then(El::truth) == Some(true);
    // The name of a pipeline says what it does, not of what.
    let name = element.first(&["name"]).filter(|_| is_pipeline(element)).unwrap_or_default();
    let service = if is_pipeline(element) { project(element) } else { element.first(&SERVICES) };
    let service = service.map(|s| if s.contains('/') { repository_name(&s).unwrap_or(s) } else { s });
    Deploy {
        service,
        rollback: is_rolled || is_rollback(&[&text, &action, version.as_deref().unwrap_or_default(), &status, &name]),
        sha: sha_of,
        version: version.or_else(|| element.first(&["ref"]).filter(|_| is_pipeline(element))),
        phase: if status.contains("fail") || status == "error" { ChangePhase::Failed } else { ChangePhase::Started },
        finished: element.stamp(&FINISHED).or_else(|| element.get("conclusion").and_then(|_| element.stamp(&["updated_at"]))),
        environment: element.first(&["environment.name", "environment", "env", "stage", "target", "cluster", "namespace"]),
        actor: element.first(&ACTORS),
        kind: kind(element),
        text,
    }
}

/// A pipeline of GitLab: `…/shop/cart/-/pipelines/48`, formerly without the `-`.
fn is_pipeline(element: El<'_>) -> bool {
    element.word("web_url").contains("/pipelines/")
}

/// The tag of an image, a version as it stands.
fn tag(version: &str) -> String {
    let is_image = version.contains('/') && version.contains(':');
    let tag = if is_image { version.rsplit(':').next().unwrap_or(version) } else { version };
    tag.trim_start_matches("refs/tags/").to_string()
}

fn kind(element: El<'_>) -> String {
    let named = ["task", "type", "kind", "category", "change_type", "event_type", "action"];
    let words = element.first(&named).unwrap_or_default().to_ascii_lowercase();
    let text = words + " " + &element.first(&["description", "title", "summary"]).unwrap_or_default().to_ascii_lowercase();
    let kinds = [("migrat", "migration"), ("config", "config"), ("terraform", "infrastructure"), ("infra", "infrastructure")];
    kinds.iter().find(|(cue, _)| text.contains(cue)).map_or("deploy", |(_, kind)| kind).to_string()
}

/// An entry of the history of an application of Argo CD that stands alone; the file or the repository names the application.
fn argo_history(entry: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    // In YAML, the source may stand on one line: `{repoURL: …, targetRevision: 2.4}`.
    let line = entry.word("source");
    let told = |name: &str| {
        let written = || line.split_once(&format!("{name}:"))?.1.split([',', '}']).next().map(|v| v.trim().to_string());
        entry.first(&[&format!("source.{name}")]).or_else(written)
    };
    let repository = told("repoURL").as_deref().and_then(repository_name);
    let revision = entry.word("revision");
    let target = told("targetRevision");
    let version = target.filter(|t| t.contains('.')).unwrap_or_else(|| revision.clone());
    let deploy = Deploy {
        service: repository.or_else(|| Some(context.stem().to_string()).filter(|stem| !stem.is_empty())),
        version: Some(version),
        sha: sha(&revision),
        phase: ChangePhase::Finished,
        finished: None,
        rollback: false,
        environment: told("path").filter(|path| path.contains("prod")),
        actor: entry.first(&["initiatedBy.username"]),
        kind: "deploy".to_string(),
        text: String::new(),
    };
    out.is("argocd");
    out.add(entry, entry.stamp(&["deployedAt"]), Body::Deploy(deploy));
    true
}

/// An application of Argo CD, which the lists that its command and its API answer with leave without a kind.
fn is_argo(element: El<'_>) -> bool {
    let is_of_argo = |entry: El<'_>| entry.has("deployedAt") && entry.has("revision");
    let remembers = || element.dig("status.history").is_some_and(|history| history.items().next().is_some_and(is_of_argo));
    match element.word("kind").as_str() {
        "Application" => element.has("status"),
        "" => element.first(&["metadata.name"]).is_some() && remembers(),
        _ => false,
    }
}

/// What runs now is what was deployed last: the tag of its image is that version's, where there is one image.
fn argo_tag(element: El<'_>) -> Option<String> {
    let mut images = element.dig("status.summary.images")?.items();
    let image = images.next().filter(|_| images.next().is_none())?.text()?;
    let (_, tag) = image.split('@').next()?.rsplit('/').next()?.split_once(':')?;
    Some(tag.to_string()).filter(|tag| !tag.is_empty())
}

/// An application of Argo CD: its history, and the operation that runs or ran last.
fn argo(element: El<'_>, out: &mut Out) -> bool {
    let service = element.first(&["metadata.name"]);
    let tag = argo_tag(element);
    let latest = element.dig("status.history").into_iter().flat_map(El::items).last().map(|item| item.word("revision"));
    let deploy = |revision: String, phase: ChangePhase, finished: Option<Stamp>, text: String, actor: Option<String>| {
        let tag = tag.clone().filter(|_| latest.as_ref() == Some(&revision));
        Body::Deploy(Deploy {
            service: service.clone(),
            sha: sha(&revision),
            version: tag.or(Some(revision)).filter(|r| !r.is_empty()),
            phase,
            finished,
            rollback: is_rollback(&[&text]),
            environment: element.first(&["spec.destination.namespace"]),
            actor,
            kind: "deploy".to_string(),
            text,
        })
    };
    let before = out.events.len();
    for item in element.dig("status.history").into_iter().flat_map(El::items) {
        let at = item.stamp(&["deployStartedAt", "deployedAt"]);
        let body =
            deploy(item.word("revision"), ChangePhase::Started, item.stamp(&["deployedAt"]), String::new(), item.first(&ACTORS));
        out.add(item, at, body);
    }
    if let Some(run) = element.dig("status.operationState").filter(|r| r.has("startedAt")) {
        let failed = matches!(run.word("phase").as_str(), "Failed" | "Error");
        let phase = if failed { ChangePhase::Failed } else { ChangePhase::Started };
        let revision = run.first(&["syncResult.revision", "operation.sync.revision"]).unwrap_or_default();
        // What ran last stands in the history once it went well.
        let in_history = element.dig("status.history").into_iter().flat_map(El::items);
        let is_told = in_history.filter(|h| h.word("revision") == revision).any(|h| {
            h.stamp(&["deployStartedAt"]).is_some_and(|at| Some(at) == run.stamp(&["startedAt"]))
                || h.stamp(&["deployedAt"]).is_some_and(|at| Some(at) == run.stamp(&["finishedAt"]))
        });
        if is_told {
            out.is("argocd");
            return true;
        }
        let actor = run.first(&["operation.initiatedBy.username"]);
        out.add(run, run.stamp(&["startedAt"]), deploy(revision, phase, run.stamp(&["finishedAt"]), run.word("message"), actor));
    }
    if out.events.len() > before {
        out.is("argocd");
    }
    out.events.len() > before
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn check(text: &str) -> Vec<Deploy> {
        let document = read_whole("d.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen = document.events.into_iter().map(|e| if let Body::Deploy(d) = e.body { d } else { panic!("{e:?}") });
        seen.collect()
    }

    #[test]
    fn a_history_of_argo_alone() {
        let text = "# kubectl get application cart -o yaml | yq .status.history\n- id: 87\n  deployedAt: \"2025-01-01T00:00:05Z\"\n  revision: c86f3fe5f78c350749d3fdc20e6726bd024a6ae7\n  source: {repoURL: https://git.a.example/shop/cart, path: deploy, targetRevision: 0.41.7}\n";
        let document =
            super::super::read_whole("h.yaml", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("YAML");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!((deploy.service.as_deref(), deploy.version.as_deref()), (Some("cart"), Some("0.41.7")));
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
        let item = |minute: u8, revision: &str| {
            format!(
                r#"{{"id":1,"deployedAt":"2025-01-01T00:0{minute}:00Z","revision":"{revision}","source":{{"targetRevision":"main"}}}}"#
            )
        };
        let text = format!("[{},{},{}]", item(1, "aaaaaaa"), item(2, "bbbbbbb"), item(3, "aaaaaaa"));
        let document =
            super::super::read_whole("cart.json", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let back: Vec<bool> = document.events.iter().map(|e| matches!(&e.body, Body::Deploy(d) if d.rollback)).collect();
        assert_eq!(back, [false, false, true]);
    }

    #[test]
    fn a_deployment_of_github_says_start_and_end() {
        let text = r#"[{"id":1,"sha":"5376D64d7e3c8ee691b66d2470723758697a6eb4","ref":"v2.14.3","task":"deploy","environment":"production",
            "description":"rollback","creator":{"login":"alice"},"created_at":"2024-02-07T09:00:35Z",
            "statuses":[{"state":"in_progress","created_at":"2024-02-07T09:00:37Z"},{"state":"success","created_at":"2024-02-07T09:01:15Z"}],
            "repository_url":"https://api.github.com/repos/shop/checkout"}]"#;
        let seen = &check(text)[0];
        assert_eq!((seen.service.as_deref(), seen.version.as_deref(), seen.rollback), (Some("checkout"), Some("v2.14.3"), true));
        assert_eq!(seen.sha.as_deref(), Some("5376d64d7e3c8ee691b66d2470723758697a6eb4"));
        assert!(seen.finished.is_some());
    }

    #[test]
    fn a_deployment_may_be_described_by_its_service_alone() {
        assert_eq!(called("basket-api").as_deref(), Some("basket-api"));
        for text in ["rollback", "roll-back", "release-candidate", "Deploy of basket-api", "basket", ""] {
            assert_eq!(called(text), None, "{text}");
        }
    }

    #[test]
    fn a_deployment_of_gitlab_names_its_project() {
        let text = r#"[{"id":9,"iid":3,"ref":"v4.2.0","sha":"0a1b2c3d4e5f60718293","created_at":"2025-01-01T00:00:00Z","status":"success",
            "user":{"username":"ann"},"environment":{"id":2,"name":"production","external_url":"https://shop.example.com"},
            "deployable":{"id":8,"tag":true,"finished_at":"2025-01-01T00:02:00Z","pipeline":{"web_url":"https://git.example.com/shop/cart/-/pipelines/5"}}},
            {"object_kind":"deployment","status":"running","status_changed_at":"2025-01-01 01:00:00 +0100","deployable_id":5,"environment":"production",
            "project":{"name":"Cart API","path_with_namespace":"shop/cart-api"},"ref":"main","short_sha":"0a1b2c3d","sha":"0a1b2c3d4e5f60718293","user":{"username":"bo"}},
            {"id":9,"ref":"v4","sha":"0a1b2c3d4e5f60718293","created_at":"2025-01-01T00:00:00Z","environment":{"name":"p","external_url":"https://cart.example.com"},"deployable":{"id":8}}]"#;
        let seen = check(text);
        let told: Vec<_> = seen.iter().map(|d| (d.service.as_deref(), d.version.as_deref(), d.actor.as_deref())).collect();
        assert_eq!(
            told,
            [
                (Some("cart"), Some("v4.2.0"), Some("ann")),
                (Some("cart-api"), Some("main"), Some("bo")),
                (Some("cart"), Some("v4"), None)
            ]
        );
        assert!(seen[0].finished.is_some());
    }

    #[test]
    fn a_run_as_the_command_lists_it() {
        let text = r#"[{"conclusion":"success","databaseId":9,"displayTitle":"Roll back to v1.3.0","headSha":"0a1b2c3d4e5f60718293","status":"completed","workflowName":"Deploy production",
            "startedAt":"2025-01-01T00:00:05Z","updatedAt":"2025-01-01T00:02:05Z","url":"https://github.com/shop/cart/actions/runs/9"},
            {"databaseId":8,"displayTitle":"fix","headSha":"1a1b2c3d4e5f60718293","workflowName":"CI","startedAt":"2025-01-01T00:00:05Z","event":"push","url":"https://github.com/shop/cart/actions/runs/8"}]"#;
        let seen = check(text);
        assert_eq!(
            (seen.len(), seen[0].service.as_deref(), seen[0].version.as_deref(), seen[0].rollback),
            (1, Some("cart"), Some("v1.3.0"), true)
        );
    }

    #[test]
    fn a_run_that_is_called_by_its_service_and_version_is_of_that_service() {
        for (title, service) in [
            ("cart-api v1.4.0", Some("cart-api")),
            ("Deploy basket@2.0.1", Some("basket")),
            ("Release mail-worker 2026.6.1 to production", Some("mail-worker")),
            ("Roll back to v1.3.0", None),
            ("rollback to v1.3.0", None),
            ("bump 1.3.0", None),
            ("fix the cart", None),
        ] {
            assert_eq!(titled(title).as_deref(), service, "{title}");
        }
    }

    #[test]
    fn an_application_of_argo_tells_its_last_operation_once() {
        let text = r#"{"kind":"Application","metadata":{"name":"cart"},"status":{"history":[{"revision":"aaaaaaa","deployStartedAt":"2025-01-01T00:00:05Z","deployedAt":"2025-01-01T00:01:05Z"}],
            "operationState":{"startedAt":"2025-01-01T00:00:05Z","finishedAt":"2025-01-01T00:01:05Z","phase":"Succeeded","syncResult":{"revision":"aaaaaaa"}}}}"#;
        assert_eq!(check(text).len(), 1);
        assert_eq!(
            check(&text.replace("\"syncResult\":{\"revision\":\"aaaaaaa\"}", "\"syncResult\":{\"revision\":\"bbbbbbb\"}")).len(),
            2
        );
    }

    #[test]
    fn applications_of_argo_are_listed_without_their_kind() {
        let app = |images: &str, more: &str| {
            format!(
                r#"{{"metadata":{{"name":"cart"}},"status":{{"history":[{{"id":1,"revision":"aaaaaaa","deployedAt":"2025-01-01T00:01:05Z"}},
                {{"id":2,"revision":"bbbbbbb","deployedAt":"2025-01-02T00:01:05Z"}}],"summary":{{"images":[{images}]}}}}{more}}}"#
            )
        };
        let told = |app: String| -> Vec<String> {
            check(&format!(r#"{{"items":[{app}]}}"#)).into_iter().filter_map(|d| d.version).collect()
        };
        assert_eq!(told(app(r#""reg.example:5000/shop/cart:2.7.0""#, "")), ["aaaaaaa", "2.7.0"]);
        assert_eq!(told(app(r#""reg.example/cart:2.7.0","reg.example/side:1.0""#, "")), ["aaaaaaa", "bbbbbbb"]);
        let none: [String; 0] = [];
        assert_eq!(told(app("", r#","kind":"Rollout""#)), none);
    }

    #[test]
    fn a_release_that_was_published() {
        let text = r#"{"action":"released","release":{"tag_name":"v1.4.0","name":"1.4.0","draft":false,"published_at":"2025-01-01T00:00:00Z","created_at":"2024-12-31T00:00:00Z",
            "html_url":"https://github.com/shop/cart/releases/tag/v1.4.0","author":{"login":"ann"},"body":"smaller pool"},"repository":{"full_name":"shop/cart"}}"#;
        let document = read_whole("r.json", SOURCE, text.as_bytes()).expect("JSON");
        assert_eq!(document.events[0].stamp.map(|s| s.micros), Some(1_735_689_600_000_000));
        let seen = &check(text)[0];
        assert_eq!(
            (seen.service.as_deref(), seen.version.as_deref(), seen.kind.as_str()),
            (Some("cart"), Some("v1.4.0"), "deploy")
        );
    }

    #[test]
    fn plain_objects_of_several_wordings() {
        let text = r#"[{"timestamp":"2026-09-22T10:53:10Z","service":"pay","commit_sha":"b6c8d0e2f4a6b8c0","version":"v1"},
            {"deployed_at":"2026-09-22T10:53:10Z","app":"cart","image":"reg/cart:7.1","status":"failed","env":"prod"},
            {"revision":3,"updated":"2026-09-22T10:53:10Z","status":"deployed","chart":"cart-1.2.3","app_version":"9","description":"Rollback to 2"}]"#;
        let seen = check(text);
        assert_eq!((seen[0].sha.as_deref(), seen[0].version.as_deref()), (Some("b6c8d0e2f4a6b8c0"), Some("v1")));
        assert_eq!((seen[1].version.as_deref(), seen[1].phase), (Some("7.1"), ChangePhase::Failed));
        assert_eq!((seen[2].service.as_deref(), seen[2].rollback), (Some("cart"), true));
    }

    #[test]
    fn a_log_record_that_names_its_version_is_no_deployment() {
        let line = r#"{"timestamp":"2026-09-22T10:53:10Z","service":"pay","version":"1.2","level":"info","message":"deploy hook called"}"#;
        let place = RecordRef { source: SOURCE, start: 0, end: line.len() as u64, line: 1, last_line: 1 };
        assert_eq!(read_line(line, place).events, []);
    }
}
