//! Computes every derivation again, by its filter words, and compares.
//!
//! Must never trust a number of the report: even the share of a ratio is divided anew. A filter that names what the
//! input does not have counts nothing, and that is a fault of the report.

use std::collections::BTreeSet;

use evidence::Moment;
use report::filter::Filter;
use report::model::{Claim, ClaimStatus, Derivation, Op, Report};
use serde_json::Value;

use crate::input::{Found, Tally};
use crate::{Verdict, moments, numbers};

/// What the input has to be asked for one derivation.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Index of the claim.
    pub claim: usize,
    pub sources: Vec<String>,
    pub filter: Filter,
    /// The second filter of a ratio or a rate.
    pub denominator: Option<Filter>,
    from: Option<Moment>,
    to: Option<Moment>,
}

impl Query {
    /// Does a record with this time count? Without bounds all do, one without a time otherwise not.
    pub fn covers(&self, at: Option<Moment>) -> bool {
        match (self.from, self.to, at) {
            (None, None, _) => true,
            (_, _, None) => false,
            (from, to, Some(at)) => from.is_none_or(|f| f <= at) && to.is_none_or(|t| at < t),
        }
    }
}

/// The queries of all derivations that count something; faults for those that cannot be understood.
pub fn queries(report: &Report, verdict: &mut Verdict) -> Vec<Query> {
    let mut queries = Vec::new();
    for (index, claim) in report.claims.iter().enumerate() {
        let Some(derivation) = claim.derivation.as_ref().filter(|d| d.op != Op::Difference) else { continue };
        match query(index, derivation) {
            Ok(query) => queries.push(query),
            Err(reason) => verdict.fault(format!("{}: its derivation cannot be computed: {reason}", claim.id)),
        }
    }
    queries
}

pub fn check(report: &Report, found: &Found, queries: &[Query], verdict: &mut Verdict) {
    let known = known_instants(report);
    for (index, claim) in report.claims.iter().enumerate() {
        let Some(derivation) = &claim.derivation else {
            verdict.want(claim.status != ClaimStatus::Measured, || format!("{}: it is measured and has no derivation", claim.id));
            continue;
        };
        verdict.checked.derivations += 1;
        verdict.want(value_in_text(derivation, &claim.text), || {
            format!("{}: the value {} does not stand in its text", claim.id, derivation.value)
        });
        for source in derivation.sources.iter().filter(|s| !found.sources.contains_key(*s)) {
            verdict.fault(format!("{}: its derivation names {source}, which is not in the input", claim.id));
        }
        verdict.want(!derivation.sources.is_empty(), || format!("{}: its derivation names no source", claim.id));
        let position = queries.iter().position(|q| q.claim == index);
        let result = match (derivation.op, position.and_then(|p| Some((queries.get(p)?, found.tallies.get(p)?)))) {
            (Op::Difference, _) => difference(report, claim, derivation, &known),
            (_, Some((query, tally))) => compare(derivation, query, tally),
            (_, None) => Ok(()),
        };
        if let Err(fault) = result {
            verdict.fault(format!("{}: {fault}", claim.id));
        }
    }
}

/// What of the derivations can be checked with the report alone: the values in the texts, differences, and shares of two
/// numbers that stand there.
pub fn check_alone(report: &Report, verdict: &mut Verdict) {
    let known = known_instants(report);
    for claim in &report.claims {
        let Some(derivation) = &claim.derivation else {
            verdict.want(claim.status != ClaimStatus::Measured, || format!("{}: it is measured and has no derivation", claim.id));
            continue;
        };
        verdict.want(value_in_text(derivation, &claim.text), || {
            format!("{}: the value {} does not stand in its text", claim.id, derivation.value)
        });
        let result = match derivation.op {
            Op::Difference => difference(report, claim, derivation, &known),
            Op::Ratio => stated_share(derivation),
            Op::Count => equal("value", derivation.value.as_f64(), derivation.matched.map_or(f64::NAN, |m| m as f64)),
            _ => Ok(()),
        };
        if let Err(fault) = result {
            verdict.fault(format!("{}: {fault}", claim.id));
        }
    }
}

