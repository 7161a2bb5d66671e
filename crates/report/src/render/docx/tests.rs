//! What Word needs of a document, by structure: parts that are XML, relationships and links that arrive, no text as markup.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::super::fixture;
use super::super::tests::reports;
use super::*;
use quick_xml::events::Event;

fn parts(report: &Report, layout: &Layout) -> BTreeMap<String, Vec<u8>> {
    let bytes = docx_in(report, layout).expect("is written");
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("is a zip");
    let mut parts = BTreeMap::new();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).expect("has the part");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("is whole");
        parts.insert(file.name().expect("has a name").into_owned(), bytes);
    }
    parts
}

/// Elements with the values of their attributes; fails where a part is no XML.
fn elements(xml: &[u8]) -> Vec<(String, BTreeMap<String, String>)> {
    let mut reader = quick_xml::Reader::from_reader(xml);
    reader.config_mut().check_end_names = true;
    let (mut out, mut depth, mut buffer) = (Vec::new(), 0_usize, Vec::new());
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).expect("is XML");
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(text) => assert!(!text.chars().any(|c| c < ' ' && c != '\n'), "{text:?}"),
            Event::Eof => break,
            _ => {}
        }
        if let Event::Start(element) | Event::Empty(element) = &event {
            let attributes = element.attributes().map(|attribute| {
                let attribute = attribute.expect("has a value");
                (attribute.key.as_ref().to_owned(), attribute.value.into_owned())
            });
            out.push((element.name().as_ref().to_owned(), attributes.collect()));
        }
    }
    assert_eq!(depth, 0);
    out
}

fn values(elements: &[(String, BTreeMap<String, String>)], name: &str, attribute: &str) -> Vec<String> {
    elements.iter().filter(|(n, _)| n == name).filter_map(|(_, all)| all.get(attribute).cloned()).collect()
}

#[test]
fn every_part_is_xml_and_every_relationship_leads_to_one() {
    for report in reports() {
        let parts = parts(&report, &Layout::default());
        let all: BTreeMap<&String, _> = parts.iter().map(|(name, xml)| (name, elements(xml))).collect();
        for (folder, relations) in [("", "_rels/.rels"), ("word/", "word/_rels/document.xml.rels")] {
            let relations = &all[&relations.to_owned()];
            for target in values(relations, "Relationship", "Target") {
                assert!(parts.contains_key(&format!("{folder}{target}")), "{target}");
            }
            assert!(values(relations, "Relationship", "TargetMode").is_empty(), "nothing outside is referred to");
        }
        for part in values(&all[&"[Content_Types].xml".to_owned()], "Override", "PartName") {
            assert!(parts.contains_key(part.trim_start_matches('/')), "{part}");
        }
        let document = &all[&"word/document.xml".to_owned()];
        let styles = values(&all[&"word/styles.xml".to_owned()], "w:style", "w:styleId");
        for kind in ["w:pStyle", "w:rStyle", "w:tblStyle"] {
            assert!(values(document, kind, "w:val").iter().all(|style| styles.contains(style)), "{kind}");
        }
        let numbers = values(&all[&"word/numbering.xml".to_owned()], "w:num", "w:numId");
        assert!(values(document, "w:numId", "w:val").iter().all(|number| numbers.contains(number)));
    }
}

#[test]
fn every_link_arrives_at_one_bookmark() {
    for report in reports() {
        let document = elements(&parts(&report, &Layout::default())["word/document.xml"]);
        let names = values(&document, "w:bookmarkStart", "w:name");
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(names.len(), unique.len(), "a bookmark is twice there");
        for to in values(&document, "w:hyperlink", "w:anchor") {
            assert!(unique.contains(&to), "{to} leads nowhere");
        }
        assert!(names.iter().all(|name| name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_alphabetic())));
    }
}

#[test]
fn every_citation_of_every_claim_is_a_link_and_has_a_way_back() {
    let report = fixture::full();
    let document =
        String::from_utf8(parts(&report, &Layout::default()).remove("word/document.xml").expect("has it")).expect("UTF-8");
    for claim in &report.claims {
        for id in claim.citations.iter() {
            assert!(document.contains(&format!("<w:hyperlink w:anchor=\"{id}\"")), "{id} is not linked");
        }
    }
    let evidence = document.split("w:name=\"s_evidence\"").nth(1).expect("has evidence");
    assert_eq!(evidence.matches("Cited by ").count(), report.evidence.len());
}

#[test]
fn tables_repeat_their_heads_and_the_language_is_set() {
    let parts = parts(&fixture::full(), &Layout::default());
    let document = elements(&parts["word/document.xml"]);
    let count = |name: &str| document.iter().filter(|(n, _)| n == name).count();
    assert!(count("w:tbl") > 5);
    assert_eq!(count("w:tbl"), count("w:tblHeader"));
    assert_eq!(values(&elements(&parts["word/styles.xml"]), "w:lang", "w:val"), ["en-GB"]);
}

#[test]
fn a_house_stands_on_every_page_and_its_words_are_marked() {
    let mut layout =
        Layout { organisation: Some("A & B".to_owned()), confidentiality: Some("Secret".to_owned()), ..Layout::default() };
    layout.sections[0].before = Some("Our words.\n\nMore of them.".to_owned());
    layout.logo = Some(Logo { kind: LogoKind::Png, bytes: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10".to_vec() });
    let parts = parts(&fixture::full(), &layout);
    let text = |name: &str| String::from_utf8_lossy(&parts[name]).into_owned();
    assert!(text("word/header1.xml").contains("A &amp; B") && text("word/header1.xml").contains("Secret"));
    assert!(text("word/footer1.xml").contains("NUMPAGES"));
    assert_eq!(text("word/document.xml").matches("<w:pStyle w:val=\"House\"/>").count(), 2);
    assert!(parts.contains_key("word/media/logo.png") && text("word/document.xml").contains("r:embed=\"logo\""));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let made = || docx_in(&fixture::full(), &Layout::default()).expect("is written");
    assert_eq!(made(), made());
}
