//! What people say is so and others say or show is not: how grave it is, that nothing was lost, that something is well, that it is over.
//!
//! What it sees: flat statements beside the pager, the logs and the requests. Why it matters: such words calm those who read
//! nothing else. When it misleads: words about a part, about another moment, or about another incident of the day.

use std::sync::LazyLock;

use evidence::{Level, Moment};

use super::speech::Sentence;
use crate::acts::Act;
use crate::findings::{About, Contradiction, ContradictionKind, Hypothesis, Places, Side, Times};
use crate::incident::Incident;
use crate::severity;
use crate::signals::SignalKind;
use expressions::{Expression, constant};

/// Requests that fail so long after "resolved" were not meant to have failed.
const STILL_S: f64 = 240.0;
const STILL_FAILED: u64 = 10;
/// Failures of a service that is said to be fine.
const FAILING: u64 = 10;

pub fn find(incident: &Incident<'_>, times: &Times, best: Option<&Hypothesis>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let mut found = graver(incident, sentences);
    found.extend(lost(sentences));
    found.extend(each_other(sentences));
    found.extend(well(incident, times, best, sentences));
    found.extend(over(incident, times));
    found
}

fn whether(first: Side, second: Side) -> Contradiction {
    Contradiction { kind: ContradictionKind::Statement, about: About::Whether, sides: vec![first, second] }
}

fn recorded(value: &str, words: Option<String>, by: Option<String>, places: Places) -> Side {
    Side { value: value.to_string(), number: None, between: None, measure: None, stated_by: by, words, places }
}

/// What somebody declares it to be, and what no page, alert or program calls it.
fn graver(incident: &Incident<'_>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    static CHANGES: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:rais\w*|upgrad\w*|downgrad\w*|lower\w*|bump\w*|escalat\w*|chang\w*|promot\w*|demot\w*|now|actually|reclassif\w*|set|make|making|to)\b",
        )
    });
    let scene = incident.scene;
    let near = |at: Moment| at >= incident.window.from.plus(-600.0) && at <= incident.window.to.plus(3_600.0);
    let pages = scene.pages.iter().filter(|p| near(p.at));
    let of_pages: Vec<(String, Places, String)> = pages
        .clone()
        .filter_map(|p| {
            let own = p.what.priority.as_deref().and_then(severity::mark).or_else(|| severity::mark(&p.what.title))?;
            Some((own.to_string(), Places::one(p.place), p.what.title.clone()))
        })
        .collect();
    let texts = pages.map(|p| p.what.text.as_str());
    let alerts = scene
        .alerts
        .iter()
        .flat_map(|a| [a.what.severity.as_deref().unwrap_or(""), a.what.name.as_str(), a.what.summary.as_str()]);
    let programs = scene.chat.iter().filter(|m| m.what.message.is_bot).map(|m| m.what.message.text.as_str());
    let elsewhere: Vec<&str> = texts.chain(alerts).chain(programs).collect();
    let Some((own, places, title)) = of_pages.first() else { return Vec::new() };
    let is_same_scale = |word: &str| letters(word) == letters(own);
    let known = |word: &str| {
        let same = |text: &str| text.split_whitespace().any(|w| plain(w) == plain(word));
        of_pages.iter().any(|(own, ..)| plain(own) == plain(word)) || elsewhere.iter().any(|text| same(text))
    };
    let declares = |s: &Sentence<'_>| {
        let said = s.message.what.said.iter().find(|said| s.message.what.sentence(said) == s.text);
        said.is_some() && s.message.what.said.iter().any(|a| a.act == Act::Declare && s.message.what.sentence(a) == s.text)
    };
    let told = sentences.iter().filter(|s| near(s.message.at) && !s.is_loose() && !CHANGES.is_match(s.text) && declares(s));
    let mut told = told.filter_map(|s| Some((s, severity::mark(s.text)?)));
    let differs = told.rfind(|(_, word)| is_same_scale(word) && !known(word));
    let one = differs.map(|(s, word)| whether(s.side(word), recorded(own, Some(title.clone()), None, places.clone())));
    one.into_iter().collect()
}

