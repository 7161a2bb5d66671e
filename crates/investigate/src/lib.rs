//! The product in one function: read the evidence, reason over it, state it.
//!
//! This crate is the whole way from bytes to a report and holds no detail of any step. It must never know paths,
//! sockets, storage, or how a report looks.

mod asked;
mod later;
mod narrow;
mod progress;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use analysis::Digest;
use analysis::findings::{Findings, Status};
use evidence::{Body, Clock, Known, Moment, RecordRef, Skipped, Source};
use intake::{Bundle, Quote, Settings};
use redact::Redactor;
use report::compose::{self, Quoted, Quotes};
use report::model::Report;

use asked::Met;
pub use asked::Services;
use later::Later;
use narrow::Narrowed;
pub use progress::{Phase, Progress};

/// What a user may set for one run.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Changes the time it takes, never what comes out.
    pub threads: usize,
    pub settings: Settings,
    /// Only records from this moment on and before that one, as their sources write them.
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    /// Only records of these services, if any are named; only sources whose name contains one of these words.
    pub services: Vec<String>,
    pub sources: Vec<String>,
    /// Only what was known at this moment, after the clocks of the sources were corrected.
    pub as_of: Option<Moment>,
    /// Who wants to know how far it is.
    pub progress: Option<Arc<Progress>>,
}

impl Config {
    fn enter(&self, phase: Phase) {
        if let Some(progress) = &self.progress {
            progress.enter(phase);
        }
    }
}

pub struct Outcome {
    pub report: Report,
    /// False: nothing in the input could be used, and `why` says what was there and what was expected.
    pub usable: bool,
    /// Otherwise empty, or what of that which was asked for is not there.
    pub why: String,
}

/// Lines of context around each piece of evidence.
const NEIGHBOURS: usize = 3;

/// From a bundle of leftovers to a report whose every sentence cites them.
pub fn investigate(bundle: &dyn Bundle, config: &Config) -> Outcome {
    match config.as_of {
        None => {
            let (readings, met) = read(bundle, config, &|_| None);
            let usable = usable(&readings, config, &met);
            config.enter(Phase::Reasoning);
            tell(bundle, config, analysis::analyse(readings, config.threads), (usable, None))
        }
        Some(until) => at_that_time(bundle, config, until),
    }
}

/// The clocks are decided by all that is there, as they say nothing about the incident; then everything is read once more,
/// and what came later passes by unseen.
fn at_that_time(bundle: &dyn Bundle, config: &Config, until: Moment) -> Outcome {
    let clocks = analysis::clocks_of(read(bundle, config, &|_| None).0);
    let clock = |name: &str| clocks.get(name).cloned().unwrap_or_else(Clock::trusted);
    let (readings, met) = read(bundle, config, &|name| Some(Known { clock: clock(name), until }));
    let later = Later::new(&readings, &clocks, until);
    let mut usable = usable(&readings, config, &met);
    usable.timed &= readings.iter().any(|(_, digest)| tells(digest));
    let why = if usable.why.is_empty() { "nothing usable in the input" } else { &usable.why };
    usable.why = format!("{why}; only what was known at {} was looked at", until.rfc3339());
    let mut outcome = tell(bundle, config, analysis::analyse_by(readings, &clocks, config.threads), (usable, Some(&later)));
    outcome.report.as_of = Some(until.rfc3339());
    outcome
}

/// Names of people alone tell nothing.
fn tells(digest: &Digest) -> bool {
    digest.stamped > 0 || digest.events.iter().any(|event| !matches!(event.body, Body::Person(_)))
}

/// What can be made of what was read.
struct Usable {
    /// Some source gave a record with a time, or an event.
    timed: bool,
    /// Nothing is of what was asked for.
    absent: bool,
    /// Why nothing is usable, where nothing is.
    why: String,
    /// What of that which was asked for is not there.
    lacks: String,
}

