use proptest::prelude::*;

use super::*;

fn parse(line: &str) -> Query {
    Query::parse(line).unwrap()
}

fn fails(line: &str) -> (usize, String) {
    let wrong = Query::parse(line).unwrap_err();
    (wrong.at, wrong.why)
}

#[test]
fn a_line_says_all_that_can_be_asked() {
    let query = parse(
        r#"timeout "connection refused" level:error service:checkout /pool.*full/ field:status=503 -health pattern:p17 source:"api log" from:2024-02-07 to:2024-02-08T10:00Z"#,
    );
    assert_eq!(query.words, ["timeout", "connection refused"]);
    assert_eq!(query.without, ["health"]);
    assert_eq!(query.regexes, ["pool.*full"]);
    assert_eq!((query.levels, query.services), (vec![Level::Error], vec!["checkout".to_string()]));
    assert_eq!((query.pattern, query.sources), (Some(17), vec!["api log".to_string()]));
    assert_eq!(query.fields, [("status".to_string(), "503".to_string())]);
    assert_eq!(query.from.map(Moment::rfc3339).as_deref(), Some("2024-02-07T00:00:00Z"));
    assert_eq!(query.to.map(Moment::rfc3339).as_deref(), Some("2024-02-08T10:00:00Z"));
}

#[test]
fn what_logs_are_full_of_is_a_word() {
    for word in ["key:value", "java.lang.Error:", "-", "->", "--", "/api/v1/orders", "/health", "*", "a%_b';--", "$(x)", "50%"] {
        assert_eq!(parse(word).words, [word], "{word}");
    }
}

#[test]
fn several_levels_or_all_from_one_on() {
    assert_eq!(parse("level:warn,error").levels, [Level::Warn, Level::Error]);
    assert_eq!(parse("level:warn+").levels, [Level::Warn, Level::Error, Level::Fatal]);
}

#[test]
fn a_regular_expression_may_have_slashes_and_flags() {
    assert_eq!(parse(r"/a\/b c/").regexes, ["a/b c"]);
    assert_eq!(parse("/Pool/i x").regexes, ["(?i)Pool"]);
    assert_eq!(parse("trace:abc").fields, [("trace".to_string(), "abc".to_string())]);
}

#[test]
fn what_is_wrong_says_where() {
    assert_eq!(fails("é level:loud").0, 2);
    assert_eq!(fails("x \"open").0, 2);
    assert_eq!(fails("x /a(b").0, 2);
    assert_eq!(fails("x /a(b/").0, 2);
    assert_eq!(fails("field:status").0, 0);
    assert_eq!(fails("x from:yesterday").0, 2);
    assert_eq!(fails("pattern:p1 pattern:p2").0, 11);
    assert_eq!(fails("x \"\"").0, 2);
    assert!(fails("pattern:0").1.contains("p1"));
    assert!(Query::parse(&"x ".repeat(100)).is_err() && Query::parse(&"x".repeat(5_000)).is_err());
    assert!(Query::parse("/(a{1000}){1000}/").is_err());
}

fn text() -> impl Strategy<Value = String> {
    "[ -~é\\\\\"/]{1,12}"
}

proptest! {
    #[test]
    fn any_line_is_a_query_or_says_what_is_wrong(line in ".{0,60}") {
        let _ = Query::parse(&line);
    }

    #[test]
    fn a_query_is_written_as_it_is_read(
        words in prop::collection::vec(text(), 0..3),
        without in prop::collection::vec(text(), 0..2),
        service in prop::option::of(text()),
        field in prop::option::of(("[a-z]{1,5}", text())),
        regex in prop::option::of("[a-z/ .]{1,8}[a-z]"),
        micros in prop::option::of(0..4_000_000_000_000_000i64),
    ) {
        let query = Query {
            words,
            without,
            regexes: regex.into_iter().filter(|r: &String| !r.starts_with(' ')).collect(),
            levels: vec![Level::Warn],
            services: service.into_iter().collect(),
            sources: Vec::new(),
            pattern: Some(3),
            fields: field.into_iter().collect(),
            from: micros.map(Moment),
            to: None,
        };
        let line = query.to_string();
        prop_assert_eq!(Query::parse(&line), Ok(query), "{}", line);
    }
}
