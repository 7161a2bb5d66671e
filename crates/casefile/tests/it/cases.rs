//! The cases at the root and the example, as bundles in memory; each is investigated once for all tests.
//!
//! Must never change a case's files; whoever wants others makes a copy.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use intake::{Bundle, Input};
use investigate::{Config, Outcome, investigate};
use report::model::Report;
use serde_json::Value;

/// Bytes by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A bundle in memory.
pub struct Memory {
    inputs: Vec<Input>,
    bytes: Vec<Vec<u8>>,
}

impl Memory {
    pub fn new(files: &Files) -> Memory {
        let inputs = files.iter().map(|(n, b)| Input { name: n.clone(), size: Some(b.len() as u64) }).collect();
        Memory { inputs, bytes: files.values().cloned().collect() }
    }
}

impl Bundle for Memory {
    fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    fn open(&self, input: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Cursor::new(self.bytes[input].as_slice())))
    }
}

/// The folder `cases` at the root.
pub fn folder() -> PathBuf {
    root().join("cases")
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Names of all cases, sorted.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the cases stand at the root");
    let packed = entries.filter_map(|e| e.ok()).filter(|e| e.path().join("input.tar.gz").is_file());
    let mut names: Vec<String> = packed.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The files of a case, named as the program names them.
pub fn files(case: &str) -> Files {
    let packed = File::open(folder().join(case).join("input.tar.gz")).expect("a case is packed");
    let mut archive = tar::Archive::new(GzDecoder::new(packed));
    let mut files = Files::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.insert(name.trim_start_matches("./").trim_start_matches("input/").to_string(), bytes);
        }
    }
    files
}

/// The files of the example at the root.
pub fn example() -> Files {
    files_below(&root().join("examples/checkout"))
}

/// What lies in a folder.
pub fn files_below(folder: &Path) -> Files {
    let mut files = Files::new();
    below(folder, "", &mut files);
    files
}

/// What is known to be true of a case.
pub fn truth(case: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(case).join("truth.json")).unwrap()).unwrap()
}

/// The report on files, with two threads.
pub fn report(files: &Files) -> Report {
    outcome(files, 2).report
}

pub fn outcome(files: &Files, threads: usize) -> Outcome {
    investigate(&Memory::new(files), &Config { threads, ..Config::default() })
}

/// The report on a case as it is, made once for all tests.
pub fn base(case: &str) -> Report {
    static KNOWN: OnceLock<Mutex<BTreeMap<String, Report>>> = OnceLock::new();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(case.to_string()).or_insert_with(|| report(&files(case))).clone()
}

/// Changes the text of every file, packed ones too; the names stay.
pub fn rewritten(files: &Files, change: &dyn Fn(&[u8]) -> Vec<u8>) -> Files {
    files.iter().map(|(name, bytes)| (name.clone(), packed_like(name, &change(&unpacked(name, bytes))))).collect()
}

/// The bytes of a file, unpacked when it is compressed alone.
pub fn unpacked(name: &str, bytes: &[u8]) -> Vec<u8> {
    if !name.ends_with(".gz") {
        return bytes.to_vec();
    }
    let mut out = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

pub fn packed_like(name: &str, bytes: &[u8]) -> Vec<u8> {
    if name.ends_with(".gz") { gzip(bytes) } else { bytes.to_vec() }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Lays files out in a folder.
pub fn lay_out(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn below(folder: &Path, front: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{front}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            below(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}
