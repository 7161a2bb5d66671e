//! What the incident did: figures, severity, services harmed, and samples of how it showed.
//!
//! Must never mix a figure that was counted with one that somebody stated.

use analysis::findings::{Findings, HypothesisKind, Measure, MeasureOp, MetricBasis, MetricFinding, OneOf, Places};

use crate::model::{Basis, Metric, Report, Section};

use super::ledger::{self, Ledger, Line};
use super::words;

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let m = &findings.metrics;
    let mut make = |metric: &Option<MetricFinding>, unit: &str, text: fn(&MetricFinding) -> String| {
        metric.as_ref().map(|found| figure(found, unit, text(found), ledger))
    };
    report.metrics.peak_error_rate = make(&m.peak_error_rate, "ratio", peak_text);
    report.metrics.requests_failed = make(&m.requests_failed, "requests", failed_text);
    report.metrics.users_affected = make(&m.users_affected, "users", users_text);
    report.metrics.support_tickets = make(&m.support_tickets, "tickets", tickets_text);
    report.metrics.revenue_impact =
        m.revenue_impact.as_ref().map(|found| figure(found, currency(found), revenue_text(found), ledger));
    if let Some(severity) = findings.severity.as_ref().filter(|s| !s.words.trim().is_empty()) {
        let by = severity.author.as_deref().map(|a| format!(", according to {}", words::who(a))).unwrap_or_default();
        ledger.claim(Line::stated(
            Section::Impact,
            format!("The severity is {}{by}.", words::quote(&severity.words, 40)),
            &severity.places,
        ));
        report.incident.severity = Some(ledger.clean(severity.words.trim()));
    }
    if let Some((service, places)) = &findings.first_failing {
        let text = first_failing(service, places, findings, ledger);
        ledger.claim(Line::inferred(Section::Impact, text, places).sure(0.8));
    }
    for (service, places) in &findings.blast_radius {
        let text = format!("{service} was harmed as well; its own record shows the failure.");
        ledger.claim(Line::inferred(Section::Impact, text, places));
    }
    samples(findings, ledger);
}

/// The same beginning as that of the incident, or how the two differ.
fn first_failing(service: &str, places: &Places, findings: &Findings, ledger: &Ledger<'_>) -> String {
    let best = findings.hypotheses.first();
    if best.is_some_and(|best| best.kind == HypothesisKind::External && best.service.as_deref() == Some(service)) {
        return format!(
            "The failure is held to have begun at {service}, of which there is no log here; its callers show it first."
        );
    }
    let started = findings.times.started.as_ref().map(|t| t.at.seconds());
    let own = places.iter().filter_map(|p| ledger.moment(p)).map(|m| m.seconds()).min();
    match started.zip(own) {
        Some((started, own)) if own < started => {
            format!("{service} shows the first sign of trouble, before the first failure of the incident.")
        }
        Some((started, own)) if own > started => {
            format!(
                "The failure is held to have begun in {service}; its own first record of it is later than those of its callers."
            )
        }
        _ => format!("{service} shows the first failure that belongs to the incident."),
    }
}

fn samples(findings: &Findings, ledger: &mut Ledger<'_>) {
    for sample in &findings.samples {
        let service = sample.service.clone().unwrap_or_else(|| "A service".to_string());
        let text = words::end(&format!("{service} logged {}", words::quote_log(&sample.words, words::QUOTE)));
        ledger.claim(Line::inferred(Section::Evidence, text, &sample.places.few(4)).sure(0.95));
    }
}

fn figure(found: &MetricFinding, unit: &str, text: String, ledger: &mut Ledger<'_>) -> Metric {
    let (line, basis) = match &found.basis {
        MetricBasis::Computed(measure) => {
            let derivation = ledger.derivation(measure);
            (Line::measured(Section::Impact, text, &shown(found), derivation), Basis::Computed)
        }
        MetricBasis::Stated { .. } => (Line::stated(Section::Impact, text, &found.places), Basis::Stated),
    };
    let said = ledger.claim(line);
    Metric { value: ledger::number(found.value), unit: unit.to_string(), basis, claim: said.id }
}

pub fn peak_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => {
            let (from, to) = (m.from.map(|t| t.time_of_day()), m.to.map(words::clock));
            let when = from.zip(to).map(|(from, to)| format!(" between {from} and {to}")).unwrap_or_default();
            let of = m.of.path.as_deref().or(m.select.path.as_deref()).map(|p| format!(" to {p}")).unwrap_or_default();
            format!(
                "At the peak, {} of {} requests{of}{} failed ({}){when}.",
                words::count(m.numerator),
                words::count(m.denominator),
                part(found),
                words::percent(m.value)
            )
        }
        MetricBasis::Stated { .. } => stated("The error rate at its peak is stated", found),
    }
}

pub fn failed_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("{} requests{} failed{}.", words::count(m.value), part(found), within(m)),
        MetricBasis::Stated { .. } => stated("The number of failed requests is stated", found),
    }
}

pub fn users_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => {
            let what =
                if m.op == MeasureOp::DistinctUsers { "different users had failed requests" } else { "users were affected" };
            format!("{} {what}{}{}.", words::count(m.value), part(found), within(m))
        }
        MetricBasis::Stated { .. } => stated("The number of users affected is stated", found),
    }
}

fn tickets_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("{} support tickets were opened{}.", words::count(m.value), within(m)),
        MetricBasis::Stated { .. } => stated("The number of support tickets is stated", found),
    }
}

fn revenue_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("The revenue impact was {}{}.", words::count(m.value), within(m)),
        MetricBasis::Stated { .. } => stated("The revenue impact is stated", found),
    }
}

/// `, at gw-3, one of five gateways,` where it was counted at a part.
fn part(found: &MetricFinding) -> String {
    let told = |one: &OneOf| format!(" at {}, one of {},", one.name, one.all);
    found.one_of.as_ref().map(told).unwrap_or_default()
}

/// Where it was counted, and what says that this is a part.
pub fn shown(found: &MetricFinding) -> Places {
    found.one_of.as_ref().map_or_else(|| found.places.clone(), |one| found.places.and(&one.places))
}

fn within(measure: &Measure) -> String {
    match (measure.from, measure.to) {
        (Some(from), Some(to)) => format!(" between {} and {}", from.time_of_day(), words::clock(to)),
        _ => String::new(),
    }
}

/// Who states it and in which words; the figure itself stands in them or is added.
fn stated(what: &str, found: &MetricFinding) -> String {
    let MetricBasis::Stated { words, number, author } = &found.basis else { return format!("{what}.") };
    let by = author.as_deref().map(|a| format!(" by {}", words::who(a))).unwrap_or_default();
    let quote = words::cut(words, words::LONG_QUOTE);
    if quote.contains(number.trim()) && quote != number.trim() {
        // The figure stands in the words.
        words::end(&format!("{what}{by}: “{quote}”"))
    } else {
        format!("{what}{by} as “{}”.", number.trim())
    }
}

/// The sign with which the amount was stated.
fn currency(found: &MetricFinding) -> &'static str {
    let MetricBasis::Stated { words, number, .. } = &found.basis else { return "currency" };
    let signs = [('$', "USD"), ('€', "EUR"), ('£', "GBP"), ('¥', "JPY"), ('₹', "INR")];
    let of = |text: &str| signs.iter().find(|(sign, _)| text.contains(*sign)).map(|(_, code)| *code);
    let code = |text: &str| signs.iter().find(|(_, code)| text.contains(code)).map(|(_, code)| *code);
    of(number).or_else(|| code(number)).or_else(|| of(words)).or_else(|| code(words)).unwrap_or("currency")
}
