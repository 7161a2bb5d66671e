//! What people do when they say something in the war room: report, take, suppose, refute, own up, decide, act, resolve, promise.
//!
//! Input is the plain text of one message, its author and whether the author is a program; output is a list of labelled
//! sentences with literal slots. The words live in `acts/*.toml` at the root, one file per act; this module only adds up
//! the weights of the cues a sentence hits and applies what the act's file says about questions, hedges and negations
//! (the act set follows the rule experts of Chat-IE, AAAI-11, extended by what a postmortem needs).
//!
//! It must never know a time zone, a file, another message or a service catalogue: whether "it" is the deploy of
//! 14:02, and whether "resolved" ended this incident or yesterday's, is decided by those who see the whole channel.
//!
//! Inputs that mislead it: irony without a marker, languages for which `tongues/` has no table, "revert" without an object (read as a
//! configuration change), and one-word answers whose question stands in another message.

mod agreed;
mod catalogue;
mod due;
mod fractions;
mod gloss;
mod items;
#[cfg(test)]
mod labelled;
mod numbers;
mod people;
mod quantities;
mod remedies;
mod sentences;
mod slots;
mod strangers;
mod tails;
pub mod votes;
mod words;

pub use due::{Order, by_order, day, order};
pub use gloss::in_english;
pub use items::is_heading;
pub use numbers::{Number, normalise_numbers};
pub use people::People;
pub use quantities::{DurationOf, Quantity, QuantityKind};
pub use sentences::{is_question, is_under_way, relative_sentence_split};
pub use slots::{mentions, versions};

use catalogue::{Catalogue, Feature, OnHedge, OnQuestion, Rule};
use gloss::Gloss;
use serde::Deserialize;
use words::Sentence;

/// What a sentence does in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Detect,
    Acknowledge,
    Declare,
    Observe,
    Suppose,
    Refute,
    RootCause,
    /// Owns up to a change that they made before.
    Confess,
    Decide,
    Act,
    Mitigate,
    Resolve,
    Impact,
    ActionItem,
    Comms,
    Correction,
    Prevention,
    ResponseTime,
}

/// One act in one sentence. A sentence may do several things, and name several remedies: one `Said` each.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub act: Act,
    /// Sum of the cues that were hit, at least 1.
    pub weight: f64,
    /// Bytes of the sentence in the message.
    pub span: (usize, usize),
    pub slots: Slots,
}

/// What stands in the sentence. Every text is a literal part of it, save an owner or a person "I", which is the author.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slots {
    /// `v2.15.0`, `4.8.1`, in the order of the text.
    pub versions: Vec<String>,
    /// `v2.15.0 → v2.14.3`, `30 -> 20`, `from 30 to 20`.
    pub from_to: Option<(String, String)>,
    /// The closed word of the report's contract.
    pub remediation: Option<&'static str>,
    /// What it acts on or talks about.
    pub object: Option<String>,
    /// Mentions as they stand (`@name`), and the author for "I".
    pub people: Vec<String>,
    pub owner: Option<String>,
    /// An ISO date where one stands, otherwise the words: `Friday`, `end of week`.
    pub due: Option<String>,
    pub priority: Option<String>,
    /// As stated: `open`, `in progress`, `done`; `[x]` for a ticked box.
    pub status: Option<String>,
    /// The item's own words, contiguous.
    pub task: Option<String>,
    pub quantities: Vec<Quantity>,
}

/// What one message says, in the order of its sentences; within a sentence in the order of [`Act`].
///
/// A message that takes itself back ("redis is down... I mean the coffee machine") says only that it corrects itself.
pub fn read(text: &str, author: &str, is_bot: bool) -> Vec<Said> {
    read_among(text, author, is_bot, &People::default())
}

