//! One report for several readers: the same claims, and of them what the reader needs or may have.
//!
//! A function from report to report: what an investigation found does not depend on who reads it, and how a page looks
//! does not either. Engineers get everything. It must never know findings, files or markup, and never say what the
//! engineers' report does not say. What breaks it: a name that is also a word of the sentences that customers get.

mod customer;
mod executive;
mod keep;
mod regimes;
mod regulator;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::model::{Audience as ForWhom, Reader, Report};

pub use regimes::{Item, Regime, Stage, regimes};

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Engineering,
    Executive,
    Customer,
    /// Ids of a regime and of one of its stages.
    Regulator {
        regime: &'static str,
        stage: &'static str,
    },
}

/// Why there is no report for this reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An internal name or a word from outside of the customers' vocabulary would have left; where it stands.
    Leak { place: String },
    /// There is no such regime or stage.
    Unknown { regime: String, stage: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Leak { place } => {
                write!(f, "the customers' report would have told something internal at {place}; this is a fault of casefile")
            }
            Refusal::Unknown { regime, stage } => write!(f, "there is no stage {stage} of a regime {regime}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// The report as this reader gets it.
pub fn address(report: Report, audience: Audience) -> Result<Report, Refusal> {
    match audience {
        Audience::Engineering => Ok(report),
        Audience::Executive => Ok(executive::brief(report)),
        Audience::Customer => customer::rewrite(&report),
        Audience::Regulator { regime, stage } => regulator::answer(report, regime, stage),
    }
}

fn for_whom(reader: Reader, withheld: &[&str]) -> ForWhom {
    ForWhom { reader, withheld: withheld.iter().map(|part| part.to_string()).collect(), note: None, regulatory: None }
}
