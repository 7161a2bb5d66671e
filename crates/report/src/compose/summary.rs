//! The summary: what, when, impact, cause, remedy and status, a claim each, in 120 words at most; and the title.
//!
//! Must never say what the body of the report does not say.

use analysis::findings::{Findings, Hypothesis, HypothesisKind, MetricBasis, Places, Shown, Status, TimeBasis};

use evidence::Moment;

use crate::model::Section;

use super::ledger::{Ledger, Line};
use super::whys::answers;
use super::{impact, names, phrases, places, recovery, words};

/// How the sentence about the remedy begins.
pub(crate) const REMEDY: &str = "The remedy was";
/// The same, while it goes on.
const TRIED: &str = "What was tried was";
/// What stands in the sentence about a step that was taken when the failures had ended.
pub(crate) const LATE_REMEDY: &str = " came only after the last failure";
/// Words of the whole summary.
const MOST: usize = 118;
/// Words of a quotation that tells how it came about.
const TOLD: usize = 32;

/// `checkout-api: nil pointer dereference after v2.15.0`.
pub fn title(findings: &Findings) -> String {
    if findings.status == Status::NoneFound {
        return "No incident found in this input".to_string();
    }
    let Some(best) = findings.hypotheses.first() else {
        let stated = findings.stated_title.as_ref().map(|s| words::cut(&s.words, 100));
        return stated.unwrap_or_else(|| "Incident without a determined cause".to_string());
    };
    let (service, failure) = (phrases::service(best), phrases::failure_seen(best, findings));
    if findings.undetermined.is_some() || best.kind == HypothesisKind::UnknownIn {
        return format!("{} in {}, cause not determined", words::sentence(&failure), phrases::failing(best));
    }
    match (&best.change, best.kind) {
        (Some(change), HypothesisKind::Change) => {
            let name = phrases::change(change);
            let name = if name.starts_with("a ") { format!("a change of {service}") } else { name };
            let failing = phrases::failing(best);
            let of = if failing == service || name.contains(service.as_str()) { String::new() } else { format!("{service} ") };
            let failing = phrases::subject(&failing);
            if best.failure.is_none() && best.signature.is_none() {
                return format!("Incident after {of}{}", name.strip_prefix("the ").unwrap_or(&name));
            }
            match name.strip_prefix("the ") {
                Some(name) if !of.is_empty() => format!("{failing}: {failure} after the {name} of {service}"),
                _ if phrases::is_described(&of) => format!("{failing}: {failure} after {name} of {service}"),
                _ => format!("{failing}: {failure} after {of}{name}"),
            }
        }
        (_, HypothesisKind::External) => format!("{} (external): {failure}", phrases::subject(&service)),
        _ if let Some(work) = phrases::by_hand(best) => format!("{}: {failure} by the {work}", phrases::subject(&service)),
        _ if phrases::is_run(best) => format!("{}: {failure} by the scheduled run of {service}", phrases::failing(best)),
        _ => match phrases::set_off(best) {
            Some(change) => format!("{}: {failure} after {change}", phrases::subject(&service)),
            None => format!("{}: {failure}", phrases::subject(&service)),
        },
    }
}

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>) {
    let lines = [
        what(findings, ledger),
        one_sided(findings, ledger),
        harm(findings, ledger),
        people(findings, ledger),
        cause(findings),
        mechanism(findings),
        remedy(findings, ledger),
        served(findings, ledger),
        lasting(findings, ledger),
        ended(findings, ledger),
    ];
    let mut left = MOST;
    for (length, line) in lines.into_iter().flatten() {
        if length <= left {
            left -= length;
            ledger.claim(line);
        } else if is_of_remedy(line.text()) {
            // For which there is no room here stands with the response.
            ledger.claim(line.moved(Section::Response));
        }
    }
    if let Some(line) = elsewhere(findings) {
        ledger.claim(line);
    }
}

