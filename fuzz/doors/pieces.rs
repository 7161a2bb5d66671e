//! Text as a log, read by one thread and, in pieces as small as the first byte says, by three. Both find the same.
#![no_main]

use doors::{Files, settings};
use evidence::{Event, Record, RecordRef, Sink, Skipped, Source};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let files = Files::one("app.log", text.as_bytes());
    let read = |piece_bytes: usize, threads: usize| {
        let settings = intake::Settings { piece_bytes, ..settings() };
        let readings = intake::read(&files, &settings, threads, &|_, _| All::default());
        readings.into_iter().map(|r| (account(r.source), r.sink.sorted())).collect::<Vec<_>>()
    };
    assert_eq!(read(24 + 4 * usize::from(*first), 3), read(usize::MAX, 1));
});

/// Everything that a source has, whoever read it.
#[derive(Default)]
struct All(Vec<(RecordRef, String)>);

impl All {
    fn sorted(mut self) -> Vec<(RecordRef, String)> {
        self.0.sort();
        self.0
    }
}

impl Sink for All {
    fn record(&mut self, record: &Record<'_>) {
        self.0.push((record.place, format!("{record:?}")));
    }

    fn event(&mut self, event: Event) {
        self.0.push((event.place, format!("{event:?}")));
    }

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: All) {
        self.0.extend(other.0);
    }
}

fn account(source: Source) -> (String, u64, u64, u64, Vec<Skipped>) {
    (source.format, source.read_bytes, source.lines, source.records, source.skipped)
}
