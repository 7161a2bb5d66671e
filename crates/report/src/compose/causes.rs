//! The hypotheses of the root cause, each with what speaks for and against it, and the contributing factors.
//!
//! Must never word anything but the first, determined hypothesis as a fact.

use analysis::findings::{self, Check, Findings, Hypothesis, Places, Reason};

use evidence::Moment;

use crate::model::{Cause, Contributing, Report, Section, Term, Test, TestResult, Trigger, TriggerKind};

use super::ledger::{Ledger, Line};
use super::whys::answers;
use super::{objects, phrases, summary, words};

pub fn write(findings: &Findings, ledger: &mut Ledger<'_>, report: &mut Report) {
    let none = Vec::new();
    let is_told = |i: usize, h: &Hypothesis| i < 2 || i < 6 && h.probability >= 0.005 || refutation(h).is_some();
    for (index, hypothesis) in findings.hypotheses.iter().enumerate().filter(|(i, h)| is_told(*i, h)) {
        let certain = index == 0 && findings.undetermined.is_none();
        let first = findings.hypotheses.first().filter(|_| index > 0);
        let rank = report.causes.len() as u32 + 1;
        let objections = findings.objections.get(index).unwrap_or(&none);
        report.causes.push(cause((hypothesis, objections), first, rank, certain, ledger));
    }
    let next = findings.undetermined.as_ref().filter(|_| report.undetermined).map(|u| check(&u.check));
    report.next_check = next.map(|text| ledger.clean(&text));
    for factor in &findings.contributing {
        let service = factor.service.clone().unwrap_or_else(|| "A service".to_string());
        let title = factor.signature.map(|s| words::without_numbers_or(&s.title, ""));
        let title = title.filter(|t| !t.is_empty()).map(|t| format!(" ({t})")).unwrap_or_default();
        let text = format!("{service} added to the incident with {}{title}.", words::quote_log(&factor.words, words::QUOTE));
        let said = ledger.claim(Line::inferred(Section::RootCause, text, &factor.places.few(4)));
        report.contributing.push(Contributing {
            service: ledger.cleaned(factor.service.as_deref()),
            signature: factor.signature.map(|s| s.id.clone()),
            text: said.text,
            claim: said.id,
            citations: said.citations,
        });
    }
}

/// What refutes a change that was suspected.
fn refutation(hypothesis: &Hypothesis) -> Option<&findings::Term> {
    let refutes = |reason: &Reason| matches!(reason, Reason::NoReversal { .. } | Reason::Refuted { .. });
    hypothesis.change.as_ref()?;
    hypothesis.terms.iter().find(|t| t.value < 0.0 && refutes(&t.reason))
}

