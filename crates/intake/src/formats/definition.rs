//! A format as its file defines it, and the folder of them.
//!
//! Must never hold knowledge of one format itself: all of it stands in the files. What breaks it: a file that is not
//! valid; embedded it fails the tests, of a user it is told with its line.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use evidence::Level;
use rust_embed::Embed;
use serde::Deserialize;

use super::draft::Role;
use super::faults::{Fault, File};
use super::gate::Gate;
use super::hand::Hand;
use super::json::{self, Required};
use super::needs::Ascii;
use super::pattern::Pattern;
use super::time::Order;
use super::within::Wrap;
use super::{level_word, logfmt, text};

#[derive(Embed)]
#[folder = "../../formats"]
struct Files;

/// How lines of a format are taken apart.
#[derive(Debug)]
pub enum Kind {
    /// Any line; a time and a level where there are some.
    Text,
    Pattern(Box<Pattern>),
    Json {
        required: Vec<Required>,
        roles: Vec<(String, Role)>,
    },
    Logfmt,
}

/// One log format.
#[derive(Debug)]
pub struct Format {
    id: &'static str,
    pub title: String,
    /// What writes it, in prose.
    pub about: String,
    pub(super) kind: Kind,
    pub(super) order: Order,
    pub(super) levels: BTreeMap<String, Level>,
    /// The level of a record that states none, where writers leave out the usual one.
    pub(super) level: Option<Level>,
    /// Its message may be a record of another format.
    pub(super) inner: bool,
    /// Each of its lines is a line of something else: those are framed by themselves.
    pub(super) wrap: Option<Wrap>,
    /// It puts its head before every line of a message, so a stack trace has many.
    pub(super) repeats: Option<Wrap>,
    /// Its pattern has no level, but writers put one at the front of the message.
    pub(super) hunt: bool,
    /// Its lines are requests, each with its answer: no other line belongs to one.
    pub(super) of_requests: bool,
    /// A line that it takes is no other writer's: it tells more than a time, a level and a message, or has no message.
    pub(super) says_more: bool,
    /// The same with the month before the day, for formats whose dates leave that open.
    month_first: Option<Box<Format>>,
    /// Its dates may be read in two ways.
    has_choice: bool,
    pub(super) origin: Origin,
    shown: OnceLock<Shown>,
}

/// Lines that a file shows; those of an embedded one are read from it when somebody asks.
#[derive(Debug, Clone, Default)]
struct Shown {
    samples: Vec<Sample>,
    lookalikes: Vec<String>,
}

/// A line of a format, and what is to be read from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    pub line: String,
    /// RFC 3339 UTC, with the year 1972 where the line has none.
    pub time: Option<String>,
    pub level: Option<String>,
    pub service: Option<String>,
    pub message: Option<String>,
    pub trace: Option<String>,
    pub status: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    title: String,
    about: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    pattern: String,
    /// The name of a parser written by hand for lines of the usual form.
    parser: Option<String>,
    #[serde(default)]
    requires: Vec<String>,
    /// Keys with a meaning of their own in this format, and the role they have.
    #[serde(default)]
    keys: BTreeMap<String, String>,
    #[serde(default)]
    levels: BTreeMap<String, String>,
    level: Option<String>,
    #[serde(default)]
    inner: bool,
    wraps: Option<Wrap>,
    /// Every line of a message has a head of its own.
    repeats: Option<Wrap>,
    #[serde(default)]
    hunt: bool,
    /// Dates like `11/12/2025`: day first unless the sample of a source shows otherwise.
    #[serde(default)]
    either_order: bool,
    #[serde(default)]
    month_first: bool,
    /// Of three numbers the last is the year, if it has two digits.
    #[serde(default)]
    short_year_last: bool,
    #[serde(default)]
    samples: Vec<Sample>,
    #[serde(default)]
    lookalikes: Vec<String>,
}

/// What the files of the folder define, in the order of their names, without the lines that they show: as the build script
/// read it, because reading eight hundred files at every start takes a good part of it.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/formats.json"));

/// Every embedded format.
pub fn embedded() -> Vec<Format> {
    // The tests hold each against its file, read by itself.
    let specs: Vec<(&str, Spec)> = serde_json::from_str(EMBEDDED).unwrap_or_default();
    let file = File { name: "", text: "" };
    specs.into_iter().filter_map(|(id, spec)| of_spec(id, spec, file, Origin::Embedded).ok()).collect()
}

