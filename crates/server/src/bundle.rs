//! The uploads of a case as an [`intake::Bundle`]: their bytes under the names that they were given.
//!
//! Counts what is read, and stops reading when it is told to. What people stated by hand is one more input, a chat export
//! of the same shape as others, so that it is read, cited and verified like any testimony.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use intake::{Bundle, Input};
use report::revision::{Change, Revision, effective};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The name of what people stated by hand.
pub const STATEMENTS: &str = "statements-by-hand/statements.json";

pub struct CaseBundle {
    inputs: Vec<Input>,
    origins: Vec<Origin>,
    read: AtomicU64,
    stopped: AtomicBool,
}

enum Origin {
    File(PathBuf),
    Text(Vec<u8>),
}

impl CaseBundle {
    /// Sorted by name, as `casefile report` has its inputs.
    pub fn new(files: Vec<(String, u64, PathBuf)>, revisions: &[Revision]) -> CaseBundle {
        let mut all: Vec<(Input, Origin)> =
            files.into_iter().map(|(name, size, path)| (Input { name, size: Some(size) }, Origin::File(path))).collect();
        if let Some(text) = statements(revisions) {
            let input = Input { name: STATEMENTS.to_owned(), size: Some(text.len() as u64) };
            all.push((input, Origin::Text(text)));
        }
        all.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let (inputs, origins) = all.into_iter().unzip();
        CaseBundle { inputs, origins, read: AtomicU64::new(0), stopped: AtomicBool::new(false) }
    }

    pub fn size(&self) -> u64 {
        self.inputs.iter().filter_map(|input| input.size).fold(0, u64::saturating_add)
    }

    /// Tells what people stated apart from what they stated before.
    pub fn stated(&self) -> String {
        let text = self.origins.iter().find_map(|origin| match origin {
            Origin::Text(text) => Some(text.as_slice()),
            Origin::File(_) => None,
        });
        Sha256::digest(text.unwrap_or_default()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Every further reading fails, so that whoever reads comes to an end soon.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

impl Bundle for CaseBundle {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        self.open_at(input, 0)
    }

    fn open_at(&self, input: usize, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let origin = self.origins.get(input).ok_or_else(|| io::Error::other("there is no such input"))?;
        let inner: Box<dyn Read + Send> = match origin {
            Origin::File(path) => {
                // What is told of a failure reaches readers: without the path.
                let mut file = File::open(path).map_err(|e| io::Error::from(e.kind()))?;
                file.seek(SeekFrom::Start(offset))?;
                Box::new(file)
            }
            Origin::Text(text) => {
                let mut cursor = Cursor::new(text.clone());
                cursor.set_position(offset);
                Box::new(cursor)
            }
        };
        Ok(Box::new(Watched { inner, bundle: self }))
    }
}

struct Watched<'b> {
    inner: Box<dyn Read + Send>,
    bundle: &'b CaseBundle,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bundle.is_stopped() {
            return Err(io::Error::other("the analysis was stopped"));
        }
        let read = self.inner.read(buffer)?;
        self.bundle.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// A chat export (the shape of Slack's): who, when, what. None where nobody stated anything.
fn statements(revisions: &[Revision]) -> Option<Vec<u8>> {
    let messages: Vec<serde_json::Value> = effective(revisions)
        .into_iter()
        .filter_map(|revision| {
            let Change::Testify { text, about } = &revision.change else { return None };
            let at: jiff::Timestamp = about.as_deref().unwrap_or(&revision.at).parse().ok()?;
            let ts = format!("{}.{:06}", at.as_second(), revision.version.rem_euclid(1_000_000));
            Some(json!({ "type": "message", "user": revision.by, "ts": ts, "text": text }))
        })
        .collect();
    (!messages.is_empty()).then(|| serde_json::to_vec_pretty(&messages).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn testimony(version: i64, about: Option<&str>) -> Revision {
        Revision {
            version,
            at: "2026-11-28T10:00:00Z".to_owned(),
            by: "Ann".to_owned(),
            why: String::new(),
            change: Change::Testify { text: "I restarted the pool.".to_owned(), about: about.map(str::to_owned) },
        }
    }

    #[test]
    fn what_was_stated_by_hand_is_an_input_like_a_chat() {
        let bundle = CaseBundle::new(Vec::new(), &[testimony(1, Some("2026-11-27T09:30:00Z"))]);
        let mut text = String::new();
        bundle.open(0).unwrap().read_to_string(&mut text).unwrap();
        assert!(text.contains("\"ts\": \"1795771800.000001\"") && text.contains("\"user\": \"Ann\""), "{text}");
        assert_eq!(bundle.inputs()[0].name, STATEMENTS);
        assert_eq!(bundle.read(), bundle.size());
    }

    #[test]
    fn what_was_taken_back_is_none() {
        let restored = Revision { change: Change::Restore { version: 0 }, ..testimony(2, None) };
        assert!(CaseBundle::new(Vec::new(), &[testimony(1, None), restored]).inputs().is_empty());
    }

    #[test]
    fn nothing_more_is_read_once_it_is_stopped() {
        let bundle = CaseBundle::new(Vec::new(), &[testimony(1, None)]);
        let mut reader = bundle.open(0).unwrap();
        bundle.stop();
        assert!(reader.read(&mut [0; 8]).is_err());
    }
}
