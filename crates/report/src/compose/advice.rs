//! What to do about a diff that is held to be the cause: by what it does, not by how the failure looked.
//!
//! A table from the clauses in which diffs are read to an instruction, its prevention and the sign that it is done. Must
//! never invent a number or say what only the team can decide. A clause of no known kind gives no advice.

use analysis::findings::{ChangeKind, Findings, Hypothesis, HypothesisKind, Places, Reason, Shown};

use super::words;

/// Three sentences without numbers, and the places they rest on.
pub struct Advice {
    pub now: String,
    pub prevent: String,
    pub done: String,
    pub places: Places,
}

/// Words of a clause; what to do; how to prevent it; when it is done. `{}` is the identifier that the clause names.
struct Rule(&'static [&'static str], &'static str, &'static str, &'static str);

const RULES: &[Rule] = &[
    Rule(
        &["bounds check", "moves a bound"],
        "Put the bounds check back, and test the empty and the longest input",
        "Test every access by index with an empty input and with one that is too long",
        "A test with an empty and a too long input fails without the check and passes with it",
    ),
    Rule(
        &["removes the guard", "without checking that there is one", "removes the condition"],
        "Put the guard back, and test the case in which the value is absent",
        "Have a test for each dependency that can be absent, and a lint that rejects unchecked access",
        "A test of the absent case fails without the guard and passes with it",
    ),
    Rule(
        &["removes the error handling", "removes the fallback"],
        "Put the handling of the failed call back, and test that path",
        "Test the failing path of each call to a dependency",
        "A test in which the call fails passes with the handling and fails without it",
    ),
    Rule(
        &["cache without limit", "takes nothing away", "removes the eviction"],
        "Bound the cache and evict what is old",
        "Give every cache and collection that lives long a bound, and watch its size",
        "Memory stays level in a test that runs longer than it took to fail",
    ),
    Rule(
        &["callers from loading the same thing at once", "reads through the cache", "key of the cache"],
        "Restore how the cache is read, and test how often the source behind it is asked",
        "Alert on the share of cache misses, and compare it before and after each rollout",
        "A test counts one load for many equal requests",
    ),
    Rule(
        &["removes the lock", "removes the transaction"],
        "Put the lock or transaction back, and test two writers at once",
        "Test shared state with concurrent writers before each release",
        "A test with two writers at once fails without it and passes with it",
    ),
    Rule(
        &["adds a lock"],
        "Take the slow work out from under the lock",
        "Measure waiting for locks under load before a rollout",
        "A load test shows no requests that wait for the lock",
    ),
    Rule(
        &["no longer closes", "does not close"],
        "Close what is opened on every path, the failing one too",
        "Watch the number of open connections, files or threads, and alert when it only grows",
        "The number of open handles is level in a test of the failing path",
    ),
    Rule(
        &["removes the timeout"],
        "Put the timeout back, and test a dependency that never answers",
        "Demand a timeout on every outgoing call, by a lint or in the shared client",
        "A test against a dependency that never answers ends in time",
    ),
    Rule(
        &["wait between attempts", "retries without a wait"],
        "Put a growing, random wait between attempts, and cap their number",
        "Give retries a budget, and test them against a dependency that is down",
        "A test against a dependency that is down counts no more attempts than the cap allows",
    ),
    Rule(
        &["removes the limit"],
        "Put the limit back, and test what lies beyond it",
        "Keep a test on every limit that protects a shared resource",
        "A load beyond the limit is turned away in a test",
    ),
    Rule(
        &["doing the same thing twice"],
        "Put the protection against repeats back, and test the same message twice",
        "Give every step that must happen once a key, and test it with a repeat",
        "The same message sent twice has one effect in a test",
    ),
    Rule(
        &["no longer acknowledges"],
        "Acknowledge each message once its work is done, and test redelivery",
        "Alert on messages that are delivered but not acknowledged",
        "A test shows that no message comes back once its work is done",
    ),
    Rule(
        &["removes the registration"],
        "Register it again, and test that it can be reached",
        "Test after each build that everything that callers use is registered",
        "A test that calls it fails without the registration",
    ),
    Rule(
        &["in one query", "once per round of the loop"],
        "Load in one query outside of the loop, and test the number of queries of a request",
        "Put a bound on the queries of a request, and check it in tests",
        "A test bounds the number of queries of a request",
    ),
    Rule(
        &["filter or index", "condition from the query", "no index serves", "drops an index"],
        "Restore the filter or index, and read the plan of the query on real amounts of data",
        "Check the plans of new queries on real amounts of data before a rollout",
        "The plan of the query uses an index",
    ),
    Rule(
        &["rewrites every row", "locks a table"],
        "Run the migration in small steps that hold no lock for long",
        "Rehearse migrations on a copy with real amounts of data and a short lock timeout",
        "The migration runs on a copy under load without blocking requests",
    ),
    Rule(
        &["removes the field", "changes the type of", "renames", "drops what others may read"],
        "Restore the former shape of {}, and change it in steps that old and new readers both accept",
        "Check each schema against its consumers before it is published",
        "The check of the schema rejects this change",
    ),
    Rule(
        &["demands what callers"],
        "Make {} optional again until all callers give it",
        "Test new demands against the requests of present callers",
        "A request of an old caller passes in a test",
    ),
    Rule(
        &["who may do what"],
        "Restore the permission, and test it with the caller that was refused",
        "Test permissions with the identity of each caller before a rollout",
        "The caller that was refused is let through in a test",
    ),
    Rule(
        &["tls settings", "traffic is let through", "names are resolved"],
        "Restore the network setting, and test the connection from each caller",
        "Roll out network settings to one place first, with a probe from each caller",
        "A probe from each caller connects",
    ),
    Rule(
        &["regular expression that can backtrack"],
        "Replace the regular expression by one that cannot backtrack without end",
        "Bound the time of matching, and test expressions with hostile input",
        "The match of a hostile input ends at once in a test",
    ),
    Rule(
        &["thread or task that nothing ends", "blocks inside asynchronous"],
        "End each task with its request, and keep blocking work out of asynchronous code",
        "Watch the number of tasks and the delay of the event loop, and alert when they grow",
        "The number of tasks is level under load",
    ),
    Rule(
        &["everything into memory"],
        "Read in parts of a bounded size",
        "Test with the largest input that production has",
        "Memory stays level in a test with the largest input",
    ),
    Rule(
        &["messages to the log", "level of logging"],
        "Set the logging back, and bound how much is written",
        "Limit the rate and the retention of logs, and alert on a disk that fills",
        "The amount that is logged under load is as it was before the change",
    ),
    Rule(
        &["store does when it is full"],
        "Restore what the store does when it is full",
        "Alert before the store is full, and test what happens when it is",
        "A full store still accepts writes in a test",
    ),
    Rule(
        &["how times are", "how amounts are"],
        "Restore how the value is written and read, and test both ways",
        "Test values that one service writes with the reader of the other",
        "A value written by one side is read the same by the other in a test",
    ),
    Rule(
        &["it lowers `", "it raises `"],
        "Restore {} to its former value, and guard the setting with a test or a bound",
        "Check settings against a bound before they reach production, and roll them out in steps",
        "{} has its former value, and a test rejects one beyond the bound",
    ),
    Rule(
        &["it moves `"],
        "Go back to the former version of {} until the new one passes the tests",
        "Test updates of dependencies against a real peer before a rollout",
        "The tests against a real peer pass with the version in use",
    ),
    Rule(
        &["it changes `", "it sets `", "it turns `", "it flips `", "it removes `", "it takes `", "it adds `"],
        "Restore {}, and guard the configuration value with a validation",
        "Validate configuration values before they are rolled out, and roll them out in steps",
        "The validation rejects the value that was rolled out",
    ),
];

