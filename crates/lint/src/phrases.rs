//! The files of `lints/`: words that a rule looks for. One file is one list: phrases that are found as they are, phases of an
//! incident, measures of it, and ways to state an interval.
//!
//! Must never know where a text stands. A file that does not read is left out here and named by the tests.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};
use rust_embed::Embed;
use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words that are a finding by themselves.
    Phrase,
    /// An instant in the course of an incident.
    Phase,
    /// A quantity of the incident as a whole.
    Measure,
    /// A duration between two times.
    Interval,
}

/// One file of `lints/`. Patterns are over the text with its amounts as `{duration}`, `{share}`, `{count}`, `{money}` and its
/// times as `{time}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub kind: Kind,
    /// Of phrases: the rule. Else what is found.
    pub name: String,
    /// What it finds, for people; of phrases the sentence that says why.
    pub prose: String,
    pub patterns: Vec<String>,
    /// Of phases: patterns with the time of the phase.
    #[serde(default)]
    pub stated: Vec<String>,
    /// Of measures that are durations: the phases between which they lie, the usual one first.
    #[serde(default)]
    pub from: Vec<String>,
    #[serde(default)]
    pub to: Vec<String>,
    #[allow(dead_code)]
    pub samples: Vec<String>,
    #[allow(dead_code)]
    pub lookalikes: Vec<String>,
}

#[derive(Debug)]
pub struct List {
    pub file: File,
    pub patterns: Vec<Regex>,
    pub stated: Vec<Regex>,
    any: Regex,
}

impl List {
    /// Does one of the patterns, stated ones included, match? One pass over the text instead of one each.
    pub fn may_match(&self, text: &str) -> bool {
        self.any.is_match(text)
    }
}

#[derive(Embed)]
#[folder = "../../lints"]
struct Files;

static LISTS: LazyLock<Vec<List>> = LazyLock::new(|| names().iter().filter_map(|n| load(n).ok()).collect());

/// All lists of one kind, in the order of their files' names.
pub fn of(kind: Kind) -> impl Iterator<Item = &'static List> {
    LISTS.iter().filter(move |l| l.file.kind == kind)
}

pub fn named(kind: Kind, name: &str) -> Option<&'static List> {
    of(kind).find(|l| l.file.name == name)
}

pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = Files::iter().map(|n| n.into_owned()).collect();
    names.sort();
    names
}

pub(crate) fn load(name: &str) -> Result<List, String> {
    let file = Files::get(name).ok_or("it is not there")?;
    let text = std::str::from_utf8(&file.data).map_err(|e| e.to_string())?;
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let compile = |all: &[String]| all.iter().map(|p| compiled(p)).collect::<Result<Vec<_>, _>>();
    let all: Vec<String> = file.patterns.iter().chain(&file.stated).map(|p| format!("(?:{p})")).collect();
    Ok(List { patterns: compile(&file.patterns)?, stated: compile(&file.stated)?, any: compiled(&all.join("|"))?, file })
}

/// Placeholders stand for what [`crate::story::masked`] puts in the place of amounts and times.
fn compiled(pattern: &str) -> Result<Regex, String> {
    let mut text = pattern.to_string();
    for (name, letter) in [("duration", 'd'), ("share", 's'), ("count", 'c'), ("money", 'm'), ("time", 't')] {
        text = text.replace(&format!("{{{name}}}"), &format!("(?:[~≈] ?)?⟦{letter}(\\d+)⟧"));
    }
    RegexBuilder::new(&text).case_insensitive(true).build().map_err(|e| e.to_string())
}