/// Who put two incidents into one folder reads that one of them is left out.
fn elsewhere(findings: &Findings) -> Option<Line> {
    let found = findings.elsewhere.as_ref()?;
    let services = words::list(&found.services.iter().take(3).cloned().collect::<Vec<_>>());
    let span = format!(
        "between {} on {} and {} on {}",
        words::clock(found.from),
        found.from.date(),
        words::clock(found.to),
        found.to.date()
    );
    let quoted = found.words.as_deref().map(|w| format!(" ({})", words::quote_log(w, words::QUOTE))).unwrap_or_default();
    let text = format!(
        "Failures at {services}{quoted} {span} are apart from this incident and not described here: report on them by themselves."
    );
    Some(Line::inferred(Section::Summary, text, &found.places).sure(0.7))
}

fn is_of_remedy(text: &str) -> bool {
    text.starts_with(REMEDY) || text.contains(LATE_REMEDY)
}

/// A line with the number of its words.
pub type Counted = (usize, Line);

fn counted(text: String, line: impl FnOnce(String) -> Line) -> Option<Counted> {
    Some((text.split_whitespace().count(), line(text)))
}

fn what(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let best = findings.hypotheses.first()?;
    let few: Vec<String> = findings.services.iter().take(3).cloned().collect();
    let services = match findings.services.len() {
        // What was changed is not what failed by it.
        0 if best.failure.is_none() && best.kind == HypothesisKind::Change => "the affected service".to_string(),
        0 => phrases::failing(best),
        1..=3 => words::list(&few),
        _ => format!("{} and further services", few.join(", ")),
    };
    let shown = few.iter().filter_map(|s| names::shown_at(findings, s)).reduce(|a, b| a.and(&b));
    let with = |places: &Places| shown.as_ref().map_or_else(|| places.clone(), |s| places.and(s));
    match &findings.times.started {
        Some(started) if ledger.shows(&started.places, started.at) => {
            let text = format!("An incident hit {services} from {} on {}.", words::clock(started.at), started.at.date());
            counted(text, |t| Line::inferred(Section::Summary, t, &with(&started.places)).sure(0.9))
        }
        _ => counted(format!("An incident hit {services}."), |t| {
            Line::inferred(Section::Summary, t, &with(&best.places)).sure(0.8)
        }),
    }
}

/// Where (nearly) all that was read are failures: how many records that are, and that nothing is left to compare them with.
pub fn one_sided(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let found = findings.one_sided.as_ref()?;
    let is_shown = [found.from, found.to].into_iter().all(|at| ledger.shows(&found.places, at));
    let is_one_day = found.from.date() == found.to.date();
    let at = |at: Moment| if is_one_day { at.time_of_day() } else { format!("{} {}", at.date(), at.time_of_day()) };
    let span = format!(", from {} to {} UTC", at(found.from), at(found.to));
    let span = if is_shown { span } else { String::new() };
    let records = words::count(findings.records as f64);
    let all = if found.is_all { format!("All {records}") } else { format!("Nearly all of the {records}") };
    let are = if findings.status == Status::NoneFound { "errors" } else { "failures" };
    let text = format!("{all} records read here are {are}{span}: nothing normal is here to compare them with.");
    let derivation = ledger.everything();
    counted(text, |t| Line::measured(Section::Summary, t, &found.places, derivation).sure(0.8))
}

fn harm(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let m = &findings.metrics;
    let (name, metric) = [("peak", &m.peak_error_rate), ("users", &m.users_affected), ("failed", &m.requests_failed)]
        .into_iter()
        .find_map(|(name, metric)| metric.as_ref().map(|m| (name, m)))?;
    let text = match name {
        "peak" => impact::peak_text(metric),
        "users" => impact::users_text(metric),
        _ => impact::failed_text(metric),
    };
    match &metric.basis {
        MetricBasis::Computed(measure) => {
            let derivation = ledger.derivation(measure);
            counted(text, |t| Line::measured(Section::Summary, t, &impact::shown(metric), derivation))
        }
        MetricBasis::Stated { .. } => counted(text, |t| Line::stated(Section::Summary, t, &metric.places)),
    }
}

