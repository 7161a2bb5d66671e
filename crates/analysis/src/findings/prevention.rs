//! What would have prevented the incident: what people suggest, and what a rule would have done on its own requests.

use evidence::{Moment, SourceId};

use super::{Places, Stated};

/// What somebody says would have prevented it, and what it would have done on this incident's own data where that can be
/// computed.
#[derive(Debug, Clone)]
pub struct Suggestion {
    pub said: Stated,
    pub replay: Option<Replay>,
}

/// A rule run on the requests of one source.
#[derive(Debug, Clone)]
pub struct Replay {
    pub replayed: Replayed,
    pub source: SourceId,
    pub places: Places,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Replayed {
    /// An alert on the share of failed requests over so many seconds.
    Alert {
        share: f64,
        seconds: i64,
        /// When it would have fired first in the incident; seconds after the beginning and before anybody noticed.
        fired: Option<Moment>,
        after_start: Option<f64>,
        before_detected: Option<f64>,
        /// How often it would have fired before the incident.
        earlier: u64,
        /// The highest share that such a window had.
        most: f64,
        /// Failed requests after it fired, and of the whole incident.
        after: u64,
        failed: u64,
    },
    /// A change that reaches only a share of the requests: how many would have failed at most.
    Canary { share: f64, failed: u64, most: u64 },
}
