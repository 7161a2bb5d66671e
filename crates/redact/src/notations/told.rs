//! What prose says of a name: "the password for staging is now V", "das Passwort lautet V", "password (prod): V".
//!
//! Only where the value begins is told here; that it looks like one is for who asks. It is misled by sentences about a name
//! whose last word is another name ("the password is Hunter2-compatible").

use super::{How, blanks};

/// Words that come before what something is.
const VERBS: [&[u8]; 19] = [
    b"is",
    b"was",
    b"are",
    b"to",
    b"ist",
    b"war",
    b"lautet",
    b"sind",
    b"es",
    b"era",
    b"est",
    "était".as_bytes(),
    "è".as_bytes(),
    "é".as_bytes(),
    b"jest",
    "är".as_bytes(),
    b"er",
    b"on",
    "—".as_bytes(),
];
/// Words that say what a name is the name of.
const RELATIONS: [&[u8]; 26] = [
    b"for",
    b"of",
    b"on",
    b"in",
    b"over",
    b"via",
    b"by",
    b"through",
    "für".as_bytes(),
    b"fuer",
    b"von",
    b"vom",
    b"zu",
    b"auf",
    b"de",
    b"del",
    b"para",
    b"pour",
    b"du",
    b"di",
    b"do",
    b"dla",
    b"voor",
    b"till",
    "для".as_bytes(),
    "от".as_bytes(),
];
/// Words that may stand behind a verb.
const ADVERBS: [&[u8]; 12] =
    [b"now", b"still", b"currently", b"set", b"jetzt", b"noch", b"aktuell", b"ahora", b"maintenant", b"ora", b"teraz", b"again"];
/// Words whose own value stands behind their colon.
const OTHERS: [&[u8]; 24] = [
    b"user",
    b"username",
    b"users",
    b"account",
    b"login",
    b"host",
    b"server",
    b"db",
    b"database",
    b"service",
    b"id",
    b"role",
    b"email",
    b"name",
    b"at",
    b"since",
    b"ticket",
    b"reason",
    b"error",
    b"code",
    b"status",
    b"request",
    b"client",
    b"tenant",
];
/// Words behind which the value of before stands.
const CHANGED: [&[u8]; 3] = [b"from ", b"changed from ", b"was changed from "];
/// Signs and words that need no space behind a name.
const JOINED: [&str; 5] = ["：", "是", "は", "为", "為"];
/// Words between a name and what it is.
const MOST: usize = 4;

/// Where the value begins, and how it is told.
pub(super) fn value(line: &[u8], at: usize, gap: usize) -> Option<(usize, How)> {
    if let Some(sign) = JOINED.iter().find(|sign| line[at..].starts_with(sign.as_bytes())) {
        let begin = at + sign.len();
        return Some((begin + blanks(line, begin, 4), How::Told));
    }
    if line[at.saturating_sub(1)..].starts_with(b"'s ") {
        return Some((at + 2, How::Told));
    }
    if gap == at || gap >= line.len() {
        return None;
    }
    if let Some(words) = CHANGED.iter().find(|words| line[gap..].starts_with(words)) {
        return Some((gap + words.len(), How::Direct));
    }
    let rest = if line[gap] == b'(' { parenthesis(line, gap)? } else { clause(line, gap) };
    Some(rest.map_or((gap, How::Direct), |begin| (begin, How::Told)))
}

/// `(prod): V`, `(currently V)`.
fn parenthesis(line: &[u8], open: usize) -> Option<Option<usize>> {
    let inner = &line[open + 1..line.len().min(open + 60)];
    let close = inner.iter().position(|b| *b == b')')?;
    let behind = open + close + 2;
    if matches!(line.get(behind), Some(b':' | b'=')) {
        return Some(Some(behind + 1 + blanks(line, behind + 1, 4)));
    }
    let last = inner[..close].iter().rposition(|b| *b == b' ').map_or(0, |n| n + 1);
    Some(Some(open + 1 + last))
}

fn clause(line: &[u8], gap: usize) -> Option<usize> {
    let (mut word, mut next) = word(line, gap);
    if RELATIONS.contains(&word) {
        let mut words = 0;
        loop {
            (word, next) = self::word(line, next);
            words += 1;
            if word.is_empty() || words > MOST {
                return None;
            }
            if words > 1 && (is_verb(word) || word == b"=" || word == b":") {
                break;
            }
            if let Some(name) = word.strip_suffix(b":") {
                return (!OTHERS.iter().any(|o| o.eq_ignore_ascii_case(name))).then_some(next);
            }
        }
    } else if !is_verb(word) {
        return labelled(line, gap);
    }
    for _ in 0..2 {
        let (adverb, behind) = self::word(line, next);
        if !ADVERBS.contains(&adverb) && !is_verb(adverb) {
            break;
        }
        next = behind;
    }
    Some(next)
}