fn stated_share(derivation: &Derivation) -> Result<(), String> {
    let (Some(above), Some(below)) = (derivation.numerator, derivation.denominator) else {
        return Err("a ratio does not say its numerator and denominator".to_string());
    };
    let share = above / below;
    let said = derivation.value.as_f64().ok_or("its value is no number")?;
    let near = |v: f64| (v - share).abs() <= 0.0005 + 0.001 * share;
    let fits = below > 0.0 && (near(said) || near(said / 100.0));
    if fits { Ok(()) } else { Err(format!("value is said to be {said}, {above} of {below} are {share:.4}")) }
}

fn query(claim: usize, derivation: &Derivation) -> Result<Query, String> {
    let bound = |text: &Option<String>| match text {
        Some(text) => moments::moment(text).map(Some).ok_or(format!("{text} is no time")),
        None => Ok(None),
    };
    let paired = match derivation.op {
        Op::Ratio => true,
        Op::Rate => Filter::parse_ratio(&derivation.filter).is_ok(),
        _ => false,
    };
    let (filter, denominator) = match paired {
        true => Filter::parse_ratio(&derivation.filter).map(|(n, d)| (n, Some(d)))?,
        false => (Filter::parse(&derivation.filter)?, None),
    };
    Ok(Query {
        claim,
        sources: derivation.sources.clone(),
        filter,
        denominator,
        from: bound(&derivation.from)?,
        to: bound(&derivation.to)?,
    })
}

/// What was computed again against what the report says.
fn compare(derivation: &Derivation, query: &Query, tally: &Tally) -> Result<(), String> {
    let matched = tally.matched;
    equal("matched", derivation.matched.map(|m| m as f64), matched as f64)?;
    if let Some(scanned) = derivation.scanned {
        let all = [tally.points, tally.events, tally.records, tally.records + tally.events];
        let is = if query.filter.wants_points() { tally.points } else { tally.records + tally.events };
        if !all.contains(&scanned) || scanned < matched {
            return Err(format!("scanned is said to be {scanned}, the input has {is}"));
        }
    }
    match derivation.op {
        Op::Count => {
            equal("numerator", derivation.numerator, matched as f64)?;
            equal("value", derivation.value.as_f64(), matched as f64)
        }
        Op::Distinct => {
            query.filter.counted().ok_or("a distinct count does not say of what; add of=user")?;
            equal("value", derivation.value.as_f64(), tally.keys.len() as f64)
        }
        Op::Ratio | Op::Rate => share(derivation, query, tally),
        Op::Max => number("value", &derivation.value, tally.max),
        Op::Min => number("value", &derivation.value, tally.min),
        Op::First => time(&derivation.value, tally.first),
        Op::Last => time(&derivation.value, tally.last),
        Op::Absent if matched > 0 => Err(format!("it is said to be absent, and {matched} match")),
        Op::Absent if derivation.scanned.is_none() || derivation.matched.is_none() => {
            Err("an absence does not say how much was scanned and matched".to_string())
        }
        Op::Absent | Op::Difference => Ok(()),
    }
}

/// A share of what the second filter matches, or a number per second.
fn share(derivation: &Derivation, query: &Query, tally: &Tally) -> Result<(), String> {
    let seconds = query.from.zip(query.to).map(|(from, to)| to.since(from));
    let below = match query.denominator {
        Some(_) => tally.denominator as f64,
        None => seconds.ok_or("a rate without a second filter needs from and to")?,
    };
    if derivation.op == Op::Ratio && (derivation.numerator.is_none() || derivation.denominator.is_none()) {
        return Err("a ratio does not say its numerator and denominator".to_string());
    }
    equal("numerator", derivation.numerator, tally.matched as f64)?;
    equal("denominator", derivation.denominator, below)?;
    if below <= 0.0 {
        return Err("nothing matches its second filter".to_string());
    }
    let share = tally.matched as f64 / below;
    let said = derivation.value.as_f64().ok_or("its value is no number")?;
    let near = |v: f64| (v - share).abs() <= 0.0005 + 0.001 * share;
    if near(said) || near(said / 100.0) { Ok(()) } else { Err(format!("value is said to be {said}, it is {share:.4}")) }
}

