//! Whether a format's file is true: its samples are read as it says, its look-alikes are not, and no other format and
//! this one each take the other's samples for their own.
//!
//! Must never be lenient for an embedded format: the tests call what users' files go through.

use evidence::{Moment, Record, RecordRef, SourceId};

use super::faults::{Fault, File};
use super::{DEPTH, Format, Formats, Sample};

impl Formats {
    /// What is wrong with a format beside its wording, by its own samples and look-alikes.
    pub(super) fn prove(&'static self, format: &'static Format, file: File<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(flaw) = format.flaw() {
            faults.push(file.fault(file.place_of_key("pattern"), flaw, "make it say what a line must have"));
        }
        if format.samples().is_empty() && !format.is_text() {
            faults.push(file.fault(None, "it has no sample", "add [[samples]] with a `line` that it must read"));
        }
        for line in format.lookalikes().iter().filter(|l| format.matches(l)) {
            let what = format!("it matches its own look-alike {line:?}");
            faults.push(file.fault(place(file, line), what, "make the pattern say more, or take the line out"));
        }
        for sample in format.samples() {
            match self.read(format, &sample.line, anywhere(), DEPTH) {
                Some(record) => faults.extend(differences(sample, &record, file)),
                None => faults.push(unmatched(format, sample, file)),
            }
        }
        faults
    }

    /// The formats that read a sample of this one and whose samples this one reads: nothing says which is more special.
    pub(super) fn rivals(&self, format: &Format) -> Vec<&'static str> {
        let Some(own) = self.formats.iter().position(|f| f.id() == format.id()) else { return Vec::new() };
        let reads = |a: usize, b: usize| self.precedence.reads(&self.formats, a, b);
        let others = (0..self.formats.len()).filter(|o| *o != own && !self.formats[*o].is_text() && !format.is_text());
        others.filter(|o| reads(*o, own) && reads(own, *o)).map(|o| self.formats[o].id()).collect()
    }

    /// What stands between a user's format and the lines that it is for.
    pub(super) fn contested(&self, format: &Format, file: File<'_>) -> Vec<Fault> {
        let own = |id: &&'static str| self.get(id).is_some_and(Format::is_users);
        let rivals = self.rivals(format).into_iter().filter(own).map(|rival| {
            let what = format!("it reads samples of your format {rival}, and that one reads its");
            file.fault(None, what, "make the pattern of one of them say more")
        });
        let usurper = self.usurper(format).map(|(first, line)| {
            let what = format!("its sample {line:?} is read by the format {first} first, which is more special");
            file.fault(
                place(file, &line),
                what,
                format!("make the pattern say more, or name the file {first}.toml to replace that format"),
            )
        });
        rivals.chain(usurper).collect()
    }

    /// The format that is the first to read one of this one's samples, when that is another.
    pub(super) fn usurper(&self, format: &Format) -> Option<(&'static str, String)> {
        format.samples().iter().find_map(|sample| {
            let first = self.of_line(&sample.line).map(|i| self.formats[i].id())?;
            (first != format.id()).then(|| (first, sample.line.clone()))
        })
    }
}

/// A sample stands nowhere.
fn anywhere() -> RecordRef {
    RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 0, line: 1, last_line: 1 }
}

fn place(file: File<'_>, line: &str) -> Option<std::ops::Range<usize>> {
    let quoted = format!("{line:?}");
    file.place_of(line).or_else(|| file.place_of(quoted.trim_matches('"')))
}

fn unmatched(format: &Format, sample: &Sample, file: File<'_>) -> Fault {
    let what = match format.stops_at(&sample.line) {
        Some(stop) => format!("it does not match its sample {:?}: {stop}", sample.line),
        None => format!("it does not match its sample {:?}", sample.line),
    };
    file.fault(place(file, &sample.line), what, "mend the pattern, or the sample")
}

fn differences(sample: &Sample, record: &Record<'_>, file: File<'_>) -> Vec<Fault> {
    let text = |t: &str| Some(t.to_string());
    let status = record.http.as_ref().and_then(|h| h.status).map(|s| s.to_string());
    let read = [
        ("time", &sample.time, record.stamp.map(|s| Moment(s.micros).rfc3339())),
        ("level", &sample.level, record.level.map(|l| l.word().to_string())),
        ("service", &sample.service, record.service.as_deref().and_then(text)),
        ("message", &sample.message, text(&record.message)),
        ("trace", &sample.trace, record.trace.as_deref().and_then(text)),
        ("status", &sample.status.map(|s| s.to_string()), status),
    ];
    read.into_iter()
        .filter(|(_, want, got)| want.is_some() && *want != got)
        .map(|(key, want, got)| {
            let want = want.as_deref().unwrap_or_default();
            let got = got.as_deref().unwrap_or("nothing");
            let what = format!("`{key}` of its sample {:?} is {got:?}, not {want:?}", sample.line);
            file.fault(place(file, &sample.line), what, format!("mend the pattern, or `{key}` of the sample"))
        })
        .collect()
}
