//! What stands after the words of an action item: owner, date, priority, state, in the marks that teams put around them.
//!
//! Must never know who takes part: a name is told by where it stands, between marks before a date or behind a dash. Misled by
//! a last word behind a comma that is none.

use std::sync::LazyLock;

use super::due::{DATE, names_a_day};
use expressions::{Expression, constant};

/// What stands after the task, and where the task ends.
#[derive(Default)]
pub struct Tail {
    pub cut: usize,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub priority: Option<String>,
    pub status: Option<String>,
}

/// `is_owned`: it begins with who does it, and no other name is looked for at its end.
pub fn read(body: &str, author: &str, is_owned: bool) -> Tail {
    static STATUS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)[\s,;—–(\[-]+(?:status[: ]+)?(?P<s>in[ -]progress|open|done|todo|wip|blocked|not started|completed|closed|started|pending|in review)[)\]]?\.?$|[(\[](?P<s2>in[ -]progress|open|done|todo|wip|blocked|not started|completed|closed|started|pending|in review)[)\]]",
        )
    });
    static OWNER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)[\s,;]*(?:[—–,(\[-]|->|→|\bowner:?|\bassigned to|\bassignee:?)\s*(?:owners?[: ]+|assigned to |assignee[: ]+)?<?(?P<at>@[\p{L}\d](?:[\w.-]*[\p{L}\d])?)>?|(?:\b(?:owner|assignee):\s*|[,;(—–|-]\s*(?:owner|assignee) |\b(?:owned by|assigned to)[: ]+)(?P<named>\p{L}[\w.-]*)|[,—–;(.-]\s*(?P<i>I(?:'ll| will| can)? (?:take|own|do|handle|got)\b(?: (?:it|this|that|care of (?:it|this|that)))?|on me\b|mine\b|(?:das )?(?:mache?|übernehme?|erledige) ich\b|i take (?:it|this)\b|i'll (?:take|do|own|handle) (?:it|this|that)\b)|\s<?(?P<last>@[\p{L}\d](?:[\w.-]*[\p{L}\d])?)>?\s*$",
        )
    });
    static PRIORITY: LazyLock<Expression> =
        LazyLock::new(|| constant(r"[\s,;(\[-]+(?:prio(?:rity)?[: ]+)?(?P<p>P[0-5])\b[)\]]?"));
    let mut tail = Tail { cut: body.len(), ..Tail::default() };
    let mut cut = |at: usize| tail.cut = tail.cut.min(at);
    let due = due(body);
    let due_at = due.map(|(at, _)| at);
    if let Some(at) = due_at {
        cut(at);
    }
    if let Some(c) = STATUS.captures(body) {
        tail.status = c.name("s").or(c.name("s2")).map(|s| s.as_str().to_string());
        tail.cut = tail.cut.min(c.get(0).map_or(body.len(), |m| m.start()));
    }
    let undated = &body[..due_at.unwrap_or(body.len())];
    if let Some(c) = OWNER.captures(body).or_else(|| OWNER.captures(undated)).filter(|c| c.get(0).is_some_and(|m| m.start() > 3))
    {
        tail.cut = tail.cut.min(c.get(0).map_or(body.len(), |m| m.start()));
        tail.owner = match c.name("i") {
            Some(_) => Some(author.to_string()),
            None => c.name("at").or(c.name("named")).or(c.name("last")).map(|m| m.as_str().to_string()),
        };
    }
    if let Some(c) = PRIORITY.captures(body) {
        tail.priority = c.name("p").map(|p| p.as_str().to_string());
        if c.get(0).is_some_and(|m| m.start() > body.len() / 2) {
            tail.cut = tail.cut.min(c.get(0).map_or(body.len(), |m| m.start()));
        }
    }
    tail.due = due.map(|(_, words)| words.to_string());
    if tail.owner.is_none()
        && !is_owned
        && let Some((name, at)) = bare_name(undated, due_at.is_some())
    {
        // "mache ich": whoever speaks does it.
        let is_own = name.split(' ').any(is_me);
        tail.owner = Some(if is_own { author.to_string() } else { name });
        tail.cut = tail.cut.min(at);
    }
    tail
}

/// Where the words for a date begin, and the date: of several the one that names a day of a month.
fn due(body: &str) -> Option<(usize, &str)> {
    static DUE: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)(?:[\s,;—–(\[-]+(?:(?:due(?: date)?(?: by| on)?|(?:done |ready |finished )?by|bis(?: zum)?|fällig(?: am)?|pour le|d['’]ici (?:le|au)|avant le|au plus tard le|para el|antes del|até|entro (?:il)?|senast|seneste|uiterlijk|do dnia|until|till|til|before|eta|deadline|target(?:ing)?|no later than|latest|starting(?: on| from)?)[: ]+(?:the )?(?P<a>{DATE})|(?P<d>\d{{4}}-\d\d-\d\d|tomorrow|today|next (?:week|sprint|month))[)\]]?\.?$)|\s*[(\[](?P<b>{DATE})[)\]]|(?:\s*[,;|/—–(\[]|\s-)\s*(?P<c>{DATE})\s*[)\]]?\.?$)"
        ))
    });
    let all = DUE.captures_iter(body).filter_map(|c| {
        let words = ["a", "b", "c", "d"].iter().find_map(|name| c.name(name))?;
        Some((c.get(0)?.start(), words.as_str()))
    });
    let all: Vec<(usize, &str)> = all.collect();
    all.iter().find(|(_, words)| names_a_day(words)).or(all.first()).copied()
}

/// A bare name as the last comma-separated part before the date: "test the policies, hana, until …", "… — Maria Silva".
fn bare_name(before: &str, dated: bool) -> Option<(String, usize)> {
    static NAME: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?P<sep>\s*[,:]\s*|\s+(?:[—–-]|--|->|→)\s+|\s*\()(?P<n>\p{L}[\p{L}.]{1,15}(?: \p{Lu}[\p{L}.]{0,15})?)\)?[,;]?\s*$",
        )
    });
    // The last ones say "done", "by" and "due" in other languages.
    const NOT_NAMES: [&str; 36] = [
        "asap",
        "please",
        "eod",
        "open",
        "done",
        "tomorrow",
        "today",
        "too",
        "also",
        "soon",
        "ticket",
        "prod",
        "staging",
        "etc",
        "again",
        "now",
        "later",
        "maybe",
        "both",
        "all",
        "everywhere",
        "though",
        "thanks",
        "week",
        "klart",
        "klar",
        "senast",
        "termin",
        "frist",
        "inden",
        "entro",
        "scadenza",
        "hasta",
        "plazo",
        "avant",
        "uiterlijk",
    ];
    let c = NAME.captures(before)?;
    let (whole, name) = (c.get(0)?, c.name("n")?);
    let capital = name.as_str().starts_with(char::is_uppercase);
    let dash = c.name("sep").is_some_and(|s| s.as_str().trim().starts_with(['-', '—', '–']));
    let one_word = !name.as_str().contains(' ');
    // "check the limits: Mia Kern until 2025-01-01": behind a colon stands more than names.
    let colon = c.name("sep").is_some_and(|s| s.as_str().trim() == ":");
    let shaped = if colon {
        dated && capital
    } else if dash {
        capital || (dated && one_word)
    } else {
        dated || capital
    };
    (shaped && whole.start() > 3 && !NOT_NAMES.contains(&name.as_str().to_ascii_lowercase().as_str()))
        .then(|| (name.as_str().to_string(), whole.start()))
}

/// Who speaks means themselves.
pub fn is_me(name: &str) -> bool {
    ["me", "i", "myself", "ich", "moi", "yo", "ik", "jag", "jeg"].iter().any(|w| name.eq_ignore_ascii_case(w))
}
