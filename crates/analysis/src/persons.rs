//! One name for one person: who acknowledged a page, deployed and wrote in the chat may go by a handle and by a whole name.
//!
//! What it sees: the directory of a chat, and names that are made of the same parts (`kim.o`, `Kim Osei`). Why it matters: a reader
//! counts three people where there was one. When it misleads: two people of one first name; where the input has two, a first
//! name alone is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use evidence::{Body, is_address};

use crate::findings::{Happening, Remediation, StatedAction, TimeBasis, Times};
use crate::scene::Scene;

/// Names as written, and the handles under which these people write.
#[derive(Debug, Default)]
pub struct Persons(BTreeMap<String, String>);

/// First names of fewer letters are words.
const LEAST: usize = 3;

impl Persons {
    pub fn of(scene: &Scene) -> Persons {
        let speakers: BTreeSet<&str> =
            scene.chat.iter().filter(|m| !m.what.message.is_bot).map(|m| m.what.speaker.as_str()).collect();
        let events = || scene.digests.iter().flat_map(|d| &d.events);
        let listed = events().filter_map(|e| match &e.body {
            Body::Person(p) => Some((p.real_name.clone()?, format!("@{}", p.name.trim_start_matches('@')))),
            _ => None,
        });
        let listed: BTreeMap<String, String> = listed.filter(|(_, handle)| speakers.contains(handle.as_str())).collect();
        let deployers = scene.deploys.iter().filter_map(|d| d.what.actor.as_deref());
        let actors = scene.pages.iter().filter_map(|p| p.what.actor.as_deref()).chain(deployers);
        let authors = scene.commits.iter().map(|c| c.what.author.as_str());
        let flags = scene.flags.iter().filter_map(|f| f.what.actor.as_deref());
        let actors: Vec<&str> = actors.chain(flags).collect();
        let others: BTreeSet<&str> = actors.iter().copied().chain(authors).filter(|name| is_plain(name)).collect();
        let addresses: BTreeSet<&str> = actors.into_iter().filter(|name| is_address(name)).collect();
        let mut persons = Persons::among(&speakers, &others, &listed);
        persons.take_addresses(&addresses, &speakers, &beside_addresses(scene));
        persons
    }

    /// Who goes by an address: the name that stands beside it somewhere, as this person writes if they do; else who writes under
    /// a name that is made like the address.
    fn take_addresses(&mut self, addresses: &BTreeSet<&str>, speakers: &BTreeSet<&str>, beside: &BTreeMap<String, String>) {
        for address in addresses {
            let named = beside.get(&address.to_lowercase());
            let own = named.map_or_else(|| address.split('@').next().unwrap_or_default(), String::as_str);
            let handle = format!("@{own}");
            let all: BTreeSet<&str> = speakers.iter().copied().chain([own]).collect();
            let fits: Vec<&&str> = speakers.iter().filter(|s| **s == handle || is_same(s, own, &all)).collect();
            let known = match fits.as_slice() {
                [one] => Some(one.to_string()),
                _ => named.cloned(),
            };
            self.0.extend(known.map(|known| (address.to_string(), known)));
        }
    }

    fn among(speakers: &BTreeSet<&str>, others: &BTreeSet<&str>, listed: &BTreeMap<String, String>) -> Persons {
        let all: BTreeSet<&str> = speakers.iter().chain(others).copied().collect();
        let handle = |name: &str| {
            if let Some(handle) = listed.get(name) {
                return Some(handle.clone());
            }
            let fits: Vec<&&str> = speakers.iter().filter(|s| **s != name && is_same(s, name, &all)).collect();
            match fits.as_slice() {
                [one] => Some(one.to_string()),
                _ => None,
            }
        };
        let known = |name: &&&str| {
            !speakers.contains(**name) && !speakers.contains(format!("@{}", name.trim_start_matches('@')).as_str())
        };
        Persons(others.iter().filter(known).filter_map(|name| Some((name.to_string(), handle(name)?))).collect())
    }

    /// Who did something, by the name under which they write.
    pub fn settle(
        &self,
        timeline: &mut [Happening],
        times: &mut Times,
        actions: &mut [StatedAction],
        remedy: Option<&mut Remediation>,
    ) {
        let rename = |name: &mut Option<String>| {
            if let Some(known) = name.as_deref().and_then(|n| self.0.get(n).or_else(|| self.0.get(n.trim_start_matches('@')))) {
                *name = Some(known.clone());
            }
        };
        timeline.iter_mut().for_each(|h| rename(&mut h.actor));
        actions.iter_mut().for_each(|a| rename(&mut a.owner));
        remedy.into_iter().for_each(|r| rename(&mut r.by));
        for time in [&mut times.detected, &mut times.acknowledged, &mut times.resolved].into_iter().flatten() {
            if let TimeBasis::Page { actor, .. } = &mut time.by {
                rename(actor);
            }
        }
    }
}

