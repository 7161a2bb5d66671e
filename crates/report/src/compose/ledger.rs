//! The ledger: mints evidence and claims. Nothing else in this crate makes either.
//!
//! Evidence is numbered in the order in which it is first cited, claims in the order in which they are made. Every text
//! is redacted here, the record before the sentence, so that a secret has one mark; so is every name, of a source too. A place whose words cannot be read
//! back is left out where another place is cited as well. Must never know what a claim is about.

use std::collections::BTreeMap;

use analysis::findings::{Findings, Measure, MeasureOp, Places, Selection};
use evidence::{Moment, RecordRef, SourceId};
use redact::Redactor;
use serde_json::{Value, json};

use crate::filter::{Compare, Filter, Of};
use crate::model::{Citations, Claim, ClaimStatus, Derivation, Evidence, Op, Section};

use super::Quotes;
use super::alike;
use super::guard::{self, Ground};
use super::names;
use super::phrases;
use super::quotes::{self, Spoken};

/// Characters of a record that a report shows.
const LONGEST: usize = 1_500;
/// Characters before a cut by which its place in the record is found.
const CONTEXT: usize = 24;
/// Places of a record at which the same words are looked at.
const PLACES: usize = 4;

/// A sentence on its way to become a claim.
#[derive(Debug, Clone)]
pub struct Line {
    section: Section,
    text: String,
    status: ClaimStatus,
    confidence: f64,
    places: Places,
    derivation: Option<Derivation>,
}

impl Line {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn moved(self, section: Section) -> Line {
        Line { section, ..self }
    }

    /// A person or a tool said so.
    pub fn stated(section: Section, text: impl Into<String>, places: &Places) -> Line {
        Line {
            section,
            text: text.into(),
            status: ClaimStatus::Stated,
            confidence: 0.9,
            places: places.clone(),
            derivation: None,
        }
    }

    pub fn inferred(section: Section, text: impl Into<String>, places: &Places) -> Line {
        Line { status: ClaimStatus::Inferred, confidence: 0.7, ..Line::stated(section, text, places) }
    }

    pub fn disputed(section: Section, text: impl Into<String>, places: &Places) -> Line {
        Line { status: ClaimStatus::Disputed, confidence: 0.6, ..Line::stated(section, text, places) }
    }

    pub fn measured(section: Section, text: impl Into<String>, places: &Places, derivation: Derivation) -> Line {
        let line = Line::stated(section, text, places);
        Line { status: ClaimStatus::Measured, confidence: 0.95, derivation: Some(derivation), ..line }
    }

    /// The same in another section, behind a head.
    pub fn headed(mut self, section: Section, head: &str) -> Line {
        self.section = section;
        self.text = format!("{head} {}", self.text);
        self
    }

    /// With a derivation the numbers of the text may come from it; the standing stays.
    pub fn with(mut self, derivation: Option<Derivation>) -> Line {
        self.derivation = derivation;
        self
    }

    /// 0 to 1.
    pub fn sure(mut self, confidence: f64) -> Line {
        // Nothing is certain.
        self.confidence = if confidence.is_finite() { (confidence.clamp(0.01, 0.97) * 100.0).round() / 100.0 } else { 0.5 };
        self
    }
}

/// A claim that was made: what the parts of the report repeat.
#[derive(Debug, Clone)]
pub struct Said {
    pub id: String,
    pub text: String,
    pub citations: Citations,
}

pub struct Ledger<'a> {
    findings: &'a Findings,
    quotes: &'a dyn Quotes,
    redactor: &'a mut Redactor,
    evidence: Vec<Evidence>,
    ids: BTreeMap<RecordRef, usize>,
    /// Per evidence: what numbers may lean on.
    grounds: Vec<Vec<String>>,
    /// The same, as quotations are compared with it.
    spoken: Vec<Spoken>,
    claims: Vec<Claim>,
    /// Names of services with digits: where each stands.
    names: BTreeMap<String, RecordRef>,
    /// What each source is called, without secrets.
    sources: BTreeMap<SourceId, String>,
}