/// Every file of the folder with its id and what it defines, or why it does not, in the order of the names.
#[cfg(test)]
pub fn files() -> Vec<(String, Result<Format, Fault>)> {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let file = |name: &str| {
        let (text, id) = (text_of(name)?, name.strip_suffix(".toml")?);
        Some((id.to_string(), parse(id, File { name, text: &text }, Origin::Embedded)))
    };
    names.iter().filter_map(|name| file(name)).collect()
}

/// The text of an embedded file.
pub fn text_of(name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(&Files::get(name)?.data).into_owned())
}

/// Where a definition comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Embedded,
    /// The user's own: of two that read each other's samples, it comes first.
    User,
}

/// The format that a file defines.
pub fn parse(id: &str, file: File<'_>, origin: Origin) -> Result<Format, Fault> {
    let spec: Spec = toml::from_str(file.text).map_err(|e| {
        file.fault(
            e.span().or(Some(0..0)),
            e.message().lines().collect::<Vec<_>>().join(" "),
            "see any file of `formats/` for the keys there are",
        )
    })?;
    of_spec(id, spec, file, origin)
}

fn of_spec(id: &str, spec: Spec, file: File<'_>, origin: Origin) -> Result<Format, Fault> {
    // One small allocation per format, kept for the life of the process: ids are handed out in every record.
    let id = Box::leak(id.to_string().into_boxed_str());
    let gate = if origin == Origin::Embedded { Gate::embedded(id) } else { None };
    let month_first = match spec.either_order {
        true => Some(Box::new(one(&spec, id, Order::MonthDay, file, gate.clone())?)),
        false => None,
    };
    let order = match (spec.month_first, spec.short_year_last) {
        (true, _) => Order::MonthDay,
        (false, true) => Order::DayMonthYear,
        (false, false) => Order::DayMonth,
    };
    let format = one(&spec, id, order, file, gate)?;
    let Spec { title, about, samples, lookalikes, .. } = spec;
    let is_shown = origin == Origin::User || !samples.is_empty();
    let shown = if is_shown { OnceLock::from(Shown { samples, lookalikes }) } else { OnceLock::new() };
    let variant = |format: Format| Format { title: title.clone(), about: about.clone(), shown: shown.clone(), ..format };
    let month_first = month_first.map(|format| Box::new(variant(*format)));
    Ok(Format { month_first, origin, title, about, shown, ..format })
}

/// Without what is told of it in words and shown in lines.
fn one(spec: &Spec, id: &'static str, order: Order, file: File<'_>, gate: Option<Gate>) -> Result<Format, Fault> {
    let mut levels = BTreeMap::new();
    for (word, meaning) in &spec.levels {
        levels.insert(word.clone(), level(meaning, file)?);
    }
    Ok(Format {
        id,
        title: String::new(),
        about: String::new(),
        kind: kind(spec, file, gate)?,
        order,
        levels,
        level: spec.level.as_deref().map(|word| level(word, file)).transpose()?,
        inner: spec.inner || spec.wraps.is_some(),
        wrap: spec.wraps.clone(),
        repeats: spec.repeats.clone(),
        hunt: spec.hunt,
        of_requests: is_of_requests(&spec.pattern),
        says_more: says_more(&spec.pattern),
        origin: Origin::Embedded,
        month_first: None,
        has_choice: spec.either_order,
        shown: OnceLock::new(),
    })
}

fn says_more(pattern: &str) -> bool {
    let names = pattern.split("(?<").skip(1).filter_map(|rest| rest.split_once('>')).map(|(name, _)| name);
    let mut kinds = names.map(|name| name.trim_end_matches(|c: char| c.is_ascii_digit())).peekable();
    kinds.peek().is_some() && (!pattern.contains("(?<message") || kinds.any(|kind| !matches!(kind, "time" | "level" | "message")))
}

fn is_of_requests(pattern: &str) -> bool {
    let has = |group: &str| pattern.contains(&format!("(?<{group}>"));
    has("status") && ["request", "method", "path"].into_iter().any(has)
}

