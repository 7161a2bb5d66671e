//! The act files of `acts/` as compiled rules.
//!
//! One file is one act: prose, weighted cues (`re` and not `unless`; `has`, a feature of the sentence, with `after` and not `before`, the words right before it), what questions, hedges and
//! negations do to it, samples that must be recognised with their slots, and look-alikes that must not. `chatter.toml`
//! is no act: a sentence that hits it says nothing. Must never know the messages of a case.

use super::Act;
use super::remedies::{Remedies, RemedyFile};
use super::words::{Gate, Lexicon, Sentence, Words};
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "../../acts"]
struct Files;

pub struct Catalogue {
    pub rules: Vec<Rule>,
    pub remedies: Remedies,
    chatter: Vec<Cue>,
    hedges: Words,
    negations: Words,
    takes_back: Words,
    contrition: Words,
    gate: Gate,
}

/// One act's file, compiled.
pub struct Rule {
    pub act: Act,
    pub cues: Vec<Cue>,
    pub question: OnQuestion,
    pub hedge: OnHedge,
    /// A cue after "not" counts all the same.
    pub negated_counts: bool,
    /// Programs can do it too.
    pub bots: bool,
    yields_to: Vec<Act>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
pub enum OnQuestion {
    Keep,
    #[default]
    Halve,
    Drop,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
pub enum OnHedge {
    #[default]
    Keep,
    Halve,
    Drop,
    Suppose,
}

pub struct Cue {
    pub weight: f64,
    words: Option<Words>,
    feature: Option<String>,
    unless: Option<Words>,
    after: Option<Words>,
    before: Option<Words>,
}

/// Something the sentence has beside its words, by the name the act files use in `has`, and where it stands.
pub type Feature = (&'static str, usize);

impl Cue {
    /// Where the cue stands in the sentence.
    pub fn hit(&self, sentence: &Sentence, features: &[Feature]) -> Option<usize> {
        let mut at = match &self.feature {
            Some(name) => self.place(name, sentence.text, features)?,
            None => 0,
        };
        if let Some(words) = &self.words {
            at = words.find(sentence)?;
        }
        let excused = self.unless.as_ref().is_some_and(|u| u.find(sentence).is_some());
        (!excused).then_some(at)
    }

    /// Where the feature first stands with the words it needs right before it, unless any of its places is excused.
    fn place(&self, name: &str, text: &str, features: &[Feature]) -> Option<usize> {
        let places: Vec<usize> = features.iter().filter(|f| f.0 == name).map(|f| f.1).collect();
        let head = |at: usize| text.get(..at).unwrap_or("");
        if self.before.as_ref().is_some_and(|b| places.iter().any(|&at| b.find_in(head(at)).is_some())) {
            return None;
        }
        match &self.after {
            Some(after) => places.into_iter().find_map(|at| after.find_in(head(at))),
            None => places.into_iter().next(),
        }
    }
}

impl Catalogue {
    /// The catalogue inside the program.
    pub fn embedded() -> &'static Catalogue {
        static CATALOGUE: LazyLock<Catalogue> =
            LazyLock::new(|| Catalogue::new(embedded_files()).expect("the embedded acts are proven by their tests"));
        &CATALOGUE
    }

    fn new(files: Vec<ActFile>) -> Result<Catalogue, String> {
        let (mut hedges, mut negations, mut takes_back, mut contrition) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut remedies = Vec::new();
        let mut acts = Vec::new();
        for mut file in files {
            hedges.append(&mut file.hedges);
            negations.append(&mut file.negations);
            takes_back.append(&mut file.takes_back);
            contrition.append(&mut file.contrition);
            remedies.append(&mut file.remedy);
            acts.push(file);
        }
        let mut lexicon = Lexicon::default();
        let remedies = Remedies::new(remedies, &mut lexicon)?;
        let (mut rules, mut chatter) = (Vec::new(), Vec::new());
        for file in acts {
            let cues = file
                .cue
                .into_iter()
                .map(|c| c.compile(&mut lexicon))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| format!("{}: {e}", file.id))?;
            match act_of(&file.id) {
                Some(act) => rules.push(Rule {
                    act,
                    cues,
                    question: file.question,
                    hedge: file.hedge,
                    negated_counts: file.negated_counts,
                    bots: file.bots,
                    yields_to: file.yields_to,
                }),
                None if file.id == "chatter" => chatter = cues,
                None => return Err(format!("{} is not an act", file.id)),
            }
        }
        rules.sort_by_key(|r| r.act);
        let mut any = |parts: Vec<String>| lexicon.words(&format!("(?:{})", parts.join("|")));
        let (hedges, negations, takes_back) = (any(hedges), any(negations), any(takes_back));
        let contrition = any(contrition);
        Ok(Catalogue { rules, remedies, chatter, hedges, negations, takes_back, contrition, gate: lexicon.gate() })
    }

