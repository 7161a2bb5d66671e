//! Slack: the folders of an export (`channel/DATE.json`, `users.json`, `channels.json`) and `conversations.history`.
//!
//! It must never resolve an account to a name (the accounts may stand in another file): authors stay ids and mentions
//! stay `@ID`. A message that was edited after the export still shows its old text.

use evidence::{Body, Message, Person, Stamp};

use super::json::El;
use super::slack_words::{quotes, text};
use super::{Context, Out};

pub fn read(element: El<'_>, context: &Context<'_>, out: &mut Out) -> bool {
    if is_history(element) {
        out.is("slack");
        let channel = element.first(&["channel.name", "channel_name", "channel", "name"]).or_else(|| channel(context));
        for item in element.list("messages") {
            message(item, channel.clone(), out);
        }
        return true;
    }
    if is_message(element) {
        out.is("slack");
        message(element, channel(context), out);
        return true;
    }
    if is_user(element) {
        out.is("slack_users");
        out.add(element, None, Body::Person(person(element, element.word("id"))));
        return true;
    }
    if element.has_all(&["id", "members"]) && element.has_any(&["created", "creator", "is_archived", "purpose"]) {
        out.is("slack_channels");
        out.others += 1;
        return true;
    }
    false
}

fn is_history(element: El<'_>) -> bool {
    element.list("messages").next().is_some_and(is_message)
}

fn is_message(element: El<'_>) -> bool {
    let ts = element.get("ts").and_then(El::text).unwrap_or_default();
    let has_ts = ts.split_once('.').is_some_and(|(whole, part)| whole.len() >= 9 && part.len() == 6);
    has_ts && (element.word("type") == "message" || element.has_any(&["user", "bot_id", "username"]))
}

/// An account of its own directory.
pub fn is_user(element: El<'_>) -> bool {
    let is_known = element.has_any(&["profile", "is_bot"]) || is_account(&element.word("id"));
    element.has("id") && element.has("name") && (element.has("profile") || element.has("real_name") && is_known)
}

/// `U02ABC34D`: as Slack numbers accounts.
fn is_account(id: &str) -> bool {
    id.len() >= 4
        && id.starts_with(['U', 'W'])
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && id.bytes().any(|b| b.is_ascii_digit())
}

/// The folder is the channel when the file is named by its date; else the file is.
fn channel(context: &Context<'_>) -> Option<String> {
    let stem = context.stem();
    let is_date = stem.len() >= 8 && stem.chars().all(|c| c.is_ascii_digit() || c == '-' || c == '_');
    let name = if is_date { context.folder()? } else { stem };
    (!name.is_empty() && name != "messages").then(|| name.trim_start_matches('#').to_string())
}

fn person(profile: El<'_>, id: String) -> Person {
    let name = profile.first(&["profile.display_name", "display_name", "name", "profile.real_name"]).unwrap_or_default();
    Person {
        id,
        name: name.trim_start_matches('@').to_string(),
        real_name: profile.first(&["real_name", "profile.real_name"]),
        email: profile.first(&["profile.email", "email"]),
        is_bot: profile.get("is_bot").and_then(El::truth).unwrap_or(false),
    }
}

fn message(element: El<'_>, channel: Option<String>, out: &mut Out) {
    let subtype = element.word("subtype");
    if ["channel_join", "channel_leave", "group_join", "group_leave", "bot_add", "bot_remove"].contains(&subtype.as_str()) {
        out.others += 1;
        return;
    }
    let deleted = matches!(subtype.as_str(), "message_deleted" | "tombstone");
    let inner = match subtype.as_str() {
        "message_changed" | "message_replied" => element.get("message"),
        "message_deleted" => element.get("previous_message"),
        _ => None,
    };
    let content = inner.unwrap_or(element);
    let thread = content.first(&["thread_ts"]).or_else(|| element.first(&["thread_ts"]));
    let body = Message {
        channel,
        author: author(content),
        is_bot: content.has("bot_id") || content.word("subtype") == "bot_message",
        text: text(content),
        thread,
        reactions: element.list("reactions").chain(inner.into_iter().flat_map(|i| i.list("reactions"))).map(reaction).collect(),
        edited: subtype == "message_changed" || content.has("edited"),
        deleted,
    };
    if let (Some(id), Some(profile)) = (content.first(&["user"]), content.get("user_profile")) {
        out.add(element, None, Body::Person(person(profile, id)));
    }
    quotes(content, &mut out.carried);
    out.add(element, said(element, inner.filter(|_| deleted)), Body::Message(body));
}

