//! Other chats as JSON: Microsoft Teams, Discord, Mattermost and plain lists of {author, text, time}.
//!
//! It must never take a log record for a message: a severity rules a message out, and so does a stream.

use evidence::{Body, Message};

use super::json::El;
use super::{Context, Out};

const AUTHORS: [&str; 10] = [
    "author.global_name", "author.displayName", "author.name", "author.username", "from.user.displayName", "from.displayName",
    "from.application.displayName", "sender.name", "sender.displayName", "user.name",
];
const PLAIN_AUTHORS: [&str; 7] = ["author", "from", "sender", "username", "user_name", "user", "nick"];
const TEXTS: [&str; 5] = ["body.content", "content", "text", "message", "body"];
const TIMES: [&str; 9] =
    ["createdDateTime", "created_at", "createdAt", "create_at", "timestamp", "ts", "time", "sent_at", "date"];
const NOT_CHAT: [&str; 8] = ["level", "severity", "severity_text", "lvl", "loglevel", "service", "status", "host"];

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if context.is_line || element.has_any(&NOT_CHAT) {
        return false;
    }
    let author = element.first(&AUTHORS).or_else(|| element.first(&PLAIN_AUTHORS));
    let (Some(author), Some(text), Some(stamp)) = (author, element.first(&TEXTS), element.stamp(&TIMES)) else { return false };
    let is_html = element.word("body.contentType") == "html";
    out.is("chat_json");
    let body = Message {
        channel: element.first(&["channel.name", "channel_name", "channel", "channelIdentity.channelId"]),
        author: author.trim_start_matches('@').to_string(),
        is_bot: element.has("from.application") || element.dig("author.isBot").and_then(El::truth).unwrap_or(false),
        text: if is_html { without_tags(&text) } else { text },
        thread: element.first(&["replyToId", "thread_id", "root_id", "reference.messageId"]),
        reactions: Vec::new(),
        edited: element.has_any(&["lastEditedDateTime", "timestampEdited", "edited_timestamp"]),
        deleted: element.has("deletedDateTime"),
    };
    out.add(element, Some(stamp), Body::Message(body));
    true
}

fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if !in_tag => out.push(c),
            _ => {}
        }
    }
    out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::SourceId;

    #[test]
    fn a_teams_message() {
        let text = r#"{"value":[{"createdDateTime":"2025-01-02T03:04:05Z","from":{"user":{"displayName":"Ann Lee"}},
            "body":{"contentType":"html","content":"<p>rolling <b>back</b></p>"}}]}"#;
        let document = super::super::read_whole("t.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!((message.author.as_str(), message.text.as_str()), ("Ann Lee", "rolling back"));
    }
}
