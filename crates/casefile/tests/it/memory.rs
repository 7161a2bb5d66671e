//! How much memory a log takes does not depend on its length. Measured on the running program, as the kernel counts it.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::program;

/// KiB that twenty times as much input may take more.
const GROWTH: u64 = 32 * 1024;

#[test]
fn twenty_times_the_log_takes_the_same_memory() {
    let dir = tempfile::tempdir().unwrap();
    write_log(&dir.path().join("small.log"), 1 << 20);
    write_log(&dir.path().join("large.log"), 20 << 20);
    let peak = |input| {
        let (status, peak) = run(dir.path(), input);
        assert!(status.success(), "{input}: {status}");
        peak
    };
    let (small, large) = (peak("small.log"), peak("large.log"));
    assert!(large <= small + GROWTH, "1 MB takes {small} KiB, 20 MB take {large} KiB");
}

/// JSON lines of several services with ids, numbers and failures, at least `size` bytes.
fn write_log(path: &Path, size: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut written, mut i) = (0, 0u64);
    while written < size {
        let id = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (seconds, millis) = (i / 50, i % 50 * 20);
        let failed = i.is_multiple_of(97);
        let (level, status) = if failed { ("error", 503) } else { ("info", 200) };
        let text = if failed { "upstream refused the connection" } else { "request done" };
        let line = format!(
            "{{\"ts\":\"2024-02-07T{:02}:{:02}:{:02}.{millis:03}Z\",\"level\":\"{level}\",\"service\":\"svc-{}\",\"msg\":\"{text} id={id:016x} in {} ms\",\"path\":\"/items/{}\",\"status\":{status},\"duration_ms\":{},\"user_id\":\"u{}\",\"trace_id\":\"{id:016x}{i:016x}\"}}\n",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60,
            i % 7,
            id % 900,
            id % 5_000,
            id % 900,
            id % 50_000,
        );
        file.write_all(line.as_bytes()).unwrap();
        written += line.len();
        i += 1;
    }
    file.flush().unwrap();
}

/// How a report on the input ends, and the peak of resident memory in KiB, seen while it runs.
pub fn run(folder: &Path, input: &str) -> (ExitStatus, u64) {
    fed(folder, &["report", input, "--format", "json", "--threads", "2"], |_| Ok(()))
}

/// The same of any command line, with what `feed` writes on its standard input.
pub fn fed(folder: &Path, words: &[&str], feed: impl FnOnce(ChildStdin) -> io::Result<()> + Send + 'static) -> (ExitStatus, u64) {
    let mut command = program::command(folder, words);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let feeding = thread::spawn(move || feed(stdin));
    let ended = watched(&mut child);
    feeding.join().unwrap().unwrap();
    ended
}

fn watched(child: &mut Child) -> (ExitStatus, u64) {
    let mut peak = 0;
    loop {
        peak = peak.max(resident(child));
        if let Some(status) = child.try_wait().unwrap() {
            return (status, peak);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn resident(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").trim().parse().unwrap_or(0)
}
