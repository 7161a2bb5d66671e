//! The last look at what is about to leave: no secret may stand in finished bytes, whatever wrote them.
//!
//! Only what shows by itself that it is a secret counts, because a mistake here keeps a report from being written. What is
//! embedded as `data:` (fonts, pictures) is passed over. Must never tell the value.

use std::borrow::Cow;
use std::ops::Range;

use crate::{Finding, Scope, blocks, checks, marks, rules, search};

/// Characters of base64 on end that the shortest private key has.
const KEY: usize = 40;

/// The secrets that stand in an output of any text format (HTML, Markdown, JSON, XML, CSV), in order.
pub fn gate(output: &[u8]) -> Vec<Finding> {
    let embedded = embedded(output);
    let found = search::text(output, Scope::SECRETS, &mut blocks::State::default());
    let within = |f: &Finding| embedded.iter().any(|e| f.start < e.end && f.end > e.start);
    found.into_iter().filter(|f| proves_itself(f.rule, &output[f.start..f.end]) && !within(f)).collect()
}

/// By its shape; or by standing where a secret stands and being random. What has a mark in it was replaced.
fn proves_itself(rule: &str, value: &[u8]) -> bool {
    let value = before_entity(value);
    match rule {
        "random" | "kubernetes_secret" => false,
        _ if matches!(marks::blanked(value), Cow::Owned(_)) => false,
        // The lines of a report that stand below the first line of a key are none of it.
        "private_key" => value.split(|b| !(b.is_ascii_alphanumeric() || b"+/=".contains(b))).any(|run| run.len() >= KEY),
        rule if rules::is_proof(rule) => true,
        _ => {
            value.len() >= 10
                && value.len() <= 400
                && checks::digits(value) >= 2
                && checks::entropy(value) >= 3.0
                && !checks::is_uuid(value)
                && !checks::is_name(value)
                && value.iter().all(|b| b.is_ascii_graphic() && !b"<>{}()[]\\\"'`".contains(b))
        }
    }
}

/// A value ends where HTML writes a quote or a bracket (`&#34;`, `&lt;`).
fn before_entity(value: &[u8]) -> &[u8] {
    let ends = ["&#3", "&quot", "&lt", "&gt", "&apos"].iter().filter_map(|entity| memchr::memmem::find(value, entity.as_bytes()));
    &value[..ends.min().unwrap_or(value.len())]
}

/// The base64 of `data:` addresses.
fn embedded(output: &[u8]) -> Vec<Range<usize>> {
    const MARK: &[u8] = b";base64,";
    let starts = memchr::memmem::find_iter(output, MARK).map(|at| at + MARK.len());
    let run = |start: usize| output[start..].iter().take_while(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).count();
    starts.map(|start| start..start + run(start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> String {
        ["ghp", "_", "a8vXnt57yzfYm909fb3N5hhcmyx7O1preh3s"].concat()
    }

    #[test]
    fn a_secret_is_seen_in_every_kind_of_markup() {
        for text in [format!("<td>{}</td>", token()), format!("| `{}` |", token()), format!("{{\"text\":\"a\\n{}\"}}", token())] {
            assert_eq!(gate(text.as_bytes()).len(), 1, "{text}");
        }
        assert_eq!(gate(b"<p>password=&quot;Kd8xTq1-99-hX&quot;</p>").len(), 1);
    }

    #[test]
    fn marks_prose_and_pictures_pass() {
        let picture = format!("<img src=\"data:image/png;base64,{}\">", token().repeat(3));
        let key = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
        let keys = [format!("{key} [private_key:1]\n\n## Root cause\n"), format!("{key}\nMIIE"), format!("no {key} block here")];
        for text in keys.iter().map(String::as_str).chain([
            "password=[password:1] token [token:12]",
            "password rotation: 14 of 15 secrets",
            "&#34;msg&#34;: &#34;--password is deprecated&#34;",
            &picture,
        ]) {
            assert_eq!(gate(text.as_bytes()), [], "{text}");
        }
    }
}
