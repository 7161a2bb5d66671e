//! The rules of `redactions/`: one file is one kind of datum. Patterns, shapes of tokens, names beside which a value stands
//! and shapes of numbers are all found by one pass over a line for the literals that they need.
//!
//! Fails closed: where the rules cannot be read, or a pattern cannot be compiled, the whole line counts as found. Must never
//! know what a view or a line end is.

mod beside;
mod under;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use crate::notations::{self, After, How};
use crate::runs::{self, Signs};
use crate::tokens::Token;
use crate::values::{self, Check, Placeholder};
use crate::{Finding, Scope, segments};
use beside::Beside;
pub(crate) use under::{Pending, under};

/// One file of `redactions/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// The name of the file.
    #[serde(skip)]
    pub id: String,
    pub kind: String,
    /// What it finds, for people. Read by nobody else.
    #[allow(dead_code)]
    #[serde(default)]
    pub prose: String,
    /// About a person and no secret; e-mail addresses count as secrets in reports all the same.
    #[serde(default)]
    pub personal: bool,
    /// Replaced only where somebody asks for it by this word.
    #[serde(default)]
    pub asked: Option<String>,
    /// Regular expressions with a group `secret`.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// A sign without which none of them matches.
    #[serde(default)]
    pub needs: Option<char>,
    /// Regular expressions with a group `secret` over long runs of letters, digits and the signs `_-.~:|`.
    #[serde(default)]
    pub runs: Vec<String>,
    /// Shapes of tokens.
    #[serde(default)]
    pub tokens: Vec<Token>,
    /// Words that end a name beside which a value stands; `_` stands for any separator or none.
    #[serde(default)]
    pub names: Vec<String>,
    /// The words may stand anywhere in the name.
    #[serde(default)]
    pub anywhere: bool,
    /// Words in a name that say that its value is none.
    #[serde(default)]
    pub unless: Vec<String>,
    /// Regular expressions with a group `secret` over what is written in digits, capitals and the signs between them.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Words of which one has to stand before a number.
    #[serde(default)]
    pub near: Vec<String>,
    /// Bits per byte that a value must have at least.
    #[serde(default)]
    pub min_entropy: f64,
    /// Digits that a value must have at least.
    #[serde(default)]
    pub digits: usize,
    /// Characters that a value beside a name must have at least.
    #[serde(default)]
    pub least: usize,
    #[serde(default)]
    pub check: Option<Check>,
    /// How values that only stand for one are told apart.
    #[serde(default)]
    pub placeholder: Option<Placeholder>,
    /// What it finds is a secret wherever it stands: a finished output with it is not written.
    #[serde(default)]
    pub proof: bool,
    /// Base64 of a line, a tab and what of it must be gone. Read by the tests.
    #[allow(dead_code)]
    #[serde(default)]
    pub samples_b64: Vec<String>,
    #[allow(dead_code)]
    #[serde(default)]
    pub lookalikes: Vec<String>,
}

/// All files of `redactions/` but what they show, as the build script read them, and for each pattern the literals of which a
/// match holds one: a report of a small log would take longer to read them than to use them.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.json"));

#[derive(Deserialize)]
struct Embedded {
    rules: Vec<(String, Rule)>,
    literals: BTreeMap<String, Vec<String>>,
}

struct Pattern {
    text: String,
    /// Compiled when a line first holds one of its literals.
    regex: OnceLock<Option<Regex>>,
    rule: usize,
}

/// What a literal may be the beginning or the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Pattern(usize),
    Token { rule: usize, token: usize },
    Name { rule: usize },
    Near { rule: usize },
}

struct Rules {
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    literals: Literals,
    /// For each literal, its text and what needs it.
    needles: Vec<(String, Vec<Owner>)>,
    /// Patterns that no literal can rule out.
    always: Vec<usize>,
    numbers: Set,
    /// Those over numbers that need a word near them.
    near: Vec<Pattern>,
    runs: Set,
}

/// Patterns over parts of a line, and one automaton that rules most of them out.
struct Set {
    any: RegexSet,
    each: Vec<Pattern>,
}

