//! The sections of the report that are lists: timeline, causes, chain, actions, whys, prevention, lessons, contradictions.
//!
//! Each function expects its heading in the ledger and returns the data of that section; empty lists stay empty, the page
//! says why. This module must never know markup or compute anything new. What breaks it: nothing; a report with parts
//! that cite no claim prints their own text.

use super::ledger::{Ledger, Statement};
use super::overview::Chart;
use super::words;
use crate::model::{Action, Cause, Origin, Report, Section, Trigger};

pub struct Timeline {
    pub days: Vec<Day>,
    pub more: Vec<Statement>,
}

pub struct Day {
    /// Empty where the entries' times are no times.
    pub date: String,
    pub entries: Vec<Entry>,
}

pub struct Entry {
    pub at: String,
    /// `09:00:35` and, apart, the part of a second: `.000404`.
    pub time: String,
    pub fraction: String,
    pub kind: &'static str,
    pub tone: &'static str,
    pub service: Option<String>,
    pub actor: Option<String>,
    /// In which the first source that it cites writes its times.
    pub zone: Option<String>,
    pub said: Statement,
}

pub struct Causes {
    pub list: Vec<Hypothesis>,
    pub undetermined: bool,
    pub next_check: Option<String>,
    pub first_failing: Option<String>,
    /// Claims of the section that neither causes nor chain nor factors print.
    pub more: Vec<Statement>,
}

impl Hypothesis {
    /// More than a headline.
    pub fn is_long(&self) -> bool {
        self.said.text.chars().count() > 160
    }
}

pub struct Hypothesis {
    pub rank: u32,
    pub probability: String,
    /// 0 to 100.
    pub share: u32,
    pub said: Statement,
    /// Name, value, and whether the value is code.
    pub facts: Vec<(&'static str, String, bool)>,
    pub trigger: Option<Statement>,
    pub supports: Vec<Statement>,
    pub against: Vec<Statement>,
    pub terms: Vec<Term>,
    /// What they add up to, where the report says it.
    pub score: Option<String>,
    pub tests: Vec<Check>,
}

pub struct Term {
    pub name: String,
    pub value: String,
    pub speaks_for: bool,
    pub said: Option<Statement>,
}

pub struct Check {
    pub name: String,
    pub result: &'static str,
    pub tone: &'static str,
    pub said: Option<Statement>,
}

pub struct Chain {
    /// Each run is one line of services; an edge that does not go on where the last one ended starts anew.
    pub runs: Vec<Vec<Edge>>,
    pub picture: Option<Chart>,
}

pub struct Edge {
    pub number: usize,
    pub from: String,
    pub to: String,
    pub verified: bool,
    pub said: Statement,
}

pub struct Factor {
    pub service: Option<String>,
    pub signature: Option<String>,
    pub said: Statement,
}

pub struct Actions {
    pub rows: Vec<Todo>,
    pub more: Vec<Statement>,
}

pub struct Todo {
    pub priority: Option<String>,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub status: Option<String>,
    pub suggested: bool,
    pub done_when: Option<String>,
    pub said: Statement,
}

pub struct Whys {
    pub steps: Vec<(String, Option<Statement>)>,
    pub more: Vec<Statement>,
}

/// Items and what each would have done on this incident's data.
pub struct Checklist {
    pub items: Vec<(Statement, Option<String>)>,
    pub more: Vec<Statement>,
}

pub struct Contradictions {
    pub items: Vec<Dispute>,
    pub more: Vec<Statement>,
}

pub struct Dispute {
    pub kind: &'static str,
    pub said: Statement,
    pub sides: Vec<Statement>,
}

pub fn timeline<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Timeline {
    let mut days: Vec<Day> = Vec::new();
    for entry in &report.timeline {
        let date = words::day(&entry.at);
        let clock = words::clock(&entry.at);
        let seconds = if date.is_empty() { clock.len() } else { clock.find('.').unwrap_or(clock.len()) };
        let (time, fraction) = clock.split_at(seconds);
        let made = Entry {
            at: words::line(&entry.at),
            time: time.to_owned(),
            fraction: fraction.to_owned(),
            kind: words::kind(entry.kind),
            tone: words::kind_tone(entry.kind),
            service: entry.service.as_deref().map(words::line),
            actor: entry.actor.as_deref().map(words::line),
            zone: entry.citations.iter().next().and_then(|id| super::sources::zone_of_evidence(report, id)),
            said: ledger.statement(&entry.text, &entry.claim, entry.citations.as_slice()),
        };
        match days.last_mut() {
            Some(day) if day.date == date => day.entries.push(made),
            _ => days.push(Day { date, entries: vec![made] }),
        }
    }
    Timeline { days, more: ledger.rest(report, Section::Timeline) }
}

/// The hypotheses; the claims that nobody printed are added once chain and factors are known.
pub fn causes<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Causes {
    Causes {
        list: report.causes.iter().map(|cause| hypothesis(cause, ledger)).collect(),
        undetermined: report.undetermined,
        next_check: report.next_check.as_deref().map(words::line),
        first_failing: report.first_failing_service.as_deref().map(words::line),
        more: Vec::new(),
    }
}

pub fn chain<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Chain {
    let mut runs: Vec<Vec<Edge>> = Vec::new();
    for (i, edge) in report.chain.iter().enumerate() {
        let drawn = Edge {
            number: i.saturating_add(1),
            from: words::line(&edge.from),
            to: words::line(&edge.to),
            verified: edge.verified,
            said: ledger.statement(&edge.text, &edge.claim, edge.citations.as_slice()),
        };
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last.to == drawn.from) => run.push(drawn),
            _ => runs.push(vec![drawn]),
        }
    }
    Chain { runs, picture: super::overview::way(report, ledger) }
}

