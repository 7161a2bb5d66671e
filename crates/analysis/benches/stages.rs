//! How fast records are counted and their messages become patterns: `cargo bench -p analysis`.
//!
//! Records are made by hand from the invented corpus, so nothing of reading them is measured. Must never need `intake`.
//! It misleads about memory that is cold: the same records are gone through again and again. Throughput counts the bytes of
//! messages, not those of the lines in which they would stand.

use std::sync::Arc;

use analysis::Digest;
use analysis::kinds::Survey;
use analysis::mask::mask;
use analysis::mining::{self, Options};
use corpus::{Entries, Entry, Level};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use evidence::{Basis, Moment, Record, RecordRef, Sink, SourceId, Stamp};

const RECORDS: usize = 20_000;
const SOURCE: SourceId = SourceId { input: 0, entry: 0 };
const SYLLABLES: [&str; 12] = ["an", "bel", "cor", "da", "el", "fin", "gu", "ha", "il", "jo", "ka", "lu"];

fn main() {
    divan::main();
}

#[divan::bench]
fn masking(bencher: Bencher<'_, '_>) {
    let entries = entries();
    let mut masked = String::new();
    bencher.counter(bytes(&entries)).bench_local(|| {
        for entry in &entries {
            mask(black_box(&entry.message), &mut masked);
            black_box(&masked);
        }
    });
}

#[divan::bench]
fn digest(bencher: Bencher<'_, '_>) {
    let entries = entries();
    let records = records(&entries);
    bencher.counter(bytes(&entries)).bench_local(|| {
        let mut digest = Digest::new(SOURCE, "all.log");
        records.iter().for_each(|record| digest.record(record));
        digest.settled().patterns.len()
    });
}

#[divan::bench]
fn survey(bencher: Bencher<'_, '_>) {
    let entries = entries();
    let records = records(&entries);
    bencher.counter(bytes(&entries)).bench_local(|| {
        let mut survey = Survey::one_of(1, &Arc::default());
        records.iter().for_each(|record| survey.record(record));
        survey
    });
}

/// Some thousands of masks that differ in names, which no mask can know to be variables.
#[divan::bench(args = [1_000, 4_000])]
fn templates(bencher: Bencher<'_, '_>, masks: usize) {
    let mut masked = String::new();
    let mut texts: Vec<String> = (0..)
        .zip(entries().iter().cycle())
        .take(masks)
        .map(|(number, entry)| {
            mask(&entry.message, &mut masked);
            format!("{masked} for {}", name(number))
        })
        .collect();
    texts.sort_unstable();
    texts.dedup();
    let counted: Vec<(&str, u64)> = texts.iter().map(String::as_str).zip(1..).collect();
    bencher.counter(ItemsCount::new(counted.len())).bench_local(|| mining::templates(black_box(&counted), &Options::default()));
}

fn entries() -> Vec<Entry> {
    let mut entries = Entries::new();
    (0..RECORDS).map(|number| entries.draw(number as f64 / RECORDS as f64)).collect()
}

fn bytes(entries: &[Entry]) -> BytesCount {
    BytesCount::new(entries.iter().map(|entry| entry.message.len()).sum::<usize>())
}

fn records(entries: &[Entry]) -> Vec<Record<'_>> {
    entries.iter().zip(1..).map(|(entry, line)| record(entry, line)).collect()
}

fn record(entry: &Entry, line: u64) -> Record<'_> {
    Record {
        place: RecordRef { source: SOURCE, start: line * 250, end: line * 250 + 249, line, last_line: line },
        stamp: Some(Stamp::new(Moment::SECOND * 1_772_442_000 + entry.at as i64 * 1_000, Basis::Zoned)),
        stamp_text: None,
        level: Some(match entry.level {
            Level::Debug => evidence::Level::Debug,
            Level::Info => evidence::Level::Info,
            Level::Warn => evidence::Level::Warn,
            Level::Error => evidence::Level::Error,
        }),
        service: Some(entry.service.into()),
        instance: Some(entry.pod.as_str().into()),
        message: entry.message.as_str().into(),
        trace: Some(entry.trace.as_str().into()),
        http: None,
        user: None,
        format: "json_lines",
        fields: Vec::new(),
    }
}

/// The same name for the same number.
fn name(number: usize) -> String {
    [number, number / 12, number / 144].map(|part| SYLLABLES[part % SYLLABLES.len()]).concat()
}
