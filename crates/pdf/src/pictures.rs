//! The report's pictures as the template draws them: marks with numbers for places and links.
//!
//! This module must never know what a picture shows. What breaks it: a mark at no place (not a number), which is left
//! out, and a mark whose evidence is not in the report, which is drawn without a link.

use report::render::Chart;
use report::render::scene::{Mark, Scene, Shape};
use serde_json::{Value, json};

use crate::clean;
use crate::ledger::Ledger;

/// Longest text in a picture, in characters.
const TEXT: usize = 60;
/// Longest description of a picture, in characters.
const SAYS: usize = 900;

pub fn charts(charts: &[Chart], ledger: &Ledger) -> Value {
    let drawn = charts.iter().map(|chart| {
        json!({
            "title": clean::short(chart.title, 120),
            "plain": clean::short(&chart.says, SAYS),
            "scene": scene(&chart.scene, ledger),
        })
    });
    Value::Array(drawn.collect())
}

pub fn scene(scene: &Scene, ledger: &Ledger) -> Value {
    let marks: Vec<Value> = scene.marks.iter().filter(|mark| is_placed(&mark.shape)).map(|mark| drawn(mark, ledger)).collect();
    let side = |length: f64| if length.is_finite() { length.max(1.0) } else { 1.0 };
    json!({ "width": side(scene.width), "height": side(scene.height), "marks": marks })
}

fn drawn(mark: &Mark, ledger: &Ledger) -> Value {
    let mut out = match &mark.shape {
        Shape::Text { text, .. } => {
            let mut shape = serde_json::to_value(&mark.shape).unwrap_or_default();
            shape["text"] = clean::short(text, TEXT).replace('\u{200B}', "").into();
            shape
        }
        shape => serde_json::to_value(shape).unwrap_or_default(),
    };
    out["tone"] = mark.tone.class().into();
    out["strength"] = (if mark.strength.is_finite() { mark.strength.clamp(0.0, 1.0) } else { 1.0 }).into();
    out["to"] = mark.to.as_deref().and_then(|name| ledger.target(name)).into();
    out
}

fn is_placed(shape: &Shape) -> bool {
    let all = |numbers: &[f64]| numbers.iter().all(|n| n.is_finite() && n.abs() < 1e5);
    match shape {
        Shape::Rect { x, y, width, height, radius } => {
            all(&[*x, *y, *width, *height, *radius]) && *width >= 0.0 && *height >= 0.0
        }
        Shape::Line { x1, y1, x2, y2, width, .. } => all(&[*x1, *y1, *x2, *y2, *width]),
        Shape::Path { points, width, .. } => points.len() > 1 && all(&[*width]) && points.iter().all(|(x, y)| all(&[*x, *y])),
        Shape::Dot { x, y, radius } => all(&[*x, *y, *radius]),
        Shape::Text { x, y, size, .. } => all(&[*x, *y, *size]),
    }
}
