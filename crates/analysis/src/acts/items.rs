//! Action items: who does what until when, in the many shapes teams write them.
//!
//! Must never know which people exist but by those who take part; any other bare word is a name only where names stand (between
//! commas before a date). Misled by bulleted meeting minutes that promise nothing.

use super::due::DATE;
use super::{People, Slots, agreed, strangers, tails};
use expressions::{Expression, constant};
use std::sync::LazyLock;

/// An item's parts, literal (an owner "I" is the author).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    pub task: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub priority: Option<String>,
    pub status: Option<String>,
}

impl Item {
    pub fn into_slots(self, slots: &mut Slots) {
        slots.task = Some(self.task);
        slots.owner = self.owner;
        slots.due = self.due;
        slots.priority = self.priority;
        slots.status = self.status;
    }
}

const HEADS: &str = r"action[ -]?items?|actions?|follow[ -]?up (?:items?|actions?)|follow[ -]?ups?|to[ -]?dos?|ais?|ar|next steps?|remediation items?|tasks?|retro items?|postmortem items?|pm items?|ma(?:ss|ß)nahmen?|aufgaben?|n(?:ä|ae)chste schritte|mesures|acciones|a[cç][õo]es|azioni|acties|actiepunten|åtg(?:ä|a)rder|tiltak|dzia(?:ł|l)ania|tareas?|tarefas?|t(?:â|a)ches?|compiti|zadania|open (?:items?|points?|actions?|tasks?)|open:|offene? punkte|offen:|pendientes?:|pendências:|te doen:|à faire:|reste à faire";

/// Who speaks, as the one who does it.
const ME: &str = "me|myself|ich|moi|yo|ik|jag|jeg";

/// True for a line that only announces items: "Action items.", "Follow-ups:", "Actions from the call:".
pub fn is_heading(sentence: &str) -> bool {
    static HEADING: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)^[*_# ]*(?:\d{{1,2}}[.)] *)?(?:{HEADS})(?:[*_ ]*[.:]?|[ (]+(?:from|of|for|before|after|we|out of|agreed|until|with)\b[^:.!?]{{0,40}}:)[*_]*$"
        ))
    });
    HEADING.is_match(sentence.trim())
}

/// Reads one sentence or list entry as an action item; none when it is not one.
#[cfg(test)]
pub fn parse(sentence: &str, author: &str, under_heading: bool) -> Option<Item> {
    let around = Around { author, people: &People::default(), under_heading, is_closing: false };
    parse_with(sentence, &around, &Trailer::default())
}

/// Who says a sentence, and where in a message it stands.
#[derive(Debug, Clone, Copy)]
pub struct Around<'t> {
    pub author: &'t str,
    pub people: &'t People,
    /// A line or the beginning of one announces items above it.
    pub under_heading: bool,
    /// The message said before that all is over: what is to be done now is for afterwards.
    pub is_closing: bool,
}

/// Where the items of one sentence begin that names several: "todo: ana adds a test, ben opens a ticket", "1) a test 2) a ticket".
/// The first one begins with the sentence.
pub fn begins(sentence: &str, people: &People) -> Vec<usize> {
    static HEADED: LazyLock<Expression> = LazyLock::new(|| constant(&format!(r"(?i)^\s*[*_]*(?:{HEADS})[*_]*\s*:")));
    let counted = counted(sentence);
    if counted.first().is_some_and(|first| is_heading(&sentence[..*first])) {
        return [0].into_iter().chain(counted).collect();
    }
    if !HEADED.is_match(sentence) {
        return vec![0];
    }
    let parts = sentence.match_indices(", ").map(|(at, comma)| at + comma.len());
    // In any language, behind the date of one item the name of somebody begins the next one.
    static DATED: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?:\b\d{4}-\d\d-\d\d|\b\d{1,2}[./]\d{1,2}(?:[./](?:\d{2}|\d{4}))?\.?)\)?,\s*$"));
    let is_next = |at: usize| DATED.is_match(&sentence[..at]) && somebody(&sentence[at..], people).is_some();
    let is_item = |at: &usize| doer(sentence[*at..].trim_start_matches("and "), people).is_some() || is_next(*at);
    [0].into_iter().chain(parts.filter(is_item)).collect()
}

/// Where `1)`, `2)` and so on stand in one line; nothing where fewer than two do, or not in their order.
fn counted(sentence: &str) -> Vec<usize> {
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"(?:^|\s)\(?(?P<n>\d{1,2})[.)]\s+\S"));
    let mut found = Vec::new();
    for c in NUMBER.captures_iter(sentence) {
        let number = c.name("n").map_or(0, |n| n.as_str().parse().unwrap_or(0));
        if number == found.len() + 1 {
            let at = c.get(0).map_or(0, |m| m.start());
            found.push(sentence.len() - sentence[at..].trim_start().len());
        }
    }
    if found.len() < 2 { Vec::new() } else { found }
}

/// True for a sentence that announces several items and has the first of them: "follow-ups: ana adds a test".
pub fn opens_list(sentence: &str) -> bool {
    static OPENS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\s*[*_]*(?:action[ -]?items|actions|follow[ -]?ups|to[ -]?dos?|ais|next steps|tasks|ma(?:ss|ß)nahmen|aufgaben|n(?:ä|ae)chste schritte)[*_]*\s*:",
        )
    });
    OPENS.is_match(sentence)
}

/// What the sentences that follow an item say of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trailer {
    pub owner: Option<String>,
    pub due: Option<String>,
    pub priority: Option<String>,
    pub status: Option<String>,
}

