//! Versions, pairs, people and the thing a sentence is about, each as it literally stands.
//!
//! Must never know which services or people exist: an object is a phrase, linked to a service by those who know them.

use super::Act;
use expressions::{Expression, constant};

use std::sync::LazyLock;

/// Versions in order: `v2.15.0`, `4.8.1`, `v7`; not addresses, dates or decimals.
pub fn versions(text: &str) -> Vec<String> {
    static VERSION: LazyLock<Expression> = LazyLock::new(|| {
        constant(r"(?:v\d+(?:\.\d+){0,3}|\d+\.\d+\.\d+(?:\.\d+)?)(?:-(?:rc|alpha|beta|hotfix|build|snapshot|r)[\w.]*)?")
    });
    VERSION
        .find_iter(text)
        .filter(|m| {
            let before = text[..m.start()].chars().next_back();
            let after = text[m.end()..].chars().next();
            let glued = before.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '_')
                || after.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let address = !m.as_str().starts_with('v') && m.as_str().matches('.').count() == 3;
            !glued && !address
        })
        .map(|m| m.as_str().to_string())
        .collect()
}

/// `A → B`, `A -> B`, `from A to B`, where both sides are versions or numbers.
pub fn from_to(text: &str) -> Option<(String, String)> {
    static PAIR: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)(?P<a>\bv?\d[\w.%]*)\s*(?:→|-+>|=>|⇒)\s*(?P<b>v?\d[\w.%]*)|\bfrom\s+(?P<c>v?\d[\w.%]*)\s+(?:back\s+|down\s+|up\s+)?to\s+(?P<d>v?\d[\w.%]*)",
        )
    });
    let c = PAIR.captures(text)?;
    let side = |a: &str, b: &str| c.name(a).or(c.name(b)).map(|m| m.as_str().trim_end_matches('.').to_string());
    Some((side("a", "c")?, side("b", "d")?))
}

/// Mentions as they stand, and the author where the sentence says "I".
pub fn people(text: &str, author: &str) -> Vec<String> {
    static FIRST: LazyLock<Expression> = LazyLock::new(|| constant(r"\bI\b|\bi(?:'ll|'m|'ve| am| will| have)\b"));
    let mut all: Vec<String> = mentions(text).map(|m| text[m.0..m.1].to_string()).collect();
    if FIRST.is_match(text) && !author.is_empty() {
        all.push(author.to_string());
    }
    let mut seen = Vec::with_capacity(all.len());
    all.retain(|p| {
        !seen.contains(p) && {
            seen.push(p.clone());
            true
        }
    });
    all
}

/// Byte spans of `@name`, also inside `<@ID>`; not of mail addresses.
pub fn mentions(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    static MENTION: LazyLock<Expression> = LazyLock::new(|| constant(r"@[\p{L}\d](?:[\p{L}\d._-]*[\p{L}\d])?"));
    MENTION
        .find_iter(text)
        .filter(|m| !text[..m.start()].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "/.-_".contains(c)))
        .map(|m| (m.start(), m.end()))
}

