//! The rules, in the order of the documentation. `docs/lint.md` is tested against this table.

use crate::Severity::{self, Error, Hint, Warning};

/// A rule as the documentation shows it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    /// What it finds, one sentence.
    pub finds: &'static str,
}

pub const RULES: &[Rule] = &[
    rule("sum/duration", Error, "A stated duration is not the difference of the times that the document states."),
    rule("sum/total", Error, "Parts do not add up to the whole that is stated, or exceed it."),
    rule("sum/percent", Error, "Shares of one whole do not add up to 100, or a share is not what its numbers give."),
    rule("sum/window", Warning, "Something was counted over a longer time than the incident lasted."),
    rule("time/order", Error, "Times do not ascend where they have to."),
    rule("time/twice", Error, "One event is given two times."),
    rule("time/date", Error, "A date cannot be, does not fit its weekday, or is not the date of the incident."),
    rule("time/clock", Error, "Times of a log sample are whole hours off the timeline."),
    rule("time/early", Warning, "Something that the document records began before the stated start."),
    rule("time/source", Error, "An entry has another time than the source that it cites."),
    rule("cause/order", Warning, "What is given as the cause comes after its effect."),
    rule("number/twice", Error, "One quantity is given two values."),
    rule("number/threshold", Warning, "One measure is planned with two different thresholds or shares."),
    rule("name/version", Error, "A version differs between statements about the same change."),
    rule("name/alias", Warning, "A service has a name that stands nowhere else, beside a similar one."),
    rule("source/missing", Error, "A statement cites nothing where those around it do."),
    rule("source/unresolved", Error, "A citation leads nowhere."),
    rule("source/quote", Error, "A quotation does not stand in what is cited for it."),
    rule("source/twice", Error, "One statement stands twice with different sources."),
    rule("action/owner", Error, "An action has no owner, or one that its source does not name."),
    rule("action/due", Error, "An action is due before the incident, or, as a hint, has no date."),
    rule("action/done-test", Hint, "No action says how one will know that it is done."),
    rule("blame/person", Warning, "A person is blamed instead of what let it happen."),
    rule("blame/cause", Warning, "Human error is given as a cause."),
    rule("filler", Hint, "Words that say nothing."),
    rule("vague", Hint, "A quantity is named without its value."),
    rule("sum/derivation", Error, "A computed number of a report is not what its derivation gives, or not in its text."),
    rule("number/source", Error, "A number or a text of a report does not stand in what it cites, or not as its claim has it."),
    rule("report/shape", Error, "A report does not keep its contract."),
];

const fn rule(id: &'static str, severity: Severity, finds: &'static str) -> Rule {
    Rule { id, severity, finds }
}
