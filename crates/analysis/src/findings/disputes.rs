//! What sources say against each other, and what about.

use evidence::Moment;

use super::{Measure, Places};

#[derive(Debug, Clone)]
pub struct Contradiction {
    pub kind: ContradictionKind,
    pub about: About,
    /// At least two sides.
    pub sides: Vec<Side>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContradictionKind {
    ClockOffset,
    Duration,
    Time,
    Number,
    Order,
    Statement,
    Name,
}

/// What the sides disagree about.
#[derive(Debug, Clone)]
pub enum About {
    /// A source's clock: it differs from the others by `offset_s`.
    Clock {
        source: String,
        offset_s: i64,
        basis: String,
    },
    /// From the first failure until users were served again.
    OutageDuration,
    /// From the first failure until it was declared over.
    IncidentDuration,
    RecoveryAfterDecision,
    TimeToResolve,
    TimeToDetect,
    /// When something happened: named by its words.
    When {
        what: String,
    },
    /// A quantity people or tools state differently.
    Quantity {
        what: String,
    },
    /// What was the cause or the remedy.
    Belief,
    Name,
    /// Whether a change came before the failure: when it came, and when the first failure did.
    Order {
        change: Moment,
        failed: Moment,
    },
    /// A time that somebody corrected, and whether a record, the last side, bears the correction out.
    Corrected {
        what: String,
        is_recorded: bool,
    },
    /// How long it lasted, told beside the times from which and until which it did.
    OwnEnds,
    /// It is called over, and failures go on.
    Over,
    /// Something that one says and another says or shows not to be so.
    Whether,
}

#[derive(Debug, Clone)]
pub struct Side {
    /// As printed: `18 min`, `75 s`, `09:00:45`, `20%`; literal for stated ones.
    pub value: String,
    /// Seconds or plain number, where it is one.
    pub number: Option<f64>,
    /// From this moment to that one, for computed durations.
    pub between: Option<(Moment, Moment)>,
    /// What was counted or measured.
    pub measure: Option<Measure>,
    pub stated_by: Option<String>,
    /// The words around it, for stated ones.
    pub words: Option<String>,
    pub places: Places,
}