/// The same where it is known who takes part.
pub fn read_among(text: &str, author: &str, is_bot: bool, people: &People) -> Vec<Said> {
    let catalogue = Catalogue::embedded();
    let mut said: Vec<Said> = Vec::new();
    let mut around = items::Around { author, people, under_heading: false, is_closing: false };
    let is_contrite = !is_bot && catalogue.is_contrite(&in_english(text));
    let mut previous = 0;
    let several = |(start, end): (usize, usize)| {
        let begins: Vec<usize> = items::begins(&text[start..end], people).into_iter().map(|at| start + at).collect();
        let ends: Vec<usize> = begins.iter().skip(1).copied().chain([end]).collect();
        begins.into_iter().zip(ends)
    };
    let mut sentences = relative_sentence_split(text).into_iter().flat_map(several).peekable();
    while let Some((start, mut end)) = sentences.next() {
        let own = text[start..end].trim_end();
        let gloss = gloss::read(own);
        let sentence = gloss.as_ref().map_or(own, |gloss| gloss.text.as_str());
        if items::is_heading(sentence) {
            around.under_heading = true;
            continue;
        }
        around.under_heading |= items::opens_list(sentence) || sentences.peek().is_some_and(|(next, _)| *next == end);
        let mut more = items::Trailer::default();
        while let Some((next, stop)) = sentences.peek().copied() {
            let Some(trailer) = trailer(&text[next..stop], author) else { break };
            more.join(trailer);
            end = stop;
            sentences.next();
        }
        let heard = Heard { text: sentence, gloss: gloss.as_ref(), is_bot, is_contrite, around, more };
        let mut acts = hear(catalogue, &heard);
        if let Some(gloss) = &gloss {
            acts.iter_mut().for_each(|said| said.slots.take_back(gloss, own));
        }
        around.is_closing |= acts.iter().any(|a| a.act == Act::Resolve);
        let corrects = acts.is_empty() || acts.iter().any(|a| a.act == Act::Correction);
        if corrects && catalogue.takes_back(sentence) {
            said.truncate(previous);
        }
        previous = said.len();
        said.extend(acts.into_iter().map(|a| Said { span: (start, end), ..a }));
    }
    // Who owns up tells what had been done; a remedy in the same breath is under way.
    if said.iter().any(|s| s.act == Act::Confess) {
        let takes_back = |s: &Said| matches!(s.slots.remediation, Some("rollback" | "config-revert"));
        said.retain(|s| s.act != Act::Act || takes_back(s) || sentences::is_under_way(&text[s.span.0..s.span.1]));
    }
    said
}

/// Whether a message leans to telling of trouble, by its words or in another language by those that are known: for who knows that
/// something fails at that time.
pub fn leans_to_trouble(text: &str) -> bool {
    let english = in_english(text);
    let parts = relative_sentence_split(&english);
    std::iter::once(english.as_ref())
        .chain(parts.iter().map(|(from, to)| &english[*from..*to]))
        .any(|s| votes::leans(s) == Some(Act::Detect))
}

/// The quantities of a sentence in order, in the words that were written. `is_bot` reads "is above 10%" as an alert's threshold.
pub fn quantities(text: &str, is_bot: bool) -> Vec<Quantity> {
    let Some(gloss) = gloss::read(text) else { return quantities::find(text, is_bot) };
    let mut found = quantities::find(&gloss.text, is_bot);
    found.iter_mut().for_each(|quantity| take_back(quantity, &gloss, text));
    found
}

fn trailer(sentence: &str, author: &str) -> Option<items::Trailer> {
    let Some(gloss) = gloss::read(sentence) else { return items::trailer(sentence, author) };
    let found = items::trailer(&gloss.text, author)?;
    let own = |words: Option<String>| words.and_then(|words| gloss.words(&words));
    Some(items::Trailer { due: own(found.due), ..found })
}

/// A quantity of the English in the words that were written.
fn take_back(quantity: &mut Quantity, gloss: &Gloss, own: &str) {
    quantity.span = gloss.own(quantity.span);
    quantity.text = own[quantity.span.0..quantity.span.1].to_string();
    if let QuantityKind::Count(noun) | QuantityKind::Percent(noun) = &mut quantity.what {
        *noun = gloss.words(noun).unwrap_or_default();
    }
}

impl Slots {
    /// What was found in the English, in the words that were written.
    fn take_back(&mut self, gloss: &Gloss, own: &str) {
        self.versions = slots::versions(own);
        for words in [&mut self.object, &mut self.task, &mut self.due, &mut self.priority] {
            // What a sentence behind it said stands in its own words already.
            let is_elsewhere = |words: &String| !gloss.text.contains(words.as_str());
            *words = words.take().and_then(|words| gloss.words(&words).or_else(|| Some(words).filter(is_elsewhere)));
        }
        self.owner = self.owner.take().map(|owner| gloss.words(&owner).unwrap_or(owner));
        self.quantities.iter_mut().for_each(|quantity| take_back(quantity, gloss, own));
    }
}

