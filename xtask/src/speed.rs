//! How long reading takes, as a multiple of a plain loop over the same bytes in the same process: `cargo speed`.
//!
//! Seconds say as much about the machine and its neighbours as about the program; a ratio of two loops that take turns
//! says little of them. The check fails when a ratio is far above the recorded one: something made reading slower by
//! half. Must never compare seconds, and never read from a disk. It misleads on processors whose vector units differ much
//! from those of the recording, and about whatever happens once for each input rather than for each line.

use std::collections::BTreeMap;
use std::fs;
use std::hash::BuildHasher;
use std::hint::black_box;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use analysis::Digest;
use anyhow::{Context, Result, bail};
use corpus::Kind;
use foldhash::fast::FixedState;
use intake::{Bundle, Input, Settings};

/// Where the ratios are recorded, from the root of the repository.
const RECORDED: &str = "benches/ratios.toml";
const BYTES: usize = 32_000_000;
/// The loops take turns so many times; the fastest of each counts.
const ROUNDS: usize = 9;
/// How many times the recorded ratio is too much. Neighbours on the same cores moved it by less than a fifth.
const MARGIN: f64 = 1.75;

/// Ratios by the name of the kind.
type Ratios = BTreeMap<String, f64>;

pub fn run(root: &Path, words: &[&str]) -> Result<bool> {
    if cfg!(debug_assertions) {
        bail!("only a release build says how fast it is; run cargo speed");
    }
    match words {
        [] => measured().map(|_| true),
        ["--check"] => check(&recorded(root)?, &measured()?),
        ["--record"] => record(root, &measured()?),
        _ => bail!("cargo speed takes --check, --record or nothing"),
    }
}

fn recorded(root: &Path) -> Result<Ratios> {
    let text = fs::read_to_string(root.join(RECORDED)).with_context(|| format!("cannot read {RECORDED}"))?;
    toml::from_str(&text).with_context(|| format!("{RECORDED} is not as cargo speed --record writes it"))
}

fn record(root: &Path, ratios: &Ratios) -> Result<bool> {
    let lines: String = ratios.iter().map(|(kind, ratio)| format!("{kind} = {ratio:.2}\n")).collect();
    let about = "# How many times as long as a plain loop over the same bytes reading takes; see docs/benchmarks.md.\n\
                 # Written by `cargo speed --record`, compared by `cargo speed --check`.\n";
    fs::write(root.join(RECORDED), format!("{about}{lines}")).with_context(|| format!("cannot write {RECORDED}"))?;
    Ok(true)
}

/// Says what became too slow, and what became so much faster that the record is of no use any more.
fn check(recorded: &Ratios, ratios: &Ratios) -> Result<bool> {
    let mut good = true;
    for (kind, ratio) in ratios {
        let was = *recorded.get(kind).with_context(|| format!("{RECORDED} has no {kind}; run cargo speed --record"))?;
        if *ratio > was * MARGIN {
            good = false;
            println!(
                "fault: reading {kind} takes {ratio:.2} times a plain loop, {was:.2} were recorded; at most {MARGIN} times that may be"
            );
        } else if ratio * MARGIN < was {
            println!(
                "note: reading {kind} takes {ratio:.2} times a plain loop, {was:.2} were recorded; run cargo speed --record"
            );
        }
    }
    Ok(good)
}

/// Measures every kind and prints what it finds.
fn measured() -> Result<Ratios> {
    let settings = Settings::default();
    let mut ratios = Ratios::new();
    println!("{:12} {:>8} {:>14} {:>14}", "kind", "ratio", "reading MB/s", "plain MB/s");
    for kind in Kind::ALL {
        let bundle = Memory::new(corpus::bytes(kind, BYTES));
        let (mut reading, mut plain) = (Duration::MAX, Duration::MAX);
        // The first turn of each loads what it needs.
        for round in 0..=ROUNDS {
            let (read, looped) = (time_of(|| digest(&bundle, &settings)), time_of(|| plain_loop(&bundle.bytes)));
            if round > 0 {
                (reading, plain) = (reading.min(read), plain.min(looped));
            }
        }
        let ratio = reading.as_secs_f64() / plain.as_secs_f64();
        let per_second = |time: Duration| bundle.bytes.len() as f64 / 1e6 / time.as_secs_f64();
        println!("{:12} {ratio:8.2} {:14.0} {:14.0}", kind.name(), per_second(reading), per_second(plain));
        ratios.insert(kind.name().into(), ratio);
    }
    Ok(ratios)
}

/// Reads it all as a report does, by one thread. Says how many records there were.
fn digest(bundle: &Memory, settings: &Settings) -> u64 {
    let readings = intake::read(bundle, settings, 1, &|id, name| Digest::new(id, name));
    readings.into_iter().map(|reading| reading.sink.settled().records).sum()
}

/// What no reader can do without, and a little of what costs time beside it: checks the text, finds lines and words, and
/// counts each word by its hash in a table that fits into the first cache.
fn plain_loop(bytes: &[u8]) -> u64 {
    let mut counts = [0_u32; 1_024];
    let text = std::str::from_utf8(bytes).unwrap_or_default().as_bytes();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        for word in text[start..end].split(|byte| !byte.is_ascii_alphanumeric()) {
            let hash = FixedState::default().hash_one(word) as usize;
            counts[hash % counts.len()] += 1;
        }
        start = end + 1;
    }
    counts.into_iter().map(u64::from).sum()
}

fn time_of<T>(work: impl FnOnce() -> T) -> Duration {
    let before = spent();
    black_box(work());
    spent().saturating_sub(before)
}

/// Time that processors spent on this process: nothing else runs in it, and what neighbours take does not count.
#[cfg(unix)]
fn spent() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// Elsewhere the time on the wall has to do.
#[cfg(not(unix))]
fn spent() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// One input in memory.
struct Memory {
    inputs: [Input; 1],
    bytes: Vec<u8>,
}

impl Memory {
    fn new(bytes: Vec<u8>) -> Memory {
        Memory { inputs: [Input { name: "all.log".into(), size: Some(bytes.len() as u64) }], bytes }
    }
}

impl Bundle for Memory {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, _: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.bytes.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratios(json: f64) -> Ratios {
        Ratios::from([("json".into(), json)])
    }

    #[test]
    fn what_takes_nearly_twice_as_long_fails_and_what_is_faster_does_not() {
        assert!(check(&ratios(2.0), &ratios(3.4)).unwrap() && check(&ratios(2.0), &ratios(0.5)).unwrap());
        assert!(!check(&ratios(2.0), &ratios(3.6)).unwrap());
        assert!(check(&Ratios::new(), &ratios(1.0)).is_err());
    }

    #[test]
    fn every_kind_has_a_record_and_is_read_as_a_log() {
        let recorded = recorded(&crate::root().unwrap()).unwrap();
        let settings = Settings::default();
        for kind in Kind::ALL {
            assert!(recorded.contains_key(kind.name()), "{}", kind.name());
            let bytes = corpus::bytes(kind, 50_000);
            let begun =
                bytes.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"\t") && !line.is_empty()).count() as u64;
            let records = digest(&Memory::new(bytes), &settings);
            assert!(records > 0 && records <= begun && (kind == Kind::Plain || records == begun), "{}", kind.name());
        }
    }
}