/// What a sentence of this act is about, by the words around its verdict.
pub fn object(act: Act, text: &str) -> Option<String> {
    static REFUTED: LazyLock<Vec<Expression>> = LazyLock::new(|| {
        compile(&[
            r"(?P<o>{w}(?: {w})?) (?:did ?n[o']t|did not|didnt|does ?n[o']t|doesn't|didn't|does not|has ?n[o']t|hasn't|had no|made no)\b",
            r"\b(?:same|still|errors?)\b.*\b(?:on|with|without|after)\s+(?:the\s+)?(?P<o>[\w.@#/-]+)(?:\s+(?:off|disabled|rolled back|reverted))",
            r"\b(?:so )?(?:it )?(?:is |was |it'?s )?(?:not|isn'?t|wasn'?t|never|unrelated to|nothing to do with|rul(?:ed|ing|es?) out|exonerates?|can'?t be|cannot be|doesn'?t look like|not caused by|not related to)\s+(?:a |an |the |our |my |your |that |caused by |about |related to )*(?P<o>{w}(?: {w}){0,2})",
            r"\bsays? (?:the )?(?P<o>{w}(?: {w})?) (?:is|are) (?:up|fine|ok|okay|healthy|green|good)\b",
            r"(?P<o>{w}(?: {w}){0,2}?) (?:is|are|was|were|looks?|seems?|'s) (?:\w+ )?(?:fine|healthy|ok|okay|bored|idle|innocent|unrelated|clean|good|green|normal|up|a red herring|off the hook|not (?:it|the (?:cause|problem|issue)|involved|related))\b",
        ])
    });
    static SUPPOSED: LazyLock<Vec<Expression>> = LazyLock::new(|| {
        compile(&[
            r"\b(?:must be|might be|could be|may be|probably|maybe|perhaps|possibly|looks like|smells like|suspect(?:ing)?|blame|guess(?:ing)?|i think|bet(?:ting)?(?: on)?|wonder if|is (?:it|this|that))(?: (?:it|this|that)(?:'s| is| was)?)?\s+(?:is |was |it's |due to |caused by |related to |because of |a |an |the |our |my |your |that |it |we )*(?P<o>{w}(?: {w}){0,2})",
            r"\b(?:it|this|that)(?:'s| is| was) (?:your|my|our|the) (?P<o>{w}(?: {w}){0,2})",
            r"\b(?:has|have|got) to be (?:the |your |our |my |that )(?P<o>{w}(?: {w}){0,2})",
            r"(?:^|[,.] |\b(?:then|so|and|the) )(?P<o>{w}(?: {w})?) (?:is|are|was|looks?) (?:to blame|at fault|guilty)\b",
            r"^(?:or|and) (?:my|our|your|the|that)\s+(?P<o>{w}(?: {w}){0,1})",
            r"(?:^|, )(?:the |a |our |so )*(?P<o>{w}(?: {w}){0,6}?) (?:maybe|acting up|again|perhaps|probably)\b",
        ])
    });
    static CAUSED: LazyLock<Vec<Expression>> = LazyLock::new(|| {
        compile(&[
            r"\b(?:caused by|because of|due to|introduced (?:in|by)|broke(?:n)? (?:it |this |\w+ )?(?:with|by|in)|culprit(?: is| was|:)|root cause(?: is| was| identified|:)*:?|the (?:bug|issue|problem|cause) (?:is|was)|traced (?:it )?(?:back )?to|found it[:,]?|that is|it was)\s+(?:a |an |the |our |my |your |in )*(?P<o>[`\w.@#/-]+(?: {w}){0,3})",
        ])
    });
    static THING: LazyLock<Vec<Expression>> = LazyLock::new(|| {
        compile(&[
            r"\b(?:changed|deployed|shipped|turned on|enabled|merged|bumped|updated|edited|pushed|released|installed|migrated|synced) (?:the |a |our |my )?(?P<o>{w}(?: v?\d+\.[\d.]+)?)",
            r"^(?:so |and |still |looks like |all |the |our |first |successful |everything |confirmed[:,]? )*(?P<o>{w}(?: {w}){0,2}?) (?:is|are|was|were|has|have|went|keeps?|\d|back|gone|recover\w*|healthy|down|fail\w*|timeouts?|refused|timing|on v?\d|flat|ok|work\w*|stable|error)\b",
        ])
    });
    let set: &[Expression] = match act {
        Act::Refute => &REFUTED,
        Act::Suppose => &SUPPOSED,
        Act::RootCause => &CAUSED,
        Act::ActionItem | Act::Prevention | Act::ResponseTime | Act::Comms | Act::Acknowledge => return None,
        _ => &THING,
    };
    set.iter().find_map(|r| clean(r.captures(text)?.name("o")?.as_str()))
}

