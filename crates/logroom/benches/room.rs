#![allow(clippy::disallowed_methods, clippy::print_stdout)]
//! What a room costs: building it, and the first page of searches that are easy and that are not.
//!
//! `cargo bench -p logroom -- --mb 1000` invents a log of JSON lines, `-- --file PATH` takes one; `--threads N` says how many
//! threads build and search, `--room PATH` where the room is written (in memory without it). Prints a table.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::time::Instant;

use evidence::Moment;
use intake::{Bundle, Input};
use logroom::{Order, Page, Query, Room, Seek, Settings, Shelf, Stretch, build};

/// A file, or bytes.
enum Origin {
    File(String),
    Bytes(Vec<u8>),
}

struct One {
    inputs: Vec<Input>,
    origin: Origin,
}

impl Bundle for One {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, _: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(match &self.origin {
            Origin::File(path) => Box::new(File::open(path)?),
            Origin::Bytes(bytes) => Box::new(bytes.as_slice()),
        })
    }
}

struct OnDisk(File, u64);

impl Shelf for OnDisk {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(into, offset)
    }

    fn size(&self) -> u64 {
        self.1
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1)).cloned();
    let threads = option("--threads").and_then(|n| n.parse().ok()).unwrap_or(2);
    let mb: usize = option("--mb").and_then(|n| n.parse().ok()).unwrap_or(20);
    let origin = option("--file").map_or_else(|| Origin::Bytes(corpus::bytes(corpus::Kind::Json, mb * 1_000_000)), Origin::File);
    let bundle = One { inputs: vec![Input { name: "shop.log".into(), size: None }], origin };
    let path = option("--room").unwrap_or_else(|| std::env::temp_dir().join("casefile-room").display().to_string());
    if option("--keep").is_none() {
        let started = Instant::now();
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        let built = build(&bundle, &Settings::default(), threads, &mut out, &()).map_err(io::Error::other)?;
        out.flush()?;
        let seconds = started.elapsed().as_secs_f64();
        let (text, bytes) = (built.text as f64 / 1e6, built.bytes as f64 / 1e6);
        println!(
            "built: {text:.0} MB to {bytes:.1} MB in {seconds:.2} s, {:.0} MB/s, {} blocks, peak {} MiB",
            text / seconds,
            built.blocks,
            peak()
        );
    }
    let started = Instant::now();
    let file = File::open(&path)?;
    let size = file.metadata()?.len();
    let room = Room::open(OnDisk(file, size)).map_err(io::Error::other)?;
    println!("opened in {:.1} ms; {} patterns", started.elapsed().as_secs_f64() * 1e3, room.patterns().len());
    searches(&room, threads);
    println!("peak {} MiB", peak());
    Ok(())
}

fn searches(room: &Room<OnDisk>, threads: usize) {
    let last = room.sources()[0].last.unwrap_or(Moment(0));
    let late = Moment(last.0 - 60_000_000).rfc3339();
    let lines = [
        "",
        "user",
        "\"deadlock detected\"",
        "timeout",
        "zzyzxq",
        "overcast",
        "/[0-9]{17}x/",
        "/x[0-9]+y[0-9]+z/",
        "/pool.*exhausted/",
        "level:error user",
        "level:fatal zzyzxq",
        "level:error",
        "pattern:p5",
        "field:status=503",
        "field:status=599",
        "trace:2fdcd204eaf2ad27620d6ebf9996790f",
        "field:user_id=663915",
        "müller",
    ];
    println!("| search | hits | scanned | skipped | first page, ms | by time, ms | count | count, ms |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let late = format!("from:{late} checkout");
    for line in lines.into_iter().chain([late.as_str()]) {
        let query = Query::parse(line).unwrap();
        let (page, ms) = timed(|| first(room, &query, Seek { threads, ..Seek::default() }));
        let (_, by_time) = timed(|| first(room, &query, Seek { threads, order: Order::Time, ..Seek::default() }));
        let stretch = Stretch { from_block: 0, budget: u32::MAX, bin_s: 60, threads };
        let (count, counting) = timed(|| room.count(&query, &stretch).unwrap());
        println!(
            "| `{line}` | {} | {} | {} | {ms:.1} | {by_time:.1} | {} | {counting:.0} |",
            page.hits.len(),
            page.scanned,
            page.skipped,
            count.total()
        );
    }
    let lines = room.sources()[0].lines;
    let after = Some(logroom::Position { at: None, source: 0, line: lines.saturating_sub(50) });
    let (page, ms) = timed(|| first(room, &Query::parse("user").unwrap(), Seek { after, threads, ..Seek::default() }));
    println!("| `user`, the last page | {} | {} | {} | {ms:.1} | | | |", page.hits.len(), page.scanned, page.skipped);
    let (found, ms) = timed(|| room.context(0, lines / 2, 50, 50).unwrap());
    println!("\n{} lines around a place: {ms:.1} ms", found.len());
    let (bars, ms) = timed(|| room.histogram(&Query::default(), 200, threads).unwrap());
    println!("histogram of {} bins: {ms:.2} ms", bars.len());
}

fn first(room: &Room<OnDisk>, query: &Query, seek: Seek) -> Page {
    room.search(query, &seek, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// The best of three, as others use the machine.
fn timed<T>(mut work: impl FnMut() -> T) -> (T, f64) {
    let mut best = f64::INFINITY;
    let mut result = None;
    for _ in 0..3 {
        let started = Instant::now();
        result = Some(work());
        best = best.min(started.elapsed().as_secs_f64() * 1e3);
    }
    (result.unwrap(), best)
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}
