//! What people said about a hypothesis: that it is the cause, that they suspect it, that it is not.
//!
//! Later words of the same kind count, earlier ones are belief; a refutation counts against what it names. It must never
//! take a suspicion for a finding: the timeline of many incidents is a row of wrong suspicions.

use std::sync::LazyLock;

use evidence::Moment;

use crate::acts::{self, Act};
use crate::changes::{self, Candidate};
use crate::findings::{ChangeKind, NAMED_AS_CAUSE, ORDERED_UNDONE, Places, RULED_OUT, Reason, Term};
use crate::found;
use crate::incident::Incident;
use crate::weights;
use expressions::{Expression, constant};

use super::confessions;

/// Terms from the war room about a change.
pub fn about_change(incident: &Incident<'_>, candidate: &Candidate) -> Vec<Term> {
    let names = names(incident, candidate);
    let others = other_versions(incident, candidate);
    let is_of_another = |sentence: &str| is_of_another(sentence, candidate, &others);
    let mut terms = about_but(incident, &names, candidate.at, is_of_another);
    let has = |terms: &[Term], name: &str| terms.iter().any(|term| term.name == name);
    let owned = confessions::of(incident, candidate).filter(|(message, _)| !is_of_another(&message.what.message.text));
    // Who owns up after it was ruled out knows better.
    if let Some((message, _)) = &owned {
        terms.retain(|term| term.name != RULED_OUT || said_at(incident, term).is_none_or(|at| at >= message.at));
    }
    if !has(&terms, RULED_OUT)
        && let Some(refuted) = refuted(incident, candidate, &names)
        && owned.as_ref().is_none_or(|(message, _)| said_at(incident, &refuted).is_some_and(|at| at >= message.at))
    {
        terms.retain(|term| term.name != "suspected" && term.name != NAMED_AS_CAUSE);
        terms.push(refuted);
    }
    if !has(&terms, RULED_OUT)
        && let Some((message, words)) = owned
    {
        terms.retain(|term| term.name != "suspected" && term.name != NAMED_AS_CAUSE);
        let reason = Reason::Said { author: message.what.speaker.clone(), words: words.clone() };
        let places = Places::one(message.place);
        // Who says that it may be theirs does not know it.
        let (name, value) =
            if found::is_hedged(&words) { ("suspected", weights::SUSPECTED) } else { (NAMED_AS_CAUSE, weights::CONFESSED) };
        terms.push(Term { name, value, reason, places });
        if let Some(cleared) = cleared_by_its_kind(incident, message.at) {
            terms.retain(|term| term.name != "suspected" && term.name != NAMED_AS_CAUSE);
            terms.push(cleared);
        }
    }
    terms
}

/// What somebody owned up to is called by its kind when it is cleared: "not the PR", "it wasn't your change".
fn cleared_by_its_kind(incident: &Incident<'_>, owned: Moment) -> Option<Term> {
    static CLEARED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:not|n[’']t(?: be)?|never) (?:the|your|that|this|my|his|her|their|because of (?:the|your|my)) ?(?:pr|pull request|mr|merge request|release|deploy(?:ment)?|rollout|commit|change|merge|patch|hotfix|upgrade)\b(?: (?:itself|at all|then|either))?\s*(?:[.,;!)]|$)",
        )
    });
    let clears = |m: &&crate::scene::At<crate::scene::Utterance>| {
        let english = acts::in_english(&m.what.message.text);
        !m.what.message.is_bot && m.at > owned && !english.contains('?') && CLEARED.is_match(&english)
    };
    let message = incident.scene.chat.iter().filter(|m| m.at <= incident.window.to.plus(7_200.0)).rfind(clears)?;
    let reason = Reason::Refuted { author: message.what.speaker.clone(), words: message.what.message.text.clone() };
    Some(Term { name: RULED_OUT, value: weights::REFUTED, reason, places: Places::one(message.place) })
}

/// A suspicion that names the change by its own name and that words refuted which do not: "it was not the portal".
fn refuted(incident: &Incident<'_>, candidate: &Candidate, names: &[String]) -> Option<Term> {
    let reference = candidate.reference.as_ref().filter(|name| names.contains(name)).map_or("", String::as_str);
    let beliefs = incident.beliefs().iter().filter(|b| b.said.at.is_some_and(|at| at >= candidate.at.plus(-60.0)));
    let is_meant = |b: &&crate::findings::Belief| {
        !reference.is_empty() && changes::mentions(&b.said.words, reference)
            || accuses_a_release(&b.said.words) && is_the_release(incident, candidate)
    };
    let belief = beliefs.rev().find(is_meant)?;
    let by = &belief.refuted_by;
    let reason = Reason::Refuted { author: by.author.clone().unwrap_or_default(), words: by.words.clone() };
    Some(Term { name: RULED_OUT, value: weights::REFUTED, reason, places: by.places.clone() })
}