fn cause(
    (hypothesis, objections): (&Hypothesis, &[findings::Fact]),
    first: Option<&Hypothesis>,
    rank: u32,
    certain: bool,
    ledger: &mut Ledger<'_>,
) -> Cause {
    let places = all_places(hypothesis);
    let dated = hypothesis.failure.as_ref().is_some_and(|f| ledger.shows(&f.places, f.first));
    let objects = if first.is_none() { objects::shown(hypothesis, ledger) } else { Vec::new() };
    let seen = hypothesis.failure.as_ref().map(|f| phrases::seen(f, dated, ledger.findings())).unwrap_or_default();
    let text = text(hypothesis, first, certain, (&seen, &objects), ledger.findings());
    let is_quoted = |at: &Places| hypothesis.terms.iter().any(|t| matches!(t.reason, Reason::Said { .. }) && t.places == *at);
    let told =
        answers::mechanism(ledger.findings(), hypothesis).filter(|_| first.is_none() && !answers::is_explained(hypothesis));
    let told = told.filter(|(_, at)| !is_quoted(at));
    let (text, places) = match told {
        Some((by_people, at)) => (format!("{text} {by_people}"), places.and(&at)),
        None => (text, places),
    };
    let said = ledger.claim(Line::inferred(Section::RootCause, text, &places).sure(hypothesis.probability));
    let claims: Vec<String> =
        hypothesis.terms.iter().map(|t| evidence_for((&t.reason, &t.places), told_by(hypothesis, t.name), ledger)).collect();
    let mut against: Vec<String> =
        hypothesis.terms.iter().zip(&claims).filter(|(t, _)| t.value < 0.0).map(|(_, id)| id.clone()).collect();
    against.extend(objections.iter().map(|fact| evidence_for((&fact.reason, &fact.places), told_by(hypothesis, ""), ledger)));
    let pairs = hypothesis.terms.iter().zip(&claims);
    let mut supports: Vec<String> = pairs.filter(|(t, _)| t.value > 0.0).map(|(_, id)| id.clone()).collect();
    if supports.is_empty() {
        supports.push(shown(hypothesis, &places, ledger));
    }
    let terms = hypothesis.terms.iter().zip(&claims);
    let terms: Vec<Term> =
        terms.map(|(t, id)| Term { name: t.name.to_string(), value: rounded(t.value), claim: Some(id.clone()) }).collect();
    let mut test = |t: &findings::Test| Test {
        name: t.name.to_string(),
        result: match t.result {
            findings::TestResult::Passed => TestResult::Passed,
            findings::TestResult::Failed => TestResult::Failed,
            findings::TestResult::NotTestable => TestResult::NotTestable,
        },
        claim: t.term.and_then(|i| claims.get(i)).cloned().or_else(|| {
            let fact = t.fact.as_ref()?;
            // What speaks against it was told already.
            let told = objections.iter().position(|o| o.places == fact.places);
            let told = told.and_then(|at| against.get(against.len() - objections.len() + at).cloned());
            Some(told.unwrap_or_else(|| evidence_for((&fact.reason, &fact.places), told_by(hypothesis, ""), ledger)))
        }),
    };
    let tests = hypothesis.tests.iter().map(&mut test).collect();
    let commit = hypothesis.change.as_ref().and_then(|c| c.commit.as_ref());
    Cause {
        rank,
        service: ledger.cleaned(hypothesis.service.as_deref()),
        signature: hypothesis.signature.map(|s| s.id.clone()),
        change_caused: hypothesis.change_caused,
        // None is convicted where the evidence does not decide.
        commit: commit.filter(|_| certain).map(|c| ledger.clean(&c.sha)).filter(|s| !s.is_empty()),
        trigger: hypothesis.trigger.as_ref().map(|t| trigger(t, ledger)),
        score: Some(rounded(terms.iter().map(|term: &Term| term.value).sum())),
        // What was considered is not impossible.
        probability: (hypothesis.probability.clamp(1e-4, 1.0) * 1e4).round() / 1e4,
        text: said.text,
        claim: said.id,
        supports,
        against,
        terms,
        tests,
    }
}

/// The commit of the hypothesis, and whether the term is but what remains where nothing else explains it.
fn told_by<'h>(hypothesis: &'h Hypothesis, term: &str) -> (&'h str, bool) {
    (sha(hypothesis), term == "no better explanation")
}

fn sha(hypothesis: &Hypothesis) -> &str {
    hypothesis.change.as_ref().and_then(|c| c.commit.as_ref()).map_or("", |c| c.sha.as_str())
}

fn rounded(value: f64) -> f64 {
    if value.is_finite() { (value * 100.0).round() / 100.0 } else { 0.0 }
}

fn all_places(hypothesis: &Hypothesis) -> Places {
    let mut places = hypothesis.places.clone();
    if let Some(objects) = objects::places(hypothesis) {
        places = places.and(&objects);
    }
    if let Some(change) = &hypothesis.change {
        places = places.and(&change.places);
        if let Some(commit) = &change.commit {
            places = places.and(&Places::one(commit.place));
        }
    }
    if let Some(failure) = &hypothesis.failure {
        places = places.and(&failure.places.few(4));
    }
    places
}

