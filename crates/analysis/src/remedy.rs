//! What ended it, as its record or somebody says; where nobody does, what ends such a failure, without words.
//!
//! What it sees: the step that was taken before the end, else the cause. Why it matters: the next time somebody does this first. When it
//! misleads: a change is taken back as a rule, but what was mitigated without a record of that ended in another way. Must never tell a
//! remedy of a cause that is not decided. A third party that recovered without a step of ours was waited for.

use std::sync::LazyLock;

use crate::findings::{ChangeKind, Hypothesis, HypothesisKind, Remediation, Shown, TimeFinding, TriggerKind};
use crate::incident::Incident;
use crate::times::Step;
use expressions::{Expression, constant};

/// Remedies that end a failure whatever change brought it.
const BY_ITSELF: [&str; 4] = ["scale", "free-disk", "purge-bad-data", "kill-query"];

pub fn of(
    incident: &Incident<'_>,
    best: Option<&Hypothesis>,
    step: Option<&Step>,
    (undetermined, mitigated): (bool, Option<&TimeFinding>),
) -> Option<Remediation> {
    if let Some(step) = step
        && let Some(word) = &step.remediation
    {
        // What expired works again by a new one alone, in whatever way that was brought in.
        let expired = best.filter(|b| !undetermined && b.trigger.as_ref().is_some_and(|t| t.kind == TriggerKind::Expiry));
        let renewed = expired
            .and_then(|b| b.signature.map(|s| s.remediation.clone()))
            .filter(|r| r.starts_with("rotate-") && ["restart", "config-revert", "roll-forward"].contains(&word.as_str()));
        return Some(Remediation {
            shown: if mitigated.is_some_and(|end| step.is_after(end.at)) { Shown::Late } else { Shown::Done },
            word: renewed.unwrap_or_else(|| word.clone()),
            by: step.author.clone(),
            words: step.words.clone(),
            places: step.places.clone(),
        });
    }
    let best = best.filter(|_| !undetermined)?;
    let change = best.change.as_ref().map(|c| match c.kind {
        ChangeKind::Flag => "feature-flag-disable",
        ChangeKind::Config => "config-revert",
        _ if c.commit.as_ref().is_some_and(|commit| is_of_settings(&commit.files)) => "config-revert",
        _ => "rollback",
    });
    // What was taken back would be on record.
    let own = best.signature.map(|s| s.remediation.as_str()).filter(|r| BY_ITSELF.contains(r));
    let change = change.filter(|word| !(*word == "rollback" && mitigated.is_some() && own.is_some()));
    let known = best.signature.map(|s| s.remediation.as_str()).filter(|r| !r.is_empty() && *r != "rollback");
    let known = known.map(|word| if word == "fix-dns" && asks_others(incident, best) { "escalate-upstream" } else { word });
    let external =
        (best.kind == HypothesisKind::External).then_some(if mitigated.is_some() { "wait-for-vendor" } else { "failover" });
    let word = change.or(external).or(known)?;
    Some(Remediation { word: word.into(), by: None, words: String::new(), shown: Shown::Not, places: best.places.clone() })
}

/// The resolver tells that none of those whom it asks itself answers: nothing of its own is to be corrected.
fn asks_others(incident: &Incident<'_>, best: &Hypothesis) -> bool {
    let own = |service: Option<&str>| service.is_some() && service == best.service.as_deref();
    incident.failures().any(|(_, signal, _)| own(signal.service.as_deref()) && is_of_upstream(&signal.words))
}

fn is_of_upstream(words: &str) -> bool {
    static UPSTREAM: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:all|no) (?:upstreams?|forwarders?)(?: (?:name ?)?servers?| resolvers?)?\b[^.;]{0,24}\b(?:down|unreachable|reachable|unhealthy|available|responding)\b|\b(?:upstream|forwarder)\b[^;]{0,40}\b(?:marked (?:as )?(?:unhealthy|down)|not responding)\b",
        )
    });
    UPSTREAM.is_match(words)
}

/// Nothing but files of settings was changed.
fn is_of_settings(files: &[String]) -> bool {
    const ENDINGS: [&str; 11] =
        [".yaml", ".yml", ".json", ".toml", ".ini", ".conf", ".cfg", ".properties", ".env", ".tfvars", ".cnf"];
    const OF_CODE: [&str; 4] = ["package.json", "package-lock.json", "composer.json", "cargo.toml"];
    let is_setting = |file: &String| {
        let lower = file.to_lowercase();
        ENDINGS.iter().any(|end| lower.ends_with(end)) && !OF_CODE.iter().any(|name| lower.ends_with(name))
    };
    !files.is_empty() && files.iter().all(is_setting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_settings_are_told_from_code_and_its_packages() {
        let of = |files: &[&str]| is_of_settings(&files.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(of(&["config/agent.yaml"]) && of(&["deploy/values.yml", "nginx/site.conf"]));
        assert!(!of(&["config/agent.yaml", "src/agent.go"]) && !of(&["package.json"]) && !of(&[]));
    }

    #[test]
    fn a_resolver_says_that_those_whom_it_asks_are_down() {
        for words in [
            "plugin/forward: all upstreams down; returning SERVFAIL",
            "no upstream nameservers reachable for this request",
            "forwarder 192.0.2.4 marked as down",
        ] {
            assert!(is_of_upstream(words), "{words}");
        }
        assert!(!is_of_upstream("no such host") && !is_of_upstream("upstream reloaded"));
    }
}
