//! What a line that no format knows looks like: indented, a frame of a stack trace, or the beginning of what a crashing
//! program prints outside of its log.
//!
//! Only shapes that runtimes print; never words of one program. Misleading input: prose that begins like a frame.

use std::sync::LazyLock;

use evidence::Level;
use memchr::memmem::Finder;

/// What the last line of a crash makes of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    None,
    /// The message follows on the next line, whatever it looks like.
    Message,
    /// Frames of a Python trace; the first line that is not indented is its message.
    Frames,
    /// The message of a Python trace was said; more words of it may follow, or another trace.
    Ended,
    /// "During handling of the above exception ...": another trace follows.
    Chained,
}

/// What a line looks like, by its first characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Plain,
    /// Indented, or a frame of a stack trace.
    Indented,
    /// What a crashing program prints first.
    Crash(Level, Tail),
    /// The stack of one goroutine.
    Goroutine,
}

/// Beginnings of what a crashing program prints outside of its log.
const CRASHES: [(&str, Level, Tail); 16] = [
    ("panic: ", Level::Fatal, Tail::None),
    ("fatal error: ", Level::Fatal, Tail::None),
    ("FATAL ERROR: ", Level::Fatal, Tail::None),
    ("Fatal error: ", Level::Fatal, Tail::None),
    ("PHP Fatal error", Level::Fatal, Tail::None),
    ("PHP Parse error", Level::Fatal, Tail::None),
    ("Fatal Python error", Level::Fatal, Tail::None),
    ("Traceback (most recent call last)", Level::Error, Tail::Frames),
    ("Exception in thread ", Level::Error, Tail::None),
    ("Unhandled exception", Level::Fatal, Tail::None),
    ("Unhandled Exception", Level::Fatal, Tail::None),
    ("Uncaught ", Level::Fatal, Tail::None),
    ("terminate called ", Level::Fatal, Tail::None),
    ("Segmentation fault", Level::Fatal, Tail::None),
    ("# A fatal error has been detected by the Java Runtime", Level::Fatal, Tail::None),
    ("SIGSEGV: segmentation violation", Level::Fatal, Tail::None),
];

/// Whether a line has words that lines of a trace have, wherever they stand.
pub fn may_be_of_a_trace(text: &str) -> bool {
    static WORDS: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| ["at ", "Caused by: ", "File \""].map(Finder::new));
    WORDS.iter().any(|word| word.find(text.as_bytes()).is_some())
}

/// Whether a trace of Python begins in a text.
pub fn has_traceback(text: &str) -> bool {
    static WORDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("Traceback (most recent"));
    WORDS.find(text.as_bytes()).is_some()
}

/// The look of a line.
pub fn sign(text: &str) -> Sign {
    match text.as_bytes().first() {
        // The brace ends an object that was begun on a line before.
        Some(b' ' | b'\t' | b'}') => return Sign::Indented,
        Some(b'0'..=b'9' | b'{' | b'[' | b'<') => return Sign::Plain,
        _ => {}
    }
    if text.starts_with("thread '") && text.contains("' ") && text.contains("panicked at ") {
        let tail = if text.trim_ascii_end().ends_with(':') { Tail::Message } else { Tail::None };
        return Sign::Crash(Level::Fatal, tail);
    }
    if let Some(&(_, level, tail)) = CRASHES.iter().find(|(start, ..)| text.starts_with(start)) {
        return Sign::Crash(level, tail);
    }
    if text.starts_with("goroutine ") && text.trim_ascii_end().ends_with("]:") {
        return Sign::Goroutine;
    }
    if is_thrown_in_script(text) {
        return Sign::Crash(Level::Fatal, Tail::None);
    }
    if is_frame(text) { Sign::Indented } else { Sign::Plain }
}

/// A line of a stack trace that need not be indented.
fn is_frame(text: &str) -> bool {
    const STARTS: [&str; 10] = [
        "Caused by: ",
        "Caused by:",
        "...",
        "File \"",
        "Suppressed: ",
        "--- End of ",
        "Stack trace:",
        "stack backtrace:",
        "created by ",
        "[signal ",
    ];
    let numbered = |start: char| text.strip_prefix(start).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    STARTS.iter().any(|s| text.starts_with(s)) || is_at(text) || (numbered('#') && text.contains(' '))
}

