//! What can be checked of a report that withholds its evidence: ids, references, order, and arithmetic.
//!
//! Names of sources are pseudonyms and records are not shown, so that nothing can be looked up or counted anew; what was
//! not checked for that reason is said. Must never pass for more than it is. What breaks it: whoever made the report could
//! have changed a number and its derivation alike.

use report::model::{ClaimStatus, Derivation, Op, Report, WITHHELD};

use crate::{Verdict, derive, parts, rules};

pub fn check(report: &Report, verdict: &mut Verdict) {
    rules::check(report, verdict);
    coverage(report, verdict);
    derivations(report, verdict);
    parts::check(report, None, verdict);
    for evidence in &report.evidence {
        let withheld = evidence.withheld && evidence.text == WITHHELD && evidence.before.is_empty() && evidence.after.is_empty();
        verdict.want(withheld, || format!("{}: its text is not withheld", evidence.id));
    }
    let counted = report.claims.iter().filter(|c| c.derivation.as_ref().is_some_and(|d| d.op != Op::Difference)).count();
    if counted > 0 {
        verdict.unchecked.push(format!("{counted} counts in records, whose sources go by pseudonyms"));
    }
    if !report.evidence.is_empty() {
        verdict
            .unchecked
            .push(format!("the words and places of {} pieces of evidence, which are withheld", report.evidence.len()));
    }
}

fn coverage(report: &Report, verdict: &mut Verdict) {
    for source in &report.coverage.sources {
        let skipped: u64 = source.skipped.iter().map(|part| part.bytes).fold(0, u64::saturating_add);
        verdict.want(source.read_bytes.saturating_add(skipped) == source.bytes, || {
            format!(
                "coverage of {}: {} bytes read and {skipped} skipped are not {}",
                source.name, source.read_bytes, source.bytes
            )
        });
    }
}

fn derivations(report: &Report, verdict: &mut Verdict) {
    let known = derive::known_instants(report);
    for claim in &report.claims {
        let Some(derivation) = &claim.derivation else {
            verdict.want(claim.status != ClaimStatus::Measured, || format!("{}: it is measured and has no derivation", claim.id));
            continue;
        };
        verdict.checked.derivations += 1;
        verdict.want(derive::value_in_text(derivation, &claim.text), || {
            format!("{}: the value {} does not stand in its text", claim.id, derivation.value)
        });
        verdict.want(adds_up(derivation), || format!("{}: its numbers do not add up", claim.id));
        if derivation.op == Op::Difference
            && let Err(fault) = derive::difference(report, claim, derivation, &known)
        {
            verdict.fault(format!("{}: {fault}", claim.id));
        }
    }
}

/// A ratio is its numerator by its denominator; a count has its value for numerator.
fn adds_up(derivation: &Derivation) -> bool {
    let value = derivation.value.as_f64();
    match (derivation.op, value, derivation.numerator, derivation.denominator) {
        (Op::Ratio, Some(value), Some(part), Some(all)) => all > 0.0 && (part / all - value).abs() <= 0.0005 + 0.001 * value,
        (Op::Ratio, ..) => false,
        (Op::Count, Some(value), Some(count), _) => (value - count).abs() < 1e-6,
        _ => true,
    }
}