fn kind(spec: &Spec, file: File<'_>, gate: Option<Gate>) -> Result<Kind, Fault> {
    Ok(match spec.kind.as_str() {
        "json" => Kind::Json {
            required: spec.requires.iter().map(|r| Required::parse(r)).collect(),
            roles: spec.keys.iter().map(|(k, role)| (k.clone(), Role::from_name(role))).collect(),
        },
        "logfmt" => Kind::Logfmt,
        "text" => Kind::Text,
        "" | "regex" => Kind::Pattern(Box::new(pattern(spec, file, gate)?)),
        other => {
            return Err(file.fault(file.place_of_key("kind"), format!("unknown kind {other:?}"), "write regex, json or logfmt"));
        }
    })
}

fn pattern(spec: &Spec, file: File<'_>, gate: Option<Gate>) -> Result<Pattern, Fault> {
    let at = file.place_of_key("pattern");
    if spec.pattern.trim().is_empty() {
        return Err(file.fault(at, "it has no pattern", "add `pattern`, a regular expression over the first line of a record"));
    }
    let hand = match spec.parser.as_deref() {
        None => None,
        Some(name) => Some(Hand::from_name(name).ok_or_else(|| {
            let at = file.place_of_key("parser");
            file.fault(at, format!("there is no parser {name:?} written by hand"), "leave it out; the pattern is enough")
        })?),
    };
    if let Some(gate) = gate {
        return Ok(Pattern::with(gate, &spec.pattern, hand));
    }
    let pattern = Pattern::new(&spec.pattern, hand).map_err(|text| {
        let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
        file.fault(
            at.clone(),
            format!("the pattern is no regular expression: {reason}"),
            "mend it; look-around does not exist here",
        )
    })?;
    Ok(pattern)
}

fn level(word: &str, file: File<'_>) -> Result<Level, Fault> {
    level_word(word).ok_or_else(|| {
        file.fault(file.place_of(word), format!("unknown level {word:?}"), "write trace, debug, info, warn, error or fatal")
    })
}

impl Format {
    /// The name of its file without the ending.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Lines of this format, with what is to be read from them.
    pub fn samples(&self) -> &[Sample] {
        &self.shown().samples
    }

