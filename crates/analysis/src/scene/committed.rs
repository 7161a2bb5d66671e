//! Changes of settings of which the device that was changed tells itself: a router logs who committed what.
//!
//! What it sees: records of a commit in the logs of routers and switches, with the comment that was given. Why it matters: networks
//! have no pipeline, and what was changed stands in no other place. When it misleads: a tool that fetches the settings each
//! hour and is logged as one that configures; so what is logged often is none.

use std::sync::LazyLock;

use evidence::{ChangePhase, Deploy};
use expressions::{Expression, constant};

use super::{At, Scene};
use crate::digest::Pattern;

/// What is logged more often is a habit.
const MOST: u64 = 6;

static COMMITS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?:UI_COMMIT: |^)User '(?P<a>[^']+)' (?:requested|performed) 'commit[^']*' operation(?: \(comment: (?P<comment>[^)]*)\))?|[Cc]onfiguration committed by user '(?P<b>[^']+)'|Configured from \S+ by (?P<c>[\w.-]+)",
    )
});
static TICKET: LazyLock<Expression> = LazyLock::new(|| constant(r"\b[A-Z][A-Z]+-?\d{2,}\b"));
static BACK: LazyLock<Expression> =
    LazyLock::new(|| constant(r"(?i)\broll(?:ed|ing)?[ -]?back\b|\brevert\w*|\bback(?:ed)?[ -]?out\b"));

/// Adds them to the changes.
pub fn add(scene: &mut Scene) {
    let mut found = Vec::new();
    for digest in &scene.digests {
        let clock = scene.clock(digest.source);
        let kinds: Vec<&Pattern> = digest.patterns.iter().filter(|p| COMMITS.is_match(&p.first.text)).collect();
        let mut often: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
        for (pattern, (who, _)) in kinds.iter().filter_map(|p| Some((p, read(&p.first.text)?))) {
            *often.entry(who).or_default() += pattern.count;
        }
        for shown in kinds.iter().flat_map(|p| p.exemplars.iter().chain([&p.first])) {
            let (Some((who, change)), Some(at)) = (read(&shown.text), shown.stamp.and_then(|s| clock.moment(s))) else {
                continue;
            };
            if often.get(&who).is_some_and(|count| *count > MOST)
                || found.iter().any(|known: &At<Deploy>| known.place == shown.place)
            {
                continue;
            }
            let service = scene.entities.of_source(digest.source).map(str::to_string);
            found.push(At { at, place: shown.place, what: Deploy { service, ..change } });
        }
    }
    scene.deploys.extend(found);
}

/// Who committed, and what.
fn read(text: &str) -> Option<(String, Deploy)> {
    let line = text.lines().next()?;
    let captures = COMMITS.captures(line)?;
    let who = ["a", "b", "c"].iter().find_map(|name| captures.name(name))?.as_str().to_string();
    let comment = captures.name("comment").map_or("", |m| m.as_str().trim());
    let text = if comment.is_empty() { captures.get(0)?.as_str() } else { comment };
    let change = Deploy {
        service: None,
        version: TICKET.find(comment).map(|m| m.as_str().to_string()),
        sha: None,
        phase: ChangePhase::Finished,
        finished: None,
        rollback: BACK.is_match(comment),
        environment: None,
        actor: Some(who.clone()),
        kind: "config".into(),
        text: text.to_string(),
    };
    Some((who, change))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_tells_who_committed_what() {
        let of = |text: &str| read(text).map(|(who, d)| (who, d.version.unwrap_or_default(), d.text, d.rollback));
        let told =
            |who: &str, version: &str, text: &str, back| Some((who.to_string(), version.to_string(), text.to_string(), back));
        assert_eq!(
            of("UI_COMMIT: User 'mia' requested 'commit' operation (comment: NET-77 stricter import policy)"),
            told("mia", "NET-77", "NET-77 stricter import policy", false)
        );
        assert_eq!(
            of("UI_COMMIT: User 'mia' requested 'commit' operation (comment: rollback 1)"),
            told("mia", "", "rollback 1", true)
        );
        assert_eq!(
            of("Configuration committed by user 'mia'. Use 'show configuration commit changes 1000000042' to view the changes."),
            told("mia", "", "Configuration committed by user 'mia'", false)
        );
        assert_eq!(of("UI_COMMIT_COMPLETED: commit complete"), None);
        assert_eq!(of("User 'mia' logged in"), None);
    }
}
