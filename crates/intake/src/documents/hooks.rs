//! Webhooks of GitHub and GitLab (pushes, merged requests, deployments and their states, releases, runs and pipelines), and
//! the jobs that their interfaces list.
//!
//! One webhook is one element with everything in it; the project that it carries along is never taken for a change of its
//! own. A build or a test run is no change: only what says that it deploys. What breaks it: a workflow that deploys under
//! a name that does not say so.

use evidence::{Body, ChangePhase, Commit, Deploy, Stamp};

use super::changes::{is_rollback, repository_name, sha};
use super::json::El;
use super::{Context, Out, commits, deploys};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if element.has("object_kind") && element.has_any(&["project", "project_id", "project_name", "repository"]) {
        out.is("gitlab_webhook");
        return gitlab(element, out);
    }
    if is_job(element) {
        out.is("jobs");
        job(element, out);
        return true;
    }
    if is_status(element) {
        out.is("deploys");
        status(element, element, element, out);
        return true;
    }
    let is_hook =
        element.get("repository").is_some_and(|r| r.has("full_name")) && element.has_any(&["sender", "action", "pusher"]);
    if !is_hook {
        return false;
    }
    let is_known = github(element, context, out);
    if is_known {
        out.is("github_webhook");
    }
    is_known
}

fn github(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if let Some(state) = element.get("deployment_status") {
        status(element, state, element.get("deployment").unwrap_or(state), out);
    } else if let Some(inner) = ["deployment", "release", "workflow_run"].iter().find_map(|k| element.get(k)) {
        return change(element, inner, context, out);
    } else if let Some(request) = element.get("pull_request") {
        match request.stamp(&["merged_at"]).filter(|_| element.word("action") == "closed") {
            Some(at) => out.add(element, Some(at), Body::Commit(commits::merged(request))),
            None => out.others += 1,
        }
    } else if element.has("pusher") {
        push(element, out);
    } else {
        return false;
    }
    true
}

/// A deployment, a release or a run with the name of the repository around it; told as the readers of these tell them.
fn change(element: El<'_>, inner: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    match deploys::change(inner, context) {
        Some((stamp, mut deploy)) => {
            deploy.service = element.first(&["repository.full_name"]).as_deref().and_then(repository_name).or(deploy.service);
            out.add(element, stamp, Body::Deploy(deploy));
        }
        // A run that does not deploy, a draft.
        None => out.others += 1,
    }
    true
}

fn push(element: El<'_>, out: &mut Out) {
    if element.list("commits").next().is_some() {
        commits::comparison(element, out);
    } else if let Some(head) = element.get("head_commit").or_else(|| element.get("commit")).filter(|h| h.has("message")) {
        out.add(head, head.stamp(&["timestamp"]), Body::Commit(commits::commit(head, None)));
    } else {
        out.others += 1;
    }
}

/// A state of a deployment as the interface lists them.
fn is_status(element: El<'_>) -> bool {
    element.has_all(&["state", "deployment_url", "created_at"])
}

fn status(place: El<'_>, status: El<'_>, deployment: El<'_>, out: &mut Out) {
    let Some(phase) = phase(&status.word("state")) else {
        out.others += 1;
        return;
    };
    let address = place.first(&["repository.full_name"]).or_else(|| status.first(&["repository_url"]));
    let text = status.first(&["description"]).or_else(|| deployment.first(&["description"])).unwrap_or_default();
    let deploy = Deploy {
        service: address.as_deref().and_then(repository_name),
        rollback: is_rollback(&[&text, &deployment.word("ref"), &deployment.word("task")]),
        version: deployment.first(&["ref"]).map(|r| plain_ref(&r)),
        sha: deployment.first(&["sha"]).and_then(|s| sha(&s)),
        phase,
        finished: None,
        environment: status.first(&["environment"]).or_else(|| deployment.first(&["environment"])),
        actor: status.first(&["creator.login"]).or_else(|| deployment.first(&["creator.login"])),
        kind: "deploy".to_string(),
        text,
    };
    out.add(place, status.stamp(&["created_at", "updated_at"]), Body::Deploy(deploy));
}

