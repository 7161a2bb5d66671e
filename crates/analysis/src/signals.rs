//! Everything that looks like trouble, each kind once, with its service, its time and its count.
//!
//! What it sees: records at error level or of a known failure signature, Kubernetes warnings, failed spans, and metric
//! series that leave their usual range. It decides nothing: what is background and what belongs to the incident is told
//! apart in `window`.

use std::collections::BTreeMap;
use std::thread;

use evidence::{Clock, Level, Moment, RecordRef, SourceId};

use crate::digest::{Digest, Pattern};
use crate::mask::cut;
use crate::parallel;
use crate::scene::Scene;
use crate::signatures::{Catalogue, Memory, Role, Signature};
use crate::traces::{self, Trace};

mod kube;
mod links;
mod text;
mod variants;

pub use kube::{of_troubles, owner};
pub use text::Text;
use variants::Variants;

/// Texts and places of a kind that are kept when it is merged from many.
const MAX_KEPT: usize = 64;

/// One kind of trouble in one service.
#[derive(Debug, Clone)]
pub struct Signal {
    pub kind: SignalKind,
    pub service: Option<String>,
    pub source: SourceId,
    /// First line of the first record, cut.
    pub words: String,
    /// Whole texts of a few records.
    pub texts: Vec<Text>,
    pub level: Option<Level>,
    /// Signatures that it hits, the most specific first.
    pub hits: Vec<&'static Signature>,
    pub first: Moment,
    pub last: Moment,
    pub count: u64,
    /// Begin of each bin with its count.
    pub bins: Vec<(Moment, u64)>,
    /// Seconds of the widest of them.
    pub bin_s: i64,
    /// The kinds of records that it is made of, as numbers of a digest of the scene and of a pattern in it.
    pub kinds: Vec<(usize, usize)>,
    /// A few records, the first one first.
    pub places: Vec<RecordRef>,
    pub last_place: RecordRef,
    /// How long the first record says that it took, in seconds.
    pub lasted_s: Option<f64>,
    pub trace: Option<Trace>,
    /// Another failure of the same thing has this one as its consequence.
    pub explained: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalKind {
    Log,
    Kube,
    /// What an object shows, without a time of its own.
    State,
    Span,
    Metric,
    /// Text without a time of its own (the output of a command, a note).
    Note,
}

impl Signal {
    /// Takes in the same trouble from another source; the earlier one lends texts and places, and its kinds come first.
    fn merge(&mut self, mut other: Signal) {
        if (other.first, other.places[0]) < (self.first, self.places[0]) {
            std::mem::swap(self, &mut other);
        }
        if other.last >= self.last {
            self.last = other.last;
            self.last_place = other.last_place;
        }
        self.count += other.count;
        self.bin_s = self.bin_s.max(other.bin_s);
        self.kinds.extend(other.kinds);
        self.texts.extend(other.texts);
        self.texts.truncate(MAX_KEPT);
        self.places.extend(other.places.into_iter().take(2));
        self.places.truncate(MAX_KEPT);
        for signature in other.hits {
            if !self.hits.iter().any(|h| h.id == signature.id) {
                self.hits.push(signature);
            }
        }
        self.hits.sort_by(|a, b| b.spec.total_cmp(&a.spec).then(a.id.cmp(&b.id)));
    }

