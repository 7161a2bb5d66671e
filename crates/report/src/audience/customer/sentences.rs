//! Figures, times, severity and summary in the words that customers get.
//!
//! A figure is measured or stated and stays; a time that was only inferred stays where a person said the same minute, or
//! where it is one end of a measured duration, which then stands behind it. Must never use a word of a claim.

use super::names::Names;
use super::phrases::{self as say_as, say};
use super::{Told, gate};
use crate::compose::{response, summary, words};
use crate::model::{Basis, Claim, ClaimStatus, Derivation, Instant, Metric, Metrics, Op, Report, Section, Status, Times};
use crate::render::words as render;

/// Name, what the duration is called, and what happened at its two ends.
const DURATIONS: [(&str, &str, &str, &str); 5] = [
    ("duration_s", say_as::LASTED, say_as::FAILURE_BEGAN, say_as::WAS_OVER),
    ("mttd_s", say_as::DETECTION, say_as::FAILURE_BEGAN, say_as::WAS_NOTICED),
    ("mtta_s", say_as::ACKNOWLEDGEMENT, say_as::WAS_NOTICED, say_as::WAS_TAKEN),
    ("mttm_s", say_as::MITIGATION, say_as::FAILURE_BEGAN, say_as::SERVED_AGAIN),
    ("mttr_s", say_as::RESOLUTION, say_as::FAILURE_BEGAN, say_as::WAS_OVER),
];

const TIMES: [(&str, &str); 6] = [
    ("started", say_as::STARTED),
    ("detected", say_as::DETECTED),
    ("acknowledged", say_as::ACKNOWLEDGED),
    ("mitigation_started", say_as::MITIGATION_STARTED),
    ("mitigated", say_as::MITIGATED),
    ("resolved", say_as::RESOLVED),
];

pub fn metrics(whole: &Report, told: &mut Told) -> Metrics {
    let m = &whole.metrics;
    let mut keep = |name: &str, metric: &Option<Metric>| {
        let metric = metric.as_ref()?;
        let claim = claim(whole, &metric.claim)?;
        let text = match DURATIONS.iter().find(|(known, ..)| *known == name) {
            Some((_, head, from, to)) => duration(claim.derivation.as_ref()?, (head, from, to)),
            None => figure(name, metric, claim),
        }?;
        told.tell(&metric.claim, text);
        Some(Metric { unit: unit(&metric.unit), ..metric.clone() })
    };
    Metrics {
        duration_s: keep("duration_s", &m.duration_s),
        mttd_s: keep("mttd_s", &m.mttd_s),
        mtta_s: keep("mtta_s", &m.mtta_s),
        mttm_s: keep("mttm_s", &m.mttm_s),
        mttr_s: keep("mttr_s", &m.mttr_s),
        // A share says little to whom it did not serve.
        peak_error_rate: None,
        users_affected: keep("users_affected", &m.users_affected),
        requests_failed: keep("requests_failed", &m.requests_failed),
        support_tickets: keep("support_tickets", &m.support_tickets),
        revenue_impact: keep("revenue_impact", &m.revenue_impact),
    }
}

pub fn times(whole: &Report, told: &mut Told) -> Times {
    let t = &whole.times;
    let mut keep = |name: &str, time: &Option<Instant>| instant(name, time.as_ref()?, whole, told);
    Times {
        started: keep("started", &t.started),
        detected: keep("detected", &t.detected),
        acknowledged: keep("acknowledged", &t.acknowledged),
        mitigation_started: keep("mitigation_started", &t.mitigation_started),
        mitigated: keep("mitigated", &t.mitigated),
        resolved: keep("resolved", &t.resolved),
    }
}