fn tell(bundle: &dyn Bundle, config: &Config, findings: Findings, (usable, later): (Usable, Option<&Later>)) -> Outcome {
    // Text without any time or event may still show a failure; if it does not either, "no incident" would be a guess.
    let is_undated = is_undated(&findings);
    let is_usable = !usable.absent && (usable.timed && !is_undated || findings.status != Status::NoneFound);
    let why = if is_undated && usable.timed { undated(&findings) } else { usable.why };
    config.enter(Phase::Quoting);
    let places = compose::places(&findings);
    let quotes = quote(bundle, config, &places).without(&findings.unsaid);
    let mut redactor = Redactor::secrets_only();
    let mut report = compose::compose(&findings, &quotes, &mut redactor);
    if let Some(later) = later {
        later.withhold(&mut report, quotes.0.values(), |name| redactor.redact(name));
    }
    let lacks = [usable.lacks, incomplete(&findings), unreadable(&findings)]
        .into_iter()
        .filter(|said| !said.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    Outcome { report, usable: is_usable, why: if is_usable { lacks } else { why } }
}

/// Nothing can be laid in time, and no object shows how it is: whether that was an incident cannot be told.
fn is_undated(findings: &Findings) -> bool {
    findings.status == Status::NoneFound && findings.moments.is_empty() && findings.looked_at.is_empty()
}

fn undated(findings: &Findings) -> String {
    let sources = findings.sources.iter().map(|found| &found.source).filter(|source| source.records > 0);
    let named: Vec<&str> = sources.map(|source| source.name.as_str()).take(NAMED).collect();
    format!(
        "cannot tell whether there was an incident: none of the records read has a date ({}). Put the date into a file's name \
         (chat-2025-03-02.txt), or take an export with dates (kubectl get events -o json)",
        named.join(", ")
    )
}

/// Sources that are named at once.
const NAMED: usize = 3;

/// Which sources could not be read to their end.
fn incomplete(findings: &Findings) -> String {
    let lost: Vec<&str> = findings
        .sources
        .iter()
        .map(|found| &found.source)
        .filter(|source| source.skipped.iter().any(Skipped::is_loss))
        .map(|source| source.name.as_str())
        .collect();
    let more = if lost.len() > NAMED { format!(" and {} more", lost.len() - NAMED) } else { String::new() };
    let named = lost.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if lost.is_empty() {
        named
    } else {
        format!(
            "{} of {} sources could not be read to the end: {named}{more}; see the coverage",
            lost.len(),
            findings.sources.len()
        )
    }
}

/// Sources that hold no text, such as pictures.
fn unreadable(findings: &Findings) -> String {
    let is_lost = |source: &Source| source.skipped.iter().any(Skipped::is_loss);
    let binary = findings.sources.iter().map(|found| &found.source).filter(|s| s.format == "binary" && !is_lost(s));
    let names: Vec<&str> = binary.map(|source| source.name.as_str()).collect();
    let more = if names.len() > NAMED { format!(" and {} more", names.len() - NAMED) } else { String::new() };
    let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => String::new(),
        1 => format!("1 source was skipped, it is no text: {named}"),
        count => format!("{count} sources were skipped, they are no text: {named}{more}"),
    }
}

type Readings = Vec<(Source, Digest)>;

fn read(bundle: &dyn Bundle, config: &Config, known: &(dyn Fn(&str) -> Option<Known> + Sync)) -> (Readings, Met) {
    let threads = config.threads.max(1);
    let make = |id, name: &str| Narrowed::new(Digest::new(id, name), name, config, known(name));
    let readings = thread::scope(|scope| {
        if threads > 1 {
            scope.spawn(|| {
                analysis::prepare();
                redact::prepare();
            });
        }
        intake::read(bundle, &config.settings, threads, &make)
    });
    let mut all = Met::default();
    let digests = readings.into_iter().map(|reading| {
        let (digest, met) = reading.sink.into_inner();
        all.join(met);
        (reading.source, digest)
    });
    let digests = digests.collect();
    (digests, all)
}

