//! How fast bytes become records, each way in which lines are written for itself: `cargo bench -p intake`.
//!
//! The sink counts and does nothing else, so what is measured is containers, lines, formats and framing. Must never look at
//! what a record says. It misleads about inputs of a few lines: recognising the format is a small part of eight
//! megabytes.

use std::io::{self, Read, Write};

use corpus::Kind;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use evidence::{Event, Record, Sink};
use flate2::Compression;
use flate2::write::GzEncoder;
use intake::{Bundle, Input, Settings};

const BYTES: usize = 8_000_000;
const KINDS: [&str; 5] = ["json", "mixed-json", "logfmt", "access", "plain"];

fn main() {
    divan::main();
}

#[divan::bench(args = KINDS, sample_count = 20, sample_size = 1)]
fn one_thread(bencher: Bencher<'_, '_>, kind: &str) {
    read(bencher, log(kind), 1);
}

/// On the wall: two threads on two idle cores take about half of one.
#[divan::bench(args = KINDS, sample_count = 20, sample_size = 1)]
fn two_threads(bencher: Bencher<'_, '_>, kind: &str) {
    read(bencher, log(kind), 2);
}

/// Bytes are those that come out.
#[divan::bench(args = KINDS, sample_count = 10, sample_size = 1)]
fn gzip(bencher: Bencher<'_, '_>, kind: &str) {
    read(bencher, packed(&log(kind)), 1);
}

fn log(kind: &str) -> Vec<u8> {
    Kind::named(kind).map_or_else(Vec::new, |kind| corpus::bytes(kind, BYTES))
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    packer.write_all(bytes).and_then(|()| packer.finish()).unwrap_or_default()
}

fn read(bencher: Bencher<'_, '_>, bytes: Vec<u8>, threads: usize) {
    let bundle = Memory { inputs: [Input { name: "all.log".into(), size: Some(bytes.len() as u64) }], bytes };
    let settings = Settings::default();
    let count = || intake::read(&bundle, &settings, threads, &|_, _| Count::default());
    bencher.counter(BytesCount::new(BYTES)).bench(|| {
        let records: u64 = black_box(count()).into_iter().map(|reading| reading.sink.0).sum();
        assert!(records > 0);
    });
}

#[derive(Default)]
struct Count(u64);

impl Sink for Count {
    fn record(&mut self, record: &Record<'_>) {
        black_box(record);
        self.0 += 1;
    }

    fn event(&mut self, _: Event) {}

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: Count) {
        self.0 += other.0;
    }
}

/// One input in memory.
struct Memory {
    inputs: [Input; 1],
    bytes: Vec<u8>,
}

impl Bundle for Memory {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, _: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.bytes.as_slice()))
    }
}
