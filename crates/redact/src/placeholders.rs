//! Words and signs that stand where a value would: templates, masks, what documentation writes, references to where it is kept.
//!
//! Must never clear a value because a word stands somewhere in it. It is misled by passwords made of such words.

/// A longer mask shows by its beginning.
const LONGEST_MASK: usize = 200;

/// Whether a value only stands for one: a template, a mask, a word that says that there is none.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    // Writers of markup put a backslash before a bracket.
    let trimmed = text.trim_matches(|c: char| "\"'`.,;:!\\".contains(c));
    let template = ["${", "$(", "{{", "{%", "<%", "%(", "#{", "${{", "@{", "\\u003c"].iter().any(|p| trimmed.starts_with(p))
        || trimmed.starts_with('$') && trimmed[1..].chars().all(|c| c.is_ascii_alphabetic() || c == '_')
        || trimmed.starts_with('<') && trimmed.ends_with('>')
        || trimmed.starts_with('[') && trimmed.ends_with([']', ')']) && !trimmed.contains(' ')
        || trimmed.starts_with('[') && trimmed.contains(':')
        // What a mark of redaction is for the search; writers of markup put a tag behind it.
        || trimmed.starts_with("*****")
        || trimmed.starts_with('%') && trimmed.ends_with('%')
        || trimmed.starts_with('{') && trimmed.ends_with('}');
    let signs = || trimmed.chars().filter(|c| "*x•#-_.?".contains(*c)).count();
    let masked = (3..LONGEST_MASK).contains(&trimmed.len()) && signs() * 10 >= trimmed.chars().count() * 8;
    let words = ["redacted", "masked", "filtered", "censored", "placeholder", "<secret"];
    trimmed.is_empty()
        || template
        || masked
        || is_sample(trimmed)
        || value.len() < 40 && value.split(|b| b"/%".contains(b)).any(|part| part.len() > 8 && part.ends_with(b"EXAMPLE"))
        || words.iter().any(|w| trimmed.contains(w))
        || one_letter(trimmed)
}

/// What documentation gives for a value, with nothing in it but words that say so: `your-api-key`, `example_password`.
fn is_sample(text: &str) -> bool {
    let says = ["example", "your"].iter().any(|word| text.contains(word));
    let word = |part: &str| part.is_empty() || part.bytes().all(|b| b == b'x') || SAMPLES.contains(&part);
    says && text.split(|c: char| !c.is_ascii_alphabetic()).all(word) && !text.bytes().any(|b| b.is_ascii_digit())
}

/// Of these the values are made that documentation gives.
const SAMPLES: [&str; 33] = [
    "example", "examples", "your", "yours", "my", "the", "here", "goes", "a", "an", "own", "real", "some", "password", "pass",
    "passwd", "pwd", "secret", "token", "key", "api", "apikey", "access", "auth", "client", "id", "value", "user", "username",
    "com", "org", "host", "db",
];

/// Nothing but the signs by which a value is hidden. Letters that stand for others may be a token's own.
pub(crate) fn is_mask(value: &[u8]) -> bool {
    value.iter().all(|b| b"*#-_.?".contains(b)) || value.ends_with(b"EXAMPLE")
}

fn one_letter(text: &str) -> bool {
    let first = text.chars().next();
    text.chars().all(|c| Some(c) == first)
}

/// Words that stand after "password:" or "token=" and are none.
pub(crate) fn is_plain_word(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    WORDS.contains(&text.trim_matches(|c: char| !c.is_alphanumeric()))
        || is_reference(&text)
        || [
            "var.",
            "os.",
            "env.",
            "process.env",
            "self.",
            "this.",
            "config.",
            "settings.",
            "params.",
            "options.",
            "local.",
            "data.",
            "module.",
            "req.",
            "request.",
        ]
        .iter()
        .any(|p| text.starts_with(p))
        || text.starts_with('/') && text[1..].contains('/')
        || text.ends_with("()")
        || text.contains("aws4")
        || text.contains("getenv")
        || text.contains("get_env")
        || text.contains("environ")
}

const WORDS: [&str; 64] = [
    "yes",
    "no",
    "true",
    "false",
    "null",
    "none",
    "nil",
    "required",
    "invalid",
    "incorrect",
    "changed",
    "expired",
    "empty",
    "hidden",
    "missing",
    "wrong",
    "unset",
    "undefined",
    "string",
    "str",
    "bytes",
    "bool",
    "text",
    "password",
    "passwd",
    "secret",
    "token",
    "authentication",
    "enabled",
    "disabled",
    "failed",
    "failure",
    "error",
    "mismatch",
    "rejected",
    "rotated",
    "reset",
    "updated",
    "not",
    "is",
    "was",
    "for",
    "and",
    "the",
    "cannot",
    "could",
    "must",
    "should",
    "has",
    "with",
    "from",
    "ok",
    "valid",
    "accepted",
    "unchanged",
    "optional",
    "default",
    "unknown",
    "bearer",
    "basic",
    "sealed",
    "revoked",
    "denied",
    "granted",
];

/// Says where the value is kept, or is what a vault made of it.
fn is_reference(text: &str) -> bool {
    const KEPT: [&str; 20] = [
        "vault:",
        "ssm:",
        "arn:",
        "op://",
        "secretsmanager:",
        "sm://",
        "gcp://",
        "keyvault:",
        "file:",
        "env:",
        "enc[",
        "!vault",
        "!secret",
        "!ref",
        "!sub",
        "convertto-",
        "get-",
        "read-host",
        "projects/",
        "resolve:",
    ];
    let path = text.strip_prefix('/').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_lowercase()));
    path || KEPT.iter().any(|kept| text.starts_with(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_a_value_is_none() {
        for value in ["${X}", "$DB_PASS", "****", "xxxxxxxx", "<redacted>", "{{ .Values.x }}", "%PASS%", "[token:1]", "aaaaaaa"] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["Kd8xTq1", "correct-horse-7Battery", "$2b$10$abc", "hunter2"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_word_of_documentation_clears_only_what_has_no_other() {
        for value in ["your-api-key", "example_password", "AKIAIOSFODNN7EXAMPLE", "<your token here>"] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in ["example-Kd8xTq1", "your-Teal44", "yourlion", "counterexample"] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_reference_is_no_value() {
        for value in ["vault:kv/data/shop#pw", "op://shop/db/pw", "ENC[AES256_GCM", "/srv", "ConvertTo-SecureString"] {
            assert!(is_plain_word(value.as_bytes()), "{value}");
        }
        assert!(!is_plain_word(b"vault9Kd8") && !is_plain_word(b"/Kd8xTq1"));
    }
}
