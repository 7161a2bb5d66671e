use evidence::{Body, Level, Message, SourceId};

use super::super::{Document, read_whole};

fn check(text: &str) -> Document {
    read_whole("export/inc-7/2025-01-01.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a document")
}

fn messages(document: &Document) -> Vec<&Message> {
    document.events.iter().filter_map(|e| if let Body::Message(m) = &e.body { Some(m) } else { None }).collect()
}

#[test]
fn lines_of_a_log_in_a_code_block_are_records_that_came_by_chat() {
    let text = r#"[{"type":"message","user":"U1","ts":"1735689605.000100","text":"look:\n```2025-01-01 01:00:05,123 ERROR [main] c.s.Cart - pool &gt; 20\n\tat c.s.Cart.add(Cart.java:12)\n2025-01-01 01:00:06,001 INFO  [main] c.s.Cart - ok \"x\"```\nand `kubectl get pods` says\n```NAME READY\ncart 0/1```"}]"#;
    let document = check(text);
    assert_eq!((document.records, document.texts.len(), document.carried.len()), (1, 0, 2));
    let seen: Vec<_> = document.carried.iter().map(|c| c.record(c.place)).collect();
    assert_eq!((seen[0].level, seen[0].field("via"), seen[0].stamp), (Some(Level::Error), Some("chat"), None));
    assert!(seen[0].message.contains("pool > 20\n\tat c.s.Cart.add"));
    assert_eq!(seen[0].stamp_text.as_deref(), Some("2025-01-01 01:00:05,123"));
    let quote = |at: usize| &text[seen[at].place.start as usize..seen[at].place.end as usize];
    assert_eq!(quote(0), r"2025-01-01 01:00:05,123 ERROR [main] c.s.Cart - pool &gt; 20\n\tat c.s.Cart.add(Cart.java:12)");
    assert_eq!(quote(1), r#"2025-01-01 01:00:06,001 INFO  [main] c.s.Cart - ok \"x\""#);
    assert!(messages(&document)[0].text.contains("pool > 20"));
}

#[test]
fn preformatted_blocks_and_snippets_are_quotes_too() {
    let text = r#"[{"type":"message","user":"U1","ts":"1735689605.000100","text":"","blocks":[{"type":"rich_text","elements":[
        {"type":"rich_text_section","elements":[{"type":"text","text":"see "},{"type":"user","user_id":"U2"}]},
        {"type":"rich_text_preformatted","elements":[{"type":"text","text":"level=error msg=\"no route\"\nlevel=warn msg=retry"}]}]}]},
        {"type":"message","user":"U1","ts":"1735689606.000100","text":"","files":[{"name":"cart.log","title":"Untitled","preview":"{\"level\":\"error\",\"msg\":\"boom\"}"}]}]"#;
    let document = check(text);
    let told: Vec<_> = messages(&document).iter().map(|m| m.text.as_str()).collect();
    assert_eq!(told[0], "see @U2\n```\nlevel=error msg=\"no route\"\nlevel=warn msg=retry\n```");
    assert_eq!(told[1], "[file: cart.log]\n```\n{\"level\":\"error\",\"msg\":\"boom\"}\n```");
    let seen: Vec<_> = document.carried.iter().map(|c| c.record(c.place).message.into_owned()).collect();
    assert_eq!(seen, ["no route", "retry", "boom"]);
    assert_eq!(document.carried[2].place.line, 4);
}

#[test]
fn a_bot_tells_its_blocks_and_attachments_and_no_buttons() {
    let text = r#"[{"type":"message","subtype":"bot_message","bot_id":"B1","username":"pagebot","ts":"1735689605.000100","text":"Alert",
        "blocks":[{"type":"header","text":{"type":"plain_text","text":"Alert firing"}},
        {"type":"section","text":{"type":"mrkdwn","text":"errors &gt; 5%"},"fields":[{"type":"mrkdwn","text":"service: cart"},{"type":"mrkdwn","text":"since: 10:02"}]},
        {"type":"context","elements":[{"type":"mrkdwn","text":"from"},{"type":"mrkdwn","text":"<http://g/d|the board>"}]},
        {"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Acknowledge"}}]}],
        "attachments":[{"color":"danger","title":"INC-7","fields":[{"title":"State","value":"firing"}],"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"runbook"}}]}]}]"#;
    let document = check(text);
    let message = messages(&document)[0];
    let expected =
        "Alert firing\nerrors > 5%\nservice: cart\nsince: 10:02\nfrom the board (http://g/d)\nINC-7\nState: firing\nrunbook";
    assert_eq!((message.author.as_str(), message.is_bot, message.text.as_str()), ("pagebot", true, expected));
}

#[test]
fn deleted_and_changed_messages_have_the_time_of_their_words() {
    let text = r#"{"messages":[
        {"type":"message","subtype":"message_changed","ts":"1735689700.000001","message":{"user":"U1","text":"new","ts":"1735689605.000001","edited":{"user":"U1","ts":"1735689700.000000"}}},
        {"type":"message","subtype":"message_deleted","ts":"1735689800.000001","deleted_ts":"1735689606.000001","previous_message":{"user":"U1","text":"old","ts":"1735689606.000001"}},
        {"type":"message","subtype":"tombstone","user":"USLACKBOT","text":"This message was deleted.","ts":"1735689607.000001","thread_ts":"1735689605.000001","hidden":true}]}"#;
    let document = check(text);
    let seen = document.events.iter().map(|e| match &e.body {
        Body::Message(m) => (m.text.as_str(), m.edited, m.deleted, e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600)),
        other => panic!("{other:?}"),
    });
    let seen: Vec<_> = seen.collect();
    assert_eq!(
        seen,
        [("new", true, false, Some(100)), ("old", false, true, Some(6)), ("This message was deleted.", false, true, Some(7))]
    );
    assert_eq!(messages(&document)[2].thread.as_deref(), Some("1735689605.000001"));
}

#[test]
fn bold_letters_of_bots_are_plain() {
    let text = r#"[{"type":"message","subtype":"bot_message","bot_id":"B1","username":"Pager","ts":"1735689605.000100","text":"","attachments":[{"text":"*Acknowledged* *<https://p.example/1|#7>*: cart fails by *Ann Lee*"}]},
        {"type":"message","user":"U1","ts":"1735689606.000100","text":"cron is 0 * * * * and a*b*c"}]"#;
    let document = check(text);
    let told: Vec<_> = messages(&document).iter().map(|m| m.text.as_str()).collect();
    assert_eq!(told, ["Acknowledged #7 (https://p.example/1): cart fails by Ann Lee", "cron is 0 * * * * and a*b*c"]);
}