/// The source's own word, where it is one of those by which severities go.
pub fn severity(whole: &Report, report: &mut Report, told: &mut Told) {
    let figures: Vec<&str> = whole.metrics.all().into_iter().filter_map(|(_, m)| m.map(|m| m.claim.as_str())).collect();
    let Some(word) = whole.incident.severity.as_deref().filter(|word| is_severity(word)) else { return };
    let is_its =
        |c: &&Claim| c.section == Section::Impact && c.status == ClaimStatus::Stated && !figures.contains(&c.id.as_str());
    let Some(claim) = whole.claims.iter().find(is_its) else { return };
    told.tell(&claim.id, say(say_as::SEVERITY, &[word]));
    report.incident.severity = Some(word.to_string());
}

/// What of the summary is measured or stated; the word of the remedy, where somebody stated that.
pub fn summary(whole: &Report, names: &mut Names, told: &mut Told) -> Option<String> {
    let mut remedy = None;
    let is_told = |claim: &&Claim| claim.section == Section::Summary || claim.text.starts_with(summary::REMEDY);
    for claim in whole.claims.iter().filter(is_told) {
        let said = same_figure(claim, whole, told).or_else(|| course(claim, whole, names));
        if let Some(text) = said {
            told.tell(&claim.id, text);
        } else if let Some(at) = over(claim, whole) {
            told.tell(&claim.id, say(say_as::OVER, &[time_of_day(at)]));
        } else if claim.status == ClaimStatus::Stated && claim.text.starts_with(summary::REMEDY) {
            let word = whole.remediation.as_deref().filter(|word| gate::is_in_the_vocabulary(word)).unwrap_or("other");
            told.tell(&claim.id, say(say_as::REMEDY, &[&summary::article(word)]));
            remedy = Some(word.to_string());
        } else if whole.incident.status == Status::NoneFound {
            let count = claim.derivation.as_ref().and_then(|d| d.value.as_f64()).map(words::count);
            count.map(|count| told.tell(&claim.id, say(say_as::NOTHING_FOUND, &[&count])));
        }
    }
    remedy
}

/// When it began, for whom, and when it was over for them: what the whole summary says of it.
fn course(claim: &Claim, whole: &Report, names: &mut Names) -> Option<String> {
    let started = whole.times.started.as_ref()?;
    if let Some((at, service)) = failed_on(claim, whole) {
        let longer = claim.derivation.as_ref()?.value.as_f64()?;
        return Some(say(say_as::FAILED_ON, &[&names.service(service), time_of_day(at), &words::duration(longer)]));
    }
    if let Some(d) = claim.derivation.as_ref().filter(|d| d.op == Op::Difference) {
        let end = whole.times.mitigated.as_ref().filter(|end| d.to.as_ref() == Some(&end.at))?;
        let long = words::duration(d.value.as_f64().filter(|_| d.from.as_ref() == Some(&started.at))?);
        let others: Vec<String> =
            whole.claims.iter().filter_map(|c| failed_on(c, whole)).map(|(_, service)| names.service(service)).collect();
        return Some(match others.is_empty() {
            true => say(say_as::SERVED, &[precise(&end.at), &long]),
            false => say(say_as::SERVED_BUT, &[precise(&end.at), &long, &words::list(&others)]),
        });
    }
    let first = whole.claims.iter().find(|c| c.section == Section::Summary)?;
    let (day, at) = (started.at.get(..10)?, time_of_day(&started.at));
    let is_opening = claim.id == first.id && claim.text.contains(at) && claim.text.contains(day);
    let services: Vec<String> = whole.incident.services.iter().map(|service| names.service(service)).collect();
    (is_opening && !services.is_empty()).then(|| say(say_as::OPENING, &[day, &words::list(&services), at]))
}

/// A service that failed on when users were served again, and its last failure.
pub fn failed_on<'r>(claim: &Claim, whole: &'r Report) -> Option<(&'r str, &'r str)> {
    let d = claim.derivation.as_ref().filter(|d| claim.section == Section::Summary && d.op == Op::Difference)?;
    let end = whole.times.mitigated.as_ref().filter(|end| d.from.as_ref() == Some(&end.at))?;
    let last = whole.timeline.iter().filter(|entry| d.to.as_ref() == Some(&entry.at) && entry.at != end.at);
    last.filter(|entry| entry.citations.iter().any(|id| claim.citations.as_slice().contains(id)))
        .find_map(|entry| Some((entry.at.as_str(), entry.service.as_deref()?)))
}