/// `P2` of a priority, `SEV` of a severity.
fn letters(mark: &str) -> String {
    mark.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase().chars().take(1).collect()
}

fn plain(mark: &str) -> String {
    mark.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

/// "No orders were lost" beside "41 orders are missing".
fn lost(sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    let flat: Vec<&Sentence<'_>> = sentences.iter().filter(|s| !s.is_loose()).collect();
    let mut found = Vec::new();
    for none in &flat {
        let Some(things) = none_lost(none.text) else { continue };
        let counter = flat.iter().find_map(|some| {
            let (count, lost) = some_lost(some.text)?;
            (some.message.place != none.message.place && is_same(&things, &lost)).then_some((some, count))
        });
        if let Some((some, count)) = counter {
            found.push(whether(none.side(none.text), some.side(&count)));
        }
    }
    found
}

/// Two who each say that it was not their own change.
fn each_other(sentences: &[Sentence<'_>]) -> Option<Contradiction> {
    let own = |s: &&Sentence<'_>| !s.is_loose() && clears_own(s.text);
    let first = sentences.iter().find(own)?;
    let speaker = &first.message.what.speaker;
    let second = sentences.iter().filter(own).find(|s| s.message.what.speaker != *speaker)?;
    Some(whether(first.side(first.text), second.side(second.text)))
}

fn clears_own(text: &str) -> bool {
    static OWN: LazyLock<Expression> = LazyLock::new(|| {
        let thing = r"(?:change|deploy\w*|release|rollout|flag|commit|config|migration)";
        constant(&format!(
            r"(?i)\b(?:mine|(?:my|our) (?:{thing}|part|thing|one)) (?:is|was|are|were) (?:harmless|innocent|unrelated|not (?:it|the cause|involved|at fault|to blame))\b|\b(?:(?:is|was) not|(?:isn|wasn)['’]?t) (?:mine|(?:my|our) {thing})\b"
        ))
    });
    OWN.is_match(text)
}

/// Of what nothing was lost: empty where that is said of all.
fn none_lost(text: &str) -> Option<String> {
    static NONE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:no|zero|not a single|not one) (?P<what>(?:\w+ )?\w+) (?:(?:was|were|is|are|got|has been|have been) )?(?:lost|missing|dropped|gone|deleted)\b|\b(?P<all>nothing (?:was |is |got |has been )?(?:lost|missing|deleted)|no (?P<data>data) loss|without (?:any )?data loss)\b",
        )
    });
    let c = NONE.captures(text)?;
    let what = c.name("what").or(c.name("data")).map_or("", |m| m.as_str());
    let thing = what.rsplit(' ').find(|word| !["was", "were", "is", "are", "got"].contains(word));
    Some(thing.unwrap_or_default().to_lowercase())
}

/// How many of what were lost for good.
fn some_lost(text: &str) -> Option<(String, String)> {
    const THINGS: &str = r"(?P<what>orders?|payments?|bookings?|messages?|records?|rows?|events?|documents?|entries|files?|uploads?|invoices?|transactions?|e-?mails?|notifications?|reservations?|items?|objects?|accounts?|writes?|updates?|tickets?|posts?|comments?|photos?|images?)";
    static LOST: LazyLock<[Expression; 2]> = LazyLock::new(|| {
        let verb = r"(?:lost|missing|gone|dropped|deleted)";
        let number = r"(?P<count>[1-9][\d,.]*k?)";
        [
            constant(&format!(
                r"(?i)\b{number} (?:\w+ ){{0,2}}{THINGS} (?:(?:was|were|is|are|got|have been|has been) )?(?:\w+ )?{verb}\b"
            )),
            constant(&format!(r"(?i)\b(?:lost|dropped|deleted) (?:about |around |some |~)?{number} (?:\w+ ){{0,2}}{THINGS}\b")),
        ]
    });
    static BACK: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:restor\w+|recover\w+|replay\w*|re-?driven|backfill\w*|re-?queued|re-?sent|found again|not|no|none)\b")
    });
    if BACK.is_match(text) {
        return None;
    }
    let c = LOST.iter().find_map(|expression| expression.captures(text))?;
    Some((c.name("count")?.as_str().to_string(), c.name("what")?.as_str().to_lowercase()))
}

