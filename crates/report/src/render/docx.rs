//! The report as a Word document, WordprocessingML in a zip: headings, contents, tables with repeated heads, links from each
//! citation to its record and back.
//!
//! Written here, as the one crate that is kept can neither repeat the head of a table nor set a language; see
//! `docs/decisions/0026-exports.md`. All looks stand in the styles of `templates/docx/styles.xml`, so that a house can put its
//! own in their place. This module must never know findings or a clock: the zip has no times. What breaks it: nothing that
//! is text, which is escaped as XML; a logo that is an SVG is left out, as Word wants a photograph beside it.

mod body;
mod picture;

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::outline::{self, Outline};
use super::xml::escaped;
use crate::layout::{Layout, Logo, LogoKind};
use crate::model::Report;
use body::Body;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const NAMES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
/// Of relationships, up to their kind.
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

/// A4; the same bytes for the same report.
pub fn docx_in(report: &Report, layout: &Layout) -> io::Result<Vec<u8>> {
    let outline = outline::of(report, layout);
    let logo = layout.logo.as_ref().filter(|logo| logo.kind != LogoKind::Svg);
    let body = Body::of(&outline, logo);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, bytes: &[u8]| -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        zip.start_file(name, options)?;
        zip.write_all(bytes)
    };
    put("[Content_Types].xml", include_bytes!("../../templates/docx/content_types.xml"))?;
    put("_rels/.rels", include_bytes!("../../templates/docx/rels.xml"))?;
    put("docProps/core.xml", core(&outline, &maker(report)).as_bytes())?;
    put("docProps/app.xml", app(&maker(report)).as_bytes())?;
    put("word/document.xml", body.document.as_bytes())?;
    put("word/styles.xml", include_bytes!("../../templates/docx/styles.xml"))?;
    put("word/settings.xml", include_bytes!("../../templates/docx/settings.xml"))?;
    put("word/numbering.xml", numbering(body.numbered).as_bytes())?;
    put("word/header1.xml", header(&outline).as_bytes())?;
    put("word/footer1.xml", footer(&outline).as_bytes())?;
    put("word/_rels/document.xml.rels", relations(logo).as_bytes())?;
    if let Some(logo) = logo {
        put(&format!("word/media/logo.{}", logo.kind.ending()), &logo.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn maker(report: &Report) -> String {
    format!("{} {}", report.generator.name, report.generator.version)
}

fn core(outline: &Outline, maker: &str) -> String {
    let creator = outline.organisation.as_deref().unwrap_or(maker);
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>\
         <dc:language>en-GB</dc:language></cp:coreProperties>\n",
        escaped(&outline.title),
        escaped(creator)
    )
}

fn app(maker: &str) -> String {
    let names = "xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"";
    format!("{HEAD}<Properties {names}><Application>{}</Application></Properties>\n", escaped(maker))
}

/// Bullets, boxes, and as many numberings as there are numbered lists, each of which begins at 1.
fn numbering(numbered: usize) -> String {
    let level = |id: usize, kind: &str, sign: &str| {
        format!(
            "<w:abstractNum w:abstractNumId=\"{id}\"><w:multiLevelType w:val=\"singleLevel\"/><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/>\
             <w:numFmt w:val=\"{kind}\"/><w:lvlText w:val=\"{sign}\"/><w:lvlJc w:val=\"left\"/>\
             <w:pPr><w:ind w:left=\"360\" w:hanging=\"360\"/></w:pPr></w:lvl></w:abstractNum>\n"
        )
    };
    let mut out = format!("{HEAD}<w:numbering {NAMES}>\n");
    out.push_str(&[level(1, "bullet", "•"), level(2, "bullet", "☐"), level(3, "decimal", "%1.")].concat());
    for (number, kind) in [(body::BULLETS, 1), (body::BOXES, 2)] {
        out.push_str(&format!("<w:num w:numId=\"{number}\"><w:abstractNumId w:val=\"{kind}\"/></w:num>\n"));
    }
    for number in 0..numbered {
        let id = body::NUMBERS + number;
        out.push_str(&format!("<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"3\"/>"));
        out.push_str("<w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"1\"/></w:lvlOverride></w:num>\n");
    }
    out + "</w:numbering>\n"
}

fn header(outline: &Outline) -> String {
    let left = outline.organisation.as_deref().unwrap_or(&outline.title);
    let right = outline.confidentiality.as_deref().unwrap_or("");
    let line = format!("{}<w:r><w:tab/></w:r>{}", body::run("", left), body::run("", right));
    format!("{HEAD}<w:hdr {NAMES}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr>{line}</w:p></w:hdr>\n")
}

fn footer(outline: &Outline) -> String {
    let field = |name: &str| format!("<w:fldSimple w:instr=\" {name} \">{}</w:fldSimple>", body::run("", "1"));
    let title = if outline.organisation.is_some() { outline.title.as_str() } else { "" };
    let page = [body::run("", "Page "), field("PAGE"), body::run("", " of "), field("NUMPAGES")].concat();
    let line = format!("{}<w:r><w:tab/></w:r>{page}", body::run("", &super::words::beginning(title, 90)));
    format!("{HEAD}<w:ftr {NAMES}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/></w:pPr>{line}</w:p></w:ftr>\n")
}

fn relations(logo: Option<&Logo>) -> String {
    let mut out = format!("{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    let parts = [("styles", "styles.xml"), ("settings", "settings.xml"), ("numbering", "numbering.xml")];
    let all = parts.into_iter().chain([("header", "header1.xml"), ("footer", "footer1.xml")]);
    for (kind, target) in all {
        out.push_str(&format!("<Relationship Id=\"{kind}\" Type=\"{KIND}{kind}\" Target=\"{target}\"/>"));
    }
    if let Some(logo) = logo {
        let target = format!("media/logo.{}", logo.kind.ending());
        out.push_str(&format!("<Relationship Id=\"logo\" Type=\"{KIND}image\" Target=\"{target}\"/>"));
    }
    out + "</Relationships>\n"
}

#[cfg(test)]
mod tests;