    /// Finds out what its kinds say, and when they occurred. Most kinds become one signal with others, so this comes last.
    fn tell(&mut self, scene: &Scene) {
        let of = |(digest, pattern): &(usize, usize)| {
            let digest = scene.digests.get(*digest)?;
            Some((scene.clock(digest.source), digest.patterns.get(*pattern)?))
        };
        let kinds: Vec<(&Clock, &Pattern)> = self.kinds.iter().filter_map(of).collect();
        let Some((_, pattern)) = kinds.first() else { return };
        let own = traces::read(&pattern.first.text);
        // What is quoted of the first record stands in it.
        self.words = telling_words(&pattern.first, own.as_ref());
        let others = |pattern: &Pattern| {
            let others = pattern.exemplars.iter().filter(|e| e.place != pattern.first.place);
            others.clone().find_map(|e| traces::read(&e.text))
        };
        let of_further = |(_, pattern): &(&Clock, &Pattern)| traces::read(&pattern.first.text).or_else(|| others(pattern));
        self.trace = own.or_else(|| others(pattern)).or_else(|| kinds[1..].iter().find_map(of_further));
        let dated = kinds.iter().filter_map(|(clock, pattern)| Some((pattern, *clock, pattern.basis?)));
        self.bins.reserve_exact(kinds.iter().map(|(_, pattern)| pattern.bins.len()).sum());
        let of_kind = |(pattern, clock, basis): (&&Pattern, _, _)| {
            let bins = pattern.bins.moments(clock, basis);
            self.bins.extend(bins.map(|(at, count)| (at, u64::from(*count))));
        };
        dated.for_each(of_kind);
        if kinds.len() > 1 {
            self.bins.sort();
        }
    }

    /// Takes in another report of the same trouble; events come in the order of time. Whoever took in the last one sorts the bins.
    fn join(&mut self, first: Moment, last: Moment, count: u64, place: RecordRef) {
        self.first = self.first.min(first);
        if last >= self.last {
            self.last = last;
            self.last_place = place;
        }
        self.count += count;
        self.bins.extend(kube::spread(first, last, count));
        if self.places.len() < 4 {
            self.places.push(place);
        }
    }

    /// The first known record of a bin that begins at a moment.
    pub fn begun_in_bin(&self, scene: &Scene, at: Moment) -> Option<Moment> {
        let end = at.plus(self.bin_s as f64);
        self.begins(scene).map(|(begun, _)| begun).filter(|begun| *begun >= at && *begun < end).min()
    }

    /// The record of that moment, where it is known.
    pub fn record_at(&self, scene: &Scene, at: Moment) -> Option<RecordRef> {
        self.begins(scene).filter(|(begun, _)| *begun == at).map(|(_, place)| place).min()
    }

    /// The last of the records that are known as the first ones of their bins, up to a moment.
    pub fn last_begun(&self, scene: &Scene, to: Moment) -> Option<(Moment, RecordRef)> {
        self.begins(scene).filter(|(begun, _)| *begun <= to).max()
    }

    /// The first record of each bin, where it is known.
    fn begins(&self, scene: &Scene) -> impl Iterator<Item = (Moment, RecordRef)> {
        let of = |(digest, pattern): &(usize, usize)| {
            let digest = scene.digests.get(*digest)?;
            Some((scene.clock(digest.source), digest.patterns.get(*pattern)?))
        };
        let begun = |(clock, pattern): (&Clock, &Pattern)| {
            let at = |(stamp, place)| Some((clock.moment(stamp)?, place));
            pattern.begun().filter_map(at).collect::<Vec<_>>()
        };
        self.kinds.iter().filter_map(of).flat_map(begun)
    }

    /// What a log of queries writes above the query: whose it is, and for how long it ran.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.texts.first().into_iter().flat_map(|text| text.lines()).map(str::trim).filter(|line| is_heading(line))
    }

    /// The most specific signature.
    pub fn signature(&self) -> Option<&'static Signature> {
        self.hits.first().copied()
    }

    pub fn has_role(&self, role: Role) -> bool {
        self.hits.iter().any(|s| s.role == role)
    }

    /// Fit to be a failure of its own, not only a hint.
    pub fn is_failure(&self) -> bool {
        self.level.is_some_and(Level::is_bad)
            || (self.level.is_none_or(|l| l >= Level::Warn)
                && self.hits.iter().any(|s| matches!(s.role, Role::Cause | Role::Symptom | Role::External | Role::Amplifier)))
            || self.kind == SignalKind::Span
    }
}

