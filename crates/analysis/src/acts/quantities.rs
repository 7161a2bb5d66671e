//! What the numbers of a sentence count: people, requests, tickets, money, error rates, durations and of what.
//!
//! Units: durations are seconds, percentages are shares (0.92 for 92%), money is in units of its currency, the rest
//! are counts. Must never know whether a figure is right. Misled by nouns far from their number ("of the 340, most").

use super::fractions;
use super::numbers::{Number, normalise_numbers};
use expressions::{Expression, constant};
use std::sync::LazyLock;

/// A number with its meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    pub value: f64,
    /// The second value of a pair: `45% → 12%`.
    pub to: Option<f64>,
    pub approx: bool,
    /// The number with its unit, literally.
    pub text: String,
    /// Its bytes in the sentence.
    pub span: (usize, usize),
    pub what: QuantityKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum QuantityKind {
    Users,
    Requests,
    Orders,
    Tickets,
    /// The currency's sign or code as written.
    Money(String),
    ErrorRate,
    Duration(DurationOf),
    /// A bound of a rule, not something that was seen; a share where it is a percentage.
    Threshold,
    /// Another percentage, with the word after it.
    Percent(String),
    /// The counted noun as written.
    Count(String),
}

/// What lasted that long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationOf {
    Outage,
    Mttr,
    Mttd,
    Mtta,
    Recovery,
    DecisionDelay,
    /// The time over which another figure of the sentence was counted.
    Window,
    Other,
}

impl Quantity {
    /// The name by which the act files call it in `has`.
    pub(super) fn feature(&self) -> &'static str {
        match &self.what {
            QuantityKind::Users => "quantity.users",
            QuantityKind::Requests => "quantity.requests",
            QuantityKind::Orders => "quantity.orders",
            QuantityKind::Tickets => "quantity.tickets",
            QuantityKind::Money(_) => "quantity.money",
            QuantityKind::ErrorRate => "quantity.error_rate",
            QuantityKind::Duration(DurationOf::Outage) => "quantity.outage",
            QuantityKind::Duration(DurationOf::Mttr | DurationOf::Mttd | DurationOf::Mtta) => "quantity.mean_time",
            QuantityKind::Duration(DurationOf::Recovery | DurationOf::DecisionDelay) => "quantity.response",
            QuantityKind::Duration(_) => "quantity.duration",
            QuantityKind::Threshold => "quantity.threshold",
            QuantityKind::Percent(_) => "quantity.percent",
            QuantityKind::Count(_) => "quantity.count",
        }
    }
}

/// The quantities of a sentence in order. `is_bot` reads "is above 10%" as an alert's threshold.
pub fn find(text: &str, is_bot: bool) -> Vec<Quantity> {
    let numbers = normalise_numbers(text);
    let mut found: Vec<Quantity> = Vec::new();
    for (i, number) in numbers.iter().enumerate() {
        let room = numbers.get(i + 1).map_or(text.len(), |n| n.span.0);
        let Some(quantity) = money(text, number)
            .or_else(|| duration(text, number))
            .or_else(|| percent(text, number, is_bot))
            .or_else(|| count(text, number, room))
        else {
            continue;
        };
        // "three quarters of an hour" counts no quarters.
        while found.last().is_some_and(|last| last.span.0 >= quantity.span.0) {
            found.pop();
        }
        match found.last_mut() {
            Some(last) if joins(text, last, &quantity) => join(text, last, quantity),
            _ => found.push(quantity),
        }
    }
    found
}

fn quantity(text: &str, number: &Number, end: usize, value: f64, what: QuantityKind) -> Quantity {
    let span = (number.span.0, end);
    Quantity { value, to: None, approx: number.approx, text: text[span.0..span.1].to_string(), span, what }
}

/// Signs and codes that are nothing else.
const SIGNS: [&str; 24] = [
    "US$", "R$", "A$", "NZ$", "C$", "CA$", "S$", "HK$", "MX$", "$", "€", "£", "¥", "₹", "₱", "₩", "₺", "₦", "₪", "zł", "Rs.",
    "USD", "EUR", "GBP",
];
/// Other currencies by ISO 4217: codes that are a language's, a state's or a version's name as well, so only a large amount
/// is money.
const CODES: [&str; 36] = [
    "CHF", "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "HKD", "HUF", "IDR", "ILS", "INR",
    "JPY", "KES", "KRW", "KZT", "MXN", "MYR", "NGN", "NOK", "NZD", "PHP", "PLN", "RON", "RSD", "SEK", "SGD", "THB", "UAH", "ZAR",
];
const LEAST_OF_A_WORD: f64 = 1_000.0;

fn is_code(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase())
}

