//! What those who handled it found to be the cause, by the names of a change in their statements.
//!
//! What it sees: a name that only this change has (a ticket, the number of its pull request, a setting, an account that its words
//! tell), in a statement of somebody while it lasts or afterwards, that is no guess and that nobody denies later. Why it matters:
//! few say "the root cause is"; they say what they see, and name it. When it misleads: who looks at a change to rule it out names it, too; so a name that was cleared
//! counts no more, nor does one that only stands in a step.

use std::collections::BTreeSet;

use crate::acts::Act;
use crate::changes::Candidate;
use crate::findings::{ChangeKind, Places, Reason, Term};
use crate::found;
use crate::incident::Incident;
use crate::scene::{At, Utterance};
use crate::weights;

/// Afterwards people write down what it was.
const AFTERWARDS_S: f64 = 3.0 * 3_600.0;
/// Letters of a name that stands for itself.
const LEAST: usize = 5;

/// What the term is called.
pub const NAMED: &str = "named in what was found";

/// The last statement that names the change.
pub fn term(incident: &Incident<'_>, candidate: &Candidate) -> Option<Term> {
    let names = names(incident, candidate);
    if names.is_empty() {
        return None;
    }
    let from = incident.window.from.max(candidate.at);
    let to = incident.window.to.plus(AFTERWARDS_S);
    let has = |text: &str| found::tokens(text).any(|(token, _)| names.contains(&token));
    let inside = || incident.scene.chat.iter().rev().filter(|m| m.at >= from && m.at <= to && !m.what.message.is_bot);
    let states = |m: &&At<Utterance>| found::is_statement(incident, m) && !is_step(m) && has(&m.what.message.text);
    let said = inside().find(states)?;
    let denies = |m: &At<Utterance>| m.what.said.iter().any(|s| s.act == Act::Refute && has(m.what.sentence(s)));
    if inside().any(|m| m.at >= said.at && denies(m)) {
        return None;
    }
    let reason = Reason::Said { author: said.what.speaker.clone(), words: said.what.message.text.clone() };
    Some(Term { name: NAMED, value: weights::FOUND, reason, places: Places::one(said.place) })
}

/// It tells what is done, decided or reported, and nothing of why.
fn is_step(message: &At<Utterance>) -> bool {
    let steps = [Act::Act, Act::Decide, Act::Mitigate, Act::Detect, Act::Acknowledge, Act::Refute];
    let said = &message.what.said;
    !said.is_empty() && said.iter().all(|s| steps.contains(&s.act))
}

/// Names by which this change is known and no other one: those that its words, its ticket or its settings have. Of a version people
/// speak for many reasons, and most of all to clear it.
fn names(incident: &Incident<'_>, candidate: &Candidate) -> BTreeSet<String> {
    let own = of(incident, candidate);
    let mut others = BTreeSet::new();
    let own_words = crate::changes::settings::record(incident.scene, candidate).map_or("", |d| d.what.text.as_str());
    let is_other = |d: &evidence::Deploy| !crate::changes::settings::takes_back(own_words, &d.text);
    let elsewhere = |place: &evidence::RecordRef| !candidate.places.iter().any(|p| p == place);
    for deploy in incident.scene.deploys.iter().filter(|d| elsewhere(&d.place) && is_other(&d.what)) {
        others.extend(telling(&deploy.what.text).into_iter().chain(deploy.what.version.iter().map(|v| v.to_lowercase())));
    }
    let commits = incident.scene.commits.iter().enumerate().filter(|(index, _)| Some(*index) != candidate.commit);
    for (_, commit) in commits.filter(|(_, c)| !crate::changes::undoes(incident.scene, candidate, &c.what)) {
        others.extend(telling(crate::changes::subject(&commit.what)));
    }
    let services = incident.scene.entities.all().into_iter().map(str::to_lowercase).collect::<BTreeSet<String>>();
    own.into_iter().filter(|name| !others.contains(name) && !services.contains(name) && !is_version(name)).collect()
}

fn of(incident: &Incident<'_>, candidate: &Candidate) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        candidate.reference.iter().map(|name| name.to_lowercase()).filter(|n| n.len() >= 4).collect();
    if let Some(commit) = candidate.commit {
        let what = &incident.scene.commits[commit].what;
        names.extend(telling(crate::changes::subject(what)));
        names.insert(crate::changes::short_sha(&what.sha));
    } else if candidate.kind != ChangeKind::Deploy {
        let own = incident.scene.deploys.iter().filter(|d| candidate.places.iter().any(|p| *p == d.place));
        names.extend(own.flat_map(|d| telling(&d.what.text)));
    }
    names
}

/// Names in the words of a change, of which each stands for itself.
fn telling(text: &str) -> BTreeSet<String> {
    found::tokens(text)
        .filter(|(token, is_name)| *is_name && (token.len() >= LEAST || token.starts_with('#')))
        .map(|(token, _)| token)
        .collect()
}

fn is_version(name: &str) -> bool {
    name.trim_start_matches('v').bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_by_its_ticket_its_account_or_its_setting() {
        let of = |text: &str| telling(text).into_iter().collect::<Vec<_>>();
        assert_eq!(of("vault: rotate the account LEDGERAPP"), ["ledgerapp"]);
        assert_eq!(of("queue.lanes: 16 -> 2"), ["queue.lanes"]);
        assert_eq!(of("log-agent: keep all (OPS-412)"), ["log-agent", "ops-412"]);
        assert!(of("new colours for the banner").is_empty());
        assert!(is_version("v4.12.0") && is_version("4.12.0") && !is_version("rc-41") && !is_version("ops-412"));
    }
}
