//! A program that was told to log more, and a disk that is full of its log.
//!
//! What it sees: a setting of how much is logged that was raised, and a full disk whose records name that program or a log. Why it
//! matters: a full disk has a cause of its own, hours or a day before it, and nobody remembers the setting. When it misleads:
//! a disk that something else filled at that time; then the record of it names no log.

use std::sync::LazyLock;

use crate::changes::{Candidate, mentions};
use crate::findings::{ChangeKind, Reason, Term};
use crate::incident::Incident;
use crate::weights;
use expressions::{Expression, constant};

const LEVELS: [&str; 8] = ["off", "fatal", "error", "warn", "info", "debug", "trace", "all"];

static OF_LOGGING: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)log(?:ging)?[._/-]?(?:level|verbosity)|loglevel|verbos|\blog\b"));
static A_LOG: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)/log/|\.log\b|\blogs?\b|syslog|journal"));

/// The setting of a flag or an entry of a store explains the full disk.
pub fn fills_the_disk(incident: &Incident<'_>, candidate: &Candidate, failure: Option<usize>) -> Option<Term> {
    let signal = &incident.signals[failure?];
    let is_full = signal.hits.iter().any(|h| h.family == "disk");
    if !is_full || candidate.kind != ChangeKind::Flag {
        return None;
    }
    let flag = incident.scene.flags.iter().find(|f| candidate.places.iter().any(|p| *p == f.place))?;
    let (old, new) = (flag.what.old.as_deref()?, flag.what.new.as_deref()?);
    let raises = level(old)? < level(new)? && OF_LOGGING.is_match(&flag.what.name);
    let owner = flag.what.name.split(['/', '.', ':']).next().unwrap_or_default();
    let texts =
        || incident.failures().filter(|(_, s, _)| s.hits.iter().any(|h| h.family == "disk")).flat_map(|(_, s, _)| &s.texts);
    let is_of_it = texts().any(|text| A_LOG.is_match(text) && (owner.len() < 4 || mentions(text, owner)));
    let says = format!("it sets `{}` from `{old}` to `{new}`, so that more is logged", flag.what.name);
    (raises && is_of_it).then(|| Term {
        name: "diff",
        value: weights::LOGS_MORE,
        reason: Reason::Setting { says },
        places: candidate.places.clone(),
    })
}

fn level(word: &str) -> Option<usize> {
    let word = word.trim_matches(['"', '\'', ' ']).to_lowercase();
    LEVELS.iter().position(|known| *known == word || *known == "warn" && word == "warning")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_an_order() {
        assert!(level("info") < level("DEBUG") && level("warning") == level("warn"));
        assert_eq!(level("blue"), None);
        assert!(OF_LOGGING.is_match("labels/log_level") && !OF_LOGGING.is_match("labels/catalog_size"));
    }
}
