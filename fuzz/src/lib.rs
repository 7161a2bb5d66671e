//! What the doors share: files in memory, small limits, and the laws that every reading keeps.
//!
//! Must never excuse a reading: a law that does not hold is a finding, as a panic is. What breaks it is what it is for.

use std::io::{self, Cursor, Read};

use evidence::{Body, Event, Record, RecordRef, Sink, SourceId};
use intake::{Bundle, Input, Limits, Reading, Settings};

/// Names that files are given, one a line; the seeds use the same list.
const NAMES: &str = include_str!("../names");

/// Ends a file where several stand in one input; logs have no such byte.
pub const BETWEEN: u8 = 0x1e;

/// The name that a byte means.
pub fn name(byte: u8) -> &'static str {
    let names: Vec<&str> = NAMES.lines().collect();
    names[usize::from(byte) % names.len()]
}

/// Files in memory, under distinct names.
pub struct Files {
    inputs: Vec<Input>,
    bytes: Vec<Vec<u8>>,
}

impl Files {
    pub fn new(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Files {
        let mut files: Vec<(String, Vec<u8>)> = files.into_iter().collect();
        files.sort();
        files.dedup_by(|later, first| later.0 == first.0);
        let inputs = files.iter().map(|(name, bytes)| Input { name: name.clone(), size: Some(bytes.len() as u64) }).collect();
        Files { inputs, bytes: files.into_iter().map(|(_, bytes)| bytes).collect() }
    }

    pub fn one(name: &str, bytes: &[u8]) -> Files {
        Files::new([(name.to_string(), bytes.to_vec())])
    }

    /// Up to five files in one input: each has a byte for its name and ends at [`BETWEEN`]. Equal names get a number.
    pub fn several(data: &[u8]) -> Files {
        let pieces = data.splitn(5, |byte| *byte == BETWEEN).enumerate();
        let files = pieces.filter_map(|(n, piece)| {
            let (first, bytes) = piece.split_first()?;
            Some((format!("{n}/{}", name(*first)), bytes.to_vec()))
        });
        Files::new(files)
    }
}

impl Bundle for Files {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Cursor::new(self.bytes[input].as_slice())))
    }
}

/// Limits that small inputs reach.
pub fn settings() -> Settings {
    let limits = Limits {
        depth: 4,
        entries: 50,
        unpacked_bytes: 1 << 22,
        unpacked_anyway: 1 << 22,
        document_bytes: 1 << 20,
        record_bytes: 4096,
        record_lines: 60,
        ..Limits::default()
    };
    Settings { limits, ..Settings::default() }
}

/// Looks at every place of a source and at nothing else.
pub struct Places {
    id: SourceId,
    pub items: u64,
    end: u64,
    last_line: u64,
}

impl Places {
    pub fn of(id: SourceId) -> Places {
        Places { id, items: 0, end: 0, last_line: 0 }
    }

    fn see(&mut self, place: RecordRef) {
        assert_eq!(place.source, self.id, "a place of another source");
        assert!(place.start <= place.end && 0 < place.line && place.line <= place.last_line, "{place:?}");
        self.end = self.end.max(place.end);
        self.last_line = self.last_line.max(place.last_line);
    }
}

impl Sink for Places {
    fn record(&mut self, record: &Record<'_>) {
        self.items += 1;
        self.see(record.place);
    }

    fn event(&mut self, event: Event) {
        self.items += 1;
        self.see(event.place);
        if let Body::Series(series) = &event.body {
            series.points.iter().for_each(|point| self.see(point.place));
        }
    }
}

/// Reads the files and holds every source to the law: read + skipped = size, and no place lies outside.
pub fn read(files: &Files) -> Vec<Reading<Places>> {
    let readings = intake::read(files, &settings(), 1, &|id, _| Places::of(id));
    for Reading { source, sink, .. } in &readings {
        let skipped: u64 = source.skipped.iter().map(|s| s.bytes).sum();
        assert_eq!(source.read_bytes + skipped, source.bytes, "bytes are not accounted for: {source:?}");
        assert!(sink.end <= source.bytes, "a place ends at {}, beyond its source: {source:?}", sink.end);
        assert!(sink.last_line <= source.lines, "a place has line {}, beyond its source: {source:?}", sink.last_line);
        assert!(source.skipped_lines() <= source.lines, "more lines are skipped than there are: {source:?}");
    }
    readings
}