/// All signals of a scene, sorted by time.
pub fn collect(scene: &Scene) -> Vec<Signal> {
    let catalogue = Catalogue::load();
    let mut signals: Vec<Signal> = Vec::new();
    // The same message of one service in several files (rotated, or one a pod) is one kind of trouble.
    let mut known: BTreeMap<(String, Option<Level>, String), usize> = BTreeMap::new();
    let mut seen = Variants::default();
    for (at, digest) in scene.digests.iter().enumerate() {
        let all = || from_patterns(scene, catalogue, (at, digest));
        let (merged, all) = parallel::both(scene.threads, || variants::templates(digest), all);
        for (number, (pattern, signal)) in digest.patterns.iter().zip(all).enumerate() {
            let Some(signal) = signal else { continue };
            let template = merged.get(&number).unwrap_or(&pattern.template).clone();
            let key = (signal.service.clone().unwrap_or_default(), signal.level, template);
            let is_same = signal.service.is_some() || merged.contains_key(&number);
            match known.get(&key).filter(|_| signal.kind == SignalKind::Log && is_same) {
                Some(&index) if signals[index].kind == SignalKind::Log => {
                    seen.see(index, &signal, merged.contains_key(&number));
                    signals[index].merge(signal);
                }
                _ => {
                    known.insert(key, signals.len());
                    seen.see(signals.len(), &signal, merged.contains_key(&number));
                    signals.push(signal);
                }
            }
        }
    }
    seen.keep_common(&mut signals);
    parallel::each((scene.threads, SHARE), &mut signals, |signal| signal.tell(scene));
    signals.extend(kube::from_kube(scene, catalogue));
    signals.extend(from_spans(scene, catalogue));
    signals.extend(crate::metrics::from_series(scene));
    signals.sort_by(|a, b| (a.first, a.places[0]).cmp(&(b.first, b.places[0])));
    signals
}

/// Patterns that each thread looks at, at least.
const SHARE: usize = 256;

/// What each pattern of a digest, which is given with its number, tells of trouble, in their order.
fn from_patterns(scene: &Scene, catalogue: &'static Catalogue, (number, digest): (usize, &Digest)) -> Vec<Option<Signal>> {
    let share = digest.patterns.len().div_ceil(scene.threads.max(1)).max(SHARE);
    let of = |(nth, patterns): (usize, &[Pattern])| {
        let mut memory = Memory::default();
        let of = |(at, pattern): (usize, &Pattern)| {
            let signal = from_pattern(scene, hits(catalogue, pattern, &mut memory), digest, pattern)?;
            Some(Signal { kinds: vec![(number, nth * share + at)], ..signal })
        };
        patterns.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let mut shares = digest.patterns.chunks(share).enumerate();
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|patterns| scope.spawn(move || of(patterns))).collect();
        let mut all = of(own);
        for other in others {
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    })
}

fn from_pattern(scene: &Scene, hits: Vec<&'static Signature>, digest: &Digest, pattern: &Pattern) -> Option<Signal> {
    let level = links::level(pattern);
    let bad = level.is_some_and(Level::is_bad);
    let telling = hits.iter().any(|s| !matches!(s.role, Role::Recovery | Role::Mitigation));
    if !bad && (!telling || level.is_some_and(|l| l < Level::Info)) {
        return None;
    }
    let clock = scene.clock(digest.source);
    let at = |stamp: Option<evidence::Stamp>| stamp.and_then(|s| clock.moment(s));
    let service = scene.service_of(pattern.service.as_deref(), digest.source);
    let first = at(pattern.first.stamp);
    let mut texts = vec![Text::Of(pattern.first.clone())];
    texts.extend(pattern.exemplars.iter().filter(|e| e.text != pattern.first.text).cloned().map(Text::Of));
    for exemplar in &pattern.exemplars {
        // The record of a request that was served: the host in it is the one that was asked for, not one that was called.
        let served = exemplar.fields.iter().any(|(k, _)| last_part(k).starts_with("remote_") || last_part(k) == "client_ip");
        let telling =
            exemplar.fields.iter().filter(|(k, _)| (is_telling(k) || names_peer(k)) && !(served && last_part(k) == "host"));
        texts.extend(telling.map(|(k, v)| Text::from(format!("{k}={v}"))));
    }
    texts.dedup();
    let mut places = vec![pattern.first.place];
    places.extend(pattern.exemplars.iter().map(|e| e.place).filter(|p| *p != pattern.first.place));
    Some(Signal {
        kind: if first.is_some() { SignalKind::Log } else { SignalKind::Note },
        service,
        source: digest.source,
        words: String::new(),
        texts,
        level,
        hits,
        first: first.unwrap_or(Moment(0)),
        last: at(pattern.last.stamp).or(first).unwrap_or(Moment(0)),
        count: pattern.count,
        bins: Vec::new(),
        bin_s: pattern.bins.width(),
        kinds: Vec::new(),
        places,
        last_place: pattern.last.place,
        lasted_s: pattern.first.duration_ms.map(|ms| ms / 1_000.0),
        trace: None,
        explained: false,
    })
}