/// One sentence and what is known of its speaker.
struct Heard<'t> {
    /// In English.
    text: &'t str,
    /// Where it was written in another language.
    gloss: Option<&'t Gloss<'t>>,
    is_bot: bool,
    /// The message regrets something.
    is_contrite: bool,
    around: items::Around<'t>,
    /// What the sentences after it say of it: "Owner: ben. Due: Friday."
    more: items::Trailer,
}

impl Heard<'_> {
    /// In another language a condition or a negation may stand anywhere: what a sentence with one asserts is left open.
    fn is_open(&self, act: Act) -> bool {
        let asserts = matches!(act, Act::Decide | Act::Act | Act::Mitigate | Act::Resolve | Act::RootCause);
        let opens = |word: &str| ["if", "not", "should", "could", "until", "unless", "never"].contains(&word);
        self.gloss.is_some() && asserts && self.text.split(|c: char| !c.is_alphanumeric()).any(|word| opens(&word.to_lowercase()))
    }
}

/// The acts of one sentence; the spans are filled in by the caller.
fn hear(catalogue: &Catalogue, heard: &Heard) -> Vec<Said> {
    let sentence = catalogue.sentence(heard.text);
    if catalogue.is_chatter(&sentence) {
        return Vec::new();
    }
    let pasted = sentences::is_pasted(heard.text);
    let item = if heard.is_bot || pasted { None } else { items::parse_with(heard.text, &heard.around, &heard.more) };
    // Who asks "about 50 minutes?" states no duration.
    let asks = !heard.is_bot && sentences::is_question(heard.text);
    let quantities = if asks { Vec::new() } else { quantities::find(heard.text, heard.is_bot) };
    let remedies = catalogue.remedies.find(&sentence);
    let features = features(heard, item.is_some(), &quantities, &remedies);
    let mut scores: Vec<(Act, f64)> = Vec::new();
    for rule in &catalogue.rules {
        if (pasted && rule.act != Act::Observe) || (heard.is_bot && !rule.bots) {
            continue;
        }
        if heard.is_open(rule.act) {
            continue;
        }
        if let Some(found) = score(catalogue, rule, &sentence, &features) {
            scores.push(found);
        }
    }
    let mut kept = settle(catalogue, scores);
    kept.extend(voted(catalogue, heard, &sentence, &kept));
    let base = Slots {
        versions: slots::versions(heard.text),
        from_to: slots::from_to(heard.text),
        people: slots::people(heard.text, heard.around.author),
        quantities,
        ..Slots::default()
    };
    let found = Found { text: heard.text, remedies };
    kept.into_iter().flat_map(|(act, weight)| fill(act, weight, &base, item.as_ref(), &found)).collect()
}

/// Where no cue tells what a person does, the words vote; what is seen or lost is told beside.
fn voted(catalogue: &Catalogue, heard: &Heard, sentence: &Sentence, kept: &[(Act, f64)]) -> Option<(Act, f64)> {
    let is_told = kept.iter().any(|(act, _)| !matches!(act, Act::Observe | Act::Impact));
    if is_told || heard.is_bot || heard.gloss.is_some() || sentences::is_pasted(heard.text) {
        return None;
    }
    match votes::act(heard.text)? {
        // A task has an owner or a date, and what is ruled out or supposed has a name: only their own words give those.
        Act::ActionItem | Act::Refute | Act::Suppose => None,
        act if sentences::is_question(heard.text) && !matches!(act, Act::Detect | Act::Decide) => None,
        Act::RootCause if asks_why(heard.text) => None,
        Act::Confess if asks_why(heard.text) || !is_of_oneself(heard.text) => None,
        Act::RootCause if catalogue.is_hedged(sentence) => Some((Act::Suppose, 1.0)),
        act => Some((act, 1.0)),
    }
}

/// "why did it ship: nobody looked" is no cause of a failure.
fn asks_why(sentence: &str) -> bool {
    let first = sentence.split_whitespace().next().unwrap_or_default().to_lowercase();
    ["why", "how", "what", "who", "where", "when"].contains(&first.as_str())
}

