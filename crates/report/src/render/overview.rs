//! The pictures of the incident under one axis of time, and what they show in numbers.
//!
//! Made of the report's `course`. This module must never count anything itself. What breaks it: a report without a course
//! has no pictures, and says so.

use super::ledger::Ledger;
use super::scene::Scene;
use crate::model::Report;

pub struct Overview {
    pub charts: Vec<Chart>,
    /// What each service did over time: name, failures, records, and the failures as a line of blocks.
    pub rows: Vec<Row>,
}

pub struct Chart {
    pub title: &'static str,
    /// What it shows, in words for who does not see it.
    pub says: String,
    pub scene: Scene,
}

pub struct Row {
    pub name: String,
    pub failures: String,
    pub records: String,
    pub blocks: String,
}

pub fn overview<'a>(_report: &'a Report, _ledger: &mut Ledger<'a>) -> Overview {
    Overview { charts: Vec::new(), rows: Vec::new() }
}
