//! People who take no part in the talk and have something to do: they are named before a colon in a list of items.
//!
//! It must never be asked of a sentence outside of such a list, where a word before a colon is a topic as often. Misled by a topic that is
//! none of those below.

use std::sync::LazyLock;

use expressions::{Expression, constant};

/// Who is named before a colon, and where what they do begins: "Ines: a test for it", "A. Roy : a test".
pub fn named(body: &str) -> Option<(&str, usize)> {
    static NAMED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?P<o>\p{Lu}\p{Ll}{1,14}(?: \p{Lu}\p{Ll}{1,20})?|\p{Lu}\.(?:-?\p{Lu}\.)? ?\p{Lu}[\p{L}-]{1,20})\s?: +(?P<task>\S+ \S.*)$",
        )
    });
    const TOPICS: [&str; 32] = [
        "Alert",
        "Alerts",
        "Alerting",
        "Backend",
        "Frontend",
        "Database",
        "Monitoring",
        "Docs",
        "Documentation",
        "Runbook",
        "Test",
        "Tests",
        "Testing",
        "Infra",
        "Infrastructure",
        "Deploy",
        "Deploys",
        "Network",
        "Security",
        "Code",
        "Config",
        "Process",
        "Short",
        "Long",
        "Fix",
        "Prevent",
        "Detect",
        "Mitigate",
        "Later",
        "Next",
        "Todo",
        "Note",
    ];
    let found = NAMED.captures(body)?;
    let (owner, task) = (found.name("o")?.as_str(), found.name("task")?);
    let first = owner.split(' ').next().unwrap_or_default();
    (!TOPICS.contains(&first)).then(|| (owner, task.start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_before_a_colon_is_somebody_and_a_topic_is_nobody() {
        assert_eq!(named("Ines: a test for it").map(|(who, _)| who), Some("Ines"));
        assert_eq!(named("A. Roy : a test for it").map(|(who, _)| who), Some("A. Roy"));
        assert_eq!(named("Ana Ruiz: a test for it"), Some(("Ana Ruiz", 10)));
        for none in ["Monitoring: an alert on it", "ines: a test for it", "Ines: test", "We will test it"] {
            assert_eq!(named(none), None, "{none}");
        }
    }
}