fn is_of_oneself(sentence: &str) -> bool {
    let own = ["i", "we", "my", "our", "me", "mine", "us"];
    sentence.split(|c: char| !c.is_alphanumeric()).any(|word| own.contains(&word.to_lowercase().as_str()))
}

/// What the sentence has beside its words, by the names the act files use in `has`.
fn features(heard: &Heard, item: bool, quantities: &[Quantity], remedies: &remedies::Found) -> Vec<Feature> {
    let mut all: Vec<Feature> = quantities.iter().map(|q| (q.feature(), 0)).collect();
    all.extend(remedies.asked.iter().map(|r| ("remedy.asked", r.at.0)));
    all.extend(remedies.done.iter().map(|r| ("remedy.done", r.at.0)));
    let mut flag = |on: bool, name: &'static str| {
        if on {
            all.push((name, 0));
        }
    };
    flag(heard.is_bot, "bot");
    flag(heard.is_contrite, "contrite");
    flag(item, "item");
    flag(heard.around.under_heading, "under_heading");
    flag(sentences::is_pasted(heard.text), "paste");
    flag(quantities.iter().any(|q| q.to.is_some_and(|to| to < q.value)), "rate.falling");
    all
}

/// The weight of one act in the sentence, and the act it turns into, when it reaches 1.
fn score(catalogue: &Catalogue, rule: &Rule, sentence: &Sentence, features: &[Feature]) -> Option<(Act, f64)> {
    let mut sum = 0.0;
    let mut hedged = false;
    for cue in &rule.cues {
        let Some(at) = cue.hit(sentence, features) else { continue };
        if !rule.negated_counts && cue.weight > 0.0 && catalogue.is_negated(sentence.text, at) {
            continue;
        }
        sum += cue.weight;
        hedged |= cue.weight > 0.0 && catalogue.is_hedged(sentence);
    }
    if sum <= 0.0 {
        return None;
    }
    let mut act = rule.act;
    if hedged {
        match rule.hedge {
            OnHedge::Keep => {}
            OnHedge::Halve => sum /= 2.0,
            OnHedge::Drop => return None,
            OnHedge::Suppose => act = Act::Suppose,
        }
    }
    if sentences::is_question(sentence.text) {
        match rule.question {
            OnQuestion::Keep => {}
            OnQuestion::Halve => sum /= 2.0,
            OnQuestion::Drop => return None,
        }
    }
    (sum >= 1.0 - 1e-9).then_some((act, sum))
}

/// Silences the acts that give way to another one of the same sentence, and merges what turned into the same act.
fn settle(catalogue: &Catalogue, mut scores: Vec<(Act, f64)>) -> Vec<(Act, f64)> {
    scores.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    scores.dedup_by_key(|s| s.0);
    let present: Vec<Act> = scores.iter().map(|s| s.0).collect();
    scores.retain(|(act, _)| !catalogue.yields_to(*act).iter().any(|stronger| present.contains(stronger)));
    scores
}

/// One `Said` for the act, or one per remedy where it orders or reports several.
fn fill(act: Act, weight: f64, base: &Slots, item: Option<&items::Item>, found: &Found) -> Vec<Said> {
    let said = |slots: Slots| Said { act, weight, span: (0, 0), slots };
    let named = match act {
        Act::Decide => &found.remedies.asked,
        Act::Act => &found.remedies.done,
        _ => &Vec::new(),
    };
    if !named.is_empty() {
        let each = named.iter().map(|r| Slots { remediation: Some(r.word), object: r.object.clone(), ..base.clone() });
        return each.map(said).collect();
    }
    let mut slots = base.clone();
    if let (Act::ActionItem, Some(item)) = (act, item) {
        item.clone().into_slots(&mut slots);
    }
    // An item and a wish carry their own words; what they mention is not acted on.
    if !matches!(act, Act::ActionItem | Act::Prevention) {
        slots.object = slots::object(act, found.text).or_else(|| found.remedies.object());
    }
    vec![said(slots)]
}

/// What the sentence's remedies and words offer for the slots.
struct Found<'t> {
    text: &'t str,
    remedies: remedies::Found,
}
