//! Which cues of which signatures a text leaves open: their literals stand in it, and all that they need beside.
//!
//! Must never know what a cue means, and must never rule out one that matches. Texts of one kind of message often differ in
//! digits alone; for cues whose words have none, what was found for one of them holds for the others. And the lines of traces
//! are the same in many texts; no word of a cue goes beyond a line.

use aho_corasick::AhoCorasick;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::literals::{self, Need};
use super::{Role, Signature};
use crate::pairs::Pairs;

/// Some of the cues of a signature, one bit for each; the last one stands for all that are beyond it.
pub(super) type Cues = u64;

/// A signature by its number, with cues of it.
type Open = (usize, Cues);

/// Bytes of the texts that a memory keeps, at most.
const MAX_KEPT: usize = 1 << 20;

/// What was found for texts in which every digit is a zero, and whether for those of little weight.
#[derive(Default)]
pub struct Memory {
    found: HashMap<(Vec<u8>, bool), Vec<Open>, FixedState>,
    /// The literals of plain cues in lines behind the first.
    lines: HashMap<Vec<u8>, Vec<u32>, FixedState>,
    bytes: usize,
}

impl Memory {
    fn keep(&mut self, key: (Vec<u8>, bool), found: &[Open]) {
        if self.has_room(key.0.len()) {
            self.found.insert(key, found.to_vec());
        }
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.bytes <= MAX_KEPT
    }

    /// The literals of a text of several lines, rising.
    fn literals_in(&mut self, words: &Words, text: &[u8]) -> Vec<u32> {
        let mut all = Vec::new();
        for (n, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if n == 0 {
                all = words.literals_in(line);
            } else if let Some(known) = self.lines.get(line) {
                all.extend(known);
            } else {
                let own = words.literals_in(line);
                all.extend(&own);
                if self.has_room(line.len()) {
                    self.lines.insert(line.to_vec(), own);
                }
            }
        }
        rising(all)
    }
}

/// What looks for the literals of all cues.
pub(super) struct Opener {
    /// Of cues whose words have no digit, and of the others.
    plain: Words,
    numbered: Words,
    /// For each signature and cue, all that a text has to hold.
    needs: Vec<Vec<Option<&'static Need>>>,
}

/// The literals of some cues.
struct Words {
    /// Finds the literals without which a cue cannot match, in lowercase.
    literals: Option<AhoCorasick>,
    /// For each literal, the signatures that need it, with the cues.
    owners: Vec<Vec<Open>>,
    /// Signatures with cues that no literal can rule out, with these cues.
    always: Vec<Open>,
}

impl Opener {
    pub(super) fn new(signatures: &[Signature]) -> Opener {
        let needs = signatures.iter().map(|s| s.cues.iter().map(|cue| literals::need(cue)).collect()).collect();
        let (mut plain, mut numbered): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
        for (at, signature) in signatures.iter().enumerate() {
            for (n, cue) in signature.cues.iter().enumerate() {
                let words = literals::of_embedded(cue);
                let has_digit = |word: &String| word.bytes().any(|b| b.is_ascii_digit());
                let is_numbered = words.iter().flatten().any(has_digit) || literals::need(cue).is_some_and(Need::has_digit);
                (if is_numbered { &mut numbered } else { &mut plain }).push((words, (at, bit(n))));
            }
        }
        Opener { plain: Words::new(plain), numbered: Words::new(numbered), needs }
    }

    /// Signatures that the literals of the text leave open, in rising order, with the cues. Of those that are less specific only
    /// recoveries: others give way to none of them.
    pub(super) fn of(&self, signatures: &[Signature], text: &str, spec: f64, memory: Option<&mut Memory>) -> Vec<Open> {
        let mut text = text.as_bytes().to_ascii_lowercase();
        let weighs = |at: usize| signatures[at].spec >= spec || signatures[at].role == Role::Recovery;
        let mut found = self.among(&self.numbered, &text, self.numbered.literals_in(&text), weighs);
        match memory {
            None => found.extend(self.among(&self.plain, &text, self.plain.literals_in(&text), weighs)),
            Some(memory) => {
                text.iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'0');
                let key = (text, spec > 0.0);
                match memory.found.get(&key) {
                    Some(known) => found.extend_from_slice(known),
                    None => {
                        let literals = memory.literals_in(&self.plain, &key.0);
                        let open = self.among(&self.plain, &key.0, literals, weighs);
                        memory.keep(key, &open);
                        found.extend(open);
                    }
                }
            }
        }
        merged(found)
    }

    /// Those that these literals of a text leave open.
    fn among(&self, words: &Words, text: &[u8], literals: Vec<u32>, weighs: impl Fn(usize) -> bool) -> Vec<Open> {
        let owners = literals.into_iter().flat_map(|literal| &words.owners[literal as usize]);
        let found: Vec<Open> = words.always.iter().chain(owners).filter(|(at, _)| weighs(*at)).copied().collect();
        if found.is_empty() {
            return found;
        }
        let mut found = merged(found);
        let pairs = Pairs::of(text);
        found.iter_mut().for_each(|(at, cues)| *cues &= self.met(*at, *cues, (text, &pairs)));
        found.retain(|(_, cues)| *cues != 0);
        found
    }

    /// Those of these cues of a signature whose every need a text in lowercase meets.
    fn met(&self, at: usize, cues: Cues, (text, pairs): (&[u8], &Pairs)) -> Cues {
        let open = self.needs[at].iter().enumerate().filter(|(n, _)| cues & bit(*n) != 0);
        open.filter(|(_, need)| need.is_none_or(|need| need.is_met(text, pairs)))
            .map(|(n, _)| bit(n))
            .fold(0, |all, cue| all | cue)
    }
}

/// The literals of a cue, if it has any, and whose it is.
type Row = (Option<Vec<String>>, Open);

fn rising(mut literals: Vec<u32>) -> Vec<u32> {
    literals.sort_unstable();
    literals.dedup();
    literals
}

impl Words {
    /// The literals that a text in lowercase has, rising.
    fn literals_in(&self, text: &[u8]) -> Vec<u32> {
        let Some(literals) = &self.literals else { return Vec::new() };
        rising(literals.find_overlapping_iter(text).map(|hit| hit.pattern().as_u32()).collect())
    }

    fn new(cues: Vec<Row>) -> Words {
        let mut words: Vec<(String, Open)> = Vec::new();
        let mut always: Vec<Open> = Vec::new();
        for (set, open) in cues {
            match set {
                Some(set) => words.extend(set.into_iter().map(|word| (word, open))),
                None => always.push(open),
            }
        }
        words.sort();
        let mut needles: Vec<String> = Vec::new();
        let mut owners: Vec<Vec<Open>> = Vec::new();
        for (word, open) in words {
            if needles.last() != Some(&word) {
                needles.push(word);
                owners.push(Vec::new());
            }
            if let Some(last) = owners.last_mut() {
                last.push(open);
            }
        }
        let literals = AhoCorasick::new(&needles).ok();
        if literals.is_none() {
            always.extend(owners.drain(..).flatten());
        }
        Words { literals, owners, always }
    }
}

/// Each signature once, with all of its cues, rising.
fn merged(mut found: Vec<Open>) -> Vec<Open> {
    found.sort_unstable();
    found.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 |= if is_same { next.1 } else { 0 };
        is_same
    });
    found
}

/// The bit of the n-th cue.
pub(super) fn bit(n: usize) -> Cues {
    1 << n.min(Cues::BITS as usize - 1)
}
