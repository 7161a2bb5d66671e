//! Known failures: the words by which they show, and what an engineer knows about each of them.
//!
//! Every file of `signatures/` is one [`Signature`]. [`Catalogue::matches`] says which of them a text shows. It is meant
//! to run once for each distinct message pattern, on the pattern's first exact text, never on every line.
//!
//! It must never know services, times or formats: a hit says "this text reads like that failure", nothing about who
//! failed. It is misled by text that talks about a failure without being one (documentation, tests, a quoted log);
//! the look-alikes in each file hold such cases, the guard in `guard.rs` the general ones.

mod guard;
mod ids;
pub(crate) mod literals;
mod open;
mod words;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use regex_automata::meta::{BuildError, Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;
use serde::Deserialize;

pub use open::Memory;
use open::{Asked, Cues, Open, Opened, Opener, bit};

/// What a hit means for the story of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May be where a chain of failures begins.
    Cause,
    /// Shows that something is wrong; its cause lies elsewhere.
    Symptom,
    /// Makes a failure worse.
    Amplifier,
    /// A change or scheduled event that may have set the failure off.
    Trigger,
    /// Outside of the reader's systems.
    External,
    /// Somebody acts against the failure.
    Mitigation,
    /// The failure is over.
    Recovery,
}

/// What kind of trigger stands behind a failure when it is the root; `none` where it is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    Deploy,
    Config,
    Migration,
    Infrastructure,
    Dependency,
    Load,
    Expiry,
    Data,
    Schedule,
    None,
}

/// One known failure. The texts are English, whole sentences where not said otherwise, and printed in reports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The file's name, `go_nil_deref`.
    pub id: String,
    /// A noun phrase without article or capital: "nil pointer dereference".
    pub title: String,
    /// Signatures of one family compete: `crash`, `memory`, `pool`, ...
    pub family: String,
    pub role: Role,
    /// How specific a hit is, 0 to 1: the share of hits that mean this failure. Weight in log-odds: ln(s / (1 - s)).
    pub spec: f64,
    pub category: Category,
    /// The closed word of the report for what ends it typically, or empty.
    pub remediation: String,
    /// True when such a failure appears only after a change of code or configuration.
    pub needs_change: bool,
    /// What happens.
    pub mech: String,
    /// What typically stands before it: phrases, no sentence.
    pub up: String,
    /// What it typically does to others: phrases, no sentence.
    pub down: String,
    /// The next question to ask.
    pub why: String,
    /// What to do now.
    pub now: String,
    /// What keeps it from happening again.
    pub prevent: String,
    /// Signatures by which an orchestrator shows the same trouble of the same thing, or of what runs on it: their ids.
    #[serde(default)]
    pub explains: Vec<String>,
    /// Signatures that cannot hold of what wrote this: it answered. Their ids.
    #[serde(default)]
    pub disproves: Vec<String>,
    /// Regular expressions, matched in any letter case and on bytes (`\d`, `\w`, `\b` are ASCII).
    pub cues: Vec<String>,
    pub samples: Vec<String>,
    pub lookalikes: Vec<String>,
}

impl Signature {
    /// The prior weight of a hit in log-odds.
    pub fn weight(&self) -> f64 {
        let s = self.spec.clamp(0.01, 0.99);
        (s / (1.0 - s)).ln()
    }
}

/// A signature that a text shows, and the bytes of the text that show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub signature: &'static Signature,
    /// Half-open byte range in the text, on character boundaries.
    pub span: Span,
}

/// All signatures, sorted by id, with what finds them.
pub struct Catalogue {
    signatures: Vec<Signature>,
    /// For each cue of each signature what finds it, compiled when a text first holds its literals.
    regexes: Vec<Vec<OnceLock<Option<Regex>>>>,
    /// Says which cues a text leaves open.
    opener: Opener,
}

/// Half-open byte range, on character boundaries.
type Span = (usize, usize);

/// All files of `signatures/`, as the build script read them: no start needs to read TOML.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/signatures.json"));

/// Bytes of a text that are looked at: a longer one is a dump, and what it is about stands at its head.
const MAX_TEXT: usize = 32 * 1024;
/// Matches of one cue in a line that are tried against the guard before it is given up.
const MAX_TRIES: usize = 8;
/// A signature drops those of its family that are less specific by at least this much.
const DROP_MARGIN: f64 = 0.15;

