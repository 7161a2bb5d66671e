//! Where sources contradict each other: both sides literally, what may explain it, and which one the report uses.
//!
//! Must never decide a contradiction silently, nor assert its explanation.

use analysis::findings::{self, About, Contradiction, Findings, MeasureOp, Places, Side};

use crate::model::{self, ContradictionKind, ContradictionValue, Derivation, Report, Section};

use super::ledger::{Ledger, Line};
use super::words;

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let mut known: Vec<String> = Vec::new();
    for contradiction in findings.contradictions.iter().filter(|c| c.sides.len() >= 2) {
        let text = tell(contradiction, None);
        if !known.contains(&text) {
            known.push(text);
            report.contradictions.push(one(contradiction, ledger));
        }
    }
}

fn one(contradiction: &Contradiction, ledger: &mut Ledger<'_>) -> model::Contradiction {
    let derivation = derivation(contradiction, ledger);
    let text = words::end(&tell(contradiction, derivation.as_ref()));
    let places = contradiction.sides.iter().map(|s| s.places.clone()).reduce(|a, b| a.and(&b));
    // Two sides at least: there is a first one.
    let places = places.unwrap_or_else(|| contradiction.sides[0].places.clone());
    let said = ledger.claim(Line::disputed(Section::Contradictions, text, &places).with(derivation));
    let values = contradiction
        .sides
        .iter()
        .map(|side| ContradictionValue { value: ledger.clean(&value(side)), citations: ledger.cite(&side.places) });
    let values = values.collect();
    model::Contradiction { kind: kind(contradiction.kind), text: said.text, claim: said.id, values }
}

/// The two instants of a clock's offset or of a duration that was computed.
fn derivation(contradiction: &Contradiction, ledger: &Ledger<'_>) -> Option<Derivation> {
    if let Some(measure) = contradiction.sides.iter().find_map(|s| s.measure.as_ref()) {
        return Some(ledger.derivation(measure));
    }
    let side = contradiction.sides.iter().find(|s| s.between.is_some())?;
    let (from, to) = side.between?;
    let clock = matches!(contradiction.about, About::Clock { .. });
    let places = if clock { side.places.clone() } else { all(contradiction) };
    Some(ledger.difference(from, to, &places))
}

fn all(contradiction: &Contradiction) -> Places {
    let mut sides = contradiction.sides.iter().map(|s| s.places.clone());
    let first = sides.next().unwrap_or_else(|| contradiction.sides[0].places.clone());
    sides.fold(first, |a, b| a.and(&b))
}

fn value(side: &Side) -> String {
    if let Some(measure) = &side.measure {
        let is_share = measure.op == MeasureOp::Ratio;
        return if is_share { words::percent(measure.value) } else { words::count(measure.value) };
    }
    // Seconds that were computed are told as any computed figure: many or broken ones in minutes and hours.
    let computed = side.number.and(side.between).map(|(from, to)| to.since(from));
    if let Some(seconds) = computed.filter(|seconds| seconds.fract() != 0.0 || *seconds >= 1_000.0) {
        return words::duration(seconds);
    }
    let value = words::cut(&side.value, words::QUOTE);
    if value.is_empty() { "not stated".to_string() } else { value }
}

fn tell(contradiction: &Contradiction, derivation: Option<&Derivation>) -> String {
    let (first, second) = (&contradiction.sides[0], &contradiction.sides[1]);
    match &contradiction.about {
        About::Clock { source, offset_s, basis } => {
            let way = if *offset_s >= 0 { "ahead of" } else { "behind" };
            let long = words::duration(*offset_s as f64);
            // What is off by more than a quarter of an hour may be a zone and a clock together, and the others may be of the same zone.
            let is_of_zone = offset_s.unsigned_abs() >= 900 && offset_s % 900 != 0;
            let off = if is_of_zone {
                format!("The times in {source} are {long} {way} UTC, by its zone and its clock together")
            } else {
                format!("The clock of {source} runs {long} {way} the others")
            };
            let corrected = first
                .between
                .map(|(corrected, _)| format!(", which is {} on the common clock", words::clock(corrected)))
                .unwrap_or_default();
            let basis =
                if basis.is_empty() || basis.chars().any(|c| c.is_ascii_digit()) { String::new() } else { format!(" ({basis})") };
            if second.words.is_some() {
                return format!(
                    "{off}: {}. It writes {}{corrected}. This report uses the corrected times.",
                    said(second),
                    first.value
                );
            }
            format!(
                "{off}{basis}: it writes {}{corrected}, and the other source has {} for the same trace. This report uses the corrected times.",
                first.value, second.value
            )
        }
        About::OutageDuration => durations("How long the outage lasted", "users were served again", contradiction, derivation),
        About::IncidentDuration => durations("How long the incident lasted", "it was over", contradiction, derivation),
        About::RecoveryAfterDecision => {
            durations("How long recovery took after the step that ended it", "it was over", contradiction, derivation)
        }
        About::TimeToResolve => durations("The time to resolve", "it was over", contradiction, derivation),
        About::TimeToDetect => durations("The time to detect", "it was noticed", contradiction, derivation),
        About::When { what } if is_own(first, second) => format!(
            "No two sources disagree here, one person put a time right ({}): {}. One of them may be an estimate; this report uses the first one",
            words::quote(what, 120),
            both(first, second)
        ),
        About::When { what } => format!(
            "Two times are told for one event ({}): {}. One of them may be an estimate or another boundary of the same event; this report uses the first one",
            words::quote(what, 120),
            both(first, second)
        ),
        About::Quantity { what } => {
            let of = if what.is_empty() { "The same figure".to_string() } else { format!("The same figure ({what})") };
            format!(
                "{of} is given in two ways: {}. They may be meant for different scopes; this report quotes both and uses neither as a fact",
                both(first, second)
            )
        }
        About::Belief if is_own(first, second) => format!(
            "No two sources disagree here, one person took back a guess: at first {}; later {}. This report follows the later words",
            said(first).replacen(" says ", " said ", 1),
            said(second).replacen(" says ", " said ", 1)
        ),
        About::Belief => format!(
            "At first {}; later {}. The later statement corrects the earlier one, and this report follows it",
            said(first).replacen(" says ", " said ", 1),
            said(second).replacen(" says ", " said ", 1)
        ),
        About::Name => format!("The same thing has two names: {}. This report uses the first one", both(first, second)),
        About::Order { change, failed } => format!(
            "Which came first is told in two ways: {}, while the records have {} at {} and the first failure at {}. Clocks or other failures may explain it; this report uses the order of the records",
            said(first),
            value(second),
            change.time_of_day(),
            words::clock(*failed)
        ),
        About::Corrected { what, is_recorded } => corrected(contradiction, what, *is_recorded),
        About::OwnEnds => format!(
            "A duration and the times that it is said to lie between do not agree: {}, which names {} as well. One of them may be a slip; this report uses the computed figure",
            said(first),
            words::quote(&second.value, words::QUOTE)
        ),
        About::Over => format!(
            "It was called over while failures went on: {}, while the last failure is of {}. The words may be meant of a part; this report goes by the records",
            said(first),
            second.value
        ),
        About::Whether => format!(
            "What is said does not agree: {}. They may be meant of different parts or moments; this report quotes both and goes by the records",
            both(first, second)
        ),
    }
}