    /// The sentence, ready to be asked for cues.
    pub fn sentence<'t>(&self, text: &'t str) -> Sentence<'t> {
        self.gate.sentence(text)
    }

    /// True when the sentence is not about the incident at all.
    pub fn is_chatter(&self, sentence: &Sentence) -> bool {
        self.chatter.iter().filter(|c| c.hit(sentence, &[]).is_some()).map(|c| c.weight).sum::<f64>() >= 1.0
    }

    pub fn is_hedged(&self, sentence: &Sentence) -> bool {
        self.hedges.find(sentence).is_some()
    }

    /// True when the sentence withdraws the one before it.
    pub fn takes_back(&self, text: &str) -> bool {
        self.takes_back.find_in(text).is_some()
    }

    /// True when the message regrets something.
    pub fn is_contrite(&self, text: &str) -> bool {
        self.contrition.find_in(text).is_some()
    }

    /// True when one of the three words before `at` in the same clause is a negation.
    pub fn is_negated(&self, text: &str, at: usize) -> bool {
        let Some(before) = text.get(..at) else { return false };
        let clause = before
            .rfind([',', ';', ':', '.', '(', '—', '\n'])
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let words: Vec<&str> = before[clause..].split_whitespace().collect();
        let near = words[words.len().saturating_sub(3)..].join(" ");
        self.negations.find_in(&near).is_some()
    }

    pub fn yields_to(&self, act: Act) -> &[Act] {
        self.rules.iter().find(|r| r.act == act).map_or(&[], |r| &r.yields_to)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActFile {
    id: String,
    #[allow(dead_code, reason = "for people; a file without it does not load")]
    prose: String,
    #[serde(default)]
    question: OnQuestion,
    #[serde(default)]
    hedge: OnHedge,
    #[serde(default)]
    negated_counts: bool,
    #[serde(default)]
    bots: bool,
    #[serde(default)]
    yields_to: Vec<Act>,
    #[serde(default)]
    hedges: Vec<String>,
    #[serde(default)]
    negations: Vec<String>,
    #[serde(default)]
    takes_back: Vec<String>,
    #[serde(default)]
    contrition: Vec<String>,
    cue: Vec<CueFile>,
    #[serde(default)]
    remedy: Vec<RemedyFile>,
    #[serde(default)]
    #[allow(dead_code, reason = "proofs, read by the tests")]
    sample: Vec<SampleFile>,
    #[serde(default)]
    #[allow(dead_code, reason = "proofs, read by the tests")]
    lookalike: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CueFile {
    re: Option<String>,
    has: Option<String>,
    unless: Option<String>,
    after: Option<String>,
    before: Option<String>,
    w: f64,
}

/// A message that must be recognised. `slots` compares by name, texts literally, lists joined by ` | `.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "proofs, read by the tests")]
struct SampleFile {
    text: String,
    #[serde(default)]
    bot: bool,
    #[serde(default)]
    slots: BTreeMap<String, String>,
}

impl CueFile {
    fn compile(self, lexicon: &mut Lexicon) -> Result<Cue, String> {
        if self.re.is_none() && self.has.is_none() {
            return Err("a cue has `re`, `has` or both".into());
        }
        let mut compiled = |pattern: Option<String>| pattern.map(|p| lexicon.words(&p));
        let (words, unless) = (compiled(self.re), compiled(self.unless));
        let (after, before) = (compiled(self.after), compiled(self.before));
        Ok(Cue { weight: self.w, words, feature: self.has, unless, after, before })
    }
}

fn act_of(id: &str) -> Option<Act> {
    use serde::de::IntoDeserializer;
    let name: serde::de::value::StrDeserializer<serde::de::value::Error> = id.into_deserializer();
    Act::deserialize(name).ok()
}

fn embedded_files() -> Vec<ActFile> {
    let mut names: Vec<String> = Files::iter().map(|n| n.to_string()).collect();
    names.sort();
    names
        .iter()
        .filter_map(|name| {
            let text = String::from_utf8(Files::get(name)?.data.into_owned()).ok()?;
            Some(toml::from_str(&text).unwrap_or_else(|e| panic!("acts/{name}: {e}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acts::{Said, read};

    fn slot(said: &Said, name: &str) -> String {
        let s = &said.slots;
        let or = |o: Option<&str>| o.unwrap_or("none").to_string();
        match name {
            "remediation" => or(s.remediation),
            "object" => or(s.object.as_deref()),
            "owner" => or(s.owner.as_deref()),
            "due" => or(s.due.as_deref()),
            "priority" => or(s.priority.as_deref()),
            "status" => or(s.status.as_deref()),
            "task" => or(s.task.as_deref()),
            "versions" => s.versions.join(" | "),
            "people" => s.people.join(" | "),
            "from_to" => s.from_to.as_ref().map_or("none".into(), |(a, b)| format!("{a} | {b}")),
            "quantities" => s.quantities.iter().map(|q| q.text.as_str()).collect::<Vec<_>>().join(" | "),
            other => panic!("no slot {other}"),
        }
    }

    #[test]
    fn every_act_has_a_file_with_samples_and_lookalikes() {
        let files = embedded_files();
        assert_eq!(files.len(), 19, "18 acts and chatter");
        for file in files.iter().filter(|f| f.id != "chatter") {
            assert!(file.sample.len() >= 5 && file.lookalike.len() >= 3, "acts/{}.toml proves too little", file.id);
        }
    }

    #[test]
    fn every_pattern_is_a_regex() {
        let all = Catalogue::embedded();
        let cues = all.rules.iter().flat_map(|r| &r.cues).chain(&all.chatter);
        let of_cues = cues.flat_map(|c| [&c.words, &c.unless, &c.after, &c.before]).flatten();
        let words = of_cues.chain(all.remedies.words()).chain([&all.hedges, &all.negations, &all.takes_back, &all.contrition]);
        assert_eq!(words.filter_map(|w| w.fault()).collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn every_file_recognises_its_samples_and_not_its_lookalikes() {
        let mut wrong = Vec::new();
        for file in embedded_files() {
            let act = act_of(&file.id);
            for sample in &file.sample {
                let said = read(&sample.text, "zoe", sample.bot);
                let Some(act) = act else {
                    wrong.extend((!said.is_empty()).then(|| format!("{}: {} says {:?}", file.id, sample.text, said[0].act)));
                    continue;
                };
                let mine: Vec<&Said> = said.iter().filter(|s| s.act == act).collect();
                if mine.is_empty() {
                    wrong.push(format!(
                        "{}: not seen: {} {:?}",
                        file.id,
                        sample.text,
                        said.iter().map(|s| s.act).collect::<Vec<_>>()
                    ));
                }
                for (name, expected) in &sample.slots {
                    let got: Vec<String> = mine.iter().map(|s| slot(s, name)).collect();
                    if !mine.is_empty() && !got.contains(expected) {
                        wrong.push(format!("{}: {name} of {:?}: {got:?}, not {expected:?}", file.id, sample.text));
                    }
                }
            }
            for text in &file.lookalike {
                if act.is_some_and(|a| read(text, "zoe", false).iter().any(|s| s.act == a))
                    || (act.is_none() && read(text, "zoe", false).is_empty())
                {
                    wrong.push(format!("{}: seen wrongly: {text}", file.id));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
