//! What a build server prints of one run: Jenkins, GitLab and GitHub. The commands by which it deploys are changes; all else stays
//! text.
//!
//! It must never take a checkout, a build or a test for a change, nor a dry run. What breaks it: a script that deploys and
//! whose name does not say so.

use std::sync::LazyLock;

use evidence::{Body, ChangePhase, Deploy, Event, Stamp};
use expressions::Expression;

use super::changes::{sha, version_in};
use super::page::Page;
use super::{Document, when};

/// The colour in which a runner of GitHub shows the script that it runs.
const SHOWN: &str = "\u{1b}[36;1m";
const ENVIRONMENTS: [&str; 10] = ["prod", "production", "live", "staging", "stage", "preprod", "test", "dev", "qa", "canary"];

/// Reads such output; `None` when the text is none.
pub fn read(page: &Page<'_>) -> Option<Document> {
    if !is_likely(page) {
        return None;
    }
    let mut document = Document { format: "build_console".into(), ..Document::default() };
    // Who saves several runs puts one below the other.
    let starts: Vec<usize> = (0..page.len()).filter(|i| *i == 0 || begins_run(page, *i)).collect();
    let ends = starts.iter().skip(1).copied().chain([page.len()]);
    let runs: Vec<Run> = starts.iter().zip(ends).map(|(from, to)| Run::of(page, *from, to)).collect();
    let mut at: Option<Stamp> = None;
    let mut applied: Option<String> = None;
    let is_shown = |index: usize| page.line(index).contains(SHOWN);
    for index in 0..page.len() {
        let line = plain(&page.line(index));
        let (stamp, words) = timed(&line);
        at = stamp.or(at);
        let step = words.strip_prefix("##[group]Run ").filter(|_| !is_shown(index + 1));
        let told = if is_shown(index) { Some(words.trim()) } else { step };
        let change = match command(words).or(told.filter(|command| !is_dry(command))) {
            Some(command) => {
                applied = Some(command.to_string()).filter(|c| is_apply(c));
                deployed(command)
            }
            None => {
                let is_first = document.events.is_empty();
                applied
                    .as_deref()
                    .and_then(|command| configured(words, command))
                    .or_else(|| delivered(words).filter(|_| is_first))
            }
        };
        match change {
            Some(change) => {
                let run = starts.partition_point(|start| *start <= index).saturating_sub(1);
                let body = Body::Deploy(runs[run].fill(change));
                document.events.push(Event { place: page.place(index, index), stamp: stamp.or(at), body });
            }
            None => document.texts.extend(page.record(index)),
        }
    }
    document.records = (document.events.len() + document.texts.len()) as u64;
    // The log of a run of GitHub that changes nothing is read better as one.
    let is_plain = document.events.is_empty() && (0..page.len().min(5)).any(|i| is_github(&page.line(i)));
    (!is_plain).then_some(document)
}

fn is_github(line: &str) -> bool {
    line.contains("##[group]") || line.contains("Current runner version: ")
}

/// What the first line of a run says.
const BEGINS: [&str; 6] = [
    "Started by user ",
    "Started by an SCM change",
    "Started by timer",
    "Started by upstream project",
    "Running with gitlab-runner",
    "Current runner version: ",
];

fn begins_run(page: &Page<'_>, index: usize) -> bool {
    let line = plain(&page.line(index));
    BEGINS.iter().any(|start| timed(&line).1.starts_with(start))
}

/// Whether the first lines are those of a run.
pub fn is_likely(page: &Page<'_>) -> bool {
    (0..page.len().min(5)).any(|i| begins_run(page, i) || timed(&plain(&page.line(i))).1.starts_with("##[group]Run "))
}

/// What the whole run tells of each of its changes.
#[derive(Default)]
struct Run {
    who: Option<String>,
    commit: Option<String>,
    failed: bool,
    ended: Option<Stamp>,
}

impl Run {
    fn of(page: &Page<'_>, from: usize, to: usize) -> Run {
        let mut run = Run::default();
        for index in from..to {
            let line = plain(&page.line(index));
            let (stamp, words) = timed(&line);
            run.ended = stamp.or(run.ended);
            if let Some(who) = words.strip_prefix("Started by user ") {
                run.who = Some(who.trim().to_string());
            }
            if let Some(rest) = ["Checking out Revision ", "Checking out "].iter().find_map(|start| words.strip_prefix(start)) {
                let named = rest.split_once(", revision ").map_or(rest, |(_, revision)| revision);
                run.commit = named.split_whitespace().next().and_then(sha).or(run.commit);
            }
            let fails = ["Finished: FAILURE", "Finished: ABORTED", "ERROR: Job failed", "##[error]Process completed with"];
            run.failed |= fails.iter().any(|end| words.starts_with(end));
        }
        run
    }

