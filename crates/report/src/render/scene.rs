//! A picture as a list of marks: HTML draws it as SVG, the PDF with the typesetter's own means, so that both show the same.
//!
//! Units are those of SVG (1 = one pixel at 96 per inch), y points down. A mark that stands for something in the evidence
//! links to it. This module must never know what is drawn. What breaks it: text is not measured here; who draws keeps it
//! short.

use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scene {
    pub width: f64,
    pub height: f64,
    pub marks: Vec<Mark>,
}

/// A shape with what it means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    #[serde(flatten)]
    pub shape: Shape,
    pub tone: Tone,
    /// 0 to 1.
    pub strength: f64,
    /// Anchor of the evidence or statement that it stands for.
    pub to: Option<String>,
    /// What it says when it is pointed at.
    pub tip: Option<String>,
    /// Seconds since 1970 that it covers, to link pictures by time.
    pub time: Option<(f64, f64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "shape", rename_all = "snake_case")]
pub enum Shape {
    Rect {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        radius: f64,
    },
    Line {
        x1: f64,
        y1: f64,
        x2: f64,
        y2: f64,
        width: f64,
        dashed: bool,
        arrow: bool,
    },
    /// Filled where closed, else a line.
    Path {
        points: Vec<(f64, f64)>,
        closed: bool,
        width: f64,
    },
    Dot {
        x: f64,
        y: f64,
        radius: f64,
    },
    Text {
        x: f64,
        y: f64,
        text: String,
        size: f64,
        align: Align,
        bold: bool,
        mono: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    Start,
    Middle,
    End,
}

/// What a colour means; which it is, is the page's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Ink,
    Muted,
    Hair,
    Ground,
    Accent,
    Good,
    Bad,
    Warn,
    Violet,
    Plain,
}

impl Tone {
    /// The class by which a page colours it.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Ink => "ink",
            Tone::Muted => "muted",
            Tone::Hair => "hair",
            Tone::Ground => "ground",
            Tone::Accent => "accent",
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Warn => "warn",
            Tone::Violet => "violet",
            Tone::Plain => "plain",
        }
    }

    /// That of a word such as the kinds of the timeline have.
    pub fn of(word: &str) -> Tone {
        let all = [Tone::Accent, Tone::Good, Tone::Bad, Tone::Warn, Tone::Violet];
        all.into_iter().find(|tone| tone.class() == word).unwrap_or(Tone::Plain)
    }
}

impl Align {
    pub fn word(self) -> &'static str {
        match self {
            Align::Start => "start",
            Align::Middle => "middle",
            Align::End => "end",
        }
    }
}

impl Mark {
    pub fn new(shape: Shape, tone: Tone) -> Mark {
        Mark { shape, tone, strength: 1.0, to: None, tip: None, time: None }
    }

    pub fn faint(self, strength: f64) -> Mark {
        Mark { strength: strength.clamp(0.0, 1.0), ..self }
    }

    pub fn to(self, anchor: Option<String>) -> Mark {
        Mark { to: anchor, ..self }
    }

    pub fn tip(self, tip: String) -> Mark {
        Mark { tip: Some(tip), ..self }
    }

    pub fn during(self, from: f64, to: f64) -> Mark {
        Mark { time: Some((from, to)), ..self }
    }
}

impl Scene {
    pub fn text(&mut self, (x, y): (f64, f64), text: &str, (size, align, tone): (f64, Align, Tone)) {
        let shape = Shape::Text { x, y, text: text.to_owned(), size, align, bold: false, mono: false };
        self.marks.push(Mark::new(shape, tone));
    }

    pub fn rule(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), tone: Tone) {
        self.marks.push(Mark::new(Shape::Line { x1, y1, x2, y2, width: 1.0, dashed: false, arrow: false }, tone));
    }
}
