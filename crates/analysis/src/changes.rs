//! The changes that reached production before the failure, each with the commit behind it and with what undid it.
//!
//! What it sees: deployments, configuration syncs, commits, flags, and messages that name a commit or version going out.
//! Why it matters: the guilty change is among them, or none is. When it misleads: a commit that no deployment, sync or
//! message mentions stands at the time it was written, which is not when it took effect.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Commit, Deploy, Moment, RecordRef};

use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene};
use crate::window::Window;

pub mod flags;
mod migrated;
mod owned_up;
mod ranges;
mod rollouts;
mod runs;
mod scope;
pub mod settings;
mod started;
mod undone;

use rollouts::Rollout;
pub use rollouts::is_older;
pub use scope::scope;

/// Changes longer before the failure than this are not considered (slow leaks take hours, not days).
const LOOK_BACK_S: f64 = 36.0 * 3_600.0;
/// Unless somebody owns up to it.
const OWNED_LOOK_BACK_S: f64 = 30.0 * 86_400.0;
const OWNED_COMMIT_LOOK_BACK_S: f64 = 400.0 * 86_400.0;
const COMMIT_LOOK_BACK_S: f64 = 7.0 * 86_400.0;
/// Seconds that a change takes from its begin to its end, at most.
const PHASES_S: f64 = 3_600.0;

#[derive(Debug, Clone)]
pub struct Candidate {
    pub kind: ChangeKind,
    pub service: Option<String>,
    /// Version, flag name or short SHA, as written.
    pub reference: Option<String>,
    /// When it took effect.
    pub at: Moment,
    /// Index into `scene.commits`.
    pub commit: Option<usize>,
    pub places: Places,
    /// A record says when it took effect; otherwise it is only known when it was written.
    pub dated: bool,
    pub undone: Option<Undo>,
}

/// What took a change back.
#[derive(Debug, Clone)]
pub struct Undo {
    pub started: Moment,
    pub finished: Moment,
    /// A record says when it took effect; otherwise it is only known when it was written.
    pub dated: bool,
    pub words: String,
    pub places: Places,
}

impl Candidate {
    /// How a reader knows it: `v2.15.0`, `new-recs-carousel`, `0374ea4`.
    pub fn label(&self, scene: &Scene) -> String {
        let short = self.commit.map(|c| short_sha(&scene.commits[c].what.sha));
        self.reference.clone().or(short).unwrap_or_else(|| "a change".into())
    }
}

/// All candidates before the failure (and up to a minute into it), sorted by time, each with its undoing.
pub fn candidates(scene: &Scene, window: &Window) -> Vec<Candidate> {
    let rollouts = rollouts::of(scene);
    let mut found = from_rollouts(scene, window, &rollouts);
    found.extend(flags::of(scene, window));
    found.extend(from_messages(scene, window, &found));
    found.extend(started::candidates(scene, window, &found));
    found.extend(owned_up::candidates(scene, window, &found));
    let doubles = doubles(scene);
    told_once(&mut found, &doubles);
    runs::joined(scene, &mut found);
    let linked: Vec<usize> = found.iter().filter_map(|c| c.commit).collect();
    // What a later rollout took the place of ran without harm, and was what production may have gone back to.
    let is_past = |commit: &Commit| {
        let brings = |r: &&Rollout| r.sha.as_deref().is_some_and(|sha| same_sha(&commit.sha, sha));
        let later = |one: &Rollout, r: &Rollout| r.service == one.service && r.at > one.at && r.at < window.from;
        rollouts.iter().filter(brings).any(|one| rollouts.iter().any(|r| later(one, r)))
    };
    found.extend(from_commits(scene, window, |n| {
        linked.contains(&n) || doubles.contains_key(&n) || is_past(&scene.commits[n].what)
    }));
    for candidate in &mut found {
        migrated::date(scene, window, candidate);
        candidate.undone = undone::by(scene, window, &rollouts, candidate).or(candidate.undone.take());
    }
    found.sort_by_key(|c| (c.at, c.places.first(), c.commit));
    found
}

