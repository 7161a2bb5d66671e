//! What the incident did: figures, severity, services harmed, and samples of how it showed.
//!
//! Must never mix a figure that was counted with one that somebody stated.

use analysis::findings::{Findings, Measure, MeasureOp, MetricBasis, MetricFinding};

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
        let text = format!("{service} shows the first failure that belongs to the incident.");
        ledger.claim(Line::inferred(Section::Impact, text, places).sure(0.8));
    }
    for (service, places) in &findings.blast_radius {
        let text = format!("{service} was harmed as well; its own record shows the failure.");
        ledger.claim(Line::inferred(Section::Impact, text, places));
    }
    samples(findings, ledger);
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
            (Line::measured(Section::Impact, text, &found.places, derivation), Basis::Computed)
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
                "At the peak, {} of {} requests{of} failed ({}){when}.",
                words::count(m.numerator),
                words::count(m.denominator),
                words::percent(m.value)
            )
        }
        MetricBasis::Stated { .. } => stated("The error rate at its peak", found),
    }
}

pub fn failed_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("{} requests failed{}.", words::count(m.value), within(m)),
        MetricBasis::Stated { .. } => stated("The number of failed requests", found),
    }
}

pub fn users_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => {
            let what =
                if m.op == MeasureOp::DistinctUsers { "different users had failed requests" } else { "users were affected" };
            format!("{} {what}{}.", words::count(m.value), within(m))
        }
        MetricBasis::Stated { .. } => stated("The number of users affected", found),
    }
}

fn tickets_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("{} support tickets were opened{}.", words::count(m.value), within(m)),
        MetricBasis::Stated { .. } => stated("The number of support tickets", found),
    }
}

fn revenue_text(found: &MetricFinding) -> String {
    match &found.basis {
        MetricBasis::Computed(m) => format!("The revenue impact was {}{}.", words::count(m.value), within(m)),
        MetricBasis::Stated { .. } => stated("The revenue impact", found),
    }
}

fn within(measure: &Measure) -> String {
    match (measure.from, measure.to) {
        (Some(from), Some(to)) => format!(" between {} and {}", from.time_of_day(), words::clock(to)),
        _ => String::new(),
    }
}

/// Who states it and in which words; the figure itself stands in them or is added.
fn stated(what: &str, found: &MetricFinding) -> String {
    let MetricBasis::Stated { words, number, author } = &found.basis else { return format!("{what} is known.") };
    let by = author.as_deref().map(|a| format!(", according to {}", words::who(a))).unwrap_or_default();
    let quote = words::cut(words, words::LONG_QUOTE);
    if quote.contains(number.trim()) && quote != number.trim() {
        // The figure stands in the words.
        let by = if by.is_empty() { ", as stated".to_string() } else { by };
        words::end(&format!("{what}{by}: “{quote}”"))
    } else {
        format!("{what} was “{}”{by}.", number.trim())
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
