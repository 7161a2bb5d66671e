//! One rollout, told by several tools, is one change: what the pipeline, the cluster, the host of the repository and the
//! audit trail say of it within minutes is put together.
//!
//! What it sees: the deployments of a scene, with a service, a version, a SHA, a begin and an end, of which each tool knows
//! some. Why it matters: tellings of one change must not stand as rivals of each other. When it misleads: two releases of
//! one service within minutes, of which one tool names neither.

use evidence::{ChangePhase, Deploy, Moment};

use super::{Candidate, PHASES_S, kind_of, same_sha};
use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene};

/// Seconds between the end of one telling and the begin of the next one of the same rollout, at most.
const APART_S: f64 = 300.0;
/// Seconds after its end in which an unnamed telling is of a named rollout, whichever way that went.
const DURING_S: f64 = 60.0;
/// Seconds in which a package reaches all machines, one by one.
const FLEET_S: f64 = 12.0 * 3_600.0;
/// Places that are kept of one rollout.
const SHOWN: usize = 6;

#[derive(Debug, Clone)]
pub struct Rollout {
    pub kind: ChangeKind,
    pub service: Option<String>,
    pub version: Option<String>,
    pub sha: Option<String>,
    /// When it took effect, by who knows it best, and when the last one was done.
    pub at: Moment,
    pub until: Moment,
    /// The first telling of it.
    begun: Moment,
    /// Who told when it took effect also knew its version.
    named: bool,
    /// Nobody told its end yet.
    open: bool,
    /// Into an environment that users do not see.
    rehearsal: bool,
    pub rollback: bool,
    pub places: Places,
}

/// All rollouts that did not fail, by the time at which they were first told.
pub fn of(scene: &Scene) -> Vec<Rollout> {
    // A run of a job that is started or stopped changes nothing.
    let deploys = || scene.deploys.iter().filter(|d| d.what.phase != ChangePhase::Failed && d.what.kind != "job");
    let told: Vec<Rollout> = deploys().map(|d| telling(scene, d)).collect();
    let mut all: Vec<Rollout> = Vec::new();
    for (one, deploy) in told.iter().zip(deploys()) {
        let ends = |known: &Rollout| known.open && deploy.what.phase == ChangePhase::Finished && known.is_like(one);
        let same = |known: &&mut Rollout| {
            let apart = one.begun.since(known.until);
            ends(known) && apart <= PHASES_S
                || apart <= within(known, one) && is_one_kind(known, one, &deploy.what) && is_same(&told, known, one)
        };
        match all.iter_mut().rev().find(same) {
            Some(known) => known.join(one),
            None => all.push(one.clone()),
        }
    }
    all
}

/// Machines are brought to the same version one after the other.
fn within(known: &Rollout, one: &Rollout) -> f64 {
    let is_of_machines = known.kind == ChangeKind::Infrastructure && known.service.is_none() && one.service.is_none();
    if is_of_machines && known.version.is_some() && known.version == one.version { FLEET_S } else { APART_S }
}

fn telling(scene: &Scene, deploy: &At<Deploy>) -> Rollout {
    let what = &deploy.what;
    let (version, sha) = reference(what.version.as_deref(), what.sha.as_deref());
    let finished = what.finished.and_then(|s| scene.clock(deploy.place.source).moment(s));
    let service = what.service.as_deref().map(|s| scene.entities.name(s)).filter(|name| !is_a_job(name));
    Rollout {
        kind: kind_of(&what.kind),
        service,
        named: version.is_some(),
        version,
        sha,
        at: deploy.at,
        until: finished.map_or(deploy.at, |at| at.max(deploy.at)),
        begun: deploy.at,
        open: what.phase == ChangePhase::Started && what.finished.is_none(),
        rehearsal: what.environment.as_deref().is_some_and(is_rehearsal),
        rollback: what.rollback,
        places: Places::one(deploy.place),
    }
}

/// Version and SHA, whichever of the two fields they stand in: `9f3c2ab`, `main (9f3c2ab)`, `7.2.0 (43d254c)`.
fn reference(version: Option<&str>, sha: Option<&str>) -> (Option<String>, Option<String>) {
    let sha = sha.map(str::to_string);
    let Some(version) = version.map(str::trim).filter(|v| !v.is_empty()) else { return (None, sha) };
    if is_sha(version) {
        return (None, sha.or_else(|| Some(version.to_lowercase())));
    }
    let both = version.strip_suffix(')').and_then(|v| v.split_once(" (")).filter(|(_, within)| is_sha(within));
    let Some((name, within)) = both else { return (Some(version.to_string()), sha) };
    let name = Some(name.to_string()).filter(|n| n.contains(|c: char| c.is_ascii_digit()));
    (name, sha.or_else(|| Some(within.to_lowercase())))
}