fn money(text: &str, number: &Number) -> Option<Quantity> {
    static AFTER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:\s?(?P<m>m|mio|million|mn|k)\b)?\s?(?P<unit>usd|eur|gbp|chf|dollars?|euros?|pounds?|zł|zlotys?|złotych|rands|reais|yen|rupees|kronor|kroner|pesos|[€£¥₹₱₩₺₦₪]|\$|(?-i:[A-Z]{3}\b))?(?:\b|\s|$)",
        )
    });
    let before = text[..number.span.0].trim_end();
    let is_large = number.value >= LEAST_OF_A_WORD;
    let (sign, start) = SIGNS
        .iter()
        .find(|s| before.ends_with(**s) && !before[..before.len() - s.len()].ends_with(char::is_alphanumeric))
        .or_else(|| CODES.iter().find(|code| before.ends_with(**code) && is_large))
        .map_or((None, number.span.0), |s| (Some(*s), before.len() - s.len()));
    let rest = &text[number.span.1..];
    let after = AFTER.captures(rest);
    let is_currency = |unit: &&str| !is_code(unit) || CODES.contains(unit) && is_large || SIGNS.contains(unit) || *unit == "CHF";
    let unit = after.as_ref().and_then(|c| c.name("unit")).map(|u| u.as_str()).filter(is_currency);
    let currency = sign.or(unit)?;
    let factor = match after.as_ref().and_then(|c| c.name("m")).map(|m| m.as_str().to_ascii_lowercase()).as_deref() {
        Some("k") => 1e3,
        Some(_) => 1e6,
        None => 1.0,
    };
    let shown = after.and_then(|c| c.name("unit").filter(|_| unit.is_some()).or(c.name("m")).map(|m| m.end()));
    let end = number.span.1 + shown.unwrap_or(0);
    let mut money = quantity(text, number, end, number.value * factor, QuantityKind::Money(currency.to_string()));
    if start < money.span.0 {
        money.span.0 = start;
        money.text = text[start..end].to_string();
    }
    money.approx |= text[..start].trim_end().ends_with(['~', '≈']);
    Some(money)
}

fn duration(text: &str, number: &Number) -> Option<Quantity> {
    static UNIT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"^(?i)[ -]?(?:(?P<hm>h(?P<min>[0-5]\d))\b|(?P<u>ms|milliseconds?|s|secs?|seconds?|sekunden?|segundos?|m|mins?|minutes?|minuten?|minutos?|h|hrs?|hours?|stunden?|std|horas?|heures?|d|days?|tagen?|tage?|weeks?|wochen?)\b)",
        )
    });
    let rest = &text[number.span.1..];
    let captures = UNIT.captures(rest)?;
    // "1h20"
    if let (Some(whole), Some(minutes)) = (captures.name("hm"), captures.name("min")) {
        let end = number.span.1 + whole.end();
        let seconds = number.value * 3600.0 + minutes.as_str().parse::<f64>().ok()? * 60.0;
        return Some(quantity(text, number, end, seconds, QuantityKind::Duration(duration_of(text, number.span.0, end))));
    }
    let found = captures.name("u")?;
    let unit = found.as_str();
    if unit == "M" || (unit == "m" && count_noun(&rest[found.end()..]).is_some()) {
        return None;
    }
    let seconds = match unit.to_ascii_lowercase().as_str() {
        u if u.starts_with("ms") || u.starts_with("mil") => 0.001,
        u if u.starts_with("st") || u.starts_with('h') => 3600.0,
        u if u.starts_with('s') => 1.0,
        u if u.starts_with('m') => 60.0,
        u if u.starts_with('d') || u.starts_with('t') => 86_400.0,
        _ => 604_800.0,
    };
    let end = number.span.1 + found.end();
    if fractions::is_hour_of_day(&text[..number.span.0], number.value, &text[end..], seconds) {
        return None;
    }
    let (start, more) = (fractions::before(&text[..number.span.0]), fractions::after(&text[end..]));
    let part = start.map_or(1.0, |(_, part)| part);
    let end = end + more.map_or(0, |(length, _)| length);
    let value = number.value * seconds * part + more.map_or(0.0, |(_, part)| part * seconds);
    let of = duration_of(text, number.span.0, end);
    let mut found = quantity(text, number, end, value, QuantityKind::Duration(of));
    if let Some((start, _)) = start {
        found.span.0 = start;
        found.text = text[start..end].to_string();
    }
    Some(found)
}

