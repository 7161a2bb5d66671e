//! Parts against the whole in sentences: `6 of 10`, `104 of 156 (66.7%)`, `12,000: 8,000 here and 4,000 there`, `a + b = c`,
//! shares of one whole.
//!
//! Misleads where the parts are examples; words that say so (`including`, `among them`) silence it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Spot;
use crate::Finding;
use crate::document::{Document, Kind, Unit, sentences};
use crate::facts::{Amount, Measure};
use crate::story::{Mask, Story, masked, speaks};

static OF: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"⟦c(\d+)⟧(?: [a-zA-Z-]+){0,2}? ?(?:of|out of|/) ?(?:the |all |our |its )?(?:about |some )?~?⟦c(\d+)⟧(?P<n> ?(?:[a-z-]+ )?(?:pods|nodes|replicas|instances|hosts|servers|shards|brokers|requests|users|checks|tests|regions|zones|services|healthy|ready|up)\b)?(?:[^.;|⟦]{0,40}?\(?(?:[a-z]+ )?~?⟦s(\d+)⟧)?").ok()
});
static ADDED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"⟦[cdm]\d+⟧[^⟦|;]{0,20}(?:\+ ?⟦[cdm]\d+⟧[^⟦|;+=]{0,20})+= ?⟦[cdm](\d+)⟧").ok());
static BREAKDOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let part = r"⟦[cm]\d+⟧(?: [^⟦.;:,()]{2,40})?";
    Regex::new(&format!(
        r"⟦[cm](\d+)⟧(?: [\w-]+){{1,5}}(?:: ?| \(| — | – )((?:{part}(?:, and |, | and | \+ )){{1,8}}{part})(?:\)|\.|;|$)"
    ))
    .ok()
});
static EXAMPLES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:including|includes?|among|e\.g|for example|mostly|notably|of which|such as|at least|peak|max|min|avg|p\d\d)\b",
    )
    .ok()
});
static SPLIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:split|breakdown|broken down|distribut\w*|share of|remaining|the rest|of (?:the |all )?(?:traffic|errors|requests|users|failures|time|incidents|tickets|load|impact|downtime|orders))\b").ok()
});

/// What a fleet counts, and words of its change.
static FLEET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:⟦c\d+⟧ ?(?:of|out of|/) ?(?:the |all )?|\ball )⟦c(\d+)⟧ (?:[\w-]+ )?(pods|replicas|nodes|instances|hosts|servers|shards|brokers)\b").ok()
});
static SCALED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bscal(?:e|ed|ing)\b|\badded\b|\bextra\b|\bzone\b|\bregion\b|\bcluster\b").ok());

/// One fleet with two sizes, in a document that does not tell of scaling.
fn fleets(document: &Document, found: &mut Vec<Finding>) {
    if document.units.iter().any(|u| speaks(u.kind) && SCALED.as_ref().is_some_and(|p| p.is_match(&u.text))) {
        return;
    }
    let mut known: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    for unit in document.units.iter().filter(|u| speaks(u.kind) && !u.facts.amounts.is_empty() && !document.is_of_others(u)) {
        let mask = masked(unit);
        for captures in FLEET.iter().flat_map(|p| p.captures_iter(&mask.text)) {
            let (Some(size), Some(noun)) = (amount(&mask, &captures, 1), captures.get(2)) else { continue };
            let line = document.place(unit, size.range.start).0;
            let (first, there) = *known.entry(noun.as_str().to_lowercase()).or_insert((size.value, line));
            if (first - size.value).abs() > 0.5 {
                let message =
                    format!("there are {} {} here and {} in line {there}", plain(size.value), noun.as_str(), plain(first));
                found.push(Spot { document, unit, range: size.range.clone() }.says("number/twice", message, Some(there)));
            }
        }
    }
}

pub fn check(document: &Document, _: &Story, found: &mut Vec<Finding>) {
    fleets(document, found);
    for unit in document.units.iter().filter(|u| speaks(u.kind) && u.facts.amounts.len() >= 2 && !document.is_of_others(u)) {
        let mask = masked(unit);
        let mut push = |rule: &'static str, amount: &Amount, message: String| {
            found.push(Spot { document, unit, range: amount.range.clone() }.says(rule, message, None));
        };
        fractions(unit, &mask, &mut push);
        additions(unit, &mask, &mut push);
        breakdowns(unit, &mask, &mut push);
        if unit.kind != Kind::Row {
            splits(&mask, &mut push);
        }
    }
}

type Push<'p> = dyn FnMut(&'static str, &Amount, String) + 'p;

fn amount<'m>(mask: &'m Mask, captures: &regex::Captures<'_>, group: usize) -> Option<&'m Amount> {
    mask.amounts.get(captures.get(group)?.as_str().parse::<usize>().ok()?)
}

fn words<'u>(unit: &'u Unit, amount: &Amount) -> &'u str {
    unit.text.get(amount.range.clone()).unwrap_or_default().trim()
}

