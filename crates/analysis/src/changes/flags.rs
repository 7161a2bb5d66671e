//! Flags and settings that were changed, and the service that was seen to take the change.
//!
//! What it sees: a record of a log that names the flag right when it was changed. Why it matters: a store of flags seldom says
//! whose they are. When it misleads: a service that reads all flags and logs each; so it is the only one that does.

use evidence::{Moment, RecordRef};

use super::{Candidate, LOOK_BACK_S, Window};
use crate::entities::word_at;
use crate::findings::{ChangeKind, Places};
use crate::scene::{At, Scene};

/// Services ask for their flags so often, and clocks differ by so much.
const TAKES_S: f64 = 180.0;
const BEFORE_S: f64 = 5.0;
/// Steps of one flag that are looked for in logs.
const STEPS: usize = 8;
/// Shorter names are words.
const LEAST: usize = 6;

/// A record of a log that shows the change of a flag.
pub struct Seen {
    pub service: String,
    pub words: String,
    pub place: RecordRef,
}

pub fn of(scene: &Scene, window: &Window) -> Vec<Candidate> {
    let near = |at: Moment| (-90.0..=LOOK_BACK_S).contains(&window.from.since(at));
    let candidate = |flag: &At<evidence::Flag>| Candidate {
        kind: ChangeKind::Flag,
        service: service_of(scene, flag),
        reference: Some(flag.what.name.clone()),
        at: flag.at,
        commit: None,
        places: Places::one(flag.place),
        dated: true,
        undone: None,
    };
    scene.flags.iter().filter(|f| near(f.at)).map(candidate).collect()
}

/// Whom the record names, where that is one that writes a log, else who logs that it or another step of it was made: a project of
/// flags may have any name, and one like a service's. Else whose name it begins with.
fn service_of(scene: &Scene, flag: &At<evidence::Flag>) -> Option<String> {
    let said = flag.what.service.as_deref();
    let named = said.map(|s| scene.entities.name(s));
    let is_its_name = |name: &String| said.is_some_and(|said| crate::entities::normal(said) == *name);
    let writes = |name: &String| !scene.ties().logs(name).is_empty();
    let steps = || scene.flags.iter().filter(|other| other.what.name == flag.what.name).map(|other| other.at).take(STEPS);
    let logged = || [flag.at].into_iter().chain(steps()).find_map(|at| seen(scene, &flag.what.name, at)).map(|seen| seen.service);
    let own = named.clone().filter(|name| writes(name) && is_its_name(name));
    own.or_else(logged).or(named).or_else(|| prefix_service(scene, &flag.what.name))
}

/// `payments.retry.max` belongs to the service whose name begins so; `payments-v2` to the only one of that first word.
fn prefix_service(scene: &Scene, flag: &str) -> Option<String> {
    let first = flag.split(['.', '_', ':', '/']).next()?;
    let known = scene.entities.known(first).map(str::to_string);
    known.or_else(|| only_of(flag, scene.entities.all().into_iter()).filter(|name| !scene.ties().logs(name).is_empty()))
}

/// The only name with the first word of a flag's, where that is a telling one.
fn only_of<'n>(flag: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    const COMMON: [&str; 22] = [
        "enable",
        "enabled",
        "disable",
        "disabled",
        "feature",
        "release",
        "show",
        "hide",
        "allow",
        "test",
        "experiment",
        "rollout",
        "beta",
        "canary",
        "temp",
        "kill",
        "switch",
        "user",
        "users",
        "data",
        "mobile",
        "flag",
    ];
    let word = |name: &str| name.split(['.', '_', ':', '/', '-', ' ']).next().unwrap_or_default().to_lowercase();
    let first = word(flag);
    if first.len() < 4 || COMMON.contains(&first.as_str()) {
        return None;
    }
    let mut of_word = names.filter(|name| word(name) == first);
    let only = of_word.next()?;
    of_word.next().is_none().then(|| only.to_string())
}