/// How specific the word of an ordinary line has to be.
const CLEAR: f64 = 0.8;

/// The signatures of a pattern's exemplars. Below warning only a clear word counts: a good many ordinary lines talk of
/// timeouts and retries.
fn hits(catalogue: &'static Catalogue, pattern: &Pattern, memory: &mut Memory) -> Vec<&'static Signature> {
    let quiet = pattern.level.is_some_and(|l| l <= Level::Info);
    let spec = if quiet { CLEAR } else { 0.0 };
    let mut found: Vec<&'static Signature> = Vec::new();
    let fields = pattern.first.fields.iter().filter(|(k, _)| is_telling(k)).map(|(k, v)| format!("{k}={v}"));
    let fields = fields.collect::<Vec<_>>().join(" ");
    let others = pattern.exemplars.iter().skip(1).map(|e| e.text.as_str());
    let texts: Vec<&str> = [pattern.first.text.as_str()].into_iter().chain(others).chain([fields.as_str()]).collect();
    // Records of one kind often say the same, and most have no such fields.
    let told = |n: usize, text: &&str| !text.is_empty() && !texts[..n].contains(text);
    for (_, text) in texts.iter().enumerate().filter(|(n, text)| told(*n, text)) {
        for hit in catalogue.matches_beside(&found, text, spec, Some(memory)) {
            if !found.iter().any(|f| f.id == hit.signature.id) {
                found.push(hit.signature);
            }
        }
    }
    found.sort_by(|a, b| b.spec.total_cmp(&a.spec).then(a.id.cmp(&b.id)));
    found
}

/// Fields whose value is the other side of a call.
fn names_peer(key: &str) -> bool {
    const SIDES: [&str; 16] = [
        "target",
        "upstream",
        "dependency",
        "destination",
        "dest",
        "dst",
        "remote",
        "callee",
        "called",
        "backend",
        "peer",
        "server_address",
        "net_peer",
        "rpc",
        "datasource",
        "broker",
    ];
    let plain = |byte: u8| if matches!(byte, b'.' | b'-') { b'_' } else { byte.to_ascii_lowercase() };
    let is_same = |key: &[u8], name: &str| key.len() == name.len() && key.iter().zip(name.bytes()).all(|(a, b)| plain(*a) == b);
    fn begin<'k>(key: &'k [u8], tail: &str, is_same: impl Fn(&[u8], &str) -> bool) -> Option<&'k [u8]> {
        let (begin, end) = key.split_at_checked(key.len().checked_sub(tail.len())?)?;
        is_same(end, tail).then_some(begin)
    }
    let key = key.as_bytes();
    let key = begin(key, "_name", is_same).unwrap_or(key);
    let key = begin(key, "_service", is_same).or_else(|| begin(key, "_cluster", is_same)).unwrap_or(key);
    SIDES.iter().any(|side| is_same(key, side))
}

