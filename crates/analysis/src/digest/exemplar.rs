//! A record that may be quoted, with words of its own.
//!
//! There are some ten thousand of them in a large log, so each takes few pieces of memory, and the same record is kept once
//! however often it is named. Must never hold more of a record than is bounded here.

use std::ops::Deref;
use std::sync::Arc;

use evidence::{Record, RecordRef, Stamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MAX_TEXT;
use super::pattern::{Mark, Time};
use crate::mask::cut;

/// Fields of a record that are kept, and bytes of each value.
const FIELDS: usize = 16;
const VALUE: usize = 200;

/// A record that may be quoted: its own words, bounded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exemplar {
    pub place: RecordRef,
    /// Its own time, or that of the last record before it in the source that has one.
    pub stamp: Option<Stamp>,
    /// That record.
    pub lent: Option<RecordRef>,
    words: Arc<Words>,
}

/// What a record says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Words {
    pub text: String,
    pub instance: Option<String>,
    pub duration_ms: Option<f64>,
    pub fields: Fields,
}

impl Deref for Exemplar {
    type Target = Words;

    fn deref(&self) -> &Words {
        &self.words
    }
}

impl Exemplar {
    pub fn new(record: &Record<'_>, time: Time) -> Exemplar {
        let words = Words {
            text: cut(&record.message, MAX_TEXT).to_string(),
            instance: record.instance.as_deref().map(str::to_string),
            duration_ms: record.http.as_ref().and_then(|h| h.duration_ms).or_else(|| duration_field(record)),
            fields: Fields::of(record.fields.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))),
        };
        Exemplar { place: record.place, stamp: time.stamp, lent: time.lent, words: Arc::new(words) }
    }

    /// The same record without a time.
    pub fn without_time(&self) -> Exemplar {
        Exemplar { stamp: None, lent: None, ..self.clone() }
    }

    /// The same record without its words.
    pub fn mark(&self) -> Mark {
        Mark { place: self.place, stamp: self.stamp, lent: self.lent }
    }
}

/// Keys and values, all in one text.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    all: Box<str>,
    /// Where each key and each value ends.
    ends: Box<[u32]>,
}

impl Fields {
    fn of<'f>(fields: impl Iterator<Item = (&'f str, &'f str)> + Clone) -> Fields {
        let parts = || fields.clone().take(FIELDS).flat_map(|(key, value)| [key, cut(value, VALUE)]);
        let mut all = String::with_capacity(parts().map(str::len).sum());
        let ends = parts().map(|part| {
            all.push_str(part);
            all.len() as u32
        });
        let ends = ends.collect();
        Fields { all: all.into_boxed_str(), ends }
    }

    /// Each key with its value, in the order of the record.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ends.chunks_exact(2).scan(0, |from, ends| {
            let (begin, key, value) = (*from, ends[0] as usize, ends[1] as usize);
            *from = value;
            Some((self.all.get(begin..key)?, self.all.get(key..value)?))
        })
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter().collect::<Vec<_>>())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields, D::Error> {
        let told = Vec::<(String, String)>::deserialize(from)?;
        Ok(Fields::of(told.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
    }
}

/// How long a record says that it took, from a field whose name has the unit.
fn duration_field(record: &Record<'_>) -> Option<f64> {
    record.fields.iter().find_map(|(key, value)| {
        let unit = match key.as_ref() {
            "duration_ms" | "dur_ms" | "took_ms" | "elapsed_ms" | "latency_ms" | "waited_ms" | "timeout_ms" => 1.0,
            "duration_s" | "elapsed_s" | "request_time" => 1_000.0,
            _ => return None,
        };
        value.parse::<f64>().ok().filter(|ms| ms.is_finite() && *ms >= 0.0).map(|ms| ms * unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_what_was_put_in_bounded_and_written_as_pairs() {
        let long = "ä".repeat(300);
        let told = [("code", "E11"), ("empty", ""), ("", "no key"), ("long", long.as_str())];
        let fields = Fields::of(told.iter().copied());
        let kept: Vec<(&str, &str)> = fields.iter().collect();
        assert_eq!(kept[..3], told[..3]);
        assert_eq!(kept[3], ("long", &long[..VALUE]));
        let written = serde_json::to_value(&fields).unwrap();
        assert_eq!(written[0], serde_json::json!(["code", "E11"]));
        let read: Fields = serde_json::from_value(written).unwrap();
        assert!(read.iter().eq(fields.iter()));
        assert_eq!(Fields::of(std::iter::repeat_n(("k", "v"), 40)).iter().count(), FIELDS);
    }
}