/// `6 of 10`, with its share where one is stated.
fn fractions(unit: &Unit, mask: &Mask, push: &mut Push<'_>) {
    for captures in OF.iter().flat_map(|p| p.captures_iter(&mask.text)) {
        let (Some(part), Some(whole)) = (amount(mask, &captures, 1), amount(mask, &captures, 2)) else { continue };
        // `14/11` alone may be a date.
        let slash = captures.get(0).is_some_and(|m| m.as_str().contains('/')) && captures.name("n").is_none();
        if part.value > whole.value && !part.about && !whole.about {
            if slash {
                continue;
            }
            push(
                "sum/total",
                part,
                format!("{} are more than the {} that they are part of", words(unit, part), words(unit, whole)),
            );
        } else if let Some(share) = amount(mask, &captures, 4).filter(|s| !s.bound && whole.value > 0.0) {
            let is = part.value / whole.value * 100.0;
            let slack = share.fine * 0.51 + if part.about || whole.about || share.about { 3.0 } else { 0.0 };
            let rest = (100.0 - is - share.value).abs() <= slack;
            if (is - share.value).abs() > slack && !rest {
                let message =
                    format!("{} of {} are {is:.1} %, not {}", words(unit, part), words(unit, whole), words(unit, share));
                push("sum/percent", share, message);
            }
        }
    }
}

/// `a + b = c`.
fn additions(unit: &Unit, mask: &Mask, push: &mut Push<'_>) {
    for captures in ADDED.iter().flat_map(|p| p.captures_iter(&mask.text)) {
        let (Some(whole), Some(sum)) = (captures.get(0), amount(mask, &captures, 1)) else { continue };
        let parts = tokens(mask, whole.as_str().split('=').next().unwrap_or_default());
        compare(unit, &parts, sum, push);
    }
}

/// `12,000 requests failed: 8,000 on checkout and 4,000 on cart`.
fn breakdowns(unit: &Unit, mask: &Mask, push: &mut Push<'_>) {
    for captures in BREAKDOWN.iter().flat_map(|p| p.captures_iter(&mask.text)) {
        let (Some(whole), Some(sum), Some(list)) = (captures.get(0), amount(mask, &captures, 1), captures.get(2)) else {
            continue;
        };
        let examples = EXAMPLES.as_ref().is_some_and(|p| p.is_match(whole.as_str()));
        let parts = tokens(mask, list.as_str());
        if !examples && parts.iter().all(|p| p.unit == sum.unit && !p.bound) && parts.len() >= 2 {
            compare(unit, &parts, sum, push);
        }
    }
}

fn compare(unit: &Unit, parts: &[&Amount], sum: &Amount, push: &mut Push<'_>) {
    let is: f64 = parts.iter().map(|p| p.value).sum();
    let coarse: f64 = parts.iter().map(|p| p.fine * 0.5).sum::<f64>() + sum.fine * 0.5;
    let about = parts.iter().any(|p| p.about) || sum.about;
    let exact = sum.unit == Measure::Count && parts.iter().all(|p| p.fine <= 1.0) && sum.fine <= 1.0;
    let slack = if about {
        sum.value * 0.1
    } else if exact {
        0.5
    } else {
        coarse
    };
    if (is - sum.value).abs() > slack + 1e-6 {
        let list = parts.iter().map(|p| words(unit, p)).collect::<Vec<_>>().join(" + ");
        push("sum/total", sum, format!("{list} is {}, not {}", plain(is), words(unit, sum)));
    }
}

/// Three or more shares of one whole in a sentence.
fn splits(mask: &Mask, push: &mut Push<'_>) {
    for range in sentences::of(&mask.text) {
        let sentence = mask.text.get(range).unwrap_or_default();
        let shares: Vec<&Amount> = tokens(mask, sentence).into_iter().filter(|a| a.unit == Measure::Share).collect();
        let joined = sentence.matches(',').count() + sentence.matches(" and ").count() + 1 >= shares.len();
        let change = sentence.contains('→') || sentence.contains(" from ") && sentence.contains(" to ");
        let whole = SPLIT.as_ref().is_some_and(|p| p.is_match(sentence));
        let sum: f64 = shares.iter().map(|s| s.value).sum();
        let near = (75.0..=130.0).contains(&sum);
        if shares.len() >= 3
            && joined
            && whole
            && near
            && !change
            && shares.iter().all(|s| !s.bound)
            && (sum - 100.0).abs() > 1.5
            && let Some(last) = shares.last()
        {
            let list = shares.iter().map(|s| plain(s.value)).collect::<Vec<_>>().join(" + ");
            push("sum/percent", last, format!("the shares {list} add up to {} %, not 100 %", plain(sum)));
        }
    }
}

/// The amounts whose tokens stand in a part of the masked text.
fn tokens<'m>(mask: &'m Mask, text: &str) -> Vec<&'m Amount> {
    let after = text.match_indices('⟦').filter_map(|(i, t)| text.get(i + t.len()..));
    let index = after.filter_map(|t| t.get(1..)?.split('⟧').next()?.parse::<usize>().ok().filter(|_| !t.starts_with('t')));
    index.filter_map(|i| mask.amounts.get(i)).collect()
}

/// A number without a tail of zeros.
pub fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
