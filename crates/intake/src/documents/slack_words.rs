//! The words of a Slack message: its text without markup, attachments, blocks, files.
//!
//! Of a person's message the blocks say the same as the text and are left out; of a bot's they often say more. It must
//! never tell the labels of buttons as words. What breaks it: a bot whose text and blocks say the same differently; both
//! are told then.

use std::sync::LazyLock;

use expressions::Expression;

use super::carried::Carried;
use super::json::El;
use super::pasted;

/// Undoes Slack's markup: entities, mentions, channels and links.
pub fn plain(text: &str) -> String {
    static MARK: LazyLock<Option<Expression>> = LazyLock::new(|| Expression::new(r"<([^<>\n]+)>").ok());
    let unmarked = match MARK.as_ref() {
        Some(mark) => mark.replace_all(text, |c: &expressions::Captures<'_>| unmark(&c[1])),
        None => text.into(),
    };
    unmarked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn unmark(inner: &str) -> String {
    let (target, label) = inner.split_once('|').map_or((inner, None), |(t, l)| (t, Some(l)));
    if let Some(user) = target.strip_prefix('@') {
        return format!("@{user}");
    }
    if let Some(channel) = target.strip_prefix('#') {
        return format!("#{}", label.unwrap_or(channel));
    }
    if let Some(special) = target.strip_prefix('!') {
        let word = special.split('^').next().unwrap_or(special);
        return label.map_or_else(|| format!("@{word}"), str::to_string);
    }
    let is_link = target.contains("://") || target.starts_with("mailto:");
    match label {
        Some(label) if is_link && target.ends_with(label) => label.to_string(),
        Some(label) if is_link => format!("{label} ({target})"),
        None if is_link => target.to_string(),
        _ => format!("<{inner}>"),
    }
}

/// Its own words, then those of attachments, the names of files and what a snippet shows of itself.
pub fn text(message: El<'_>) -> String {
    let mut parts = own_words(message);
    for attachment in message.list("attachments") {
        parts.extend(attached(attachment));
    }
    parts.extend(message.list("files").map(file));
    let parts: Vec<String> = parts.into_iter().filter(|p| !p.trim().is_empty()).collect();
    let text = parts.join("\n");
    if is_bot(message) { without_bold(&text) } else { text }
}

fn is_bot(message: El<'_>) -> bool {
    message.has("bot_id") || message.word("subtype") == "bot_message"
}

/// Bots set names and states in bold letters, which stand between stars.
fn without_bold(text: &str) -> String {
    static BOLD: LazyLock<Option<Expression>> =
        LazyLock::new(|| Expression::new(r"(?m)(^|[\s(])\*(\S(?:[^*\n]*\S)?)\*($|[\s).,:;!?])").ok());
    let Some(bold) = BOLD.as_ref() else { return text.to_string() };
    // What follows one may stand before the next.
    let once = bold.replace_all(text, "$1$2$3");
    bold.replace_all(&once, "$1$2$3").into_owned()
}

/// The lines of logs that it quotes.
pub fn quotes(message: El<'_>, carried: &mut Vec<Carried>) {
    if message.is_open() {
        return;
    }
    let before = carried.len();
    let texts = message.get("text").into_iter().chain(message.list("attachments").filter_map(|a| a.get("text")));
    texts.for_each(|t| pasted::in_fences(t, plain, carried));
    if carried.len() == before {
        message.list("blocks").for_each(|b| preformatted(b, carried, 0));
    }
    message.list("files").filter_map(|f| f.get("preview")).for_each(|p| pasted::in_block(p, plain, carried));
}

fn preformatted(element: El<'_>, carried: &mut Vec<Carried>, depth: usize) {
    if depth > 8 {
        return;
    }
    if let Some(text) = element.get("text").and_then(|t| if t.is_object() { t.get("text") } else { Some(t) }) {
        pasted::in_fences(text, plain, carried);
    }
    for inner in element.list("elements") {
        match inner.get("text").filter(|_| element.word("type") == "rich_text_preformatted") {
            Some(text) => pasted::in_block(text, plain, carried),
            None => preformatted(inner, carried, depth + 1),
        }
    }
}

/// The text, or the blocks where it is empty; of a bot both, unless one says all that the other does.
fn own_words(message: El<'_>) -> Vec<String> {
    let (text, blocks) = (plain(&message.word("text")), blocks(message));
    let is_bot = is_bot(message);
    let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    if text.trim().is_empty() || is_bot && letters(&blocks).contains(&letters(&text)) {
        vec![blocks]
    } else if is_bot && !letters(&text).contains(&letters(&blocks)) {
        vec![text, blocks]
    } else {
        vec![text]
    }
}

fn attached(attachment: El<'_>) -> Vec<String> {
    let own = ["pretext", "title", "text"].iter().map(|k| plain(&attachment.word(k)));
    let fields = attachment.list("fields").map(|f| format!("{}: {}", f.word("title"), plain(&f.word("value"))));
    let mut words: Vec<String> = own.chain(fields).filter(|w| !w.trim().is_empty()).collect();
    let blocks = blocks(attachment);
    if !blocks.is_empty() && !words.contains(&blocks) {
        words.push(blocks);
    }
    if words.is_empty() {
        words.push(plain(&attachment.word("fallback")));
    }
    words
}

/// `[file: title]`, with the first lines of a snippet below it.
fn file(file: El<'_>) -> String {
    let title = file.first(&["title"]).filter(|t| !t.eq_ignore_ascii_case("untitled"));
    let Some(name) = title.or_else(|| file.first(&["name", "title"])) else { return String::new() };
    let preview = plain(&file.word("preview"));
    if preview.trim().is_empty() {
        format!("[file: {name}]")
    } else {
        format!("[file: {name}]\n```\n{}\n```", preview.trim_end())
    }
}

/// The words of blocks, in their order.
fn blocks(message: El<'_>) -> String {
    let told = message.list("blocks").filter(|b| b.word("type") != "actions");
    let parts: Vec<String> = told.map(|b| words(b, 0)).filter(|w| !w.trim().is_empty()).collect();
    parts.join("\n")
}

fn words(element: El<'_>, depth: usize) -> String {
    if depth > 8 {
        return String::new();
    }
    let kind = element.word("type");
    match kind.as_str() {
        "user" => return format!("@{}", element.word("user_id")),
        "usergroup" => return format!("@{}", element.word("usergroup_id")),
        "broadcast" => return format!("@{}", element.word("range")),
        "channel" => return format!("#{}", element.word("channel_id")),
        "emoji" => return format!(":{}:", element.word("name")),
        "link" => return element.first(&["text", "url"]).unwrap_or_default(),
        "image" => return element.first(&["title.text", "alt_text"]).unwrap_or_default(),
        "text" => return element.word("text"),
        "button" => return String::new(),
        _ => {}
    }
    let own = match element.get("text") {
        Some(text) if text.is_object() => words(text, depth + 1),
        Some(text) => plain(&text.text().unwrap_or_default()),
        None => String::new(),
    };
    let nested = element.list("elements").chain(element.list("fields")).map(|e| words(e, depth + 1));
    let parts: Vec<String> = std::iter::once(own).chain(nested).filter(|p| !p.is_empty()).collect();
    match kind.as_str() {
        "rich_text_section" | "rich_text_quote" => parts.concat(),
        "rich_text_preformatted" => format!("```\n{}\n```", parts.concat().trim_end()),
        "context" => parts.join(" "),
        _ => parts.join("\n"),
    }
}

#[cfg(test)]
mod tests;