/// What it was, what it did, and how that became this failure; of a later candidate only what the first has not said.
/// `shown`: how the failure was seen first, and what objects show.
fn text(
    hypothesis: &Hypothesis,
    first: Option<&Hypothesis>,
    certain: bool,
    shown: (&str, &[String]),
    findings: &Findings,
) -> String {
    let alike = |f: &Hypothesis| {
        phrases::failure(f) == phrases::failure(hypothesis) && phrases::failing(f) == phrases::failing(hypothesis)
    };
    let same = first.is_some_and(alike);
    let refuted = first.is_some() && refutation(hypothesis).is_some();
    let mut parts = vec![match (refuted, same) {
        (true, _) => format!("{} was suspected and did not stand the test.", words::capital(&summary::label(hypothesis))),
        (false, true) => phrases::same_failure(hypothesis, findings),
        (false, false) => phrases::statement(hypothesis, certain, findings),
    }];
    if let Some(commit) = hypothesis.change.as_ref().and_then(|c| c.commit.as_ref()) {
        let subject = words::quote(&commit.subject, words::QUOTE);
        let says: Vec<String> = commit.says.iter().take(2).cloned().collect();
        let does = if says.is_empty() { String::new() } else { format!(": {}", says.join("; ")) };
        let name = format!("Commit {}", phrases::short(&commit.sha));
        let name = if same && parts.iter().any(|p| p.starts_with(&name)) { "It".to_string() } else { name };
        parts.push(words::end(&format!("{name} is {subject}{does}")));
    }
    let (seen, shown) = shown;
    let is_told = !shown.is_empty() && objects::repeats(hypothesis);
    if !same && !is_told && !refuted {
        parts.push(seen.to_string());
    }
    parts.extend(shown.iter().cloned());
    if let Some(signature) = hypothesis.signature.filter(|_| first.is_none()) {
        let mechanism = words::without_numbers(&signature.mech);
        if adds(&mechanism, &parts.join(" ")) {
            parts.push(mechanism);
        }
    }
    if !certain && first.is_none() {
        parts.push("The evidence does not decide between this and the next candidate.".to_string());
    }
    parts.retain(|p| !p.is_empty());
    parts.join(" ")
}

/// Less than half of the words of a sentence stand in what was said already, by their first letters.
fn adds(sentence: &str, said: &str) -> bool {
    const STEM: usize = 4;
    let stems = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() >= STEM || *w == "nil");
        words.map(|w| w.to_lowercase().chars().take(STEM).collect()).collect()
    };
    let (own, known) = (stems(sentence), stems(said));
    let repeated = own.iter().filter(|w| known.contains(w)).count();
    repeated * 2 < own.len().max(1)
}

/// Stands in for a term where none speaks for a hypothesis.
fn shown(hypothesis: &Hypothesis, places: &Places, ledger: &mut Ledger<'_>) -> String {
    let text = match &hypothesis.failure {
        Some(failure) => phrases::seen(failure, ledger.shows(&failure.places, failure.first), ledger.findings()),
        None => format!("The cited record places the trouble in {}.", phrases::service(hypothesis)),
    };
    let at = hypothesis.failure.as_ref().map_or_else(|| places.few(2), |f| f.places.few(4));
    ledger.claim(Line::inferred(Section::RootCause, text, &at).sure(0.6)).id
}

fn trigger(trigger: &findings::Trigger, ledger: &mut Ledger<'_>) -> Trigger {
    let kind = match trigger.kind {
        findings::TriggerKind::Deploy => TriggerKind::Deploy,
        findings::TriggerKind::Commit => TriggerKind::Commit,
        findings::TriggerKind::Flag => TriggerKind::Flag,
        findings::TriggerKind::Config => TriggerKind::Config,
        findings::TriggerKind::Migration => TriggerKind::Migration,
        findings::TriggerKind::Infrastructure => TriggerKind::Infrastructure,
        findings::TriggerKind::Dependency => TriggerKind::Dependency,
        findings::TriggerKind::Load => TriggerKind::Load,
        findings::TriggerKind::Expiry => TriggerKind::Expiry,
        findings::TriggerKind::Data => TriggerKind::Data,
        findings::TriggerKind::Schedule => TriggerKind::Schedule,
        findings::TriggerKind::None => TriggerKind::None,
    };
    let citations = ledger.cite(&trigger.places).as_slice().to_vec();
    let reference = trigger.reference.as_ref().filter(|r| !r.trim().is_empty()).map(|r| ledger.clean(r));
    // A record without a time of its own dates nothing.
    let is_dated = trigger.places.iter().any(|place| ledger.moment(place).is_some());
    let at = trigger.at.filter(|at| is_dated || ledger.shows(&trigger.places, *at));
    Trigger { kind, reference, at: at.map(|at| at.rfc3339()), citations }
}