/// Versions that were released of something else, or of the same at another time.
fn other_versions(incident: &Incident<'_>, candidate: &Candidate) -> Vec<String> {
    let deploys = incident.scene.deploys.iter().filter(|d| !candidate.places.iter().any(|place| *place == d.place));
    let versions = deploys.filter_map(|d| d.what.version.clone());
    // The release that a commit says it makes is its own.
    let subject = candidate.commit.map(|commit| changes::subject(&incident.scene.commits[commit].what).to_lowercase());
    let is_own = |version: &String| {
        Some(version) == candidate.reference.as_ref() || subject.as_ref().is_some_and(|subject| makes(subject, version))
    };
    versions.filter(|version| !is_own(version)).collect()
}

/// A commit says that it makes this version: "3.8.0 calendar simplified".
fn makes(subject: &str, version: &str) -> bool {
    crate::entities::word_at(subject, &version.to_lowercase()).is_some()
}

/// The sentence names the version of another change, and neither that of this one nor its service in full: a word that both
/// have in common is none of its names.
fn is_of_another(sentence: &str, candidate: &Candidate, others: &[String]) -> bool {
    let plain = |version: &str| version.trim_start_matches('v').to_lowercase();
    let told: Vec<String> = acts::versions(sentence).iter().map(|version| plain(version)).collect();
    let lower = sentence.to_lowercase();
    // People leave out the last number: 4.12 is 4.12.0.
    let is_short = |version: &str| {
        let short = version.rsplit_once('.').map(|(short, _)| short).filter(|short| short.matches('.').count() == 1);
        short.is_some_and(|short| crate::entities::word_at(&lower, short).is_some())
    };
    let is_named = |version: &String| told.contains(&plain(version)) || is_short(&plain(version));
    let own = [candidate.reference.as_deref(), candidate.service.as_deref()];
    let names_own = |name: &str| {
        told.contains(&plain(name)) || is_short(&plain(name)) || crate::entities::word_at(&lower, &name.to_lowercase()).is_some()
    };
    others.iter().any(is_named) && !own.into_iter().flatten().any(names_own)
}

/// "Suspect: the release", without saying which.
fn accuses_a_release(words: &str) -> bool {
    let named = ["release", "deploy", "deployment", "rollout"];
    let says = |w: &str| named.iter().any(|name| w.eq_ignore_ascii_case(name));
    acts::versions(words).is_empty() && words.split(|c: char| !c.is_alphanumeric()).any(says)
}

/// It is what was released last before the failure, and nothing else was released for hours before that.
fn is_the_release(incident: &Incident<'_>, candidate: &Candidate) -> bool {
    const HOURS_S: f64 = 3.0 * 3_600.0;
    let from = incident.window.from;
    let is_release = |d: &evidence::Deploy| !d.rollback && !["config", "migration", "infrastructure"].contains(&d.kind.as_str());
    let mut released = incident.scene.deploys.iter().filter(|d| is_release(&d.what) && d.at < from && from.since(d.at) < HOURS_S);
    let is_it = |at: Moment| at.since(candidate.at).abs() < 60.0;
    let first = released.next();
    matches!(candidate.kind, ChangeKind::Deploy | ChangeKind::Commit)
        && first.is_some_and(|d| is_it(d.at))
        && released.all(|d| is_it(d.at))
}

/// Terms about anything that has names.
pub fn about(incident: &Incident<'_>, names: &[String], not_before: Moment) -> Vec<Term> {
    about_but(incident, names, not_before, |_| false)
}

