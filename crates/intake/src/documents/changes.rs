//! What the readers of changes (deploys, flags, commits) share: names of members, and what a log record looks like.
//!
//! It must never decide by itself what an element is.

use super::json::El;

/// Members that hold when something happened, the most telling first.
pub const TIMES: [&str; 24] = [
    "timestamp",
    "@timestamp",
    "time",
    "ts",
    "at",
    "date",
    "datetime",
    "created_at",
    "createdAt",
    "creationDate",
    "started_at",
    "startedAt",
    "deployed_at",
    "deployedAt",
    "deploy_time",
    "released_at",
    "run_started_at",
    "occurred_at",
    "occurredAt",
    "changed_at",
    "updated",
    "when",
    "created_date",
    "auditLogDateTime",
];

/// Members that hold whose change it was.
pub const ACTORS: [&str; 33] = [
    "actor.name",
    "actor.login",
    "actor.email",
    "actor",
    "creator.login",
    "creator",
    "user.username",
    "user.name",
    "user.login",
    "user.email",
    "user",
    "member.name",
    "member.firstName",
    "member.email",
    "member",
    "author.name",
    "author.email",
    "author",
    "createdBy.name",
    "createdBy.email",
    "createdBy",
    "created_by",
    "userEmail",
    "userName",
    "changedBy",
    "deployed_by",
    "deployer",
    "changed_by",
    "updated_by",
    "triggered_by",
    "editor",
    "initiatedBy.username",
    "by",
];

/// Whether an object looks like a record of a log: it has a severity together with words.
pub fn is_log(element: El<'_>) -> bool {
    element.has_any(&[
        "level",
        "severity_text",
        "lvl",
        "loglevel",
        "levelname",
        "log.level",
        "logger",
        "severityText",
        "severity",
    ]) && element.has_any(&["msg", "message", "body", "log", "text", "event"])
        || element.has_any(&["severity_text", "levelname", "msg", "logger"])
}

/// Whether words call a change a rollback or a revert.
pub fn is_rollback(words: &[&str]) -> bool {
    let cues = ["rollback", "roll back", "rolled back", "rolling back", "roll-back", "revert"];
    words.iter().any(|w| {
        let lower = w.to_lowercase();
        cues.iter().any(|c| lower.contains(c))
    })
}

/// A commit id in lower case: 7 to 64 hexadecimal digits, and not only decimal ones when it is short.
pub fn sha(text: &str) -> Option<String> {
    let text = text.trim();
    let is_hex = (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let is_number = text.len() < 20 && text.bytes().all(|b| b.is_ascii_digit());
    (is_hex && !is_number).then(|| text.to_ascii_lowercase())
}

/// The last part of a repository's name or address: `shop/checkout.git` is `checkout`.
pub fn repository_name(address: &str) -> Option<String> {
    let name = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim_end_matches(".git");
    (!name.is_empty()).then(|| name.to_string())
}

/// The first word of a text that is a version: `v3.18.0`, `2025.11.3`; dates, addresses and plain numbers are none.
pub fn version_in(text: &str) -> Option<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '"' | '\''));
    words.map(|w| w.trim_end_matches(['.', ':'])).find(|w| is_version(w)).map(str::to_string)
}

fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let core = bare.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    let is_marked = bare.len() < word.len();
    let enough = if is_marked { 1 } else { 3 };
    (enough..=4).contains(&parts.len())
        && (is_marked || parts.len() == 3)
        && parts.iter().all(|p| !p.is_empty() && p.len() <= 5 && p.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_a_text() {
        for (text, want) in [
            ("Deploy cart v3.18.0 to prod", Some("v3.18.0")),
            ("cart 2.4.1-rc1, please", Some("2.4.1-rc1")),
            ("at 10.0.0.1 since 13:42", None),
            ("raise by 2.5", None),
            ("release v7", Some("v7")),
        ] {
            assert_eq!(version_in(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn what_is_a_commit_id() {
        assert_eq!(sha("ABCDEF1").as_deref(), Some("abcdef1"));
        assert_eq!(sha("20250302"), None);
        assert_eq!(sha("v1.2.3"), None);
    }
}
