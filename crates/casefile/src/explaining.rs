//! `casefile explain-format`: what was made of a file, why, and how to define a format that is not known.
//!
//! Must never guess differently from what a report does: it reads the file as a report would and tells of that.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Result, bail};
use evidence::{Event, Record, RecordRef, Sink, Source};
use intake::formats::{Format, Formats, suggest};
use intake::{Bundle, Settings};

use crate::args::ExplainOptions;
use crate::bundle::FileBundle;
use crate::targets::Targets;
use crate::{Outcome, config, output, settings};

/// Explains each source of the files; negative when there is no record in them.
pub fn run(options: &ExplainOptions) -> Result<Outcome> {
    let settings = settings::of(&options.common)?;
    config::of(&options.common)?;
    if options.inputs.is_empty() {
        if options.toml {
            bail!("--toml makes a definition of the lines of a file; name one");
        }
        output::write(None, list(settings.formats).as_bytes())?;
        return Ok(Outcome::Done);
    }
    let bundle = FileBundle::new(&options.inputs, &Targets::stdout())?;
    let read = intake::read(&bundle, &settings, options.common.threads(), &|_, _| Seen::default());
    let any = read.iter().any(|r| r.source.records > 0);
    let mut text = String::new();
    for reading in read {
        let quoted = Quoted::read(&bundle, &settings, &reading.sink);
        if options.toml {
            text.push_str(&definition(&quoted));
        } else {
            explain(&reading.source, &reading.sink, &quoted, settings.formats, &mut text);
        }
    }
    output::write(None, text.as_bytes())?;
    Ok(if any { Outcome::Done } else { Outcome::Negative })
}

/// Records of the beginning that are looked at, and lines that are shown because they did not fit.
const SAMPLE: usize = 200;
const SHOWN: usize = 10;
/// Bytes of a line that are shown.
const WIDTH: usize = 110;

/// What a source has, by format, and the places that are worth a look.
#[derive(Default)]
struct Seen {
    main: String,
    formats: BTreeMap<String, u64>,
    events: u64,
    sample: Vec<RecordRef>,
    /// The first records that another format read, or none.
    others: Vec<(RecordRef, String)>,
    without_time: u64,
}

impl Sink for Seen {
    fn begin(&mut self, format: &str) {
        self.main = format.to_string();
    }

    fn record(&mut self, record: &Record<'_>) {
        *self.formats.entry(record.format.to_string()).or_default() += 1;
        self.without_time += u64::from(record.stamp.is_none());
        if self.sample.len() < SAMPLE {
            self.sample.push(record.place);
        }
        if record.format != self.main && self.others.len() < SHOWN {
            self.others.push((record.place, record.format.to_string()));
        }
    }

    fn event(&mut self, _: Event) {
        self.events += 1;
    }
}

/// The lines at those places.
struct Quoted {
    sample: Vec<(u64, String)>,
    others: Vec<(u64, String, String)>,
}

impl Quoted {
    fn read(bundle: &dyn Bundle, settings: &Settings, seen: &Seen) -> Quoted {
        let mut places: Vec<RecordRef> = seen.sample.iter().copied().chain(seen.others.iter().map(|(p, _)| *p)).collect();
        places.sort();
        places.dedup();
        let quotes: BTreeMap<RecordRef, String> =
            intake::quote(bundle, &settings.limits, &places, 0).into_iter().map(|q| (q.place, q.text)).collect();
        let line = |place: &RecordRef| {
            let text = quotes.get(place)?;
            Some((place.line, text.lines().next().unwrap_or_default().to_string()))
        };
        Quoted {
            sample: seen.sample.iter().filter_map(line).collect(),
            others: seen.others.iter().filter_map(|(p, f)| line(p).map(|(n, text)| (n, text, f.clone()))).collect(),
        }
    }
}

fn definition(quoted: &Quoted) -> String {
    let lines: Vec<&str> = quoted.sample.iter().map(|(_, text)| text.as_str()).collect();
    suggest(&lines)
        .map(|text| output::shown(&text))
        .unwrap_or_else(|| "# no line of this file has a time in its head, so there is nothing to start from\n".to_string())
}