/// True when the input holds any history of changes at all.
pub fn has_history(scene: &Scene) -> bool {
    scene.chat.iter().any(|m| version_in(&m.what.message.text).is_some())
        || !scene.deploys.is_empty()
        || !scene.commits.is_empty()
        || !scene.flags.is_empty()
}

/// Commits that another export tells as well, and with more of its diff: those by which they are told.
fn doubles(scene: &Scene) -> BTreeMap<usize, usize> {
    let told = |n: &usize| scene.commits[*n].what.files.iter().map(|f| f.patch.len() + 1).sum::<usize>();
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, commit) in scene.commits.iter().enumerate().filter(|(_, c)| c.what.sha.len() >= 7) {
        alike.entry(short_sha(&commit.what.sha).to_lowercase()).or_default().push(n);
    }
    let mut doubles = BTreeMap::new();
    for all in alike.into_values().filter(|all| all.len() > 1) {
        let Some(best) = all.iter().copied().max_by_key(|n| (told(n), std::cmp::Reverse(*n))) else { continue };
        doubles.extend(all.into_iter().filter(|n| *n != best).map(|n| (n, best)));
    }
    doubles
}

/// Each commit of a rollout once, by the export that tells most of it.
fn told_once(found: &mut Vec<Candidate>, doubles: &BTreeMap<usize, usize>) {
    let mut seen = BTreeSet::new();
    found.retain_mut(|c| {
        c.commit = c.commit.map(|n| doubles.get(&n).copied().unwrap_or(n));
        c.commit.is_none() || seen.insert((c.service.clone(), c.reference.clone(), c.at, c.commit))
    });
}

fn from_rollouts(scene: &Scene, window: &Window, rollouts: &[Rollout]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for (index, rollout) in rollouts.iter().enumerate() {
        let age = window.from.since(rollout.at);
        // What fills up takes days, and who made the change remembers it.
        let is_remembered = || age <= OWNED_LOOK_BACK_S && owned_up::names(scene, window, rollout);
        if rollout.rollback || age < -90.0 || age > LOOK_BACK_S && !is_remembered() {
            continue;
        }
        let base = Candidate {
            kind: rollout.kind,
            service: rollout.service.clone(),
            reference: rollout.version.clone().or_else(|| rollout.sha.as_deref().map(short_sha)),
            at: rollout.at,
            commit: None,
            places: rollout.places.clone(),
            dated: true,
            undone: None,
        };
        let commits = commits_of(scene, rollouts, index);
        if commits.is_empty() {
            found.push(base);
            continue;
        }
        for commit in commits {
            let places = base.places.and(&Places::one(scene.commits[commit].place));
            let reference = base.reference.clone().or_else(|| Some(short_sha(&scene.commits[commit].what.sha)));
            // What somebody wrote down and had applied is a change of settings.
            let kind = if base.kind == ChangeKind::Infrastructure { ChangeKind::Config } else { base.kind };
            found.push(Candidate { commit: Some(commit), places, reference, kind, ..base.clone() });
        }
    }
    found
}

/// The service a deployment names, or the one whose name its object has.
fn deploy_service(scene: &Scene, deploy: &Deploy) -> Option<String> {
    deploy.service.as_deref().map(|s| scene.entities.name(s))
}

fn kind_of(word: &str) -> ChangeKind {
    match word {
        "config" => ChangeKind::Config,
        "migration" => ChangeKind::Migration,
        "infrastructure" | "job" => ChangeKind::Infrastructure,
        _ => ChangeKind::Deploy,
    }
}

