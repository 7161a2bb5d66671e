//! Files of commits whose name says between which releases they are: `2.4.0-to-2.5.0.patch`, `cart_v7..v8.txt`.
//!
//! Must never take such a range for that of a service that did not have both releases. What breaks it: two services that went
//! from the same version to the same version; then the range is nobody's.

use std::sync::LazyLock;

use super::rollouts::Rollout;
use expressions::{Expression, constant};

/// The file is of the commits that this rollout brought.
pub fn is_of(file: &str, rollouts: &[Rollout], rollout: &Rollout) -> bool {
    let Some((from, to)) = versions(file) else { return false };
    let has = |service: &Option<String>, version: &str| {
        rollouts.iter().any(|r| r.service == *service && r.version.as_deref().is_some_and(|v| bare(v) == version))
    };
    let both = |service: &Option<String>| has(service, from) && has(service, to);
    let is_alone = || rollouts.iter().all(|r| r.service == rollout.service || !both(&r.service));
    let is_own = rollout.version.as_deref().is_some_and(|v| bare(v) == to) && !rollout.rollback;
    is_own && rollout.service.is_some() && both(&rollout.service) && is_alone()
}

fn bare(version: &str) -> &str {
    version.trim_start_matches(['v', 'V'])
}

/// The two releases that a file's name names, without their `v`.
fn versions(file: &str) -> Option<(&str, &str)> {
    static RANGE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:^|[^\w.]|_)v?(?P<from>\d+(?:\.\d+)*)(?:\.{2,3}|[-_ ]to[-_ ]|[-_ ]?(?:->|→)[-_ ]?)v?(?P<to>\d+(?:\.\d+)*)(?:\.[a-z]\w*)*$",
        )
    });
    let file = file.rsplit(['/', '!']).next().unwrap_or(file);
    let c = RANGE.captures(file)?;
    Some((c.name("from")?.as_str(), c.name("to")?.as_str()))
}

#[cfg(test)]
mod tests {
    use super::versions;

    #[test]
    fn the_name_of_a_file_says_between_which_releases_it_is() {
        assert_eq!(versions("git/2.4.0-to-2.5.0.patch"), Some(("2.4.0", "2.5.0")));
        assert_eq!(versions("cart_v7..v8.txt"), Some(("7", "8")));
        assert_eq!(versions("cart 1.2.3...1.3.0.diff.gz"), Some(("1.2.3", "1.3.0")));
        for file in ["cart-2.5.0.patch", "2025-01-01.log", "0001-limit-to-5.patch", "changes.patch"] {
            assert_eq!(versions(file), None, "{file}");
        }
    }
}