/// The first record that names the flag right when it was changed, where the logs of one service alone do.
pub fn seen(scene: &Scene, flag: &str, changed: Moment) -> Option<Seen> {
    let name = flag.to_lowercase();
    if name.len() < LEAST || !name.contains(|c: char| !c.is_alphanumeric()) {
        return None;
    }
    let mut found: Vec<(Moment, Seen)> = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            for exemplar in pattern.exemplars.iter().chain([&pattern.first]) {
                let at = exemplar.stamp.and_then(|stamp| clock.moment(stamp));
                let near = |at: &Moment| (-BEFORE_S..=TAKES_S).contains(&at.since(changed));
                let Some(at) = at.filter(near).filter(|_| word_at(&exemplar.text.to_lowercase(), &name).is_some()) else {
                    continue;
                };
                let Some(service) = scene.service_of(pattern.service.as_deref(), digest.source) else { continue };
                found.push((at, Seen { service, words: crate::signals::first_line(&exemplar.text), place: exemplar.place }));
            }
        }
    }
    let (_, first) = found.iter().min_by_key(|(at, seen)| (*at, seen.place))?;
    let service = first.service.clone();
    let is_alone = found.iter().all(|(_, seen)| seen.service == service);
    found.into_iter().filter(|_| is_alone).min_by_key(|(at, seen)| (*at, seen.place)).map(|(_, seen)| seen)
}

#[cfg(test)]
mod tests {
    use evidence::{Basis, Body, Event, Flag, Record, Sink, Source, SourceId, Stamp};

    use super::*;
    use crate::digest::Digest;

    fn named(id: SourceId, name: &str) -> Source {
        let format = "text".to_string();
        let (skipped, decisions) = (Vec::new(), Vec::new());
        Source { id, name: name.to_string(), format, bytes: 9, read_bytes: 9, lines: 1, records: 1, skipped, decisions }
    }

    /// Who a flag is of that a tool keeps in the project `claims`: two steps of it, and what `documents` logs.
    fn of_project(logged: &str) -> Vec<Option<String>> {
        let log = |input: u32, service: &str, message: &str, second: i64| {
            let source = SourceId { input, entry: 0 };
            let name = format!("{service}.log");
            let mut digest = Digest::new(source, &name);
            digest.record(&Record {
                place: RecordRef { source, start: 0, end: 9, line: 1, last_line: 1 },
                stamp: Some(Stamp::new(second * Moment::SECOND, Basis::Zoned)),
                stamp_text: None,
                level: Some(evidence::Level::Info),
                service: Some(service.to_string().into()),
                instance: None,
                message: message.to_string().into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
            (named(source, &name), digest.settled())
        };
        let source = SourceId { input: 2, entry: 0 };
        let mut flags = Digest::new(source, "flags.json");
        for (line, second) in [(1, 1_700_000_000), (2, 1_700_001_000)] {
            let (name, service) = ("photo-dedup".to_string(), Some("claims".to_string()));
            flags.event(Event {
                place: RecordRef { source, start: line * 10, end: line * 10 + 9, line, last_line: line },
                stamp: Some(Stamp::new(second * Moment::SECOND, Basis::Zoned)),
                body: Body::Flag(Flag { name, service, old: None, new: Some("on".into()), actor: None }),
            });
        }
        let scene = Scene::lay_out(vec![
            log(0, "claims-api", "claim 12 stored", 1_700_000_500),
            log(1, "documents", logged, 1_700_001_010),
            (named(source, "flags.json"), flags.settled()),
        ]);
        scene.flags.iter().map(|flag| service_of(&scene, flag)).collect()
    }

    #[test]
    fn all_steps_of_a_flag_are_of_the_service_that_logs_one_of_them() {
        assert_eq!(of_project("toggles updated: [photo-dedup=true]"), vec![Some("documents".to_string()); 2]);
        assert!(of_project("document 12 stored").iter().all(|service| service.as_deref() != Some("documents")));
    }

    #[test]
    fn a_flag_is_of_the_only_service_that_begins_with_its_first_word() {
        let of = |flag: &str| only_of(flag, ["basket-api", "price-feed", "price-cache"].into_iter());
        assert_eq!(of("basket-v2").as_deref(), Some("basket-api"));
        assert_eq!(of("basket_new_total").as_deref(), Some("basket-api"));
        for none in ["price-v2", "new-basket", "enable-basket", "bas-v2"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