/// The same things, or data, which all of them are.
fn is_same(none: &str, lost: &str) -> bool {
    let stem = |word: &str| word.trim_end_matches("ies").trim_end_matches('y').trim_end_matches('s').to_string();
    none.is_empty() || none == "data" || stem(none) == stem(lost)
}

/// "The database is fine", while it logs the failures that are the cause.
fn well(incident: &Incident<'_>, times: &Times, best: Option<&Hypothesis>, sentences: &[Sentence<'_>]) -> Vec<Contradiction> {
    static FINE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:is|are|was|looks?|seems?) (?:all |totally |perfectly |completely |just )?(?:fine|healthy|ok|okay|idle|green|normal|up and healthy)\b(?: (?:now|again))?",
        )
    });
    let sure = best.filter(|best| best.probability >= 0.6);
    let (Some(service), Some(started)) = (sure.and_then(|best| best.service.as_deref()), &times.started) else {
        return Vec::new();
    };
    let over = times.mitigated.as_ref().map_or(incident.window.to, |m| m.at);
    let failing = incident.failures().find(|(_, signal, share)| {
        let own = signal.service.as_deref() == Some(service) && signal.kind == SignalKind::Log;
        own && signal.level.is_some_and(Level::is_bad) && share.inside >= FAILING
    });
    let Some((_, signal, share)) = failing else { return Vec::new() };
    let scene = incident.scene;
    let told = sentences.iter().filter(|s| {
        let during = s.message.at >= started.at.max(share.onset) && s.message.at < over;
        let found = FINE.find(s.text).filter(|m| !m.as_str().ends_with("now") && !m.as_str().ends_with("again"));
        let head = found.map_or("", |m| &s.text[..m.start()]);
        let clause = &head[head.rfind([',', ';', ':', '.']).map_or(0, |at| at + 1)..];
        let is_it =
            clause.split_whitespace().count() <= 4 && scene.entities.named_in(clause).first().is_some_and(|name| name == service);
        during && is_it && crate::acts::versions(s.text).is_empty()
    });
    let shown = |s: &Sentence<'_>| {
        let places = Places::from_many(signal.places.iter().copied()).unwrap_or_else(|| Places::one(signal.last_place)).few(2);
        whether(s.side(s.text), recorded(&signal.words, None, None, places))
    };
    told.map(shown).collect()
}

