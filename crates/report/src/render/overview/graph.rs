//! The way of the failure as a picture: the cause at the left, what it harmed to the right, solid where the data verify a
//! step, dashed where it is a possibility; services that are only seen to depend on them in grey.
//!
//! Must never add a step. What breaks it: many services; beyond a bound they are counted, not drawn.

use std::collections::BTreeMap;

use super::super::ledger::Ledger;
use super::super::scene::{Align, Mark, Scene, Shape, Tone};
use super::super::words;
use super::axis::WIDTH;
use super::{Chart, fitted};
use crate::model::Report;

const NODE: (f64, f64) = (168.0, 34.0);
const ROW: f64 = 52.0;
const COLUMNS: usize = 4;
const MOST: usize = 16;

struct Node {
    name: String,
    column: usize,
    row: usize,
}

/// `None` where nothing reached another service.
pub fn chart(report: &Report, ledger: &Ledger) -> Option<Chart> {
    let anchor = |id: &String| ledger.evidence_anchor(id).map(str::to_owned);
    let nodes = nodes(report);
    if nodes.len() < 2 {
        return None;
    }
    let rows = nodes.iter().map(|node| node.row + 1).max().unwrap_or(1);
    let columns = nodes.iter().map(|node| node.column + 1).max().unwrap_or(1);
    let mut scene = Scene { width: WIDTH, height: rows as f64 * ROW + 40.0, marks: Vec::new() };
    let at = |name: &str| nodes.iter().find(|node| node.name == name).map(|node| place(node, columns));
    let mut drawn: Vec<(String, String)> =
        report.chain.iter().map(|step| (words::line(&step.from), words::line(&step.to))).collect();
    for link in report.course.iter().flat_map(|course| &course.links) {
        let (from, to) = (words::line(&link.to), words::line(&link.from));
        // One line between two services, whichever names the other.
        if drawn.iter().any(|(a, b)| (*a == from && *b == to) || (*a == to && *b == from)) {
            continue;
        }
        if let (Some(a), Some(b)) = (at(&from), at(&to)) {
            let tip = format!("{to} depends on {from}");
            let place = link.citations.first().and_then(anchor);
            scene.marks.push(edge((a, b), Tone::Muted, false).faint(0.45).to(place).tip(tip));
            drawn.push((from, to));
        }
    }
    for (number, step) in (1..).zip(&report.chain) {
        let (Some(a), Some(b)) = (at(&words::line(&step.from)), at(&words::line(&step.to))) else { continue };
        let to = step.citations.iter().next().and_then(anchor);
        let how = if step.verified { "verified" } else { "not verified" };
        let tip = format!("{number}. {} ({how})", words::beginning(&words::line(&step.text).replace('`', ""), 140));
        scene.marks.push(edge((a, b), Tone::Bad, !step.verified).to(to).tip(tip));
    }
    nodes.iter().for_each(|node| draw(node, columns, (report, ledger), &mut scene));
    legend(report, drawn.len().saturating_sub(report.chain.len()), &mut scene);
    Some(Chart { title: "The way of the failure", anchor: "way", axis: None, says: says(report, &nodes), scene })
}

fn says(report: &Report, nodes: &[Node]) -> String {
    let steps: Vec<String> = report
        .chain
        .iter()
        .map(|step| {
            let how = if step.verified { "verified" } else { "not verified" };
            format!("{} to {} ({how})", words::line(&step.from), words::line(&step.to))
        })
        .collect();
    let drawn = words::counted(nodes.len() as u64, "service", "services");
    if steps.is_empty() {
        return format!("{drawn} that failed, without a step from one to another that could be shown.");
    }
    format!("{drawn}. Steps of the failure: {}.", steps.join("; "))
}

/// Services by their distance from the cause; those that no step reaches stand in the last column.
fn nodes(report: &Report) -> Vec<Node> {
    let mut columns: BTreeMap<String, usize> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut put = |name: String, column: usize, columns: &mut BTreeMap<String, usize>| {
        if !columns.contains_key(&name) && order.len() < MOST {
            columns.insert(name.clone(), column.min(COLUMNS - 1));
            order.push(name);
        }
    };
    if let Some(root) = report.causes.first().and_then(|cause| cause.service.as_deref()) {
        put(words::line(root), 0, &mut columns);
    }
    for step in &report.chain {
        let from = words::line(&step.from);
        put(from.clone(), 0, &mut columns);
        let column = columns.get(&from).copied().unwrap_or(0) + 1;
        put(words::line(&step.to), column, &mut columns);
    }
    let last = columns.values().copied().max().unwrap_or(0).max(1);
    for name in report.blast_radius.iter().chain(&report.incident.services) {
        put(words::line(name), last, &mut columns);
    }
    let mut rows = [0_usize; COLUMNS];
    let mut nodes = Vec::new();
    for name in order {
        let column = columns.get(&name).copied().unwrap_or(0);
        nodes.push(Node { name, column, row: rows[column] });
        rows[column] += 1;
    }
    nodes
}