/// Cuts a phrase at its first function word; none when nothing that names a thing is left.
pub fn clean(phrase: &str) -> Option<String> {
    const CUTS: &str = "is are was were be and or but to from with because since so now again then that which when while \
        after before for in on at by if as only just please killed broke did does do has have had can could \
        will would should not too also still though via until went says said of going getting caused asap \
        here help helped work works worked fixed call calls use touch matter came within according";
    const EMPTY: &str = "it this them they he she we i you us me everything nothing something anything one the a an all my \
        our your its these those there what who yet really sure even seeing no yes ok done good bad fine up \
        down out related us. that any some more same";
    let mut kept = 0;
    let mut names = false;
    let mut next = 0;
    for word in phrase.split(' ') {
        let start = next;
        next = start + word.len() + 1;
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        let skip_of = bare == "of" && names;
        if CUTS.split(' ').any(|w| w == bare) && !skip_of {
            break;
        }
        if !EMPTY.split(' ').any(|w| w == bare) && !bare.is_empty() && !skip_of {
            names = true;
            kept = start + word.len();
        }
        if word.ends_with([',', ':', ';', '?', '!', ')']) {
            break;
        }
    }
    let text = phrase[..kept].trim_matches(|c: char| " `'\"*_,:;?!.()".contains(c));
    let text = text.split_once(' ').filter(|(first, _)| is_amount(first)).map_or(text, |(_, rest)| rest.trim_start());
    let text = ["the ", "a ", "an ", "my ", "our ", "your ", "these ", "those ", "all ", "both ", "that ", "this ", "no "]
        .iter()
        .fold(text, |t, article| t.strip_prefix(article).unwrap_or(t));
    (names && !text.is_empty()).then(|| text.to_string())
}

/// `6/10` and `12`, not `2.8.0` or `#902`.
fn is_amount(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == '/' || c == ',')
}

/// Patterns in order; `{w}` is a word of an object.
fn compile(patterns: &[&str]) -> Vec<Expression> {
    patterns.iter().map(|p| constant(&format!("(?i){}", p.replace("{w}", r"[`@#\p{L}\d][`\p{L}\d./_'-]*(?:\(\))?")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_not_addresses_or_dates() {
        assert_eq!(versions("checkout-api v2.15.0 → v2.14.3"), ["v2.15.0", "v2.14.3"]);
        assert_eq!(versions("inventory 4.8.1 on 10.0.0.12 since 2024.5 s, 99.95%"), ["4.8.1"]);
        assert_eq!(versions("rolled back to v41."), ["v41"]);
    }

    #[test]
    fn pairs_keep_their_direction() {
        assert_eq!(from_to("v2.15.0 → v2.14.3"), Some(("v2.15.0".into(), "v2.14.3".into())));
        assert_eq!(from_to("I meant 30 -> 20"), Some(("30".into(), "20".into())));
        assert_eq!(from_to("scaled from 4 to 12."), Some(("4".into(), "12".into())));
        assert_eq!(from_to("from Berlin to Rome"), None);
    }

    #[test]
    fn people_are_mentions_and_the_author() {
        assert_eq!(people("<@U1> and @li.wei, I take it; mail a@b.example", "zoe"), ["@U1", "@li.wei", "zoe"]);
    }

    #[test]
    fn objects_are_phrases_of_the_text() {
        for (act, text, expected) in [
            (Act::Refute, "it is not inventory", "inventory"),
            (Act::Refute, "so not the deploy", "deploy"),
            (Act::Refute, "kafka is fine", "kafka"),
            (Act::Suppose, "must be the carousel flag", "carousel flag"),
            (Act::Suppose, "maybe reco deploy killed redis", "reco deploy"),
            (Act::Suppose, "this looks like v5.2.0", "v5.2.0"),
            (Act::RootCause, "we broke it with 7.3.0", "7.3.0"),
        ] {
            assert_eq!(object(act, text).as_deref(), Some(expected), "{text}");
        }
    }
}