    fn fill(&self, deploy: Deploy) -> Deploy {
        Deploy {
            actor: self.who.clone(),
            sha: deploy.sha.or_else(|| self.commit.clone()),
            phase: if self.failed { ChangePhase::Failed } else { ChangePhase::Started },
            finished: self.ended,
            ..deploy
        }
    }
}

/// A line without colours and without what moves the cursor.
fn plain(line: &str) -> String {
    static CODES: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new("\u{1b}\\[[0-9;]*[A-Za-z]|\r").ok());
    CODES.as_ref().map_or_else(|| line.to_string(), |codes| codes.replace_all(line, "").into_owned())
}

/// The time in front of a line, or that of the last section of GitLab's that it begins or ends, and the words.
fn timed(line: &str) -> (Option<Stamp>, &str) {
    static SECTION: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"^section_(?:start|end):(\d{9,11}):\w+(?:\[[^\]]*\])?").ok());
    let (mut stamp, mut rest) = (None, line);
    while let Some(found) = SECTION.as_ref().and_then(|section| section.captures(rest)) {
        stamp = when::epoch(&found[1]);
        rest = &rest[found[0].len()..];
    }
    if let Some((time, words)) = rest.strip_prefix('[').and_then(|inner| inner.split_once("] "))
        && let Some(at) = when::read(time)
    {
        return (Some(at), words);
    }
    let front = rest.split_once(' ').and_then(|(time, words)| Some((when::read(time).filter(|_| time.len() > 18)?, words)));
    front.map_or((stamp, rest), |(at, words)| (Some(at), words))
}

/// `+ helm upgrade …`, `$ kubectl apply …`: what the shell was told.
fn command(words: &str) -> Option<&str> {
    let command = ["+ ", "$ "].iter().find_map(|mark| words.trim_start().strip_prefix(mark))?.trim();
    (!is_dry(command)).then_some(command)
}

fn is_dry(command: &str) -> bool {
    ["--dry-run", "--diff", " diff ", "--check"].iter().any(|flag| command.contains(flag))
}

/// The change that a command makes which somebody typed.
pub fn change_by(command: &str) -> Option<Deploy> {
    let command = command.trim().trim_start_matches("sudo ");
    if is_dry(command) { None } else { deployed(command) }
}

/// The change that a command makes.
fn deployed(command: &str) -> Option<Deploy> {
    let all: Vec<&str> = command.split_whitespace().collect();
    let plain: Vec<&str> = without_options(&all);
    let change = |service: Option<&str>, version: Option<String>, rollback: bool| Deploy {
        service: service.map(|s| s.rsplit('/').next().unwrap_or(s).to_string()),
        version,
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback,
        environment: plain.iter().find(|w| ENVIRONMENTS.contains(w)).map(|w| w.to_string()),
        actor: None,
        kind: "deploy".into(),
        text: command.to_string(),
    };
    let tag = || {
        let set = all.iter().filter_map(|w| w.split_once('=')).find(|(key, _)| key.to_lowercase().ends_with("tag"));
        set.map(|(_, tag)| tag.trim_matches(['"', '\'']).to_string()).or_else(|| version_in(command))
    };
    match *plain.as_slice() {
        ["helm", "upgrade" | "install", name, ..] => Some(change(Some(name), tag(), false)),
        ["helm", "rollback", name, ..] => Some(change(Some(name), None, true)),
        ["kubectl", "set", "image", object, image, ..] => {
            let version = image.rsplit_once(':').map(|(_, tag)| tag.to_string());
            Some(change(Some(object), version, false))
        }
        ["kubectl", "rollout", "undo", object, ..] => Some(change(Some(object), None, true)),
        ["kubectl", "rollout", "restart", object, ..] => {
            Some(Deploy { kind: "restart".into(), ..change(Some(object), None, false) })
        }
        ["ansible-playbook", ..] => by_playbook(&all).map(|(service, rollback)| {
            let set = all.iter().filter_map(|w| w.split_once('=')).find(|(key, _)| key.to_lowercase().ends_with("version"));
            let version = set.map(|(_, version)| version.trim_matches(['"', '\'']).to_string());
            change(service, version.or_else(tag), rollback)
        }),
        ["cap", _, task, ..] if task.starts_with("deploy") => Some(change(None, version_in(command), task.contains("rollback"))),
        [script, ..] => {
            let name = script.rsplit('/').next().unwrap_or(script).to_lowercase();
            let stem = name.split('.').next().unwrap_or(&name);
            let is_back = stem.contains("rollback");
            let is_deploy = (script.contains('/') || name.ends_with(".sh"))
                && (stem.contains("deploy") || stem.contains("release") || is_back);
            let is_name = |w: &&&str| !ENVIRONMENTS.contains(*w) && version_in(w).is_none() && w.contains(char::is_alphabetic);
            let version = version_in(command);
            is_deploy.then(|| change(plain[1..].iter().find(is_name).copied(), version, is_back))
        }
        [] => None,
    }
}