fn explain(source: &Source, seen: &Seen, quoted: &Quoted, formats: &'static Formats, out: &mut String) {
    let known = formats.get(&source.format);
    let title = known.map_or(String::new(), |f| format!(" ({})", f.title));
    let _ = writeln!(out, "{}: {}{title}", shown(&source.name), source.format);
    if let Some(format) = known {
        let _ = writeln!(out, "  {}", format.about);
    }
    let records = source.records - seen.events.min(source.records);
    let counts = [(records, "records"), (seen.without_time, "of them without a time"), (seen.events, "events")];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let _ = writeln!(out, "  {} bytes, {} lines: {}", source.bytes, source.lines, counts.join(", "));
    for decision in &source.decisions {
        let _ = writeln!(out, "  {}", shown(decision));
    }
    for skipped in &source.skipped {
        let what = if skipped.is_note() { "note".into() } else { format!("skipped {} bytes", skipped.bytes) };
        let _ = writeln!(out, "  {what}: {}", shown(&skipped.reason));
    }
    if seen.formats.len() > 1 {
        let parts: Vec<String> = seen.formats.iter().map(|(id, n)| format!("{id} {n}")).collect();
        let _ = writeln!(out, "  records by format: {}", parts.join(", "));
    }
    candidates(source, quoted, formats, out);
    unfit(source, quoted, known, formats, out);
    if source.format == "text" && seen.events == 0 && !quoted.sample.is_empty() {
        let _ = writeln!(
            out,
            "  no format knows these lines; a definition to start from (save it as formats/NAME.toml, then --formats formats):\n"
        );
        let _ = writeln!(out, "{}", definition(quoted));
    }
    out.push('\n');
}

/// Which formats came near, and what they missed.
fn candidates(source: &Source, quoted: &Quoted, formats: &'static Formats, out: &mut String) {
    let lines: Vec<&str> = quoted.sample.iter().map(|(_, text)| text.as_str()).collect();
    let of = lines.len();
    for candidate in formats.candidates(&lines).into_iter().take(6) {
        let mark = if candidate.id == source.format { "chosen   " } else { "runner-up" };
        let _ = write!(
            out,
            "  {mark} {:<22} matches {:>3} of {of} records, is the first to match {:>3}",
            candidate.id, candidate.matches, candidate.first
        );
        match candidate.miss.and_then(|(at, why)| Some((quoted.sample.get(at)?.0, why))) {
            Some((line, why)) => {
                let _ = writeln!(out, "; line {line}: {}", shown(&why));
            }
            None => out.push('\n'),
        }
    }
}

/// The records that the chosen format did not read, and why.
fn unfit(source: &Source, quoted: &Quoted, known: Option<&Format>, formats: &Formats, out: &mut String) {
    let Some(format) = known.filter(|_| source.format != "text") else { return };
    for (line, text, by) in &quoted.others {
        let why = shown(&format.why_not(text));
        let by = formats.get(by).map_or(by.as_str(), |f| f.title.as_str());
        let _ = writeln!(out, "  line {line} is not of it, but {by}: {}\n    {why}", shown(text));
    }
}

/// Every known format, with what writes it; those of the user are marked.
fn list(formats: &Formats) -> String {
    let mut all = formats.all().to_vec();
    all.sort_by_key(|f| f.id());
    let mut out = String::new();
    for format in &all {
        let own = if format.is_users() { "your own: " } else { "" };
        let _ = writeln!(out, "{:<24} {own}{}", format.id(), format.title);
    }
    let own = all.iter().filter(|f| f.is_users()).count();
    let _ = writeln!(out, "{} formats, {own} of them your own; every sample is read as its file says", all.len());
    out
}

/// What came from a file, as a terminal may be given it: one line, not too long.
fn shown(text: &str) -> String {
    let plain = output::shown(text).replace(['\n', '\t'], " ");
    match plain.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{} …", &plain[..at]),
        None => plain,
    }
}