/// The claim behind a term of the score, or behind a fact beside it.
///
/// `sha`: of the hypothesis' commit, or empty; `is_prior`: see [`told_by`].
fn evidence_for((told, places): (&Reason, &Places), (sha, is_prior): (&str, bool), ledger: &mut Ledger<'_>) -> String {
    let seconds = match told {
        Reason::Before { seconds, .. } | Reason::After { seconds, .. } | Reason::Later { seconds, .. } => Some(*seconds),
        Reason::Reversal { seconds, .. }
        | Reason::NoReversal { seconds, .. }
        | Reason::Outlived { seconds, .. }
        | Reason::EndedFirst { seconds, .. } => Some(*seconds),
        Reason::EndedBy { seconds, .. } | Reason::Dated { seconds } => Some(*seconds),
        _ => None,
    };
    let derivation = match told {
        // When it was set off may stand in no record; then it was so long before what did, and no number is told.
        Reason::Dated { seconds } => {
            let started = ledger.findings().times.started.as_ref().map(|t| t.at);
            let ends = started.map(|started| (started.plus(-seconds), started));
            let are_shown = |(from, to): &(Moment, Moment)| ledger.shows(places, *from) && ledger.shows(places, *to);
            ends.filter(are_shown).map(|(from, to)| ledger.difference(from, to, places))
        }
        _ => seconds.and_then(|s| ledger.span(places, s)),
    };
    let long = derivation.as_ref().and_then(|d| d.value.as_f64()).map(words::duration);
    let text = words::end(&reason(told, long.as_deref(), (sha, is_prior), ledger.moment(&places.first())));
    // What a change would explain may have failed later than what failed first.
    let started = ledger.findings().times.started.as_ref().map(|t| t.at.rfc3339());
    let second = |at: &String| at.chars().take("2025-01-01T00:00:00".len()).collect::<String>();
    let onset = derivation.as_ref().filter(|_| matches!(told, Reason::Before { .. })).and_then(|d| d.to.as_ref());
    let is_later = onset.is_some_and(|onset| started.as_ref().is_some_and(|started| second(onset) != second(started)));
    let text = if is_later { text.replacen("the failure began", "the failure that it would explain began", 1) } else { text };
    let line = match (told, derivation) {
        (_, Some(derivation)) => Line::measured(Section::RootCause, text, places, derivation),
        (Reason::Said { .. } | Reason::Refuted { .. } | Reason::Provider { .. }, None) => {
            Line::stated(Section::RootCause, text, places)
        }
        _ => Line::inferred(Section::RootCause, text, places).sure(0.75),
    };
    ledger.claim(line).id
}