/// The commits that a rollout brought: the one it names, and those of the same repository since the rollout before.
fn commits_of(scene: &Scene, rollouts: &[Rollout], index: usize) -> Vec<usize> {
    let rollout = &rollouts[index];
    let service = rollout.service.as_deref();
    let named = |c: &Commit| rollout.sha.as_deref().is_some_and(|sha| same_sha(&c.sha, sha));
    let since = rollouts[..index].iter().rev().find(|d| !d.rollback && d.service.as_deref() == service);
    let since = since.map_or(rollout.at.plus(-COMMIT_LOOK_BACK_S), |d| d.at);
    let elsewhere = |c: &Commit| rollouts.iter().any(|d| d.sha.as_deref().is_some_and(|sha| same_sha(&c.sha, sha)));
    let in_range = |c: &At<Commit>| {
        c.at <= rollout.at
            && c.at > since
            && !elsewhere(&c.what)
            && service.is_some()
            && commit_service(scene, c).as_deref() == service
    };
    let told = |c: &At<Commit>| ranges::is_of(scene.source_name(c.place.source), rollouts, rollout);
    let is_brought = |c: &At<Commit>| named(&c.what) || in_range(c) || told(c) && !elsewhere(&c.what);
    (0..scene.commits.len()).filter(|&i| is_brought(&scene.commits[i])).collect()
}

/// Where a commit works: a known service among the parts of its paths, else its repository, which may have lent its name to the
/// file that the commit stands in.
pub fn commit_service(scene: &Scene, at: &At<Commit>) -> Option<String> {
    let commit = &at.what;
    let repository = commit.service.as_deref().or(commit.repository.as_deref());
    let is_known = repository.is_some_and(|r| scene.entities.known(r).is_some());
    if let (false, Some(name)) = (is_known, named_by_file(scene, scene.source_name(at.place.source))) {
        return Some(name);
    }
    let own = repository.and_then(|r| scene.entities.known(r)).map(str::to_string);
    let log_names = || {
        let parts = commit.files.iter().flat_map(|f| f.path.split(['/', '.']));
        let telling = |p: &&str| p.len() >= 3 && !crate::entities::is_of_settings(p);
        parts.filter(telling).find_map(|part| scene.entities.known(part)).map(str::to_string)
    };
    let general = repository.is_none_or(crate::entities::may_hold_settings);
    // Of a repository that holds the settings of many, its own name tells nothing.
    let is_of_many = || repository.is_some() && general && is_config(commit);
    let component = || if is_of_many() { scope::scope(commit).or_else(|| scope::folder(commit)) } else { None };
    if general { log_names().or_else(component).or(own) } else { own.or_else(|| repository.map(|r| scene.entities.name(r))) }
}

/// `stock-api_2.0..2.1.patch` is of `stock-api`, where that is a service.
pub fn named_by_file(scene: &Scene, path: &str) -> Option<String> {
    let file = path.rsplit(['/', '!']).next().unwrap_or(path).to_lowercase();
    // `git-log_stock-api.txt`: what the tool printed of it.
    let of_tool = |file: &str| {
        ["git", "log", "gitlog", "commits"]
            .iter()
            .find_map(|word| Some(file.strip_prefix(word)?.strip_prefix(['-', '_', '.'])?.to_string()))
    };
    let file = std::iter::successors(Some(file), |file| of_tool(file)).last().unwrap_or_default();
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let begins = |name: &&str| file.strip_prefix(*name).is_some_and(ends);
    scene.entities.all().into_iter().filter(begins).max_by_key(|name| name.len()).map(str::to_string)
}

