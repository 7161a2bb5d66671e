//! The five whys: from what users saw back to the root, then questions that only the team can answer.
//!
//! Must never answer a question about people or process.

use analysis::findings::{ChangeKind, EdgeBasis, Findings, Hypothesis, HypothesisKind, Places, Reason};

use crate::model::{Report, Section, Why};

use super::ledger::{Ledger, Line};
use super::{phrases, summary, words};

pub(super) mod answers;

/// Questions with an answer, at most.
const ANSWERED: usize = 4;

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let Some(best) = findings.hypotheses.first() else { return };
    let certain = findings.undetermined.is_none();
    let root = phrases::failing(best);
    for (from, to, verified, text, places) in path(findings, &root) {
        let verb = if verified { "depends on" } else { "may depend on" };
        let question = format!("Why did {to} fail?");
        let answer = format!("{to} {verb} {from}, which was in trouble{text}.");
        report.whys.push(answered(question, answer, &places, ledger));
    }
    if let Some(failure) = &best.failure {
        let question = format!("Why did {root} fail?");
        report.whys.push(answered(
            question,
            phrases::seen(failure, ledger.shows(&failure.places, failure.first), findings),
            &failure.places.few(4),
            ledger,
        ));
    }
    if let Some((question, answer)) = reason(best, certain, findings) {
        let mut places = best.places.clone();
        if let Some(commit) = best.change.as_ref().and_then(|c| c.commit.as_ref()) {
            places = places.and(&Places::one(commit.place));
        }
        report.whys.push(answered(question, answer, &places, ledger));
    }
    for question in questions(best) {
        let asked = best.signature.is_some_and(|s| s.why.trim() == question);
        if let Some((answer, places)) = told(findings, best, &question).filter(|_| asked) {
            report.whys.push(answered(question, answer, &places, ledger));
            continue;
        }
        if let Some(line) = answers::given(findings, best, &question).filter(|_| asked && certain) {
            report.whys.push(by_line(question, line, ledger));
            continue;
        }
        // What the change did stands in the answer above.
        if asked && certain && answers::is_explained(best) {
            continue;
        }
        let question = ledger.clean(&question);
        report.whys.push(Why { question, answer: None, claim: None, citations: Vec::new() });
    }
}

fn answered(question: String, answer: String, places: &Places, ledger: &mut Ledger<'_>) -> Why {
    by_line(question, Line::inferred(Section::Whys, answer, places), ledger)
}

fn by_line(question: String, line: Line, ledger: &mut Ledger<'_>) -> Why {
    let said = ledger.claim(line);
    let question = ledger.clean(&question);
    Why { question, answer: Some(said.text), claim: Some(said.id), citations: said.citations.as_slice().to_vec() }
}

type Step = (String, String, bool, String, Places);

/// Edges from the service farthest from the root back to it.
fn path(findings: &Findings, root: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = root.to_string();
    let mut seen = vec![at.clone()];
    while steps.len() + 2 < ANSWERED {
        let next = findings.chain.iter().filter(|e| e.from == at && !seen.contains(&e.to)).max_by_key(|e| e.verified);
        let Some(edge) = next else { break };
        let words = match &edge.by {
            EdgeBasis::Names { words }
            | EdgeBasis::SpeaksOf { words, .. }
            | EdgeBasis::Alike { words }
            | EdgeBasis::Load { words }
            | EdgeBasis::Data { words } => format!(": {}", words::quote(words, words::QUOTE)),
            _ => String::new(),
        };
        steps.push((edge.from.clone(), edge.to.clone(), edge.verified, words, edge.places.clone()));
        at = edge.to.clone();
        seen.push(at.clone());
    }
    steps.reverse();
    steps
}