/// What the duration at `start..end` is said of: the nearest mean time before it, else the sentence's words.
fn duration_of(text: &str, start: usize, end: usize) -> DurationOf {
    static MEAN: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?P<d>\bmttd\b|\btime to detect(?:ion)?\b|\bttd\b|\b(?:detected|noticed|alerted|paged)(?: \w+){0,2} (?:in|within|after)\b|\btook\b.{0,8}$)|(?P<a>\bmtta\b|\btime to ack\w*|\btta\b|\back(?:ed|nowledged)?(?: \w+){0,2} (?:in|within|after)\b)|(?P<r>\bmttr\b|\bttr\b|\btime to (?:resolve|resolution|recover\w*|restore|repair)\b)",
        )
    });
    static RECOVERY: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:restor\w+|recover\w*|mitigat\w+|fixed|back up|(?:was|were|is) back|resolved|rollback took|time to mitigate|mttm)\b",
        )
    });
    static DECISION: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:decision|decided|decide|call was made)\b"));
    static OUTAGE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:out|outage|ausfall|störung|unterbrechung|down|downtime|unavailable|unavailability|offline|broken|dead|unreachable|inaccessible|unusable|impaired|degraded|stale|frozen|blank|incident|impact|disruption)\b",
        )
    });
    // What users had instead: "customers saw old prices for ten minutes".
    static SUFFERED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:customers?|users?|people|clients?|everyone|everybody)\s+(?:(?:saw|got|had|were shown)\s+(?:only\s+)?(?:(?:an?|the)\s+)?(?:old|stale|outdated|wrong|empty|blank|no|errors?|white)\b|could(?:n[’']t| not)\b|can(?:no|[’'])t\b|can not\b|were unable\b)",
        )
    });
    static LASTED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?:\b(?:for|lasted|lasting|of|is|was|were|out|down|took|duration|offline|total|outage|downtime|dauerte|dauer)[: ]*(?:(?:about|~|roughly|around|like|maybe|probably|approximately|nearly|almost|just (?:over|under)|well over|over|at least|some|a good|etwa|rund|ca\.|ungefähr)\s*)?\s*)$",
        )
    });
    static OF_OUTAGE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^[ -](?:of )?(?:\w+ )?(?:outage|downtime|unavailability|disruption|incident|impact|ausfall|störung)\b|^ of (?:pain|misery|chaos|(?:failed|failing|broken|lost|missed|rejected|dropped|degraded|partial|no) \p{L})",
        )
    });
    // A sentence that says nothing else: "duration about 30 minutes".
    static WHOLE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:(?:so|and|it|that|this|all in all),? )?(?:total |overall )?(?:duration|dauer|gesamtdauer|lasted|(?:customer |user )?impact|outage|downtime|disruption)[: ]*(?:was |is |of |for |about |around |roughly |maybe |nearly |almost |just (?:over|under) |etwa |rund |ca\.? |ungefähr |~ ?)*$",
        )
    });
    // "a short outage, about five minutes"
    static NAMED_BEFORE: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:outage|downtime|unavailability|disruption|interruption)\s*[,:(–—-]\s*(?:of |for |lasted |lasting )?$")
    });
    // What is gone meanwhile; "ten minutes without errors" is the opposite.
    static WITHOUT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^ without (?:any |the |our )?(?:\p{L}[\w-]* ){0,2}?(?:service|traffic|(?:e-?)?mails?|orders?|payments?|logins?|bookings?|search|checkouts?|codes|writes|messages?|notifications?|sms|quotes?|streams?|power|network|dns|database)\b",
        )
    });
    // "orders failed for about an hour"
    static FAILED_FOR: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:[\p{L}\d-]+ ){1,4}?(?:(?:was|were|has been|have been|kept) )?(?:failed|failing|erroring|timing out|not working|did ?n[o'’]t work) for (?:about |roughly |around |~)?$",
        )
    });
    static CONDITION: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)\b(?:when|if|once|after|until|unless|alert|page)\b"));
    let (before, after) = (&text[..start], &text[end..]);
    if let Some(c) = MEAN.captures_iter(before).last() {
        let near =
            c.get(0).is_some_and(|m| before[m.end()..].len() <= 24 && !before[m.end()..].contains(|x: char| x.is_ascii_digit()));
        if near && c.name("a").is_some() {
            return DurationOf::Mtta;
        }
        if near && c.name("r").is_some() {
            return DurationOf::Mttr;
        }
        if near && c.name("d").is_some_and(|d| !d.as_str().to_ascii_lowercase().starts_with("took")) {
            return DurationOf::Mttd;
        }
    }
    let within =
        before.trim_end().ends_with("within") || before.trim_end().ends_with(" in") || after.trim_start().starts_with("after");
    if RECOVERY.is_match(before) && (within || before.trim_end().ends_with("took")) {
        return DurationOf::Recovery;
    }
    if DECISION.is_match(text) && (within || after.trim_start().starts_with("later")) {
        return DurationOf::DecisionDelay;
    }
    let clause = &before[before.rfind([',', ';', '.']).map_or(0, |i| i + 1)..];
    if (LASTED.is_match(before) && (OUTAGE.is_match(clause) || SUFFERED.is_match(clause)) && !before.contains("alert"))
        || OF_OUTAGE.is_match(after)
        || NAMED_BEFORE.is_match(before)
        || WITHOUT.is_match(after)
        || is_the_whole(before, after)
        || FAILED_FOR.is_match(clause.trim_start()) && !CONDITION.is_match(clause)
        || WHOLE.is_match(before) && !after.contains(char::is_alphabetic)
    {
        return DurationOf::Outage;
    }
    static COUNTED: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\d\S* [\w ]{2,40}\b(?:in|within|over|per|every|during|in the last|for)\s+(?:the (?:last|first|past) |about |~)?$",
        )
    });
    if COUNTED.is_match(before) { DurationOf::Window } else { DurationOf::Other }
}