/// `long`: the duration of the reason as it may be printed; `at`: the time of the first cited record.
fn reason(reason: &Reason, long: Option<&str>, (sha, is_prior): (&str, bool), at: Option<Moment>) -> String {
    let name = |change: &str| words::capital(&phrases::name_of(change, sha));
    let then = at.map(|at| format!(" at {}", at.time_of_day())).unwrap_or_default();
    match reason {
        Reason::Before { change, took_effect, .. } => {
            let verb = if *took_effect { "took effect" } else { "was committed" };
            let long = long.map(|long| format!(" {long}")).unwrap_or_default();
            format!("{} {verb}{long} before the failure began", name(change))
        }
        Reason::Later { words, first, .. } => {
            let long = long.map(|long| format!(" {long}")).unwrap_or_default();
            format!("The record {} was first written{long} after {first} had begun to fail", quoted(words))
        }
        Reason::After { change, .. } => match long {
            Some(long) => {
                format!("{} took effect {long} after the failure had begun, so it cannot have started it", name(change))
            }
            None => format!("{} took effect after the failure had begun, so it cannot have started it", name(change)),
        },
        Reason::Diff { says } => format!("The diff explains the failure: {says}"),
        Reason::Seen { service, words } => {
            format!("{service} logged {}{then}, so the change was in effect", quoted(words))
        }
        Reason::TakesBack { change } => {
            format!("It takes back {}, which is the suspect then", phrases::short(change))
        }
        Reason::Setting { says } => format!("The change explains the failure: {says}"),
        Reason::Overlaps { job } => {
            let since = at.map(|at| format!(" after {}", at.time_of_day())).unwrap_or_default();
            format!("No run of {job} is seen to end{since}, and new ones began by the clock, so that its runs overlap")
        }
        Reason::HoldsLock { holder, table, words, is_done: true } => {
            format!("What {holder} ran on {table} was over only{then} ({}), and others waited behind it", quoted(words))
        }
        Reason::HoldsLock { holder, table, words, is_done: false } => {
            format!("{holder} took {table}{then} ({}), and others waited for it from then on", quoted(words))
        }
        Reason::DiffUnrelated { subject } => {
            format!("Nothing that the diff of {} changes is known to bring about this failure", words::quote(subject, 120))
        }
        Reason::Bends { metric, rises } => {
            let way = if *rises { "rises" } else { "falls" };
            format!("The series {} was level until the change took effect, and {way} from then on", words::quote(metric, 80))
        }
        Reason::Frame { frame, file } => format!("The stack trace points at `{frame}`, and the change touches `{file}`"),
        Reason::Reversal { undone, .. } => match long {
            Some(long) => format!("The failures ended within {long} of {}", undoing(undone)),
            None => format!("The failures ended after {}", undoing(undone)),
        },
        Reason::EndedFirst { undone, .. } => {
            let long = long.map_or_else(|| "shortly".to_string(), str::to_string);
            format!("The last failure came {long} before {}; whether that kept others away is not shown", undoing(undone))
        }
        Reason::NoReversal { undone, .. } => match long {
            Some(long) => format!("Taking it back did not help: the failures went on for {long} after {}", undoing(undone)),
            None => format!("Taking it back did not help: the failures went on after {}", undoing(undone)),
        },
        Reason::Outlived { of, .. } => {
            let long = long.map(|long| format!(" for {long}")).unwrap_or_default();
            format!("The failures went on{long} after the last record of {}", words::without_numbers_or(of, "another failure"))
        }
        Reason::Said { author, words } => format!("According to {}: {}", who(author), quoted(words)),
        Reason::Refuted { author, words } => format!("{} speaks against it: {}", who(author), quoted(words)),
        Reason::Specific { words, signature } => {
            let title = words::without_numbers_or(&signature.title, "a known failure");
            format!("The record {} is a sign of this kind of trouble: {title}", quoted(words))
        }
        Reason::First { service } if is_prior && service.is_empty() => "A failure is told of here, and not why".to_string(),
        Reason::First { service } if is_prior => format!("The records of {service} show that it fails, and not what set it off"),
        Reason::First { service } => format!("The first failure that stands out is at {service}"),
        Reason::Reaches { services } => {
            format!("The failures show at {}", words::list(&services.iter().take(6).cloned().collect::<Vec<_>>()))
        }
        Reason::NotReached { service } => format!("No failing call leads to {service}, and it shows no failure of its own"),
        Reason::Provider { provider, words } => format!("{provider} itself reports {}", quoted(words)),
        Reason::External { target, words } => format!("Calls to {target} fail: {}", quoted(words)),
        Reason::SeenBefore { words } => format!("The failure {} was there before the change", quoted(words)),
        Reason::UnchangedFails { service } => format!("{service} fails as well and was not changed"),
        Reason::Answers { words, signature } => {
            let title = words::without_numbers_or(&signature.title, "answer");
            format!("It answered while it was held to be down: {} ({title}) is an answer of it", quoted(words))
        }
        Reason::EndedBy { step, .. } => match long {
            Some(long) => format!("The failures ended within {long} of another step, which does not name it: {}", quoted(step)),
            None => format!("The failures ended after another step, which does not name it: {}", quoted(step)),
        },
        Reason::ComesFrom { from, to, words } => {
            format!("The failing record of {to} names {from}, which was in trouble itself: {}", quoted(words))
        }
        Reason::ExplainedBy { change, says } => format!("{} explains the same failure: {says}", name(change)),
        Reason::Dated { .. } => match long {
            Some(long) => format!("What set it off is dated {long} before the failure began"),
            None => "What set it off is dated before the failure began".to_string(),
        },
        Reason::DatedByFailure => {
            "Nothing dates what set it off but the failure itself, so their order shows nothing".to_string()
        }
        Reason::NoHistory => "The input holds no history of changes that could confirm or exclude it".to_string(),
    }
}

fn undoing(undone: &str) -> String {
    if undone.starts_with("the ") || undone.starts_with("setting ") { undone.to_string() } else { words::quote(undone, 120) }
}

fn who(author: &str) -> String {
    if author.is_empty() { "the record".to_string() } else { words::who(author) }
}

fn quoted(text: &str) -> String {
    words::quote(text, words::QUOTE)
}

/// The cheapest check that would decide, as an instruction.
fn check(check: &Check) -> String {
    match check {
        Check::ChangeHistory { service, before } => {
            format!(
                "Look up what was changed in {service} (deploys, commits, flags, configuration) in the hours before {} on {}.",
                words::clock(*before),
                before.date()
            )
        }
        Check::CompareChanges { first, second } => {
            format!("Read the diff of {first} beside that of {second}, or undo {first} alone and see whether the failures end.")
        }
        Check::AskProvider { provider } => {
            format!("Ask {provider} what happened on their side at that time, or read their status page.")
        }
        Check::LogsOf { service } => format!("Read the logs of {service} for the time of the first failure."),
    }
}