impl<'a> Ledger<'a> {
    pub fn new(findings: &'a Findings, quotes: &'a dyn Quotes, redactor: &'a mut Redactor) -> Ledger<'a> {
        let names = names::of(findings, quotes);
        let sources = findings.sources.iter().map(|s| (s.source.id, redactor.redact(&s.source.name))).collect();
        Ledger {
            findings,
            quotes,
            redactor,
            evidence: Vec::new(),
            ids: BTreeMap::new(),
            grounds: Vec::new(),
            spoken: Vec::new(),
            claims: Vec::new(),
            names,
            sources,
        }
    }

    pub fn finish(self) -> (Vec<Claim>, Vec<Evidence>) {
        (self.claims, self.evidence)
    }

    /// Makes a claim. Numbers of the text that neither the places nor the derivation have become `…`.
    pub fn claim(&mut self, mut line: Line) -> Said {
        line.places = self.with_names(&line);
        let citations = self.cite(&line.places);
        let cited: Vec<usize> = line.places.iter().filter_map(|p| self.ids.get(p).copied()).collect();
        // Of the records so far, those that it cites first.
        let others = (0..self.spoken.len()).filter(|i| !cited.contains(i));
        let spoken: Vec<&Spoken> = cited.iter().copied().chain(others).filter_map(|i| self.spoken.get(i)).collect();
        let text = phrases::subject(&quotes::honest(line.text.trim(), &spoken));
        let text = self.cleaned_by(&text, &cited);
        let own: Vec<&str> = cited.iter().flat_map(|i| &self.grounds[*i]).map(String::as_str).collect();
        let all: Vec<&str> = self.grounds.iter().flatten().map(String::as_str).collect();
        let text = guard::proven(&text, &Ground { own: &own, all: &all, derivation: line.derivation.as_ref() });
        let id = format!("c{}", self.claims.len() + 1);
        self.claims.push(Claim {
            id: id.clone(),
            section: line.section,
            text: text.clone(),
            status: line.status,
            confidence: line.confidence,
            citations: citations.clone(),
            derivation: line.derivation,
        });
        Said { id, text, citations }
    }

    /// The places of the line, and one for each name with digits in it that nothing cited so far has.
    fn with_names(&self, line: &Line) -> Places {
        let mut places = line.places.clone();
        for (name, place) in &self.names {
            let known = || self.grounds.iter().flatten().any(|t| t.contains(name.as_str())) || self.has(&places, name);
            if line.text.contains(name.as_str()) && !known() {
                places = places.and(&Places::one(*place));
            }
        }
        places
    }

    /// The ids of the evidence at these places, minted where they are new.
    pub fn cite(&mut self, places: &Places) -> Citations {
        let readable: Vec<RecordRef> =
            places.iter().copied().filter(|p| self.quotes.quote(*p).is_some_and(|q| !q.text.is_empty())).collect();
        let chosen = if readable.is_empty() { vec![places.first()] } else { readable };
        let mut ids = chosen.into_iter().map(|place| self.mint(place)).collect::<Vec<_>>().into_iter();
        // Places are never empty.
        let first = ids.next().unwrap_or_default();
        Citations::new(first, ids)
    }

    /// A text that is no claim, without its secrets.
    pub fn clean(&mut self, text: &str) -> String {
        let all: Vec<usize> = (0..self.grounds.len()).collect();
        self.cleaned_by(text, &all)
    }

    /// `records`: the evidence from which the text may quote.
    fn cleaned_by(&mut self, text: &str, records: &[usize]) -> String {
        if !text.contains('…') {
            return self.redactor.redact(text);
        }
        let mut pieces = text.split('…').peekable();
        let mut whole = String::with_capacity(text.len());
        while let Some(piece) = pieces.next() {
            if pieces.peek().is_none() {
                whole.push_str(piece);
                break;
            }
            let (before, cut) = cut_word(piece);
            whole.push_str(before);
            whole.push_str(&self.head(piece, cut, records));
            whole.push('…');
        }
        self.redactor.redact(&whole)
    }

    /// The last word of what was cut. The head of a secret looks like nothing any more: whether it is one shows only where
    /// the record has the whole of it.
    fn head(&mut self, piece: &str, cut: &str, records: &[usize]) -> String {
        let context = piece.char_indices().rev().nth(CONTEXT - 1).map_or(piece, |(at, _)| &piece[at..]);
        let context = context.rsplit('“').next().unwrap_or(context);
        let sought = [context, cut].into_iter().filter(|words| words.len() >= cut.len() && words.len() >= 3);
        for words in sought.filter(|_| !cut.is_empty()) {
            for record in records.iter().filter_map(|index| self.grounds.get(*index)).flat_map(|texts| texts.iter().take(2)) {
                for (at, _) in record.match_indices(words).take(PLACES) {
                    let end = at + words.len();
                    let part = end - cut.len()..end;
                    let shown = self.redactor.redact_parts(record, std::slice::from_ref(&part)).pop().unwrap_or_default();
                    if shown != cut {
                        return shown;
                    }
                }
            }
        }
        cut.to_string()
    }

    pub fn clean_all(&mut self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.clean(text)).collect()
    }

