//! Lines within lines: what a container runtime, an engine or a tool that follows several streams puts around each line
//! of what a program wrote.
//!
//! Must never know what the inner line says. What breaks it: a wrapper whose lines do not tell their stream; then all of
//! them are one.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use serde::Deserialize;

use super::definition::Kind;
use super::{Format, clean, json, text};

/// How a format wraps the lines of others, as its file says it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrap {
    /// Groups or members that tell apart the streams whose lines stand in one source.
    pub by: Vec<String>,
    /// The group or member in which the inner line stands.
    pub content: String,
    /// The group or member, and its value, of a line that goes on in the next one of the same stream.
    pub part: Option<Part>,
    /// An inner line goes on in the next one until it has a line end of its own.
    #[serde(default)]
    pub until_line_end: bool,
}

impl Wrap {
    /// What it names.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.by.iter().chain([&self.content]).chain(self.part.as_ref().map(|part| &part.name))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub name: String,
    pub value: String,
}

/// The line within a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Within<'l> {
    /// Tells the streams of one source apart.
    pub lane: u64,
    pub content: Cow<'l, str>,
    /// The next line of the same stream goes on where this one ends.
    pub goes_on: bool,
}

impl Format {
    /// Whether its lines wrap those of other programs.
    pub fn wraps(&self) -> bool {
        self.wrap.is_some()
    }

    /// Whether it puts its head before every line of a message.
    pub fn repeats(&self) -> bool {
        self.repeats.is_some()
    }

    /// The line within a line of this format.
    pub fn within<'l>(&self, line: &'l str) -> Option<Within<'l>> {
        let wrap = self.wrap.as_ref().or(self.repeats.as_ref())?;
        match (&self.kind, clean(line)) {
            (Kind::Pattern(pattern), Cow::Borrowed(line)) => {
                let named = pattern.named(text::first_line(line))?;
                within(wrap, &|name| named.get(name).map(Cow::Borrowed))
            }
            (Kind::Pattern(pattern), Cow::Owned(line)) => {
                let named = pattern.named(text::first_line(&line))?;
                within(wrap, &|name| named.get(name).map(|part| Cow::Owned(part.to_string())))
            }
            (Kind::Json { required, .. }, _) => {
                let members = json::members(line)?;
                let fits = required.iter().all(|r| r.holds(&members));
                let member = |name: &str| members.iter().find(|(key, _)| key == name).and_then(|(_, raw)| json::plain(raw));
                if fits { within(wrap, &member) } else { None }
            }
            _ => None,
        }
    }
}

/// The line within a line with these values.
pub fn within<'l>(wrap: &Wrap, value: &dyn Fn(&str) -> Option<Cow<'l, str>>) -> Option<Within<'l>> {
    let content = value(&wrap.content).unwrap_or_default();
    let mut hasher = FixedState::default().build_hasher();
    wrap.by.iter().for_each(|name| value(name).hash(&mut hasher));
    let part = wrap.part.as_ref().is_some_and(|part| value(&part.name).as_deref() == Some(&part.value));
    let goes_on = part || wrap.until_line_end && !content.ends_with('\n');
    Some(Within { lane: hasher.finish(), content: without_line_end(content), goes_on })
}

fn without_line_end(content: Cow<'_, str>) -> Cow<'_, str> {
    let size = content.trim_end_matches(['\n', '\r']).len();
    match content {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..size]),
        Cow::Owned(mut text) => {
            text.truncate(size);
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::Formats;

    fn contents(id: &str, lines: &[&str]) -> Vec<(String, bool)> {
        let format = Formats::load().get(id).unwrap();
        lines.iter().map(|l| format.within(l).unwrap()).map(|w| (w.content.into_owned(), w.goes_on)).collect()
    }

    #[test]
    fn a_container_line_says_whether_it_goes_on() {
        let lines = [
            "2025-12-31T17:22:25.7Z stdout P half a ",
            "2025-12-31T17:22:25.7Z stdout F line",
            "2025-12-31T17:22:25.7Z stdout F",
        ];
        assert_eq!(contents("cri", &lines), [("half a ".into(), true), ("line".into(), false), (String::new(), false)]);
        let lines = [
            r#"{"log":"half \"a","stream":"stdout","time":"2025-12-31T17:22:25.7Z"}"#,
            r#"{"log":" line\n","stream":"stdout","time":"2025-12-31T17:22:25.7Z"}"#,
        ];
        assert_eq!(contents("docker_json", &lines), [("half \"a".into(), true), (" line".into(), false)]);
    }

    #[test]
    fn streams_are_told_apart() {
        let format = Formats::load().get("cri").unwrap();
        let lane = |line: &str| format.within(line).unwrap().lane;
        let (out, err) = (lane("2025-12-31T17:22:25.7Z stdout F a"), lane("2025-12-31T17:22:25.7Z stderr F a"));
        assert_ne!(out, err);
        assert_eq!(out, lane("2025-12-31T17:22:26.7Z stdout F b"));
        assert_eq!(format.within("no such line"), None);
    }
}