/// `mdp base: V`, `Passwort DB-Test : V`, `pwd vpn = V`: one or two words say what it is of, and a sign what it is.
fn labelled(line: &[u8], gap: usize) -> Option<usize> {
    let (first, next) = word(line, gap);
    let (second, behind) = word(line, next);
    let (third, after) = word(line, behind);
    let is_sign = |word: &[u8]| matches!(word, b":" | b"=");
    let (label, begin) = match (first.strip_suffix(b":"), second.strip_suffix(b":")) {
        (Some(label), _) => (label, next),
        _ if is_sign(second) => (first, behind),
        (_, Some(label)) if !label.is_empty() => (label, behind),
        _ if is_sign(third) => (second, after),
        _ => return None,
    };
    let is_name = |word: &[u8]| !word.is_empty() && word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-' || !b.is_ascii());
    let is_other = OTHERS.iter().any(|other| other.eq_ignore_ascii_case(label) && !matches!(*other, b"db" | b"database"));
    (is_name(label) && is_name(first.strip_suffix(b":").unwrap_or(first)) && !is_other).then_some(begin)
}

fn is_verb(word: &[u8]) -> bool {
    VERBS.contains(&word.strip_suffix(b":").unwrap_or(word))
}

/// The word that begins here, and where the next one does.
fn word(line: &[u8], at: usize) -> (&[u8], usize) {
    let rest = line.get(at..).unwrap_or_default();
    let end = rest.iter().take(40).position(|b| *b == b' ').unwrap_or(rest.len().min(40));
    (&rest[..end], at + end + blanks(line, at + end, 4))
}

#[cfg(test)]
mod tests {
    use crate::Redactor;

    const VALUE: &str = "Teal-Heron-4";

    #[test]
    fn a_sentence_tells_a_password() {
        for line in [
            "the password is Teal-Heron-4",
            "root password is now `Teal-Heron-4`",
            "db_password was set to Teal-Heron-4, tell ann",
            "password for staging is Teal-Heron-4",
            "generated password for user ann: Teal-Heron-4",
            "password (prod): Teal-Heron-4",
            "the admin password (currently Teal-Heron-4)",
            "password over DM: Teal-Heron-4",
            "the password's Teal-Heron-4",
            "das neue Kennwort lautet Teal-Heron-4",
            "la contraseña es Teal-Heron-4",
            "le mot de passe est Teal-Heron-4",
            "hasło to Teal-Heron-4",
            "密码是 Teal-Heron-4",
            "temporary password Teal-Heron-4",
            "**Password:** `Teal-Heron-4`",
            "| password | Teal-Heron-4 |",
            "mdp base: Teal-Heron-4 au cas où",
            "Passwort DB-Test : Teal-Heron-4",
            "pwd vpn = Teal-Heron-4",
            "password reporting db: Teal-Heron-4",
        ] {
            assert_eq!(Redactor::new().redact(line), line.replace(VALUE, "[password:1]"), "{line}");
        }
    }

    #[test]
    fn both_sides_of_a_change_are_values() {
        for line in [
            "~ db_password = \"Teal-Heron-4\" -> \"Grey-Otter-5\"",
            "db.password: Teal-Heron-4 → Grey-Otter-5",
            "password changed from Teal-Heron-4 to Grey-Otter-5",
            "password \"Teal-Heron-4\" was replaced by \"Grey-Otter-5\"",
            "{\"field\":\"password\",\"old\":\"Teal-Heron-4\",\"new\":\"Grey-Otter-5\"}",
        ] {
            let expected = line.replace(VALUE, "[password:1]").replace("Grey-Otter-5", "[password:2]");
            assert_eq!(Redactor::new().redact(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_said_of_a_password_is_none() {
        for line in [
            "the password is wrong for bob",
            "the password is base64-encoded",
            "password is out-of-date since v2.3.1",
            "password changed for user: bob1984",
            "password is kept in kv/shop1",
            "password reset for OPS-4121",
            "password reset ticket: OPS-4121",
            "wrong password user: bob1984",
            "password check failed: attempt 3 of 5",
            "the password mail server: mx1.shop.example",
            "FATAL: password authentication failed for user \"shop_rw2\"",
            "das Passwort ist abgelaufen",
            "~ db_password = (sensitive value) -> (known after apply)",
            "pass the order to worker-2b9",
            "secret rotation at 14:00 went on to 15:30",
            "the token is expired",
        ] {
            assert_eq!(Redactor::new().redact(line), line);
        }
    }

    #[test]
    fn a_reference_to_a_secret_is_none() {
        for line in [
            "      secretName: shop-tls",
            "  secret: shop-tls",
            "    existingSecret: shop-redis-auth",
            "imagePullSecrets: [{name: shop-registry}]",
            "secret: {secretName: shop-tls}",
            "password: op://shop/db/password",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-Ab3xYz",
            "vault: TOKEN_FILE=/run/secrets/shop2",
            "PWD=/srv OLDPWD=/root",
        ] {
            assert_eq!(Redactor::new().redact(line), line);
        }
    }

    #[test]
    fn a_token_in_the_user_part_leaves_the_host() {
        let token = ["glpat", "-", "v4DXqbWI77hXq2Lm9TzK"].concat();
        for user in ["oauth2:", ""] {
            let line = format!("clone https://{user}{token}@git.shop.example/x failed");
            assert_eq!(Redactor::new().redact(&line), line.replace(&token, "[token:1]"));
        }
    }
}
