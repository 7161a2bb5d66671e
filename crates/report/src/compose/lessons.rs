//! Prevention and lessons: what people suggest, what the kinds of failure teach, how the response went, and what was
//! believed when.
//!
//! Must never blame a person: a wrong turn is a belief with its time.

use analysis::findings::{Findings, Observation, Places, Reason};

use crate::model::{Derivation, Lesson, Prevention, Report, Section};

use super::ledger::{Ledger, Line};
use super::places::of_observation;
use super::whys::answers;
use super::{advice, phrases, recovery, replays, summary, words};

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    prevention(findings, ledger, report);
    for observation in &findings.observations {
        // The belief itself is told below.
        let told = |words: &str| findings.beliefs.iter().any(|b| b.said.words == words);
        if matches!(observation, Observation::WrongTurn { words, .. } if told(words)) {
            continue;
        }
        let places = of_observation(observation);
        let derivation = seconds(observation).and_then(|s| ledger.span(places, s));
        let long = derivation.as_ref().and_then(|d| d.value.as_f64()).map(words::duration);
        let text = tell(observation, long.as_deref(), findings);
        let line = match derivation {
            Some(derivation) => Line::measured(Section::Lessons, text, places, derivation).sure(0.85),
            None => Line::inferred(Section::Lessons, text, places),
        };
        lesson(line, ledger, report);
    }
    let best = findings.hypotheses.first().filter(|_| findings.undetermined.is_none());
    let asked = best.and_then(|h| Some((h, h.signature?.why.trim())));
    if let Some(line) = asked.and_then(|(best, question)| answers::given(findings, best, question)) {
        lesson(line.headed(Section::Lessons, "How it came about."), ledger, report);
    }
    for (text, places, derivation) in taken_back(findings, ledger) {
        lesson(Line::measured(Section::Lessons, text, &places, derivation).sure(0.85), ledger, report);
    }
    for belief in &findings.beliefs {
        let who = belief.said.author.as_deref().map(words::who).unwrap_or_else(|| "A message".to_string());
        let other = belief.refuted_by.author.as_deref().map(words::who).unwrap_or_else(|| "a later record".to_string());
        let at =
            |stated: &analysis::findings::Stated| stated.at.map(|at| format!(" at {}", words::clock(at))).unwrap_or_default();
        let places = belief.said.places.and(&belief.refuted_by.places);
        let held = belief.said.at.zip(belief.refuted_by.at).map(|(from, to)| to.since(from)).filter(|s| *s >= 1.0);
        let derivation = held.and_then(|seconds| ledger.span(&places, seconds));
        let long = derivation.as_ref().and_then(|d| d.value.as_f64()).map(|s| format!(", for {}", words::duration(s)));
        let text = format!(
            "What was believed{}: {who} said{} {}; {other} corrected it{}: {}",
            long.unwrap_or_default(),
            at(&belief.said),
            words::quote(&belief.said.words, words::QUOTE),
            at(&belief.refuted_by),
            words::quote(&belief.refuted_by.words, words::QUOTE)
        );
        lesson(Line::stated(Section::Lessons, text, &places).with(derivation), ledger, report);
    }
}

/// How long it went on after a change that did not cause it was taken back.
fn taken_back(findings: &Findings, ledger: &Ledger<'_>) -> Vec<(String, Places, Derivation)> {
    let terms = findings.hypotheses.iter().skip(1).flat_map(|h| h.terms.iter().map(move |t| (h, t)));
    let told = terms.filter_map(|(hypothesis, term)| {
        let Reason::NoReversal { seconds, .. } = &term.reason else { return None };
        let derivation = ledger.span(&term.places, *seconds)?;
        let long = words::duration(derivation.value.as_f64()?);
        let name = words::capital(&summary::label(hypothesis));
        let text = format!("What a wrong suspicion cost: {name} was taken back, and the failures went on for {long} after that.");
        Some((text, term.places.clone(), derivation))
    });
    told.take(2).collect()
}

fn lesson(line: Line, ledger: &mut Ledger<'_>, report: &mut Report) {
    let said = ledger.claim(line);
    report.lessons.push(Lesson { text: said.text, claim: said.id, citations: said.citations });
}