/// How many people felt it, beside the rate of failures.
fn people(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let metric = findings.metrics.users_affected.as_ref().filter(|_| findings.metrics.peak_error_rate.is_some())?;
    match &metric.basis {
        MetricBasis::Computed(measure) => {
            let derivation = ledger.derivation(measure);
            counted(impact::users_text(metric), |t| Line::measured(Section::Summary, t, &impact::shown(metric), derivation))
        }
        MetricBasis::Stated { .. } => counted(impact::users_text(metric), |t| Line::stated(Section::Summary, t, &metric.places)),
    }
}

fn cause(findings: &Findings) -> Option<Counted> {
    let best = findings.hypotheses.first()?;
    if findings.undetermined.is_some() {
        let second = findings.hypotheses.get(1)?;
        let text =
            format!("The evidence does not decide the cause; the best candidates are {} and {}.", label(best), label(second));
        return counted(text, |t| Line::inferred(Section::Summary, t, &best.places.and(&second.places)).sure(0.5));
    }
    let hedge = if best.probability < 0.6 { "Most likely: " } else { "" };
    let text = format!("{hedge}{}", phrases::statement(best, true, findings));
    counted(text, |t| Line::inferred(Section::Summary, t, &best.places).sure(best.probability.clamp(0.3, 0.95)))
}

/// How it came about in the words of who found out, where no diff says it.
fn mechanism(findings: &Findings) -> Option<Counted> {
    let best = findings.hypotheses.first().filter(|h| findings.undetermined.is_none() && !answers::is_explained(h))?;
    let (text, places) = answers::mechanism(findings, best)?;
    let is_short = text.split_whitespace().count() <= TOLD;
    is_short.then(|| counted(text, |t| Line::stated(Section::Summary, t, &places))).flatten()
}

/// A short name of a hypothesis.
pub fn label(hypothesis: &Hypothesis) -> String {
    match (&hypothesis.change, hypothesis.kind) {
        (Some(change), HypothesisKind::Change) => {
            let name = phrases::change(change);
            match &change.service {
                Some(service) if !name.contains(service.as_str()) => format!("{name} of {service}"),
                _ => name,
            }
        }
        (_, HypothesisKind::External) if hypothesis.service.is_none() => {
            format!("what {} depends on or is given", phrases::failing(hypothesis))
        }
        (_, HypothesisKind::External) => format!("trouble at {}", phrases::service(hypothesis)),
        (_, HypothesisKind::UnknownIn) => format!("a cause in {} that no record names", phrases::service(hypothesis)),
        _ if let Some(work) = phrases::by_hand(hypothesis) => format!("the {work} that was started by hand"),
        _ if phrases::is_run(hypothesis) => format!("the scheduled run of {}", phrases::service(hypothesis)),
        _ => format!("{} in {}", phrases::failure(hypothesis), phrases::service(hypothesis)),
    }
}

fn remedy(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let remedy = findings.remediation.as_ref()?;
    if remedy.shown == Shown::Not {
        return None;
    }
    let step = findings.times.ended_by.as_ref().filter(|s| s.places.iter().any(|p| remedy.places.iter().any(|r| r == p)));
    let at =
        step.filter(|s| ledger.shows(&s.places, s.at)).map(|s| format!(", from {} on", words::clock(s.at))).unwrap_or_default();
    // Code and patches are for those who read on.
    let telling = remedy.words.chars().count() > 16 && !remedy.words.contains(['{', '}', ';', '\n']);
    let by = remedy.by.as_deref().map(|by| format!(", according to {}", words::who(by))).unwrap_or_default();
    let words = if telling { format!("{by}: {}", words::quote(&remedy.words, 80)) } else { String::new() };
    let places = step.map_or_else(|| remedy.places.clone(), |s| remedy.places.and(&s.places));
    let head = if is_only_tried(findings) { TRIED } else { REMEDY };
    let text = match remedy.shown {
        Shown::Late => words::capital(&format!("{}{LATE_REMEDY}{words}", article(&remedy.word))),
        _ => format!("{head} {}{at}{words}", article(&remedy.word)),
    };
    let text = words::end(&text);
    let text = if is_only_tried(findings) { format!("{text} No effect of it shows yet.") } else { text };
    counted(text, |t| Line::stated(Section::Summary, t, &places))
}