    /// The same for what may not be there.
    pub fn cleaned(&mut self, text: Option<&str>) -> Option<String> {
        text.map(|text| self.clean(text))
    }

    /// The id of what is cited already.
    pub fn evidence_of(&self, place: &RecordRef) -> Option<String> {
        self.evidence.get(*self.ids.get(place)?).map(|evidence| evidence.id.clone())
    }

    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    pub fn moment(&self, place: &RecordRef) -> Option<Moment> {
        self.findings.moments.get(place).copied()
    }

    /// One of the places has this time, to the second.
    pub fn shows(&self, places: &Places, at: Moment) -> bool {
        let is_own = |p: &RecordRef| self.moment(p).is_some_and(|m| m.seconds() == at.seconds());
        places.iter().any(is_own) || self.has(places, &at.time_of_day())
    }

    /// One of the places has this time, or its record says the minute and second on a clock of another zone: no time of day may be
    /// printed then.
    pub fn tells(&self, places: &Places, at: Moment) -> bool {
        self.shows(places, at) || at.time_of_day().get(2..).is_some_and(|minute| self.has(places, minute))
    }

    /// The words of a kind of record as the first of the places has them, which shows another record of the kind.
    pub fn own_words(&self, places: &Places, words: &str) -> Option<String> {
        let quoted = self.quotes.quote(places.first())?;
        quoted.text.contains(words).then(|| words.to_string()).or_else(|| alike::within(&quoted.text, words))
    }

    /// The words stand in the record at one of the places.
    pub fn has(&self, places: &Places, words: &str) -> bool {
        !words.is_empty() && places.iter().filter_map(|p| self.quotes.quote(*p)).any(|q| q.text.contains(words))
    }

    /// The seconds between two instants; `places` show them.
    pub fn difference(&self, from: Moment, to: Moment, places: &Places) -> Derivation {
        Derivation {
            op: Op::Difference,
            sources: self.sources(places.iter().map(|p| p.source)),
            filter: Filter::any().to_string(),
            from: Some(from.rfc3339()),
            to: Some(to.rfc3339()),
            numerator: None,
            denominator: None,
            value: number(to.since(from)),
            scanned: None,
            matched: None,
        }
    }

    /// The difference of two of the places that is `seconds` long, when there are such.
    pub fn span(&self, places: &Places, seconds: f64) -> Option<Derivation> {
        let times = &self.findings.times;
        let known =
            [&times.started, &times.detected, &times.mitigation_started, &times.ended_by, &times.mitigated, &times.resolved];
        let mut instants: Vec<Moment> = places.iter().filter_map(|p| self.moment(p)).collect();
        instants.extend(known.into_iter().flatten().map(|t| t.at));
        let pair = instants
            .iter()
            .flat_map(|a| instants.iter().map(move |b| (*a, *b)))
            .find(|(a, b)| a <= b && (b.since(*a) - seconds.abs()).abs() <= 0.5)?;
        Some(self.difference(pair.0, pair.1, places))
    }

    /// What was counted, in filter words.
    pub fn derivation(&self, measure: &Measure) -> Derivation {
        let select = self.filter(&measure.select);
        let (op, filter) = match measure.op {
            MeasureOp::Count => (Op::Count, select.to_string()),
            MeasureOp::Ratio => (Op::Ratio, select.over(&self.filter(&measure.of))),
            MeasureOp::DistinctUsers => (Op::Distinct, select.of(Of::User).to_string()),
            MeasureOp::DistinctInstances => (Op::Distinct, select.of(Of::Instance).to_string()),
            MeasureOp::Absent => (Op::Absent, select.to_string()),
        };
        let ratio = op == Op::Ratio;
        let absent = op == Op::Absent;
        Derivation {
            op,
            sources: self.sources(measure.sources.iter().copied()),
            filter,
            from: measure.from.map(Moment::rfc3339),
            to: measure.to.map(Moment::rfc3339),
            numerator: ratio.then_some(measure.numerator),
            denominator: ratio.then_some(measure.denominator),
            value: if absent { Value::Null } else { number(measure.value) },
            scanned: absent.then_some(measure.denominator.max(0.0) as u64),
            matched: absent.then_some(0),
        }
    }

