//! One JSON object as a record.
//!
//! The object is walked once and its values stay slices of the text until their meaning is known; nested objects are
//! flattened with dots. Must never build a tree of the whole object. What breaks it: an object that is cut off, which
//! is read as text by the caller.

use std::borrow::Cow;
use std::fmt;

use evidence::{Record, RecordRef};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::draft::{self, Draft, Reading, Role};
use super::{keys, template};

/// A key and its value as it stands in the text.
pub type Pair<'a> = (Cow<'a, str>, &'a str);

/// Leaves of one object that are looked at.
pub(super) const LEAVES: usize = 160;
/// Objects within objects.
pub(super) const DEPTH: u32 = 6;

/// The members of the object that `text` is; `None` when it is not one, or something follows it.
pub fn members(text: &str) -> Option<Vec<Pair<'_>>> {
    let text = text.trim();
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let found = deserializer.deserialize_map(Members).ok()?;
    deserializer.end().ok()?;
    Some(found)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<Pair<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut pairs = Vec::with_capacity(16);
        while let Some(key) = map.next_key::<Key<'de>>()? {
            if pairs.len() < LEAVES {
                let value: &'de RawValue = map.next_value()?;
                pairs.push((key.0, value.get()));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(pairs)
    }
}

/// A key that borrows where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(v)))
            }

            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(v.to_string())))
            }
        }
        d.deserialize_str(V)
    }
}

/// A JSON value as plain text: strings unescaped, `null` as `None`, the rest as it stands.
pub fn plain(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'n' => None,
        b'"' if !raw.contains('\\') => raw.get(1..raw.len().saturating_sub(1)).map(Cow::Borrowed),
        b'"' => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// What an object has to have to be of a shape: `ts`, `uri|path`, `level:number`, `request:object`, `time:string`.
#[derive(Debug)]
pub struct Required {
    any_of: Vec<String>,
    starts: Option<&'static [u8]>,
}

/// As a user is told of it: `level (a number)`.
impl std::fmt::Display for Required {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.any_of.join(" or "))?;
        match self.starts {
            Some(b"\"") => f.write_str(" (a string)"),
            Some(b"{") => f.write_str(" (an object)"),
            Some(_) => f.write_str(" (a number)"),
            None => Ok(()),
        }
    }
}

impl Required {
    pub fn parse(text: &str) -> Required {
        let (keys, kind) = text.split_once(':').unwrap_or((text, ""));
        let starts: Option<&'static [u8]> = match kind {
            "number" => Some(b"-0123456789"),
            "string" => Some(b"\""),
            "object" => Some(b"{"),
            _ => None,
        };
        Required { any_of: keys.split('|').map(str::to_string).collect(), starts }
    }

    pub fn holds(&self, members: &[Pair]) -> bool {
        members.iter().any(|(key, raw)| {
            self.any_of.iter().any(|k| k == key)
                && self.starts.is_none_or(|starts| raw.as_bytes().first().is_some_and(|b| starts.contains(b)))
        })
    }
}

/// Reads the members of an object. `roles` are the format's own meanings of keys, before those that all share.
pub fn read<'a>(members: Vec<Pair<'a>>, roles: &[(String, Role)], reading: &Reading) -> Draft<'a> {
    let mut leaves = Vec::with_capacity(members.len());
    for (key, raw) in members {
        flatten(key, raw, DEPTH, &mut leaves);
    }
    let mut draft = Draft::default();
    assign(leaves, roles, reading, &mut draft);
    draft
}

fn flatten<'a>(key: Cow<'a, str>, raw: &'a str, depth: u32, leaves: &mut Vec<(Cow<'a, str>, Cow<'a, str>)>) {
    if leaves.len() >= LEAVES {
        return;
    }
    if raw.starts_with('{')
        && depth > 0
        && let Some(inner) = members(raw)
    {
        for (k, v) in inner {
            flatten(Cow::Owned(format!("{key}.{k}")), v, depth - 1, leaves);
        }
    } else if let Some(value) = plain(raw) {
        leaves.push((key, value));
    }
}