impl Trailer {
    /// What was said first stays.
    pub fn join(&mut self, other: Trailer) {
        self.owner = self.owner.take().or(other.owner);
        self.due = self.due.take().or(other.due);
        self.priority = self.priority.take().or(other.priority);
        self.status = self.status.take().or(other.status);
    }

    fn is_empty(&self) -> bool {
        self.owner.is_none() && self.due.is_none()
    }
}

/// Reads a sentence that only names owner, date, priority or state ("Owner: ben. Due: Friday."); none for all others.
pub fn trailer(sentence: &str, author: &str) -> Option<Trailer> {
    if let Some(taken) = taken(sentence, author) {
        return Some(taken);
    }
    static PART: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)(?:^|[\s,;|/(*_•-])(?:(?:owners?|assignees?|assigned to|owned by|responsible|dri|verantwortlich)[*_]*\s*[:=]\s*[*_]*<?(?P<o>@?[\p{{L}}\d][\p{{L}}\d._-]*(?: \p{{Lu}}\p{{L}}+)?)>?|(?:due(?: date| by| on)?|deadline|eta|target(?: date)?|fällig(?: am)?|frist)[*_]*\s*(?:[:=]\s*)?[*_]*(?:by |on |bis )?(?P<d>{DATE})|prio(?:rity)?[*_]*\s*[:=]\s*(?P<p>P?\d|high|medium|low|critical)\b|status[*_]*\s*[:=]\s*(?P<s>in[ -]progress|open|done|todo|wip|blocked|not started|completed|closed|started|pending|in review)\b)"
        ))
    });
    let mut found = Trailer::default();
    let mut rest = sentence.to_string();
    for c in PART.captures_iter(sentence) {
        let text = |name: &str| c.name(name).map(|m| m.as_str().trim_end_matches(['.', '-', '_']).to_string());
        let owner = text("o").map(|o| if tails::is_me(&o) { author.to_string() } else { o });
        found.join(Trailer { owner, due: text("d"), priority: text("p"), status: text("s") });
        rest = rest.replacen(c.get(0).map_or("", |m| m.as_str()), " ", 1);
    }
    (found != Trailer::default() && !rest.contains(char::is_alphanumeric)).then_some(found)
}

/// "I do that, by Friday." and "Ben, by 2025-12-05." behind an item: somebody takes it.
fn taken(sentence: &str, author: &str) -> Option<Trailer> {
    static BY_ME: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)^\W*(?:i(?: will|'ll|’ll| can)? (?:do|take|own|handle)(?: care of)? (?:it|that|this|that one|this one)|(?:that|this) one(?:'s|’s| is) (?:mine|on me))(?:[,;]? (?:by |until |till |due )?(?P<d>{DATE}))?[.!]?$"
        ))
    });
    static BY_NAME: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"^\W*(?P<o>(?i:{ME})\b|@?\p{{Lu}}[\p{{L}}\d._-]+(?: \p{{Lu}}[\p{{L}}-]+)?)(?:,? (?i:by|until|till|due)|,) (?P<d>(?i:{DATE}))\.?$"
        ))
    });
    static A_DAY: LazyLock<Expression> = LazyLock::new(|| constant(&format!(r"(?i)^(?:{DATE})$")));
    let sentence = sentence.trim();
    if let Some(found) = BY_ME.captures(sentence) {
        let due = found.name("d").map(|d| d.as_str().to_string());
        return Some(Trailer { owner: Some(author.to_string()), due, ..Trailer::default() });
    }
    let found =
        BY_NAME.captures(sentence).filter(|found| !found["o"].eq_ignore_ascii_case("due") && !A_DAY.is_match(&found["o"]))?;
    let owner = if tails::is_me(&found["o"]) { author } else { &found["o"] };
    Some(Trailer { owner: Some(owner.to_string()), due: Some(found["d"].to_string()), ..Trailer::default() })
}

