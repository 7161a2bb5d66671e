//! Phrases that several parts share: what a failure, a change and a hypothesis are called.
//!
//! Must never assert: a phrase names a thing, the sentence around it says what is known of it.

use analysis::findings::{
    Change, ChangeKind, Failure, Findings, Happening, HappeningKind, Hypothesis, HypothesisKind, Places, TimeBasis, TriggerKind,
    What,
};
use analysis::signatures::Category;

use super::words;

/// `nil pointer dereference`, else the words of the first record.
pub fn failure(hypothesis: &Hypothesis) -> String {
    let own = hypothesis.signature.or_else(|| hypothesis.failure.as_ref().and_then(|f| f.signature));
    match (own, &hypothesis.failure) {
        (Some(signature), _) => words::without_numbers_or(&signature.title, "known failure"),
        (None, Some(failure)) => exception(&failure.words).map_or_else(|| words::quote(&failure.words, 80), str::to_string),
        (None, None) => "failure".to_string(),
    }
}

/// `v2.15.0`, `the flag fast_path`, `commit 1a2b3c4`.
pub fn change(change: &Change) -> String {
    let commit = change.commit.as_ref().map(|c| format!("commit {}", short(&c.sha)));
    let whole = change.commit.as_ref().map_or("", |c| c.sha.as_str());
    match (&change.reference.as_ref().map(|r| name_of(r, whole)), change.kind) {
        (Some(name), ChangeKind::Flag) => format!("the change of flag {name}"),
        (Some(name), ChangeKind::Config) => format!("the configuration change {name}"),
        (Some(name), ChangeKind::Migration) => format!("the migration {name}"),
        (Some(name), ChangeKind::Infrastructure) => format!("the infrastructure change {name}"),
        (Some(name), ChangeKind::Commit) => format!("commit {name}"),
        (Some(name), _) => name.clone(),
        (None, kind) => commit
            .unwrap_or_else(|| format!("{} {}", if kind == ChangeKind::Infrastructure { "an" } else { "a" }, kind_word(kind))),
    }
}

/// What the change did not yet name: `deploy`, `configuration change`.
pub fn kind_word(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Deploy => "deploy",
        ChangeKind::Commit => "commit",
        ChangeKind::Flag => "flag change",
        ChangeKind::Config => "configuration change",
        ChangeKind::Migration => "migration",
        ChangeKind::Infrastructure => "infrastructure change",
    }
}

/// The service where it lives, or words for none.
pub fn service(hypothesis: &Hypothesis) -> String {
    let own = hypothesis.service.clone().or_else(|| hypothesis.failure.as_ref().and_then(|f| f.service.clone()));
    own.unwrap_or_else(|| "the affected service".to_string())
}

/// `FunctionClauseError` of `** (FunctionClauseError) no match`: what a program calls its failure says more than the line
/// around it.
fn exception(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || "_.:$".contains(c)));
    let last = |word: &'_ str| word.rfind(['.', ':', '$']).map_or(0, |at| at + 1);
    let named = words.map(|word| word.trim_matches(['.', ':', '$'])).map(|word| &word[last(word)..]);
    let is_type = |name: &&str| {
        let is_kind = ["Error", "Exception"].iter().any(|kind| name.len() > kind.len() && name.ends_with(kind));
        is_kind && name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains(|c: char| c.is_ascii_digit())
    };
    named.into_iter().find(is_type)
}

/// As [`failure`]; where no record tells what failed but requests did, these.
pub fn failure_seen(hypothesis: &Hypothesis, findings: &Findings) -> String {
    let is_unnamed = hypothesis.signature.is_none() && hypothesis.failure.is_none();
    match is_unnamed && findings.metrics.requests_failed.is_some() {
        true => "failed requests".to_string(),
        false => failure(hypothesis),
    }
}

/// The configuration change that a person owned up to and that brought the failure about: `a change of `cache/size``.
pub fn set_off(hypothesis: &Hypothesis) -> Option<String> {
    let trigger = hypothesis.trigger.as_ref().filter(|t| t.kind == TriggerKind::Config)?;
    let is_owned = hypothesis.kind == HypothesisKind::Failure && hypothesis.change_caused == Some(true);
    let named = trigger.reference.as_ref().map(|name| format!("a change of {name}"));
    is_owned.then(|| named.unwrap_or_else(|| "a configuration change".to_string()))
}