/// Finds all literals. What is built in a moment serves for the texts of a report; for more, what asks one table for each byte
/// and takes four times as long to build.
struct Literals {
    soon: AhoCorasick,
    fast: OnceLock<Option<AhoCorasick>>,
    /// Bytes that were searched so far.
    searched: AtomicUsize,
}

/// From so many bytes on it pays.
const MANY: usize = 4 << 20;

impl Literals {
    fn of(needles: &[(String, Vec<Owner>)]) -> Result<Literals, String> {
        let soon = Literals::built(needles, AhoCorasickKind::ContiguousNFA)?;
        Ok(Literals { soon, fast: OnceLock::new(), searched: AtomicUsize::new(0) })
    }

    fn built(needles: &[(String, Vec<Owner>)], kind: AhoCorasickKind) -> Result<AhoCorasick, String> {
        let builder = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(kind)).clone();
        builder.build(needles.iter().map(|(word, _)| word)).map_err(|e| e.to_string())
    }

    /// What is to search so many bytes more.
    fn for_more(&self, bytes: usize, needles: &[(String, Vec<Owner>)]) -> &AhoCorasick {
        if self.searched.fetch_add(bytes, Ordering::Relaxed) < MANY {
            return &self.soon;
        }
        self.fast.get_or_init(|| Literals::built(needles, AhoCorasickKind::DFA).ok()).as_ref().unwrap_or(&self.soon)
    }
}

/// Lines are searched in pieces of this length.
pub(crate) const MAX_LINE: usize = 1 << 20;
/// Characters of a run that is looked at.
const RUN: usize = 20;
/// Values that came one after the other under one name.
const CHANGES: usize = 8;
/// Bytes from a word to the end of the number that it is about.
const NEAR: usize = 80;
/// The name of the rule that holds when the rules do not.
const UNREADABLE: &str = "unreadable";
static RULES: LazyLock<Option<Rules>> = LazyLock::new(|| load().ok());

pub(crate) fn prepare() {
    LazyLock::force(&RULES);
}

/// Adds all findings of one line, overlapping and in no order, and says what the next line may be the value of.
pub(crate) fn find(line: &[u8], scope: Scope, found: &mut Vec<Finding>) -> Option<Pending> {
    let Some(rules) = RULES.as_ref() else {
        found.extend(whole(line));
        return None;
    };
    let mut pending = None;
    let mut tried: Vec<usize> = Vec::new();
    let mut near: Vec<(usize, usize)> = Vec::new();
    let mut beside = Beside::default();
    for hit in rules.literals.for_more(line.len(), &rules.needles).find_overlapping_iter(line) {
        let (needle, owners) = &rules.needles[hit.pattern().as_usize()];
        for owner in owners {
            match *owner {
                Owner::Pattern(at) if !tried.contains(&at) => tried.push(at),
                Owner::Pattern(_) => {}
                Owner::Token { rule, token } => token_at(&rules.rules[rule], token, needle, (line, hit.start(), scope), found),
                Owner::Near { rule } if values::is_word(line, &(hit.start()..hit.end())) => near.push((rule, hit.end())),
                Owner::Near { .. } => {}
                Owner::Name { .. } if beside.taken.contains(&hit.start()) => {}
                Owner::Name { rule } => {
                    let next = name_at(&rules.rules[rule], hit.start()..hit.end(), (line, scope), found, &mut beside);
                    pending = next.map(|named| Pending::new(rule, named, line)).or(pending);
                }
            }
        }
    }
    let first = found.len();
    for at in rules.always.iter().chain(&tried) {
        let needs = rules.rules[rules.patterns[*at].rule].needs;
        if needs.is_none_or(|sign| memchr::memchr(sign as u8, line).is_some()) {
            pattern(&rules.patterns[*at], rules, line, scope, found);
        }
    }
    beside.without_names_in(first, found);
    runs::each(line, RUN, Signs::Token, |run| {
        let range = around(line, &run);
        for at in rules.runs.any.matches(&line[range.clone()]) {
            found.extend(within(&rules.runs.each[at], rules, line, &range, scope));
        }
    });
    numbers(rules, line, &near, scope, found);
    pending
}