/// A sentence of nothing but a sum: "so about 40 minutes in total".
fn is_the_whole(before: &str, after: &str) -> bool {
    static BEFORE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:(?:so|ok(?:ay)?|well|that|this|it|was|is|makes?|made|all in all|in total|total(?: of)?|overall|altogether|about|roughly|around|approx)\b[\s,:~'’s-]*)*$",
        )
    });
    static AFTER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\s*(?:in total|total|all in all|altogether|overall|end to end|(?:from )?start to (?:end|finish))(?:,? (?:i think|i guess|i(?:['’]d| would) say|or so|right|then))?\W*$",
        )
    });
    static SUM: LazyLock<Expression> = LazyLock::new(|| constant(r"(?i)\b(?:all in all|in total|total|overall|altogether)\b"));
    let ends = !after.contains(char::is_alphanumeric) && SUM.is_match(before);
    // "was 40 minutes or so": who closes it says how long it was.
    static LOOSE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^(?:ish|,? i think|,? i guess|\s*(?:or so|or thereabouts|give or take|more or less|i(?:['’]d| would) say|by my (?:count|clock|watch)))\W*$",
        )
    });
    static WAS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:(?:so|ok(?:ay)?|well|that|this|it|all in all)\b[\s,:~-]*)*(?:was|lasted|took us)\b[\s~]*(?:about|roughly|around|maybe|like)?\s*$",
        )
    });
    BEFORE.is_match(before) && (AFTER.is_match(after) || ends) || WAS.is_match(before) && LOOSE.is_match(after)
}

fn percent(text: &str, number: &Number, is_bot: bool) -> Option<Quantity> {
    static SIGN: LazyLock<Expression> = LazyLock::new(|| constant(r"^(?i)\+?\s?(?:%|percent\b|pct\b)"));
    let sign = SIGN.find(&text[number.span.1..])?;
    let end = number.span.1 + sign.end();
    let share = number.value / 100.0;
    let what =
        if is_threshold(text, number.span.0, is_bot) { QuantityKind::Threshold } else { percent_kind(text, number.span.0, end) };
    Some(quantity(text, number, end, share, what))
}

fn percent_kind(text: &str, start: usize, end: usize) -> QuantityKind {
    static FAILING: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:errors?|error.rate|fail\w*|5xx|4xx|50[0-4]s?|declin\w+|unsuccessful|timeouts?|time outs?|timing out)\b",
        )
    });
    static OTHER: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:success\w*|availab\w+|uptime|cpu|memory|mem|disk|heap|p9\d|p50|latency|traffic|canary|coverage|miss|hit|capacity|utili[sz]ation|used|full|retail|off|discount|rollout|rolled out)\b",
        )
    });
    let clause_start = text[..start].rfind([',', ';', '(']).map_or(0, |i| i + 1);
    let tail = &text[end..];
    let clause_end = end + tail.find([',', ';', ')']).unwrap_or(tail.len());
    let near = &text[clause_start..clause_end];
    let word: String =
        tail.trim_start().trim_start_matches("of ").chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    let shares_people = tail.trim_start().starts_with("of ") && count_noun(&tail.trim_start()[3..]) == Some(QuantityKind::Users);
    if FAILING.is_match(near) && !OTHER.is_match(near) && !shares_people {
        QuantityKind::ErrorRate
    } else {
        QuantityKind::Percent(word)
    }
}

/// True when the number at `start` is a bound: "threshold 5%", "alert when > 20%".
fn is_threshold(text: &str, start: usize, is_bot: bool) -> bool {
    static NAMED: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)(?:threshold|exceeds?|exceeding|limit|slo)\s?(?:is|was|of|at|[:=(])?\s?[<>]?=?\s?$"));
    static BOUND: LazyLock<Expression> =
        LazyLock::new(|| constant(r"(?i)(?:[<>]=?|≥|≤|\b(?:above|over|below|under|more than|less than|at least))\s*\(?$"));
    static RULE: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:alert\w*|trigger\w*|threshold|when|if|rule|automat\w+|validat\w+|page us|paging)\b")
    });
    let before = &text[..start];
    // "more than 20%": the words belong to the number already.
    let words = &text[start..];
    let bounded =
        BOUND.is_match(before) || words.starts_with("over ") || words.starts_with("more than ") || words.starts_with("at least ");
    NAMED.is_match(before) || (bounded && (is_bot || RULE.is_match(text)))
}