/// One clause: what the hypothesis holds to be the cause, with the verb given (`caused` or `may have caused`).
pub fn statement(hypothesis: &Hypothesis, certain: bool, findings: &Findings) -> String {
    let verb = if certain { "caused" } else { "may have caused" };
    let (service, failure) = (service(hypothesis), failure_seen(hypothesis, findings));
    if let Some(change) = set_off(hypothesis) {
        let verb = if certain { "brought about" } else { "may have brought about" };
        return format!("{} {verb} the incident: {failure} in {service}.", words::capital(&change));
    }
    match (hypothesis.kind, &hypothesis.change) {
        (HypothesisKind::Change, Some(made)) => {
            let named = |made: &Change| match made.commit.as_ref().filter(|_| !certain) {
                Some(commit) if made.reference.as_deref().is_some_and(|r| !is_head(r, &commit.sha)) => {
                    format!("commit {} of {}", short(&commit.sha), change(made))
                }
                _ => change(made),
            };
            let is_elsewhere = |of: &String| *of != service || made.reference.is_some() || *of != failing(hypothesis);
            let of = made.service.as_ref().filter(|of| is_elsewhere(of));
            let name = named(made);
            let name = match of {
                Some(of) if name.contains(of.as_str()) => name,
                Some(of) if is_described(of) || ["the ", "a ", "an ", "commit "].iter().any(|word| name.starts_with(word)) => {
                    format!("{name} of {of}")
                }
                Some(of) => format!("{of} {name}"),
                None => name,
            };
            // Where only words tell of the incident, nothing tells what failed.
            match hypothesis.failure.is_none() && hypothesis.signature.is_none() {
                true => format!("{} {verb} the incident.", words::capital(&name)),
                false => format!("{} {verb} the incident: {failure} in {}.", words::capital(&name), failing(hypothesis)),
            }
        }
        (HypothesisKind::External, _) if hypothesis.service.is_none() => {
            format!("What {} depends on or is given, of which nothing is here, {verb} the incident.", failing(hypothesis))
        }
        (HypothesisKind::External, _) => {
            format!("Trouble at {service}, outside of the services seen here, {verb} the incident in {}.", failing(hypothesis))
        }
        (HypothesisKind::UnknownIn, _) if hypothesis.failure.is_none() && hypothesis.service.is_none() => {
            "What set it off is told by no record here.".to_string()
        }
        (HypothesisKind::UnknownIn, _) => {
            format!("The incident began in {service} with {failure}; no record here names what set it off.")
        }
        _ if let Some(work) = by_hand(hypothesis) => {
            format!("The {work} that was started by hand {verb} the incident: {failure} in {service}.")
        }
        _ if is_run(hypothesis) => {
            format!("The scheduled run of {service} {verb} the incident: {failure} in {}.", failing(hypothesis))
        }
        _ => format!("{} in {service} {verb} the incident.", words::sentence(&failure)),
    }
}

/// A job that the clock started, of which others fail.
pub fn is_run(hypothesis: &Hypothesis) -> bool {
    let by_clock = hypothesis.trigger.as_ref().is_some_and(|t| t.kind == TriggerKind::Schedule && t.reference.is_some());
    let is_own_kind = hypothesis.signature.is_some_and(|s| s.category == Category::Schedule);
    by_clock
        && !is_own_kind
        && hypothesis.failure.as_ref().is_some_and(|f| f.service.is_some() && f.service != hypothesis.service)
}

/// Work that somebody started by hand, by their own word for it: `scorecard backfill`.
pub fn by_hand(hypothesis: &Hypothesis) -> Option<&str> {
    let trigger = hypothesis.trigger.as_ref().filter(|t| t.kind == TriggerKind::Load)?;
    trigger.reference.as_deref().filter(|_| hypothesis.kind == HypothesisKind::Failure)
}

/// No name of its own, but words for it: `the service that wrote app.log`.
pub fn is_described(service: &str) -> bool {
    service.starts_with("the ")
}

/// A service at the beginning of a sentence: a name keeps its letters.
pub fn subject(service: &str) -> String {
    match service.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => service.to_string(),
    }
}