/// Releases that only the chat tells of: a message that names a service and a version and says that it went out.
fn from_messages(scene: &Scene, window: &Window, known: &[Candidate]) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for message in scene.chat.iter().filter(|m| (0.0..=LOOK_BACK_S).contains(&window.from.since(m.at))) {
        let text = &message.what.message.text;
        let lower = text.to_lowercase();
        let goes_out = GOES_OUT.iter().any(|w| lower.contains(w)) && !lower.contains("roll back") && !lower.contains("rollback");
        let (Some(version), true) = (version_in(text), goes_out) else { continue };
        let Some(service) = named_service(scene, text) else { continue };
        let same = |c: &Candidate| {
            c.service.as_ref() == Some(&service)
                && (c.reference.as_deref().is_some_and(|r| r.contains(version.trim_start_matches('v')))
                    || c.at.since(message.at).abs() < 900.0)
        };
        if known.iter().chain(&found).any(same) {
            continue;
        }
        let base = Candidate {
            kind: ChangeKind::Deploy,
            service: Some(service.clone()),
            reference: Some(version),
            at: message.at,
            commit: None,
            places: Places::one(message.place),
            dated: true,
            undone: None,
        };
        let commits = commits_before(scene, message.at, &service);
        if commits.is_empty() {
            found.push(base.clone());
        }
        for commit in commits {
            let places = base.places.and(&Places::one(scene.commits[commit].place));
            found.push(Candidate { commit: Some(commit), places, ..base.clone() });
        }
    }
    found
}

/// Commits of a service in the week before, unless a deployment record brought them already.
fn commits_before(scene: &Scene, at: Moment, service: &str) -> Vec<usize> {
    let brought = |c: &Commit| scene.deploys.iter().any(|d| d.what.sha.as_deref().is_some_and(|sha| same_sha(&c.sha, sha)));
    let fits = |c: &At<Commit>| {
        c.at <= at
            && at.since(c.at) <= COMMIT_LOOK_BACK_S
            && !brought(&c.what)
            && commit_service(scene, c).as_deref() == Some(service)
    };
    (0..scene.commits.len()).filter(|&i| fits(&scene.commits[i])).collect()
}

/// Words by which people and bots say that a version reaches production.
const GOES_OUT: &[&str] = &[
    "deploy",
    "going out",
    "went out",
    "is out",
    " out (",
    " out:",
    "shipped",
    "shipping",
    "released",
    "release ",
    "rolled out",
    "rolling out",
    "to prod",
    "> prod",
    "live",
    "synced to",
    "promoted",
];

/// `v2.15.0`, `3.8.0`: the first word of a text that reads like a version.
fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || ",;()\"'`:".contains(c)).map(|w| w.trim_end_matches(['.', '!', '?']));
    words.map(str::to_string).find(|w| {
        let plain = w.trim_start_matches('v');
        let parts: Vec<&str> = plain.split('.').collect();
        (2..=4).contains(&parts.len())
            && parts.iter().all(|p| !p.is_empty() && p.len() <= 6 && p.bytes().all(|b| b.is_ascii_digit()))
            && (parts.len() > 2 || w.starts_with('v'))
    })
}

/// The service that a text names, by its name or by the telling part of it.
fn named_service(scene: &Scene, text: &str) -> Option<String> {
    let whole = scene.entities.named_in(text).into_iter().next();
    whole.or_else(|| scene.entities.all().into_iter().find(|name| mentions(text, name)).map(str::to_string))
}

/// Commits that no deployment brought, known as `is_told`: a message that names them says when they went out, else their own time does.
fn from_commits(scene: &Scene, window: &Window, is_told: impl Fn(usize) -> bool) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, commit) in scene.commits.iter().enumerate() {
        let age = window.from.since(commit.at);
        // What waited for a day that comes once a year may be of the year before.
        let is_remembered = || (0.0..=OWNED_COMMIT_LOOK_BACK_S).contains(&age) && owned_up::names_commit(scene, window, commit);
        let is_near = (0.0..=COMMIT_LOOK_BACK_S).contains(&age);
        if is_told(index) || commit.at == Moment(0) || !is_near && !is_remembered() {
            continue;
        }
        let service = commit_service(scene, commit);
        let sync = exposure(scene, window, commit, service.as_deref());
        let (at, places, dated) = match &sync {
            Some((at, place)) => (*at, Places::new(*place, [commit.place]).and(&also_said(scene, window, commit, *place)), true),
            None => (commit.at, Places::one(commit.place), false),
        };
        found.push(Candidate {
            kind: if is_config(&commit.what) { ChangeKind::Config } else { ChangeKind::Commit },
            service,
            reference: Some(short_sha(&commit.what.sha)),
            at,
            commit: Some(index),
            places,
            dated,
            undone: None,
        });
    }
    found
}