/// Advice against the first hypothesis, when a change is held to be the cause and its mechanism is known.
pub fn against(findings: &Findings) -> Option<Advice> {
    let best = findings.hypotheses.first().filter(|h| h.kind == HypothesisKind::Change && findings.undetermined.is_none())?;
    let change = best.change.as_ref()?;
    let clauses = clauses(best);
    let found = clauses
        .iter()
        .find_map(|clause| RULES.iter().find(|r| r.0.iter().any(|w| clause.to_lowercase().contains(w))).map(|r| (clause, r)));
    let (now, prevent, done) = match (found, change.kind) {
        (Some((clause, rule)), _) => {
            let name = named(clause);
            (filled(rule.1, &name), filled(rule.2, &name), filled(rule.3, &name))
        }
        (None, ChangeKind::Flag) => FLAG.map(str::to_string).into(),
        (None, ChangeKind::Config) => CONFIG.map(str::to_string).into(),
        _ => return None,
    };
    let undone = matches!(
        findings.remediation.as_ref().filter(|r| r.shown != Shown::Not).map(|r| r.word.as_str()),
        Some("rollback" | "config-revert" | "feature-flag-disable")
    );
    let now = if undone { format!("Before the change goes out again: {}", lowered(&now)) } else { now };
    let mut places = change.commit.as_ref().map_or_else(|| change.places.few(2), |c| Places::one(c.place));
    places = places.and(&best.places.few(2));
    Some(Advice { now: words::end(&now), prevent: words::end(&prevent), done: words::end(&done), places })
}

