//! What was read and what was not, source by source. Must never round or leave out a source.

use analysis::findings::{Findings, SourceFinding};

use crate::model::{ClockNote, ClockSegment, Coverage, CoverageSource, SkippedPart};

pub fn of(findings: &Findings) -> Coverage {
    let mut sources: Vec<CoverageSource> = findings.sources.iter().map(one).collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Coverage { sources }
}

fn one(found: &SourceFinding) -> CoverageSource {
    let (source, clock) = (&found.source, &found.clock);
    let part = |s: &evidence::Skipped| SkippedPart {
        reason: s.reason.clone(),
        lines: s.lines,
        bytes: s.bytes,
        first_line: s.first_line,
    };
    let segment = |s: &evidence::Segment| ClockSegment { first_line: s.first_line, last_line: s.last_line, offset_s: s.offset_s };
    CoverageSource {
        name: source.name.clone(),
        format: source.format.clone(),
        bytes: source.bytes,
        read_bytes: source.read_bytes,
        lines: source.lines,
        records: source.records,
        skipped_lines: source.skipped_lines(),
        skipped: source.skipped.iter().map(part).collect(),
        clock: ClockNote {
            offset_s: clock.offset_s,
            zone: clock.zone.clone(),
            basis: [clock.basis.as_str()]
                .into_iter()
                .chain(source.decisions.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join("; "),
            anchor: clock.anchor.map(|at| at.rfc3339()),
            segments: clock.segments.iter().map(segment).collect(),
        },
    }
}
