//! A produced PDF, read back: its text, its structure for who listens, its links and bookmarks.
//!
//! For tests only. This module must never know what a report says. What breaks it: a file that is no PDF.

use std::collections::BTreeSet;

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint, PathDrawMode,
    SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as Text};
use kurbo::{Affine, BezPath, Rect};

/// An element of the structure: what it is, and what is said in its place.
#[derive(Debug)]
pub struct Element {
    pub kind: String,
    pub alt: Option<String>,
}

pub fn open(bytes: Vec<u8>) -> Pdf {
    Pdf::new(bytes).expect("is a PDF")
}

pub fn catalog(pdf: &Pdf) -> Dict<'_> {
    pdf.xref().get(pdf.xref().root_id()).expect("has a catalog")
}

/// What is drawn as text, page by page, without blanks: lines are broken where paper ends.
pub fn text(pdf: &Pdf) -> String {
    let mut out = Letters(String::new());
    let cache = InterpreterCache::new();
    for page in pdf.pages().iter() {
        let box_ = Rect::new(0.0, 0.0, 600.0, 850.0);
        let mut context = Context::new(Affine::IDENTITY, box_, &cache, pdf.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut out);
    }
    out.0.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}

/// All names that stand anywhere as a key of a dictionary or as a value of `/S` (kinds of actions and of structure).
pub fn names(pdf: &Pdf) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for object in pdf.objects() {
        walk(&object, &mut |dict: &Dict<'_>| {
            out.extend(dict.keys().map(|name| name.as_str().to_owned()));
            out.extend(dict.get::<Name<'_>>("S").map(|name| format!("/{}", name.as_str())));
        });
    }
    out
}

/// Every address outside the file that something leads to.
pub fn addresses(pdf: &Pdf) -> Vec<String> {
    let mut out = Vec::new();
    for object in pdf.objects() {
        walk(&object, &mut |dict: &Dict<'_>| out.extend(dict.get::<Text<'_>>("URI").map(|uri| told(&uri))));
    }
    out
}

/// Annotations of all pages.
pub fn links(pdf: &Pdf) -> usize {
    pdf.pages().iter().filter_map(|page| page.raw().get::<Array<'_>>("Annots")).map(|list| list.iter::<Dict<'_>>().count()).sum()
}

/// What is said of each link for who listens, and the place in the file that it leads to.
pub fn places(pdf: &Pdf) -> Vec<(String, String)> {
    let annotations = |page: &hayro_syntax::page::Page<'_>| {
        let list = page.raw().get::<Array<'_>>("Annots").into_iter();
        list.flat_map(|list| list.iter::<Dict<'_>>().collect::<Vec<_>>()).filter_map(|link| place(&link)).collect::<Vec<_>>()
    };
    pdf.pages().iter().flat_map(annotations).collect()
}

/// A name for a chapter, page and point for all else.
fn place(link: &Dict<'_>) -> Option<(String, String)> {
    let said = link.get::<Text<'_>>("Contents").map(|words| told(&words)).unwrap_or_default();
    let point = |to: Array<'_>| to.raw_iter().map(|part| format!("{part:?}")).collect::<Vec<_>>().join(" ");
    let there = link.get::<Array<'_>>("Dest").map(point);
    there.or_else(|| link.get::<Text<'_>>("Dest").map(|name| told(&name))).map(|to| (said, to))
}

/// The structure in reading order.
pub fn structure(pdf: &Pdf) -> Vec<Element> {
    let mut out = Vec::new();
    let root: Dict<'_> = catalog(pdf).get("StructTreeRoot").expect("is tagged");
    children(&root, &mut out);
    out
}

/// Titles of the bookmarks in order.
pub fn bookmarks(pdf: &Pdf) -> Vec<String> {
    let mut out = Vec::new();
    let first = |dict: &Dict<'_>| dict.contains_key("First");
    let Some(root) = catalog(pdf).get::<Dict<'_>>("Outlines").filter(first) else { return out };
    siblings(&root.get("First").expect("has a first"), &mut out);
    out
}

fn siblings(item: &Dict<'_>, out: &mut Vec<String>) {
    out.extend(item.get::<Text<'_>>("Title").map(|title| told(&title)));
    if let Some(below) = item.get::<Dict<'_>>("First") {
        siblings(&below, out);
    }
    if let Some(next) = item.get::<Dict<'_>>("Next") {
        siblings(&next, out);
    }
}

fn children(element: &Dict<'_>, out: &mut Vec<Element>) {
    let mut visit = |child: Dict<'_>| {
        if let Some(kind) = child.get::<Name<'_>>("S") {
            let alt = child.get::<Text<'_>>("Alt").map(|alt| told(&alt));
            out.push(Element { kind: kind.as_str().to_owned(), alt });
        }
        children(&child, out);
    };
    match element.get::<Object<'_>>("K") {
        Some(Object::Dict(child)) => visit(child),
        Some(Object::Array(list)) => list.iter::<Object<'_>>().filter_map(Object::into_dict).for_each(visit),
        _ => {}
    }
}

fn walk<'a>(object: &Object<'a>, seen: &mut impl FnMut(&Dict<'a>)) {
    match object {
        Object::Dict(dict) => walk_dict(dict, seen),
        Object::Stream(stream) => walk_dict(Stream::dict(stream), seen),
        Object::Array(list) => {
            for item in list
                .raw_iter()
                .filter_map(|item| if let hayro_syntax::object::MaybeRef::NotRef(o) = item { Some(o) } else { None })
            {
                walk(&item, seen);
            }
        }
        _ => {}
    }
}

/// References lead to objects that are visited by themselves.
fn walk_dict<'a>(dict: &Dict<'a>, seen: &mut impl FnMut(&Dict<'a>)) {
    seen(dict);
    for (_, value) in dict.entries() {
        if let hayro_syntax::object::MaybeRef::NotRef(value) = value {
            walk(&value, seen);
        }
    }
}

/// UTF-16 with its mark, else one byte a character.
fn told(text: &Text<'_>) -> String {
    match text.as_bytes() {
        [0xFE, 0xFF, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        bytes => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}

struct Letters(String);

impl Device<'_> for Letters {
    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'_>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_glyph(&mut self, glyph: &Glyph<'_>, _: Affine, _: Affine, _: &Paint<'_>, _: &GlyphDrawMode) {
        match glyph.as_unicode() {
            Some(BfString::Char(c)) => self.0.push(c),
            Some(BfString::String(text)) => self.0.push_str(&text),
            None => {}
        }
    }
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
