//! What was counted over time around the incident, as data: the part of the report that the pictures are drawn from.
//!
//! No statement rests on it. Counts stand in steps of equal length that begin at `from`; every row names evidence of its
//! own. This module must never know how it is drawn.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Begin of the first step, RFC 3339 UTC.
    pub from: String,
    /// Seconds of a step.
    pub step_s: i64,
    /// Requests at the edge nearest the users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<RequestCourse>,
    pub services: Vec<ServiceCourse>,
    pub patterns: Vec<PatternCourse>,
    pub tracks: Vec<Track>,
    pub links: Vec<Link>,
}

impl Course {
    /// What each row cites.
    pub fn citations(&mut self) -> impl Iterator<Item = &mut Vec<String>> {
        let requests = self.requests.iter_mut().map(|row| &mut row.citations);
        let services = self.services.iter_mut().map(|row| &mut row.citations);
        let patterns = self.patterns.iter_mut().map(|row| &mut row.citations);
        let tracks = self.tracks.iter_mut().map(|row| &mut row.citations);
        requests.chain(services).chain(patterns).chain(tracks).chain(self.links.iter_mut().map(|row| &mut row.citations))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestCourse {
    pub service: Option<String>,
    pub total: Vec<u64>,
    /// Status 500 and above.
    pub failed: Vec<u64>,
    pub citations: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceCourse {
    pub name: String,
    pub records: Vec<u64>,
    /// Records of the failures that belong to the incident.
    pub failures: Vec<u64>,
    pub citations: Vec<String>,
}

/// A kind of failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PatternCourse {
    pub service: Option<String>,
    /// First line of its first record.
    pub text: String,
    pub counts: Vec<u64>,
    pub citations: Vec<String>,
}

/// A metric, its points as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    pub metric: String,
    pub service: Option<String>,
    /// Time and value of each.
    pub points: Vec<(String, f64)>,
    pub citations: Vec<String>,
}

/// `from` depends on `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub citations: Vec<String>,
}