impl Catalogue {
    /// The embedded catalogue, built at the first call.
    pub fn load() -> &'static Catalogue {
        static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
            // The tests hold it against the files, each read by itself.
            Catalogue::new(serde_json::from_str(EMBEDDED).unwrap_or_default())
        });
        &CATALOGUE
    }

    fn new(mut signatures: Vec<Signature>) -> Catalogue {
        signatures.sort_by(|a, b| a.id.cmp(&b.id));
        let opener = Opener::new(&signatures);
        let regexes = signatures.iter().map(|s| s.cues.iter().map(|_| OnceLock::new()).collect()).collect();
        Catalogue { signatures, regexes, opener }
    }

    /// All signatures, sorted by id.
    pub fn all(&self) -> &[Signature] {
        &self.signatures
    }

    pub fn get(&self, id: &str) -> Option<&Signature> {
        self.signatures.binary_search_by(|s| s.id.as_str().cmp(id)).ok().map(|at| &self.signatures[at])
    }

    /// The signatures that a text shows, the most specific first (then by id). A cue after a negation does not count; a
    /// text that tells of a recovery shows no cause and no amplifier; a general signature gives way to a specific one
    /// of its family.
    pub fn matches(&'static self, text: &str) -> Vec<Hit> {
        self.matches_beside(&[], text, 0.0, None)
    }

    /// Those of them that are at least so specific; none where the text can show only what is known. With a memory, texts that
    /// are alike are looked through once.
    pub fn matches_beside(
        &'static self,
        known: &[&'static Signature],
        text: &str,
        spec: f64,
        memory: Option<&mut Memory>,
    ) -> Vec<Hit> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT)];
        let opened = self.opener.of(&self.signatures, text, &Asked::Spec(spec), memory.unwrap_or(&mut Memory::default()));
        if opened.all().all(|at| known.iter().any(|known| known.id == self.signatures[at].id)) {
            return Vec::new();
        }
        let is_over = guard::is_resolved_notice(text);
        let mut hits: Vec<Hit> = self
            .found(&opened, text)
            .into_iter()
            .map(|(at, span)| Hit { signature: &self.signatures[at], span })
            .filter(|hit| !is_over || !can_be_denied(hit.signature))
            .collect();
        if hits.iter().any(|h| h.signature.role == Role::Recovery) {
            hits.retain(|h| !matches!(h.signature.role, Role::Cause | Role::Amplifier));
        }
        hits.retain(|hit| hit.signature.spec >= spec);
        let all = hits.clone();
        hits.retain(|hit| !all.iter().any(|other| outranks(other.signature, hit.signature)));
        hits.sort_by(by_spec);
        hits
    }

    /// Those of them that tell what people do, what sets something off and what is over, of these roles. They give way to no
    /// other. A memory is asked for the same roles always.
    pub fn steps(&'static self, roles: &'static [Role], text: &str, memory: &mut Memory) -> Vec<Hit> {
        let text = &text[..text.floor_char_boundary(MAX_TEXT)];
        let opened = self.opener.of(&self.signatures, text, &Asked::Steps(roles), memory);
        let hits = self.found(&opened, text).into_iter().map(|(at, span)| Hit { signature: &self.signatures[at], span });
        let mut hits: Vec<Hit> = hits.filter(|hit| !can_be_denied(hit.signature)).collect();
        hits.sort_by(by_spec);
        hits
    }

    /// Of each signature whose cues are open the first place in the text that shows it.
    fn found(&self, opened: &Opened, text: &str) -> BTreeMap<usize, Span> {
        let mut first: BTreeMap<usize, Span> = BTreeMap::new();
        for (begin, line, looked) in &opened.lines {
            for (at, (start, end)) in looked.found.get_or_init(|| self.find_all(&looked.open, line)) {
                first.entry(*at).or_insert((begin + start, begin + end));
            }
        }
        for (at, span) in self.find_all(&opened.across, text) {
            first.entry(at).and_modify(|known| *known = span.min(*known)).or_insert(span);
        }
        first
    }

    fn find_all(&self, open: &[Open], text: &str) -> Vec<(usize, Span)> {
        open.iter().filter_map(|(at, cues)| Some((*at, self.find(*at, *cues, text)?))).collect()
    }

    /// The first place where one of these cues of a signature matches and nothing before it in its line denies it.
    fn find(&self, at: usize, cues: Cues, text: &str) -> Option<Span> {
        let denies = can_be_denied(&self.signatures[at]);
        let find = |n: usize| {
            self.regex(at, n)?
                .find_iter(text.as_bytes())
                .take(MAX_TRIES)
                .map(|m| (text.floor_char_boundary(m.start()), text.ceil_char_boundary(m.end())))
                .find(|&(start, _)| !denies || !guard::denied(text, start))
        };
        let open = (0..self.regexes[at].len()).filter(|n| cues & bit(*n) != 0);
        open.filter_map(find).min_by_key(|(start, _)| *start)
    }

    /// What finds the n-th cue of a signature.
    fn regex(&self, at: usize, n: usize) -> Option<&Regex> {
        self.regexes[at][n].get_or_init(|| compile(&self.signatures[at].cues[n]).ok()).as_ref()
    }
}

