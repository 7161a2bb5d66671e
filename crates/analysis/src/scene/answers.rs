//! The answer to "what was the password again": it must stand in no report, and nothing in it says that it is a secret.
//!
//! What it sees: a question for something secret, and a short message of somebody else soon after that is made like one. Such a
//! message is no evidence, so it is left out before anything can quote it. Must never look at log records: programs do not ask.
//! When it misleads: the name of a machine as the answer to who asks where to log in, which is then not told.

use std::sync::LazyLock;

use expressions::{Expression, constant};

use super::{At, Utterance};

/// Messages behind the question, and seconds, within which an answer comes.
const BEHIND: usize = 4;
const WITHIN_S: f64 = 900.0;
/// Words of an answer, the secret among them.
const WORDS: usize = 3;

static SECRET: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\b(?:pw|pwd|pass(?:word|wort|phrase|code|ord(?:et)?)?|kennwort|mot de passe|mdp|contraseña|clave|senha|wachtwoord|lösenord(?:et)?|adgangskode|hasło|parola|pin(?: code)?|creds?|credentials|login|token|api[ -]?key|secret|пароль)\b",
    )
});
static ASKS: LazyLock<Expression> = LazyLock::new(|| {
    constant(
        r"(?i)\?|\b(?:what'?s|what’s|what (?:is|was|were)|which|who (?:has|knows)|anyone|remind me|again|need the|send me|give me|was (?:ist|war)|wie (?:ist|war|lautet)|nochmal|brauche|quel|cuál|qual|wat (?:is|was)|vad (?:är|var)|hva (?:er|var)|hvad (?:er|var)|jakie)\b",
    )
});

/// Leaves the answers out of what was said, which is sorted by time; gives back what they are.
pub fn leave_out(chat: &mut Vec<At<Utterance>>) -> Vec<String> {
    let asks = |m: &At<Utterance>| {
        let text = &m.what.message.text;
        !m.what.message.is_bot && SECRET.is_match(text) && ASKS.is_match(text)
    };
    let mut answers: Vec<usize> = Vec::new();
    for (at, question) in chat.iter().enumerate().filter(|(_, m)| asks(m)) {
        let behind = chat.iter().enumerate().skip(at + 1).take(BEHIND);
        let soon = behind.filter(|(_, m)| m.at.since(question.at) <= WITHIN_S);
        let of_others = soon.filter(|(_, m)| m.what.speaker != question.what.speaker);
        answers.extend(of_others.filter(|(_, m)| is_secret(&m.what.message.text)).map(|(index, _)| index));
    }
    let (mut index, mut unsaid) = (0, Vec::new());
    chat.retain(|message| {
        let is_answer = answers.contains(&index);
        unsaid.extend(is_answer.then(|| message.what.message.text.clone()));
        index += 1;
        !is_answer
    });
    unsaid
}

/// A few words, one of which is made like a secret: letters and digits, and a third kind of sign.
fn is_secret(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let made_so = |word: &&str| {
        let word = word.trim_matches(['`', '"', '\'', '*', ',', '.']);
        let has = |kind: fn(char) -> bool| usize::from(word.chars().any(kind));
        let signs = has(|c| !c.is_alphanumeric());
        let kinds = has(char::is_lowercase) + has(char::is_uppercase) + signs;
        let is_address = word.contains("://") || word.starts_with(['@', '#', '<', '/']);
        (6..=80).contains(&word.chars().count()) && has(|c| c.is_ascii_digit()) == 1 && kinds >= 2 && !is_address
    };
    words.len() <= WORDS && words.iter().any(made_so)
}

#[cfg(test)]
mod tests {
    use evidence::{Message, Moment, RecordRef, SourceId};

    use super::*;

    fn left(said: &[(&str, &str)]) -> Vec<String> {
        let utterance = |(second, (author, text)): (i64, &(&str, &str))| {
            let message = Message { author: author.to_string(), text: text.to_string(), ..Message::default() };
            let place = RecordRef { source: SourceId { input: 0, entry: 0 }, start: 0, end: 1, line: 1, last_line: 1 };
            let what = Utterance { message, speaker: format!("@{author}"), said: Vec::new() };
            At { at: Moment::from_seconds(second * 60), place, what }
        };
        let mut chat: Vec<At<Utterance>> = (0..).zip(said).map(utterance).collect();
        leave_out(&mut chat);
        chat.into_iter().map(|m| m.what.message.text).collect()
    }

    #[test]
    fn who_asks_for_a_password_gets_it_and_the_report_does_not() {
        let asked = "on vpn in 2. whats the jump box pw again";
        let answer = ["Meadow", "#3381-crate"].concat();
        assert_eq!(left(&[("dan", asked), ("deb", &answer), ("dan", "thanks")]), [asked, "thanks"]);
        assert_eq!(left(&[("jan", "wie war das passwort?"), ("eva", &format!("das ist {answer}"))]), ["wie war das passwort?"]);
    }

    #[test]
    fn what_is_no_answer_or_no_secret_stays() {
        for said in [
            [("dan", "what is the error rate?"), ("deb", "checkout-v1.4.2-rc1")],
            [("dan", "whats the pw"), ("deb", "ask Tom, he has it in the vault")],
            [("dan", "whats the pw"), ("deb", "12:41:07")],
            [("dan", "password rotation broke it"), ("deb", "rolling back Build7-final now")],
            [("dan", "whats the pw"), ("dan", "Build7-final")],
        ] {
            assert_eq!(left(&said).len(), 2, "{said:?}");
        }
    }
}
