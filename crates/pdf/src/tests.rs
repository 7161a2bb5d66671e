//! What a reader can rely on: any report becomes a PDF, the same one each time, readable for everyone, and nothing in it
//! is run. Ids are those of the reliability tests.

use hayro_syntax::object::{Dict, Name, Stream};
use report::layout::{Logo, LogoKind, Part, Planned};
use report::render::scene::{Align, Mark, Scene, Shape, Tone};

use super::*;

/// Names by which a PDF runs something, holds files, or sends something away.
const ACTIVE: [&str; 12] = [
    "JS",
    "JavaScript",
    "Launch",
    "OpenAction",
    "AA",
    "EmbeddedFiles",
    "EmbeddedFile",
    "SubmitForm",
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/URI",
];

const MARKUP: [&str; 7] = [
    "#panic(\"no\") #read(\"/etc/passwd\") #eval(\"1\") #include \"x.typ\"",
    "#import \"@preview/x:1.0.0\": * #set page(width: 1pt)",
    "$ sum_(i=0) $ \\ \\u{41} @label <label> @ref",
    "= heading - list * bold * _em_ `one` and ``` // comment /* open",
    "]}) [[[ ((( {{{ \"\"\" '''",
    "https://evil.example/a?b=c javascript:alert(1) file:///etc/passwd",
    "<script>alert(1)</script> &amp; %PDF-1.4 endobj stream /JS (app.alert)",
];

const SCRIPTS: [&str; 6] = [
    "\0\u{1b}[31mred\u{1b}[0m\u{7}\u{8}\u{feff}\u{fffe}\u{10ffff}",
    "\u{202e}left and right\u{202c} שלום (a) مرحبا بالعالم",
    "emoji 🔥👩‍👩‍👧❤️ 中文 日本語 한국어 हिन्दी ไทย \u{e000}",
    "z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}algo \u{13000}\u{1f9ff} \u{200d}\u{fe0f}",
    "",
    " \n\t\r\n ",
];

