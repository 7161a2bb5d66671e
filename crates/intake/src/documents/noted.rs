//! Changes that somebody, or a pipeline, noted where the metrics are: events and annotations.
//!
//! Must never take what merely happened for a change: a note is one by its first words and a version, or because a pipeline sent it.
//! What breaks it: a pipeline that also notes what it tests.

use evidence::{ChangePhase, Deploy};

use super::changes::{is_rollback, sha, version_in};

/// By which word pipelines say who sent an event.
const SENDERS: [&str; 8] = ["deploy", "deploys", "deployment", "deployments", "release", "releases", "rollout", "cd"];

pub fn is_change(word: &str) -> bool {
    let changes = ["deploy", "deployment", "deployed", "release", "released", "rollback", "rollout", "revert"];
    changes.contains(&word.to_lowercase().as_str())
}

pub fn begins_with_change(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).take(3).any(is_change)
}

/// A change that somebody noted.
pub fn change(text: String, service: Option<String>, actor: Option<String>) -> Deploy {
    Deploy {
        service,
        version: version_in(&text),
        sha: None,
        phase: ChangePhase::Started,
        finished: None,
        rollback: is_rollback(&[&text]),
        environment: None,
        actor,
        kind: "deploy".into(),
        text,
    }
}

/// An event that is a change: its title says so with a version, or a pipeline sent it. What it is in particular (a rollback, a
/// commit, a setting) stands in its text.
pub fn by_event(title: &str, text: &str, sender: &str, service: Option<String>) -> Option<Deploy> {
    let is_sent = SENDERS.contains(&sender.to_lowercase().as_str());
    let is_said = version_in(title).is_some() && begins_with_change(title);
    (is_sent || is_said).then_some(())?;
    let of_settings = ["config", "setting", "parameter"].iter().any(|word| title.to_lowercase().contains(word));
    let words = [title, text].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    let commit = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 40).find_map(sha);
    let kind = if of_settings { "config" } else { "deploy" };
    Some(Deploy { version: version_in(title), sha: commit, kind: kind.into(), ..change(words, service, None) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pipeline_sends_is_a_change_with_what_its_text_tells() {
        let of = |title: &str, text: &str, sender: &str| by_event(title, text, sender, Some("cart".into()));
        let back = of("Deployed cart v41", "rollback", "deploy").unwrap();
        assert_eq!((back.version.as_deref(), back.rollback, back.kind.as_str()), (Some("v41"), true, "deploy"));
        let commit = "1f2e3d4c5b6a79880716253443526170f9e8d7c6";
        let release = of("Deployed cart v42", &format!("git {commit} smaller pictures"), "").unwrap();
        assert_eq!((release.sha.as_deref(), release.rollback), (Some(commit), false));
        let set = of("Config change cart", "CART_LIMIT 5 -> 9", "deploy").unwrap();
        assert_eq!((set.kind.as_str(), set.text.as_str()), ("config", "Config change cart; CART_LIMIT 5 -> 9"));
        assert!(of("cart was restarted", "by ann", "").is_none(), "no release");
        assert!(of("Deployment of cart is slow", "", "my-apps").is_none(), "nobody says that a version went out");
    }
}