fn place(node: &Node, columns: usize) -> (f64, f64) {
    let gap = ((WIDTH - NODE.0 - 8.0) / (columns.max(2) - 1) as f64).min(300.0);
    (4.0 + node.column as f64 * gap, 8.0 + node.row as f64 * ROW)
}

fn draw(node: &Node, columns: usize, (report, ledger): (&Report, &Ledger), scene: &mut Scene) {
    let (x, y) = place(node, columns);
    let is_root = report.causes.first().and_then(|c| c.service.as_deref()).is_some_and(|name| words::line(name) == node.name);
    let harmed = report.blast_radius.iter().any(|name| words::line(name) == node.name);
    let (tone, says) = match (is_root, harmed) {
        (true, _) => (Tone::Bad, "the cause lives here"),
        (_, true) => (Tone::Warn, "harmed by the cause"),
        _ => (Tone::Plain, "failed as well"),
    };
    let service = report.course.iter().flat_map(|course| &course.services).find(|s| words::line(&s.name) == node.name);
    let to = service.and_then(|service| ledger.evidence_anchor(service.citations.first()?)).map(str::to_owned);
    let tip = format!("{}: {says}", node.name);
    let frame = Shape::Rect { x, y, width: NODE.0, height: NODE.1, radius: 6.0 };
    scene.marks.push(Mark::new(frame.clone(), Tone::Ground));
    scene.marks.push(Mark::new(frame, tone).faint(if is_root { 0.9 } else { 0.2 }).to(to.clone()).tip(tip.clone()));
    let shape = Shape::Text {
        x: x + NODE.0 / 2.0,
        y: y + NODE.1 / 2.0 + 4.0,
        text: fitted(&node.name, 11.5, NODE.0 - 12.0),
        size: 11.5,
        align: Align::Middle,
        bold: true,
        mono: false,
    };
    scene.marks.push(Mark::new(shape, if is_root { Tone::Ground } else { Tone::Ink }).to(to).tip(tip));
}

/// From the right side of one node to the left of another, or around where they share a column.
fn edge((a, b): ((f64, f64), (f64, f64)), tone: Tone, dashed: bool) -> Mark {
    let middle = NODE.1 / 2.0;
    let (from, to) = if b.0 > a.0 {
        ((a.0 + NODE.0, a.1 + middle), (b.0 - 3.0, b.1 + middle))
    } else if b.0 < a.0 {
        ((a.0, a.1 + middle), (b.0 + NODE.0 + 3.0, b.1 + middle))
    } else if b.1 > a.1 {
        ((a.0 + NODE.0 / 2.0, a.1 + NODE.1), (b.0 + NODE.0 / 2.0, b.1 - 3.0))
    } else {
        ((a.0 + NODE.0 / 2.0, a.1), (b.0 + NODE.0 / 2.0, b.1 + NODE.1 + 3.0))
    };
    Mark::new(Shape::Line { x1: from.0, y1: from.1, x2: to.0, y2: to.1, width: 1.8, dashed, arrow: true }, tone)
}

fn legend(report: &Report, others: usize, scene: &mut Scene) {
    let y = scene.height - 10.0;
    let mut x = 4.0;
    let mut entry = |tone: Tone, dashed: bool, text: &str, scene: &mut Scene| {
        let shape = Shape::Line { x1: x, y1: y - 4.0, x2: x + 26.0, y2: y - 4.0, width: 1.8, dashed, arrow: true };
        scene.marks.push(Mark::new(shape, tone));
        scene.text((x + 32.0, y), text, (11.0, Align::Start, Tone::Muted));
        x += 48.0 + text.chars().count() as f64 * 6.4;
    };
    if report.chain.iter().any(|step| step.verified) {
        entry(Tone::Bad, false, "verified in the data", scene);
    }
    if report.chain.iter().any(|step| !step.verified) {
        entry(Tone::Bad, true, "possible, not verified", scene);
    }
    if others > 0 {
        entry(Tone::Muted, false, "depends on it", scene);
    }
}
