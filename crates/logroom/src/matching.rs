//! A query made ready to be asked of blocks: what the summaries can deny, what the tables can, and what only the text can.
//!
//! Each step is asked before the next is read, and none denies what a plain look at every record would find. A record is
//! parsed only where its text matches already and a field is asked for. Must never run without bounds: expressions are
//! compiled to a bounded size and match in linear time. What breaks it: an expression without a literal word, for which
//! every text has to be unpacked.

mod needs;
mod pair;

use std::ops::Range;

use evidence::{Level, Moment, RecordRef};
use intake::formats::Formats;
use regex::bytes::{Regex, RegexBuilder};

use crate::Fault;
use crate::block::{Kind, Row};
use crate::filter;
use crate::histogram::slot;
use crate::index::{Block, Index};
use crate::query::Query;
use crate::room::{Inside, Reader, moment_of};
use crate::written;
use needs::Clause;

/// Bytes of a compiled expression, and of what it keeps while it matches.
const SIZE: usize = 2 << 20;
const NEST: u32 = 40;
/// Characters of an expression.
const LONGEST: usize = 1_000;

/// What a block turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Its summary or its set of trigrams denied it.
    Skipped,
    /// Its table was read, its text perhaps.
    Scanned,
}

pub struct Matching<'q> {
    terms: Vec<Term>,
    without: Vec<Term>,
    /// Runs of letters that a text with the fields has, unless its block hides some; and the values, to be marked.
    runs: Vec<Term>,
    values: Vec<Term>,
    /// By [`slot`]; all where none is asked for.
    levels: [bool; 7],
    services: Option<Services>,
    sources: Vec<bool>,
    pattern: Option<u32>,
    fields: Vec<&'q (String, String)>,
    from: Option<Moment>,
    to: Option<Moment>,
    formats: &'static Formats,
    has_facets: bool,
}

/// Names of services that are asked for, and the numbers that some of them have.
struct Services {
    names: Vec<String>,
    numbers: Vec<u32>,
}

/// Something that has to match in a row.
struct Term {
    regex: Regex,
    needs: Vec<Clause>,
    /// It asks for the beginning or the end of the text, which a block has elsewhere than a row.
    by_row: bool,
}

/// The compiled expression of a search.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    if pattern.chars().count() > LONGEST {
        return Err(format!("a regular expression has at most {LONGEST} characters"));
    }
    let built = RegexBuilder::new(pattern).multi_line(true).size_limit(SIZE).dfa_size_limit(SIZE).nest_limit(NEST).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the regular expression becomes too large; make its repetitions smaller".to_string(),
        other => {
            let said = other.to_string();
            format!(
                "the regular expression is not valid: {}",
                said.lines().last().unwrap_or_default().trim_start_matches("error: ")
            )
        }
    })
}

impl Term {
    fn of_word(word: &str) -> Result<Term, String> {
        // The set of trigrams knows the letters of ASCII only, and so does a word that has no others.
        let flags = if word.is_ascii() { "(?i-u)" } else { "(?i)" };
        Term::of(&format!("{flags}{}", regex::escape(word)), usize::MAX)
    }

    fn of_regex(pattern: &str) -> Result<Term, String> {
        Term::of(pattern, LONGEST)
    }

    fn of(pattern: &str, longest: usize) -> Result<Term, String> {
        let regex = if longest == LONGEST { regex(pattern)? } else { of_word(pattern)? };
        let (needs, by_row) = needs::of(pattern, NEST);
        Ok(Term { regex, needs, by_row })
    }

    /// How sure it is to be rare: the bytes of the longest word that it needs.
    fn weight(&self) -> usize {
        self.needs.iter().map(|clause| clause.iter().map(Vec::len).min().unwrap_or(0)).max().unwrap_or(0)
    }
}

fn of_word(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern).multi_line(true).size_limit(4 * SIZE).dfa_size_limit(SIZE).build();
    built.map_err(|_| "this is too long to be searched for".to_string())
}

