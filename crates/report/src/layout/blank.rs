//! A report that knows nothing: a template that can be filled with it can be filled with any.
//!
//! This module must never know a template. What breaks it: nothing; a new field of the report does not compile until it
//! stands here.

use crate::model::{ConfidenceScore, Coverage, Generator, Incident, Metrics, Report, SCHEMA, Status, Times};

pub fn report() -> Report {
    Report {
        schema: SCHEMA.to_owned(),
        generator: Generator { name: "casefile".to_owned(), version: String::new() },
        incident: Incident { title: String::new(), severity: None, status: Status::Unknown, services: Vec::new() },
        times: Times::default(),
        metrics: Metrics::default(),
        claims: Vec::new(),
        evidence: Vec::new(),
        timeline: Vec::new(),
        undetermined: false,
        next_check: None,
        causes: Vec::new(),
        contributing: Vec::new(),
        first_failing_service: None,
        blast_radius: Vec::new(),
        remediation: None,
        chain: Vec::new(),
        actions: Vec::new(),
        whys: Vec::new(),
        prevention: Vec::new(),
        lessons: Vec::new(),
        contradictions: Vec::new(),
        unknowns: Vec::new(),
        coverage: Coverage { sources: Vec::new() },
        confidence_score: ConfidenceScore { value: 0, parts: Vec::new() },
        course: None,
        by_hand: None,
        audience: None,
        as_of: None,
    }
}