fn is_rehearsal(environment: &str) -> bool {
    const STAGES: [&str; 8] = ["staging", "stage", "dev", "development", "test", "qa", "preview", "sandbox"];
    environment.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| STAGES.contains(&word))
}

fn is_sha(text: &str) -> bool {
    (7..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// The name of a step of a pipeline, not of what it deploys.
fn is_a_job(name: &str) -> bool {
    const STEPS: [&str; 12] =
        ["deploy", "rollback", "release", "build", "test", "ci", "cd", "pipeline", "production", "prod", "promote", "job"];
    name.split(['-', '_', ' ']).all(|word| STEPS.contains(&word))
}

/// Nothing that the two say of it differs, and they have a service or a name in common.
fn is_same(told: &[Rollout], one: &Rollout, other: &Rollout) -> bool {
    let services = match (&one.service, &other.service) {
        (Some(a), Some(b)) => Some(a == b),
        _ => None,
    };
    let versions = one.version.as_deref().zip(other.version.as_deref()).map(|(a, b)| plain(a) == plain(b));
    let shas = one.sha.as_deref().zip(other.sha.as_deref()).map(|(a, b)| same_sha(a, b));
    let named = match (versions, shas) {
        (None, None) => known_pair(told, one, other),
        // Some tools know the commit of the application and others that of the configuration which brings it.
        (Some(true), _) | (None, Some(true)) => Some(true),
        _ => Some(false),
    };
    if one.rehearsal != other.rehearsal {
        return false;
    }
    match (services, named) {
        (Some(false), _) | (_, Some(false)) => false,
        (_, Some(true)) => true,
        // A deployment and what takes it back may follow each other, as may changes of settings.
        (Some(true), None) => {
            let during = other.begun.since(one.until) <= DURING_S && (one.version.is_some() || one.sha.is_some());
            // The audit of a platform tells what a tool applied there, without its name.
            let is_audit = during && one.kind == ChangeKind::Infrastructure && other.kind == one.kind && !other.named;
            is_audit || (during || one.rollback == other.rollback) && one.kind == ChangeKind::Deploy
        }
        (None, None) => false,
    }
}

/// One tells a version and the other a SHA: what a third telling says of the two.
fn known_pair(told: &[Rollout], one: &Rollout, other: &Rollout) -> Option<bool> {
    let (version, sha) = one.version.as_deref().zip(other.sha.as_deref()).or(other.version.as_deref().zip(one.sha.as_deref()))?;
    let both = told.iter().filter_map(|t| t.version.as_deref().zip(t.sha.as_deref()));
    let mut of_sha = both.filter(|(_, s)| same_sha(s, sha)).map(|(v, _)| plain(v) == plain(version)).peekable();
    of_sha.peek()?;
    Some(of_sha.any(|same| same))
}

/// `v2.9.1` runs before `2.10.0`, `v41` before `v42` and `cart-00012-abc` before `cart-00013-xyz`; what is no row of numbers has no
/// order.
pub fn is_older(version: &str, than: &str) -> bool {
    if let Some(((own, number), (other, later))) = revision(version).zip(revision(than)) {
        return own == other && number < later;
    }
    let numbers =
        |text: &str| text.trim_start_matches(['v', 'V']).split('.').map(|n| n.parse().ok()).collect::<Option<Vec<u64>>>();
    let is_counted = [version, than].iter().all(|name| name.starts_with(['v', 'V']));
    match (numbers(version), numbers(than)) {
        (Some(one), Some(other)) => (one.len() > 1 || is_counted) && one.len() == other.len() && one < other,
        _ => false,
    }
}

/// The service and the number of a revision, which platforms count and end in a random mark: `cart-00012-abc`.
pub fn revision(name: &str) -> Option<(&str, u64)> {
    let (counted, _) = name.rsplit_once('-')?;
    let (service, number) = counted.rsplit_once('-')?;
    let is_number = number.len() == 5 && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| number.parse().ok()).flatten().map(|number| (service, number))
}

fn plain(version: &str) -> String {
    version.trim_start_matches(['v', 'V']).to_lowercase()
}

/// Changes of one kind, or a call by which a platform is told to roll out.
fn is_one_kind(known: &Rollout, one: &Rollout, what: &Deploy) -> bool {
    let rolls_out = |what: &Deploy| CALLS.iter().any(|call| what.text.contains(call));
    known.kind == one.kind || known.kind == ChangeKind::Deploy && one.kind == ChangeKind::Infrastructure && rolls_out(what)
}

/// What the calls are called in audit trails by which platforms are told to run another version.
const CALLS: [&str; 10] = [
    "UpdateService",
    "ReplaceService",
    "RegisterTaskDefinition",
    "UpdateFunctionCode",
    "CreateDeployment",
    "slotsswap",
    "CreateRevision",
    "deployments.patch",
    "deployments.update",
    "set image",
];

impl Rollout {
    /// As far as it is named it is the same, word by word.
    fn is_like(&self, other: &Rollout) -> bool {
        self.service.is_some()
            && (self.kind, &self.service, &self.version) == (other.kind, &other.service, &other.version)
            && (self.sha.is_none() || other.sha.is_none() || self.sha == other.sha)
    }

    fn join(&mut self, other: &Rollout) {
        let better = other.named && !self.named;
        if better {
            self.at = other.at;
            self.named = true;
        }
        self.places = if better { other.places.and(&self.places) } else { self.places.and(&other.places) }.few(SHOWN);
        self.until = self.until.max(other.until);
        self.service = self.service.take().or_else(|| other.service.clone());
        self.version = self.version.take().or_else(|| other.version.clone());
        self.sha = self.sha.take().or_else(|| other.sha.clone());
        self.rollback |= other.rollback;
        self.open &= other.open;
    }
}

/// It goes back to the candidate, or to what came after it: it takes back what came after that, and not that.
pub fn goes_back_to(rollouts: &[Rollout], back: &Rollout, candidate: &Candidate) -> bool {
    let plain = |version: &str| version.trim_start_matches('v').to_string();
    let is_own = |version: &Option<String>| {
        version.as_deref().zip(candidate.reference.as_deref()).is_some_and(|(a, b)| plain(a) == plain(b))
    };
    let came_between = |r: &Rollout| r.at > candidate.at && r.at < back.at && r.service == back.service && !is_own(&r.version);
    let is_it = |r: &&Rollout| {
        let versions = r.version.as_deref().zip(back.version.as_deref());
        r.service == back.service && r.at < back.at && versions.is_some_and(|(a, b)| plain(a) == plain(b))
    };
    // What is gone back to ran for the first time after the candidate, which ran on with it.
    let ran_first = rollouts.iter().filter(is_it).min_by_key(|r| r.at);
    let stays = ran_first.is_some_and(|r| r.at > candidate.at && r.service == candidate.service);
    is_own(&back.version) && rollouts.iter().any(came_between) || !is_own(&back.version) && stays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_takes_back_what_came_after_the_version_that_it_goes_back_to() {
        let at = |seconds, rollout: Rollout| Rollout { at: Moment::from_seconds(seconds), ..rollout };
        let all = [at(10, rollout("stock", "2.1.0", "")), at(20, rollout("stock", "2.2.0", ""))];
        let back = at(30, rollout("stock", "v2.1.0", ""));
        let candidate = |reference: &str, seconds| Candidate {
            kind: ChangeKind::Deploy,
            service: Some("stock".into()),
            reference: Some(reference.into()),
            at: Moment::from_seconds(seconds),
            commit: None,
            places: back.places.clone(),
            dated: true,
            undone: None,
        };
        assert!(goes_back_to(&all, &back, &candidate("2.1.0", 10)));
        assert!(!goes_back_to(&all, &back, &candidate("2.2.0", 20)));
        assert!(!goes_back_to(&all[..1], &back, &candidate("2.1.0", 10)), "a tool that names what it takes back");
        assert!(goes_back_to(&all, &back, &candidate("2.0.0", 5)), "2.1.0 came after 2.0.0 and goes on");
        let again = [at(2, rollout("stock", "2.1.0", "")), at(20, rollout("stock", "2.2.0", ""))];
        assert!(!goes_back_to(&again, &back, &candidate("2.2.0", 20)));
        assert!(!goes_back_to(&again, &back, &candidate("2.0.0", 5)), "2.1.0 ran before it");
    }

    fn rollout(service: &str, version: &str, sha: &str) -> Rollout {
        let some = |text: &str| Some(text.to_string()).filter(|t| !t.is_empty());
        let source = evidence::SourceId { input: 0, entry: 0 };
        Rollout {
            kind: ChangeKind::Deploy,
            service: some(service),
            version: some(version),
            sha: some(sha),
            at: Moment(0),
            until: Moment(0),
            begun: Moment(0),
            named: !version.is_empty(),
            open: false,
            rehearsal: false,
            rollback: false,
            places: Places::one(evidence::RecordRef { source, start: 0, end: 1, line: 1, last_line: 1 }),
        }
    }

    #[test]
    fn an_older_version_takes_the_place_of_a_release_of_which_no_service_is_told() {
        let nameless = |version: &str| Rollout { service: None, ..rollout("", version, "") };
        let candidate = Candidate {
            kind: ChangeKind::Deploy,
            service: None,
            reference: Some("2.2.0".into()),
            at: Moment(0),
            commit: None,
            places: nameless("2.2.0").places,
            dated: true,
            undone: None,
        };
        let takes = |version: &str| super::super::undone::takes_its_place(&[], &nameless(version), &candidate);
        assert!(takes("2.1.9") && !takes("2.2.1") && !takes("2.2.0"));
    }

    #[test]
    fn a_package_that_reaches_one_machine_after_the_other_is_one_change() {
        let of = |version: &str, kind| Rollout { kind, ..rollout("", version, "") };
        let infra = ChangeKind::Infrastructure;
        assert_eq!(within(&of("libwave 12.10.3", infra), &of("libwave 12.10.3", infra)), FLEET_S);
        assert_eq!(within(&of("libwave 12.10.3", infra), &of("curl 8.1", infra)), APART_S);
        assert_eq!(within(&of("2.1.0", ChangeKind::Deploy), &of("2.1.0", ChangeKind::Deploy)), APART_S);
    }

    #[test]
    fn revisions_are_in_the_order_of_their_numbers() {
        assert!(is_older("cart-00012-xyz", "cart-00013-abc") && !is_older("cart-00013-abc", "cart-00012-xyz"));
        assert!(!is_older("cart-00012-xyz", "web-00013-abc") && !is_older("cart-7d9f8-xyz", "cart-8d9f8-abc"));
    }

    #[test]
    fn a_version_and_a_sha_of_one_service_are_one_rollout_unless_somebody_says_otherwise() {
        let (version, sha) = (rollout("stock", "v2.1.0", ""), rollout("stock", "", "ab12cd34ef"));
        assert!(is_same(&[], &version, &sha));
        assert!(is_same(&[rollout("stock", "2.1.0", "ab12cd3")], &version, &sha));
        assert!(!is_same(&[rollout("stock", "2.0.9", "ab12cd3")], &version, &sha));
        assert!(!is_same(&[], &version, &rollout("basket", "", "ab12cd34ef")));
        assert!(!is_same(&[], &version, &rollout("stock", "v2.1.1", "")));
        let staged = Rollout { rehearsal: is_rehearsal("eu-staging"), ..version.clone() };
        assert!(!is_same(&[], &staged, &sha) && !is_rehearsal("production"));
    }

    #[test]
    fn who_names_no_service_has_to_name_the_same_thing() {
        let known = rollout("stock", "v2.1.0", "ab12cd34ef");
        assert!(is_same(&[], &known, &rollout("", "", "ab12cd3")));
        assert!(is_same(&[], &known, &rollout("", "2.1.0", "")));
        assert!(!is_same(&[], &known, &rollout("", "", "")));
    }

    #[test]
    fn versions_have_an_order_where_they_are_numbers() {
        assert!(is_older("v2.9.1", "2.10.0"));
        assert!(is_older("v41", "v42") && !is_older("v42", "v41") && !is_older("41", "42"));
        assert!(!is_older("2.10.0", "2.9.1") && !is_older("2.9", "2.10.0") && !is_older("main-2", "main-3"));
    }

    #[test]
    fn a_sha_is_found_where_a_version_stands() {
        let of = |version: &str| reference(Some(version), None);
        assert_eq!(of("main (9f3c2ab)"), (None, Some("9f3c2ab".into())));
        assert_eq!(of("7.2.0 (43d254c)"), (Some("7.2.0".into()), Some("43d254c".into())));
        assert_eq!(of("41B7D09E2C"), (None, Some("41b7d09e2c".into())));
        assert_eq!(of("20251118"), (Some("20251118".into()), None));
    }
}
