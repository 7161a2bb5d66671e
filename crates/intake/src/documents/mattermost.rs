//! Mattermost: lines of a bulk export, and the posts that its API gives.
//!
//! Its API names an author by an id only; the name stands with the account, see `accounts`. It must never tell that somebody joined as
//! something that was said.

use evidence::{Body, Message};

use super::Out;
use super::chat_json::{account, reactions};
use super::json::El;

/// A line of a bulk export.
pub fn read_line(element: El<'_>, out: &mut Out) -> bool {
    let post = element.get("post").or_else(|| element.get("direct_post"));
    let Some(post) = post.filter(|p| p.has_all(&["user", "message", "create_at"])) else { return false };
    out.is("chat_json");
    posts(post, out);
    true
}

/// What the API gives: posts by their ids, or one post.
pub fn read(element: El<'_>, out: &mut Out) -> bool {
    let posts = element.get("posts").filter(|_| element.has("order"));
    if let Some(posts) = posts.filter(|p| p.members().any(|(_, post)| is_post(post))) {
        out.is("chat_json");
        posts.members().for_each(|(_, post)| told(post, out));
        return true;
    }
    if is_post(element) {
        out.is("chat_json");
        told(element, out);
        return true;
    }
    false
}

fn is_post(element: El<'_>) -> bool {
    element.has_all(&["create_at", "message", "user_id", "channel_id"])
}

fn told(post: El<'_>, out: &mut Out) {
    if !is_post(post) || post.word("type").starts_with("system_") {
        out.others += 1;
        return;
    }
    let body = Message {
        channel: post.first(&["channel_name", "channel_id"]),
        author: account(&post.first(&["props.override_username", "username", "user_id"]).unwrap_or_default()),
        is_bot: is_bot(post),
        text: words(post),
        thread: post.first(&["root_id"]),
        reactions: reactions(post),
        edited: is_set(post, "edit_at"),
        deleted: is_set(post, "delete_at"),
    };
    out.add(post, post.stamp(&["create_at"]), Body::Message(body));
}

fn is_bot(post: El<'_>) -> bool {
    post.dig("props.from_bot").is_some() || post.dig("props.from_webhook").is_some()
}

fn is_set(post: El<'_>, time: &str) -> bool {
    post.get(time).and_then(El::number).is_some_and(|n| n > 0.0)
}

/// Its own words, then those of what a bot attached.
fn words(post: El<'_>) -> String {
    let attached = post.dig("props.attachments").into_iter().flat_map(|list| list.items().collect::<Vec<_>>());
    let parts = attached.flat_map(|a| ["pretext", "title", "text"].map(|key| a.word(key)));
    let parts = std::iter::once(post.word("message")).chain(parts).filter(|part| !part.trim().is_empty());
    parts.collect::<Vec<_>>().join("\n")
}

/// A line of a bulk export: the post and, on the same line, those who answered it.
fn posts(post: El<'_>, out: &mut Out) {
    let channel = post.first(&["channel"]);
    let id = post.word("create_at");
    let replies: Vec<El<'_>> = post.list("replies").filter(|r| r.has_all(&["user", "message"])).collect();
    let thread = (!replies.is_empty()).then_some(id);
    for item in std::iter::once(post).chain(replies) {
        let body = Message {
            channel: channel.clone(),
            author: account(&item.word("user")),
            is_bot: is_bot(item),
            text: words(item),
            thread: thread.clone(),
            reactions: reactions(item),
            edited: is_set(item, "edit_at"),
            deleted: is_set(item, "delete_at"),
        };
        out.add(item, item.stamp(&["create_at"]), Body::Message(body));
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_whole;
    use super::*;
    use evidence::SourceId;

    #[test]
    fn posts_of_the_api() {
        let text = r#"{"order":["b","a"],"posts":{"a":{"id":"a","create_at":1735689605000,"edit_at":0,"delete_at":0,"user_id":"u1","channel_id":"c1","root_id":"","message":"cart is down","type":"","props":{}},
            "b":{"id":"b","create_at":1735689606000,"user_id":"u2","channel_id":"c1","root_id":"a","message":"bo joined","type":"system_join_channel"}}}"#;
        let document = read_whole("p.json", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("JSON");
        let Body::Message(message) = &document.events[0].body else { panic!("a message") };
        assert_eq!((message.author.as_str(), message.text.as_str(), document.events.len()), ("u1", "cart is down", 1));
    }
}