    /// Lines that look alike and are not of this format.
    pub fn lookalikes(&self) -> &[String] {
        &self.shown().lookalikes
    }

    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let spec = text_of(&format!("{}.toml", self.id)).and_then(|text| toml::from_str::<Spec>(&text).ok());
            spec.map(|Spec { samples, lookalikes, .. }| Shown { samples, lookalikes }).unwrap_or_default()
        })
    }

    /// It comes from a folder of the user.
    pub fn is_users(&self) -> bool {
        self.origin == Origin::User
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text)
    }

    /// What its records look like: `pattern`, `json`, `logfmt` or `text`.
    pub fn shape(&self) -> &'static str {
        match &self.kind {
            Kind::Text => "text",
            Kind::Pattern(_) => "pattern",
            Kind::Json { .. } => "json",
            Kind::Logfmt => "logfmt",
        }
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.kind, Kind::Json { .. })
    }

    pub fn says_more(&self) -> bool {
        self.says_more
    }

    /// Whether each of its lines is a record.
    pub fn is_of_requests(&self) -> bool {
        self.of_requests
    }

    pub(super) fn is_timed(&self) -> bool {
        matches!(&self.kind, Kind::Pattern(pattern) if pattern.is_timed())
    }

    /// Whether a line that begins with this byte can be of this format.
    pub(super) fn may_open_with(&self, byte: u8) -> bool {
        match &self.kind {
            Kind::Pattern(pattern) => pattern.may_open_with(byte),
            Kind::Text | Kind::Logfmt | Kind::Json { .. } => true,
        }
    }

    /// Whether a line that begins with this blank can be the first one of a record.
    pub fn may_be_indented(&self, blank: u8) -> bool {
        self.is_text() || self.may_open_with(blank)
    }

    /// Whether a line is of this format and no other is asked.
    pub(super) fn matches(&self, line: &str) -> bool {
        self.matches_line(text::first_line(line))
    }

    /// The same for a single line that begins as its lines do and has these bytes.
    pub(super) fn matches_head(&self, line: &str, present: Ascii) -> bool {
        match &self.kind {
            Kind::Pattern(pattern) => pattern.matches_head(line, present),
            Kind::Text | Kind::Logfmt | Kind::Json { .. } => self.matches_line(line),
        }
    }

    fn matches_line(&self, line: &str) -> bool {
        match &self.kind {
            Kind::Text => true,
            Kind::Logfmt => logfmt::is_head(line),
            Kind::Pattern(pattern) => pattern.matches(line),
            Kind::Json { .. } => json::members(line).is_some_and(|m| self.has_members(&m)),
        }
    }

    /// Whether an object with these members is of this format.
    pub(super) fn has_members(&self, members: &[json::Pair<'_>]) -> bool {
        matches!(&self.kind, Kind::Json { required, .. } if required.iter().all(|r| r.holds(members)))
    }

    /// The same, for a format that asks for members at all.
    pub(super) fn is_product_of(&self, members: &[json::Pair<'_>]) -> bool {
        matches!(&self.kind, Kind::Json { required, .. } if !required.is_empty()) && self.has_members(members)
    }

    /// What can be said against its pattern only by compiling it.
    pub(super) fn flaw(&self) -> Option<String> {
        match &self.kind {
            Kind::Pattern(pattern) => match pattern.check() {
                Err(reason) => Some(format!("the pattern cannot be used: {}", reason.lines().last().unwrap_or_default())),
                Ok(()) => {
                    pattern.takes_nothing().then(|| "the pattern matches the empty line, so it would match any".to_string())
                }
            },
            _ => None,
        }
    }

    /// The variant that a source's dates ask for.
    pub(super) fn for_sample(&'static self, sample: &[&str]) -> &'static Format {
        match self.month_first.as_deref() {
            Some(variant) if DateOrder::of(sample).is_month_first() => variant,
            _ => self,
        }
    }

    /// Why days and months are read in the order in which they are; nothing for a format that leaves no choice.
    pub fn date_order(&self, sample: &[&str]) -> Option<String> {
        self.has_choice.then(|| DateOrder::of(sample).to_string())
    }
}

/// What the dates of a source say about the order of day and month.
enum DateOrder {
    /// A first number above 12.
    DayFirst(String),
    /// A second number above 12, and no first one.
    MonthFirst(String),
    /// Nothing but that the clock has twelve hours.
    TwelveHours,
    Open,
}

impl DateOrder {
    /// Day first where any first number is above 12; month first where a second number is, or where the clock has
    /// twelve hours; else day first, as most of the world writes it.
    fn of(sample: &[&str]) -> DateOrder {
        let dates = || sample.iter().filter_map(|line| day_and_month(line));
        let written = |(a, b): (u32, u32)| format!("{a}/{b}");
        if let Some(found) = dates().find(|(a, b)| *a > 12 && *b <= 12) {
            return DateOrder::DayFirst(written(found));
        }
        if let Some(found) = dates().find(|(a, b)| *a <= 12 && *b > 12) {
            return DateOrder::MonthFirst(written(found));
        }
        let half_days = [" AM", " PM", " am", " pm"];
        let twelve = sample.iter().any(|l| half_days.iter().any(|half| l.contains(half)));
        if twelve { DateOrder::TwelveHours } else { DateOrder::Open }
    }

    fn is_month_first(&self) -> bool {
        matches!(self, DateOrder::MonthFirst(_) | DateOrder::TwelveHours)
    }
}

impl std::fmt::Display for DateOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DateOrder::DayFirst(date) => write!(f, "dates read day first: {date} has no other reading"),
            DateOrder::MonthFirst(date) => write!(f, "dates read month first: {date} has no other reading"),
            DateOrder::TwelveHours => f.write_str("dates read month first, as clocks of twelve hours go with"),
            DateOrder::Open => f.write_str("dates read day first: none at the beginning shows which it is"),
        }
    }
}

/// The first two numbers of a date like `11/12/2025` in the head of a line.
fn day_and_month(line: &str) -> Option<(u32, u32)> {
    let head = &line.as_bytes()[..line.len().min(80)];
    let slash = head.iter().position(|b| *b == b'/')?;
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    let from = head[..slash].iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |i| i + 1);
    let rest = &head[slash + 1..];
    let end = rest.iter().position(|b| *b == b'/')?;
    Some((number(&head[from..slash])?, number(&rest[..end])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_build_script_read_is_what_stands_in_the_files() {
        let (files, embedded) = (files(), embedded());
        assert_eq!(files.len(), embedded.len());
        for ((id, file), format) in files.iter().zip(&embedded) {
            let file = file.as_ref().unwrap();
            for format in [file, format].into_iter().chain(file.month_first.as_deref()).chain(format.month_first.as_deref()) {
                assert!(format.is_text() || !format.samples().is_empty(), "{id} shows no line");
            }
            assert_eq!(format!("{file:?}"), format!("{format:?}"));
        }
    }
}