/// It goes on: what was done has not ended it.
pub fn is_only_tried(findings: &Findings) -> bool {
    findings.status == Status::Ongoing && findings.times.mitigated.is_none()
}

/// The closed word as a phrase.
pub fn article(word: &str) -> String {
    match word {
        "rollback" => "a rollback",
        "roll-forward" => "a fix that was rolled forward",
        "config-revert" => "a revert of the configuration",
        "feature-flag-disable" => "switching the flag off",
        "scale" => "more capacity",
        "restart" => "a restart",
        "failover" => "a failover",
        "drain-node" => "draining the node",
        "rotate-cert" => "a new certificate",
        "rotate-secret" => "a new secret",
        "purge-bad-data" => "removing the bad data",
        "free-disk" => "freeing disk space",
        "kill-query" => "ending the query",
        "throttle" => "throttling the load",
        "wait-for-vendor" => "waiting for the provider",
        "escalate-upstream" => "an escalation to the provider",
        "fix-dns" => "a correction of DNS",
        "sync-clock" => "setting the clock right",
        _ => "another step",
    }
    .to_string()
}

/// When it was over for users, and after how long.
fn served(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let (started, end) = (findings.times.started.as_ref()?, findings.times.mitigated.as_ref()?);
    let seconds = Some(end.at.since(started.at)).filter(|s| *s >= 0.0)?;
    let places = started.places.and(&end.places);
    let derivation = ledger.difference(started.at, end.at, &places);
    let long = words::duration(derivation.value.as_f64().unwrap_or(seconds));
    let who = words::sentence(&recovery::served(findings));
    let text = format!("{who} after {long}, at {} UTC.", words::precise(end.at));
    counted(text, |t| Line::measured(Section::Summary, t, &places, derivation).sure(0.85))
}

/// Who failed on, and for how long.
fn lasting(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let (end, last) = (findings.times.mitigated.as_ref()?, findings.lasting.first()?);
    let places = last.places.and(&end.places);
    let derivation = ledger.difference(end.at, last.last, &places);
    let long = words::duration(derivation.value.as_f64()?);
    let text = format!("{}, {long} longer.", recovery::of(last));
    counted(text, |t| Line::measured(Section::Summary, t, &places, derivation).sure(0.85))
}

fn ended(findings: &Findings, ledger: &Ledger<'_>) -> Option<Counted> {
    let t = &findings.times;
    match (findings.status, &t.mitigated, &t.resolved) {
        (Status::Resolved, _, Some(end)) if !matches!(end.by, TimeBasis::QuietPeriod { .. }) => {
            // A row of tickets has two times, and its own is that of its opening.
            let is_shown = ledger.shows(&end.places, end.at);
            let places = if is_shown { end.places.clone() } else { places::dated(findings, &end.places, end.at) };
            counted(format!("It was declared over at {}.", words::clock(end.at)), |t| Line::stated(Section::Summary, t, &places))
        }
        (Status::Ongoing, _, _) => {
            let (at, places) = places::last(findings)?;
            let text = format!("It is ongoing in the last records, of {}.", words::clock(at));
            counted(text, |t| Line::inferred(Section::Summary, t, &places).sure(0.6))
        }
        _ => None,
    }
}
