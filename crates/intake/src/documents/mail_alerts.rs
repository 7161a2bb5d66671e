//! The mail of a monitor: which alert it is about, and whether it fires or is over, by its subject.
//!
//! Monitors write one of few subjects: a word for the state, and the name of what is watched. It must never take the words of a
//! person for an alert; the caller knows who wrote it. What breaks it: a house that words its subjects anew.

use std::sync::LazyLock;

use evidence::AlertState;
use expressions::Expression;

/// `firing` and name by the subject; nothing where it tells no state.
pub fn of(subject: &str, words: &str) -> Option<AlertState> {
    let (firing, name) = state(subject.trim())?;
    let summary = words.lines().map(str::trim).find(|line| line.split_whitespace().count() >= 3).unwrap_or(subject.trim());
    (!name.is_empty()).then(|| AlertState { name, summary: summary.to_string(), firing, ..AlertState::default() })
}

fn state(subject: &str) -> Option<(bool, String)> {
    const FIRES: &str =
        r"firing(?::\d+)?|alerting|(?:re-)?triggered|alarm|problem|critical|down|alert|error|warning|incident started|outage";
    const OVER: &str =
        r"resolved(?::\d+)?|recovered|recovery|ok|up|cleared|closed|normal|incident resolved|resolved in [^:\]]{1,20}";
    // `[FIRING:1] name`, `ALARM: "name" in ...`, `DOWN alert: name`, `Monitor is DOWN: name`, `** PROBLEM Service Alert: name is CRITICAL **`
    static HEAD: LazyLock<Option<Expression>> = LazyLock::new(|| {
        let front = r"(?:monitor|service|host|website|check)?(?: is)? ?";
        let behind = r"(?: (?:service |host )?alert)?";
        Expression::new(&format!(
            r#"(?i)^\W*{front}(?:(?P<fires>{FIRES})|(?P<over>{OVER})){behind}(?:\]|:| - )\s*"?(?P<name>[^"\n]{{2,160}})"#
        ))
        .ok()
    });
    // `name is DOWN`, `Website down - name`, `name: is back up`
    static TAIL: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(
            r"(?i)^(?P<name>[^\n]{2,120}?)[:,]?(?: is| has gone| went)? (?:(?P<fires>down|unreachable|critical|offline)|(?P<over>back up|up again|up|recovered|online))[.!* ]*$",
        )
        .ok()
    });
    let found = HEAD.as_ref()?.captures(subject).or_else(|| TAIL.as_ref()?.captures(subject))?;
    Some((found.name("fires").is_some(), bare(found.name("name")?.as_str())))
}

/// Without how bad it is and where the tool runs: `db1/disk is CRITICAL **`, `cart-5xx" in EU (Ireland)`.
fn bare(name: &str) -> String {
    static ENDS: LazyLock<Option<Expression>> = LazyLock::new(|| {
        Expression::new(r"(?i)(?: is (?:critical|warning|unknown|down|up|ok)\b.*|[\s*]+| in [A-Z]{2} \([^)]*\).*)$").ok()
    });
    let cut = ENDS.as_ref().and_then(|ends| ends.find(name)).map_or(name, |end| &name[..end.start()]);
    cut.trim().trim_matches(['"', '*']).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_of_monitors_tell_state_and_name() {
        for (subject, firing, name) in [
            ("Monitor is DOWN: shop.example", true, "shop.example"),
            ("Monitor is UP: shop.example", false, "shop.example"),
            ("[FIRING:1] CartDown (cart)", true, "CartDown (cart)"),
            ("[RESOLVED] CartDown (cart)", false, "CartDown (cart)"),
            ("ALARM: \"cart-5xx\" in EU (Ireland)", true, "cart-5xx"),
            ("OK: \"cart-5xx\" in EU (Ireland)", false, "cart-5xx"),
            ("** PROBLEM Service Alert: db1/disk is CRITICAL **", true, "db1/disk"),
            ("** RECOVERY Service Alert: db1/disk is OK **", false, "db1/disk"),
            ("DOWN alert: shop (shop.example) is DOWN", true, "shop (shop.example)"),
            ("Problem: cart answers slowly", true, "cart answers slowly"),
            ("Resolved in 4m 2s: cart answers slowly", false, "cart answers slowly"),
            ("shop.example is down", true, "shop.example"),
            ("shop.example is back up", false, "shop.example"),
        ] {
            assert_eq!(state(subject), Some((firing, name.to_string())), "{subject}");
        }
        for subject in ["Weekly report", "Re: cart", "Your invoice is ready", "Deploy of cart finished", "Minutes of Monday"] {
            assert_eq!(state(subject), None, "{subject}");
        }
    }
}
