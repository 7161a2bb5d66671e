//! What `casefile patterns` prints of one pattern for other programs: the object that the contract of the command line
//! describes. Must never leave out a key that the contract names.

use std::io::{self, Write};

use analysis::kinds::{Change, Counts, Unit};
use evidence::Moment;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Against, Row};
use crate::output;

pub fn write(row: &Row<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Vec::new();
    output::push_json(&serde_json::to_string(row)?, &mut line);
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

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("pattern", &format!("p{}", self.rank))?;
        map.serialize_entry("template", self.template)?;
        map.serialize_entry("count", &self.here.count)?;
        map.serialize_entry("first", &self.here.first.map(Moment::rfc3339))?;
        map.serialize_entry("last", &self.here.last.map(Moment::rfc3339))?;
        map.serialize_entry("levels", &Levels(self.here))?;
        map.serialize_entry("services", &self.here.services)?;
        if self.here.more_services {
            map.serialize_entry("more_services", &true)?;
        }
        map.serialize_entry("example", &Example::of(self.here, self.source))?;
        if let Some(against) = &self.against {
            map.serialize_entry("baseline", against)?;
        }
        map.end()
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