/// Whether any source gave a record with a time or an event, of those that were asked for, and otherwise what was there.
fn usable(readings: &[(Source, Digest)], config: &Config, met: &Met) -> Usable {
    let asked::Absent { all: absent, told } = asked::absent(config, readings, met);
    let lacks = told.join("; ");
    if absent {
        return Usable { timed: false, absent, why: format!("nothing to report on: {lacks}"), lacks };
    }
    if !readings.is_empty() && !readings.iter().any(|(_, digest)| asked::has_time(config, digest)) {
        let why = format!("nothing to report on: nothing has a time {}, as the sources write it", asked::stretch(config));
        return Usable { timed: false, absent, why, lacks };
    }
    let timed = readings.iter().any(|(_, digest)| digest.stamped > 0 || !digest.events.is_empty());
    let why = if timed { String::new() } else { unusable(readings) };
    Usable { timed, absent, why, lacks }
}

fn unusable(readings: &[(Source, Digest)]) -> String {
    let seen: Vec<String> = readings.iter().take(8).map(|(source, _)| describe(source)).collect();
    let what = if seen.is_empty() { "no files were found".to_string() } else { seen.join("; ") };
    let more = if readings.len() > 8 { format!("; and {} more", readings.len() - 8) } else { String::new() };
    let expected = "expected logs, chat exports, pages, alerts, deploys, commits, Kubernetes objects, metrics or traces, plain or in archives";
    format!("nothing usable in the input: {what}{more}. {expected}")
}

fn describe(source: &Source) -> String {
    let mut reason = source.skipped.iter().map(|s| s.reason.as_str()).collect::<Vec<_>>().join(", ");
    if reason.is_empty() {
        reason = if source.records > 0 { "text without times" } else { "no records" }.into();
    }
    format!("{} ({} bytes): {reason}", source.name, source.bytes)
}

struct Quoteds(BTreeMap<RecordRef, Quote>);

impl Quoteds {
    /// Shows no line beside a record that holds one of these words, nor what lies beyond it.
    fn without(mut self, unsaid: &[String]) -> Quoteds {
        let shows = |line: &String| unsaid.iter().any(|words| line.contains(words.as_str()));
        for quote in self.0.values_mut() {
            quote.before.drain(..quote.before.iter().rposition(shows).map_or(0, |at| at + 1));
            quote.after.truncate(quote.after.iter().position(shows).unwrap_or(quote.after.len()));
        }
        self
    }
}

fn quote(bundle: &dyn Bundle, config: &Config, places: &[RecordRef]) -> Quoteds {
    // The lines around a record may be of later.
    let neighbours = if config.as_of.is_some() { 0 } else { NEIGHBOURS };
    let quotes = intake::quote(bundle, &config.settings.limits, places, neighbours);
    Quoteds(quotes.into_iter().map(|q| (q.place, q)).collect())
}

impl Quotes for Quoteds {
    fn quote(&self, place: RecordRef) -> Option<Quoted> {
        let quote = self.0.get(&place)?;
        Some(Quoted { source: String::new(), text: quote.text.clone(), before: quote.before.clone(), after: quote.after.clone() })
    }
}

#[cfg(test)]
mod tests {
    use evidence::SourceId;

    use super::*;

    #[test]
    fn a_line_that_must_be_shown_nowhere_is_not_shown_beside_another() {
        let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
        let lines = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect::<Vec<_>>();
        let quote = Quote {
            place,
            text: "on it".into(),
            before: lines(&["a", "eva: the-answer-1", "b"]),
            after: lines(&["c", "eva: the-answer-1", "d"]),
        };
        let quotes = || Quoteds([(place, quote.clone())].into());
        let shown = |quotes: Quoteds| quotes.quote(place).map(|quoted| (quoted.before, quoted.after));
        assert_eq!(shown(quotes().without(&["the-answer-1".into()])), Some((lines(&["b"]), lines(&["c"]))));
        assert_eq!(shown(quotes().without(&[])), Some((quote.before.clone(), quote.after.clone())));
    }
}