impl<'q> Matching<'q> {
    /// Whether a query can be asked at all.
    pub fn check(query: &Query) -> Result<(), String> {
        terms(query).map(|_| ())
    }

    pub fn new(query: &'q Query, index: &Index, formats: &'static Formats) -> Result<Matching<'q>, Fault> {
        let wrong = |why| crate::Wrong { at: 0, why };
        let (terms, without) = terms(query).map_err(wrong)?;
        let words = |of: &dyn Fn(&'q str, &'q str) -> Vec<&'q str>| -> Result<Vec<Term>, String> {
            query.fields.iter().flat_map(|(name, value)| of(name, value)).map(Term::of_word).collect()
        };
        let runs = words(&|name, value| written::runs(name, value)).map_err(wrong)?;
        let values = words(&|_, value| vec![value]).map_err(wrong)?;
        let levels = match query.levels.as_slice() {
            [] => [true; 7],
            some => std::array::from_fn(|at| Level::ALL.get(at).is_some_and(|level| some.contains(level))),
        };
        let has_facets = !query.levels.is_empty()
            || !query.services.is_empty()
            || query.pattern.is_some()
            || query.from.is_some()
            || query.to.is_some();
        Ok(Matching {
            terms,
            without,
            runs,
            values,
            levels,
            services: Services::of(&query.services, index),
            sources: index.sources.iter().map(|source| is_source(&query.sources, &source.name)).collect(),
            pattern: query.pattern,
            fields: query.fields.iter().collect(),
            from: query.from,
            to: query.to,
            formats,
            has_facets,
        })
    }

    pub fn has_source(&self, source: u32) -> bool {
        self.sources.get(source as usize).copied().unwrap_or(false)
    }

    pub fn has_text(&self) -> bool {
        !(self.terms.is_empty() && self.without.is_empty() && self.fields.is_empty())
    }

    /// Whether every row that is not blank matches, by the summary alone.
    pub fn has_all(&self, block: &Block) -> bool {
        let in_time = match (self.from, self.to, block.span) {
            (None, None, _) => true,
            (_, _, None) => false,
            (from, to, Some((first, last))) => {
                block.untimed == 0 && from.is_none_or(|from| first >= from) && to.is_none_or(|to| last < to)
            }
        };
        let of_levels = block.levels.iter().zip(self.levels).all(|(count, wanted)| wanted || *count == 0);
        !self.has_text() && self.services.is_none() && self.pattern.is_none() && in_time && of_levels
    }

    /// False when the summary says that no row can match.
    pub fn may_have(&self, block: &Block) -> bool {
        let in_time = (self.from.is_none() && self.to.is_none())
            || block
                .span
                .is_some_and(|(first, last)| self.from.is_none_or(|from| last >= from) && self.to.is_none_or(|to| first < to));
        self.has_source(block.source)
            && in_time
            && block.levels.iter().zip(self.levels).any(|(count, wanted)| wanted && *count > 0)
            && self.services.as_ref().is_none_or(|services| services.may_be_in(block))
            && self.pattern.is_none_or(|rank| block.patterns.may_have(rank))
    }

    /// Looks at a block and hands on the numbers of the rows that match, in their order. Rows and text of the reader are
    /// those of the block afterwards, if any row does.
    pub fn look(
        &self,
        reader: &mut Reader<'_>,
        (inside, block): (Inside<'_>, &Block),
        found: &mut Vec<usize>,
    ) -> Result<Looked, Fault> {
        found.clear();
        if !self.may_have(block) {
            return Ok(Looked::Skipped);
        }
        if block.filter > 0 && self.asked(block).any(|term| !term.needs.is_empty()) {
            reader.read_filter(block)?;
            if !self.asked(block).all(|term| needs::may_match(&term.needs, |literal| filter::may_have(&reader.filter, literal))) {
                return Ok(Looked::Skipped);
            }
        }
        if self.has_facets || !self.has_text() {
            reader.read_rows(block)?;
            let rows = reader.rows.iter().enumerate();
            found.extend(rows.filter(|(_, row)| self.has_row(row, (inside, block))).map(|(at, _)| at));
            if found.is_empty() || !self.has_text() {
                return Ok(Looked::Scanned);
            }
            reader.read_text(block)?;
            self.among(reader, (inside, block), found);
            return Ok(Looked::Scanned);
        }
        reader.read_text(block)?;
        if self.driver(block).is_some_and(|driver| !driver.by_row && !driver.regex.is_match(&reader.text)) {
            return Ok(Looked::Scanned);
        }
        reader.read_rows(block)?;
        let rows = reader.rows.iter().enumerate();
        found.extend(rows.filter(|(_, row)| row.kind != Kind::Blank).map(|(at, _)| at));
        self.among(reader, (inside, block), found);
        Ok(Looked::Scanned)
    }

    /// Keeps those of the rows whose text matches.
    fn among(&self, reader: &Reader<'_>, (inside, block): (Inside<'_>, &Block), found: &mut Vec<usize>) {
        let places: Vec<(Range<usize>, u64)> = reader.places(block).map(|(_, range, line)| (range, line)).collect();
        let holds = |at: usize, text: &[u8]| {
            self.has_words(text, block) && self.has_fields(&reader.rows[at], text, (inside, places[at].1))
        };
        let Some(driver) = self.driver(block).filter(|driver| !driver.by_row && found.len() * 4 > places.len()) else {
            found.retain(|at| holds(*at, row_text(&reader.text, &places[*at].0)));
            return;
        };
        let mut wanted = vec![false; places.len()];
        found.iter().for_each(|at| wanted[*at] = true);
        found.clear();
        let (mut from, mut at) = (0, 0);
        while let Some(hit) = driver.regex.find_at(&reader.text, from) {
            while places.get(at).is_some_and(|(range, _)| range.end <= hit.start()) {
                at += 1;
            }
            let Some((range, _)) = places.get(at) else { return };
            if wanted[at] && holds(at, row_text(&reader.text, range)) {
                found.push(at);
            }
            from = range.end;
            if from >= reader.text.len() {
                return;
            }
        }
    }

    /// What every row of the block has that matches.
    fn asked(&self, block: &Block) -> impl Iterator<Item = &Term> {
        let runs: &[Term] = if block.hides { &[] } else { &self.runs };
        self.terms.iter().chain(runs)
    }

    fn driver(&self, block: &Block) -> Option<&Term> {
        self.asked(block).max_by_key(|term| term.weight())
    }

    fn has_row(&self, row: &Row, (inside, block): (Inside<'_>, &Block)) -> bool {
        row.kind != Kind::Blank
            && self.levels[slot(row.level)]
            && self.services.as_ref().is_none_or(|services| services.may_be(row.service))
            && self.pattern.is_none_or(|rank| inside.index.rank(row.pattern) == Some(rank))
            && ((self.from.is_none() && self.to.is_none()) || self.is_in_time(row, (inside, block)))
    }

    fn is_in_time(&self, row: &Row, (inside, block): (Inside<'_>, &Block)) -> bool {
        let at = row.stamp.and_then(|stamp| moment_of(inside.clock(block), stamp));
        at.is_some_and(|at| self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to))
    }

    fn has_words(&self, text: &[u8], block: &Block) -> bool {
        self.asked(block).all(|term| term.regex.is_match(text)) && !self.without.iter().any(|term| term.regex.is_match(text))
    }

    /// Whether the record has the fields, and the service where only the record says it.
    fn has_fields(&self, row: &Row, text: &[u8], (inside, line): (Inside<'_>, u64)) -> bool {
        let unnumbered = self.services.as_ref().filter(|_| row.service == 1);
        if self.fields.is_empty() && unnumbered.is_none() {
            return true;
        }
        let is_written = |(name, value): &&(String, String)| pair::is_written(text, name, value);
        let unwritten: Vec<&(String, String)> = self.fields.iter().copied().filter(|field| !is_written(field)).collect();
        if unwritten.is_empty() && unnumbered.is_none() {
            return true;
        }
        let (Kind::Record, Ok(text)) = (row.kind, std::str::from_utf8(text)) else { return false };
        let named = inside.index.formats.get(row.format as usize).and_then(|id| self.formats.get(id));
        let Some(format) = named else { return false };
        let source = evidence::SourceId { input: 0, entry: 0 };
        let place = RecordRef { source, start: 0, end: text.len() as u64, line, last_line: line };
        let record = self.formats.parse(format, text, place);
        let is_service = |name: &str| unnumbered.is_none_or(|services| services.has(name));
        unwritten.iter().all(|(name, value)| has_field(&record, name, value))
            && (unnumbered.is_none() || record.service.as_deref().is_some_and(is_service))
    }

    /// Where words and expressions match in a text that is shown: in rising order, apart from each other, at most so many.
    pub fn ranges(&self, text: &str, most: usize) -> Vec<Range<usize>> {
        let all = self.terms.iter().chain(&self.values).flat_map(|term| term.regex.find_iter(text.as_bytes()).take(most));
        let is_whole = |range: &Range<usize>| text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
        let mut all: Vec<Range<usize>> =
            all.map(|hit| hit.range()).filter(|range| !range.is_empty() && is_whole(range)).collect();
        all.sort_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for range in all {
            match apart.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart.truncate(most);
        apart
    }
}

/// The text of a row without its last line end.
pub fn row_text<'t>(text: &'t [u8], range: &Range<usize>) -> &'t [u8] {
    let text = text.get(range.clone()).unwrap_or_default();
    text.strip_suffix(b"\n").unwrap_or(text)
}

