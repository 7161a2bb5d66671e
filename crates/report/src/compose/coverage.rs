//! What was read and what was not, source by source. Must never round or leave out a source.
//!
//! Sources stand in the order of their names as they are, before a secret in a name became a mark: so a checker can tell
//! which is which.

use analysis::findings::{Findings, SourceFinding};

use crate::model::{ClockNote, ClockSegment, Coverage, CoverageSource, SkippedPart};

use super::ledger::Ledger;

pub fn of(findings: &Findings, ledger: &mut Ledger<'_>) -> Coverage {
    let mut sources: Vec<&SourceFinding> = findings.sources.iter().collect();
    sources.sort_by(|a, b| a.source.name.cmp(&b.source.name));
    Coverage { sources: sources.into_iter().map(|found| one(found, ledger)).collect() }
}

fn one(found: &SourceFinding, ledger: &mut Ledger<'_>) -> CoverageSource {
    let (source, clock) = (&found.source, &found.clock);
    let mut part = |s: &evidence::Skipped| SkippedPart {
        reason: ledger.clean(&s.reason),
        lines: s.lines,
        bytes: s.bytes,
        first_line: s.first_line,
    };
    let segment = |s: &evidence::Segment| ClockSegment { first_line: s.first_line, last_line: s.last_line, offset_s: s.offset_s };
    let skipped = source.skipped.iter().map(&mut part).collect();
    let basis: Vec<&str> = [clock.basis.as_str()].into_iter().chain(source.decisions.iter().map(String::as_str)).collect();
    CoverageSource {
        name: ledger.source(source.id),
        format: ledger.clean(&source.format),
        bytes: source.bytes,
        read_bytes: source.read_bytes,
        lines: source.lines,
        records: source.records,
        skipped_lines: source.skipped_lines(),
        skipped,
        clock: ClockNote {
            offset_s: clock.offset_s,
            zone: ledger.clean(&clock.zone),
            basis: ledger.clean(&basis.join("; ")),
            anchor: clock.anchor.map(|at| at.rfc3339()),
            segments: clock.segments.iter().map(segment).collect(),
        },
    }
}