fn about_but(incident: &Incident<'_>, names: &[String], not_before: Moment, is_of_another: impl Fn(&str) -> bool) -> Vec<Term> {
    let mut best: [Option<Term>; 3] = [None, None, None];
    for message in incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= not_before.plus(-60.0)) {
        for said in &message.what.said {
            let sentence = message.what.sentence(said);
            let object = said.slots.object.as_deref().unwrap_or("");
            let named = match said.act {
                Act::Refute => names.iter().any(|n| rules_out(sentence, object, n)),
                _ => names.iter().any(|n| changes::mentions(sentence, n)),
            };
            let is_doubted = || is_doubt(sentence) || names.iter().any(|n| is_without(sentence, n));
            if !named || is_of_another(sentence) || is_doubted() {
                continue;
            }
            let (slot, name, value) = match said.act {
                Act::RootCause => (0, NAMED_AS_CAUSE, weights::SAID),
                Act::Suppose => (1, "suspected", weights::SUSPECTED),
                // Who wants it taken back suspects it.
                Act::Decide if takes_back(said.slots.remediation) => (1, ORDERED_UNDONE, weights::SUSPECTED),
                Act::Refute => (2, RULED_OUT, weights::REFUTED),
                _ => continue,
            };
            let author = message.what.speaker.clone();
            let words = sentence.to_string();
            let reason = if slot == 2 { Reason::Refuted { author, words } } else { Reason::Said { author, words } };
            best[slot] = Some(Term { name, value, reason, places: Places::one(message.place) });
        }
    }
    let [cause, suspicion, refutation] = best;
    // Who was refuted is no longer suspected.
    let suspicion = if refutation.is_some() { None } else { suspicion };
    let refutation = if cause.as_ref().is_some_and(|c| later(incident, c, refutation.as_ref())) { None } else { refutation };
    [cause, suspicion, refutation].into_iter().flatten().collect()
}

fn takes_back(remediation: Option<&str>) -> bool {
    matches!(remediation, Some("rollback" | "config-revert" | "feature-flag-disable"))
}

/// Who cannot tell speaks for nothing and against nothing.
pub fn is_doubt(sentence: &str) -> bool {
    static DOUBT: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:can(?:[’']t|not| not)|could(?:n[’']t| not)) (?:tell|say)\b|\bno idea\b|\bdo(?:n[’']t| not) know\b")
    });
    DOUBT.is_match(sentence)
}

/// What failed never had it: `that one never had 2.1.0`, `runs without 2.1.0`.
fn is_without(sentence: &str, name: &str) -> bool {
    static WITHOUT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:\bnever (?:had|got|ran|saw|received)|\b(?:did|does|do|has|have|is|was|are|were)(?:n[’']t| not) (?:have|had|get|got|run|running|on|even on)|\bwithout|\bstill on a version before)\s+(?:the |a |an |any )?$",
        )
    });
    let (lower, name) = (sentence.to_lowercase(), name.to_lowercase());
    lower.match_indices(&name).any(|(at, _)| lower.get(..at).is_some_and(|before| WITHOUT.is_match(before)))
}

/// Somebody says that nobody can know which change it was, and nobody says better afterwards.
pub fn cannot_tell(incident: &Incident<'_>) -> bool {
    let people = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot && m.at >= incident.window.from);
    let doubts = |m: &&crate::scene::At<crate::scene::Utterance>| says_nobody_knows(&acts::in_english(&m.what.message.text));
    let Some(doubt) = people().filter(doubts).map(|m| m.at).max() else { return false };
    !people().any(|m| m.at > doubt && (m.what.does(Act::RootCause) || m.what.does(Act::Confess)))
}

/// Somebody closes the question when it is over: the cause is open. Nobody says better afterwards.
pub fn leaves_it_open(incident: &Incident<'_>) -> bool {
    let people = || incident.scene.chat.iter().filter(|m| !m.what.message.is_bot);
    let end = super::last_failure(incident).map_or(incident.window.to, |(at, _)| at.min(incident.window.to));
    let told = people().filter(|m| m.at >= end && says_it_is_open(&m.what.message.text));
    let Some(left) = told.map(|m| m.at).max() else { return false };
    !people().any(|m| m.at > left && says_what_it_was(m))
}

/// It tells the cause, and neither plans anything nor says that nobody can know.
fn says_what_it_was(message: &crate::scene::At<crate::scene::Utterance>) -> bool {
    let (what, text) = (&message.what, acts::in_english(&message.what.message.text));
    let tells = what.does(Act::RootCause) || what.does(Act::Confess);
    let else_done = [Act::ActionItem, Act::Prevention, Act::Suppose].iter().any(|act| what.does(*act));
    tells && !else_done && !says_it_is_open(&text) && !says_nobody_knows(&text) && !cannot_say(&text)
}

/// "we are unable to determine whether yours was among them": who answers so closes no question.
fn cannot_say(text: &str) -> bool {
    static CANNOT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:unable to (?:determine|say|tell|confirm|establish)|(?:can ?not|can['’]t|could ?n[o'’]?t|could not) (?:say|tell|determine|confirm|establish))\b",
        )
    });
    CANNOT.is_match(text)
}