fn phase(state: &str) -> Option<ChangePhase> {
    match state.to_ascii_lowercase().as_str() {
        "in_progress" | "running" | "created" => Some(ChangePhase::Started),
        "success" | "active" => Some(ChangePhase::Finished),
        "failure" | "failed" | "error" => Some(ChangePhase::Failed),
        // Waiting in a queue, or replaced by another one: nothing happened.
        _ => None,
    }
}

fn plain_ref(name: &str) -> String {
    name.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/").to_string()
}

fn gitlab(element: El<'_>, out: &mut Out) -> bool {
    match element.word("object_kind").as_str() {
        "push" | "tag_push" => push(element, out),
        "merge_request" => merge_request(element, out),
        "pipeline" => {
            let jobs: Vec<El<'_>> = element.list("builds").filter(|b| b.word("environment.action") == "start").collect();
            out.others += u64::from(jobs.is_empty());
            jobs.into_iter().for_each(|job| deploy_job(job, job, element, out));
        }
        "build" if element.word("environment.action") == "start" => deploy_job(element, element, element, out),
        "release" if element.word("action") != "delete" => released(element, out),
        // Read by the shape of deployments.
        "deployment" => return false,
        _ => out.others += 1,
    }
    true
}

/// A job of a pipeline or a run as the interfaces list them.
fn is_job(element: El<'_>) -> bool {
    let of_gitlab = element.has_all(&["stage", "pipeline", "web_url"])
        || element.has_all(&["stage", "name", "ref", "commit", "started_at"])
            && element.has_any(&["runner", "pipeline", "web_url"]);
    let of_github =
        element.has_all(&["name", "head_sha", "started_at"]) && element.has_any(&["steps", "runner_name", "check_suite"]);
    of_gitlab || of_github
}

fn job(element: El<'_>, out: &mut Out) {
    let words = ["name", "stage", "workflow_name"].map(|k| element.word(k).to_lowercase()).join(" ");
    let migrates = migrates(&words);
    let deploys = migrates || ["deploy", "release", "rollout", "rollback", "promote"].iter().any(|w| words.contains(w));
    let state = element.first(&["conclusion", "status"]).unwrap_or_default();
    let (Some(at), Some(phase)) = (element.stamp(&["started_at"]), phase(&state).filter(|_| deploys)) else {
        out.others += 1;
        return;
    };
    let address = element.first(&["web_url", "html_url", "url"]).unwrap_or_default();
    let path = ["/-/jobs", "/actions/runs", "/runs/"].iter().find_map(|cut| address.split_once(cut)).map_or("", |(path, _)| path);
    let deploy = Deploy {
        service: repository_name(path),
        version: element.first(&["ref", "head_branch"]).filter(|_| !migrates),
        sha: element.first(&["commit.id", "head_sha"]).and_then(|s| sha(&s)),
        // A migration that was stopped has run until then.
        phase: if migrates || phase == ChangePhase::Finished { ChangePhase::Started } else { phase },
        finished: element.stamp(&["finished_at", "completed_at"]),
        rollback: is_rollback(&[&words]),
        environment: element.first(&["environment.name", "environment"]),
        actor: element.first(&["user.username", "user.name"]),
        kind: if migrates { "migration" } else { "deploy" }.to_string(),
        text: [Some(element.word("name")), element.first(&["commit.title"])].into_iter().flatten().collect::<Vec<_>>().join(": "),
    };
    out.add(element, Some(at), Body::Deploy(deploy));
}

/// Whether a job's words say that it migrates a database, and not that it only looks whether one could.
fn migrates(words: &str) -> bool {
    let is_look = |w: &str| ["check", "lint", "test", "tests", "dry", "verify", "plan", "status", "review"].contains(&w);
    let mut parts = words.split(|c: char| !c.is_alphanumeric());
    words.contains("migrat") && !parts.any(is_look)
}