/// Counts of things: the noun stands within four words after the number, or just before it.
fn count(text: &str, number: &Number, room: usize) -> Option<Quantity> {
    static MILLION: LazyLock<Expression> = LazyLock::new(|| constant(r"^(?:M|m|\s?mio|\s?million)\b"));
    static BEFORE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(users?|customers?|accounts?|merchants?|requests?|orders?|checkouts?|payments?|transactions?|tickets?|complaints?)\b(?: (?:affected|impacted|lost|failed|so far|count|total|hit|opened|seen))*\s?(?:[:=~≈-]|is|was|were|at|about|around)?\s*$",
        )
    });
    let (mut value, mut end) = (number.value, number.span.1);
    if let Some(m) = MILLION.find(&text[end..]) {
        value *= 1e6;
        end += m.end();
    }
    let tail = &text[end..room.max(end)];
    let threshold = is_threshold(text, number.span.0, false);
    if let Some(length) = contacts_after(tail).filter(|_| is_of_support(text) && !threshold) {
        return Some(quantity(text, number, end + length, value, QuantityKind::Tickets));
    }
    let programs = |kind: &QuantityKind, length: usize| {
        *kind == QuantityKind::Users && tail[..length].to_ascii_lowercase().contains("client") && has_programs(text)
    };
    if let Some((kind, length)) = noun_after(tail).filter(|(kind, length)| !programs(kind, *length)) {
        return Some(quantity(text, number, end + length, value, if threshold { QuantityKind::Threshold } else { kind }));
    }
    let before = BEFORE.captures(&text[..number.span.0]).filter(|c| !is_id(&c[0], value));
    if let Some(kind) = before.and_then(|c| count_noun(c.get(1)?.as_str())) {
        return Some(quantity(text, number, end, value, kind));
    }
    if labelled_people(&text[..number.span.0]) {
        return Some(quantity(text, number, end, value, QuantityKind::Users));
    }
    if threshold {
        return Some(quantity(text, number, end, value, QuantityKind::Threshold));
    }
    if let Some(length) = people_after(tail) {
        return Some(quantity(text, number, end + length, value, QuantityKind::Users));
    }
    let word: String = tail.strip_prefix(' ')?.chars().take_while(|c| c.is_alphabetic()).collect();
    const SMALL: [&str; 24] = [
        "and", "the", "for", "out", "now", "with", "from", "over", "per", "was", "were", "are", "but", "again", "because",
        "when", "then", "that", "this", "not", "too", "also", "since", "after",
    ];
    let noun = word.len() >= 3 && !SMALL.contains(&word.to_ascii_lowercase().as_str());
    noun.then(|| quantity(text, number, end + 1 + word.len(), value, QuantityKind::Count(word)))
}

/// `Students who lost their answers: **214**`: the label says who is counted.
fn labelled_people(before: &str) -> bool {
    static LABEL: LazyLock<Expression> =
        LazyLock::new(|| constant(r"^[\s*_>•-]*(?P<noun>\p{L}{4,})\b[^:.;?\d]{0,80}:[\s*_~≈]*$"));
    let noun = LABEL.captures(before).and_then(|c| c.name("noun").map(|noun| noun.as_str().to_string()));
    noun.is_some_and(|noun| (noun.ends_with('s') || noun == "People") && count_noun(&noun) == Some(QuantityKind::Users))
}

/// `ticket 55120` is one: a noun of one thing right before a great number.
fn is_id(noun: &str, value: f64) -> bool {
    let bare = noun.trim_end();
    !bare.ends_with(['s', 'S', ':', '=', '~', '≈', '-']) && !bare.contains(' ') && value >= 1_000.0
}

/// Clients of a pool, a broker or a database are programs.
fn has_programs(text: &str) -> bool {
    static PROGRAMS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:pools?|pgbouncer|connections?|sockets?|slots?|threads?|brokers?|proxy|redis|mqtt|kafka|database|db|wait(?:s|ing)?)\b",
        )
    });
    PROGRAMS.is_match(text)
}

/// People call and write to them.
fn is_of_support(text: &str) -> bool {
    static SUPPORT: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:support|hotline|care(?: team)?|help ?desk|service ?desk|call ?cent(?:er|re)|customer service|front ?desk)\b",
        )
    });
    SUPPORT.is_match(text)
}

/// Calls and letters right after a number, and the bytes up to their end.
fn contacts_after(tail: &str) -> Option<usize> {
    static CONTACTS: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^ (?:(?:angry|phone|support|customer|new|more) )*(?:calls|contacts|(?:e-?)?mails|chats|callers|enquiries|inquiries)\b",
        )
    });
    CONTACTS.find(tail).map(|m| m.end())
}

