//! How well a commit explains what was seen: by mechanism, by common identifiers, by stack frames.
//!
//! Pure arithmetic over readings. It must never read a diff itself, nor know when anything was deployed: time is judged
//! by the caller. What breaks it: symptoms that are all of a general kind (latency, 5xx); then no commit stands out, which
//! is the right answer.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Commit;

use super::echoes;
use super::neutral::is_elsewhere;
use super::symptoms::{self, Read};
use super::values::quantity;
use super::words::{identifiers, split_words, telling_words};
use super::{Change, ChangeKind, DiffMatch, DiffReading, Frame, Reason, Step, Symptom};

const NEUTRAL: f64 = -8.0;
const MECHANISM: f64 = 8.0;
const MAX_LEXICAL: f64 = 3.0;

/// What was seen, read once for all commits.
pub(super) struct Seen<'a> {
    symptoms: &'a [Symptom],
    reads: Vec<Read>,
    words: Vec<BTreeSet<String>>,
    whole: Vec<BTreeSet<String>>,
    mass: f64,
}

pub(super) fn seen(symptoms: &[Symptom]) -> Seen<'_> {
    let reads: Vec<Read> = symptoms.iter().map(symptoms::read).collect();
    let mass = reads.iter().map(|r| r.weight).sum();
    let words = symptoms.iter().map(|s| telling_words(&s.text)).collect();
    let whole = symptoms.iter().map(|s| identifiers(&s.text)).collect();
    Seen { symptoms, reads, words, whole, mass }
}

/// The words of one commit, for rarity.
pub(super) fn words_of(reading: &DiffReading, commit: &Commit) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = reading.identifiers.iter().flat_map(|i| telling_words(i)).collect();
    out.extend(commit.files.iter().flat_map(|f| telling_words(&f.path)));
    out.extend(telling_words(&commit.message));
    out
}