/// The reference is the commit itself, cut or whole.
fn is_head(reference: &str, sha: &str) -> bool {
    reference.len() >= 7 && (sha.starts_with(reference) || reference.starts_with(sha) && !sha.is_empty())
}

/// As [`statement`], for a candidate that explains the failure of the first one.
pub fn same_failure(hypothesis: &Hypothesis, findings: &Findings) -> String {
    let whole = statement(hypothesis, false, findings);
    match whole.split_once(" may have caused the incident: ") {
        Some((name, _)) if hypothesis.kind == HypothesisKind::Change => format!("{name} may have caused the same failure."),
        _ => whole,
    }
}

/// `“timed out after …” at profile-service` and where it stands: what an alert would have to look for.
pub fn first_sign(findings: &Findings) -> Option<(String, Places)> {
    let started = findings.times.started.as_ref();
    let marked = started.and_then(|s| match &s.by {
        TimeBasis::FirstFailure { service, words } if !words.is_empty() => Some((words, service, s.places.few(2))),
        _ => None,
    });
    let failure = findings.hypotheses.first().and_then(|h| h.failure.as_ref());
    let (said, service, places) = marked.or_else(|| failure.map(|f| (&f.words, &f.service, f.places.few(2))))?;
    let at = service.as_ref().map(|s| format!(" at {s}")).unwrap_or_default();
    Some((format!("{}{at}", words::quote_sign(said, 80)), places))
}

/// The service in which the explained failure shows.
pub fn failing(hypothesis: &Hypothesis) -> String {
    let seen = hypothesis.failure.as_ref().and_then(|f| f.service.clone());
    // Whom a failing call names is not who failed by it.
    let is_called = hypothesis.kind == HypothesisKind::External && hypothesis.failure.is_some();
    seen.unwrap_or_else(|| if is_called { "the calling service".to_string() } else { service(hypothesis) })
}

/// `“panic: …”` with the innermost frame, where one is known.
///
/// `dated`: the record has its own time, which may be said. The first failure of a service is one alone.
pub fn seen(failure: &Failure, dated: bool, findings: &Findings) -> String {
    let service = failure.service.as_deref().map_or_else(|| "A service".to_string(), subject);
    let frame = failure.frame.as_ref().map(|f| format!(" The stack trace points at `{f}`.")).unwrap_or_default();
    let words = words::quote_log(&failure.words, words::QUOTE);
    let at = words::clock(failure.first);
    match (dated, is_first(failure, findings)) {
        (true, true) => format!("{service} first failed with {words} at {at}.{frame}"),
        (false, true) => format!("{service} first failed with {words}.{frame}"),
        (true, false) => format!("{service} failed with {words}, in this way first at {at}.{frame}"),
        (false, false) => format!("{service} failed with {words}.{frame}"),
    }
}

/// Nothing of the same service failed before, to the second.
fn is_first(failure: &Failure, findings: &Findings) -> bool {
    let fails = |h: &&Happening| {
        h.service == failure.service
            && h.kind == HappeningKind::Symptom
            && matches!(h.what, What::Failure { .. } | What::Kube { .. })
    };
    !findings.timeline.iter().filter(fails).any(|h| h.at.seconds() < failure.first.seconds())
}

/// The head of a SHA, cut where no number is cut in two.
pub fn short(sha: &str) -> &str {
    let digit = |i: usize| sha.as_bytes().get(i).is_some_and(u8::is_ascii_digit);
    let end = (8..=16).find(|end| !(digit(end - 1) && digit(*end)));
    end.and_then(|end| sha.get(..end)).unwrap_or(sha)
}

/// A name as written; of the head of a SHA so much as does not cut a number in two.
pub fn name_of(name: &str, sha: &str) -> String {
    if name.len() >= 6 && sha.starts_with(name) { short(sha).to_string() } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_called_by_its_exception_where_the_record_has_one() {
        let named = exception("worker 8 stopped: ** (KeyMissingError) no such key");
        assert_eq!(named, Some("KeyMissingError"));
        assert_eq!(exception("shop.orders.TotalException: negative"), Some("TotalException"));
        for text in ["Error while reading", "the Exception", "an error", "HTTP 500 for /ErrorPage"] {
            assert_eq!(exception(text), None, "{text}");
        }
    }
}
