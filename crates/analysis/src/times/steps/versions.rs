//! Whether a deployment goes back: to a version that ran before, or to a lower one than runs.
//!
//! Must never know what a version is called in a service: it compares numbers of names that are made alike. Misled by version
//! schemes that count down, and by two deployments whose records came out of order.

use evidence::Deploy;

use crate::scene::{At, Scene};

/// It sets a version that ran before, or a lower one than the one before it.
pub fn goes_back(scene: &Scene, deploy: &At<Deploy>) -> bool {
    let Some(version) = deploy.what.version.as_deref() else { return false };
    // Packages of machines are many, and none goes back by what another one is at.
    if deploy.what.service.is_none() && deploy.what.kind == "infrastructure" {
        return false;
    }
    let before: Vec<&str> = scene
        .deploys
        .iter()
        .filter(|d| d.at < deploy.at && d.what.service == deploy.what.service)
        .filter_map(|d| d.what.version.as_deref())
        .collect();
    let last = before.last().filter(|last| **last != version);
    last.is_some() && before.contains(&version) || last.is_some_and(|last| is_lower(version, last))
}

/// `v3.17.2` than `v3.18.0`, `orders:56` than `orders:57`; never where the names differ in more than their numbers.
fn is_lower(version: &str, than: &str) -> bool {
    let (own, other) = (parts(version), parts(than));
    crate::changes::is_older(version, than)
        || own.0 == other.0 && !own.1.is_empty() && own.1.len() == other.1.len() && own.1 < other.1
}

/// What stands around the numbers, and the numbers.
fn parts(version: &str) -> (String, Vec<u64>) {
    let mut around = String::new();
    let mut numbers = Vec::new();
    let mut digits = String::new();
    for c in version.trim_start_matches('v').chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            numbers.push(digits.parse().unwrap_or(u64::MAX));
            digits.clear();
            around.push('0');
        }
        around.push(c);
    }
    (around, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_versions_are_told_by_their_numbers() {
        for (version, than, lower) in [
            ("v3.17.2", "v3.18.0", true),
            ("3.9.0", "3.10.0", true),
            ("orders:56", "orders:57", true),
            ("20250301120000", "20250302120000", true),
            ("3.18.0", "v3.17.2", false),
            ("3.18.0", "3.18.0", false),
            ("3.18", "3.18.1", false),
            ("a1b2c3d", "e4f5a6b", false),
            ("main", "1.2.0", false),
        ] {
            assert_eq!(is_lower(version, than), lower, "{version} {than}");
        }
    }
}
