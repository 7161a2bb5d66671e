//! What is wrong with a file that defines a format, in words that help to mend it: file, line, what, and what to do.
//!
//! Must never know why a format is read. What breaks it: nothing; a place that is not found leaves the line out.

use std::fmt;
use std::ops::Range;

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// 1-based.
    pub line: Option<usize>,
    pub what: String,
    pub mend: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}; {}", self.what, self.mend)
    }
}

/// A file under examination.
#[derive(Clone, Copy)]
pub struct File<'f> {
    pub name: &'f str,
    pub text: &'f str,
}

impl File<'_> {
    /// A fault at a place of the text.
    pub fn fault(&self, at: Option<Range<usize>>, what: impl Into<String>, mend: impl Into<String>) -> Fault {
        let line = at.map(|at| self.text.as_bytes().iter().take(at.start).filter(|b| **b == b'\n').count() + 1);
        Fault { file: self.name.to_string(), line, what: what.into(), mend: mend.into() }
    }

    /// The line that sets a key.
    pub fn place_of_key(&self, key: &str) -> Option<Range<usize>> {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return Some(at..at + line.len());
            }
            at += line.len();
        }
        None
    }

    /// The place where `words` first stand, for a fault of which only the words are known.
    pub fn place_of(&self, words: &str) -> Option<Range<usize>> {
        self.text.find(words).map(|at| at..at + words.len())
    }
}
