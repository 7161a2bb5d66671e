//! Message templates: `Order {OrderId} took {Elapsed:0.0} ms` with the values that stand beside them.
//!
//! Names may be marked (`@` to destructure, `$` to make text of) and may have a width and a format. A name without a value
//! stays as it stands. Must never know where the values come from. What breaks it: braces that are no names, left alone.

use std::borrow::Cow;

/// The template with its names filled in. `renderings` are the texts of the names that have a format, in their order.
pub fn fill(template: &str, fields: &[(Cow<'_, str>, Cow<'_, str>)], renderings: &[String]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rendered = renderings.iter();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let here = &rest[at..];
        if here.starts_with("{{") || here.starts_with("}}") {
            out.push_str(&here[..1]);
            rest = &here[2..];
            continue;
        }
        let hole = here.strip_prefix('{').and_then(|inner| inner.split_once('}')).map(|(hole, _)| hole);
        let Some(hole) = hole.filter(|h| is_hole(h)) else {
            out.push_str(&here[..1]);
            rest = &here[1..];
            continue;
        };
        let own = if hole.contains(':') { rendered.next().map(String::as_str) } else { None };
        match own.map(Cow::Borrowed).or_else(|| value(hole, fields)) {
            Some(text) => out.push_str(&text),
            None => out.push_str(&here[..hole.len() + 2]),
        }
        rest = &here[hole.len() + 2..];
    }
    out.push_str(rest);
    out
}

fn is_hole(hole: &str) -> bool {
    let name = name(hole);
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

fn name(hole: &str) -> &str {
    hole.split([':', ',']).next().unwrap_or_default().trim_start_matches(['@', '$'])
}

/// The value of that name; of an object whose members stand apart, all of them.
fn value<'f>(hole: &str, fields: &'f [(Cow<'_, str>, Cow<'_, str>)]) -> Option<Cow<'f, str>> {
    let name = name(hole);
    let is_named = |key: &str| key.rsplit('.').next() == Some(name);
    if let Some((_, value)) = fields.iter().find(|(k, _)| k == name).or_else(|| fields.iter().find(|(k, _)| is_named(k))) {
        return Some(Cow::Borrowed(value.as_ref()));
    }
    let inner = fields.iter().filter_map(|(k, v)| Some(format!("{}={v}", k.strip_prefix(name)?.strip_prefix('.')?)));
    Some(inner.collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty()).map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let fields = [("Id", "7"), ("Cart.Items", "3"), ("Cart.Sum", "9.5"), ("Ms", "12.345")]
            .map(|(k, v)| (Cow::Borrowed(k), Cow::Borrowed(v)));
        for (template, want) in [
            ("Order {Id} with {@Cart} took {Ms:0.0} ms", "Order 7 with Items=3 Sum=9.5 took 12.3 ms"),
            ("{Id,5} of {Unknown}", "7 of {Unknown}"),
            ("{{Id}} } { {", "{Id} } { {"),
            ("{a b} {} {é", "{a b} {} {é"),
            ("", ""),
        ] {
            assert_eq!(fill(template, &fields, &["12.3".to_string()]), want, "{template}");
        }
    }
}
