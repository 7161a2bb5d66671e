//! What a picture shows is in the report, and every mark of it leads to evidence.

use super::*;
use crate::render::fixture;
use crate::render::scene::{Mark, Shape, Tone};

fn charts(report: &Report) -> Vec<Chart> {
    let ledger = Ledger::of(report);
    overview(report, &ledger).charts.into_iter().chain(way(report, &ledger)).collect()
}

fn marks(report: &Report) -> Vec<Mark> {
    charts(report).into_iter().flat_map(|chart| chart.scene.marks).collect()
}

fn tips(report: &Report) -> Vec<String> {
    marks(report).into_iter().filter_map(|mark| mark.tip).collect()
}

#[test]
fn every_failure_that_is_drawn_leads_to_evidence_of_the_report() {
    let report = fixture::full();
    let failures: Vec<Mark> =
        marks(&report).into_iter().filter(|mark| mark.tip.is_some() && mark.tone == Tone::Bad && mark.time.is_some()).collect();
    assert!(failures.len() > 20);
    for mark in failures {
        let to = mark.to.as_deref().expect("leads somewhere");
        assert!(report.evidence.iter().any(|item| item.id == to), "{to}");
    }
}

#[test]
fn bars_say_how_many_requests_failed_of_how_many() {
    assert!(tips(&fixture::full()).contains(&"09:00:10: 55 of 60 requests failed".to_owned()));
}

#[test]
fn where_nobody_logs_requests_records_are_counted() {
    let mut report = fixture::full();
    report.course.as_mut().expect("the fixture has one").requests = None;
    assert!(tips(&report).contains(&"09:00:10: 92 of 312 records tell of failures".to_owned()));
}

#[test]
fn the_six_times_stand_across_with_what_the_evidence_allows() {
    let tips = tips(&fixture::full());
    let onset = tips.iter().find(|tip| tip.starts_with("Onset: ")).expect("the onset is marked");
    assert!(onset.ends_with("between 08:59:59.870 to 09:00:00"), "{onset}");
    assert!(
        ["Detected", "Acknowledged", "Mitigation", "Recovered", "Resolved"]
            .iter()
            .all(|name| tips.iter().any(|tip| tip.starts_with(name)))
    );
}

#[test]
fn steps_that_are_not_verified_are_dashed() {
    let report = fixture::full();
    let dashed = |mark: &Mark| matches!(mark.shape, Shape::Line { dashed: true, arrow: true, .. }) && mark.tip.is_some();
    let drawn = marks(&report).iter().filter(|mark| dashed(mark)).count();
    assert_eq!(drawn, report.chain.iter().filter(|step| !step.verified).count());
}

#[test]
fn nothing_is_drawn_outside_of_the_picture() {
    for report in [fixture::full(), fixture::undetermined(), fixture::poisoned("x")] {
        for chart in charts(&report) {
            for mark in &chart.scene.marks {
                let (x, y) = match &mark.shape {
                    Shape::Rect { x, y, width, height, .. } => (x + width, y + height),
                    Shape::Line { x1, y1, x2, y2, .. } => (x1.max(*x2), y1.max(*y2)),
                    Shape::Path { points, .. } => points.iter().fold((0.0, 0.0), |a: (f64, f64), b| (a.0.max(b.0), a.1.max(b.1))),
                    Shape::Dot { x, y, .. } | Shape::Text { x, y, .. } => (*x, *y),
                };
                assert!(
                    (0.0..=chart.scene.width + 1.0).contains(&x) && (-1.0..=chart.scene.height + 1.0).contains(&y),
                    "{mark:?}"
                );
            }
        }
    }
}

#[test]
fn five_thousand_entries_are_a_bounded_number_of_marks() {
    let mut report = fixture::full();
    let entry = report.timeline[1].clone();
    for n in 0..5_000 {
        let at = format!("2024-02-07T09:00:{:02}.{:03}Z", n / 100 % 60, n % 100);
        report.timeline.push(crate::model::TimelineEntry { at, ..entry.clone() });
    }
    assert!(marks(&report).len() < 1_500);
}

#[test]
fn without_counts_the_times_alone_are_drawn_and_without_times_nothing() {
    let mut report = fixture::full();
    report.course = None;
    assert!(tips(&report).iter().any(|tip| tip.starts_with("Onset")));
    assert!(charts(&fixture::unknown()).is_empty() && charts(&fixture::quiet()).is_empty());
}

#[test]
fn a_name_is_cut_where_it_would_not_fit() {
    assert_eq!(fitted("short", 10.0, 100.0), "short");
    let long = fitted("connect() failed (111: Connection refused) while connecting", 10.0, 100.0);
    assert!(long.ends_with('…') && long.chars().count() < 24, "{long}");
}

#[test]
fn blocks_show_the_greatest_of_each_part() {
    assert_eq!(blocks(&[0, 0, 4, 8, 1, 0], 3), "·█▁");
    assert_eq!(blocks(&[0, 0], 3), "");
}