/// Messages that name the commit, beside the record that dates it.
fn also_said(scene: &Scene, window: &Window, commit: &At<Commit>, known: RecordRef) -> Places {
    let short = commit.what.sha.get(..7).unwrap_or("-");
    let said = scene.chat.iter().find(|m| m.at >= commit.at && m.at <= window.from && m.what.message.text.contains(short));
    Places::new(known, said.map(|m| m.place))
}

/// A record that says when a commit reached production: a message or a configuration change that names it or, for
/// configuration, its object shortly after.
fn exposure(scene: &Scene, window: &Window, commit: &At<Commit>, service: Option<&str>) -> Option<(Moment, RecordRef)> {
    let short = commit.what.sha.get(..7)?;
    let in_time = |at: Moment| at >= commit.at && at <= window.from.plus(90.0);
    let said = scene.chat.iter().find(|m| in_time(m.at) && m.what.message.text.contains(short)).map(|m| (m.at, m.place));
    let logged = scene.logged(short).filter(|(at, _)| in_time(*at));
    let synced = synced(scene, commit).find(|(at, _)| in_time(*at));
    let first = said.into_iter().chain(logged).chain(synced).min();
    first.or_else(|| {
        let object = scene.deploys.iter().find(|d| {
            in_time(d.at) && d.what.kind == "config" && service.is_some() && deploy_service(scene, &d.what).as_deref() == service
        });
        object.map(|d| (d.at, d.place))
    })
}

/// Events of a cluster that name a commit from its own time on, as those of a tool that syncs it do.
fn synced<'s>(scene: &'s Scene, commit: &'s At<Commit>) -> impl Iterator<Item = (Moment, RecordRef)> {
    let short = commit.what.sha.get(..7);
    let names = move |message: &str| short.is_some_and(|short| message.contains(short));
    let events = scene.kube.iter().filter(move |e| !e.what.is_state && e.at >= commit.at && names(&e.what.message));
    events.map(|e| (e.at, e.place))
}

/// Only configuration files are touched, and texts for readers are none.
pub fn is_config(commit: &Commit) -> bool {
    let config = |path: &str| {
        let lower = path.to_lowercase();
        let lower = [".j2", ".tmpl", ".tpl", ".gotmpl", ".erb"].iter().find_map(|end| lower.strip_suffix(end)).unwrap_or(&lower);
        let is_setting = [".yaml", ".yml", ".toml", ".properties", ".conf", ".ini", ".env", ".tf", ".tfvars", ".cfg"]
            .iter()
            .any(|e| lower.ends_with(e))
            || (lower.ends_with(".json") && !lower.contains("package"))
            || lower.contains("corefile");
        is_setting && !lower.split('/').any(|part| TRANSLATIONS.contains(&part))
    };
    let named: Vec<&str> = commit.files.iter().map(|f| f.path.as_str()).filter(|p| !p.is_empty()).collect();
    !named.is_empty() && named.iter().all(|p| config(p))
}

/// A commit that takes a change back, so that it names the same things.
pub fn undoes(scene: &Scene, candidate: &Candidate, commit: &Commit) -> bool {
    candidate.commit.is_some_and(|own| is_revert_of(&commit.message, subject(&scene.commits[own].what)))
}

/// `Revert "subject"`.
/// The number of its pull request is put behind a title by the host, and is not always quoted with it.
pub fn is_revert_of(title: &str, subject: &str) -> bool {
    let plain = without_number(subject);
    plain.len() > 4 && title.to_lowercase().starts_with("revert") && title.contains(plain)
}