fn prevention(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let mut items: Vec<(Line, Option<String>)> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let overlap = advice::against_overlap(findings);
    if overlap.is_some() {
        // What the kind of failure teaches in general is about jobs that run at the wrong hour.
        known.extend(findings.hypotheses.first().and_then(|h| h.signature).map(|s| words::without_numbers(&s.prevent)));
    }
    if let Some(advice) = advice::against(findings).or(overlap) {
        known.push(advice.prevent.clone());
        items.push((Line::inferred(Section::Prevention, advice.prevent, &advice.places).sure(0.7), None));
    }
    let causes = findings.hypotheses.first().and_then(|h| Some((h.signature?, h.places.few(2))));
    let factors = findings.contributing.iter().filter_map(|c| Some((c.signature?, c.places.few(2))));
    for (signature, places) in causes.into_iter().chain(factors.take(3)) {
        let text = words::without_numbers(&signature.prevent);
        if !text.is_empty() && !known.contains(&text) {
            known.push(text.clone());
            items.push((Line::inferred(Section::Prevention, text, &places).sure(0.6), None));
        }
    }
    for suggestion in &findings.suggestions {
        let said = &suggestion.said;
        let by = said.author.as_deref().map(words::who).unwrap_or_else(|| "the record".to_string());
        let text = format!("According to {by}: {}", words::quote(&said.words, words::LONG_QUOTE));
        let replay = suggestion.replay.as_ref().map(|replay| replays::tell(replay, findings));
        items.push((Line::stated(Section::Prevention, text, &said.places), replay));
    }
    let measured = findings.alert.as_ref().map(|alert| {
        let text = "Alert on the share of failed requests at the edge, before users report it.".to_string();
        (text, alert.places.clone(), format!("{} {}", replays::tell(alert, findings), replays::chosen()))
    });
    if let Some((text, places, replay)) = measured.or_else(|| on_first_sign(findings)) {
        items.push((Line::inferred(Section::Prevention, text, &places).sure(0.7), Some(replay)));
    }
    for (line, replay) in items {
        let said = ledger.claim(line);
        let replay = replay.map(|r| ledger.clean(&r));
        report.prevention.push(Prevention { text: said.text, claim: said.id, citations: said.citations, replay });
    }
}

/// What an alert on the first failure would have gained, where no requests were logged to try another on.
fn on_first_sign(findings: &Findings) -> Option<(String, Places, String)> {
    let (started, detected) = (findings.times.started.as_ref()?, findings.times.detected.as_ref()?);
    let lag = detected.at.since(started.at);
    if lag < 60.0 {
        return None;
    }
    let (sign, places) = phrases::first_sign(findings)?;
    let text = format!("Alert on {sign}, before users report it.");
    let places = places.and(&started.places).few(3).and(&detected.places.few(2));
    let replay = format!(
        "On this incident's data it would have fired up to {} earlier than the first alert, page or person.",
        words::duration(lag)
    );
    Some((text, places, replay))
}

fn seconds(observation: &Observation) -> Option<f64> {
    match observation {
        Observation::DetectedByMachine { seconds, .. }
        | Observation::WrongTurn { seconds, .. }
        | Observation::FastRecovery { seconds, .. }
        | Observation::MissedSignal { seconds, .. }
        | Observation::SlowDetection { seconds, .. } => Some(*seconds),
        Observation::SecretExposed { .. } => None,
    }
}

fn tell(observation: &Observation, long: Option<&str>, findings: &Findings) -> String {
    let after = |words: &str| long.map(|l| format!(" {l}{words}")).unwrap_or_default();
    match observation {
        Observation::DetectedByMachine { .. } => {
            format!("What went well: a machine noticed the failure{}, before any person in the input.", after(" after it began"))
        }
        Observation::WrongTurn { words, author, .. } => {
            let held = long.map(|l| format!(" for {l}")).unwrap_or_default();
            format!(
                "A first suspicion held{held} and proved wrong; {} said: {}",
                words::who(author),
                words::quote(words, words::QUOTE)
            )
        }
        Observation::FastRecovery { .. } => {
            format!("What went well: {}{}.", recovery::served(findings), after(" after the step that ended it was begun"))
        }
        Observation::MissedSignal { words, by_pager, .. } => {
            let before = long
                .map(|l| format!("{l} before the failure began, "))
                .unwrap_or_else(|| "Before the failure began, ".to_string());
            let said = words::quote(words, words::QUOTE);
            match by_pager {
                true => format!("{before}the pager had already warned {said} and nobody had acknowledged it."),
                false => {
                    format!("{before}an alert had already fired, {said}, and nothing in the input shows that anybody took it.")
                }
            }
        }
        Observation::SlowDetection { .. } => format!(
            "What took long: the failure was noticed only{}.",
            long.map(|l| format!(" {l} after it began")).unwrap_or_else(|| " long after it began".into())
        ),
        Observation::SecretExposed { kind, .. } => {
            format!("A secret ({kind}) stands in a source; it should be replaced and kept out of records.")
        }
    }
}
