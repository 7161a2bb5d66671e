//! Where things stand in an element of some tool's answer: paths through objects and the first items of lists.
//!
//! It must never know what the things mean. What breaks it: a list of which another item than the first one counts.

use evidence::{Basis, Stamp};

use super::json::El;

pub type Paths = &'static [&'static str];

/// Follows members, and into the first item of a list: `services.name`.
pub fn at<'a>(element: El<'a>, path: &str) -> Option<El<'a>> {
    if element.is_array() {
        return at(element.items().next()?, path);
    }
    if let Some(direct) = element.get(path) {
        return Some(direct);
    }
    let dots = path.match_indices('.').map(|(dot, _)| dot);
    dots.into_iter().find_map(|dot| at(element.get(&path[..dot])?, &path[dot + 1..]))
}

/// The first of these that says something; of a list, what its first item says.
pub fn first(element: El<'_>, paths: Paths) -> Option<String> {
    let text = |path: &&str| {
        let found = at(element, path)?;
        let found = if found.is_array() { found.items().next()? } else { found };
        found.text().map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
    };
    paths.iter().find_map(text)
}

/// The first of these that is a time; times before 1990 stand for none.
pub fn stamp(element: El<'_>, paths: Paths) -> Option<Stamp> {
    const FROM: i64 = 631_152_000_000_000;
    paths.iter().filter_map(|path| at(element, path)?.own_stamp()).find(|stamp| stamp.micros > FROM)
}

/// A time that the tool writes in UTC without saying so.
pub fn in_utc(stamp: Stamp) -> Stamp {
    if stamp.basis == Basis::Civil { Stamp::new(stamp.micros, Basis::Zoned) } else { stamp }
}

pub fn has_all(element: El<'_>, paths: Paths) -> bool {
    paths.iter().all(|path| at(element, path).is_some())
}

/// Names with their values, as an object, as a list of objects that name both, or as a list of texts with a colon.
pub fn pairs(element: El<'_>) -> Vec<(String, String)> {
    let named = |item: El<'_>| {
        let text = item.text();
        let split =
            text.as_deref().and_then(|t| t.split_once([':', '='])).map(|(k, v)| (k.trim().to_string(), v.trim().to_string()));
        split.or_else(|| Some((item.first(&["name", "Name", "key", "tag"])?, item.first(&["value", "Value"])?)))
    };
    let mut pairs: Vec<(String, String)> = if element.is_array() {
        element.items().filter_map(named).collect()
    } else {
        element.members().filter_map(|(name, value)| Some((name, value.text()?))).collect()
    };
    pairs.retain(|(_, value)| !value.is_empty());
    pairs.sort();
    pairs
}

/// The name of a resource without the path to it: `/subscriptions/1/sites/cart` is `cart`.
pub fn base(name: &str) -> String {
    let is_path = name.starts_with('/') || name.starts_with("arn:");
    let last = name.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or(name);
    if is_path { last.to_string() } else { name.to_string() }
}