/// Reads one sentence or list entry as an action item, with what the sentences after it say; none when it is not one.
pub fn parse_with(sentence: &str, around: &Around<'_>, more: &Trailer) -> Option<Item> {
    let &Around { author, people, under_heading, is_closing } = around;
    if let Some(rest) = agreed::behind(sentence) {
        return parse_with(rest, &Around { under_heading: true, ..*around }, more);
    }
    if let Some(row) = row(sentence, people) {
        return Some(row);
    }
    let mut lead = lead(sentence, people);
    lead.take_surname(sentence, people);
    let body = &sentence[lead.end..];
    if body.trim().is_empty() || (sentence.trim_end().ends_with('?') && !lead.headed) {
        return None;
    }
    let begins_with_doer = doer(body, people).is_some();
    let tail = tails::read(body, author, begins_with_doer);
    let says_due = tail.due.is_some();
    let is_planning = under_heading || is_closing;
    // A name and a colon before what is no plan is an address: "ben: great job today".
    let is_told =
        |doer: &Promise| !doer.is_addressed || under_heading || lead.headed || says_due && !is_today(tail.due.as_deref());
    let doer = doer(body, people).filter(|doer| (is_planning || says_due || lead.headed) && is_told(doer));
    let is_listed_with_date = (under_heading || lead.headed) && says_due && lead.owner.is_none();
    let stranger = || {
        let (who, start) = strangers::named(body).filter(|_| is_listed_with_date)?;
        Some(Promise { owner: Some(who.to_string()), start, is_addressed: true })
    };
    let listed_person = || {
        let (who, start) = somebody(body, people).filter(|_| is_listed_with_date)?;
        Some(Promise { owner: Some(who.unwrap_or(author).to_string()), start, is_addressed: false })
    };
    let doer = doer.or_else(listed_person).or_else(stranger);
    let doer = doer.or_else(|| called(body, people).filter(|_| lead.headed && lead.owner.is_none()));
    let promise = promise(body, says_due).or_else(|| plan(body).filter(|_| is_planning));
    let owned = lead.owner.is_some() || tail.owner.is_some();
    let listed = under_heading && (lead.bullet || lead.priority.is_some() || owned || says_due);
    let is_item = lead.headed
        || lead.boxed
        || listed
        || (owned && says_due)
        || (lead.priority.is_some() && (owned || says_due || tail.status.is_some()))
        || promise.is_some()
        || doer.is_some()
        || !more.is_empty();
    let start = promise.as_ref().or(doer.as_ref()).map_or(0, |p| p.start);
    let task = trimmed(body.get(start..tail.cut.max(start))?);
    if !is_item || task.split_whitespace().count() < 2 {
        return None;
    }
    let owner = lead.owner.map(|o| if o == "I" { author.to_string() } else { o });
    let owner = owner.or(doer.and_then(|doer| doer.owner)).or(tail.owner);
    let owner = owner.or_else(|| {
        promise.and_then(|p| p.owner.map(|o| if o.starts_with(['I', 'i']) && o.len() <= 4 { author.to_string() } else { o }))
    });
    let m = more.clone();
    Some(Item {
        task,
        owner: owner.or(m.owner),
        due: tail.due.or(m.due),
        priority: lead.priority.or(tail.priority).or(m.priority),
        status: lead.checkbox.or(tail.status).or(m.status),
    })
}

/// A row of a table: its longest cell beside one that is a date and one that is somebody, in any order.
fn row(sentence: &str, people: &People) -> Option<Item> {
    static WHOLE: LazyLock<Expression> = LazyLock::new(|| constant(&format!(r"(?i)^(?:by |due )?(?P<d>{DATE})\.?$")));
    static PRIORITY: LazyLock<Expression> = LazyLock::new(|| constant(r"^P[0-5]$"));
    let inner = sentence.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let due = cells.iter().find_map(|cell| Some((*cell, WHOLE.captures(cell)?.name("d")?.as_str())))?;
    let owner = cells.iter().find(|cell| people.leading(cell) == Some(**cell))?;
    let task = cells.iter().filter(|cell| **cell != due.0 && cell != &owner).max_by_key(|cell| cell.len())?;
    (task.split_whitespace().count() >= 2).then(|| Item {
        task: task.to_string(),
        owner: Some(owner.to_string()),
        due: Some(due.1.to_string()),
        priority: cells.iter().find(|cell| PRIORITY.is_match(cell)).map(|cell| cell.to_string()),
        status: None,
    })
}

/// What stands before the task.
#[derive(Default)]
struct Lead {
    end: usize,
    headed: bool,
    bullet: bool,
    owner: Option<String>,
    /// It says for whom it is, and no mark stands behind the name.
    is_given: bool,
    priority: Option<String>,
    boxed: bool,
    checkbox: Option<String>,
}

impl Lead {
    /// `@Pia Brandt to add a test`: what follows the mark is a first name, and the whole is somebody's.
    fn take_surname(&mut self, sentence: &str, people: &People) {
        let rest = &sentence[self.end..];
        if self.is_given
            && let Some(c) = named_for(rest)
        {
            let surname = rest[..c].trim_end_matches([':', ' ']);
            self.owner = self.owner.as_ref().map(|first| format!("{first} {surname}"));
            self.end += c;
            return;
        }
        let Some(first) = self.owner.as_deref().filter(|owner| owner.starts_with('@')) else { return };
        let surname = rest.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or_default();
        let whole = format!("{first} {surname}");
        if surname.is_empty() || people.leading(&whole[1..]) != Some(&whole[1..]) {
            return;
        }
        let behind = rest[surname.len()..].trim_start_matches([':', ',', '-', '–', '—', ' ']);
        let task = ["to ", "will ", "please "].iter().find_map(|word| behind.strip_prefix(word)).unwrap_or(behind);
        self.end = sentence.len() - task.len();
        self.owner = Some(whole);
    }
}

/// Where a surname and its colon end with which a text begins: "Brandt: a test" behind "follow-up for Pia".
fn named_for(rest: &str) -> Option<usize> {
    static SURNAME: LazyLock<Expression> = LazyLock::new(|| constant(r"^\p{Lu}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]+)?:\s+"));
    SURNAME.find(rest).map(|m| m.end())
}

