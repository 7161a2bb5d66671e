//! What authorities ask for: one file of `regimes/` is one law, with its stages and the items of each.
//!
//! Every file proves itself in the tests: ids, articles and the names of fields hold. Must never know a report. What
//! breaks it: a law that changes; the articles stand in the file.

use std::sync::LazyLock;

use rust_embed::Embed;
use serde::Deserialize;

#[derive(Embed)]
#[folder = "../../regimes"]
struct Files;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regime {
    pub id: String,
    pub title: String,
    /// In the order in which they come.
    pub stages: Vec<Stage>,
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub id: String,
    pub name: String,
    pub article: String,
    /// Until when it is to be handed in, in words.
    pub due: String,
    /// The time of a report from which it runs, where it is one of them.
    pub due_from: Option<String>,
    pub due_hours: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub id: String,
    /// Asked for from this stage on: later ones update it.
    pub from_stage: String,
    pub article: String,
    pub text: String,
    #[serde(default)]
    pub where_applicable: bool,
    /// The fields of a report that answer it, see [`super::regulator::FIELDS`].
    #[serde(default)]
    pub from: Vec<String>,
    /// What is needed where nothing answers it.
    pub needs: String,
    /// What is needed even where these fields answer it.
    pub also_needs: Option<String>,
}

impl Regime {
    /// The stage of this id, and what it asks for.
    pub fn stage(&self, id: &str) -> Option<(&Stage, Vec<&Item>)> {
        let position = |id: &str| self.stages.iter().position(|stage| stage.id == id);
        let at = position(id)?;
        let items = self.items.iter().filter(|item| position(&item.from_stage).is_some_and(|from| from <= at));
        Some((self.stages.get(at)?, items.collect()))
    }
}

/// All that are known, by name.
pub fn regimes() -> &'static [Regime] {
    // Every embedded file is read by the tests below, so none is left out here.
    static KNOWN: LazyLock<Vec<Regime>> = LazyLock::new(|| Files::iter().filter_map(|name| read(&name).ok()).collect());
    &KNOWN
}

fn read(name: &str) -> Result<Regime, String> {
    let file = Files::get(name).ok_or("the file is not embedded")?;
    let text = std::str::from_utf8(&file.data).map_err(|e| e.to_string())?;
    toml::from_str(text).map_err(|e| format!("{name}: {}", e.message()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::regulator::FIELDS;
    use super::*;

    #[test]
    fn every_file_can_be_read_and_is_named_by_its_id() {
        for name in Files::iter() {
            let regime = read(&name).unwrap_or_else(|fault| panic!("{fault}"));
            assert_eq!(format!("{}.toml", regime.id), name);
        }
        assert_eq!(regimes().iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["dora", "nis2"]);
    }

    #[test]
    fn every_item_stands_once_with_its_article_and_says_what_it_needs() {
        for regime in regimes() {
            let mut ids = BTreeSet::new();
            for item in &regime.items {
                assert!(ids.insert(&item.id), "{} stands twice in {}", item.id, regime.id);
                assert!(item.article.contains("(EU) 20") && item.article.contains("Article "), "{}: {}", item.id, item.article);
                assert!(!item.text.trim().is_empty() && !item.needs.trim().is_empty(), "{}", item.id);
                assert!(item.also_needs.is_none() || !item.from.is_empty(), "{}: nothing answers it in part", item.id);
                assert!(regime.stage(&item.from_stage).is_some(), "{}: there is no stage {}", item.id, item.from_stage);
                for field in &item.from {
                    assert!(FIELDS.contains(&field.as_str()), "{}: {field} is no field of a report", item.id);
                }
            }
        }
    }

    #[test]
    fn every_stage_asks_for_more_than_the_one_before_it() {
        for regime in regimes() {
            assert_eq!(regime.stages.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["initial", "intermediate", "final"]);
            let counts: Vec<usize> = regime.stages.iter().filter_map(|s| Some(regime.stage(&s.id)?.1.len())).collect();
            assert!(counts.windows(2).all(|pair| pair[0] < pair[1]), "{}: {counts:?}", regime.id);
            for stage in &regime.stages {
                assert_eq!(stage.due_from.is_some(), stage.due_hours.is_some(), "{}", stage.id);
                assert!(stage.due_from.iter().all(|field| FIELDS.contains(&field.as_str())), "{}", stage.id);
            }
        }
    }
}
