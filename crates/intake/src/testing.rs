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

    fn joins(&self) -> bool {
        true
    }

    fn join(&mut self, other: Keep) {
        self.records.extend(other.records);
        self.records.sort_by_key(|record| record.place);
        self.events.extend(other.events);
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

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    writer.include_checksum(true).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    xz_with(bytes, 1 << 20)
}

/// With a dictionary of a size of its own.
pub fn xz_with(bytes: &[u8], dictionary: u32) -> Vec<u8> {
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = dictionary;
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
    let mut writer = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A frame of user data that decoders of zstd and lz4 step over.
pub fn skippable(bytes: &[u8]) -> Vec<u8> {
    [b"\x5a\x2a\x4d\x18", &u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], bytes].concat()
}

/// A member of a zip archive as it is said to be, true or not.
#[derive(Clone)]
pub struct Said {
    pub name: Vec<u8>,
    pub method: u16,
    pub mode: u32,
    pub checksum: u32,
    pub size: u32,
    pub data: Vec<u8>,
}

impl Said {
    /// A file that is stored as it is.
    pub fn stored(name: &str, bytes: &[u8]) -> Said {
        Said::packed(name, 0, bytes, bytes)
    }

    /// A file that `data` unpack to by a method.
    pub fn packed(name: &str, method: u16, bytes: &[u8], data: &[u8]) -> Said {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let size = u32::try_from(bytes.len()).unwrap();
        Said { name: name.into(), method, mode: 0o100_644, checksum: sum.sum(), size, data: data.into() }
    }

    /// What stands in both headers.
    fn fields(&self) -> Vec<u8> {
        let stored = u32::try_from(self.data.len()).unwrap();
        let mut out = [20u16, 0, self.method, 0, 0].map(u16::to_le_bytes).concat();
        out.extend([self.checksum, stored, self.size].map(u32::to_le_bytes).concat());
        out.extend([u16::try_from(self.name.len()).unwrap(), 0].map(u16::to_le_bytes).concat());
        out
    }

    /// What stands before the data.
    pub fn local(&self) -> Vec<u8> {
        [b"PK\x03\x04", &self.fields()[..], &self.name].concat()
    }
}

/// The directory of a zip archive, whose members stand where it says, and its end. `before` bytes stand before it.
pub fn zip_directory(members: &[(Said, usize)], before: usize) -> Vec<u8> {
    let four = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let mut out = Vec::new();
    for (said, at) in members {
        out.extend(b"PK\x01\x02\x14\x03");
        out.extend(said.fields());
        out.extend([0; 6]);
        out.extend((said.mode << 16).to_le_bytes());
        out.extend(four(*at));
        out.extend(&said.name);
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    [&out[..], b"PK\x05\x06\0\0\0\0", &count, &count, &four(out.len()), &four(before), b"\0\0"].concat()
}

/// A zip archive of members one after the other.
pub fn zip_of(members: &[Said]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut placed = Vec::new();
    for said in members {
        placed.push((said.clone(), out.len()));
        out.extend(said.local());
        out.extend(&said.data);
    }
    let directory = zip_directory(&placed, out.len());
    out.extend(directory);
    out
}

/// An entry of a tar archive, whatever it says: name, type and size as in the header, then the data.
pub fn tar_entry(name: &[u8], kind: u8, size: u64, data: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(tar::EntryType::new(kind));
    header.set_size(size);
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend(data);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}
