//! Errors of which masks tell too many kinds apart, merged.
//!
//! Why it matters: with a logger's name in front of each message, a failure splits into a hundred kinds of a few records each,
//! and none of them stands out. When it misleads: names that are what the failure is about, and that vary, are lost in the
//! merged template; texts and places of the kinds keep them.

use std::collections::BTreeMap;

use evidence::Level;

use super::Signal;
use crate::digest::Digest;
use crate::mining;
use crate::weights::MANY_MASKS;

/// The templates of failures by the number of their pattern, for services in which there are so many that masks evidently
/// do not tell kinds apart (a logger's name in front of each message).
pub fn templates(digest: &Digest) -> BTreeMap<usize, String> {
    let mut groups: BTreeMap<(Option<&str>, Option<Level>), Vec<usize>> = BTreeMap::new();
    for (number, pattern) in digest.patterns.iter().enumerate().filter(|(_, p)| p.level.is_some_and(Level::is_bad)) {
        groups.entry((pattern.service.as_deref(), pattern.level)).or_default().push(number);
    }
    let mut merged = BTreeMap::new();
    for members in groups.into_values().filter(|members| members.len() > MANY_MASKS) {
        let masks: Vec<(&str, u64)> =
            members.iter().map(|n| (digest.patterns[*n].template.as_str(), digest.patterns[*n].count)).collect();
        for group in mining::templates(&masks, &mining::Options::default()) {
            merged.extend(group.members.iter().map(|member| (members[*member], group.template.clone())));
        }
    }
    merged
}

/// Which signatures the members of merged kinds hit: what only few of them hit is no property of the kind.
#[derive(Default)]
pub struct Variants(BTreeMap<usize, (usize, BTreeMap<String, usize>)>);

impl Variants {
    pub fn see(&mut self, index: usize, signal: &Signal, is_merged: bool) {
        if !is_merged {
            return;
        }
        let (members, hits) = self.0.entry(index).or_default();
        *members += 1;
        signal.hits.iter().for_each(|hit| *hits.entry(hit.id.clone()).or_default() += 1);
    }

    pub fn keep_common(self, signals: &mut [Signal]) {
        for (index, (members, hits)) in self.0 {
            signals[index].hits.retain(|hit| hits.get(&hit.id).is_some_and(|n| n * 2 >= members));
        }
    }
}

#[cfg(test)]
mod tests {
    use evidence::{Record, RecordRef, Sink, SourceId};

    use super::*;

    fn digest(loggers: u64) -> Digest {
        let source = SourceId { input: 0, entry: 0 };
        let mut digest = Digest::new(source, "a.log");
        for line in 0..loggers {
            let name: String = line.to_string().bytes().map(|b| (b - b'0' + b'a') as char).collect();
            let place = RecordRef { source, start: line * 100, end: line * 100 + 99, line: line + 1, last_line: line + 1 };
            digest.record(&Record {
                place,
                stamp: None,
                stamp_text: None,
                level: Some(Level::Error),
                service: Some("shop".into()),
                instance: None,
                message: format!("Logger{name} - no connection could be had from the pool").into(),
                trace: None,
                http: None,
                user: None,
                format: "text",
                fields: Vec::new(),
            });
        }
        digest.settled()
    }

    #[test]
    fn a_failure_of_many_loggers_is_one_kind_and_a_few_kinds_stay_what_they_are() {
        let many = templates(&digest(200));
        let kinds: std::collections::BTreeSet<&String> = many.values().collect();
        assert_eq!((many.len(), kinds.len()), (200, 1), "{kinds:?}");
        assert!(templates(&digest(20)).is_empty());
    }
}