/// The most specific first, then by id.
fn by_spec(a: &Hit, b: &Hit) -> Ordering {
    b.signature.spec.total_cmp(&a.signature.spec).then_with(|| a.signature.id.cmp(&b.signature.id))
}

/// What people do and what is over is told with words that deny.
fn can_be_denied(signature: &Signature) -> bool {
    !matches!(signature.role, Role::Recovery | Role::Mitigation | Role::Trigger)
}

/// Whether a hit of `a` makes a hit of `b` superfluous. A cause gives way to a cause only: "memory leak, OOMKilled
/// again" tells both. What people do and what they see are different things, so those roles never compete.
fn outranks(a: &Signature, b: &Signature) -> bool {
    let tells = |s: &Signature| matches!(s.role, Role::Cause | Role::Symptom | Role::Amplifier);
    a.family == b.family
        && tells(a)
        && tells(b)
        && (b.role != Role::Cause || a.role == Role::Cause)
        && a.spec >= b.spec + DROP_MARGIN - 1e-9
}

/// Without a search for literals in front: the literals were found already, and what looks for them would be most of what is
/// built. Nor is anything else built that these short searches do not repay.
fn compile(cue: &str) -> Result<Regex, Box<BuildError>> {
    let bytes = syntax::Config::new().case_insensitive(true).unicode(false).utf8(false);
    let config = Config::new()
        .auto_prefilter(false)
        .utf8_empty(false)
        .which_captures(WhichCaptures::Implicit)
        .onepass(false)
        .nfa_size_limit(Some(4 << 20))
        .hybrid_cache_capacity(1 << 20);
    Regex::builder().syntax(bytes).configure(config).build(cue).map_err(Box::new)
}

/// One signature from the text of its file. The error says what is wrong with the file.
pub fn read(stem: &str, text: &str) -> Result<Signature, String> {
    let signature: Signature = toml::from_str(text).map_err(|e| format!("{stem}: {}", e.message()))?;
    let fault = if signature.id != stem {
        "the id is not the file's name"
    } else if !(0.0..=1.0).contains(&signature.spec) {
        "spec is not between 0 and 1"
    } else if signature.cues.is_empty() || signature.samples.is_empty() || signature.lookalikes.is_empty() {
        "cues, samples and lookalikes each need at least one entry"
    } else if !REMEDIATIONS.contains(&signature.remediation.as_str()) {
        "remediation is not a word of the report"
    } else {
        return Ok(signature);
    };
    Err(format!("{stem}: {fault}"))
}

/// The report's closed words, and the empty one.
const REMEDIATIONS: [&str; 20] = [
    "",
    "rollback",
    "roll-forward",
    "config-revert",
    "feature-flag-disable",
    "scale",
    "restart",
    "failover",
    "drain-node",
    "rotate-cert",
    "rotate-secret",
    "purge-bad-data",
    "free-disk",
    "kill-query",
    "throttle",
    "wait-for-vendor",
    "escalate-upstream",
    "fix-dns",
    "sync-clock",
    "other",
];

#[cfg(test)]
mod tests;