/// When it is said that a duration began or ended, in the words of its claim: what an entry of the timeline repeats.
pub fn end_of_duration(whole: &Report, told: &Told, at: &str) -> Option<(String, String)> {
    let known = whole.metrics.all();
    DURATIONS.iter().find_map(|(name, _, from, to)| {
        let metric = known.iter().find(|(known, _)| known == name)?.1?;
        told.text(&metric.claim)?;
        let derivation = claim(whole, &metric.claim)?.derivation.as_ref()?;
        let words = match at {
            at if derivation.from.as_deref() == Some(at) => from,
            at if derivation.to.as_deref() == Some(at) => to,
            _ => return None,
        };
        Some((metric.claim.clone(), words::sentence(&say(words, &[precise(at)]))))
    })
}

/// The claim of this id.
pub fn claim<'r>(whole: &'r Report, id: &str) -> Option<&'r Claim> {
    whole.claims.iter().find(|claim| claim.id == id)
}

/// `09:00:25` of an RFC 3339 time.
pub fn time_of_day(at: &str) -> &str {
    at.get(11..19).unwrap_or_default()
}

/// With its fraction, where it has one.
fn precise(at: &str) -> &str {
    at.get(11..).unwrap_or_default().trim_end_matches('Z')
}

fn instant(name: &str, time: &Instant, whole: &Report, told: &mut Told) -> Option<Instant> {
    let own = claim(whole, &time.claim)?;
    let phrase = match name {
        // The first step need not be the one that ended it, and while users are still harmed none has.
        "mitigation_started" if !own.text.to_lowercase().starts_with(response::ENDING_STEP) => say_as::MITIGATION_TRIED,
        _ => TIMES.iter().find(|(known, _)| *known == name)?.1,
    };
    let text = say(phrase, &[time_of_day(&time.at)]);
    match own.status {
        ClaimStatus::Measured => {
            let apart = own.derivation.as_ref()?.value.as_f64()?;
            told.tell(&time.claim, say(say_as::APART, &[&text, &words::duration(apart)]));
        }
        ClaimStatus::Stated => drop(told.tell(&time.claim, text)),
        _ if said_by_a_person(&time.at, whole) => drop(told.tell(&time.claim, text)),
        _ => return end_of_duration(whole, told, &time.at).map(|(claim, _)| Instant { claim, ..time.clone() }),
    }
    Some(time.clone())
}

/// Somebody who took part wrote this minute.
fn said_by_a_person(at: &str, whole: &Report) -> bool {
    let Some(minute) = at.get(11..16) else { return false };
    let spoken = whole.timeline.iter().filter(|entry| entry.actor.as_deref().is_some_and(|actor| !words::is_tool(actor)));
    let mut texts = spoken.filter_map(|entry| claim(whole, &entry.claim)).filter(|c| c.status == ClaimStatus::Stated);
    texts.any(|claim| {
        claim.text.match_indices(minute).any(|(start, _)| {
            let before = claim.text.get(..start).and_then(|t| t.chars().next_back());
            let after = claim.text.get(start + minute.len()..).and_then(|t| t.chars().next());
            let apart = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_digit() && c != ':');
            apart(before) && apart(after)
        })
    })
}

fn duration(derivation: &Derivation, (head, from, to): (&str, &str, &str)) -> Option<String> {
    let ends = (derivation.from.as_deref()?, derivation.to.as_deref()?);
    let long = words::duration(derivation.value.as_f64()?);
    Some(say(head, &[&long, &say(from, &[precise(ends.0)]), &say(to, &[precise(ends.1)])]))
}