/// The names that stand beside addresses, in a directory or with a commit.
fn beside_addresses(scene: &Scene) -> BTreeMap<String, String> {
    let accounts = scene.digests.iter().flat_map(|d| &d.events).filter_map(|e| match &e.body {
        Body::Person(p) => Some((p.email.as_ref()?.to_lowercase(), p.name.clone())),
        _ => None,
    });
    let authors = scene.commits.iter().filter_map(|c| Some((c.what.email.as_ref()?.to_lowercase(), c.what.author.clone())));
    authors.chain(accounts).filter(|(_, name)| !name.is_empty() && !is_address(name)).collect()
}

/// A handle and a name of one person, as far as the two tell.
pub fn is_one(handle: &str, name: &str) -> bool {
    parts(handle) == parts(name) || is_same(handle, name, &BTreeSet::new())
}

/// No address, no bot, no account of a machine.
fn is_plain(name: &str) -> bool {
    let lower = name.to_lowercase();
    !lower.contains(['@', '[', ':'])
        && !["bot", "ci", "system", "pipeline", "action"].iter().any(|w| parts(&lower).iter().any(|p| p == w))
}

/// `kim.o`, `kim_o`, `kosei`, `kimosei` beside `Kim Osei`; `kim` beside either where no other Kim is there.
fn is_same(handle: &str, name: &str, all: &BTreeSet<&str>) -> bool {
    let (own, other) = (parts(handle), parts(name));
    let (Some(first), Some(named)) = (own.first(), other.first()) else { return false };
    if let ([one], [given, .., last]) = (own.as_slice(), other.as_slice())
        && (*one == format!("{given}{last}") || given.chars().next().is_some_and(|c| *one == format!("{c}{last}")))
    {
        return true;
    }
    if first != named || first.chars().count() < LEAST {
        return false;
    }
    match (own.get(1), other.get(1)) {
        (Some(a), Some(b)) if a.starts_with(b.as_str()) || b.starts_with(a.as_str()) => true,
        (Some(_), Some(_)) => false,
        _ => {
            let namesakes = all.iter().filter_map(|n| Some((parts(n).first().cloned()?, parts(n).get(1).cloned())));
            let seconds: BTreeSet<char> = namesakes.filter(|(f, _)| f == first).filter_map(|(_, s)| s?.chars().next()).collect();
            seconds.len() <= 1
        }
    }
}

fn parts(name: &str) -> Vec<String> {
    let lower = name.trim().trim_start_matches('@').to_lowercase();
    lower.split([' ', '.', '_', '-']).filter(|p| !p.is_empty()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(speakers: &[&str], others: &[&str]) -> Vec<(String, String)> {
        let set = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|n| n.to_string()).collect() };
        let (speakers, others) = (set(speakers), set(others));
        let of = |names: &BTreeSet<String>| -> BTreeSet<String> { names.clone() };
        let (a, b) = (of(&speakers), of(&others));
        let found =
            Persons::among(&a.iter().map(String::as_str).collect(), &b.iter().map(String::as_str).collect(), &BTreeMap::new());
        found.0.into_iter().collect()
    }

    #[test]
    fn a_whole_name_and_a_first_name_are_the_handle_that_is_made_of_them() {
        let pair = |name: &str| (name.to_string(), "@kim.o".to_string());
        assert_eq!(known(&["@kim.o", "@ben"], &["Kim Osei", "kim"]), [pair("Kim Osei"), pair("kim")]);
        assert_eq!(known(&["@kosei"], &["Kim Osei"]), [("Kim Osei".to_string(), "@kosei".to_string())]);
    }

    #[test]
    fn an_address_is_whose_name_stands_beside_it_or_whose_handle_is_made_like_it() {
        let known = |address: &str, speakers: &[&str], beside: &[(&str, &str)]| {
            let mut persons = Persons::default();
            let beside = beside.iter().map(|(address, name)| (address.to_string(), name.to_string())).collect();
            persons.take_addresses(&BTreeSet::from([address]), &speakers.iter().copied().collect(), &beside);
            persons.0.into_values().next()
        };
        let kim = "kim@a.example";
        assert_eq!(known(kim, &["@kim.o", "@ben"], &[]).as_deref(), Some("@kim.o"));
        assert_eq!(known("kim.osei@a.example", &["@kim.o"], &[]).as_deref(), Some("@kim.o"));
        assert_eq!(known("ko7@a.example", &["@kim.o"], &[("ko7@a.example", "kim.o")]).as_deref(), Some("@kim.o"));
        assert_eq!(known(kim, &[], &[(kim, "Kim Osei")]).as_deref(), Some("Kim Osei"));
        assert_eq!(known(kim, &["@kim.o", "@kim.a"], &[]), None, "two write who may be it");
        assert_eq!(known("ops@a.example", &["@kim.o"], &[]), None);
    }

    #[test]
    fn of_two_namesakes_a_first_name_is_nobodys() {
        assert_eq!(known(&["@kim.o", "@kim.a"], &["kim"]), []);
        assert_eq!(known(&["@kim.o"], &["Kim Adler", "Ben Osei", "ki"]), []);
        assert_eq!(known(&["@kim"], &["Kim Adler", "Kim Osei"]), []);
    }
}