fn says_it_is_open(text: &str) -> bool {
    static OPEN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:root )?cause(?: is| remains| stays| was| left| still)*:? (?:open|unknown|unclear|undetermined|not (?:known|found|determined|clear|established))\b|\b(?:root )?cause (?:could|can) ?(?:not|n[’']t) be (?:found|determined|established)\b|\bno (?:root )?cause (?:was |could be )?(?:found|determined|established)\b|\b(?:could|can|may|might) (?:be|have been) either(?: (?:one|of (?:them|the two|these)))?\s*(?:[,.!)]|$)",
        )
    });
    let english = acts::in_english(text);
    english.split(['.', ';', '\n']).any(|sentence| OPEN.is_match(sentence) && !sentence.contains('?'))
}

fn says_nobody_knows(text: &str) -> bool {
    static NOBODY: LazyLock<Expression> = LazyLock::new(|| {
        let what = r"(?:which|the cause|what caused|what it was|from this|why)";
        constant(&format!(
            r"(?i)\b(?:we|you|i) (?:do not|don['’]t|did not|didn['’]t|can ?not|can['’]t|will never) (?:really )?(?:know|tell) {what}\b|\b(?:nobody|no one) (?:can |will )?(?:knows?|tell) {what}\b|\beither (?:one |of them |of these )?(?:could|might|may) (?:do|have done|have caused|be the cause)\b|\bcause (?:is|remains|was) (?:not known|unknown|undetermined|not determined)\b"
        ))
    });
    static YET: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:yet|so far|until|still)\b|\?"));
    text.split(['.', ';', '\n']).any(|sentence| NOBODY.is_match(sentence) && !YET.is_match(sentence))
}

/// The refutation is about that name: it is its object, or the words that deny stand right before it. Naming a service
/// while clearing another is no refutation of it.
fn rules_out(sentence: &str, object: &str, name: &str) -> bool {
    if !object.is_empty() && changes::mentions(object, name) {
        return true;
    }
    let lower = sentence.to_lowercase();
    let stem = name.split(['-', '.']).next().unwrap_or(name).to_lowercase();
    let is_version = name.bytes().any(|b| b.is_ascii_digit());
    let denied = ["not ", "not the ", "isn't ", "isn't the ", "wasn't ", "wasn't the ", "rule out ", "ruled out "];
    let cleared = [" is fine", " is innocent", " is healthy", " is ok", " did not help", " looks fine"];
    if is_version {
        return changes::mentions(&lower, name);
    }
    stem.len() >= 3
        && (denied.iter().any(|d| lower.contains(&format!("{d}{stem}")))
            || cleared.iter().any(|c| lower.contains(&format!("{stem}{c}"))))
}

/// The naming came after the refutation.
fn later(incident: &Incident<'_>, cause: &Term, refutation: Option<&Term>) -> bool {
    refutation.is_some_and(|r| said_at(incident, cause) > said_at(incident, r))
}

/// When somebody said what a term rests on.
fn said_at(incident: &Incident<'_>, term: &Term) -> Option<Moment> {
    incident.scene.chat.iter().find(|m| m.place == term.places.first()).map(|m| m.at)
}

/// The words by which people would name a change: its version, commit, pull request, and its telling identifiers.
fn names(incident: &Incident<'_>, candidate: &Candidate) -> Vec<String> {
    let mut names: Vec<String> = candidate.reference.iter().cloned().collect();
    if let Some(commit) = candidate.commit {
        let what = &incident.scene.commits[commit].what;
        names.push(changes::short_sha(&what.sha));
        names.extend(pull_requests(&what.message));
        names.extend(telling_keys(&incident.scene.commits[commit].what));
    }
    names.extend(candidate.service.iter().cloned());
    if candidate.kind == ChangeKind::Flag {
        names.extend(candidate.reference.iter().flat_map(|name| spoken_parts(name)));
    }
    names
}

/// What people call a flag by: `seatmap` for `seatmap_v2`. Who says that the cache is fine speaks of no flag.
fn spoken_parts(flag: &str) -> Vec<String> {
    const COMMON: &[&str] = &[
        "enable",
        "enabled",
        "disable",
        "disabled",
        "feature",
        "release",
        "experiment",
        "rollout",
        "service",
        "cache",
        "caching",
        "queue",
        "search",
        "client",
        "server",
        "retry",
        "retries",
        "timeout",
        "limit",
        "limits",
        "config",
        "batch",
        "worker",
        "workers",
        "index",
        "database",
        "gateway",
        "proxy",
        "storage",
        "network",
        "checks",
    ];
    let parts = flag.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    parts.filter(|part| part.len() >= 5 && part != flag && !COMMON.contains(&part.as_str())).collect()
}