fn figure(name: &str, metric: &Metric, claim: &Claim) -> Option<String> {
    let stated = metric.basis == Basis::Stated;
    let derivation = claim.derivation.as_ref();
    let value = value(metric).map(|value| if stated { hedged(&value, &claim.text) } else { value })?;
    let within = derivation.and_then(|d| Some((d.from.as_deref()?, d.to.as_deref()?)));
    let (plain, bounded, said) = match name {
        "requests_failed" => (say_as::FAILED, Some(say_as::FAILED_WITHIN), say_as::FAILED_STATED),
        "users_affected" => (say_as::USERS, Some(say_as::USERS_WITHIN), say_as::USERS_STATED),
        "support_tickets" => (say_as::TICKETS, None, say_as::TICKETS_STATED),
        _ => (say_as::REVENUE, None, say_as::REVENUE_STATED),
    };
    // Counted at one place of several.
    let is_part = !stated && claim.text.contains(", one of ");
    let text = match (stated, bounded, within) {
        (true, _, _) => say(said, &[&value]),
        (false, Some(phrase), Some((from, to))) => say(phrase, &[&value, time_of_day(from), time_of_day(to)]),
        _ => say(plain, &[&value]),
    };
    Some(if is_part { say(say_as::AT_A_PART, &[&text]) } else { text })
}

/// With the hedge of who stated it.
fn hedged(value: &str, said: &str) -> String {
    match render::hedge(value, said) {
        "" => value.to_string(),
        "up to " => say(say_as::UP_TO, &[value]),
        hedge => {
            say_as::ABOUT.iter().find(|(known, _)| *known == hedge).map_or(value.to_string(), |(_, form)| say(form, &[value]))
        }
    }
}

/// A number, or an amount that is written in digits and a sign of money.
fn value(metric: &Metric) -> Option<String> {
    if let Some(number) = metric.value.as_f64() {
        return Some(words::count(number));
    }
    let text = metric.value.as_str()?;
    let is_amount = text.chars().all(|c| c.is_ascii_digit() || " .,$€£¥₹".contains(c));
    is_amount.then(|| text.to_string())
}

fn unit(unit: &str) -> String {
    let known = ["s", "ratio", "users", "requests", "tickets", "USD", "EUR", "GBP", "JPY", "INR", "currency"];
    if known.contains(&unit) { unit } else { "currency" }.to_string()
}

fn is_severity(word: &str) -> bool {
    let word = word.to_lowercase().replace(['-', ' '], "");
    let number = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() + 1 == word.len() && ["p", "s", "sev"].contains(&number);
    numbered || ["critical", "high", "medium", "low", "major", "minor", "emergency", "warning", "error"].contains(&word.as_str())
}

/// The text of the figure that the claim is about.
fn same_figure(claim: &Claim, whole: &Report, told: &Told) -> Option<String> {
    let metrics = whole.metrics.all().into_iter().filter_map(|(_, metric)| metric);
    let same = |metric: &&Metric| {
        let own = self::claim(whole, &metric.claim);
        own.is_some_and(|own| own.text == claim.text && own.derivation == claim.derivation)
    };
    metrics.filter(|metric| metric.claim != claim.id).find(same).and_then(|m| told.text(&m.claim)).map(str::to_string)
}

/// When it was declared over, where the claim rests on what the time of the end rests on.
fn over<'r>(claim: &Claim, whole: &'r Report) -> Option<&'r str> {
    let resolved = whole.times.resolved.as_ref().filter(|_| claim.status == ClaimStatus::Stated)?;
    let own = self::claim(whole, &resolved.claim).filter(|own| own.status == ClaimStatus::Stated)?;
    let stands =
        claim.citations.iter().all(|id| own.citations.as_slice().contains(id)) && claim.text.contains(time_of_day(&resolved.at));
    let is_remedy = claim.text.starts_with(summary::REMEDY);
    (stands && !is_remedy).then_some(resolved.at.as_str())
}