/// "Resolved", said or on a status page, while as many requests fail as before.
fn over(incident: &Incident<'_>, times: &Times) -> Vec<Contradiction> {
    let (Some(edge), Some(started), Some(served)) = (&incident.edge, &times.started, &times.mitigated) else { return Vec::new() };
    let scene = incident.scene;
    let too_early = |at: Moment| {
        let still = edge.failed_between(at.plus(60.0), served.at);
        let before = edge.failed_between(started.at, at);
        at > started.at && served.at.since(at) > STILL_S && still >= STILL_FAILED && still * 10 >= before
    };
    let mut found = Vec::new();
    let said = scene.chat.iter().filter(|m| !m.what.message.is_bot && too_early(m.at));
    for message in said {
        let closes = |s: &&crate::acts::Said| s.act == Act::Resolve && s.weight >= 1.0;
        let Some(said) = message.what.said.iter().find(closes) else { continue };
        let text = message.what.sentence(said);
        if is_partly(&message.what.message.text) || is_of_another_house(text) {
            continue;
        }
        let sides = vec![Sentence { message, text }.side(text), last_failure(served)];
        found.push(Contradiction { kind: ContradictionKind::Statement, about: About::Over, sides });
    }
    let hurt = |text: &str| scene.entities.named_in(text).iter().any(|name| incident.hurt(name).is_some());
    for status in scene.statuses.iter().filter(|s| s.what.state.eq_ignore_ascii_case("resolved") && too_early(s.at)) {
        let what = &status.what;
        if !hurt(&format!("{} {} {}", what.provider, what.title, what.body)) {
            continue;
        }
        let words = if what.body.is_empty() { what.title.clone() } else { what.body.clone() };
        let side = recorded(&what.state, Some(words), Some(what.provider.clone()), Places::one(status.place));
        let sides = vec![side, last_failure(served)];
        found.push(Contradiction { kind: ContradictionKind::Time, about: About::Over, sides });
    }
    found.truncate(2);
    found
}

/// What is over is a part of it, or something else.
fn is_partly(text: &str) -> bool {
    static PARTLY: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?i)\b(?:still|but|except|part\w*|remaining|some|almost|mostly|for (?:eu|us|most)|yesterday|morning|other)\b")
    });
    PARTLY.is_match(text)
}

/// What a page of a provider shows says nothing of whoever reads it.
pub fn is_of_another_house(text: &str) -> bool {
    static PAGE: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)\b(?:status ?-?(?:page|site|seite|side)|statusseite|health dashboard|service health|page de statut|p[áa]gina de (?:estado|status)|estado de (?:aws|azure|gcp|fastly|cloudflare)|statu[ts] (?:de|von|of|van|di) \p{L}+|pagina di stato|statuspagina|statuspage)\b|\b(?:aws|azure|gcp|google|cloudflare|their (?:side|end|status))\b",
        )
    });
    PAGE.is_match(text)
}

fn last_failure(served: &crate::findings::TimeFinding) -> Side {
    recorded(&served.at.time_of_day(), None, None, served.places.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_provider_calls_nothing_here_over() {
        assert!(is_of_another_house("payco status page all green") && is_of_another_house("AWS health is all green"));
        assert!(is_of_another_house("status de edgecdn: errores en Madrid"));
        assert!(!is_of_another_house("all green, closing"));
    }

    #[test]
    fn who_clears_their_own_change_says_so() {
        for text in ["so it was the limit, mine is harmless", "that wasn't my release", "my flag is not the cause"] {
            assert!(clears_own(text), "{text}");
        }
        for text in ["then it is mine", "that was my release", "mine is deployed", "harmless, as always", "it is not in my zone"]
        {
            assert!(!clears_own(text), "{text}");
        }
    }

    #[test]
    fn what_was_lost_and_what_was_not() {
        assert_eq!(none_lost("no orders were lost"), Some("orders".into()));
        assert_eq!(none_lost("nothing was lost"), Some(String::new()));
        assert_eq!(none_lost("there was no data loss"), Some("data".into()));
        assert_eq!(none_lost("we lost no time"), None);
        assert_eq!(some_lost("41 orders are missing for good"), Some(("41".into(), "orders".into())));
        assert_eq!(some_lost("we deleted 1,204 customer rows"), Some(("1,204".into(), "rows".into())));
        assert_eq!(some_lost("41 orders were lost and replayed from the queue"), None);
        assert_eq!(some_lost("we lost 3 nodes"), None);
        assert!(is_same("data", "rows") && is_same("", "rows") && is_same("order", "orders") && !is_same("payments", "orders"));
    }

    #[test]
    fn only_marks_of_one_scale_are_compared() {
        assert_eq!((letters("SEV-1"), letters("P1")), ("S".into(), "P".into()));
        assert_eq!(plain("sev-2"), plain("SEV2"));
    }
}