fn merge_request(element: El<'_>, out: &mut Out) {
    let Some(about) = element.get("object_attributes").filter(|a| a.word("action") == "merge" || a.word("state") == "merged")
    else {
        out.others += 1;
        return;
    };
    let repository = element.first(&["project.path_with_namespace"]);
    let words = [about.first(&["title"]), about.first(&["description"])];
    let id = ["merge_commit_sha", "squash_commit_sha", "last_commit.id"].iter().find_map(|k| sha(&about.first(&[k])?));
    let commit = Commit {
        sha: id.unwrap_or_default(),
        author: about.first(&["last_commit.author.name"]).or_else(|| element.first(&["user.username"])).unwrap_or_default(),
        email: about.first(&["last_commit.author.email"]),
        message: words.into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        service: repository.as_deref().and_then(repository_name),
        repository,
        files: Vec::new(),
    };
    out.add(element, about.stamp(&["merged_at", "updated_at"]), Body::Commit(commit));
}

/// A job that deploys to an environment, with the pipeline and the project that it belongs to.
fn deploy_job(place: El<'_>, job: El<'_>, hook: El<'_>, out: &mut Out) {
    let at: Option<Stamp> = job.stamp(&["started_at", "build_started_at"]);
    let state = job.first(&["status", "build_status"]).unwrap_or_default();
    let Some(phase) = phase(&state).filter(|_| at.is_some()) else {
        out.others += 1;
        return;
    };
    let name = job.first(&["name", "build_name"]).unwrap_or_default();
    let repository = hook.first(&["project.path_with_namespace", "project.name", "repository.name", "project_name"]);
    let deploy = Deploy {
        service: repository.as_deref().and_then(repository_name),
        version: hook.first(&["object_attributes.ref", "ref"]).map(|r| plain_ref(&r)),
        sha: hook.first(&["object_attributes.sha", "sha"]).and_then(|s| sha(&s)),
        // The element says both its beginning and, when it is over, its end.
        phase: if phase == ChangePhase::Finished { ChangePhase::Started } else { phase },
        finished: job.stamp(&["finished_at", "build_finished_at"]),
        rollback: is_rollback(&[&name]),
        environment: job.first(&["environment.name"]),
        actor: job.first(&["user.username"]).or_else(|| hook.first(&["user.username", "user.name"])),
        kind: "deploy".to_string(),
        text: name,
    };
    out.add(place, at, Body::Deploy(deploy));
}

