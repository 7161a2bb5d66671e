//! Text of a log is never markup: not in HTML, not in Markdown, not for the typesetter.

use crate::cases::{self, Files};

const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "</pre></code><iframe src=//evil.example>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "| a | b |\\n|---|---|",
    "```\\n# heading",
    "#panic(\\\"typeset\\\")",
    "#read(\\\"/etc/passwd\\\")",
    "$ #eval(\\\"1\\\") $ \\\\u{1F4A3} @label <label>",
    "{{ 7*7 }} {% include 'x' %}",
    "\\u001b[31mred\\u001b[0m \\u202e reversed",
];

/// An incident in which every text that can be quoted attacks.
pub fn attacked() -> Files {
    let mut log = String::new();
    for minute in 0..10 {
        for second in 0..60 {
            let failing = (4..8).contains(&minute);
            let attack = ATTACKS[(minute * 60 + second) % ATTACKS.len()];
            let (level, status) = if failing { ("error", 500) } else { ("info", 200) };
            let text = if failing { format!("connection refused {attack}") } else { "GET /cart answered".to_string() };
            log += &format!(
                "{{\"ts\":\"2024-02-07T10:{minute:02}:{second:02}Z\",\"level\":\"{level}\",\"service\":\"shop<b>\",\"msg\":\"{text}\",\"status\":{status},\"path\":\"/cart/{attack}\"}}\n"
            );
        }
    }
    let said = |at: u32, text: &str| {
        format!("{{\"type\":\"message\",\"user\":\"U1\",\"text\":\"{text}\",\"ts\":\"170730{at}.000100\"}}")
    };
    let talk: Vec<String> =
        (0..ATTACKS.len()).map(|i| said(200 + 4 * i as u32 + 6_000, &format!("rolling back {} now", ATTACKS[i]))).collect();
    Files::from([
        ("app<script>alert(2)</script>.log".replace('/', "_"), log.into_bytes()),
        ("slack/channels.json".into(), b"[{\"id\":\"C1\",\"name\":\"inc<script>\"}]".to_vec()),
        ("slack/users.json".into(), b"[{\"id\":\"U1\",\"name\":\"<script>mallory\"}]".to_vec()),
        ("slack/inc/2024-02-07.json".into(), format!("[{}]", talk.join(",")).into_bytes()),
    ])
}

#[test]
fn html_shows_markup_as_text() {
    let page = report::render::html(&cases::report(&attacked())).to_ascii_lowercase();
    for tag in ["<script>alert", "<img src=x", "<svg onload", "<iframe", "href=\"javascript:", "shop<b>", "src=\"https://evil"] {
        assert!(!page.contains(tag), "{tag} stands in the page as markup");
    }
    assert!(page.contains("&lt;script&gt;") || page.contains("&#60;script&#62;"), "the text itself is shown");
}

#[test]
fn markdown_shows_markup_as_text() {
    let page = report::render::markdown(&cases::report(&attacked()));
    let prose = without_code(&page).to_ascii_lowercase();
    for tag in ["<script", "<img", "<svg", "<iframe", "](javascript:", "](https://evil"] {
        let bare = prose.match_indices(tag).find(|(at, _)| !prose[..*at].ends_with('\\'));
        let shown = bare.map(|(at, _)| prose[..at].chars().rev().take(60).collect::<String>().chars().rev().collect::<String>());
        assert_eq!(shown, None, "before {tag}, which stands in the page as markup");
    }
}

#[test]
fn nothing_that_steers_a_terminal_is_printed() {
    let report = cases::report(&attacked());
    for page in [report::render::markdown(&report), report::render::html(&report)] {
        assert!(!page.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    }
}

#[cfg(feature = "pdf")]
#[test]
fn the_typesetter_takes_text_as_text() {
    assert!(pdf::pdf(&cases::report(&attacked())).unwrap().starts_with(b"%PDF-"));
}

/// Markdown without fenced blocks and code spans, in which nothing is markup.
fn without_code(page: &str) -> String {
    let mut prose = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let bare = line.trim_start_matches([' ', '>', '-']);
        let ticks: String = bare.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if ticks.len() >= open.len() && bare.trim_end() == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !bare[ticks.len()..].contains('`') => fence = Some(ticks),
            None => prose += &format!("{}\n", without_spans(line)),
        }
    }
    prose
}

fn without_spans(line: &str) -> String {
    let mut prose = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        prose += &rest[..at];
        let ticks = rest[at..].chars().take_while(|c| *c == '`').count();
        let after = &rest[at + ticks..];
        let mut ends = after.match_indices('`').map(|(i, _)| i).filter(|i| {
            let run = after[*i..].chars().take_while(|c| *c == '`').count();
            run == ticks && !after[..*i].ends_with('`')
        });
        rest = match ends.next() {
            Some(end) => &after[end + ticks..],
            None => {
                prose += &rest[at..at + ticks];
                after
            }
        };
    }
    prose + rest
}

#[test]
fn code_is_left_out_of_prose() {
    assert_eq!(without_code("a `<b>` c\n```\n<d>\n```\ne `` ` <f> `` g\n"), "a  c\ne  g\n");
}
