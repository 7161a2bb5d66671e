//! What `casefile patterns` prints of one pattern for other programs: the object that the contract of the command line
//! describes. Must never leave out a key that the contract names.

use std::io::{self, Write};

use analysis::kinds::{Change, Counts, Unit};
use evidence::Moment;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::variables::{Of, Told, whole};
use super::{Against, Row};
use crate::output;

pub fn write(row: &Row<'_>, told: Option<&Told<'_>>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    output::push_json(&serde_json::to_string(&Line { row, told })?, &mut line);
    line.push(b'\n');
    out.write_all(&line)
}

/// The word of a change, as in the contract.
pub fn word(change: Change) -> &'static str {
    match change {
        Change::New => "new",
        Change::Gone => "gone",
        Change::More => "more",
        Change::Fewer => "fewer",
        Change::Same => "same",
    }
}

struct Line<'l, 'f> {
    row: &'l Row<'f>,
    told: Option<&'l Told<'f>>,
}

impl Serialize for Line<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Line { row, told } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("pattern", &format!("p{}", row.rank))?;
        map.serialize_entry("template", row.template)?;
        map.serialize_entry("count", &row.here.count)?;
        map.serialize_entry("first", &row.here.first.map(Moment::rfc3339))?;
        map.serialize_entry("last", &row.here.last.map(Moment::rfc3339))?;
        map.serialize_entry("levels", &Levels(row.here))?;
        map.serialize_entry("services", &row.here.services)?;
        if row.here.more_services {
            map.serialize_entry("more_services", &true)?;
        }
        map.serialize_entry("example", &Example::of(row.here, row.source))?;
        if let Some(told) = told {
            map.serialize_entry("variables", &told.variables)?;
            if told.more > 0 {
                map.serialize_entry("more_variables", &told.more)?;
            }
            if told.incomplete {
                map.serialize_entry("incomplete_variables", &true)?;
            }
        }
        if let Some(against) = &row.against {
            map.serialize_entry("baseline", against)?;
        }
        map.end()
    }
}

impl Serialize for Of<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("position", &self.position)?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry("distinct", &self.distinct)?;
        map.serialize_entry("min", &self.extremes.map(|(least, _)| Amount(least)))?;
        map.serialize_entry("max", &self.extremes.map(|(_, greatest)| Amount(greatest)))?;
        map.serialize_entry("unit", &self.unit.filter(|_| self.extremes.is_some()))?;
        map.serialize_entry("sample", &self.sample)?;
        map.end()
    }
}

struct Amount(f64);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match whole(self.0) {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(self.0),
        }
    }
}

impl Serialize for Against<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unit = match self.exposure.unit {
            Unit::Seconds => "seconds",
            Unit::Records => "records",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("change", word(self.comparison.change))?;
        map.serialize_entry("count", &self.counts.count)?;
        map.serialize_entry("first", &self.counts.first.map(Moment::rfc3339))?;
        map.serialize_entry("last", &self.counts.last.map(Moment::rfc3339))?;
        map.serialize_entry("levels", &Levels(self.counts))?;
        map.serialize_entry("services", &self.counts.services)?;
        map.serialize_entry("example", &Example::of(self.counts, self.source))?;
        map.serialize_entry("exposure", &self.exposure.baseline)?;
        map.serialize_entry("exposure_here", &self.exposure.here)?;
        map.serialize_entry("exposure_unit", unit)?;
        map.serialize_entry("ratio", &rounded(self.comparison.contrast.ratio))?;
        map.serialize_entry("g2", &rounded(self.comparison.contrast.g2))?;
        map.serialize_entry("p", &rounded(self.comparison.contrast.p))?;
        map.serialize_entry("p_bonferroni", &rounded(self.comparison.p_bonferroni))?;
        map.serialize_entry("q", &rounded(self.comparison.q))?;
        map.end()
    }
}

struct Levels<'c>(&'c Counts);

impl Serialize for Levels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.levels().map(|(level, count)| (level.word(), count)))
    }
}

/// The first record by place.
#[derive(serde::Serialize)]
struct Example<'c> {
    source: &'c str,
    line: u64,
}

impl<'c> Example<'c> {
    fn of(counts: &Counts, source: &'c str) -> Option<Example<'c>> {
        counts.example.map(|place| Example { source, line: place.line })
    }
}

/// To four digits: the last ones of a logarithm differ from machine to machine.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
