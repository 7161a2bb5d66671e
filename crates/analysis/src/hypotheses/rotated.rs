//! A credential that was rotated, and who goes on with the old one: the record of the rotation stands before logins are refused,
//! and names the user or role that is refused.
//!
//! What it sees: records that tell of a rotation, beside failures to log in. Why it matters: between the rotation and the first
//! refusal lies as long as connections live, and the change that set the rotation up may be weeks old. When it misleads: a
//! rotation that everybody follows as a rule; so it has to name what is refused.

use std::sync::LazyLock;

use evidence::{Moment, RecordRef};

use super::late::Shown;
use crate::changes::Candidate;
use crate::diffs;
use crate::findings::{Hypothesis, HypothesisKind, Places, Reason, Term, Trigger, TriggerKind};
use crate::incident::{Incident, places_of};
use crate::signals::{Signal, first_line};
use crate::weights;
use expressions::{Expression, constant};

/// Seconds before the first refusal in which a credential may have been rotated.
const BEFORE_S: f64 = 36.0 * 3_600.0;
/// Letters of a name that is unlikely to stand in both by chance.
const LEAST: usize = 4;

static ROTATED: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:rotated|rotating|rotation (?:of .{0,40}(?:done|completed|succeeded)|succeeded|completed|finished)|successfully rotated|new version of secret|password (?:was |has been )?(?:changed|reset|rotated|updated)|RotationSucceeded|ALTER (?:USER|ROLE) \S+ .{0,20}PASSWORD|secret .{0,60}(?:rotated|new version))\b",
    )
});
static CREDENTIAL: LazyLock<Expression> = LazyLock::new(|| {
    constant(r"(?i)credential|password|secret|\brole\b|\bstatic[_-]?role|api[_ -]?key|\btoken\b|keystore|\bALTER (?:USER|ROLE)\b")
});

struct Rotation {
    at: Moment,
    place: RecordRef,
    service: Option<String>,
    words: String,
}

/// The rotation beside the refusals, where a change set it up.
pub fn shown(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>) -> Option<Shown> {
    let commit = &incident.scene.commits[candidate.commit?].what;
    let signal = &incident.signals[failure.filter(|f| is_refusal(&incident.signals[*f]))?];
    let is_of_rotation = diffs::read(commit).changes.iter().any(|c| c.says.contains("rotated"));
    let rotation = before(incident, signal, incident.began(failure?)).filter(|r| is_of_rotation && r.at >= candidate.at)?;
    let service = rotation.service.unwrap_or_else(|| "the store of secrets".into());
    Some(Shown::new(rotation.at, rotation.place, service, rotation.words))
}

/// The rotation itself as the cause, where nothing else explains the refusals better.
pub fn itself(incident: &Incident<'_>) -> Option<Hypothesis> {
    let (index, signal, _) =
        incident.failures().filter(|(_, s, _)| is_refusal(s)).min_by_key(|(i, _, share)| (share.onset, *i))?;
    let rotation = before(incident, signal, incident.began(index))?;
    let signature = signal.hits.iter().copied().find(|s| is_of_login(&s.id, &s.family))?;
    let refused = places_of(signal).few(2);
    let reason = Reason::Seen {
        service: rotation.service.clone().unwrap_or_else(|| "the store of secrets".into()),
        words: rotation.words.clone(),
    };
    let kind = Reason::Specific { words: signal.words.clone(), signature };
    let terms = vec![
        Term { name: "seen in effect", value: weights::SEEN_LATE, reason, places: Places::one(rotation.place) },
        Term { name: "kind of failure", value: signature.weight(), reason: kind, places: refused.clone() },
    ];
    let places = Places::one(rotation.place).and(&refused);
    Some(Hypothesis {
        service: signal.service.clone().or(rotation.service),
        signature: Some(signature),
        change_caused: Some(true),
        change: None,
        trigger: Some(Trigger {
            kind: TriggerKind::Schedule,
            reference: None,
            at: Some(rotation.at),
            places: Places::one(rotation.place),
        }),
        probability: 0.0,
        kind: HypothesisKind::Failure,
        failure: Some(incident.failure(index)),
        terms,
        tests: Vec::new(),
        places,
        objects: Vec::new(),
    })
}

fn is_refusal(signal: &Signal) -> bool {
    signal.hits.iter().any(|s| is_of_login(&s.id, &s.family))
}

fn is_of_login(id: &str, family: &str) -> bool {
    id == "db_auth" || id == "auth_expired" || family == "auth"
}

/// The last rotation before a refusal that names what was refused.
fn before(incident: &Incident<'_>, signal: &Signal, onset: Moment) -> Option<Rotation> {
    let scene = incident.scene;
    let refused: Vec<String> = signal.texts.iter().take(2).flat_map(|t| users(t)).collect();
    let mut found: Option<Rotation> = None;
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        for pattern in &digest.patterns {
            for exemplar in pattern.exemplars.iter().chain([&pattern.first]) {
                let text = exemplar.text.as_str();
                if !ROTATED.is_match(text) || !CREDENTIAL.is_match(text) || !names(text, &refused) {
                    continue;
                }
                let Some(at) = exemplar.stamp.and_then(|s| clock.moment(s)) else { continue };
                let is_near = at <= onset && onset.since(at) <= BEFORE_S;
                if is_near && found.as_ref().is_none_or(|f| (at, exemplar.place) > (f.at, f.place)) {
                    let service = scene.service_of(pattern.service.as_deref(), digest.source);
                    found = Some(Rotation { at, place: exemplar.place, service, words: first_line(text) });
                }
            }
        }
    }
    found
}

/// Who was refused: what stands in quotes, or behind `user`.
fn users(text: &str) -> Vec<String> {
    static USER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r#"(?i)\b(?:user|role|login|account|principal|username|client)[ =:]+["'`]?([\w.@-]{4,64})|["'`]([\w.-]{4,64})["'`]"#,
        )
    });
    let found = USER.captures_iter(text).filter_map(|c| c.get(1).or(c.get(2)).map(|m| m.as_str().to_lowercase()));
    found.filter(|w| !["name", "user", "role", "default", "failed", "using", "password"].contains(&w.as_str())).collect()
}

fn names(text: &str, refused: &[String]) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !(c.is_alphanumeric() || "_.@-".contains(c))).collect();
    let of = |word: &&str, name: &String| {
        *word == name.as_str()
            || word.len() > name.len() && name.len() >= LEAST && word.split(['-', '_', '.', '@']).any(|p| p == name)
    };
    words.iter().any(|word| refused.iter().any(|name| of(word, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_names_the_user_that_is_refused() {
        let refused = users(r#"FATAL:  password authentication failed for user "ledger""#);
        assert_eq!(refused, ["ledger"]);
        let tells = |text: &str| ROTATED.is_match(text) && CREDENTIAL.is_match(text) && names(text, &refused);
        assert!(tells("rotated static role credential: role=ledger-db username=ledger"));
        assert!(tells("ALTER USER ledger WITH PASSWORD '***'"));
        assert!(tells("Successfully rotated secret prod/ledger"));
        assert!(!tells("rotated static role credential: role=orders username=orders"));
        assert!(!tells("rotated log ledger.log"));
    }
}