fn lead(sentence: &str, people: &People) -> Lead {
    static LEAD: LazyLock<Expression> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)^\s*(?P<bullet>(?:[-*•–]|\(?\d{{1,2}}[.)]|:\w+:)\s+)?(?:[-*]?(?P<box>\[[ xX✓]?\])\s*)?[*_]*(?:(?:p(?:rio(?:rity)?)? ?(?P<p0>\d)[:,.]? +)?(?P<head>(?:{HEADS})(?: \d+)?)\b[*_]*\s*(?:\((?P<who>[@\p{{L}}][\w. -]*)\)|for (?P<for>@?\p{{L}}[\w.-]*)|<?(?P<at>@[\p{{L}}\d][\w.-]*)>?|(?:on )?(?P<me>{ME})\b)?\s*(?P<sep>->|→|[:.—–-]|\s-\s)?[*_]*\s*(?:\(?\d{{1,2}}[.)]\s+)?)?(?:[\[(]?(?P<prio>P[0-5])[\])]?[:,.—–-]?\s+|(?P<level>(?:high|medium|low|critical)(?: priority)?):\s+)?(?:<?(?P<at2>@[\p{{L}}\d](?:[\w.-]*[\p{{L}}\d])?)>?\s*[:,—–-]?\s+(?:to |will |please |can you (?:please )?|could you (?:please )?)?)?(?:[\[(]?(?P<prio2>P[0-5])[\])]?[:,.]?\s+)?"
        ))
    });
    let Some(c) = LEAD.captures(sentence) else { return Lead::default() };
    let text = |name: &str| c.name(name).map(|m| m.as_str().to_string());
    let me = || c.name("me").map(|_| "I".to_string());
    let owner = text("at").or_else(|| text("at2")).or_else(|| text("who")).or_else(|| text("for")).or_else(me);
    let headed = c.name("head").is_some()
        && (c.name("sep").is_some() || c.name("at").is_some() || c.name("who").is_some() || c.name("for").is_some());
    let end = c.get(0).map_or(0, |m| m.end());
    let headed = headed || c.name("head").is_some() && doer(&sentence[end..], people).is_some();
    if c.name("head").is_some() && !headed {
        return Lead::default();
    }
    let p0 = c.name("p0").and_then(|p| sentence[..p.end()].trim_start().split(' ').next_back().map(str::to_string));
    Lead {
        end,
        headed,
        bullet: c.name("bullet").is_some(),
        owner: owner.map(|o| o.trim_end_matches(['.', '-']).to_string()),
        is_given: c.name("for").is_some() && c.name("sep").is_none(),
        priority: text("prio").or_else(|| text("prio2")).or_else(|| text("level")).or(p0),
        boxed: c.name("box").is_some(),
        checkbox: text("box").filter(|b| b.contains(['x', 'X', '✓'])).map(|b| b.trim().to_string()),
    }
}

/// "I'll write the postmortem", "Priya to add …", "@x will file …": a promise without a heading.
struct Promise {
    owner: Option<String>,
    start: usize,
    /// The name stands before a colon or a dash.
    is_addressed: bool,
}

fn promise(body: &str, dated: bool) -> Option<Promise> {
    static PROMISE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?:(?i:and |ok,? |so )*)(?P<o>I'll|I will|i'll|i will|I'm going to|\p{Lu}\p{Ll}+ (?:to|will)|@[\w.-]+ (?:to|will))\s+(?P<task>(?i:(?:also |then )?(?:write|add|file|create|open|document|draft|schedule|set up|follow up|raise|put together|update the (?:runbook|playbook|docs?|wiki|dashboards?|alerts?)|own|prepare|propose|fix the (?:test|alert|runbook|dashboard)s?))\b.*)$",
        )
    });
    static NOW: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:right now|now\b|status ?page|a bridge|a call|zoom|war ?room|an? incident|support (?:case|ticket)|ticket with|sev\d|capacity|replicas?|nodes?|pods?|instances?)\b",
        )
    });
    // With a date any work is an item; without one only what belongs to the time after the incident.
    static DATED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?:(?i:and |ok,? |so )*)(?P<o>I'll|I will|i'll|i will|I'm going to|\p{Lu}\p{Ll}+ (?:to|will)|@[\w.-]+ (?:to|will))\s+(?P<task>\p{Ll}{2,}\s+\S.*)$",
        )
    });
    // "I revert it properly, done by Friday": what I do until a day is still to be done.
    static UNTIL: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?:(?i:and |ok,? |so )*)(?P<o>I|i|ich|ik)\s+(?P<task>\p{Ll}{2,}\s+\S.*\b(?i:by|until|till|due|bis|senast|senest|voor|tegen)\s\S.*)$",
        )
    });
    static IS_DONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?:\w+ed|am|was|had|did|do|got|see|saw|know|knew|think|thought|guess|believe|hope|suspect|want|wanted|expect|found|put|ran|took|sent|made|went|gave|told|meant|left|lost|kept|said|heard|felt|saw|can|could|would|should|may|might|must|just|already|still|only|never|habe|hatte|bin|war|glaube|denke|kann)\b",
        )
    });
    static BEING: LazyLock<Expression> =
        LazyLock::new(|| constant(r"^(?:be|have|stay|remain|recover|come|go|need|return|expire|happen|fail|take effect)\b"));
    // "I take: a test for it"
    static TAKEN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?i:(?:and |ok,? )*)(?P<o>(?i:I take|I'll take|I will take|I own|I'll own|ich übernehme)):\s+(?P<task>\S+ \S.*)$",
        )
    });
    let after = |c: &expressions::Captures| !c.name("task").is_some_and(|t| BEING.is_match(t.as_str()));
    let is_open = |c: &expressions::Captures| !c.name("task").is_some_and(|t| IS_DONE.is_match(t.as_str()));
    let until = || UNTIL.captures(body).filter(|c| dated && after(c) && is_open(c));
    let c = TAKEN
        .captures(body)
        .or_else(|| PROMISE.captures(body))
        .or_else(|| DATED.captures(body).filter(|c| dated && after(c)))
        .or_else(until)?;
    let task = c.name("task")?;
    if NOW.is_match(task.as_str()) {
        return None;
    }
    let owner = c.name("o")?.as_str();
    let is_own = owner.get(..4).is_some_and(|ich| ich.eq_ignore_ascii_case("ich "));
    let name = owner.strip_suffix(" to").or_else(|| owner.strip_suffix(" will")).unwrap_or(owner);
    let someone =
        !["We", "They", "This", "That", "It", "Need", "Have", "Want", "Going", "You", "Someone", "Time"].contains(&name);
    someone.then(|| Promise {
        owner: Some(
            if is_own
                || owner.starts_with(['I', 'i']) && owner.contains(['\'', ' ']) && name.len() <= 14 && is_first_person(owner)
            {
                "I".into()
            } else {
                name.to_string()
            },
        ),
        start: task.start(),
        is_addressed: false,
    })
}