/// `pool: fewer (#907)` without its number.
fn without_number(subject: &str) -> &str {
    let number = subject.trim_end().strip_suffix(')').and_then(|s| s.rsplit_once(" ("));
    let is_number = |n: &str| n.strip_prefix(['#', '!']).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    number.filter(|(_, n)| is_number(n)).map_or(subject, |(plain, _)| plain)
}

/// It brings a change of the schema: by where its files stand, or by its name where they are not known.
pub fn is_migration(commit: &Commit) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let of_file = |path: &str| ["migrat", "alembic", "flyway", "liquibase", "changelog"].iter().any(|w| path.contains(w));
    let is_unread = commit.files.iter().all(|f| f.path.is_empty());
    let by_name = || lower(&commit.message).contains("migrat");
    commit.files.iter().any(|f| of_file(&lower(&f.path))) || is_unread && by_name()
}

/// Folders of texts in the languages of users.
const TRANSLATIONS: [&str; 6] = ["locales", "locale", "i18n", "l10n", "translations", "lang"];

/// The text names it: whole, or by its telling part (`inventory` for `inventory-service`).
pub fn mentions(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let name = name.to_lowercase();
    let plain = name.trim_start_matches('v');
    let stem = name.split(['-', '.']).next().unwrap_or("");
    crate::entities::word_at(&text, &name).is_some()
        || (plain.len() >= 3 && plain.contains('.') && text.contains(plain))
        || (stem.len() >= 4 && stands_alone(&text, stem))
}

/// The word stands there with nothing joined to it.
fn stands_alone(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').any(|w| w == word)
}

pub fn subject(commit: &Commit) -> &str {
    commit.message.lines().next().unwrap_or("").trim()
}

pub fn short_sha(sha: &str) -> String {
    sha.chars().take(7).collect()
}

fn same_sha(a: &str, b: &str) -> bool {
    let n = a.len().min(b.len());
    n >= 7 && a.is_char_boundary(n) && b.is_char_boundary(n) && a[..n].eq_ignore_ascii_case(&b[..n])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_name_a_version_or_the_telling_part_of_a_service() {
        assert!(mentions("rolled back to v5.1.7", "v5.1.7"));
        assert!(mentions("it is probably inventory 4.8.1", "inventory-service"));
        assert!(!mentions("the ledgerapp is fine", "ledger"));
    }

    #[test]
    fn a_revert_quotes_the_title_with_the_number_of_its_request_or_without() {
        let title = "pool: fewer connections (#907)";
        assert!(is_revert_of("Revert \"pool: fewer connections\" (#911)", title));
        assert!(is_revert_of("Revert \"pool: fewer connections (#907)\" (#911)", title));
        assert!(
            !is_revert_of("Revert \"pool: more connections\" (#911)", title) && !is_revert_of("pool: fewer connections", title)
        );
    }

    #[test]
    fn a_version_in_a_message_is_found() {
        assert_eq!(version_in("profile-service 3.8.0 -> production by tom"), Some("3.8.0".into()));
        assert_eq!(version_in("shipped v12.4, have a look"), Some("v12.4".into()));
        assert_eq!(version_in("p95 is 1.5 s, 10.0.0 looks odd at 14:05."), Some("10.0.0".into()));
        assert_eq!(version_in("up 3.5 percent"), None);
    }

    #[test]
    fn configuration_is_told_from_code_by_its_files() {
        let commit = |path: &str| Commit {
            files: vec![evidence::FileDiff { path: path.into(), patch: String::new() }],
            ..Commit::default()
        };
        assert!(is_config(&commit("apps/order-service/configmap.yaml")));
        assert!(!is_config(&commit("src/pool.rs")));
        assert!(!is_config(&commit("config/locales/it.yml")));
    }
}
