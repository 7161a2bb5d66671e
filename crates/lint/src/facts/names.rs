//! Versions, and names of services and the like.

use std::sync::LazyLock;

use regex::Regex;

use super::{Name, around};

static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\bv\d+(?:\.\d+)+(?:-[A-Za-z0-9.]+)?|\bv\d{2,}\b|\b\d+\.\d+\.\d+(?:\.\d+)*(?:-[A-Za-z][A-Za-z0-9.]*)?").ok()
});
static IDENTIFIER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[a-z][a-z0-9]*(?:-[a-z0-9]+)+\b").ok());

/// `v2.15.0`, `3.8.0`, `v118`; no addresses.
pub fn versions(text: &str) -> Vec<Name> {
    let found = VERSION.as_ref().into_iter().flat_map(|p| p.find_iter(text));
    let names = found.map(|m| Name { range: m.range(), text: m.as_str().trim_end_matches('.').to_string() });
    names
        .filter(|name| {
            let (before, after) = around(text, &name.range);
            let dots = name.text.matches('.').count();
            let joined = before.is_some_and(|c| matches!(c, '.' | '-' | '/' | ':' | '_'));
            !joined && !after.is_some_and(|c| matches!(c, ':' | '_' | '%')) && (dots != 3 || name.text.starts_with('v'))
        })
        .collect()
}

/// Lower-case words joined by hyphens.
pub fn identifiers(text: &str) -> Vec<Name> {
    let found = IDENTIFIER.as_ref().into_iter().flat_map(|p| p.find_iter(text));
    found.map(|m| Name { range: m.range(), text: m.as_str().to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_addresses() {
        let all = |text: &str| versions(text).into_iter().map(|v| v.text).collect::<Vec<_>>();
        assert_eq!(all("v2.15.0 → v2.14.3, 3.8.0, 1.2.3-rc1."), ["v2.15.0", "v2.14.3", "3.8.0", "1.2.3-rc1"]);
        assert!(all("10.8.2.31 took 1.5 s, on 12.03").is_empty());
    }
}