/// What set the failure off.
fn reason(best: &Hypothesis, certain: bool, findings: &Findings) -> Option<(String, String)> {
    let failure = phrases::failure_seen(best, findings);
    let question = format!("Why did {} fail in this way ({failure})?", phrases::failing(best));
    match (best.kind, &best.change) {
        (HypothesisKind::Change, Some(change)) => {
            let does = change.commit.as_ref().filter(|c| !c.says.is_empty()).map(|c| {
                let clauses: Vec<&str> = c.says.iter().take(2).map(|s| s.strip_prefix("it ").unwrap_or(s)).collect();
                format!("; commit {} {}", phrases::short(&c.sha), clauses.join(", and "))
            });
            let name = words::capital(&summary::label(best));
            let verb = if certain {
                "reached production before this failure"
            } else {
                "reached production before this failure and may have caused it"
            };
            Some((question, words::end(&format!("{name} {verb}{}", does.unwrap_or_default()))))
        }
        (HypothesisKind::Failure, _) => {
            let mech = best.signature.map(|s| words::without_numbers(&s.mech)).filter(|m| !m.is_empty())?;
            Some((question, mech))
        }
        (HypothesisKind::External, _) => Some((
            question,
            match certain {
                true => format!("{} is outside of the services seen here and was in trouble itself.", phrases::service(best)),
                false => format!(
                    "{} is outside of the services seen here; it may have been in trouble itself.",
                    phrases::service(best)
                ),
            },
        )),
        _ => None,
    }
}

/// What the evidence says to the question of a kind of failure: since when something filled up, or what a provider says.
fn told(findings: &Findings, best: &Hypothesis, question: &str) -> Option<(String, Places)> {
    let term = |fits: fn(&Reason) -> bool| best.terms.iter().find(|t| fits(&t.reason) && t.value > 0.0);
    if question.contains("status page")
        && let Some(said) = term(|r| matches!(r, Reason::Provider { .. }))
        && let Reason::Provider { provider, words } = &said.reason
    {
        return Some((
            words::end(&format!("{provider} itself reports {}", words::quote(words, words::QUOTE))),
            said.places.clone(),
        ));
    }
    if let Some(said) = term(|r| matches!(r, Reason::Bends { .. }))
        && let Reason::Bends { metric, rises } = &said.reason
    {
        let way = if *rises { "rises" } else { "falls" };
        let name = words::quote(metric, 80);
        return Some((
            format!("The series {name} was level until the change took effect, and {way} from then on."),
            said.places.clone(),
        ));
    }
    let filled = best.signature.is_some_and(|s| s.family == "disk");
    let job = findings
        .contributing
        .iter()
        .filter(|_| filled)
        .find(|c| c.first.zip(best.failure.as_ref()).is_some_and(|(at, f)| f.first.since(at) > LONG_S))?;
    let service = job.service.clone().unwrap_or_else(|| "A service".to_string());
    Some((format!("{service} had logged {} for long by then.", words::quote_log(&job.words, words::QUOTE)), job.places.clone()))
}

/// Seconds that something lasts before it is no part of the incident itself.
const LONG_S: f64 = 3.0 * 3_600.0;

/// For the team: nothing in the input answers these.
fn questions(best: &Hypothesis) -> Vec<String> {
    let mut all: Vec<String> = best.signature.map(|s| s.why.trim().to_string()).filter(|q| !q.is_empty()).into_iter().collect();
    all.push(match best.kind {
        HypothesisKind::Change => {
            let change = best.change.as_ref().map_or_else(|| "the change".to_string(), phrases::change);
            let failing = phrases::failing(best);
            match best.change.as_ref().map(|c| c.kind) {
                Some(ChangeKind::Flag) => {
                    format!("What would have shown the failure of {failing} before {change} reached everybody?")
                }
                Some(ChangeKind::Config | ChangeKind::Infrastructure) => {
                    format!("What checks such a value before it is rolled out, and why did it let {change} through?")
                }
                Some(ChangeKind::Migration) => {
                    format!("On what was {change} rehearsed, and what waited for what there?")
                }
                _ => format!("Which test or stage of the rollout runs what failed in {failing}, and why did {change} pass it?"),
            }
        }
        HypothesisKind::Failure => {
            "Which check should have shown this condition before users were harmed, and what kept it from being there?"
                .to_string()
        }
        HypothesisKind::External => "What would have kept the service useful while the provider was in trouble?".to_string(),
        HypothesisKind::UnknownIn => "Which record would name the cause, and why was it not kept?".to_string(),
    });
    all
}