/// `#1187` in a message.
fn pull_requests(message: &str) -> Vec<String> {
    message
        .split(|c: char| c.is_whitespace() || "()[],.:;".contains(c))
        .filter(|w| w.len() >= 3 && w.starts_with('#') && w[1..].bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_string)
        .collect()
}

/// Base names of the files that a commit touches, as people speak of them (`Corefile`, `memoFacets`).
fn telling_keys(commit: &evidence::Commit) -> Vec<String> {
    let stems =
        commit.files.iter().filter_map(|f| f.path.rsplit('/').next()).map(|f| f.split('.').next().unwrap_or(f).to_string());
    stems
        .filter(|s| s.len() >= 6 && !["configmap", "values", "config", "index", "main", "README"].contains(&s.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use evidence::{Moment, RecordRef, SourceId};

    use super::*;

    #[test]
    fn a_commit_makes_the_version_that_it_names() {
        assert!(makes("3.8.0 calendar simplified", "3.8.0") && !makes("13.8.0 calendar", "3.8.0"));
    }

    #[test]
    fn who_cannot_know_says_so() {
        for text in [
            "we do not know which of the two it was",
            "you did it seconds apart. we can not know from this",
            "either could do this",
            "We do not know the cause.",
        ] {
            assert!(says_nobody_knows(text), "{text}");
        }
        for text in ["we don't know the cause yet", "do we know which it was?", "you know why", "nobody knows him", "either way"]
        {
            assert!(!says_nobody_knows(text), "{text}");
        }
    }

    #[test]
    fn who_closes_an_incident_may_leave_its_cause_open() {
        for text in [
            "cause open. disk or firmware, cannot tell from what we have",
            "closing it, sev 3. could be either.",
            "Root cause: unknown",
            "the root cause could not be determined",
            "closing. the cause remains unclear",
        ] {
            assert!(says_it_is_open(text), "{text}");
        }
        for text in
            ["is the cause unknown?", "the root cause is the pool", "because open files ran out", "cause opened the ticket"]
        {
            assert!(!says_it_is_open(text), "{text}");
        }
        assert!(cannot_say("sorry, we are unable to determine whether your disk was among them"));
        assert!(!cannot_say("it was the disk, you can tell by the serial"));
    }

    #[test]
    fn who_names_the_version_of_another_change_speaks_of_that() {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let candidate = Candidate {
            kind: ChangeKind::Deploy,
            service: Some("price-import".into()),
            reference: Some("3.4.0".into()),
            at: Moment(0),
            commit: None,
            places: Places::one(place),
            dated: true,
            undone: None,
        };
        let others = ["v5.12.0".to_string()];
        let is_other = |text| is_of_another(text, &candidate, &others);
        assert!(is_other("then it is mine: 5.12.0 asks for the price of each row"));
        assert!(is_other("I released 5.12 at ten, sorry"));
        assert!(!is_other("I released 3.4 at ten, sorry"));
        assert!(!is_other("3.4.0 or 5.12.0, one of the two"));
        assert!(!is_other("5.12.0 is innocent, it is price-import"));
        assert!(!is_other("it is the price that is wrong"));
    }

    #[test]
    fn the_release_is_the_one_that_is_meant_where_no_version_is_said() {
        assert!(accuses_a_release("Suspect: the release") && accuses_a_release("must be the deploy"));
        assert!(!accuses_a_release("it is release 4.1.0") && !accuses_a_release("they were released from the pool"));
    }

    #[test]
    fn who_says_that_the_failing_one_never_had_it_does_not_accuse_it() {
        assert!(is_without("and mail-sync fails too, that one never had 2.1.0", "2.1.0"));
        assert!(is_without("node 4 runs without the 2.1.0", "2.1.0"));
        assert!(!is_without("it is 2.1.0, the nodes that have it fail", "2.1.0"));
        assert!(!is_without("we never had this before 2.1.0", "2.1.0"));
        assert!(is_doubt("can't tell, it was one of the two") && !is_doubt("I can see that it is 2.1.0"));
    }

    #[test]
    fn a_flag_is_called_by_what_no_other_thing_is_called() {
        assert_eq!(spoken_parts("seatmap_v2"), ["seatmap"]);
        assert_eq!(spoken_parts("price-cache.warmup"), ["price", "warmup"]);
    }
}