/// Fields whose value tells what went wrong.
fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn is_telling(key: &str) -> bool {
    matches!(
        last_part(key),
        "error"
            | "err"
            | "exception"
            | "cause"
            | "reason"
            | "stack"
            | "stacktrace"
            | "stack_trace"
            | "code"
            | "errno"
            | "detail"
            | "syscall"
            | "hostname"
            | "upstream"
            | "host"
            | "provider"
            | "peer"
            | "message"
            | "type"
            | "class"
            | "kind"
    )
}

fn from_spans(scene: &Scene, catalogue: &'static Catalogue) -> Vec<Signal> {
    let mut signals: Vec<Signal> = Vec::new();
    for span in scene.spans.iter().filter(|s| s.what.error) {
        let service = scene.entities.name(&span.what.service);
        let peer = span.what.peer.as_ref().map(|p| format!(" to {p}")).unwrap_or_default();
        let attributes: Vec<String> = span.what.attributes.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let text = format!("{}{peer} {}", span.what.name, attributes.join(" "));
        if let Some(known) = signals.iter_mut().find(|s| s.service.as_ref() == Some(&service) && s.words == span.what.name) {
            known.count += 1;
            known.last = known.last.max(span.at);
            known.bins.push((span.at, 1));
            continue;
        }
        signals.push(Signal {
            kind: SignalKind::Span,
            service: Some(service),
            source: span.place.source,
            words: span.what.name.clone(),
            hits: catalogue.matches(&text).into_iter().map(|h| h.signature).collect(),
            texts: vec![text.into()],
            level: Some(Level::Error),
            first: span.at,
            last: span.at,
            count: 1,
            bins: vec![(span.at, 1)],
            bin_s: 1,
            kinds: Vec::new(),
            places: vec![span.place],
            last_place: span.place,
            lasted_s: Some(span.what.duration_ms / 1_000.0),
            trace: None,
            explained: false,
        });
    }
    signals
}

/// What a record says went wrong: its first line, with the error that a field or the trace below it names.
fn telling_words(first: &crate::digest::Exemplar, trace: Option<&Trace>) -> String {
    let line = first_line(&first.text);
    let field = first.fields.iter().find(|(k, _)| {
        matches!(last_part(k), "error" | "err" | "exception" | "cause" | "reason")
            || matches!(*k, "error.message" | "err.message" | "message")
    });
    let from_trace =
        trace.filter(|t| !t.message.is_empty() && first.text.lines().count() > 1).map(|t| exception_words(&first.text, t));
    let more = field.map(|(_, v)| v.to_string()).or(from_trace).map(|m| first_line(&m));
    match more {
        // A field that repeats the whole line and says more.
        Some(more) if !line.is_empty() && more.contains(&line) => more,
        Some(more) if !line.contains(&more) && line.len() + more.len() <= 300 => {
            format!("{}: {more}", line.trim_end_matches(':'))
        }
        _ => line,
    }
}

/// The line of a trace that names the exception, as it stands there, else its message.
fn exception_words(text: &str, trace: &Trace) -> String {
    let head: String = trace.message.lines().next().unwrap_or("").to_string();
    let line =
        text.lines().map(str::trim).find(|l| !trace.exception.is_empty() && l.contains(&trace.exception) && l.contains(&head));
    line.map_or(head.clone(), str::to_string)
}

/// What a log of queries writes above a query: `# User@Host: ...`, `# Query_time: 2.1 ...`, `SET timestamp=...;`.
fn is_heading(line: &str) -> bool {
    let comment = || line.strip_prefix("# ").and_then(|l| l.split_whitespace().next());
    let is_key = |word: &str| word == "Time:" || word.ends_with(':') && word.contains(['_', '@']);
    comment().is_some_and(is_key) || line.starts_with("SET timestamp=") || line.starts_with("use ") && line.ends_with(';')
}

/// The first line of a text that says something, at most 240 bytes.
pub fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let first = lines.clone().next().unwrap_or("");
    let line = if is_heading(first) { lines.find(|l| !is_heading(l)).unwrap_or(first) } else { first };
    let short = cut(line, 240);
    if short.len() < line.len() { format!("{short}…") } else { short.to_string() }
}
