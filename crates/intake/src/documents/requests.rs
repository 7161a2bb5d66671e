//! What kind of change a request for one is about, by the words of who asked: a delivery, settings, or the machines below.
//!
//! It must never know a service or a failure. What breaks it: a request whose title is only a number.

/// Words of deliveries, of changes of a schema, and of work on what everything stands on.
const DELIVERS: [&str; 9] =
    ["deploy", "release", "rollout", "roll out", "roll back", "rollback", "go-live", "hotfix", "new version"];
const MIGRATES: [&str; 4] = ["migration of schema", "schema migration", "schema change", "alter table"];
const BUILDS: [&str; 30] = [
    "hardware",
    "replace",
    "disk",
    "firmware",
    "reboot",
    "patching",
    "os patch",
    "kernel",
    "memory module",
    "power",
    "ups ",
    "cable",
    "fibre",
    "fiber",
    "uplink",
    "rack",
    "migrate",
    "migration",
    "move ",
    "relocat",
    "decommission",
    "failover",
    "maintenance",
    "resize",
    "storage",
    "vm ",
    "host ",
    "node",
    "cluster",
    "data cent",
];

/// `deploy`, `migration`, `infrastructure` or `config`. `has_version`: the words name what is delivered.
pub fn kind(words: &str, has_version: bool) -> &'static str {
    let lower = format!("{} ", words.to_lowercase());
    let says = |known: &[&str]| known.iter().any(|word| lower.contains(word));
    if has_version || says(&DELIVERS) {
        "deploy"
    } else if says(&MIGRATES) {
        "migration"
    } else if says(&BUILDS) {
        "infrastructure"
    } else {
        "config"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_request_say_what_kind_of_change_it_is() {
        for (words, has_version, told) in [
            ("cart 2.4.1 to production", true, "deploy"),
            ("Roll back cart", false, "deploy"),
            ("Rotate the account of the ledger", false, "config"),
            ("Firewall: open 8443 to the payment zone", false, "config"),
            ("Replace disk in san-04", false, "infrastructure"),
            ("Linux patching, wave 2", false, "infrastructure"),
            ("Schema migration of orders", false, "migration"),
        ] {
            assert_eq!(kind(words, has_version), told, "{words}");
        }
    }
}
