use evidence::{AlertState, Body, Event, Http, Level, Message, Record, RecordRef, Series, SourceId};
use proptest::prelude::*;

use super::*;

fn place() -> RecordRef {
    RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 }
}

fn record(message: &str) -> Record<'_> {
    Record {
        place: place(),
        stamp: None,
        stamp_text: None,
        level: Some(Level::Error),
        service: Some("cart".into()),
        instance: None,
        message: message.into(),
        trace: None,
        http: Some(Http { path: Some("/api/items/7".into()), status: Some(503), duration_ms: Some(41.5), ..Http::default() }),
        user: Some("u-1".into()),
        format: "text",
        fields: vec![("shard".into(), "eu*1".into())],
    }
}

fn holds(filter: &str, message: &str) -> bool {
    Filter::parse(filter).expect(filter).matches_record(&record(message))
}

#[test]
fn every_term_must_hold() {
    assert!(holds("any", ""));
    assert!(holds("level>=error status>=500 service=cart path=/api/* user", ""));
    assert!(!holds("level>=error status>=500 service=orders", ""));
    assert!(holds("level<fatal status=503 status<=503 status>502", ""));
    assert!(!holds("level>error", ""));
    assert!(!holds("trace", "") && !holds("instance", "") && holds("!trace", ""));
    assert!(holds("!path=/health* status", "") && !holds("!path=/api/*", ""));
    assert!(holds(r#"field.shard="eu\\*1""#, "") && !holds(r#"field.shard="eu\\*""#, ""));
}

#[test]
fn a_text_glob_covers_the_whole_message_with_its_continuation() {
    assert!(holds(r#"text~"timed out after * ms""#, "timed out after 30 ms"));
    assert!(!holds(r#"text~"timed out""#, "timed out after 30 ms"));
    assert!(holds(r#"text~"*said \"no\"*""#, "it said \"no\"\n  at x"));
    assert!(!holds(r#"text~"Timed*""#, "timed out"), "case counts");
    assert!(holds(r#"text~"a*a""#, "aa") && !holds(r#"text~"a*a""#, "a"));
    assert!(Filter::template("GET <*> failed: <*>").matches_record(&record("GET /x failed: EOF\n at y")));
    assert!(Filter::any().containing("5*").matches_record(&record("2 5* 3")));
    assert!(!Filter::any().containing("5*").matches_record(&record("2 55 3")));
}

#[test]
fn events_and_series_have_terms_of_their_own() {
    let event = |body| Event { place: place(), stamp: None, body };
    let said = event(Body::Message(Message { author: "ana".into(), text: "rolled back".into(), ..Message::default() }));
    let matches = |filter: &str, event: &Event| Filter::parse(filter).expect(filter).matches_event(event);
    assert!(matches(r#"event=message author="ana" text~"*back""#, &said));
    assert!(!matches("event=alert", &said) && !matches("level>=error", &said));
    let alert = event(Body::Alert(AlertState { firing: true, service: Some("cart".into()), ..AlertState::default() }));
    assert!(matches("event=alert firing service=cart", &alert));
    let labels = vec![("job".to_string(), "x y".to_string())];
    let series = event(Body::Series(Series { metric: "up".into(), labels, ..Series::default() }));
    assert!(matches(r#"metric="up" label.job="x y" points"#, &series));
    assert!(Filter::parse("points").unwrap().wants_points());
    assert!(!Filter::parse("event=message").unwrap().matches_record(&record("")));
}

#[test]
fn what_is_counted_is_named_by_of() {
    let users = Filter::any().with_user().of(Of::User);
    assert_eq!(users.to_string(), "user of=user");
    assert_eq!(users.key_of(&record("")), Some("u-1"));
    assert_eq!(Filter::any().of(Of::DurationMs).number_of(&record("")), Some(41.5));
}

#[test]
fn a_ratio_has_two_filters() {
    let text = Filter::failed_requests().over(&Filter::requests().path("/a / b"));
    assert_eq!(text, r#"status>=500 / status path="/a / b""#);
    let (numerator, denominator) = Filter::parse_ratio(&text).unwrap();
    assert_eq!(numerator, Filter::failed_requests());
    assert_eq!(denominator, Filter::requests().path("/a / b"));
    assert!(Filter::parse_ratio("status").is_err() && Filter::parse_ratio("a / b / c").is_err());
}

#[test]
fn what_is_not_understood_is_an_error_that_says_what_would_be() {
    for (text, says) in [
        ("", "any"),
        ("colour=red", "known are"),
        ("level>=loud", "no level"),
        ("status>=many", "no status code"),
        ("text~\"open", "not closed"),
        ("event=party", "alert"),
        ("level", "compare"),
        ("!any", "known are"),
        ("text~\"\\q\"", "followed by"),
    ] {
        let error = Filter::parse(text).unwrap_err();
        assert!(error.contains(says), "{text}: {error}");
    }
}

fn any_glob() -> impl Strategy<Value = Glob> {
    "[ -~äß\\n\\t*]{0,12}".prop_map(|text| Glob::new(&text))
}

fn any_compare() -> impl Strategy<Value = Compare> {
    prop::sample::select(vec![Compare::Less, Compare::AtMost, Compare::Equal, Compare::AtLeast, Compare::More])
}

fn any_test() -> impl Strategy<Value = Test> {
    let word = || "[ -~ä\\r\\n]{0,8}";
    prop_oneof![
        (any_compare(), prop::sample::select(Level::ALL.to_vec())).prop_map(|(c, l)| Test::Level(c, l)),
        (any_compare(), any::<u16>()).prop_map(|(c, s)| Test::Status(c, s)),
        prop::sample::select(vec![Has::Status, Has::User, Has::Trace, Has::Instance]).prop_map(Test::Has),
        word().prop_map(Test::Service),
        any_glob().prop_map(Test::Path),
        any_glob().prop_map(Test::Text),
        (word(), any_glob()).prop_map(|(k, g)| Test::Field(k, g)),
        word().prop_map(Test::Metric),
        (word(), word()).prop_map(|(k, v)| Test::Label(k, v)),
        Just(Test::Points),
        Just(Test::Firing),
        prop::sample::select(EventKind::WORDS.to_vec()).prop_map(|(_, k)| Test::Event(k)),
        word().prop_map(Test::Author),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let term = (any::<bool>(), any_test()).prop_map(|(negated, test)| Term { negated, test });
    let of = prop::option::of(prop::sample::select(Of::WORDS.to_vec()).prop_map(|(_, o)| o));
    (prop::collection::vec(term, 0..5), of).prop_map(|(terms, of)| Filter { terms, of })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same(filter in any_filter()) {
        prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn two_filters_read_back_as_the_same(a in any_filter(), b in any_filter()) {
        prop_assert_eq!(Filter::parse_ratio(&a.over(&b)), Ok((a, b)));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
        let _ = Filter::parse(&text);
        let _ = Filter::parse_ratio(&text);
    }

    #[test]
    fn a_text_matches_its_own_literal_glob(text in "[ -~ä]{0,20}") {
        let literal = Glob { pieces: vec![text.clone()] };
        prop_assert!(Glob::new(&literal.to_string()).matches(&text));
    }
}