/// Advice where runs of one job overlap: what is lacking is a lock, not another hour.
pub fn against_overlap(findings: &Findings) -> Option<Advice> {
    let best = findings.hypotheses.first().filter(|_| findings.undetermined.is_none())?;
    let (job, places) = best.terms.iter().filter(|t| t.value > 0.0).find_map(|t| match &t.reason {
        Reason::Overlaps { job } => Some((job, t.places.clone())),
        _ => None,
    })?;
    Some(Advice {
        now: format!("Let only one run of {job} go at a time, by a lock or by what its scheduler offers for that."),
        prevent: format!("Alert when a run of {job} is not done by the time the next one is due."),
        done: "A run that is started while another one goes on ends at once, in a test.".to_string(),
        places,
    })
}

const FLAG: [&str; 3] = [
    "Keep the flag off until the failure is fixed, and turn it on in steps",
    "Turn flags on for a small share of users first, and off by themselves when errors rise",
    "The flag is on for a small share of users without the failure",
];
const CONFIG: [&str; 3] = [
    "Restore the former configuration, and guard the value with a validation",
    "Validate configuration values before they are rolled out, and roll them out in steps",
    "The validation rejects the value that was rolled out",
];

/// What the diff does: first the clause that explains the failure.
fn clauses(best: &Hypothesis) -> Vec<String> {
    let explaining = best.terms.iter().filter_map(|t| match &t.reason {
        Reason::Diff { says } if t.value > 0.0 => Some(says.clone()),
        _ => None,
    });
    let all = best.change.iter().filter_map(|c| c.commit.as_ref()).flat_map(|c| c.says.iter().cloned());
    explaining.chain(all).collect()
}

/// The first identifier in backticks, with them; words where there is none or it has digits.
fn named(clause: &str) -> String {
    let name = clause.split('`').nth(1).unwrap_or_default();
    let plain = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_ascii_alphabetic() || "_-./:".contains(c));
    if plain { format!("`{name}`") } else { "the setting".to_string() }
}

fn filled(text: &str, name: &str) -> String {
    let text = text.replace("{}", name);
    words::sentence(&text)
}

fn lowered(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_named_when_it_has_no_digits() {
        assert_eq!(named("it lowers `pool_size` from `20` to `2`"), "`pool_size`");
        assert_eq!(named("it removes the guard `if x == 3`"), "the setting");
    }

    #[test]
    fn advice_has_no_numbers() {
        for rule in RULES {
            assert!(![rule.1, rule.2, rule.3].concat().contains(|c: char| c.is_ascii_digit()), "{}", rule.1);
        }
    }
}
