//! What each reader gets of a report with every part filled.

use super::*;
use crate::model::Report;

fn full() -> Report {
    crate::render::full_report()
}

const READERS: [Audience; 4] = [
    Audience::Executive,
    Audience::Customer,
    Audience::Regulator { regime: "dora", stage: "final" },
    Audience::Regulator { regime: "nis2", stage: "initial" },
];

#[test]
fn an_engineer_gets_the_report_as_it_is() {
    assert_eq!(address(full(), Audience::Engineering), Ok(full()));
}

#[test]
fn nobody_gets_a_claim_or_evidence_that_the_engineers_do_not_have() {
    for reader in READERS {
        let (whole, report) = (full(), address(full(), reader).unwrap());
        assert!(report.claims.iter().all(|c| whole.claims.iter().any(|w| w.id == c.id && w.citations == c.citations)));
        assert!(report.evidence.iter().all(|e| whole.evidence.iter().any(|w| w.id == e.id && w.at == e.at)));
    }
}

#[test]
fn a_stage_that_does_not_exist_is_refused() {
    let refused = address(full(), Audience::Regulator { regime: "dora", stage: "last" });
    assert!(matches!(refused, Err(Refusal::Unknown { .. })));
}
