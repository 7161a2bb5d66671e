//! The words of a text and what they are like without case and marks.
//!
//! Must never know a language. Names that are put together (`orders-api`, `v1.2`, `@ana`, what stands in back ticks) are no words.

/// A word of a text; "l'erreur" has two.
#[derive(Debug)]
pub struct Token {
    pub span: (usize, usize),
    pub folded: String,
}

pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut is_code = false;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        is_code ^= c == '`';
        if !is_of_word(c) && !c.is_ascii_digit() {
            at += c.len_utf8();
            continue;
        }
        let end = end_of(text, at);
        let run = text[at..end].trim_end_matches(['-', '.', '/', ':', '_', '\'', '’', '@']);
        if !is_code && !stands_behind_a_mark(text, at) {
            push_words(run, at, &mut found);
        }
        at = end;
    }
    found
}

fn is_of_word(c: char) -> bool {
    c.is_alphabetic()
}

/// The end of what holds together: letters, digits and the marks of names between them.
fn end_of(text: &str, start: usize) -> usize {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '/' | ':' | '_' | '\'' | '’' | '@');
    text[start..].find(|c| !joins(c)).map_or(text.len(), |n| start + n)
}

fn stands_behind_a_mark(text: &str, at: usize) -> bool {
    text[..at].ends_with(['@', '/', '_', '#', '$', '.'])
}

fn push_words(run: &str, at: usize, found: &mut Vec<Token>) {
    let plain = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’');
    // "Regla:algo", "errores/tiempo" and "OK.Listo" are words; with digits or underscores they are names.
    if run.chars().any(|c| c.is_ascii_digit() || matches!(c, '_' | '@' | '.')) {
        return;
    }
    let mut from = 0;
    for (index, c) in run.char_indices().chain([(run.len(), ' ')]) {
        if matches!(c, '\'' | '’') {
            push(&run[from..index + c.len_utf8()], at + from, found);
            from = index + c.len_utf8();
        } else if !plain(c) {
            push(&run[from..index], at + from, found);
            from = index + c.len_utf8();
        }
    }
}

fn push(word: &str, at: usize, found: &mut Vec<Token>) {
    if word.chars().any(char::is_alphabetic) {
        found.push(Token { span: (at, at + word.len()), folded: folded(word) });
    }
}

/// Without case and marks: `Löst`, `loest` and `lost` are one.
pub fn folded(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' | 'æ' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' | 'œ' => out.push('o'),
            'ü' | 'ú' | 'ù' | 'û' => out.push('u'),
            'ç' | 'ć' => out.push('c'),
            'ñ' | 'ń' => out.push('n'),
            'ł' => out.push('l'),
            'ś' => out.push('s'),
            'ź' | 'ż' => out.push('z'),
            'ß' => out.push_str("ss"),
            '’' => out.push('\''),
            other => out.push(other),
        }
    }
    for (two, one) in [("ae", "a"), ("oe", "o"), ("ue", "u")] {
        if out.contains(two) {
            out = out.replace(two, one);
        }
    }
    out
}