/// Said of a day without more, it is as often when something was done.
fn is_today(due: Option<&str>) -> bool {
    due.is_some_and(|due| ["today", "tonight", "heute"].iter().any(|word| due.eq_ignore_ascii_case(word)))
}

/// Somebody who takes part and what they do: "ben: a test for it", "ben.s puts it back", "Ben to add a test".
fn doer(body: &str, people: &People) -> Option<Promise> {
    const IS_NO_WORK: [&str; 22] = [
        "was", "has", "says", "does", "thinks", "sees", "knows", "wants", "needs", "confirms", "thanks", "reports", "agrees",
        "looks", "gets", "deserves", "means", "reckons", "suspects", "believes", "hopes", "asks",
    ];
    let name = people.leading(body)?;
    let rest = &body[name.len()..];
    let addressed = [":", " - ", " – ", " — ", " -> ", " → "].iter().find_map(|mark| rest.strip_prefix(mark));
    let behind =
        addressed.or_else(|| [" to ", " will ", " should ", " is going to "].iter().find_map(|word| rest.strip_prefix(word)));
    let verb = rest.trim_start().split(' ').next().unwrap_or_default();
    let is_work = verb.len() > 2 && verb.ends_with('s') && verb.bytes().all(|b| b.is_ascii_lowercase());
    let task = match behind {
        Some(task) => task.trim_start(),
        None if is_work && !IS_NO_WORK.contains(&verb) => rest.trim_start(),
        None => return None,
    };
    Some(Promise { owner: Some(name.to_string()), start: body.len() - task.len(), is_addressed: addressed.is_some() })
}

/// Who begins a part of a list that ends with a date: somebody who takes part, or the writer ("I", "ich", "je"), and where what they
/// do begins.
fn somebody<'t>(part: &'t str, people: &People) -> Option<(Option<&'t str>, usize)> {
    static ONESELF: LazyLock<Expression> =
        LazyLock::new(|| constant(r"^(?i:(?:and|und|et|en|och|og) )?(?:I|(?i:ich|je|ik|io|yo|eu|jag|jeg|ja)) +"));
    if let Some(own) = ONESELF.find(part) {
        return Some((None, own.end()));
    }
    let joined = ["and ", "und ", "et ", "en ", "och ", "og ", "y ", "e "].iter().find(|word| part.starts_with(**word));
    let from = joined.map_or(0, |word| word.len());
    let name = people.leading(&part[from..])?;
    let rest = &part[from + name.len()..];
    let task = rest.trim_start_matches([' ', ':', '–', '-']);
    rest.starts_with([' ', ':']).then(|| (Some(name), part.len() - task.len()))
}

/// Whom a heading calls upon: "action: Ana Moreno, split the check". Several names with commas are a list.
fn called(body: &str, people: &People) -> Option<Promise> {
    let name = people.leading(body)?;
    let task = body[name.len()..].strip_prefix(", ")?.trim_start();
    let is_list = people.leading(task).is_some() || ["and ", "or ", "i "].iter().any(|w| task.to_lowercase().starts_with(w));
    let is_date = task.starts_with("due ") || task.starts_with("by ");
    let begins_with_work = task.starts_with(|c: char| c.is_alphabetic()) && !is_list && !is_date;
    let promise = || Promise { owner: Some(name.to_string()), start: body.len() - task.len(), is_addressed: false };
    begins_with_work.then(promise)
}

/// What one who closes an incident is going to do: "I add an alert on it", "I will tune the pool".
fn plan(body: &str) -> Option<Promise> {
    static PLAN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?:(?i:and |ok,? |so )*)[Ii](?:(?:'ll| will|'m going to| am going to) (?P<will>\p{Ll}+ \S.*)|\s(?P<work>(?:add|write|make|file|create|open|document|draft|schedule|set up|follow up|raise|put|update|prepare|propose|fix|build|move|remove|test|check|review|change|lower|extend|migrate|split|track|investigate|automate|tune|pin)\s\S.*))$",
        )
    });
    static AT_ONCE: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)^(?:be|have|stay|keep|go|let|see)\b|\bnow\b|\bstatus ?page\b|\ba call\b"));
    let c = PLAN.captures(body)?;
    let task = c.name("will").or(c.name("work"))?;
    let promise = || Promise { owner: Some("I".into()), start: task.start(), is_addressed: false };
    (!AT_ONCE.is_match(task.as_str())).then(promise)
}

fn is_first_person(owner: &str) -> bool {
    owner.eq_ignore_ascii_case("i'll")
        || owner.to_ascii_lowercase().starts_with("i ")
        || owner.to_ascii_lowercase().starts_with("i'm")
}

