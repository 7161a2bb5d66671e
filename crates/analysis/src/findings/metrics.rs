//! Numbers of the incident, each with what has to be counted to get it again, or with the words that state it.

use evidence::{Level, Moment, SourceId};

use super::{OneOf, Places};

/// What the incident is measured by.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    pub peak_error_rate: Option<MetricFinding>,
    pub users_affected: Option<MetricFinding>,
    pub requests_failed: Option<MetricFinding>,
    pub support_tickets: Option<MetricFinding>,
    pub revenue_impact: Option<MetricFinding>,
}

#[derive(Debug, Clone)]
pub struct MetricFinding {
    /// Ratios 0 to 1, counts as they are.
    pub value: f64,
    pub basis: MetricBasis,
    /// Where it was counted is only a part.
    pub one_of: Option<OneOf>,
    pub places: Places,
}

#[derive(Debug, Clone)]
pub enum MetricBasis {
    Computed(Measure),
    /// The words that state it (`about 8,000 users`, `92% error rate on /checkout`), by whom.
    Stated {
        words: String,
        number: String,
        author: Option<String>,
    },
}

/// A number that can be computed again from the input: which records of which sources were counted.
#[derive(Debug, Clone)]
pub struct Measure {
    pub op: MeasureOp,
    pub sources: Vec<SourceId>,
    pub select: Selection,
    /// For ratios: what the denominator counts.
    pub of: Selection,
    /// Report time; from is in, to is out.
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    pub numerator: f64,
    pub denominator: f64,
    pub value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureOp {
    Count,
    Ratio,
    /// Distinct users among the selected records.
    DistinctUsers,
    DistinctInstances,
    /// None of `denominator` scanned records matched.
    Absent,
}

/// Which records are counted; all conditions hold together. Default: every record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Has an HTTP status (a request).
    pub request: bool,
    pub status_at_least: Option<u16>,
    pub level_at_least: Option<Level>,
    /// Exact path, or a prefix that ends in `/*`.
    pub path: Option<String>,
    /// Glob over the message (`*` any run of characters).
    pub text: Option<String>,
}
