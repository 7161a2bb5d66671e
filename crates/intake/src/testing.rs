//! What tests of this crate share: a bundle in memory, a sink that keeps everything, and small archives.

use std::io::{self, Cursor, Read, Write};

use evidence::{Event, Level, Record, RecordRef, Sink, Source};

use crate::{Bundle, Input, Limits, Settings, read};

/// A bundle of named bytes.
pub struct Memory {
    inputs: Vec<Input>,
    bytes: Vec<Vec<u8>>,
}

impl Memory {
    pub fn new<'n>(files: impl IntoIterator<Item = (&'n str, Vec<u8>)>) -> Memory {
        let (inputs, bytes) =
            files.into_iter().map(|(name, bytes)| (Input { name: name.into(), size: Some(bytes.len() as u64) }, bytes)).unzip();
        Memory { inputs, bytes }
    }
}

impl Bundle for Memory {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.bytes[input].as_slice()))
    }
}

/// One record, as far as tests look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub place: RecordRef,
    pub message: String,
    pub level: Option<Level>,
    pub has_time: bool,
    pub format: String,
}

#[derive(Debug, Default, PartialEq)]
pub struct Keep {
    pub records: Vec<Kept>,
    pub events: Vec<Event>,
}

impl Sink for Keep {
    fn record(&mut self, record: &Record<'_>) {
        self.records.push(Kept {
            place: record.place,
            message: record.message.to_string(),
            level: record.level,
            has_time: record.stamp.is_some(),
            format: record.format.to_string(),
        });
    }

    fn event(&mut self, event: Event) {
        self.events.push(event);
    }
}

/// Everything in a bundle, with one thread.
pub fn read_all(bundle: &Memory, limits: &Limits) -> Vec<(Source, Keep)> {
    let settings = Settings { limits: limits.clone(), ..Settings::default() };
    read(bundle, &settings, 1, &|_, _| Keep::default()).into_iter().map(|r| (r.source, r.sink)).collect()
}

/// A single file, read.
pub fn read_one(name: &str, bytes: &[u8]) -> Vec<(Source, Keep)> {
    read_all(&Memory::new([(name, bytes.to_vec())]), &Limits::default())
}

/// The law of the account.
pub fn assert_accounted(source: &Source) {
    let skipped: u64 = source.skipped.iter().map(|s| s.bytes).sum();
    assert_eq!(source.read_bytes + skipped, source.bytes, "{source:?}");
    assert!(source.skipped_lines() <= source.lines, "{source:?}");
    assert!(source.records > 0 || source.skipped_lines() == source.lines, "{source:?}");
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn tarball(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        writer.append_data(&mut header, name, *bytes).unwrap();
    }
    writer.into_inner().unwrap()
}

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let how = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, how).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