/// When it was said: a deleted message when it was written, a changed one when it got its words.
fn said(element: El<'_>, deleted: Option<El<'_>>) -> Option<Stamp> {
    let written = deleted.and_then(|d| d.stamp(&["ts"])).or_else(|| element.stamp(&["deleted_ts", "ts"]));
    // The digits after the point tell messages of one second apart; they are no time.
    written.map(|s| Stamp { micros: s.micros.div_euclid(1_000_000) * 1_000_000, ..s })
}

fn author(message: El<'_>) -> String {
    let is_bot = message.has("bot_id") || message.word("subtype") == "bot_message";
    let names: &[&str] = if is_bot {
        &["username", "bot_profile.name", "user", "bot_id"]
    } else {
        &["user", "username", "user_profile.display_name", "user_profile.name"]
    };
    message.first(names).unwrap_or_default().trim_start_matches('@').to_string()
}

fn reaction(element: El<'_>) -> (String, u32) {
    let count = element.get("count").and_then(El::number).unwrap_or_else(|| element.list("users").count() as f64);
    (element.word("name"), count as u32)
}

#[cfg(test)]
mod tests {
    use super::super::{Document, read_whole};
    use super::*;
    use evidence::SourceId;

    fn check(name: &str, text: &str) -> Document {
        read_whole(name, SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a document")
    }

    fn messages(document: &Document) -> Vec<&Message> {
        document.events.iter().filter_map(|e| if let Body::Message(m) = &e.body { Some(m) } else { None }).collect()
    }

    #[test]
    fn a_day_of_a_channel() {
        let text = r#"[{"type":"message","user":"U1","text":"a -&gt; b, see <http://x/y|the graph> <@U2> <#C1|ops>","ts":"1707296402.000050",
            "thread_ts":"1707296400.000001","reactions":[{"name":"eyes","users":["U2"],"count":1}],"edited":{"user":"U1","ts":"1.0"}},
            {"type":"message","subtype":"bot_message","bot_id":"B1","username":"pager","text":"","ts":"1707296403.000000",
            "attachments":[{"title":"INC-1","fields":[{"title":"State","value":"firing"}]}]}]"#;
        let document = check("export/inc-1/2024-02-07.json", text);
        let seen = messages(&document);
        assert_eq!(document.format, "slack");
        assert_eq!(seen[0].channel.as_deref(), Some("inc-1"));
        assert_eq!(seen[0].text, "a -> b, see the graph (http://x/y) @U2 #ops");
        assert_eq!((seen[0].thread.as_deref(), seen[0].edited), (Some("1707296400.000001"), true));
        assert_eq!(seen[0].reactions, [("eyes".to_string(), 1)]);
        assert_eq!((seen[1].author.as_str(), seen[1].is_bot, seen[1].text.as_str()), ("pager", true, "INC-1\nState: firing"));
        assert!(text[document.events[1].place.start as usize..].starts_with(r#"{"type":"message","subtype""#));
        assert_eq!((document.events[0].place.line, document.events[0].place.last_line), (1, 2));
    }

    #[test]
    fn deleted_and_changed_messages() {
        let text = r#"{"messages":[
            {"type":"message","subtype":"message_changed","ts":"1707296404.000001","message":{"user":"U1","text":"new","ts":"1707296402.000001"}},
            {"type":"message","subtype":"message_deleted","ts":"1707296405.000001","previous_message":{"user":"U1","text":"old"}}]}"#;
        let document = check("war-room.json", text);
        let seen = messages(&document);
        assert_eq!((seen[0].text.as_str(), seen[0].edited, seen[0].author.as_str()), ("new", true, "U1"));
        assert_eq!((seen[1].text.as_str(), seen[1].deleted), ("old", true));
        assert_eq!(seen[0].channel.as_deref(), Some("war-room"));
    }

    #[test]
    fn accounts_and_channels() {
        let users = r#"[{"id":"U1","name":"alice","real_name":"Alice M","profile":{"display_name":"alice_sre"},"is_bot":false}]"#;
        let Body::Person(person) = &check("users.json", users).events[0].body else { panic!("a person") };
        assert_eq!((person.id.as_str(), person.name.as_str()), ("U1", "alice_sre"));
        let few = r#"[{"id":"U02ABC3","name":"bo","real_name":"Bo Lind","tz":"Europe/Oslo"}]"#;
        let Body::Person(person) = &check("users.json", few).events[0].body else { panic!("cut to a few fields") };
        assert_eq!((person.id.as_str(), person.name.as_str()), ("U02ABC3", "bo"));
        let channels = check("channels.json", r#"[{"id":"C1","name":"ops","created":1,"members":["U1"]}]"#);
        assert_eq!((channels.format.as_str(), channels.records, channels.events.len()), ("slack_channels", 1, 0));
    }
}