/// Gives each role to the value whose key ranks first for it and whose value fits; what is left become fields, in the
/// order in which they stand.
pub fn assign<'a>(leaves: Vec<(Cow<'a, str>, Cow<'a, str>)>, roles: &[(String, Role)], reading: &Reading, draft: &mut Draft<'a>) {
    let ranked: Vec<Option<(Role, u8)>> = leaves
        .iter()
        .map(|(k, v)| {
            let known = roles.iter().find(|(name, _)| name == k).map(|(_, role)| (*role, 0));
            let is_own = known.is_some();
            let (role, rank) = known.or_else(|| keys::role(k).map(|(role, rank)| (role, rank + 1)))?;
            let is_count = role == Role::Message && k.len() == 1 && v.parse::<f64>().is_ok();
            (is_own && matches!(role, Role::Stack | Role::Service) || fits(role, v, reading) && !is_count).then_some((role, rank))
        })
        .collect();
    let best = |role: Role| {
        ranked.iter().enumerate().filter_map(|(i, r)| r.filter(|r| r.0 == role).map(|r| (r.1, i))).min().map(|(_, i)| i)
    };
    let winners: Vec<bool> = ranked.iter().enumerate().map(|(i, r)| r.is_some_and(|(role, _)| best(role) == Some(i))).collect();
    draft.message = draft.message.take().or_else(|| from_template(&leaves, best));
    for (i, (key, value)) in leaves.into_iter().enumerate() {
        match ranked[i] {
            Some((role, _)) if winners[i] => draft.put(role, key, value, reading),
            _ => draft.put(Role::Field, key, value, reading),
        }
    }
}

/// The message that a template says with the values beside it, unless a message stands there already.
fn from_template<'a>(leaves: &[(Cow<'a, str>, Cow<'a, str>)], best: impl Fn(Role) -> Option<usize>) -> Option<Cow<'a, str>> {
    let text = |role: Role| best(role).and_then(|i| leaves.get(i));
    let (_, template) = text(Role::Template)?;
    let is_message = |key: &str| {
        matches!(key.trim_start_matches('@').to_ascii_lowercase().as_str(), "m" | "msg" | "message" | "renderedmessage")
    };
    if text(Role::Message).is_some_and(|(key, _)| is_message(key)) {
        return None;
    }
    let renderings = text(Role::Renderings).and_then(|(_, list)| serde_json::from_str::<Vec<String>>(list).ok());
    Some(Cow::Owned(template::fill(template, leaves, &renderings.unwrap_or_default())))
}

/// The id by which an engine knows a container names nothing.
fn is_container_id(value: &str) -> bool {
    matches!(value.len(), 12 | 64)
        && value.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && value.bytes().any(|b| b.is_ascii_digit())
}

/// Names are short: a search would cost more than a look at each byte.
fn has_slash_or_blank(value: &str) -> bool {
    value.bytes().any(|b| b == b'/' || b == b' ')
}

pub(super) fn fits(role: Role, value: &str, reading: &Reading) -> bool {
    match role {
        Role::Time => draft::stamp_of(value, reading.order).0.is_some(),
        Role::Level => draft::level_of(value, reading.levels).is_some(),
        Role::Method => {
            draft::is_method(value) || matches!(value, "get" | "list" | "watch" | "create" | "update" | "patch" | "delete")
        }
        Role::Path => value.starts_with('/') || value.contains("://"),
        Role::Status => value.parse::<u16>().is_ok_and(|s| (100..600).contains(&s)),
        Role::Stack => value.contains('\n'),
        Role::Template => value.len() > 2 && !value.starts_with(['{', '[']) || value.contains(' '),
        Role::Renderings => value.starts_with('['),
        Role::Message => !value.is_empty(),
        Role::Service if has_slash_or_blank(value) && !value.starts_with('/') || is_container_id(value) => false,
        Role::Service | Role::Trace | Role::User | Role::Pod | Role::Instance => {
            !value.is_empty() && !value.starts_with(['{', '[']) && value != "-" && value != "--" && value.len() <= 200
        }
        _ => true,
    }
}

/// The record of a JSON object.
pub fn record<'a>(
    members: Vec<Pair<'a>>,
    roles: &[(String, Role)],
    reading: &Reading,
    (format, place, text): (&'static str, RecordRef, &'a str),
) -> Record<'a> {
    read(members, roles, reading).finish(format, place, text, reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_slices_until_they_are_needed() {
        let members = members(r#" {"a":"x","b":{"c":[1, 2]},"d\"":null} "#).unwrap();
        assert_eq!(
            members.iter().map(|(k, v)| (k.as_ref(), *v)).collect::<Vec<_>>(),
            [("a", "\"x\""), ("b", "{\"c\":[1, 2]}"), ("d\"", "null")]
        );
    }

    #[test]
    fn what_is_cut_off_is_no_object() {
        for text in ["{\"a\":1", "{\"a\":}", "[1]", "", "{\"a\":1} x}", "{"] {
            assert!(members(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_shape_asks_for_keys_and_kinds() {
        let members = members(r#"{"level":30,"time":"x"}"#).unwrap();
        assert!(Required::parse("level:number").holds(&members));
        assert!(!Required::parse("time:number").holds(&members));
        assert!(Required::parse("url|time").holds(&members));
    }
}