/// What this rule finds shows by itself that it is a secret.
pub(crate) fn is_proof(rule: &str) -> bool {
    rule == "private_key" || RULES.as_ref().is_none_or(|r| r.rules.iter().any(|r| r.id == rule && r.proof))
}

fn token_at(rule: &'static Rule, token: usize, needle: &str, at: (&[u8], usize, Scope), found: &mut Vec<Finding>) {
    let (line, start, scope) = at;
    let token = &rule.tokens[token];
    if !scope.takes(rule) {
        return;
    }
    for prefix in token.prefixes().filter(|p| p.eq_ignore_ascii_case(needle)) {
        if let Some(end) = token.end(line, start, prefix.as_bytes())
            && values::counts_alone(rule, line, start + prefix.len()..end)
        {
            found.push(rule_finding(rule, start..end));
        }
    }
}

/// Whether the next line has the value, and under a key of its own.
fn name_at(
    rule: &'static Rule,
    word: Range<usize>,
    at: (&[u8], Scope),
    found: &mut Vec<Finding>,
    beside: &mut Beside,
) -> Option<bool> {
    let (line, scope) = at;
    if !scope.takes(rule) {
        return None;
    }
    let name = notations::identifier(line, &word);
    if !rule.anywhere && !values::ends_name(&line[word.end..name.end]) || values::is_unless(rule, &line[name.clone()]) {
        return None;
    }
    match notations::after(line, name) {
        After::Value(place) => {
            let mut next = Some(place);
            for _ in 0..CHANGES {
                let Some(place) = next.take() else { break };
                let value = values::beside(rule, line, &place);
                if value.is_some() || place.how == How::Quoted {
                    next = notations::changed(line, &place);
                }
                if let Some(value) = value {
                    beside.taken = notations::whole_value(line, &value);
                    beside.names.push((word.clone(), found.len()));
                    found.push(rule_finding(rule, beside.taken.clone()));
                }
            }
            None
        }
        After::NextLine => Some(false),
        After::NextValue => Some(true),
        After::Nothing => None,
    }
}

fn pattern(pattern: &'static Pattern, rules: &'static Rules, line: &[u8], scope: Scope, found: &mut Vec<Finding>) {
    let rule = &rules.rules[pattern.rule];
    if !scope.takes(rule) {
        return;
    }
    let Some(regex) = pattern.regex.get_or_init(|| compile(&pattern.text).ok()) else {
        found.extend(whole(line));
        return;
    };
    // A match may begin at the boundary that ended the one before, so the search goes on at the value's end.
    let mut from = 0;
    while let Some(captures) = regex.captures_at(line, from) {
        let (Some(all), Some(secret)) = (captures.get(0), captures.name("secret")) else { break };
        if values::counts(rule, line, all.start(), secret.range()) {
            found.push(rule_finding(rule, secret.range()));
        }
        from = secret.end().max(from + 1);
        if from > line.len() {
            break;
        }
    }
}

/// Telephone numbers, cards, accounts, papers: only where digits are many is there anything to look for.
fn numbers(rules: &'static Rules, line: &[u8], near: &[(usize, usize)], scope: Scope, found: &mut Vec<Finding>) {
    if !scope.personal {
        return;
    }
    segments::of(line, |segment| {
        let range = around(line, &segment);
        let sure = rules.numbers.any.matches(&line[range.clone()]).into_iter().map(|at| &rules.numbers.each[at]);
        let is_near = |rule: usize| near.iter().any(|(of, at)| *of == rule && *at <= segment.end && segment.end - at <= NEAR);
        let told = if near.is_empty() { &[][..] } else { &rules.near[..] };
        for each in sure.chain(told.iter().filter(|p| is_near(p.rule))) {
            let rule = &rules.rules[each.rule];
            let inner = within(each, rules, line, &range, scope);
            found.extend(inner.into_iter().filter(|f| !values::is_identifier_before(rule, line, f.start)));
        }
    });
}