pub(super) fn score(
    reading: &DiffReading,
    commit: &Commit,
    seen: &Seen<'_>,
    frames: &[Frame<'_>],
    rarity: &BTreeMap<String, f64>,
) -> DiffMatch {
    if reading.neutral {
        let says = "it touches nothing that runs (documentation, tests, layout or moved lines)".to_string();
        return DiffMatch {
            value: NEUTRAL,
            reasons: vec![Reason { value: NEUTRAL, says, change: None }],
            ..DiffMatch::default()
        };
    }
    let mut reasons = Vec::new();
    let damp = damping(commit);
    let mut best = 0.0f64;
    let mut sum = 0.0f64;
    for (i, c) in reading.changes.iter().enumerate() {
        let echo = echoes::of(c, seen.symptoms);
        let value = damp * (mechanism(c, commit, seen) + echo.as_ref().map_or(0.0, |e| e.value));
        best = best.max(value);
        sum += value;
        if value >= 0.3 {
            let heard = echo.map(|e| format!(", and `{}` stands in what failed", e.words)).unwrap_or_default();
            reasons.push(Reason { value, says: format!("{}{heard}", c.says), change: Some(i) });
        }
    }
    // Two settings that push the same way are more than one, but never twice as much.
    let mechanism = best + ((sum - best) * 0.15).min(1.0);
    let (lexical, shared) = lexical(reading, commit, seen, rarity);
    // Words alone are what a harmless neighbour shares too; with a mechanism they say where it struck.
    let lexical = lexical.min(MAX_LEXICAL.min(1.2 + 0.6 * mechanism)) * damp;
    if lexical >= 0.3 {
        let says = format!("it shares {} with what was seen", quoted(&shared));
        reasons.push(Reason { value: lexical, says, change: None });
    }
    let (frame, why) = frame(reading, commit, frames);
    reasons.extend(why);
    reasons.sort_by(|a, b| b.value.total_cmp(&a.value));
    DiffMatch { value: mechanism + lexical + frame, mechanism, lexical, frame, reasons }
}

fn quoted(words: &[String]) -> String {
    words.iter().take(5).map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// A revert rarely is the cause, and a change of another environment is none.
fn damping(commit: &Commit) -> f64 {
    let revert = commit.message.trim_start().to_lowercase().starts_with("revert");
    let elsewhere = !commit.files.is_empty() && commit.files.iter().all(|f| is_elsewhere(&f.path));
    let reverted = if revert { 0.4 } else { 1.0 };
    if elsewhere { reverted * 0.3 } else { reverted }
}

/// The share of what was seen that this change explains, in its direction, times how plausible such a change is.
fn mechanism(change: &Change, commit: &Commit, seen: &Seen<'_>) -> f64 {
    if seen.mass <= 0.0 || change.kind.weight() <= 0.0 {
        return 0.0;
    }
    let mut explained = 0.0;
    let mut near = 0.0f64;
    let words = change_words(change);
    for (i, read) in seen.reads.iter().enumerate() {
        if read.outside && !reaches_outside(&change.kind) {
            continue;
        }
        let fit = fit(change, read);
        if fit > 0.0 {
            let tie = tie(&words, commit, seen, i, change);
            explained += read.weight * fit * tie;
            near = near.max(fit * tie);
        }
    }
    let share = (explained / seen.mass).min(1.0);
    MECHANISM * change.kind.weight() * share.sqrt() * (0.5 + 0.5 * near.min(1.0)) * magnitude(&change.kind)
}

/// How much of a step it is: a tenth less breaks little, a third of what was there is the whole of it. 1 where no
/// numbers stand.
fn magnitude(kind: &ChangeKind) -> f64 {
    // A packet is too large by one byte as by a thousand.
    let Some((name, from, to)) = kind.setting().filter(|_| !matches!(kind, ChangeKind::PacketSizeChanged { .. })) else {
        return 1.0;
    };
    let (Some(a), Some(b)) = (quantity(from, name), quantity(to, name)) else { return 1.0 };
    let (low, high) = (a.value.abs().min(b.value.abs()), a.value.abs().max(b.value.abs()));
    if low <= 0.0 || a.dimension != b.dimension { 1.0 } else { (0.5 + 0.5 * (high / low).log2() / 1.5).min(1.0) }
}

/// How well the family of a symptom fits the change, 0 to 1: earlier families of a kind fit better.
pub(super) fn fit(change: &Change, read: &Read) -> f64 {
    let by_family = change.families.iter().enumerate().filter_map(|(i, f)| {
        let telling = read.families.get(f)?;
        // A general symptom is still what the first family of a kind looks like.
        let telling = if i == 0 { telling.sqrt() } else { *telling };
        Some(telling * (1.0 - 0.13 * i as f64).max(0.3))
    });
    by_family.fold(0.0, f64::max)
}

/// Calls that leave the house fail by these changes even when the other side answers well.
fn reaches_outside(kind: &ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::EndpointChanged { .. }
            | ChangeKind::AuthChanged
            | ChangeKind::TlsChanged
            | ChangeKind::DnsConfigChanged
            | ChangeKind::NetworkRuleChanged
            | ChangeKind::PacketSizeChanged { .. }
            | ChangeKind::TimeoutLowered { .. }
    )
}

/// Kinds that say too little by themselves: they count only where names tie them to a symptom.
fn needs_a_name(kind: &ChangeKind) -> bool {
    use ChangeKind::*;
    matches!(
        kind,
        FlagFlipped { .. }
            | ConfigValueChanged { .. }
            | ConfigRemoved { .. }
            | FeatureRemoved
            | DependencyBumped { .. }
            | LimitLowered { .. }
            | LimitRaised { .. }
            | LimitRemoved
            | ConditionRemoved
            | PatternChanged
            | RankingChanged { .. }
            | EndpointChanged { .. }
    )
}

fn change_words(change: &Change) -> BTreeSet<String> {
    let name = change.kind.setting().map_or("", |s| s.0);
    if matches!(change.kind, ChangeKind::DependencyBumped { .. }) {
        return telling_words(name);
    }
    telling_words(&format!("{name} {} {} {}", change.removed, change.added, change.file))
}

/// How near the change stands to the symptom, 0 to 1: same service, same words, shared code, or somebody else's.
fn tie(words: &BTreeSet<String>, commit: &Commit, seen: &Seen<'_>, i: usize, change: &Change) -> f64 {
    let shared = words.intersection(&seen.words[i]).count();
    let service = seen.symptoms[i].service.as_deref();
    let place = place(commit, &change.file, service);
    let major = matches!(&change.kind, ChangeKind::DependencyBumped { step: Step::Major, .. });
    if needs_a_name(&change.kind) && shared == 0 {
        return if major && place == Place::Same { 0.4 } else { 0.15 };
    }
    let base = match place {
        Place::Same => 1.0,
        Place::Shared => 0.85,
        Place::Other if crosses(&change.kind) => 0.95,
        Place::Other => 0.7,
    };
    if shared > 0 { (base + 0.2f64).min(1.0) } else { base }
}

/// Changes of what services tell each other: they show at the other one.
fn crosses(kind: &ChangeKind) -> bool {
    use ChangeKind::*;
    matches!(
        kind,
        FieldTypeChanged
            | FieldRenamed
            | FieldRemoved
            | RequirementAdded
            | AuthChanged
            | TlsChanged
            | DnsConfigChanged
            | NetworkRuleChanged
            | PacketSizeChanged { .. }
    )
}

#[derive(PartialEq)]
enum Place {
    Same,
    Shared,
    Other,
}

/// Whether the file belongs to the symptom's service, to another one, or to all.
fn place(commit: &Commit, file: &str, service: Option<&str>) -> Place {
    let Some(service) = service else { return Place::Shared };
    let stem = stem(service);
    let of_commit = commit.service.as_deref().or(commit.repository.as_deref());
    if stem.len() >= 2 && (same_stem(&stem, file) || of_commit.is_some_and(|s| same_stem(&stem, s))) {
        return Place::Same;
    }
    let parts: Vec<&str> = file.split('/').collect();
    let housed = parts
        .iter()
        .take(parts.len().saturating_sub(1))
        .any(|p| ["services", "apps", "service", "cmd", "charts", "microservices"].contains(p));
    if housed || commit.service.is_some() { Place::Other } else { Place::Shared }
}

fn same_stem(stem: &str, text: &str) -> bool {
    let words = split_words(text);
    words.iter().any(|w| w == stem || stem_of_word(w) == stem) || words.join("").contains(stem) && stem.len() >= 5
}

/// `paymentservice`, `payment-svc` and `payment-api` are all `payment`.
fn stem(service: &str) -> String {
    let words: Vec<String> = split_words(service).into_iter().map(|w| stem_of_word(&w)).filter(|w| !w.is_empty()).collect();
    words.join("")
}

fn stem_of_word(word: &str) -> String {
    const TAILS: [&str; 7] = ["service", "svc", "api", "server", "worker", "app", "prod"];
    if TAILS.contains(&word) {
        return String::new();
    }
    TAILS.iter().find_map(|t| word.strip_suffix(t).filter(|w| w.len() >= 2)).unwrap_or(word).to_string()
}

/// Rare words and whole identifiers in common, with those that count, the best first.
fn lexical(reading: &DiffReading, commit: &Commit, seen: &Seen<'_>, rarity: &BTreeMap<String, f64>) -> (f64, Vec<String>) {
    let changed: BTreeSet<String> = reading.changed.iter().flat_map(|i| telling_words(i)).collect();
    let around: BTreeSet<String> = reading.identifiers.iter().flat_map(|i| telling_words(i)).collect();
    let path: BTreeSet<String> = commit.files.iter().flat_map(|f| telling_words(&f.path)).collect();
    let message = telling_words(&commit.message);
    let mut weights: BTreeMap<&String, f64> = BTreeMap::new();
    for (read, words) in seen.reads.iter().zip(&seen.words) {
        for w in words {
            let best = weights.entry(w).or_default();
            *best = best.max(read.weight);
        }
    }
    let mut parts: Vec<(f64, String)> = Vec::new();
    for (word, weight) in weights {
        let place = [(&changed, 1.0), (&path, 0.6), (&message, 0.5), (&around, 0.35)]
            .into_iter()
            .filter(|(s, _)| s.contains(word))
            .map(|(_, w)| w);
        let place = place.fold(0.0, f64::max);
        let rare = rarity.get(word).copied().unwrap_or(1.0) / 3.0;
        if place > 0.0 {
            parts.push((weight * place * rare, word.clone()));
        }
    }
    for id in reading.changed.iter().flat_map(|i| identifiers(i)).filter(|i| seen.whole.iter().any(|w| w.contains(i))) {
        parts.push((0.8, id));
    }
    parts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let length = 1.0 + 0.15 * (reading.identifiers.len() as f64).sqrt();
    let total: f64 = parts.iter().map(|p| p.0).sum::<f64>() / length * 1.5;
    (total, parts.into_iter().map(|p| p.1).collect())
}

/// The best frame: function and file in a changed hunk 3, the file 2, its folder 1.
fn frame(reading: &DiffReading, commit: &Commit, frames: &[Frame<'_>]) -> (f64, Option<Reason>) {
    let mut best: (f64, Option<Reason>) = (0.0, None);
    for f in frames {
        for file in commit.files.iter().map(|f| f.path.as_str()).chain(reading.touched.iter().map(|t| t.file.as_str())) {
            let value = frame_value(reading, f, file);
            if value > best.0 {
                let what = ["", "works in the same folder as", "changes the file of", "changes the very place of"]
                    [(value as usize).min(3)];
                let line = f.line.map_or(String::new(), |l| format!(":{l}"));
                let says = format!("it {what} the stack frame `{}` ({}{line})", f.function, f.file);
                best = (value, Some(Reason { value, says, change: None }));
            }
        }
    }
    best
}

fn frame_value(reading: &DiffReading, frame: &Frame<'_>, file: &str) -> f64 {
    let (base, other) = (last(frame.file, '/'), last(file, '/'));
    if base.is_empty() || !base.contains('.') || file.is_empty() {
        return 0.0;
    }
    let same = base == other && folders_agree(frame.file, file);
    if !same {
        let (a, b) = (folder(frame.file), folder(file));
        return if !a.is_empty() && a == b { 1.0 } else { 0.0 };
    }
    let function = last(frame.function.trim_end_matches("()"), '.');
    let within = reading.touched.iter().filter(|t| t.file == file || last(&t.file, '/') == other).any(|t| {
        let named = function.len() >= 3 && t.text.contains(function);
        let near = frame.line.is_some_and(|l| t.first > 0 && l.saturating_add(15) >= t.first && l <= t.last.saturating_add(15));
        named || near
    });
    if within { 3.0 } else { 2.0 }
}

fn last(text: &str, sep: char) -> &str {
    text.rsplit(sep).next().unwrap_or(text)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(d, _)| last(d, '/'))
}

/// The folders of both paths do not contradict each other where both have one.
fn folders_agree(a: &str, b: &str) -> bool {
    let (a, b) = (folder(a), folder(b));
    a.is_empty() || b.is_empty() || a == b
}