/// The kind of the known noun that follows, and the bytes up to its end; at most three words may stand between.
fn noun_after(tail: &str) -> Option<(QuantityKind, usize)> {
    static WORDS: LazyLock<Expression> = LazyLock::new(|| constant(r"^\+?[ -]?([\p{L}'/-]+)"));
    let mut at = 0;
    for _ in 0..4 {
        let c = WORDS.captures(&tail[at..])?;
        let word = c.get(1)?;
        let plain = word.as_str().chars().all(|c| c.is_alphabetic() || c == '\'');
        if let Some(kind) = count_noun(word.as_str()).filter(|_| plain) {
            return Some((kind, at + word.end()));
        }
        let stops =
            ["in", "and", "for", "of", "to", "with", "on", "at", "when", "per", "the", "or", "but", "is", "are", "from", "by"];
        let lower = word.as_str().to_ascii_lowercase();
        if stops.contains(&lower.as_str()) && !(lower == "of" && at == 0) && !(lower == "the" && at > 0) {
            return None;
        }
        at += c.get(0)?.end();
    }
    None
}

/// People by what they do, of whom it is told what they suffered: "214 hauliers were affected". A word alone does not tell a
/// haulier from a broker.
fn people_after(tail: &str) -> Option<usize> {
    static PEOPLE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^ (?:\p{L}[\p{L}-]* )?(?P<who>(?P<stem>\p{L}{3,})(?:(?:e|i|o)rs|ists|ants|ees|eurs|ians)) (?:(?:were|was|are|have been|got) (?:affected|impacted|hit|hurt|locked out|turned away|stranded|stuck)|(?:could ?n[o'’]?t|could not|can ?not|were unable to)\b)",
        )
    });
    const THINGS: &[&str] = &[
        "servers",
        "containers",
        "workers",
        "brokers",
        "routers",
        "clusters",
        "controllers",
        "consumers",
        "producers",
        "publishers",
        "followers",
        "listeners",
        "handlers",
        "runners",
        "schedulers",
        "loaders",
        "writers",
        "readers",
        "balancers",
        "resolvers",
        "drivers",
        "printers",
        "scanners",
        "counters",
        "parameters",
        "numbers",
        "orders",
        "offers",
        "errors",
        "sensors",
        "monitors",
        "operators",
        "connectors",
        "executors",
        "processors",
        "actors",
        "doors",
        "elevators",
        "meters",
        "letters",
        "papers",
        "tiers",
        "layers",
        "partners",
        "chargers",
        "lockers",
        "trackers",
        "timers",
        "headers",
        "folders",
        "buffers",
        "replicas",
        "variants",
        "centers",
        "computers",
        "helpers",
        "callers",
        "peers",
        "receivers",
        "senders",
        "mirrors",
        "vendors",
        "providers",
        "carriers",
        "newsletters",
        "vouchers",
        "transfers",
        "answers",
    ];
    let found = PEOPLE.captures(tail)?.name("who")?;
    let word = found.as_str().to_lowercase();
    (!THINGS.contains(&word.as_str())).then(|| found.end())
}

/// The kind of a text that begins with a known plural or singular noun.
fn count_noun(text: &str) -> Option<QuantityKind> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphabetic()).collect::<String>().to_ascii_lowercase();
    let stem = word.strip_suffix('s').unwrap_or(&word);
    Some(match stem {
        "user" | "customer" | "shopper" | "merchant" | "subscriber" | "tenant" | "client" | "player" | "patient" | "guest"
        | "rider" | "driver" | "traveller" | "traveler" | "viewer" | "listener" | "reader" | "learner" | "resident"
        | "household" | "citizen" | "employee" | "people" | "person" | "account" | "member" | "visitor" | "passenger"
        | "student" | "seller" | "buyer" | "dispatcher" | "nurse" | "doctor" | "physician" | "clinician" | "teacher"
        | "pupil" | "clerk" | "cashier" | "courier" | "technician" | "attendee" | "participant" | "applicant" | "donor"
        | "voter" | "taxpayer" | "policyholder" | "cardholder" | "commuter" | "parent" | "nutzer" | "benutzer" | "anwender"
        | "kunde" | "kunden" | "kundinnen" | "patienten" | "mitarbeiter" | "mitarbeitende" | "mitglieder" | "bürger"
        | "fahrgäste" | "schüler" | "studierende" | "teilnehmer" | "personen" | "haushalte" => QuantityKind::Users,
        "request" | "req" | "call" | "quer" | "querie" | "hit" | "anfragen" => QuantityKind::Requests,
        "order" | "checkout" | "payment" | "transaction" | "booking" | "purchase" | "cart" | "invoice" | "payout"
        | "reservation" | "transfer" | "charge" | "shipment" | "bestellungen" | "buchungen" | "zahlungen" | "aufträge" => {
            QuantityKind::Orders
        }
        "ticket" | "complaint" | "case" | "zendesk" | "beschwerden" => QuantityKind::Tickets,
        _ => return None,
    })
}