    /// How many records there are in the sources of the input.
    pub fn everything(&self) -> Derivation {
        Derivation {
            op: Op::Count,
            sources: self.sources(self.findings.sources.iter().filter(|s| s.source.records > 0).map(|s| s.source.id)),
            filter: Filter::any().to_string(),
            from: None,
            to: None,
            numerator: None,
            denominator: None,
            value: json!(self.findings.records),
            scanned: None,
            matched: None,
        }
    }

    pub fn source(&self, id: SourceId) -> String {
        self.sources.get(&id).cloned().unwrap_or_default()
    }

    /// Which records are meant, in filter words. A star stands for a secret in them.
    fn filter(&self, select: &Selection) -> Filter {
        // A copy of the redactor: a star needs no number.
        let starred = |glob: &String| starred(&self.redactor.clone().redact(glob), glob);
        filter(&Selection { path: select.path.as_ref().map(starred), text: select.text.as_ref().map(starred), ..select.clone() })
    }

    fn sources(&self, ids: impl Iterator<Item = SourceId>) -> Vec<String> {
        let mut names: Vec<String> = ids.map(|id| self.source(id)).filter(|n| !n.is_empty()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn mint(&mut self, place: RecordRef) -> String {
        if let Some(index) = self.ids.get(&place) {
            return self.evidence[*index].id.clone();
        }
        let quoted = self.quotes.quote(place).unwrap_or_default();
        let id = format!("e{}", self.evidence.len() + 1);
        let source = if quoted.source.is_empty() { self.source(place.source) } else { self.redactor.redact(&quoted.source) };
        let at = self.moment(&place).map(Moment::rfc3339);
        let text = shortened(&self.redactor.redact(&quoted.text));
        let mut around = |lines: &[String]| lines.iter().map(|l| self.redactor.redact(l)).collect::<Vec<_>>();
        let (before, after) = (around(&quoted.before), around(&quoted.after));
        let ground = vec![quoted.text.clone(), unescaped(&quoted.text), source.clone(), at.clone().unwrap_or_default()];
        self.spoken.push(Spoken::of(&ground[..2].join(" … ")));
        self.grounds.push(ground);
        self.ids.insert(place, self.evidence.len());
        let bytes = [place.start, place.end];
        self.evidence.push(Evidence {
            id: id.clone(),
            source,
            line: place.line,
            last_line: place.last_line,
            bytes,
            at,
            text,
            withheld: false,
            before,
            after,
        });
        id
    }
}

/// Whole numbers without a fraction, others to the millisecond or better.
pub fn number(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!((value * 1e6).round() / 1e6) }
}

fn filter(select: &Selection) -> Filter {
    let mut filter = Filter::any();
    if select.request {
        filter = filter.with_status();
    }
    if let Some(status) = select.status_at_least {
        filter = filter.status(Compare::AtLeast, status);
    }
    if let Some(level) = select.level_at_least {
        filter = filter.level(Compare::AtLeast, level);
    }
    if let Some(path) = &select.path {
        filter = filter.path(path);
    }
    if let Some(text) = &select.text {
        filter = filter.text(text);
    }
    filter
}

/// What stands before the last word, and that word; nothing where a blank is last.
fn cut_word(piece: &str) -> (&str, &str) {
    let start = piece.char_indices().rev().find(|(_, c)| c.is_whitespace() || *c == '“').map_or(0, |(at, c)| at + c.len_utf8());
    piece.split_at(start)
}

/// The redacted form of a glob with a star for each mark that the glob itself does not have.
fn starred(redacted: &str, glob: &str) -> String {
    let mut out = String::new();
    let mut rest = redacted;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let mark = after.split_once(']').filter(|(mark, _)| is_mark(mark) && !glob.contains(&format!("[{mark}]")));
        match mark {
            Some((_, behind)) => {
                out.push('*');
                rest = behind;
            }
            None => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}

/// `email:1`.
fn is_mark(text: &str) -> bool {
    let parts = text.split_once(':');
    parts.is_some_and(|(kind, number)| !kind.is_empty() && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

/// Cut with `…`, never within a mark of a secret.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else { return text.to_string() };
    let head = text.get(..end).unwrap_or(text);
    let open = head.rfind('[').filter(|at| head.len() - at < 48 && !head[*at..].contains(']'));
    format!("{}…", open.and_then(|at| head.get(..at)).unwrap_or(head))
}

/// Backslash escapes of JSON undone.
fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return String::new();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let code: String = chars.by_ref().take(4).collect();
                    out.push(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).unwrap_or(' '));
                }
                Some('n' | 't' | 'r' | 'b' | 'f') | None => out.push(' '),
                Some(other) => out.push(other),
            },
            c => out.push(c),
        }
    }
    out
}