/// One byte more on both sides, so that a pattern sees what a part of the line stands in.
fn around(line: &[u8], part: &Range<usize>) -> Range<usize> {
    part.start.saturating_sub(1)..(part.end + 1).min(line.len())
}

fn within(each: &'static Pattern, rules: &'static Rules, line: &[u8], range: &Range<usize>, scope: Scope) -> Vec<Finding> {
    let mut inner = Vec::new();
    pattern(each, rules, &line[range.clone()], scope, &mut inner);
    inner.iter_mut().for_each(|f| (f.start, f.end) = (f.start + range.start, f.end + range.start));
    inner
}

fn rule_finding(rule: &'static Rule, range: Range<usize>) -> Finding {
    Finding { start: range.start, end: range.end, kind: &rule.kind, rule: &rule.id }
}

fn whole(line: &[u8]) -> Option<Finding> {
    (!line.is_empty()).then_some(Finding { start: 0, end: line.len(), kind: UNREADABLE, rule: UNREADABLE })
}

fn load() -> Result<Rules, String> {
    let Embedded { rules, literals } = serde_json::from_str(EMBEDDED).map_err(|e| e.to_string())?;
    let rules: Vec<Rule> = rules.into_iter().map(|(id, rule)| Rule { id, ..rule }).collect();
    let mut words: Vec<(String, Owner)> = Vec::new();
    let (mut patterns, mut always, mut each, mut near, mut runs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, rule) in rules.iter().enumerate() {
        let new = |text: &String| Pattern { text: text.clone(), regex: OnceLock::new(), rule: at };
        for text in &rule.patterns {
            match literals.get(text) {
                Some(set) => words.extend(set.iter().map(|w| (w.clone(), Owner::Pattern(patterns.len())))),
                None => always.push(patterns.len()),
            }
            patterns.push(new(text));
        }
        let numbers: &mut Vec<Pattern> = if rule.near.is_empty() { &mut each } else { &mut near };
        numbers.extend(rule.numbers.iter().map(new));
        runs.extend(rule.runs.iter().map(new));
        for (token, shape) in rule.tokens.iter().enumerate() {
            words.extend(shape.prefixes().map(|p| (p.to_ascii_lowercase(), Owner::Token { rule: at, token })));
        }
        words.extend(rule.near.iter().map(|w| (w.clone(), Owner::Near { rule: at })));
        words.extend(rule.names.iter().flat_map(|n| spellings(n)).map(|w| (w, Owner::Name { rule: at })));
    }
    let needles = grouped(words);
    let literals = Literals::of(&needles)?;
    Ok(Rules { rules, patterns, literals, needles, always, numbers: set(each)?, near, runs: set(runs)? })
}

fn set(each: Vec<Pattern>) -> Result<Set, String> {
    let texts = each.iter().map(|p| &p.text);
    let any = RegexSetBuilder::new(texts).unicode(false).dfa_size_limit(16 << 20).build().map_err(|e| e.to_string())?;
    Ok(Set { any, each })
}

/// Each literal once, with everything that needs it.
fn grouped(mut words: Vec<(String, Owner)>) -> Vec<(String, Vec<Owner>)> {
    words.sort();
    words.dedup();
    let mut needles: Vec<(String, Vec<Owner>)> = Vec::new();
    for (word, owner) in words {
        match needles.last_mut() {
            Some((last, owners)) if *last == word => owners.push(owner),
            _ => needles.push((word, vec![owner])),
        }
    }
    needles
}

/// `api_key` as `apikey`, `api_key`, `api-key`, `api.key` and `api key`.
fn spellings(name: &str) -> Vec<String> {
    match name.contains('_') {
        true => ["", "_", "-", ".", " "].iter().map(|s| name.replace('_', s)).collect(),
        false => vec![name.to_string()],
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).size_limit(8 << 20).dfa_size_limit(4 << 20).build()
}

#[cfg(test)]
mod tests;
