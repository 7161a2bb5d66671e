//! Bundles in memory and rooms built of them.

use std::io::{self, Read};
use std::ops::ControlFlow;

use intake::{Bundle, Input};
use logroom::{Hit, Page, Query, Room, Seek, Settings, build};

/// Files in memory.
pub struct Memory {
    inputs: Vec<Input>,
    bytes: Vec<Vec<u8>>,
}

impl Memory {
    pub fn new(files: impl IntoIterator<Item = (impl Into<String>, impl Into<Vec<u8>>)>) -> Memory {
        let (inputs, bytes) = files
            .into_iter()
            .map(|(name, bytes)| (name.into(), bytes.into()))
            .map(|(name, bytes): (String, Vec<u8>)| (Input { name, size: Some(bytes.len() as u64) }, bytes))
            .unzip();
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

/// With small blocks, so that little text has many.
pub fn settings() -> Settings {
    Settings { block_bytes: 8 << 10, ..Settings::default() }
}

pub fn bytes_of(bundle: &Memory, threads: usize) -> Vec<u8> {
    let mut out = Vec::new();
    build(bundle, &settings(), threads, &mut out, &()).unwrap();
    out
}

pub fn room_of(bundle: &Memory) -> Room<Vec<u8>> {
    Room::open(bytes_of(bundle, 2)).unwrap()
}

pub fn page(room: &Room<Vec<u8>>, query: &str, seek: &Seek) -> Page {
    room.search(&Query::parse(query).unwrap(), seek, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// All pages one after the other.
pub fn all(room: &Room<Vec<u8>>, query: &Query, seek: &Seek) -> Vec<Hit> {
    let (mut seek, mut hits) = (*seek, Vec::new());
    loop {
        let page = room.search(query, &seek, &mut |_| ControlFlow::Continue(())).unwrap();
        assert!(page.is_complete && page.hits.len() <= seek.limit);
        hits.extend(page.hits);
        seek.after = match page.next {
            Some(next) => Some(next),
            None => return hits,
        };
    }
}

pub fn lines_of(room: &Room<Vec<u8>>, query: &str) -> Vec<(u32, u64)> {
    all(room, &Query::parse(query).unwrap(), &Seek::default()).iter().map(|hit| (hit.source, hit.line)).collect()
}
