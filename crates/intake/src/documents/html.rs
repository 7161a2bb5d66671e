//! HTML as chats and feeds put it into their texts, as plain text with line ends.
//!
//! It must never fail, nor keep a tag: what is no tag stands as it is. It knows nothing of messages. What breaks it:
//! text in which a `<` was never escaped loses what follows up to the next `>`.

/// The text of a piece of HTML. Blocks and breaks end lines, preformatted text gets fences, mentions get their mark,
/// links that say something else than their address are followed by it.
pub fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut links: Vec<(String, usize)> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&entities(&rest[..at]));
        let Some(end) = rest[at..].find('>').filter(|_| is_tag(&rest[at + 1..])) else {
            out.push('<');
            rest = &rest[at + 1..];
            continue;
        };
        tag(&rest[at + 1..at + end], &mut out, &mut links);
        rest = &rest[at + end + 1..];
    }
    out.push_str(&entities(rest));
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_string()
}

/// Whether a text reads like HTML: it has a closing tag, or one that stands alone.
pub fn is_html(text: &str) -> bool {
    text.contains("</") || text.contains("<br") || text.contains("&nbsp;")
}

fn is_tag(after: &str) -> bool {
    after.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic() || c == '!')
}

fn tag(inner: &str, out: &mut String, links: &mut Vec<(String, usize)>) {
    let name: String =
        inner.chars().take_while(|c| !c.is_whitespace()).collect::<String>().trim_end_matches('/').to_ascii_lowercase();
    match name.as_str() {
        "br" | "/p" | "/div" | "/tr" | "/li" | "/h1" | "/h2" | "/h3" | "/blockquote" | "/ul" | "/ol" => break_line(out),
        "p" | "div" | "tr" | "blockquote" | "ul" | "ol" if !out.is_empty() && !out.ends_with('\n') => break_line(out),
        "li" => out.push_str("- "),
        "pre" | "codeblock" | "/pre" | "/codeblock" => {
            if !out.is_empty() && !out.ends_with('\n') {
                break_line(out);
            }
            out.push_str("```\n");
        }
        "at" => out.push('@'),
        "img" | "emoji" => out.push_str(&attribute(inner, "alt").unwrap_or_default()),
        "a" => links.extend(attribute(inner, "href").map(|h| (h, out.len()))),
        "/a" => {
            if let Some((address, from)) = links.pop() {
                let label = out.get(from..).unwrap_or_default();
                if !label.is_empty() && !address.contains(label.trim_end_matches('…')) {
                    out.push_str(&format!(" ({address})"));
                }
            }
        }
        _ => {}
    }
}

fn break_line(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

/// The value of an attribute of a tag.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next().map(entities)
}

/// Named and numbered characters.
pub fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let name = rest[at + 1..].split(';').next().unwrap_or_default();
        let is_ended = rest[at + 1 + name.len()..].starts_with(';');
        match character(name).filter(|_| is_ended) {
            Some(c) => {
                out.push(c);
                rest = &rest[at + name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    let named =
        [("lt", '<'), ("gt", '>'), ("amp", '&'), ("quot", '"'), ("apos", '\''), ("nbsp", ' '), ("hellip", '…'), ("mdash", '—')];
    if let Some((_, c)) = named.iter().find(|(n, _)| *n == name) {
        return Some(*c);
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_lines_and_marks_are_kept() {
        for (html, want) in [
            ("<p>rolling <b>back</b></p><p>now&nbsp;&amp; here</p>", "rolling back\nnow & here"),
            ("<at id=\"0\">Ann</at> see <a href=\"http://g/d\">the board</a>", "@Ann see the board (http://g/d)"),
            ("<a href=\"http://g/d\">http://g/d</a>", "http://g/d"),
            ("one<br/>two<ul><li>a</li><li>b</li></ul>", "one\ntwo\n- a\n- b"),
            ("it&#39;s &#x41; &bogus; 3 < 4", "it's A &bogus; 3 < 4"),
            ("<pre><code>x=1<br>y=2</code></pre>", "```\nx=1\ny=2\n```"),
            ("cut <b", "cut <b"),
        ] {
            assert_eq!(text(html), want, "{html}");
        }
    }
}