fn released(element: El<'_>, out: &mut Out) {
    let words = [element.first(&["name"]), element.first(&["description"])];
    let deploy = Deploy {
        service: element.first(&["project.path_with_namespace"]).as_deref().and_then(repository_name),
        version: element.first(&["tag"]),
        sha: element.first(&["commit.id"]).and_then(|s| sha(&s)),
        phase: ChangePhase::Finished,
        finished: None,
        rollback: is_rollback(&[&element.word("name")]),
        environment: None,
        actor: element.first(&["commit.author.name"]),
        kind: "deploy".to_string(),
        text: words.into_iter().flatten().collect::<Vec<_>>().join("\n"),
    };
    out.add(element, element.stamp(&["released_at", "created_at"]), Body::Deploy(deploy));
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    const REPOSITORY: &str = r#""repository":{"id":1,"name":"cart","full_name":"shop/cart","created_at":"2020-01-01T00:00:00Z","default_branch":"main","deployments_url":"https://api.github.com/repos/shop/cart/deployments"},"sender":{"login":"ann"}"#;
    const PROJECT: &str =
        r#""project":{"id":1,"name":"Cart","path_with_namespace":"shop/cart","default_branch":"main"},"user":{"username":"ann"}"#;

    fn check(text: &str) -> Document {
        let document = read_whole("hook.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!(document.texts, [], "{text}");
        document
    }

    /// Service, version, phase, seconds since 2025-01-01.
    type Told<'a> = (Option<&'a str>, Option<&'a str>, ChangePhase, Option<i64>);

    fn deploys(document: &Document) -> Vec<Told<'_>> {
        let told = document.events.iter().map(|e| match &e.body {
            Body::Deploy(d) => {
                (d.service.as_deref(), d.version.as_deref(), d.phase, e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600))
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn commits(document: &Document) -> Vec<(&str, &str, &str, Option<i64>)> {
        let told = document.events.iter().map(|e| match &e.body {
            Body::Commit(c) => (
                c.sha.get(..7).unwrap_or_default(),
                c.author.as_str(),
                c.repository.as_deref().unwrap_or_default(),
                e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600),
            ),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    #[test]
    fn states_of_a_deployment_are_its_phases() {
        let hook = |state: &str, at: &str| {
            format!(
                r#"{{"action":"created","deployment_status":{{"id":2,"state":"{state}","environment":"production","created_at":"{at}","creator":{{"login":"ann"}}}},
                "deployment":{{"id":1,"sha":"0a1b2c3d4e5f","ref":"v7.1","task":"deploy","environment":"production","created_at":"2025-01-01T00:00:00Z","statuses_url":"u"}},{REPOSITORY}}}"#
            )
        };
        let text = format!(
            "[{},{},{}]",
            hook("queued", "2025-01-01T00:00:01Z"),
            hook("in_progress", "2025-01-01T00:00:05Z"),
            hook("failure", "2025-01-01T00:02:05Z")
        );
        let document = check(&text);
        let expected = [
            (Some("cart"), Some("v7.1"), ChangePhase::Started, Some(5)),
            (Some("cart"), Some("v7.1"), ChangePhase::Failed, Some(125)),
        ];
        assert_eq!((deploys(&document), document.records), (expected.to_vec(), 3));
    }

    #[test]
    fn a_run_counts_when_it_deploys() {
        let hook = |name: &str| {
            format!(
                r#"{{"action":"completed","workflow_run":{{"id":1,"name":"{name}","head_sha":"0a1b2c3d4e5f","head_branch":"main","run_started_at":"2025-01-01T00:00:05Z","updated_at":"2025-01-01T00:03:05Z","conclusion":"success","status":"completed"}},"workflow":{{"name":"{name}"}},{REPOSITORY}}}"#
            )
        };
        let document = check(&format!("[{},{}]", hook("Deploy to production"), hook("Unit tests")));
        assert_eq!((deploys(&document)[0].0, deploys(&document)[0].3, document.events.len()), (Some("cart"), Some(5), 1));
    }

    #[test]
    fn pushes_and_merged_requests_are_commits() {
        let push = format!(
            r#"{{"ref":"refs/heads/main","before":"0","after":"0a1b2c3d4e5f","pusher":{{"name":"ann"}},"commits":[{{"id":"0a1b2c3d4e5f","message":"smaller pool","timestamp":"2025-01-01T00:00:05Z","url":"https://github.com/shop/cart/commit/0a1b2c3d4e5f","author":{{"name":"Ann"}},"added":[],"removed":[],"modified":["a.yml"]}}],{REPOSITORY}}}"#
        );
        assert_eq!(commits(&check(&push)), [("0a1b2c3", "Ann", "shop/cart", Some(5))]);
        let request = |action: &str, merged: &str| {
            format!(
                r#"{{"action":"{action}","number":4,"pull_request":{{"number":4,"title":"Smaller pool","merged_at":{merged},"merge_commit_sha":"0a1b2c3d4e5f","user":{{"login":"bo"}},"html_url":"https://github.com/shop/cart/pull/4","base":{{"repo":{{"full_name":"shop/cart"}}}}}},{REPOSITORY}}}"#
            )
        };
        let document = check(&format!("[{},{}]", request("opened", "null"), request("closed", "\"2025-01-01T00:00:07Z\"")));
        assert_eq!((commits(&document), document.records), (vec![("0a1b2c3", "bo", "shop/cart", Some(7))], 2));
    }

    #[test]
    fn hooks_of_gitlab() {
        let pipeline = format!(
            r#"{{"object_kind":"pipeline","object_attributes":{{"id":3,"ref":"main","sha":"0a1b2c3d4e5f","status":"success","created_at":"2025-01-01 00:00:00 UTC"}},"builds":[{{"name":"unit","status":"success","started_at":"2025-01-01 00:00:01 UTC"}},
            {{"name":"deploy:prod","status":"success","started_at":"2025-01-01 00:00:05 UTC","finished_at":"2025-01-01 00:01:05 UTC","environment":{{"name":"production","action":"start"}}}}],{PROJECT}}}"#
        );
        let document = check(&pipeline);
        assert_eq!(deploys(&document), [(Some("cart"), Some("main"), ChangePhase::Started, Some(5))]);
        assert_eq!(document.events[0].place.line, 2);
        let merge = format!(
            r#"{{"object_kind":"merge_request","object_attributes":{{"iid":4,"title":"Smaller pool","action":"merge","state":"merged","merge_commit_sha":"0a1b2c3d4e5f","updated_at":"2025-01-01 00:00:07 UTC","last_commit":{{"author":{{"name":"Bo"}}}}}},{PROJECT}}}"#
        );
        assert_eq!(commits(&check(&merge)), [("0a1b2c3", "Bo", "shop/cart", Some(7))]);
        let tag = format!(
            r#"{{"object_kind":"tag_push","ref":"refs/tags/v7","checkout_sha":"0a1b2c3d4e5f","commits":[{{"id":"0a1b2c3d4e5f","message":"m","timestamp":"2025-01-01T00:00:09Z","url":"https://git.example.com/shop/cart/-/commit/0a1b2c3d4e5f","author":{{"name":"Cy"}}}}],{PROJECT}}}"#
        );
        assert_eq!(commits(&check(&tag)), [("0a1b2c3", "Cy", "shop/cart", Some(9))]);
        let release = format!(
            r#"{{"object_kind":"release","action":"create","tag":"v7","name":"7","description":"pool","released_at":"2025-01-01 00:00:11 UTC","commit":{{"id":"0a1b2c3d4e5f"}},{PROJECT}}}"#
        );
        assert_eq!(deploys(&check(&release)), [(Some("cart"), Some("v7"), ChangePhase::Finished, Some(11))]);
    }

    #[test]
    fn jobs_of_both_interfaces_count_when_they_deploy() {
        let gitlab = |name: &str, stage: &str| {
            format!(
                r#"{{"id":1,"name":"{name}","stage":"{stage}","status":"success","ref":"main","started_at":"2025-01-01T00:00:05Z","finished_at":"2025-01-01T00:01:05Z","commit":{{"id":"0a1b2c3d4e5f"}},"pipeline":{{"id":2}},"web_url":"https://git.example.com/shop/cart/-/jobs/1"}}"#
            )
        };
        let document = check(&format!("[{},{}]", gitlab("db:migrate production", "migrate"), gitlab("lint migrations", "check")));
        assert_eq!(deploys(&document), [(Some("cart"), None, ChangePhase::Started, Some(5))]);
        let document = check(&format!("[{},{}]", gitlab("unit", "test"), gitlab("prod", "deploy")));
        assert_eq!(deploys(&document), [(Some("cart"), Some("main"), ChangePhase::Started, Some(5))]);
        let github = |name: &str| {
            format!(
                r#"{{"id":1,"name":"{name}","head_sha":"0a1b2c3d4e5f","head_branch":"main","status":"completed","conclusion":"failure","started_at":"2025-01-01T00:00:05Z","completed_at":"2025-01-01T00:01:05Z","steps":[],"html_url":"https://github.com/shop/cart/actions/runs/7/job/1"}}"#
            )
        };
        let document = check(&format!(r#"{{"total_count":2,"jobs":[{},{}]}}"#, github("lint"), github("Deploy")));
        assert_eq!((deploys(&document), document.records), (vec![(Some("cart"), Some("main"), ChangePhase::Failed, Some(5))], 2));
    }

    #[test]
    fn a_project_alone_is_no_deployment() {
        let text = format!("{{{REPOSITORY},\n\"action\":\"starred\"}}");
        let document = read_whole("hook.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        assert_eq!((document.events.len(), document.texts.len()), (0, 1));
    }
}