/// `ansible-playbook deploy.yml -e version=2.31.0 -l cart`: the service that a playbook delivers, and whether it goes back.
fn by_playbook<'a>(words: &[&'a str]) -> Option<(Option<&'a str>, bool)> {
    let book: &'a str = words.iter().find(|w| w.ends_with(".yml") || w.ends_with(".yaml"))?;
    let stem = book.rsplit('/').next()?.split('.').next()?;
    let is_back = stem.contains("rollback");
    if !is_back && !["deploy", "release", "rollout"].iter().any(|word| stem.contains(word)) {
        return None;
    }
    let behind = |names: &[&str]| words.windows(2).find(|pair| names.contains(&pair[0])).map(|pair| pair[1]);
    let set =
        |names: &[&str]| words.iter().filter_map(|w| w.split_once('=')).find(|(key, _)| names.contains(key)).map(|(_, v)| v);
    let named = set(&["service", "app", "component", "project", "name"]).or_else(|| set(&["--limit"]));
    let limit = behind(&["-l", "--limit"]).filter(|hosts| !ENVIRONMENTS.contains(hosts));
    let of_book = || stem.split(['-', '_']).find(|w| !["deploy", "release", "rollout", "rollback", "site"].contains(w));
    Some((named.or(limit).or_else(of_book).map(|name| name.trim_matches(['"', '\''])), is_back))
}

/// The words of a command without its options and what these take.
fn without_options<'a>(words: &[&'a str]) -> Vec<&'a str> {
    const ALONE: [&str; 10] = [
        "--install",
        "--wait",
        "--atomic",
        "-i",
        "--force",
        "--debug",
        "--create-namespace",
        "--record",
        "--cleanup-on-fail",
        "--reuse-values",
    ];
    let mut plain = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            plain.push(*word);
        } else if !word.contains('=') && !ALONE.contains(word) {
            words.next_if(|next| !next.starts_with('-'));
        }
    }
    plain
}

fn is_apply(command: &str) -> bool {
    command.starts_with("kubectl ") && command.split_whitespace().any(|word| word == "apply" || word == "replace")
}

/// `cart 2.4 deployed to web-1`: what a script says that it did, where no command tells it. What goes to a store of packages
/// reached no user.
fn delivered(words: &str) -> Option<Deploy> {
    static DELIVERED: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let done = "(?:was )?(?:successfully )?(?:deployed|released|rolled out|installed)";
        Expression::new(&format!(
            r"^(?<name>[A-Za-z][\w.-]*) (?<version>v?\d+(?:\.\d+)+[\w.+-]*) {done} (?:to|on) (?<target>[\w.-]+)$"
        ))
        .ok()
    });
    let found = DELIVERED.as_ref()?.captures(words.trim())?;
    let target = found["target"].to_lowercase();
    let is_store =
        ["nexus", "artifactory", "registry", "repo", "pypi", "npm", "maven", "s3", "bucket"].iter().any(|s| target.contains(s));
    (!is_store).then(|| Deploy {
        service: Some(found["name"].to_string()),
        version: Some(found["version"].to_string()),
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: "deploy".into(),
        text: words.trim().to_string(),
    })
}

