//! A house's words with the report's values in them: minijinja, over the report as data.
//!
//! Nothing is escaped here, since every page escapes by its own rules. What a report does not know is a value of its own,
//! so that `{{ metrics.duration_s.value | duration }}` says `unknown` where the duration is, and only a name that no report
//! has is a fault. This module must never know a page or a file. What breaks it: a template that runs on or on; it is
//! stopped by counting, and told.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, ObjectRepr};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::model::Report;
use crate::render::words;

/// Steps of one text; a thousand rows of a timeline take some twenty thousand.
const FUEL: u64 = 500_000;
const LONGEST: usize = 100_000;
const DEPTH: usize = 50;

/// What stands for everything that the report leaves null.
const UNKNOWN: &str = "unknown";

/// The report and the words for its values.
pub struct House {
    environment: Environment<'static>,
    data: Value,
}

/// Why a text cannot be filled in: the line within it, counted from 1, and what to do.
pub struct Misfit {
    pub line: usize,
    pub what: String,
}

impl House {
    pub fn of(report: &Report, own: &[(&'static str, Option<&str>)]) -> House {
        let json = serde_json::to_value(report).unwrap_or_default();
        let mut data: BTreeMap<String, Value> = BTreeMap::new();
        data.extend(json.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value_of(value))));
        data.extend(own.iter().map(|(name, text)| ((*name).to_owned(), text.map_or_else(unknown, Value::from))));
        House { environment: environment(), data: Value::from_pairs(data) }
    }

    /// The text with its values.
    pub fn fill(&self, text: &str) -> Result<String, Misfit> {
        if !text.contains('{') {
            return Ok(text.to_owned());
        }
        let filled = self.environment.render_str(text, self.data.clone()).map_err(|error| self.misfit(&error, text))?;
        if filled.len() > LONGEST {
            return Err(Misfit { line: 1, what: format!("this text is longer than {LONGEST} bytes when it is filled in") });
        }
        Ok(filled)
    }

    fn misfit(&self, error: &Error, text: &str) -> Misfit {
        let line = error.line().unwrap_or(1);
        let what = match error.kind() {
            ErrorKind::UndefinedError => self.missing(error, text),
            ErrorKind::OutOfFuel => "this text takes too many steps; loop over less".to_owned(),
            ErrorKind::UnknownFilter => {
                format!("{}; of our own there are duration, moment, date, percent and number", detail(error))
            }
            _ => detail(error),
        };
        Misfit { line, what }
    }

    /// Which name is not there, and which are.
    fn missing(&self, error: &Error, text: &str) -> String {
        let range = error.range().unwrap_or_default();
        let at = text.get(range.clone()).unwrap_or_default().trim();
        let is_filter = text.get(..range.start).is_some_and(|head| head.trim_end().ends_with('|'));
        let is_name = !is_filter && !at.is_empty() && at.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name && self.data.get_attr(at).is_ok_and(|value| value.is_undefined()) {
            return format!("a report has no `{at}`; it has {}", names(&self.data));
        }
        let tag = tag(text, range.start);
        let unfit = tag.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).find_map(|path| self.unfit(path));
        unfit.unwrap_or_else(|| {
            format!("`{tag}` asks for what is not in every report; put {{% if ... %}} around it, or mend the name")
        })
    }

    /// What is wrong with a path such as `metrics.duration_s` that begins well.
    fn unfit(&self, path: &str) -> Option<String> {
        let mut here = self.data.clone();
        let mut seen = String::new();
        for name in path.split('.') {
            let next = here.get_attr(name).ok()?;
            if next.is_undefined() {
                let has = names(&here);
                return Some(format!("`{seen}` has no `{name}`; it has {has}")).filter(|_| !seen.is_empty() && !has.is_empty());
            }
            seen = if seen.is_empty() { name.to_owned() } else { format!("{seen}.{name}") };
            here = next;
        }
        None
    }
}

/// `{{ ... }}` or `{% ... %}` around a place in a text.
fn tag(text: &str, at: usize) -> &str {
    let from = text.get(..at).and_then(|head| head.rfind('{')).map_or(0, |brace| brace.saturating_sub(1));
    let rest = text.get(from..).unwrap_or_default();
    let ends = [rest.find("}}"), rest.find("%}")];
    rest.get(..ends.into_iter().flatten().min().map_or(rest.len(), |end| end + 2))
        .unwrap_or_default()
        .trim_start_matches(|c| c != '{')
}

fn names(value: &Value) -> String {
    let is_map = value.kind() == minijinja::value::ValueKind::Map;
    let names = value.try_iter().ok().filter(|_| is_map).into_iter().flatten();
    names.map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    // A line that holds nothing but `{% ... %}` leaves none behind. The marks are those that everybody knows.
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH);
    environment.add_filter("duration", |value: Value| in_words(&value, "a number of seconds", &|n| Some(words::duration(n))));
    environment.add_filter("percent", |value: Value| in_words(&value, "a share from 0 to 1", &|n| Some(words::ratio(n))));
    environment.add_filter("number", |value: Value| in_words(&value, "a number", &|n| Some(words::number(n))));
    environment.add_filter("moment", |value: Value| of_time(&value, words::moment));
    environment.add_filter("date", |value: Value| of_time(&value, words::day));
    environment
}

/// A number in words; takes a whole metric for its value.
fn in_words(value: &Value, wanted: &str, words: &dyn Fn(f64) -> Option<String>) -> Result<String, Error> {
    let value = part(value, "value");
    if is_unknown(&value) {
        return Ok(UNKNOWN.to_owned());
    }
    let number = f64::try_from(value.clone()).ok().and_then(words);
    number.ok_or_else(|| refused(&value, wanted))
}

/// A time in words; takes a whole instant for its best estimate.
fn of_time(value: &Value, words: fn(&str) -> String) -> Result<String, Error> {
    let value = part(value, "at");
    if is_unknown(&value) {
        return Ok(UNKNOWN.to_owned());
    }
    let told = value.as_str().map(words).filter(|told| !told.is_empty());
    told.ok_or_else(|| refused(&value, "a time such as times.started.at"))
}

fn part(value: &Value, name: &str) -> Value {
    match value.get_attr(name) {
        Ok(inner) if !inner.is_undefined() && !is_unknown(value) => inner,
        _ => value.clone(),
    }
}

fn refused(value: &Value, wanted: &str) -> Error {
    let kind = if value.is_undefined() { ErrorKind::UndefinedError } else { ErrorKind::InvalidOperation };
    Error::new(kind, format!("this filter wants {wanted}, not {value}"))
}

fn detail(error: &Error) -> String {
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{detail}", error.kind())
}

fn value_of(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => unknown(),
        Json::Bool(yes) => Value::from(*yes),
        Json::Number(number) => number.as_i64().map_or_else(|| number.as_f64().map_or_else(unknown, Value::from), Value::from),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::from(items.iter().map(value_of).collect::<Vec<_>>()),
        Json::Object(members) => Value::from_pairs(members.iter().map(|(name, value)| (name.clone(), value_of(value)))),
    }
}

/// What the report leaves null, and everything of it.
#[derive(Debug)]
struct Unknown;

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(unknown())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(UNKNOWN)
    }
}

fn unknown() -> Value {
    Value::from_object(Unknown)
}

fn is_unknown(value: &Value) -> bool {
    value.downcast_object_ref::<Unknown>().is_some()
}