/// Seconds between two instants that stand in the evidence, or were computed elsewhere in the report.
pub fn difference(report: &Report, claim: &Claim, derivation: &Derivation, known: &BTreeSet<i64>) -> Result<(), String> {
    let bound = |text: &Option<String>| text.as_deref().and_then(moments::moment);
    let (Some(from), Some(to)) = (bound(&derivation.from), bound(&derivation.to)) else {
        return Err("a difference does not say its two times".to_string());
    };
    let said = derivation.value.as_f64().ok_or("its value is no number")?;
    if (said - to.since(from)).abs() > 1.0 {
        return Err(format!("value is said to be {said}, from {} to {} it is {}", from.rfc3339(), to.rfc3339(), to.since(from)));
    }
    let cited = report.evidence.iter().filter(|e| claim.citations.iter().any(|c| *c == e.id));
    // A record's time counts as corrected, and as its source wrote it: a difference of clocks lies between the two.
    let written = |source: &str, at: Moment| {
        let clock = report.coverage.sources.iter().find(|s| s.name == source).map_or(0, |s| s.clock.offset_s);
        at.plus(clock as f64)
    };
    // What a record says of another moment ("not after 06:30:00") stands in the evidence as well.
    let told: Vec<Moment> = cited.clone().flat_map(|e| moments::told(&e.text)).collect();
    let own: Vec<Moment> = cited
        .filter_map(|e| Some((e, moments::moment(e.at.as_deref()?)?)))
        .flat_map(|(e, at)| [at, written(&e.source, at)])
        .chain(told)
        .collect();
    for instant in [from, to] {
        let computed = known.range(instant.0.saturating_sub(Moment::SECOND)..=instant.0.saturating_add(Moment::SECOND)).next();
        if computed.is_none() && !own.iter().any(|m| moments::same(*m, instant)) {
            return Err(format!("{} is the time of no cited evidence and was computed nowhere", instant.rfc3339()));
        }
    }
    Ok(())
}

/// Times that other derivations computed, their bounds, and the six times of the report.
pub fn known_instants(report: &Report) -> BTreeSet<i64> {
    let derivations = report.claims.iter().filter_map(|c| c.derivation.as_ref()).filter(|d| d.op != Op::Difference);
    let of_derivation = |d: &Derivation| {
        let value = d.value.as_str().map(str::to_string);
        [value, d.from.clone(), d.to.clone()].into_iter().flatten().collect::<Vec<_>>()
    };
    let times = report.times.all().into_iter().filter_map(|(_, t)| t.map(|t| t.at.clone()));
    derivations.flat_map(of_derivation).chain(times).filter_map(|t| moments::moment(&t)).map(|m| m.0).collect()
}

pub fn value_in_text(derivation: &Derivation, text: &str) -> bool {
    match &derivation.value {
        Value::Number(n) if n.as_f64() == Some(0.0) && derivation.op == Op::Absent => numbers::says_absent(text),
        Value::Number(n) => n.as_f64().is_some_and(|v| numbers::value_stands(v, text)),
        Value::String(s) => moments::moment(s).map_or(text.contains(s.as_str()), |at| time_stands(at, text)),
        Value::Null => derivation.op == Op::Absent && numbers::says_absent(text),
        _ => false,
    }
}

/// The time of day stands in the text, to the second or to the minute.
pub fn time_stands(at: Moment, text: &str) -> bool {
    let second = at.time_of_day();
    let minute = second.get(..5).unwrap_or(&second);
    text.contains(minute)
}

fn equal(what: &str, said: Option<f64>, is: f64) -> Result<(), String> {
    match said {
        Some(said) if (said - is).abs() > 1e-6 => Err(format!("{what} is said to be {said}, it is {is}")),
        None if what == "value" => Err("its value is no number".to_string()),
        _ => Ok(()),
    }
}

fn number(what: &str, said: &Value, is: Option<f64>) -> Result<(), String> {
    match (said.as_f64(), is) {
        (Some(said), Some(is)) if (said - is).abs() <= 0.005_f64.max(1e-4 * is.abs()) => Ok(()),
        (_, Some(is)) => Err(format!("{what} is said to be {said}, it is {is}")),
        (_, None) => Err("nothing matches its filter".to_string()),
    }
}

fn time(said: &Value, is: Option<Moment>) -> Result<(), String> {
    match (said.as_str().and_then(moments::moment), is) {
        (Some(said), Some(is)) if moments::same(said, is) => Ok(()),
        (_, Some(is)) => Err(format!("value is said to be {said}, it is {}", is.rfc3339())),
        (_, None) => Err("nothing matches its filter".to_string()),
    }
}
