//! What was counted over time around the incident, for pictures: no conclusion rests on it.

use evidence::{Level, Moment};

use super::Places;

/// Counts in steps of equal length, all under one axis.
#[derive(Debug, Clone)]
pub struct Course {
    /// Begin of the first step, in report time.
    pub from: Moment,
    /// Seconds.
    pub step: i64,
    pub steps: usize,
    /// Requests at the edge nearest the users: all, and those that failed.
    pub requests: Option<Requests>,
    /// Services that failed, by onset, then the others with the most records.
    pub services: Vec<ServiceCourse>,
    /// Kinds of failure, by onset.
    pub patterns: Vec<PatternCourse>,
    /// Metrics that moved.
    pub tracks: Vec<Track>,
    /// Which service depends on which, as far as seen between services of the incident.
    pub links: Vec<Link>,
}

#[derive(Debug, Clone)]
pub struct Requests {
    pub service: Option<String>,
    pub total: Vec<u64>,
    pub failed: Vec<u64>,
    /// Failed requests that may be looked at.
    pub places: Option<Places>,
}

#[derive(Debug, Clone)]
pub struct ServiceCourse {
    pub name: String,
    /// Records of all its sources.
    pub records: Vec<u64>,
    /// Records of the failures that are the incident's.
    pub failures: Vec<u64>,
    pub places: Option<Places>,
}

#[derive(Debug, Clone)]
pub struct PatternCourse {
    pub service: Option<String>,
    /// First line of its first record, cut.
    pub words: String,
    pub level: Option<Level>,
    pub counts: Vec<u64>,
    pub places: Places,
}

/// A metric over time, its points as written.
#[derive(Debug, Clone)]
pub struct Track {
    pub metric: String,
    pub service: Option<String>,
    pub points: Vec<(Moment, f64)>,
    pub places: Places,
}

/// `from` depends on `to`: a failure of `to` reaches `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub places: Places,
}
