//! How far the reading is, how fast and how long it still takes: one line on standard error, only where that is a terminal.
//!
//! Must never change what is read or written. What misleads it: an archive whose end unpacks to more than its beginning, and
//! an input that is read again because it repeats another.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::bundle::FileBundle;
use crate::output;

const EVERY: Duration = Duration::from_millis(200);
/// Before this nothing is known of the rate.
const SETTLED: Duration = Duration::from_secs(1);

/// Does the work, and says meanwhile how much of the bundle was read by it.
pub fn watch<T>(what: &str, bundle: &FileBundle, work: impl FnOnce() -> T) -> T {
    if !io::stderr().is_terminal() {
        return work();
    }
    let (size, before, start) = (bundle.size(), bundle.read(), Instant::now());
    output::progress(&format!("{what} {} ...", amount(size)));
    let (at_work, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let read = bundle.read().saturating_sub(before);
                output::progress(&line(what, read, size, start.elapsed()));
            }
            output::progress("");
        });
        let result = work();
        drop(at_work);
        result
    })
}

/// As `watch`, unless what is written meanwhile goes to the terminal itself.
pub fn watch_beside<T>(what: &str, bundle: &FileBundle, shows: bool, work: impl FnOnce() -> T) -> T {
    if shows { work() } else { watch(what, bundle, work) }
}

fn line(what: &str, read: u64, size: u64, elapsed: Duration) -> String {
    if read >= size {
        return format!("{what} {}, nearly done ...", amount(size));
    }
    let percent = read * 100 / size.max(1);
    let part = format!("{what} {} of {} ({percent}%)", amount(read), amount(size));
    if elapsed < SETTLED || read == 0 {
        return part;
    }
    let rate = read as f64 / elapsed.as_secs_f64();
    format!("{part}, {}/s, {} left", amount(rate as u64), duration(((size - read) as f64 / rate).ceil() as u64))
}

fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_come_when_they_are_known() {
        let line = |read, seconds| line("reading", read, 1_200_000_000, Duration::from_millis(seconds));
        assert_eq!(line(60_000_000, 200), "reading 60 MB of 1200 MB (5%)");
        assert_eq!(line(300_000_000, 2_000), "reading 300 MB of 1200 MB (25%), 150 MB/s, 6 s left");
        assert_eq!(line(4_000_000, 2_000), "reading 4 MB of 1200 MB (0%), 2 MB/s, 9 min 58 s left");
        assert_eq!(line(1_300_000_000, 2_000), "reading 1200 MB, nearly done ...");
        assert_eq!(line(0, 5_000), "reading 0 kB of 1200 MB (0%)");
        assert_eq!((duration(7_260), amount(1)), ("2 h 01 min".to_string(), "1 kB".to_string()));
    }
}
