//! Other chats as JSON: Microsoft Teams (Graph and older exports), Discord, Mattermost, Rocket.Chat, Matrix and plain lists
//! of {author, text, time}.
//!
//! It must never take a log record for a message: a severity rules a message out, and in a stream so does every member
//! that programs write and chats do not. What breaks it: an export of which each line has only a user, a text and a time
//! under names that logs use as well.

use evidence::{Body, Message};

use super::chat_words::{quotes, words};
use super::json::El;
use super::{Context, Out, mattermost};

const AUTHORS: [&str; 18] = [
    "user.summary",
    "sender_full_name",
    "sender.displayName",
    "personDisplayName",
    "creator.name",
    "author.global_name",
    "author.nickname",
    "author.displayName",
    "author.name",
    "author.username",
    "from.user.displayName",
    "from.displayName",
    "from.application.displayName",
    "sender.name",
    "personEmail",
    "u.username",
    "user.name",
    "user.username",
];
const PLAIN_AUTHORS: [&str; 9] =
    ["author", "from", "sender", "username", "user_name", "user", "nick", "sender_name", "author_name"];
const TIMES: [&str; 23] = [
    "timestamp_ms",
    "eventTime",
    "createdTime",
    "createTime",
    "date_sent",
    // Beside it, Telegram writes the wall clock of whoever exports.
    "date_unixtime",
    "createdDateTime",
    "originalarrivaltime",
    "originalArrivalTime",
    "composetime",
    "created_at",
    "created_date",
    "createdAt",
    "create_at",
    "origin_server_ts",
    "timestamp",
    "ts",
    "ts.$date",
    "time",
    "sent_at",
    "date",
    "sentAt",
    "created",
];
/// Members that hold the messages of a conversation.
const LISTS: [&str; 2] = ["messages", "MessageList"];
const CHANNELS: [&str; 12] = [
    "channel.name",
    "channel_name",
    "channel",
    "channelIdentity.channelId",
    "room.name",
    "room_name",
    "room",
    "channelName",
    "display_recipient",
    "space.displayName",
    "space.name",
    "roomId",
];
const NOT_CHAT: [&str; 9] = ["level", "severity", "severity_text", "lvl", "loglevel", "service", "status", "host", "logger"];
/// Members that programs write: an object of a stream that has one of them is no message.
const OF_PROGRAMS: [&str; 30] = [
    "pod",
    "container",
    "namespace",
    "trace_id",
    "traceId",
    "span_id",
    "request_id",
    "requestId",
    "path",
    "method",
    "url",
    "uri",
    "ip",
    "remote_addr",
    "duration",
    "duration_ms",
    "latency_ms",
    "code",
    "error",
    "err",
    "exception",
    "stack",
    "pid",
    "hostname",
    "app",
    "sha",
    "commit",
    "version",
    "event",
    "action",
];
/// Members by which an object of a stream is a message of a chat beyond doubt.
const OF_CHATS: [&str; 22] = [
    "channel",
    "channel_id",
    "channel_name",
    "channelId",
    "room",
    "room_id",
    "rid",
    "thread_ts",
    "thread_id",
    "threadId",
    "thread",
    "reactions",
    "mentions",
    "attachments",
    "reply_to",
    "replyTo",
    "parent_id",
    "edited",
    "edited_timestamp",
    "is_bot",
    "origin_server_ts",
    "guild_id",
];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if mattermost::read_line(element, out) {
        return true;
    }
    if !context.is_line && mattermost::read(element, out) {
        return true;
    }
    if !context.is_line && is_conversation(element) {
        out.is("chat_json");
        let channel = element.first(&CHANNELS).or_else(|| element.first(&["displayName", "name"]));
        LISTS.iter().flat_map(|k| element.list(k)).for_each(|m| said(m, channel.clone(), out));
        return true;
    }
    if context.is_line && !is_clearly_chat(element) || !is_message(element) {
        return false;
    }
    out.is("chat_json");
    said(element, None, out);
    true
}

/// A channel with the list of its messages.
fn is_conversation(element: El<'_>) -> bool {
    (element.has_any(&["channel", "room", "guild", "displayName", "threadProperties"])
        || element.has_all(&["name", "type", "id"]))
        && LISTS.iter().flat_map(|k| element.list(k)).any(is_message)
}