impl Services {
    fn of(names: &[String], index: &Index) -> Option<Services> {
        if names.is_empty() {
            return None;
        }
        let is_named = |name: &str| names.iter().any(|wanted| same(wanted, name));
        let numbered = (2..).zip(&index.services).filter(|(_, service)| is_named(&service.name));
        let mut numbers: Vec<u32> = numbered.map(|(number, _)| number).collect();
        if index.more_services {
            numbers.insert(0, 1);
        }
        Some(Services { names: names.to_vec(), numbers })
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|wanted| same(wanted, name))
    }

    fn may_be(&self, number: u32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }

    fn may_be_in(&self, block: &Block) -> bool {
        self.numbers.iter().any(|number| block.services.may_have(*number))
    }
}

fn terms(query: &Query) -> Result<(Vec<Term>, Vec<Term>), String> {
    let words = query.words.iter().filter(|word| !word.is_empty()).map(|word| Term::of_word(word));
    let regexes = query.regexes.iter().map(|pattern| Term::of_regex(pattern));
    let terms: Result<Vec<Term>, String> = words.chain(regexes).collect();
    let without = query.without.iter().filter(|word| !word.is_empty()).map(|word| Term::of_word(word));
    Ok((terms?, without.collect::<Result<_, _>>()?))
}

fn is_source(wanted: &[String], name: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.to_lowercase().contains(&part.to_lowercase()))
}

/// Whether a record has a field of this name and value, those with a place of their own among them.
fn has_field(record: &evidence::Record<'_>, name: &str, value: &str) -> bool {
    let http = record.http.as_ref();
    let status = http.and_then(|http| http.status).map(|status| status.to_string());
    let took = http.and_then(|http| http.duration_ms).map(|ms| ms.to_string());
    let own = [
        ("trace", record.trace.as_deref()),
        ("instance", record.instance.as_deref()),
        ("user", record.user.as_deref()),
        ("service", record.service.as_deref()),
        ("method", http.and_then(|http| http.method.as_deref())),
        ("path", http.and_then(|http| http.path.as_deref())),
        ("upstream", http.and_then(|http| http.upstream.as_deref())),
        ("status", status.as_deref()),
        ("duration_ms", took.as_deref()),
    ];
    let further = record.fields.iter().map(|(key, value)| (key.as_ref(), Some(value.as_ref())));
    own.into_iter().chain(further).any(|(key, had)| same(key, name) && had.is_some_and(|had| same(had, value)))
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