/// What somebody had told, and what it was corrected to.
fn corrected(contradiction: &Contradiction, what: &str, is_recorded: bool) -> String {
    let (first, second) = (&contradiction.sides[0], &contradiction.sides[1]);
    let by = if is_own(first, second) { "by who had told it" } else { "by somebody else" };
    let end = match contradiction.sides.last().filter(|_| is_recorded) {
        Some(record) => {
            let words = record.words.as_deref().map(|words| words::quote(words, words::QUOTE)).unwrap_or_default();
            format!("A record of {} UTC bears the correction out: {words}; this report goes by it", record.value)
        }
        None if contradiction.kind == findings::ContradictionKind::Number => {
            "The two may count different things; this report quotes both".to_string()
        }
        None => "The correction may rest on another boundary of the same event; this report quotes both".to_string(),
    };
    let is_number = contradiction.kind == findings::ContradictionKind::Number;
    let told = if is_number { "A figure" } else { "A time" };
    format!("{told} that was told ({}) was corrected {by}: {}. {end}", words::quote(what, 120), both(first, second))
}

/// One person said both, or one file has both.
fn is_own(first: &Side, second: &Side) -> bool {
    first.stated_by.is_some() && first.stated_by == second.stated_by
}

/// `end` is what the computed duration ends with.
fn durations(what: &str, end: &str, contradiction: &Contradiction, derivation: Option<&Derivation>) -> String {
    let sides: Vec<String> = contradiction.sides.iter().map(said).collect();
    let from = contradiction.sides.iter().find_map(|s| s.between);
    let instants = from
        .filter(|_| derivation.is_some())
        .map(|(a, b)| format!(" (from {} to {} UTC, when {end})", words::precise(a), words::precise(b)));
    format!(
        "{what} is told in different ways: {}{}. The statement may be an estimate or count from other boundaries; this report uses the computed figure",
        sides.join(", while "),
        instants.unwrap_or_default()
    )
}

fn both(first: &Side, second: &Side) -> String {
    format!("{}, while {}", said(first), said(second))
}

/// One side in its own words.
fn said(side: &Side) -> String {
    let value = value(side);
    match (&side.stated_by, &side.words) {
        (Some(by), Some(words)) if words.contains(side.value.as_str()) => {
            format!("{} says {}", words::who(by), context(words, &side.value))
        }
        (Some(by), _) => format!("{} says “{value}”", words::who(by)),
        (None, Some(words)) if words.trim() == value => format!("a record says {}", words::quote(words, words::QUOTE)),
        (None, Some(words)) => format!("a record says “{value}” in {}", words::quote(words, words::QUOTE)),
        (None, None) => format!("the records give {value}"),
    }
}

/// A quotation that has the value in it.
fn context(text: &str, value: &str) -> String {
    let quote = words::quote(text, words::LONG_QUOTE);
    if quote.contains(value) || value.is_empty() { quote } else { words::quote(value, words::QUOTE) }
}

fn kind(kind: findings::ContradictionKind) -> ContradictionKind {
    match kind {
        findings::ContradictionKind::ClockOffset => ContradictionKind::ClockOffset,
        findings::ContradictionKind::Duration => ContradictionKind::Duration,
        findings::ContradictionKind::Time => ContradictionKind::Time,
        findings::ContradictionKind::Number => ContradictionKind::Number,
        findings::ContradictionKind::Order => ContradictionKind::Order,
        findings::ContradictionKind::Statement => ContradictionKind::Statement,
        findings::ContradictionKind::Name => ContradictionKind::Name,
    }
}
