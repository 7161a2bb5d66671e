//! What a reader can rely on: any report becomes a PDF, the same one each time, and nothing in it is run.

use super::*;

const HOSTILE: [&str; 9] = [
    "#panic(\"no\") #read(\"/etc/passwd\") #import \"@preview/x:1.0.0\"",
    "$ sum_(i=0) $ \\ \\u{41} @label <label> = heading - list * bold * _em_ `raw` // comment /* open",
    "]}) [[[ ((( {{{ \"\"\" ''' ```",
    "\0\u{1b}[31mred\u{1b}[0m\u{7}\u{8}\u{feff}\u{fffe}\u{10ffff}",
    "\u{202e}left and right\u{202c} שלום مرحبا بالعالم",
    "emoji 🔥👩‍👩‍👧 中文 日本語 한국어 हिन्दी \u{e000}",
    "z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}algo",
    "",
    " \n\t\r\n ",
];

#[test]
fn a_full_report_is_a_pdf_and_keeps_the_accessibility_standard() {
    let bytes = pdf(&fixture::full()).expect("typesets");
    assert!(bytes.starts_with(b"%PDF-"));
    assert!(bytes.windows(11).any(|w| w == b"pdfuaid:par" || w == b"<pdfuaid:pa"), "declares PDF/UA");
}

#[test]
fn a_report_that_knows_nothing_is_a_pdf_too() {
    assert!(pdf(&fixture::unknown()).expect("typesets").starts_with(b"%PDF-"));
}

#[test]
fn every_reader_gets_a_pdf() {
    use report::audience::{Audience, address};
    for reader in [Audience::Executive, Audience::Customer, Audience::Regulator { regime: "dora", stage: "final" }] {
        let mut report = address(fixture::full(), reader).expect("may be told");
        report.as_of = Some("2024-02-07T09:05:00Z".to_owned());
        assert!(pdf(&report).expect("typesets").starts_with(b"%PDF-"));
    }
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let report = fixture::full();
    assert_eq!(pdf(&report).expect("typesets"), pdf(&report).expect("typesets"));
}

#[test]
fn hostile_text_is_printed_and_never_run() {
    // Each text comes to stand in other places.
    for start in [0, 4] {
        let texts: Vec<&str> = HOSTILE.iter().cycle().skip(start).take(HOSTILE.len()).copied().collect();
        let made = pdf(&fixture::poisoned(&texts));
        assert!(made.is_ok(), "{:?}", made.err());
    }
}

#[test]
fn one_endless_word_does_not_hurt() {
    assert!(pdf(&fixture::poisoned(&["x".repeat(1_000_000).as_str()])).is_ok());
}

#[test]
fn ids_that_are_twice_there_or_missing_do_not_hurt() {
    let mut report = fixture::full();
    report.evidence[1].id = report.evidence[0].id.clone();
    report.claims[1].id = report.claims[0].id.clone();
    report.timeline[0].claim = "nowhere".to_owned();
    assert!(pdf(&report).is_ok());
}

/// Under a second in an optimised build.
#[test]
fn hundreds_of_evidences_become_a_pdf() {
    assert!(pdf(&fixture::long()).is_ok());
}

#[test]
fn each_cited_evidence_knows_its_way_back() {
    let view = view::of(&fixture::full());
    let headings: Vec<&str> =
        view["evidence"][0]["cited"].as_array().into_iter().flatten().filter_map(|place| place["heading"].as_str()).collect();
    assert_eq!(headings, ["Cover", "Executive summary", "Timeline", "Root cause", "Five whys", "Prevention"]);
    assert_eq!(view["evidence"][0]["id"], "e1");
}

#[test]
fn every_claim_is_printed_somewhere() {
    let report = fixture::full();
    let view = view::of(&report).to_string();
    for claim in &report.claims {
        let words = clean::prose(&claim.text).replace('"', "\\\"");
        let by_part = report.timeline.iter().any(|entry| entry.claim == claim.id);
        assert!(by_part || view.contains(&words), "{} is not printed", claim.id);
    }
}

/// Writes the samples and their data to the temporary folder, to be looked at page by page.
#[test]
#[ignore = "for the eye"]
fn look() {
    let folder = std::env::temp_dir();
    for (name, report) in [
        ("full", fixture::full()),
        ("unknown", fixture::unknown()),
        ("hostile", fixture::poisoned(&HOSTILE)),
        ("long", fixture::long()),
        ("endless", fixture::poisoned(&["x".repeat(9_000).as_str()])),
        ("wordy", fixture::poisoned(&["Words and words. ".repeat(600).as_str()])),
        ("quiet", fixture::quiet()),
    ] {
        std::fs::write(folder.join(format!("{name}.json")), view::of(&report).to_string()).expect("writes");
        std::fs::write(folder.join(format!("{name}.pdf")), pdf(&report).expect("typesets")).expect("writes");
    }
}