/// True when `next` continues `last`: `45% → 12%`, `1h 20m`.
fn joins(text: &str, last: &Quantity, next: &Quantity) -> bool {
    if last.span.1 > next.span.0 {
        return false;
    }
    let between = text[last.span.1..next.span.0].trim();
    match (&last.what, &next.what) {
        (QuantityKind::ErrorRate | QuantityKind::Percent(_), QuantityKind::ErrorRate | QuantityKind::Percent(_)) => {
            last.to.is_none() && ["→", "->", "=>", "to", "down to", "up to", ">"].contains(&between)
        }
        (QuantityKind::Duration(_), QuantityKind::Duration(_)) => ["", "and", ","].contains(&between) && next.value < last.value,
        _ => false,
    }
}

fn join(text: &str, last: &mut Quantity, next: Quantity) {
    match next.what {
        QuantityKind::Duration(of) => {
            last.value += next.value;
            if let QuantityKind::Duration(DurationOf::Other) = last.what {
                last.what = QuantityKind::Duration(of);
            }
        }
        kind => {
            last.to = Some(next.value);
            if kind == QuantityKind::ErrorRate {
                last.what = kind;
            }
        }
    }
    last.span.1 = next.span.1;
    last.text = text[last.span.0..last.span.1].to_string();
}

#[cfg(test)]
mod tests {
    use super::*;
    use QuantityKind::{Duration, ErrorRate, Orders, Percent, Threshold, Tickets, Users};

    fn read(text: &str) -> Vec<(f64, QuantityKind)> {
        find(text, false).into_iter().map(|q| (q.value, q.what)).collect()
    }

    #[test]
    fn a_label_says_who_is_counted() {
        for (text, told) in [
            ("Students who lost at least one answer: **1,214** (from the audit)", Some(1_214.0)),
            ("- Customers without a receipt: 37", Some(37.0)),
            ("Customers who wrote by 9:30: see the list, 12", None),
            ("Client that failed: 12", None),
            ("Servers that failed: 12", None),
        ] {
            let users = find(text, false).into_iter().find(|q| q.what == Users).map(|q| q.value);
            assert_eq!(users, told, "{text}");
        }
    }

    #[test]
    fn durations_say_what_lasted() {
        for (text, of) in [
            ("Checkout was out 18 min", DurationOf::Outage),
            ("we were down for 18 minutes", DurationOf::Outage),
            ("18 min of downtime", DurationOf::Outage),
            ("a short outage, 18 minutes, by a release", DurationOf::Outage),
            ("store pages were stale for 18 minutes", DurationOf::Outage),
            ("so 18 minutes without login mails", DurationOf::Outage),
            ("customers saw old prices for about 18 minutes", DurationOf::Outage),
            ("users could not log in for 18 minutes", DurationOf::Outage),
            ("customers saw the new prices for 18 minutes", DurationOf::Other),
            ("so about 18 minutes in total", DurationOf::Outage),
            ("that makes 18 min all in all", DurationOf::Outage),
            ("overall: 18 minutes", DurationOf::Outage),
            ("it was 18 minutes in total I think", DurationOf::Outage),
            ("transfers failed for about 18 minutes at lunch", DurationOf::Outage),
            ("retry when a call failed for 18 minutes", DurationOf::Other),
            ("the import ran 18 minutes in total", DurationOf::Other),
            ("in total 18 minutes of builds", DurationOf::Other),
            ("so about 18 minutes", DurationOf::Other),
            ("was 18 minutes or so", DurationOf::Outage),
            ("the import was 18 minutes or so", DurationOf::Other),
            ("Alert closed, outage 18 min", DurationOf::Outage),
            ("about 18 minutes of pain", DurationOf::Outage),
            ("Dauer etwa 18 Minuten", DurationOf::Outage),
            ("Der Ausfall dauerte 18 Minuten", DurationOf::Outage),
            ("Duration: 18 minutes", DurationOf::Outage),
            ("duration of the backup 18 minutes", DurationOf::Other),
            ("Duration: 18 minutes per run", DurationOf::Other),
            ("18 minutes without errors", DurationOf::Other),
            ("MTTR was 1080 s", DurationOf::Mttr),
            ("time to detect: 1080 seconds", DurationOf::Mttd),
            ("restored service within 18 minutes of the decision", DurationOf::Recovery),
            ("decision to roll back came 18 minutes after we confirmed it", DurationOf::DecisionDelay),
            ("acked within 18 min", DurationOf::Mtta),
            ("wait 18 min", DurationOf::Other),
            ("was 18 minutes or so", DurationOf::Outage),
            ("it was down for like 18 minutes", DurationOf::Outage),
            ("the impact window is 18 minutes", DurationOf::Outage),
            ("lasted 18 min", DurationOf::Outage),
            ("Total impact: 18 minutes", DurationOf::Outage),
            ("about 18 minutes of failed logins", DurationOf::Outage),
            ("18 minutes start to finish", DurationOf::Outage),
            ("the build was 18 minutes or so", DurationOf::Other),
            ("took 18 minutes to build", DurationOf::Other),
        ] {
            assert_eq!(read(text), [(1080.0, Duration(of))], "{text}");
        }
        assert_eq!(
            read("MTTR was 59 seconds, MTTD 2 seconds"),
            [(59.0, Duration(DurationOf::Mttr)), (2.0, Duration(DurationOf::Mttd))]
        );
        assert_eq!(read("down for 1h 20m")[0].0, 4800.0);
        assert_eq!(read("downtime was roughly 1h20"), [(4800.0, Duration(DurationOf::Outage))]);
    }