/// What cannot be but a line of a stack trace, wherever it stands.
pub fn is_of_a_trace(text: &str) -> bool {
    let rest = text.trim_ascii_start().trim_start_matches("#011");
    let indented = rest.len() < text.len();
    let more =
        || rest.strip_prefix("... ").and_then(|r| r.strip_suffix(" more")).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    indented && (is_at(rest) || rest.starts_with("File \"") && rest.contains(", line "))
        || rest.starts_with("Caused by: ")
        || more()
}

/// `at com.shop.Cart.add(Cart.java:12)`, `at /app/cart.js:12:5`; not `at 09:02 we saw`.
fn is_at(text: &str) -> bool {
    let Some(place) = text.strip_prefix("at ") else { return false };
    !place.starts_with(|c: char| c.is_ascii_digit()) && place.split(' ').take(3).any(|w| w.contains(['(', '/', '<']))
}

/// `/app/cart.js:12`: the place by which Node begins what it prints of an uncaught error.
fn is_thrown_in_script(text: &str) -> bool {
    let place = text.trim_ascii_end();
    let Some((file, line)) = place.rsplit_once(':') else { return false };
    (place.starts_with(['/', 'n', 'f']) && !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()))
        && !file.contains(' ')
        && ([".js", ".mjs", ".cjs", ".ts"].iter().any(|e| file.ends_with(e)) || file.starts_with("node:internal/"))
}

/// A line that, after a crash, still belongs to it.
pub fn is_of_a_crash(text: &str) -> bool {
    const STARTS: [&str; 8] = [
        "note: ",
        "exit status ",
        "runtime: ",
        "runtime.",
        "Node.js v",
        "During handling of the above",
        "The above exception was",
        "  what()",
    ];
    let call = text.ends_with(')') && text.split_once('(').is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '));
    STARTS.iter().any(|s| text.starts_with(s)) || call || is_exception(text)
}

/// What Python prints between two traces of which one led to the other.
pub fn chains(text: &str) -> bool {
    text.starts_with("During handling of the above") || text.starts_with("The above exception was")
}

/// What PostgreSQL and SQLAlchemy put on lines of their own below the message of an exception.
pub fn adds_to_exception(text: &str) -> bool {
    const STARTS: [&str; 7] =
        ["DETAIL: ", "HINT: ", "CONTEXT: ", "LINE ", "[SQL: ", "[parameters: ", "(Background on this error at: "];
    STARTS.iter().any(|s| text.starts_with(s))
}

/// `java.lang.IllegalStateException: closed`, `ValueError: empty`.
pub fn is_exception(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    (name.ends_with("Error") || name.ends_with("Exception")) && !name.contains(' ')
}

/// The same with the package that it is of: no format but one that writes such a name itself begins a record so.
pub fn is_qualified_exception(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    name.len() < text.len() && name.contains('.') && is_exception(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_with_its_package_is_told_from_a_sentence() {
        assert!(is_qualified_exception("java.sql.SQLException: closed after 1700000000 ms"));
        for other in ["ValueError: empty", "java.sql.SQLException", "the shop.Error: 7", "org.shop.Cart: failed"] {
            assert!(!is_qualified_exception(other), "{other}");
        }
    }

    #[test]
    fn a_crash_is_known_by_its_first_line() {
        assert_eq!(sign("panic: runtime error: index out of range"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("thread 'main' panicked at src/main.rs:3:5:"), Sign::Crash(Level::Fatal, Tail::Message));
        assert_eq!(sign("thread 'w-1' (812) panicked at 'boom', src/a.rs:1:2"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("Traceback (most recent call last):"), Sign::Crash(Level::Error, Tail::Frames));
        assert_eq!(sign("Exception in thread \"main\" java.lang.Error"), Sign::Crash(Level::Error, Tail::None));
        assert_eq!(sign("/srv/app/cart.js:118"), Sign::Crash(Level::Fatal, Tail::None));
        assert_eq!(sign("goroutine 1 [running]:"), Sign::Goroutine);
    }

    #[test]
    fn a_sentence_is_not_a_frame() {
        assert_eq!(sign("at 09:02 we saw errors (many)"), Sign::Plain);
        assert_eq!(sign("at least it is over"), Sign::Plain);
        assert_eq!(sign("at com.shop.Cart.add(Cart.java:12)"), Sign::Indented);
        assert_eq!(sign("at async Cart.add (/srv/cart.js:1:2)"), Sign::Indented);
        assert_eq!(sign("#general is quiet"), Sign::Plain);
        assert_eq!(sign("#0 /srv/a.php(12): run()"), Sign::Indented);
    }
}