pub fn contributing<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Vec<Factor> {
    let factor = |factor: &'a crate::model::Contributing| Factor {
        service: factor.service.as_deref().map(words::line),
        signature: factor.signature.as_deref().map(words::line),
        said: ledger.statement(&factor.text, &factor.claim, factor.citations.as_slice()),
    };
    report.contributing.iter().map(factor).collect()
}

pub fn actions<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Actions {
    let rows = report.actions.iter().map(|action| todo_item(action, ledger)).collect();
    Actions { rows, more: ledger.rest(report, Section::Actions) }
}

pub fn whys<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Whys {
    let mut steps = Vec::new();
    for why in &report.whys {
        let claim = why.claim.as_deref().unwrap_or("");
        let answer = why.answer.as_deref().map(|answer| ledger.statement(answer, claim, &why.citations));
        steps.push((words::line(&why.question), answer));
    }
    Whys { steps, more: ledger.rest(report, Section::Whys) }
}

pub fn prevention<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Checklist {
    let mut items = Vec::new();
    for item in &report.prevention {
        let said = ledger.statement(&item.text, &item.claim, item.citations.as_slice());
        items.push((said, item.replay.as_deref().map(words::line)));
    }
    Checklist { items, more: ledger.rest(report, Section::Prevention) }
}

pub fn lessons<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Checklist {
    let mut items = Vec::new();
    for item in &report.lessons {
        items.push((ledger.statement(&item.text, &item.claim, item.citations.as_slice()), None));
    }
    Checklist { items, more: ledger.rest(report, Section::Lessons) }
}

pub fn contradictions<'a>(report: &'a Report, ledger: &mut Ledger<'a>) -> Contradictions {
    let mut items = Vec::new();
    for item in &report.contradictions {
        items.push(Dispute {
            kind: words::contradiction(item.kind),
            said: ledger.statement(&item.text, &item.claim, &[]),
            sides: item.values.iter().map(|side| ledger.value(&side.value, side.citations.as_slice())).collect(),
        });
    }
    Contradictions { items, more: ledger.rest(report, Section::Contradictions) }
}

fn hypothesis<'a>(cause: &'a Cause, ledger: &mut Ledger<'a>) -> Hypothesis {
    Hypothesis {
        rank: cause.rank,
        probability: ledger.how_probable(cause.probability),
        share: words::hundredths(cause.probability),
        said: ledger.statement(&cause.text, &cause.claim, &[]),
        facts: facts(cause),
        trigger: cause.trigger.as_ref().map(|trigger| set_off_by(trigger, ledger)),
        supports: ledger.claims(&cause.supports),
        against: ledger.claims(&cause.against),
        terms: cause.terms.iter().map(|term| weighed(term, ledger)).collect(),
        score: cause.score.map(words::signed),
        tests: cause.tests.iter().map(|test| tested(test, ledger)).collect(),
    }
}

fn weighed<'a>(term: &'a crate::model::Term, ledger: &mut Ledger<'a>) -> Term {
    Term {
        name: words::plain(&term.name),
        value: words::signed(term.value),
        speaks_for: term.value >= 0.0,
        said: term.claim.as_deref().map(|id| ledger.claim(id)),
    }
}

fn tested<'a>(test: &'a crate::model::Test, ledger: &mut Ledger<'a>) -> Check {
    use crate::model::TestResult::{Failed, NotTestable, Passed};
    let tone = match test.result {
        Passed => "good",
        Failed => "bad",
        NotTestable => "plain",
    };
    Check {
        name: words::plain(&test.name),
        result: words::test_result(test.result),
        tone,
        said: test.claim.as_deref().map(|id| ledger.claim(id)),
    }
}

fn facts(cause: &Cause) -> Vec<(&'static str, String, bool)> {
    let caused = cause.change_caused.map(|yes| if yes { "yes" } else { "no" }.to_owned());
    let text = |value: &Option<String>| value.as_deref().map(words::line);
    let facts = [
        ("Where", text(&cause.service), false),
        ("Failure signature", text(&cause.signature), true),
        ("Caused by a change", caused, false),
        ("Commit", text(&cause.commit), true),
    ];
    facts.into_iter().filter_map(|(name, value, code)| Some((name, value?, code))).collect()
}

fn set_off_by<'a>(trigger: &'a Trigger, ledger: &mut Ledger<'a>) -> Statement {
    let mut text = words::trigger(trigger.kind).to_owned();
    if let Some(reference) = &trigger.reference {
        text = format!("{text} {reference}");
    }
    if let Some(at) = &trigger.at {
        text = format!("{text}, {}", words::moment(at));
    }
    ledger.value(&text, &trigger.citations)
}

fn todo_item<'a>(action: &'a Action, ledger: &mut Ledger<'a>) -> Todo {
    let text = |value: &Option<String>| value.as_deref().map(words::line);
    Todo {
        priority: text(&action.priority),
        owner: text(&action.owner),
        due: text(&action.due),
        status: text(&action.status),
        suggested: action.origin == Origin::Suggested,
        done_when: text(&action.done_when),
        said: ledger.statement(&action.text, &action.claim, action.citations.as_slice()),
    }
}