fn made(report: &Report) -> Vec<u8> {
    pdf(report).expect("typesets and keeps PDF/UA-1")
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn a_full_report_is_a_pdf_for_everyone() {
    let pdf = reading::open(made(&fixture::full()));
    let catalog = reading::catalog(&pdf);
    let metadata: Stream<'_> = catalog.get("Metadata").expect("has metadata");
    let metadata = String::from_utf8(metadata.decoded().expect("is plain").to_vec()).expect("is text");
    assert!(metadata.contains("<pdfuaid:part>1</pdfuaid:part>"), "declares PDF/UA-1");
    assert!(metadata.contains("Order intake fails after the pool size was cut"), "has a title");
    assert!(!metadata.contains("Date>"), "has no date");
    assert!(catalog.get::<Dict<'_>>("MarkInfo").and_then(|info| info.get::<bool>("Marked")).unwrap_or(false), "is tagged");
    assert!(catalog.get::<Dict<'_>>("ViewerPreferences").and_then(|p| p.get::<bool>("DisplayDocTitle")).unwrap_or(false));
    let language = catalog.get::<hayro_syntax::object::String<'_>>("Lang").expect("has a language");
    assert_eq!(language.as_bytes(), b"en");
    for page in pdf.pages().iter() {
        assert_eq!(page.raw().get::<Name<'_>>("Tabs").expect("says how to step through").as_str(), "S");
    }
}

#[test]
fn headings_descend_step_by_step_and_pictures_are_told_in_words() {
    let pdf = reading::open(made(&fixture::full()));
    let structure = reading::structure(&pdf);
    let levels: Vec<u32> = structure.iter().filter_map(|e| e.kind.strip_prefix('H')?.parse().ok()).collect();
    assert!(levels.len() > 17 && levels.first() == Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let pictures: Vec<_> = structure.iter().filter(|e| e.kind == "Figure").collect();
    assert_eq!(pictures.len(), 2);
    assert!(pictures.iter().all(|picture| picture.alt.as_deref().is_some_and(|alt| alt.len() > 20)), "{pictures:?}");
    let has = |kind: &str| structure.iter().filter(|e| e.kind == kind).count();
    assert!(has("TH") > 20 && has("TD") > 50 && has("Link") > 60 && has("TOCI") == 17);
}

#[test]
fn chapters_follow_the_layout_with_the_words_and_the_name_of_the_house() {
    let planned = |part, title: &str| Planned { part, title: title.to_owned(), before: None, after: None };
    let mut layout = Layout::of(vec![
        planned(Part::Actions, "What we will do"),
        planned(Part::House, "How to read this"),
        planned(Part::Summary, "In short"),
    ]);
    layout.sections[1].before = Some("First paragraph #read(\"x\").\n\nSecond paragraph.".to_owned());
    layout.sections[2].after = Some("Questions go to the office.".to_owned());
    layout.organisation = Some("Example Ltd".to_owned());
    layout.confidentiality = Some("Confidential, for Example Ltd only".to_owned());
    let pdf = reading::open(pdf_in(&fixture::full(), &layout).expect("typesets"));
    let titles = ["What we will do", "How to read this", "In short", "Evidence"];
    assert_eq!(reading::bookmarks(&pdf), titles.iter().enumerate().map(|(i, t)| format!("{} {t}", i + 1)).collect::<Vec<_>>());
    let text = reading::text(&pdf);
    for words in ["First paragraph #read(\"x\").", "Second paragraph.", "Questions go to the office."] {
        assert!(text.contains(&without_blanks(words)), "{words}");
    }
    let pages = pdf.pages().len();
    assert_eq!(text.matches(&without_blanks("Confidential, for Example Ltd only")).count(), pages);
    assert!(text.matches("ExampleLtd").count() >= 2 * pages, "stands at the head of each page");
    assert!(text.contains(&without_blanks(&format!("Page {pages} of {pages}"))));
}

#[test]
fn a_logo_is_shown_and_a_broken_one_is_named() {
    let layout = |kind, bytes: &[u8]| Layout { logo: Some(Logo { kind, bytes: bytes.to_vec() }), ..Layout::default() };
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='40' height='20'/></svg>";
    let nosy = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><image href='file:///etc/passwd' width='9' height='9'/></svg>";
    let made = pdf_in(&fixture::unknown(), &layout(LogoKind::Svg, svg)).expect("typesets");
    let pictures: Vec<_> = reading::structure(&reading::open(made)).into_iter().filter(|e| e.kind == "Figure").collect();
    assert_eq!(pictures[0].alt.as_deref(), Some("Logo"));
    assert!(matches!(pdf_in(&fixture::unknown(), &layout(LogoKind::Svg, nosy)), Err(PdfError::Logo(_))), "a logo reads no file");
    for kind in [LogoKind::Png, LogoKind::Jpeg, LogoKind::Svg] {
        assert!(matches!(pdf_in(&fixture::unknown(), &layout(kind, b"no picture")), Err(PdfError::Logo(_))));
    }
}

#[test]
fn every_shape_of_a_picture_can_be_drawn() {
    let mut report = fixture::full();
    let ledger = ledger::Ledger::of(&report, &Default::default());
    let shapes = [
        Shape::Rect { x: 10.0, y: 10.0, width: 80.0, height: 20.0, radius: 3.0 },
        Shape::Line { x1: 90.0, y1: 20.0, x2: 190.0, y2: 60.0, width: 1.5, dashed: true, arrow: true },
        Shape::Path { points: vec![(0.0, 90.0), (50.0, 60.0), (100.0, 90.0)], closed: true, width: 1.0 },
        Shape::Path { points: vec![(0.0, 90.0), (50.0, 60.0), (100.0, 90.0)], closed: false, width: 1.0 },
        Shape::Dot { x: 200.0, y: 20.0, radius: 4.0 },
        Shape::Text {
            x: 200.0,
            y: 50.0,
            text: "#text\u{202e} 中 ".repeat(20),
            size: 11.0,
            align: Align::End,
            bold: true,
            mono: true,
        },
        Shape::Dot { x: f64::NAN, y: 20.0, radius: 4.0 },
        Shape::Path { points: vec![], closed: true, width: 1.0 },
    ];
    let tones = [
        Tone::Ink,
        Tone::Muted,
        Tone::Hair,
        Tone::Ground,
        Tone::Accent,
        Tone::Good,
        Tone::Bad,
        Tone::Warn,
        Tone::Violet,
        Tone::Plain,
    ];
    let mark = |(i, shape): (usize, &Shape)| {
        Mark::new(shape.clone(), tones[i % tones.len()])
            .faint(0.4)
            .to(["e1", "e99", "evidence-2"].get(i).map(|s| (*s).to_owned()))
    };
    let scene = Scene { width: 300.0, height: 100.0, marks: shapes.iter().enumerate().map(mark).collect() };
    let drawn = pictures::scene(&scene, &ledger);
    let marks = drawn["marks"].as_array().expect("is a list");
    assert_eq!(marks.len(), 6, "what stands nowhere is left out");
    assert_eq!(
        [&marks[0]["to"], &marks[1]["to"], &marks[2]["to"]],
        [&serde_json::json!(0), &serde_json::json!(null), &serde_json::json!(2)]
    );
    let chart = serde_json::json!([{ "title": "Every shape", "plain": "Every shape once.", "scene": drawn }]);
    report.timeline.clear();
    let mut data = view::of(&report, &Layout::default());
    data["chapters"][1]["body"] = chart;
    clean::drawable(&mut data, Faces::All);
    data["boxed"] = true.into();
    assert!(compiled(&data, None).is_ok());
}

#[test]
fn c2_markup_of_the_typesetter_is_printed_as_it_stands() {
    let text = reading::text(&reading::open(made(&fixture::poisoned(&MARKUP))));
    for words in MARKUP {
        // A pair of backticks marks code, in the report's own notation.
        let words = without_blanks(&words.replace("`one`", "one"));
        assert!(text.contains(&words), "{words}");
    }
    assert!(!text.contains("root:x:0"), "no file is read");
}

#[test]
fn c2_a_hundred_thousand_brackets_do_not_hurt() {
    let text = reading::text(&reading::open(made(&fixture::poisoned(&["[".repeat(100_000).as_str()]))));
    assert!(text.contains(&"[".repeat(1_000)));
}

#[test]
fn c6_nothing_is_run_and_no_link_leaves_the_file() {
    for texts in [&MARKUP[..], &SCRIPTS[..]] {
        let pdf = reading::open(made(&fixture::poisoned(texts)));
        let names = reading::names(&pdf);
        assert!(ACTIVE.iter().all(|name| !names.contains(*name)), "{names:?}");
        assert_eq!(reading::addresses(&pdf), Vec::<String>::new());
        assert!(reading::links(&pdf) > 17);
    }
}

#[test]
fn c6_text_of_many_scripts_can_be_read_back_and_what_no_face_has_shows_its_number() {
    let texts = ["Ελληνικά Русский язык 中文 日本語 한국어 ไทย 🔥", "a\u{202e}b\u{1b}[31m \u{13000} \u{e000}"];
    let pdf = reading::open(made(&fixture::poisoned(&texts)));
    let text = reading::text(&pdf);
    let private = |text: &str| text.contains(['\u{e000}', '\u{e001}']);
    assert!(!private(&text) && !reading::bookmarks(&pdf).iter().any(|title| private(title)));
    assert!(!reading::structure(&pdf).iter().any(|element| element.alt.as_deref().is_some_and(private)));
    for words in ["Ελληνικά", "Русскийязык", "中文", "日本語", "한국어", "🔥", "aU+202EbU+001B[31m", "U+13000", "U+E000"]
    {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn c6_every_mixture_of_scripts_keeps_the_accessibility_standard() {
    // Each text comes to stand in other places.
    let all: Vec<&str> = MARKUP.iter().chain(&SCRIPTS).copied().collect();
    for start in [0, 5] {
        let texts: Vec<&str> = all.iter().cycle().skip(start).take(all.len()).copied().collect();
        assert!(made(&fixture::poisoned(&texts)).starts_with(b"%PDF-"));
    }
}

#[test]
fn c13_the_same_report_gives_the_same_bytes_in_every_thread() {
    let report = fixture::full();
    let here = made(&report);
    let there: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| made(&report))).collect();
        threads.into_iter().map(|thread| thread.join().expect("ends")).collect()
    });
    assert!(there.iter().all(|bytes| *bytes == here));
}

#[test]
fn a_report_that_knows_nothing_is_a_pdf_too() {
    for report in [fixture::unknown(), fixture::quiet()] {
        let pdf = reading::open(made(&report));
        assert_eq!(reading::bookmarks(&pdf).len(), 17);
    }
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

#[test]
fn hundreds_of_evidences_become_a_pdf() {
    assert!(pdf(&fixture::long()).is_ok());
}

#[test]
#[ignore = "a measurement, for an optimised build"]
fn five_thousand_entries_take_less_than_ten_seconds() {
    let took = |report: &Report| {
        let before = std::time::Instant::now();
        let bytes = made(report);
        let seconds = before.elapsed().as_secs_f64();
        println!("{} pages in {seconds:.2} s", reading::open(bytes).pages().len());
        seconds
    };
    let (usual, long) = (took(&fixture::full()), took(&fixture::eventful(5_000)));
    assert!(usual < 1.0, "a usual report took {usual:.1} s");
    assert!(long < 10.0, "5,000 entries took {long:.1} s");
}

#[test]
fn every_link_leads_to_a_place_in_the_file() {
    let pdf = reading::open(made(&fixture::full()));
    let places = reading::places(&pdf);
    assert_eq!(places.len(), reading::links(&pdf), "each link has its place");
    for n in 1..=fixture::full().evidence.len() {
        let ways: std::collections::BTreeSet<_> =
            places.iter().filter(|(said, _)| *said == format!("evidence {n}")).map(|(_, place)| place).collect();
        assert!(ways.len() < 2, "all links to evidence {n} lead to one place: {ways:?}");
    }
    assert!(places.iter().any(|(said, _)| said == "evidence 1"), "who listens hears where a link leads");
    let distinct: std::collections::BTreeSet<_> = places.iter().map(|(_, place)| place).collect();
    assert!(distinct.len() > 17, "{} places for {} links", distinct.len(), places.len());
}

#[test]
fn a_link_to_no_place_is_a_fault_and_never_leaves_the_file() {
    let mut data = view::of(&fixture::full(), &Layout::default());
    let mark = Mark::new(Shape::Dot { x: 20.0, y: 20.0, radius: 4.0 }, Tone::Ink).to(Some("e1".to_owned()));
    let report = fixture::full();
    let ledger = ledger::Ledger::of(&report, &Default::default());
    let mut scene = pictures::scene(&Scene { width: 300.0, height: 100.0, marks: vec![mark] }, &ledger);
    let with = |data: &mut serde_json::Value, scene: &serde_json::Value| {
        data["chapters"][1]["body"] = serde_json::json!([{ "title": "A dot", "plain": "One dot.", "scene": scene }]);
        clean::drawable(data, Faces::All);
        data["boxed"] = true.into();
        compiled(data, None).map(|_| ())
    };
    assert_eq!(with(&mut data, &scene), Ok(()));
    scene["marks"][0]["to"] = 99_998.into();
    assert_eq!(with(&mut data, &scene), Err("no place is named evidence 99999".to_owned()));
}

#[test]
fn each_cited_evidence_knows_its_way_back() {
    let view = view::of(&fixture::full(), &Layout::default());
    let evidence = view["chapters"].as_array().into_iter().flatten().find(|chapter| chapter["part"] == "evidence");
    let first = &evidence.expect("is there")["body"]["items"][0];
    let back = |place: &serde_json::Value| place["heading"].as_str().map(str::to_owned);
    let mut headings: Vec<String> = first["cited"].as_array().into_iter().flatten().filter_map(back).collect();
    headings.dedup();
    let all = [
        "Executive summary",
        "Timeline",
        "Root cause",
        "Causal chain",
        "Contributing factors",
        "Five whys",
        "Prevention checklist",
    ];
    assert_eq!(headings, all);
    assert_eq!(first["id"], "e1");
}

#[test]
fn every_claim_is_printed_somewhere() {
    let report = fixture::full();
    let view = view::of(&report, &Layout::default()).to_string();
    for claim in &report.claims {
        let words = clean::prose(&claim.text).replace('"', "\\\"");
        let by_part = report.timeline.iter().any(|entry| entry.claim == claim.id);
        assert!(by_part || view.contains(&words), "{} is not printed", claim.id);
    }
}

/// Writes the samples, and every report that lies in the temporary folder as `casefile-*.json`, to be looked at page by
/// page.
#[test]
#[ignore = "for the eye"]
fn look() {
    let folder = std::env::temp_dir();
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='30'><circle cx='15' cy='15' r='14' fill='#135'/><path d='M36 8h50v14h-50z' fill='#579'/></svg>";
    let house = Layout {
        organisation: Some("Example Ltd".to_owned()),
        confidentiality: Some("Confidential, for Example Ltd and its customers only".to_owned()),
        logo: Some(Logo { kind: LogoKind::Svg, bytes: svg.as_bytes().to_vec() }),
        ..Layout::default()
    };
    std::fs::write(folder.join("casefile-house.pdf"), pdf_in(&fixture::full(), &house).expect("typesets")).expect("writes");
    for entry in std::fs::read_dir(&folder).expect("is a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("casefile-") && name.ends_with(".json") {
            let report: Report = serde_json::from_slice(&std::fs::read(entry.path()).expect("reads")).expect("is a report");
            let before = std::time::Instant::now();
            std::fs::write(entry.path().with_extension("pdf"), made(&report)).expect("writes");
            println!("{name}: {} ms", before.elapsed().as_millis());
        }
    }
    for (name, report) in [
        ("full", fixture::full()),
        ("unknown", fixture::unknown()),
        ("scripts", fixture::poisoned(&SCRIPTS)),
        ("markup", fixture::poisoned(&MARKUP)),
        ("long", fixture::long()),
        ("endless", fixture::poisoned(&["x".repeat(9_000).as_str()])),
        ("wordy", fixture::poisoned(&["Words and words. ".repeat(600).as_str()])),
        ("quiet", fixture::quiet()),
    ] {
        std::fs::write(folder.join(format!("casefile-{name}.pdf")), pdf(&report).expect("typesets")).expect("writes");
    }
}