/// A message with its replies; what is none (somebody joined, a call began) is only counted.
fn said(element: El<'_>, channel: Option<String>, out: &mut Out) {
    if !is_message(element) {
        out.others += 1;
        return;
    }
    let id = element.first(&["id"]);
    message(element, channel.clone(), None, out);
    for reply in element.list("replies").filter(|r| is_message(*r)) {
        message(reply, channel.clone(), id.clone(), out);
    }
}

fn author(element: El<'_>) -> Option<String> {
    element.first(&AUTHORS).or_else(|| element.first(&PLAIN_AUTHORS))
}

fn is_message(element: El<'_>) -> bool {
    let is_deleted = || element.has("deletedDateTime");
    let is_event = element.word("messageType").starts_with("system") || element.word("messagetype").starts_with("ThreadActivity");
    !element.has_any(&NOT_CHAT)
        && !is_event
        && author(element).is_some()
        && element.stamp(&TIMES).is_some()
        && (is_deleted() || !words(element).is_empty())
}

fn message(element: El<'_>, channel: Option<String>, thread: Option<String>, out: &mut Out) {
    let bots = ["author.isBot", "author.bot", "is_bot", "bot", "isBot"];
    let body = Message {
        channel: element.first(&CHANNELS).or(channel).or_else(|| element.first(&["rid", "room_id", "channel_id"])),
        author: account(&author(element).unwrap_or_default()),
        is_bot: element.dig("from.application").is_some()
            || bots.iter().any(|k| element.dig(k).and_then(El::truth) == Some(true))
            || element.first(&["creator.user_type", "sender.type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("bot")),
        text: words(element),
        thread: element
            .first(&[
                "replyToId",
                "thread_id",
                "root_id",
                "reference.messageId",
                "tmid",
                "threadId",
                "thread_ts",
                "parent_id",
                "topic_id",
                "thread.name",
                "parentId",
            ])
            .or(thread),
        reactions: reactions(element),
        edited: element.has_any(&["lastEditedDateTime", "timestampEdited", "edited_timestamp", "editedAt", "edit_at"]),
        deleted: element.has_any(&["deletedDateTime", "delete_at", "deletedAt"]) && element.word("delete_at") != "0",
    };
    quotes(element, &mut out.carried);
    out.add(element, element.stamp(&TIMES), Body::Message(body));
}

/// Whether an object of a stream is a message: an author, words and a time, nothing that only programs write, and either
/// something that only chats have or no more than those three and their ids.
fn is_clearly_chat(element: El<'_>) -> bool {
    let kinds = ["", "message", "m.room.message", "default", "reply", "0", "19"];
    if element.has_any(&OF_PROGRAMS) || !kinds.contains(&element.word("type").to_lowercase().as_str()) {
        return false;
    }
    let is_nested = AUTHORS.iter().any(|k| element.dig(k).is_some());
    let small = ["id", "_id", "uuid", "message_id", "event_id", "type"];
    let is_small = element.members().all(|(name, _)| {
        let name = name.as_str();
        small.contains(&name)
            || PLAIN_AUTHORS.contains(&name)
            || TIMES.contains(&name)
            || ["text", "content", "body"].contains(&name)
    });
    is_nested && element.has_any(&OF_CHATS) || element.has_any(&OF_CHATS) && element.has_any(&PLAIN_AUTHORS) || is_small
}

/// An account without its mark and its server: `@ann:example.org` is `ann`.
pub fn account(author: &str) -> String {
    match author.strip_prefix('@') {
        Some(rest) => rest.split_once(':').filter(|(_, host)| host.contains('.')).map_or(rest, |(name, _)| name).to_string(),
        None => {
            author.strip_prefix("8:").map_or(author, |a| a.trim_start_matches("live:").trim_start_matches("orgid:")).to_string()
        }
    }
}

/// Each kind of reaction once, with its count; some chats list one entry a person.
pub fn reactions(element: El<'_>) -> Vec<(String, u32)> {
    let mut all: Vec<(String, u32)> = Vec::new();
    for (name, count) in element.list("reactions").filter_map(reaction) {
        match all.iter_mut().find(|(n, _)| *n == name) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => all.push((name, count)),
        }
    }
    all
}

fn reaction(element: El<'_>) -> Option<(String, u32)> {
    let name = element.first(&["emoji.name", "emoji_name", "reactionType", "name", "emoji"])?;
    let count = element.get("count").and_then(El::number).unwrap_or(1.0);
    Some((name, count.clamp(1.0, 1e6) as u32))
}

#[cfg(test)]
mod tests {
    use super::super::{read_line, read_whole};
    use super::*;
    use evidence::{RecordRef, SourceId};

    const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

    fn lines(text: &str) -> Vec<(String, String, Option<String>, i64)> {
        let place = RecordRef { source: SOURCE, start: 0, end: text.len() as u64, line: 1, last_line: 1 };
        let told = read_line(text, place).events.into_iter().map(|e| match e.body {
            Body::Message(m) => (m.author, m.text, m.channel, e.stamp.map_or(0, |s| s.micros / 1_000_000 - 1_735_689_600)),
            other => panic!("{other:?}"),
        });
        told.collect()
    }

    fn message(author: &str, text: &str, channel: Option<&str>, at: i64) -> (String, String, Option<String>, i64) {
        (author.into(), text.into(), channel.map(str::to_string), at)
    }

    #[test]
    fn zulip_webex_and_the_interface_of_google_chat() {
        let said = |text: &str| {
            let document = read_whole("c.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
            let Body::Message(message) = &document.events[0].body else { panic!("a message") };
            let at = document.events[0].stamp.map(|s| s.micros / 1_000_000);
            (message.author.clone(), message.channel.clone().unwrap_or_default(), message.text.clone(), at)
        };
        let one = |author: &str, channel: &str| {
            (author.to_string(), channel.to_string(), "cart is down".to_string(), Some(1_735_689_605))
        };
        let zulip = r#"{"result":"success","messages":[{"id":16,"sender_id":9,"sender_full_name":"Ann Lee","type":"stream","display_recipient":"ops","subject":"cart","content":"<p>cart is down</p>","content_type":"text/html","timestamp":1735689605,"reactions":[]}]}"#;
        assert_eq!(said(zulip), one("Ann Lee", "ops"));
        let webex = r#"{"items":[{"id":"Y2","roomId":"R1","roomType":"group","text":"cart is down","personId":"P","personEmail":"ann@a.example","created":"2025-01-01T00:00:05.395Z"}]}"#;
        assert_eq!(said(webex), one("ann@a.example", "R1"));
        let google = r#"{"messages":[{"name":"spaces/A/messages/B","sender":{"name":"users/1","displayName":"Ann Lee"},"createTime":"2025-01-01T00:00:05.395Z","text":"cart is down","space":{"name":"spaces/A"}}]}"#;
        assert_eq!(said(google), one("Ann Lee", "spaces/A"));
    }

    #[test]
    fn telegram_and_google_chat() {
        let text = r#"{"name":"ops","type":"private_supergroup","id":12,"messages":[
            {"id":1,"type":"service","date":"2025-01-01T01:00:01","date_unixtime":"1735689601","actor":"Ann","action":"pin_message","text":""},
            {"id":2,"type":"message","date":"2025-01-01T01:00:05","date_unixtime":"1735689605","from":"Ann Lee","from_id":"user1","text":["see ",{"type":"code","text":"cart"}," now"]}]}"#;
        let document = read_whole("result.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!(
            (message.author.as_str(), message.text.as_str(), message.channel.as_deref()),
            ("Ann Lee", "see cart now", Some("ops"))
        );
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
        let text = r#"{"messages":[{"creator":{"name":"Ann Lee","email":"ann@a.example","user_type":"Human"},"created_date":"Wednesday, January 1, 2025 at 12:00:05 AM UTC","text":"we are down","topic_id":"t","message_id":"c/t"}]}"#;
        let document = read_whole("messages.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!((message.author.as_str(), message.text.as_str(), message.is_bot), ("Ann Lee", "we are down", false));
        assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_735_689_605));
        let text = text.replace("Human", "Bot");
        let document = read_whole("messages.json", SOURCE, text.as_bytes()).expect("JSON");
        assert!(matches!(&document.events[0].body, Body::Message(m) if m.is_bot), "what Google calls a bot");
    }

    #[test]
    fn a_teams_message() {
        let text = r#"{"value":[{"createdDateTime":"2025-01-02T03:04:05Z","from":{"user":{"displayName":"Ann Lee"}},
            "body":{"contentType":"html","content":"<p>rolling <b>back</b></p>"}}]}"#;
        let document = read_whole("t.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!((message.author.as_str(), message.text.as_str()), ("Ann Lee", "rolling back"));
    }

    #[test]
    fn teams_tells_replies_cards_deletions_and_code() {
        let text = r#"{"value":[{"id":"1","messageType":"message","createdDateTime":"2025-01-01T00:00:05Z","from":{"user":{"displayName":"Ann Lee"}},"channelIdentity":{"channelId":"19:ops"},
            "body":{"contentType":"html","content":"<p>see</p><pre><code>2025-01-01 00:00:01 ERROR no route<br>2025-01-01 00:00:02 WARN slow</code></pre>"},"reactions":[{"reactionType":"like"},{"reactionType":"like"}],
            "replies":[{"id":"2","messageType":"message","createdDateTime":"2025-01-01T00:00:09Z","from":{"application":{"displayName":"Grid Bot"}},"body":{"contentType":"html","content":"<attachment id=\"c\"></attachment>"},
            "attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":"{\"type\":\"AdaptiveCard\",\"body\":[{\"type\":\"TextBlock\",\"text\":\"cart is down\"},{\"facts\":[{\"title\":\"State\",\"value\":\"firing\"}]}]}"}]}]},
            {"id":"3","messageType":"message","createdDateTime":"2025-01-01T00:00:11Z","deletedDateTime":"2025-01-01T00:01:00Z","from":{"user":{"displayName":"Bo"}},"body":{"contentType":"html","content":""}},
            {"id":"4","messageType":"systemEventMessage","createdDateTime":"2025-01-01T00:00:12Z","from":null,"body":{"contentType":"html","content":"<systemEventMessage/>"}}]}"#;
        let document = read_whole("t.json", SOURCE, text.as_bytes()).expect("JSON");
        let seen: Vec<&Message> =
            document.events.iter().filter_map(|e| if let Body::Message(m) = &e.body { Some(m) } else { None }).collect();
        assert_eq!(seen[0].text, "see\n```\n2025-01-01 00:00:01 ERROR no route\n2025-01-01 00:00:02 WARN slow\n```");
        assert_eq!((seen[0].reactions.as_slice(), seen[0].channel.as_deref()), (&[("like".to_string(), 2)][..], Some("19:ops")));
        assert_eq!(
            (seen[1].text.as_str(), seen[1].thread.as_deref(), seen[1].is_bot),
            ("cart is down\nState: firing", Some("1"), true)
        );
        assert_eq!((seen[2].author.as_str(), seen[2].deleted, seen.len()), ("Bo", true, 3));
        let quoted: Vec<_> = document.carried.iter().map(|c| &text[c.place.start as usize..c.place.end as usize]).collect();
        assert_eq!(quoted, ["2025-01-01 00:00:01 ERROR no route", "2025-01-01 00:00:02 WARN slow"]);
    }

    #[test]
    fn the_older_export_of_teams() {
        let text = r#"{"userId":"8:live:ann","conversations":[{"id":"19:x@thread.v2","displayName":"ops","MessageList":[
            {"id":"2","displayName":null,"originalarrivaltime":"2025-01-01T00:00:05.120Z","messagetype":"RichText/Html","content":"<p>we are down</p>","from":"8:live:ann"},
            {"id":"1","originalarrivaltime":"2025-01-01T00:00:01Z","messagetype":"ThreadActivity/AddMember","content":"<addmember/>","from":"8:live:bo"}]}]}"#;
        let document = read_whole("messages.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!(
            (message.author.as_str(), message.text.as_str(), message.channel.as_deref()),
            ("ann", "we are down", Some("ops"))
        );
        assert_eq!((document.events.len(), document.records, document.events[0].place.line), (1, 2, 2));
    }

    #[test]
    fn a_bot_of_discord_tells_its_embeds() {
        let text = r#"{"guild":{"name":"g"},"channel":{"name":"ops"},"messages":[{"id":"3","type":"Default","timestamp":"2025-01-01T00:00:05+00:00","timestampEdited":"2025-01-01T00:01:00+00:00","content":"",
            "author":{"name":"alerts","nickname":"Alerts","isBot":true},"embeds":[{"title":"cart is down","description":"errors 7%","fields":[{"name":"env","value":"prod"}]}],"attachments":[{"fileName":"graph.png"}],"reference":{"messageId":"1"}}]}"#;
        let document = read_whole("d.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!(message.text, "cart is down\nerrors 7%\nenv: prod\n[file: graph.png]");
        assert_eq!(
            (message.author.as_str(), message.is_bot, message.edited, message.thread.as_deref()),
            ("Alerts", true, true, Some("1"))
        );
    }

    #[test]
    fn the_channel_may_stand_around_its_messages() {
        let text = r#"{"guild":{"name":"g"},"channel":{"id":"2","name":"ops"},"messages":[{"id":"3","timestamp":"2025-01-01T00:00:05Z","content":"down",
            "author":{"name":"ann","isBot":false},"reactions":[{"emoji":{"name":"eyes"},"count":2}]}]}"#;
        let document = read_whole("d.json", SOURCE, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!((message.channel.as_deref(), message.reactions.as_slice()), (Some("ops"), &[("eyes".to_string(), 2)][..]));
    }

    #[test]
    fn a_post_of_a_bulk_export_with_its_answers() {
        let line = r#"{"type":"post","post":{"team":"t","channel":"ops","user":"ann","message":"we are down","create_at":1735689600000,"replies":[{"user":"bo","message":"on it","create_at":1735689660000}]}}"#;
        assert_eq!(lines(line), [message("ann", "we are down", Some("ops"), 0), message("bo", "on it", Some("ops"), 60)]);
    }

    #[test]
    fn a_message_a_line_of_several_chats() {
        let at = "2025-01-01T00:00:05Z";
        for (line, channel) in [
            (format!(r#"{{"_id":"x1","rid":"OPS","msg":"looks bad","ts":"{at}","u":{{"_id":"u1","username":"ann","name":"Ann"}},"_updatedAt":"{at}"}}"#), Some("OPS")),
            (format!(r#"{{"_id":"x1","rid":"OPS","msg":"looks bad","ts":{{"$date":"{at}"}},"u":{{"_id":"u1","username":"ann"}}}}"#), Some("OPS")),
            (format!(r#"{{"id":"1","type":"Default","timestamp":"{at}","content":"looks bad","author":{{"id":"2","name":"ann","isBot":false}},"reactions":[]}}"#), None),
            (r#"{"type":"m.room.message","sender":"@ann:example.org","content":{"msgtype":"m.text","body":"looks bad"},"origin_server_ts":1735689605000,"room_id":"!r"}"#.to_string(), Some("!r")),
            (format!(r#"{{"ts":"{at}","user":"ann","text":"looks bad"}}"#), None),
            (format!(r#"{{"timestamp":"{at}","channel":"ops","author":"ann","message":"looks bad"}}"#), Some("ops")),
        ] {
            assert_eq!(lines(&line), [message("ann", "looks bad", channel, 5)], "{line}");
        }
    }

    #[test]
    fn records_of_programs_are_no_messages() {
        for line in [
            r#"{"ts":"2025-01-01T00:00:05Z","user":"ann","message":"login ok"}"#,
            r#"{"ts":"2025-01-01T00:00:05Z","level":"info","author":"ann","text":"saved","channel":"web"}"#,
            r#"{"time":"2025-01-01T00:00:05Z","username":"ann","message":"password changed","ip":"192.0.2.1","channel":"web"}"#,
            r#"{"time":"2025-01-01T00:00:05Z","user":"ann","text":"order placed","request_id":"r1"}"#,
        ] {
            assert_eq!(lines(line), [], "{line}");
        }
    }
}