fn trimmed(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || ",;:—–*_".contains(c)).trim_end_matches(['.', '(', '[', ' ']).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// task | owner | due | priority | status
    fn read(text: &str) -> String {
        let Some(i) = parse(text, "zoe", false) else { return "none".into() };
        let or = |s: Option<String>| s.unwrap_or("-".into());
        format!("{} | {} | {} | {} | {}", i.task, or(i.owner), or(i.due), or(i.priority), or(i.status))
    }

    #[test]
    fn in_a_list_with_dates_somebody_who_takes_no_part_is_named_before_a_colon() {
        let people = || {
            let mut people = People::default();
            ["Jana", "Ole"].into_iter().for_each(|name| people.add(name));
            people
        };
        let text = "Aufgaben: Jana tauscht das Netzteil bis 17.04.2026, ich setze den Puffer auf 3 bis 21.04.2026, Ole baut einen Alarm bis 24.04.2026";
        let begins = begins(text, &people());
        assert_eq!(begins.len(), 3, "{begins:?}");
        assert_eq!(somebody("ich setze den Puffer", &people()), Some((None, 4)));
        assert_eq!(somebody("Ole baut einen Alarm", &people()), Some((Some("Ole"), 4)));
        assert_eq!(somebody("der Puffer ist voll", &people()), None);
        let owner = |text: &str| parse(text, "zoe", true).and_then(|item| item.owner);
        assert_eq!(owner("Ines: a test for the importer, by 2025-03-07").as_deref(), Some("Ines"));
        assert_eq!(owner("- A. Roy : a test for the importer, by 2025-03-07").as_deref(), Some("A. Roy"));
        assert_eq!(owner("Monitoring: an alert on the queue, by 2025-03-07"), None);
        assert_eq!(owner("Ines: a test for the importer"), None);
        assert!(is_heading("3. Actions") && is_heading("2) Mesures :") && !is_heading("3. Causes"));
    }

    #[test]
    fn the_shapes_teams_write() {
        for (text, expected) in [
            (
                "P1 Add retry tests for the gateway (6 → 9 cases) — @bob, due 2024-02-09 (in progress)",
                "Add retry tests for the gateway (6 → 9 cases) | @bob | 2024-02-09 | P1 | in progress",
            ),
            (
                "P2 Increase redundancy — @U0F1VLK16VA, due 2024-02-21, open",
                "Increase redundancy | @U0F1VLK16VA | 2024-02-21 | P2 | open",
            ),
            (
                "followups: @tomas add a validation that size is >= 10, until 2025-06-18",
                "add a validation that size is >= 10 | @tomas | 2025-06-18 | - | -",
            ),
            ("@luis alert on pending > 5 for 2m, by 2025-06-20", "alert on pending > 5 for 2m | @luis | 2025-06-20 | - | -"),
            (
                "action: alert when a lease has < 14 days left, I take it, until 2025-03-07",
                "alert when a lease has < 14 days left | zoe | 2025-03-07 | - | -",
            ),
            (
                "action: test policies after migrations, hana, until 2025-03-14",
                "test policies after migrations | hana | 2025-03-14 | - | -",
            ),
            ("TODO(jo): evict old entries", "evict old entries | jo | - | - | -"),
            (
                "TODO <@U0F08GVF395>: LRU with max 5000 entries instead of the Map, by 2025-01-27",
                "LRU with max 5000 entries instead of the Map | @U0F08GVF395 | 2025-01-27 | - | -",
            ),
            (
                "AI: <@U1> exponential backoff + retry budget, due 2025-11-21",
                "exponential backoff + retry budget | @U1 | 2025-11-21 | - | -",
            ),
            (
                "- [ ] write a runbook for DLQ replays (owner: maria) by Friday",
                "write a runbook for DLQ replays | maria | Friday | - | -",
            ),
            ("[ ] write a checklist @lou 2025-07-15", "write a checklist | @lou | 2025-07-15 | - | -"),
            ("- [x] page on lag — @kim", "page on lag | @kim | - | - | [x]"),
            ("I'll write the postmortem by next Tuesday", "write the postmortem | zoe | next Tuesday | - | -"),
            (
                "add a canary stage for quotes (marek, due 2026-02-20)",
                "add a canary stage for quotes | marek | 2026-02-20 | - | -",
            ),
            ("alert on pool wait (Lena Ost, due 20 Feb)", "alert on pool wait | Lena Ost | 20 Feb | - | -"),
            ("- page on replica lag - ben, by 2026-03-01", "page on replica lag | ben | 2026-03-01 | - | -"),
            ("- write up the timeline - me, by Friday", "write up the timeline | zoe | Friday | - | -"),
            ("* cap the retry budget — Ines, by 20. Februar", "cap the retry budget | Ines | 20. Februar | - | -"),
            ("1. test the restore @omar by 3 March", "test the restore | @omar | 3 March | - | -"),
            ("[ ] @nia to drill the failover by next sprint", "drill the failover | @nia | next sprint | - | -"),
            ("@nia to measure the cold start by 2026-04-01", "measure the cold start | @nia | 2026-04-01 | - | -"),
            ("Joana will measure the cold start by Friday", "measure the cold start | Joana | Friday | - | -"),
            ("- [ ] drill the restore (omar, 2025-03-07)", "drill the restore | omar | 2025-03-07 | - | -"),
            ("- [ ] drill the restore (li.wei, 7 March)", "drill the restore | li.wei | 7 March | - | -"),
            ("1. Drill the restore - Omar, 23 July 2025", "Drill the restore | Omar | 23 July 2025 | - | -"),
            ("- cap the retries @omar (by Fri 6 June)", "cap the retries | @omar | Fri 6 June | - | -"),
            ("- cap the retries @omar, by EOD Friday, June 6", "cap the retries | @omar | EOD Friday, June 6 | - | -"),
            ("- cap the retries @omar, by Friday (6 June)", "cap the retries | @omar | Friday (6 June | - | -"),
            ("@omar to tell ops before each import, starting 9/8", "tell ops before each import | @omar | 9/8 | - | -"),
            ("Follow up for Pia Brandt: rehearse it, due 7 Mar 2026", "rehearse it | Pia Brandt | 7 Mar 2026 | - | -"),
            (
                "Follow-up for Pia: second owner on every account, due 2026-03-07",
                "second owner on every account | Pia | 2026-03-07 | - | -",
            ),
            ("AI: name an owner for each queue, due 2026-03-07", "name an owner for each queue | - | 2026-03-07 | - | -"),
            ("Action: raise the limit, klart 2026-03-07", "raise the limit, klart | - | 2026-03-07 | - | -"),
            ("- cap the retries, owner omar, due 2026-03-07", "cap the retries | omar | 2026-03-07 | - | -"),
            ("Aufgabe: Grenzwert prüfen (jan, bis 20.02.2026)", "Grenzwert prüfen | jan | 20.02.2026 | - | -"),
            ("I take: alert at 70% of the quota (OPS-12)", "alert at 70% of the quota (OPS-12) | zoe | - | - | -"),
            ("Priya to add a canary stage by end of month", "add a canary stage | Priya | end of month | - | -"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    /// What zoe's message asks of whom, where these people are known: task, owner and date of each item.
    fn items(text: &str) -> Vec<String> {
        let mut people = People::default();
        ["hugo.marin", "li.wei", "Ines Kolb"].into_iter().for_each(|name| people.add(name));
        let said = crate::acts::read_among(text, "zoe", false, &people);
        let items = said.into_iter().filter(|s| s.act == crate::acts::Act::ActionItem).map(|s| s.slots);
        let or = |s: Option<String>| s.unwrap_or("-".into());
        items.map(|i| format!("{} | {} | {}", or(i.task), or(i.owner), or(i.due))).collect()
    }

    #[test]
    fn who_closes_an_incident_says_who_does_what() {
        for (text, expected) in [
            (
                "resolved. follow-ups: hugo.marin moves the job to another account by 9 May; I add an alert on quota use",
                &["moves the job to another account | hugo.marin | 9 May", "add an alert on quota use | zoe | -"][..],
            ),
            (
                "closing. action items: Ines to cap the retries. I will make a lag alert.",
                &["cap the retries | Ines | -", "make a lag alert | zoe | -"],
            ),
            ("resolved. li.wei: anti-affinity for both by 2025-10-14", &["anti-affinity for both | li.wei | 2025-10-14"]),
            ("AI: Ines Kolb, split the check in two, due 2025-10-22", &["split the check in two | Ines Kolb | 2025-10-22"]),
            (
                "AI: Ines, Hugo and li.wei meet the vendor, due 2025-10-22",
                &["Ines, Hugo and li.wei meet the vendor | - | 2025-10-22"],
            ),
            ("AI: move it, hugo.marin, 2025-06-18", &["move it | hugo.marin | 2025-06-18"]),
            ("TODO li.wei: take the id out of the key", &["take the id out of the key | li.wei | -"]),
            (
                "todo: @Ines Kolb adds a test until 23.05., @hugo.marin puts a canary in front of it until 06.06.",
                &["adds a test | @Ines Kolb | 23.05", "puts a canary in front of it | @hugo.marin | 06.06"],
            ),
            ("TODO @Ines Kolb: alert when it is full", &["alert when it is full | @Ines Kolb | -"]),
            ("@Ines Kolb to alert on it by 2025-10-14", &["alert on it | @Ines Kolb | 2025-10-14"]),
            (
                "all clear, closing. hugo.marin opens a ticket with the vendor",
                &["opens a ticket with the vendor | hugo.marin | -"],
            ),
            (
                "Action item: Ines Kolb, page when the heap stays above 80 % for 10 minutes, due 2025-07-31",
                &["page when the heap stays above 80 % for 10 minutes | Ines Kolb | 2025-07-31"],
            ),
            ("agreed: Ines - cap the pool at 40, by 2025-10-24", &["cap the pool at 40 | Ines | 2025-10-24"]),
            ("agreed: it was the pool", &[]),
            ("todo: Ines, li.wei and I rehearse it", &["Ines, li.wei and I rehearse it | - | -"]),
            ("todo me: cap the pool, 10/24/2025", &["cap the pool | zoe | 10/24/2025"]),
            ("AI: cap the pool at 40. me, due 2025-10-24", &["cap the pool at 40 | zoe | 2025-10-24"]),
            ("todo merge the branch", &[]),
            (
                "I revert !482 properly before we go on, done by 2025-10-24",
                &["revert !482 properly before we go on | zoe | 2025-10-24"],
            ),
            ("and I add an alert on lag, by 2025-10-24", &["add an alert on lag | zoe | 2025-10-24"]),
            ("I reverted it by 2025-10-24", &[]),
            ("I think it is gone by 2025-10-24", &[]),
            ("next steps -> Ines: drill the failover by end of June", &["drill the failover | Ines | end of June"]),
            ("to do: li.wei - cap the pool, by Oct 24", &["cap the pool | li.wei | Oct 24"]),
            ("to do that we need a second disk", &[]),
            ("Ines - could you look at the pool?", &[]),
            ("hugo.marin opens a ticket with the vendor", &[]),
            ("resolved. hugo.marin says it was the cache", &[]),
            ("resolved. hugo.marin: great job today", &[]),
            ("closing. li.wei thanks everyone for the help", &[]),
            ("- hugo.marin restarts the pods", &[]),
            ("- hugo.marin: pool looks full to me", &[]),
            ("resolved. Kafka needs another look", &[]),
            ("I add capacity and restart the pods", &[]),
        ] {
            assert_eq!(items(text), expected, "{text}");
        }
    }

    #[test]
    fn a_list_of_actions_gives_each_its_owner() {
        for (text, expected) in [
            (
                "Actions:\n| What | Who | When |\n|---|---|---|\n| cap the retries | li.wei | 2025-06-30 |",
                &["cap the retries | li.wei | 2025-06-30"][..],
            ),
            (
                "*Follow-up items*\n1) cap the retries -- Ines, by 12 June\n2) test the restore (Ines Kolb; 14 June)\n-[ ] move it, hugo.marin, 2025-06-18",
                &[
                    "cap the retries | Ines | 12 June",
                    "test the restore | Ines Kolb | 14 June",
                    "move it | hugo.marin | 2025-06-18",
                ],
            ),
            (
                "action items: 1) Ines Kolb: roll out in stages (1/10/50/100), by 2025-04-30. 2) hugo.marin: a fallback for it, by 2025-04-24",
                &["roll out in stages (1/10/50/100) | Ines Kolb | 2025-04-30", "a fallback for it | hugo.marin | 2025-04-24"],
            ),
            (
                "Actions from the call:\n• Ines - cap the retries of the importer - Oct 31\n• Hugo → test the restore",
                &["cap the retries of the importer | Ines | Oct 31", "test the restore | Hugo | -"],
            ),
            (
                "Actions: Ines - cap the retries (due 2025-04-25). Hugo - page on a full disk (due 2025-04-18).",
                &["cap the retries | Ines | 2025-04-25", "page on a full disk | Hugo | 2025-04-18"],
            ),
            (
                "Action items: 1) Ines: cap the retries (2025-06-30) 2) li.wei: alert on lag below 80% (2025-07-04)",
                &["cap the retries | Ines | 2025-06-30", "alert on lag below 80% | li.wei | 2025-07-04"],
            ),
            (
                "Follow-ups: (1) Ines to test the restore by 12 June (2) Hugo to drill the failover by 14 June",
                &["test the restore | Ines | 12 June", "drill the failover | Hugo | 14 June"],
            ),
            (
                "Resolved.\n\nActions:\n- Hugo Marin: the dump gets a limit (MemoryMax), due 2025-10-08",
                &["the dump gets a limit (MemoryMax) | Hugo Marin | 2025-10-08"],
            ),
            ("we saw 1) high load 2) full disks", &[]),
            ("1) Ines restarted the pods 2) Hugo looked at the pool", &[]),
            ("Tasks that failed:\n- the nightly import of all orders", &[]),
        ] {
            assert_eq!(items(text), expected, "{text}");
        }
    }

    #[test]
    fn what_follows_an_item_belongs_to_it() {
        let t = |text: &str| trailer(text, "zoe").map(|t| (t.owner.unwrap_or_default(), t.due.unwrap_or_default()));
        assert_eq!(t("Owner: ben."), Some(("ben".into(), String::new())));
        assert_eq!(t("Due: 2026-02-20."), Some((String::new(), "2026-02-20".into())));
        assert_eq!(t("(owner: @ana, due Friday)"), Some(("@ana".into(), "Friday".into())));
        assert_eq!(t("owner: me"), Some(("zoe".into(), String::new())));
        for text in ["the owner of the table is app", "due to the deploy", "status: investigating", "by Friday we will know"] {
            assert_eq!(t(text), None, "{text}");
        }
        let pair = |owner: &str, due: &str| Some((owner.to_string(), due.to_string()));
        assert_eq!(t("I do that, by 2026-02-20."), pair("zoe", "2026-02-20"));
        assert_eq!(t("that one's mine"), pair("zoe", ""));
        assert_eq!(t("Ben Okoro, by 2026-02-20"), pair("Ben Okoro", "2026-02-20"));
        assert_eq!(t("Ben, 2026-02-20"), pair("Ben", "2026-02-20"));
        assert_eq!(t("Tuesday, 2026-02-24"), None, "a day is nobody");
        assert_eq!(t("Errors stopped by 2026-02-20 at last"), None);
        let said = crate::acts::read("Add a lint rule for migrations. Owner: ben. Due: 2026-02-20. Thanks all!", "zoe", false);
        let item = said.iter().find(|s| s.act == crate::acts::Act::ActionItem).expect("an item");
        assert_eq!(item.slots.task.as_deref(), Some("Add a lint rule for migrations"));
        assert_eq!((item.slots.owner.as_deref(), item.slots.due.as_deref()), (Some("ben"), Some("2026-02-20")));
    }

    #[test]
    fn talk_is_no_item() {
        for text in [
            "on it",
            "roll it back please",
            "I'll restart the pods now",
            "I take: restart of the pods now",
            "I take that as a yes",
            "P1 incident",
            "actions speak louder than words",
            "@bob rotate that now",
            "ai generated nonsense",
            "It will be back by tomorrow",
            "Traffic will be back by Monday",
            "Owner: ben",
        ] {
            assert_eq!(read(text), "none", "{text}");
        }
    }
}