    #[test]
    fn counts_take_their_noun_from_either_side() {
        assert_eq!(read("users affected ~8,000 (lb-2 is one of four LBs)")[0], (8000.0, Users));
        assert_eq!(read("340 tickets in 5 minutes"), [(340.0, Tickets), (300.0, Duration(DurationOf::Window))]);
        assert_eq!(read("all 20 of the pool busy, 88 clients wait").last().unwrap().1, QuantityKind::Count("clients".into()));
        assert_eq!(read("around 2300 riders could not start"), [(2300.0, Users)]);
        assert_eq!(read("care team: 112 contacts about codes")[0], (112.0, Tickets));
        assert_eq!(read("hotline had 44 calls"), [(44.0, Tickets)]);
        assert!(read("the hoster answered (ticket 55120)").iter().all(|(_, kind)| *kind != Tickets));
        assert_eq!(read("tickets: 1204")[0], (1204.0, Tickets));
        assert_eq!(read("gateway makes 44 calls")[0], (44.0, QuantityKind::Requests));
        assert_eq!(read("counted again: 214 hauliers were affected"), [(214.0, Users)]);
        assert_eq!(read("61 notaries and 18 dentists could not sign")[1], (18.0, Users));
        assert_eq!(read("3 brokers were affected"), [(3.0, QuantityKind::Count("brokers".into()))]);
        assert_eq!(read("3 hauliers were early"), [(3.0, QuantityKind::Count("hauliers".into()))]);
        assert_eq!(read("two gift card orders to be settled"), [(2.0, Orders)]);
        assert_eq!(read("1.2M users")[0], (1_200_000.0, Users));
        for (text, value, currency) in [
            ("61,400 PLN of lost orders", 61_400.0, "PLN"),
            ("we lost R$ 48,000", 48_000.0, "R$"),
            ("ZAR 12,500 of refunds", 12_500.0, "ZAR"),
            ("around ¥900 each", 900.0, "¥"),
        ] {
            assert_eq!(read(text)[0], (value, QuantityKind::Money(currency.into())), "{text}");
        }
        for text in ["PHP 8 is out", "we TRY 3 times", "RATE 5", "3 try"] {
            assert!(!read(text).iter().any(|(_, kind)| matches!(kind, QuantityKind::Money(_))), "{text}");
        }
        assert_eq!(read("lost about $12k in revenue"), [(12_000.0, QuantityKind::Money("$".into()))]);
        assert_eq!(read("PHP 412,000 of orders lost"), [(412_000.0, QuantityKind::Money("PHP".into()))]);
        assert_eq!(read("some 38,000 SEK lost"), [(38_000.0, QuantityKind::Money("SEK".into()))]);
        for text in ["PHP 8 on all hosts", "the PHP 502 errors", "200 PHP workers", "5000 GET requests", "900 NOK checks"] {
            assert!(!read(text).iter().any(|(_, kind)| matches!(kind, QuantityKind::Money(_))), "{text}");
        }
        assert_eq!(read("118 dispatchers were affected")[0], (118.0, Users));
        assert_eq!(read("46 Tickets, 389 Patienten betroffen"), [(46.0, Tickets), (389.0, Users)]);
    }

    #[test]
    fn a_bound_is_not_a_rate() {
        assert_eq!(read("92% error rate on /checkout (threshold 5%)"), [(0.92, ErrorRate), (0.05, Threshold)]);
        assert_eq!(read("Error rate < 1%"), [(0.01, ErrorRate)]);
        let about = &find("about 15% of quotes failing", false)[0];
        assert_eq!((about.value, about.approx, &about.what), (0.15, true, &ErrorRate));
        assert!(
            crate::acts::read("so we were down for about 50 minutes?", "zoe", false)
                .iter()
                .all(|s| s.slots.quantities.is_empty())
        );
        assert_eq!(read("automated rollback when error rate exceeds 20% for 30 seconds")[0], (0.2, Threshold));
        assert_eq!(read("94% cache miss"), [(0.94, Percent("cache".into()))]);
        let pair = find("Error rate 45% → 12%", false);
        assert_eq!((pair.len(), pair[0].value, pair[0].to, pair[0].text.as_str()), (1, 0.45, Some(0.12), "45% → 12%"));
    }
}