/// `deployment.apps/cart configured`: what an apply changed of a workload or of its settings.
fn configured(words: &str, command: &str) -> Option<Deploy> {
    let (object, state) = words.trim().split_once(' ')?;
    let (kind, name) = object.split_once('/')?;
    let kind = kind.split('.').next()?;
    let is_workload = ["deployment", "statefulset", "daemonset", "cronjob", "rollout"].contains(&kind);
    let is_setting = ["configmap", "secret", "ingress", "service", "horizontalpodautoscaler", "networkpolicy"].contains(&kind);
    (matches!(state, "configured" | "created") && (is_workload || is_setting)).then(|| Deploy {
        service: Some(name.to_string()),
        version: None,
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback: false,
        environment: None,
        actor: None,
        kind: if is_workload { "deploy" } else { "config" }.into(),
        text: format!("{command}: {kind} {name} {state}"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{read_whole, sniff};
    use super::*;
    use evidence::SourceId;

    /// Service, version, who, rollback, seconds since the beginning of 2025, line.
    type Told = (Option<String>, Option<String>, Option<String>, bool, Option<i64>, u64);

    fn check(text: &str) -> Vec<Told> {
        assert!(sniff("console.txt", text.as_bytes(), true));
        let document = read_whole("console.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("output");
        let told = document.events.into_iter().map(|e| match e.body {
            Body::Deploy(d) => {
                (d.service, d.version, d.actor, d.rollback, e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600), e.place.line)
            }
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn told(service: &str, version: Option<&str>, who: Option<&str>, rollback: bool, at: i64, line: u64) -> Told {
        (Some(service.into()), version.map(str::to_string), who.map(str::to_string), rollback, Some(at), line)
    }

    #[test]
    fn the_command_of_a_run_is_the_change() {
        let run = |commands: &str| {
            format!(
                "Started by user Ann Lee\n[2025-01-01T00:00:01Z] Checking out Revision 0a1b2c3d4 (refs/tags/3.8.0)\n[2025-01-01T00:00:02Z] + phpunit --testsuite unit\n{commands}Finished: SUCCESS\n"
            )
        };
        let ann = Some("Ann Lee");
        let text =
            run("[2025-01-01T00:00:05Z] + ./deploy.sh prod cart 3.8.0\n[2025-01-01T00:00:09Z] cart 3.8.0 live on 4/4 hosts\n");
        assert_eq!(check(&text), [told("cart", Some("3.8.0"), ann, false, 5, 4)]);
        let text =
            run("[2025-01-01T00:00:05Z] + helm upgrade --install cart charts/cart -n shop --set image.tag=v3.18.0 --wait\n");
        assert_eq!(check(&text), [told("cart", Some("v3.18.0"), ann, false, 5, 4)]);
        let text = run("[2025-01-01T00:00:05Z] + msdeploy -verb:sync\n[2025-01-01T00:00:09Z] cart 3.8 deployed to web-1\n");
        assert_eq!(check(&text), [told("cart", Some("3.8"), ann, false, 9, 5)]);
        assert_eq!(check(&run("[2025-01-01T00:00:09Z] cart 3.8.0 deployed to nexus\n")), []);
        let text = run(
            "[2025-01-01T00:00:05Z] + kubectl rollout undo -n shop deployment/cart\n[2025-01-01T00:00:07Z] + helm upgrade cart c --dry-run\n",
        );
        assert_eq!(check(&text), [told("cart", None, ann, true, 5, 4)]);
    }

    #[test]
    fn a_playbook_delivers_what_it_is_limited_to_and_each_run_has_its_own_starter() {
        let run = |who: &str, at: u64, version: &str| {
            format!(
                "===== cart-deploy =====\nStarted by user {who}\n[2025-01-01T00:00:0{at}Z] + ansible-playbook deploy.yml -e version={version} -l cart\nFinished: SUCCESS\n"
            )
        };
        let text = run("Ann Lee", 5, "2.31.0") + &run("Bo Ray", 9, "2.30.4");
        let (ann, bo) = (Some("Ann Lee"), Some("Bo Ray"));
        assert_eq!(check(&text), [told("cart", Some("2.31.0"), ann, false, 5, 3), told("cart", Some("2.30.4"), bo, false, 9, 7)]);
        let of = |command: &str| deployed(command).map(|d| (d.service, d.rollback));
        assert_eq!(of("ansible-playbook rollback-cart.yml -e tag=2.1"), Some((Some("cart".into()), true)));
        assert_eq!(of("ansible-playbook patch.yml -l cart"), None);
    }

    #[test]
    fn what_an_apply_configured_at_the_time_of_its_section() {
        let text = "\u{1b}[0KRunning with gitlab-runner 17.3.1 (66269445)\u{1b}[0;m\nsection_start:1735689605:step_script\r\u{1b}[0KExecuting \"step_script\"\n$ kubectl apply -k overlays/prod\nconfigmap/cart-env configured\ndeployment.apps/cart configured\ndeployment.apps/mail unchanged\nsection_end:1735689615:step_script\r\u{1b}[0KJob succeeded\n";
        assert_eq!(check(text), [told("cart-env", None, None, false, 5, 4), told("cart", None, None, false, 5, 5)]);
    }

    #[test]
    fn the_script_of_a_step_of_github_is_shown_in_a_colour() {
        let at = "2025-01-01T00:00:05.1234567Z";
        let text = format!(
            "{at} ##[group]Run kubectl config use-context prod\n{at} \u{1b}[36;1mkubectl config use-context prod\u{1b}[0m\n{at} \u{1b}[36;1mkubectl set image deployment/cart cart=shop/cart:2.4.1\u{1b}[0m\n{at} ##[endgroup]\n{at} deployment.apps/cart image updated\n"
        );
        let document = super::super::read_whole("3_deploy.txt", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes());
        let document = document.expect("a run");
        let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
        assert_eq!((deploy.service.as_deref(), deploy.version.as_deref()), (Some("cart"), Some("2.4.1")));
        assert_eq!((document.events.len(), document.events[0].place.line, document.texts.len()), (1, 3, 4));
        let tests = format!("{at} ##[group]Run cargo test\n{at} ok\n");
        assert!(super::super::read_whole("2_test.txt", evidence::SourceId { input: 0, entry: 0 }, tests.as_bytes()).is_none());
    }
}
