//! What the analysis found, as values: no sentence for a reader stands in here, and everything that will become one
//! carries the places it rests on. [`Places`] cannot be empty, so a finding without evidence cannot be made.

mod beside;
mod course;
mod disputes;
mod edges;
mod metrics;
mod places;
mod prevention;

use evidence::{Clock, Moment, RecordRef, Source};

pub use beside::{Fact, Lasting, OneOf};
pub use course::{Course, Link, PatternCourse, Requests, ServiceCourse, Track};
pub use disputes::{About, Contradiction, ContradictionKind, Side};
pub use edges::{Edge, EdgeBasis};
pub use metrics::{Measure, MeasureOp, MetricBasis, MetricFinding, Metrics, Selection};
pub use places::Places;
pub use prevention::{Replay, Replayed, Suggestion};

use crate::signatures::Signature;

/// Everything that was found. Moments are report time: clocks are already corrected.
#[derive(Debug, Clone)]
pub struct Findings {
    pub sources: Vec<SourceFinding>,
    pub status: Status,
    pub severity: Option<Stated>,
    /// Services that were affected, most affected first.
    pub services: Vec<String>,
    /// What a pager or alert calls it, when one does.
    pub stated_title: Option<Stated>,
    pub times: Times,
    /// Services that failed on after `times.mitigated`.
    pub lasting: Vec<Lasting>,
    pub metrics: Metrics,
    /// Sorted by time.
    pub timeline: Vec<Happening>,
    /// Best first.
    pub hypotheses: Vec<Hypothesis>,
    /// Of each hypothesis, in their order: what speaks against it and is not weighed.
    pub objections: Vec<Vec<Fact>>,
    pub undetermined: Option<Undetermined>,
    pub contributing: Vec<Contributing>,
    pub first_failing: Option<(String, Places)>,
    /// Services harmed by the cause, each with the place that shows it.
    pub blast_radius: Vec<(String, Places)>,
    /// Words of the input that must be shown nowhere: answers to who asked for a password.
    pub unsaid: Vec<String>,
    pub remediation: Option<Remediation>,
    pub chain: Vec<Edge>,
    pub actions: Vec<StatedAction>,
    pub contradictions: Vec<Contradiction>,
    /// Things people said that later evidence or people refuted, with what refutes them.
    pub beliefs: Vec<Belief>,
    /// What somebody says of the change that is held to be the cause, who made it or speaks of themselves.
    pub owned: Option<Stated>,
    /// What somebody who handled it found out, in the names of the records and of the first hypothesis.
    pub found_out: Option<Stated>,
    /// Suggestions people made that are no action items: prevention, lessons.
    pub suggestions: Vec<Suggestion>,
    /// What was counted over time, for pictures.
    pub course: Option<Course>,
    /// An alert on the requests at the edge that would have told of the incident sooner.
    pub alert: Option<Replay>,
    /// Facts about the response that a reader wants: what went well, what took long.
    pub observations: Vec<Observation>,
    /// (Nearly) every record is a failure: nothing here is normal.
    pub one_sided: Option<OneSided>,
    /// A second incident that is not described.
    pub elsewhere: Option<Elsewhere>,
    /// Where nothing stands out: what was looked at.
    pub looked_at: Vec<LookedAt>,
    /// One fitting sample per failing service and kind of failure, for the evidence section.
    pub samples: Vec<Sample>,
    /// The corrected time of every record that may be cited and has a time of its own.
    pub moments: std::collections::BTreeMap<RecordRef, Moment>,
    /// How much was read in all, for statements of absence.
    pub records: u64,
    /// The first and the last of that by place, whether or not they have a time.
    pub bounds: Vec<RecordRef>,
    /// Some alert or page has no time that can be read.
    pub undated_alarms: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Resolved,
    Ongoing,
    Unknown,
    NoneFound,
}

/// From when until when there are records, of which (nearly) all are failures; the first and the last of them.
#[derive(Debug, Clone)]
pub struct OneSided {
    /// Every one of them, not only nearly all.
    pub is_all: bool,
    pub from: Moment,
    pub to: Moment,
    pub places: Places,
}

#[derive(Debug, Clone)]
pub struct SourceFinding {
    pub source: Source,
    pub clock: Clock,
}

/// Something a person or a tool said: the words as they stand there.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The exact words (a substring of the record's text after markup is undone).
    pub words: String,
    /// Who said it, when a person or bot did; `None` for a document's field.
    pub author: Option<String>,
    pub at: Option<Moment>,
    pub places: Places,
}

#[derive(Debug, Clone, Default)]
pub struct Times {
    pub started: Option<TimeFinding>,
    pub detected: Option<TimeFinding>,
    pub acknowledged: Option<TimeFinding>,
    /// The first step that was meant to end it.
    pub mitigation_started: Option<TimeFinding>,
    /// The step that did, or the one that was meant to where nothing has; it may be the first.
    pub ended_by: Option<TimeFinding>,
    pub mitigated: Option<TimeFinding>,
    pub resolved: Option<TimeFinding>,
}

#[derive(Debug, Clone)]
pub struct TimeFinding {
    pub at: Moment,
    pub earliest: Moment,
    pub latest: Moment,
    pub by: TimeBasis,
    pub places: Places,
}

/// How a time became known. The moment is that of the first place unless the variant says otherwise.
#[derive(Debug, Clone)]
pub enum TimeBasis {
    /// First record of a failure: its service and the words of the record (cut).
    FirstFailure {
        service: Option<String>,
        words: String,
    },
    /// First of the failed requests that stand out from the baseline.
    FailedRequests {
        service: Option<String>,
    },
    /// A failed record that lasted `seconds` ends at its stamp: it began that much earlier. The moment is the beginning.
    BackDated {
        service: Option<String>,
        seconds: f64,
    },
    Alert {
        name: String,
    },
    Page {
        incident: String,
        actor: Option<String>,
    },
    Said {
        author: String,
        words: String,
    },
    /// A rollback, deploy, revert or flag that meant to end it, from a change record.
    Change {
        service: Option<String>,
        version: Option<String>,
        words: String,
    },
    /// A step in a log that meant to end it (a restart, a dropped slot).
    Logged {
        service: Option<String>,
        words: String,
    },
    /// The last failure before the quiet period. `quiet_s` seconds follow without the failures.
    LastFailure {
        service: Option<String>,
        quiet_s: i64,
    },
    /// End of the quiet period that follows the last failure.
    QuietPeriod {
        quiet_s: i64,
    },
}

impl TimeBasis {
    /// A person's own words, not those of a program that posts in the channel.
    pub fn is_person(&self) -> bool {
        matches!(self, TimeBasis::Said { author, .. } if author.starts_with('@'))
    }
}

/// One entry of the timeline.
#[derive(Debug, Clone)]
pub struct Happening {
    pub at: Moment,
    pub kind: HappeningKind,
    pub service: Option<String>,
    pub actor: Option<String>,
    pub what: What,
    pub places: Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HappeningKind {
    Change,
    Symptom,
    Alert,
    Ack,
    Statement,
    Decision,
    Action,
    Recovery,
    Resolved,
}

#[derive(Debug, Clone)]
pub enum What {
    /// A chat message, in its own words.
    Message {
        text: String,
    },
    Alert {
        name: String,
        summary: String,
        severity: Option<String>,
        firing: bool,
    },
    /// The pager's own words, its incident and title.
    Page {
        incident: String,
        title: String,
        text: String,
    },
    Deploy {
        version: Option<String>,
        kind: String,
        rollback: bool,
        finished: bool,
        text: String,
    },
    Commit {
        sha: String,
        message: String,
    },
    Flag {
        name: String,
        old: Option<String>,
        new: Option<String>,
    },
    Kube {
        reason: String,
        object: String,
        message: String,
    },
    Status {
        provider: String,
        state: String,
        body: String,
    },
    /// A kind of log record begins; `count` of them in the whole incident.
    Failure {
        words: String,
        signature: Option<&'static Signature>,
        count: u64,
        /// Further kinds differ from it only in the values that stand in their words, and are not told.
        is_varied: bool,
    },
    /// A log record that tells of a step or a recovery.
    Logged {
        words: String,
    },
    /// What was needed ran out then, by words that hold the end of its validity.
    Expired {
        words: String,
    },
    /// The first failed request that stands out.
    FirstFailedRequest,
    /// Failed requests fall back to normal after this record, the last failure.
    LastFailure {
        count: u64,
    },
    /// The last failure of a service that failed on after that; or it fails until the end.
    LastOf {
        to_the_end: bool,
    },
}

/// A possible root cause.
#[derive(Debug, Clone)]
pub struct Hypothesis {
    /// Where the cause lives.
    pub service: Option<String>,
    pub signature: Option<&'static Signature>,
    /// `None`: the evidence does not tell whether a change did it.
    pub change_caused: Option<bool>,
    pub change: Option<Change>,
    pub trigger: Option<Trigger>,
    /// Share among the hypotheses, 0..1.
    pub probability: f64,
    pub kind: HypothesisKind,
    /// The failure it explains: service, words of the first record, and where it stands.
    pub failure: Option<Failure>,
    /// Terms of the score, best first; negative ones speak against.
    pub terms: Vec<Term>,
    pub tests: Vec<Test>,
    /// All places the statement of the hypothesis itself rests on.
    pub places: Places,
    /// What objects of the cluster show of it.
    pub objects: Vec<ObjectState>,
}

/// What an object of a cluster shows or reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// `Pod`, `Node`, ...
    pub kind: String,
    pub name: String,
    pub reason: String,
    pub message: String,
    pub exit_code: Option<i32>,
    /// Since when, where the record says so.
    pub since: Option<Moment>,
    pub places: Places,
}

/// What was looked at in an input in which nothing stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedAt {
    Alert {
        name: String,
        summary: String,
        places: Places,
    },
    /// A warning that is over; kind, name and place of the object that shows it.
    Over {
        object: ObjectState,
        by: Option<(String, String, RecordRef)>,
    },
    Logged {
        at: Moment,
        words: String,
        places: Places,
    },
    /// Kinds and names of objects that are well, and how many more there are.
    Well {
        names: Vec<(String, String)>,
        more: usize,
        places: Places,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HypothesisKind {
    /// A change did it.
    Change,
    /// A known kind of failure that needs no change (expiry, hardware, a full disk, load, bad data).
    Failure,
    /// A third party or something outside of the services seen here.
    External,
    /// Something in this service that the evidence does not name.
    UnknownIn,
}

#[derive(Debug, Clone)]
pub struct Failure {
    pub service: Option<String>,
    pub signature: Option<&'static Signature>,
    /// First line of the record, cut.
    pub words: String,
    /// Innermost own frame of its stack trace (`PaymentService.Process`, `Table::pick at src/table.rs:212`).
    pub frame: Option<String>,
    pub first: Moment,
    pub count: u64,
    pub places: Places,
}

/// A change that reached production before the failure.
#[derive(Debug, Clone)]
pub struct Change {
    pub kind: ChangeKind,
    pub service: Option<String>,
    /// Version, flag name or object, as written.
    pub reference: Option<String>,
    /// When it took effect.
    pub at: Moment,
    pub commit: Option<CommitFinding>,
    pub places: Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Deploy,
    Commit,
    Flag,
    Config,
    Migration,
    Infrastructure,
}

#[derive(Debug, Clone)]
pub struct CommitFinding {
    pub sha: String,
    /// First line of its message.
    pub subject: String,
    pub author: String,
    /// What the diff does, clauses with literal identifiers and values (`it lowers `x` from 30 to 3`).
    pub says: Vec<String>,
    pub files: Vec<String>,
    pub place: RecordRef,
}

#[derive(Debug, Clone)]
pub struct Trigger {
    pub kind: TriggerKind,
    pub reference: Option<String>,
    pub at: Option<Moment>,
    pub places: Places,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerKind {
    Deploy,
    Commit,
    Flag,
    Config,
    Migration,
    Infrastructure,
    Dependency,
    Load,
    Expiry,
    Data,
    Schedule,
    None,
}

/// The term of a person who says that this is the cause.
pub const NAMED_AS_CAUSE: &str = "named as the cause";
/// The term of a person who says that it is not.
pub const RULED_OUT: &str = "ruled out by a person";
/// Somebody wanted it taken back, which says nothing of how it came about.
pub const ORDERED_UNDONE: &str = "ordered undone";

/// One term of a score. `value` is in log-odds; the terms of a hypothesis add up to its score.
#[derive(Debug, Clone)]
pub struct Term {
    pub name: &'static str,
    pub value: f64,
    pub reason: Reason,
    pub places: Places,
}

/// Why a term has its value: data for a sentence.
#[derive(Debug, Clone)]
pub enum Reason {
    /// The change took effect `seconds` before the first failure.
    Before {
        seconds: f64,
        change: String,
        /// Else it is only known when it was written.
        took_effect: bool,
    },
    /// It came after the failure had begun.
    After {
        seconds: f64,
        change: String,
    },
    /// A failure that was first seen when another service had failed for so long.
    Later {
        seconds: f64,
        words: String,
        first: String,
    },
    /// What the diff does explains the failure; the clause has literal identifiers.
    Diff {
        says: String,
    },
    /// A record shows the new value at work (`maximumPoolSize....3`).
    Seen {
        service: String,
        words: String,
    },
    /// A measure of what ran out was level until the change, and went one way from then on.
    Bends {
        metric: String,
        rises: bool,
    },
    /// It is the revert of another suspect.
    TakesBack {
        change: String,
    },
    /// What a setting does explains the failure: `it sets `log` from `a` to `b``.
    Setting {
        says: String,
    },
    /// Runs of a job begin by the clock while earlier ones are not done; the first place shows the last end.
    Overlaps {
        job: String,
    },
    /// A statement of a job holds a table for which others wait.
    HoldsLock {
        holder: String,
        table: String,
        words: String,
        /// The record of the statement was written when it was done.
        is_done: bool,
    },
    /// The diff has nothing to do with the failure.
    DiffUnrelated {
        subject: String,
    },
    /// A frame of the stack trace lies in a file of the change.
    Frame {
        frame: String,
        file: String,
    },
    /// Undoing it was followed by recovery after `seconds`.
    Reversal {
        undone: String,
        seconds: f64,
    },
    /// The last failure came `seconds` before it was undone: it may have ended them, and nothing shows that it did.
    EndedFirst {
        undone: String,
        seconds: f64,
    },
    /// Undoing it changed nothing: failures went on for `seconds`.
    NoReversal {
        undone: String,
        seconds: f64,
    },
    /// The failures went on for `seconds` after the last record of another kind of failure.
    Outlived {
        of: String,
        seconds: f64,
    },
    /// A person says it is the cause (`words`), or that it is not.
    Said {
        author: String,
        words: String,
    },
    Refuted {
        author: String,
        words: String,
    },
    /// The failure is of a kind that names its cause.
    Specific {
        words: String,
        signature: &'static Signature,
    },
    /// The service failed first.
    First {
        service: String,
    },
    /// Services whose failures are reached from it along calls.
    Reaches {
        services: Vec<String>,
    },
    /// A failing service does not depend on it.
    NotReached {
        service: String,
    },
    /// The provider itself says it had trouble.
    Provider {
        provider: String,
        words: String,
    },
    /// The failures are on calls to a third party.
    External {
        target: String,
        words: String,
    },
    /// The failure is there before the change.
    SeenBefore {
        words: String,
    },
    /// A failing service was not changed.
    UnchangedFails {
        service: String,
    },
    /// Few kinds of evidence, or none, decide.
    NoHistory,
    /// What it holds to be down answered.
    Answers {
        words: String,
        signature: &'static Signature,
    },
    /// The failures ended after a step that does not name it.
    EndedBy {
        step: String,
        seconds: f64,
    },
    /// The failing record of `to` names `from`, which is held to be the cause.
    ComesFrom {
        from: String,
        to: String,
        words: String,
    },
    /// The change that is held to be the cause brings about the same failure.
    ExplainedBy {
        change: String,
        says: String,
    },
    /// What set it off came before the first failure.
    Dated {
        seconds: f64,
    },
    /// Nothing dates what set it off but the failure itself.
    DatedByFailure,
}

#[derive(Debug, Clone)]
pub struct Test {
    pub name: &'static str,
    pub result: TestResult,
    /// Index of the term that tells it, when one does.
    pub term: Option<usize>,
    /// What tells it where no term does.
    pub fact: Option<Fact>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestResult {
    Passed,
    Failed,
    NotTestable,
}

#[derive(Debug, Clone)]
pub struct Undetermined {
    /// The cheapest check that would decide, as data: what is needed of whom.
    pub check: Check,
}

#[derive(Debug, Clone)]
pub enum Check {
    /// The history of changes of a service before the failure is not in the input.
    ChangeHistory { service: String, before: Moment },
    /// Two changes compete: read the diff of the first, or undo it.
    CompareChanges { first: String, second: String },
    /// What the provider says about the time of the failure.
    AskProvider { provider: String },
    /// Logs of a service that others depend on.
    LogsOf { service: String },
}

#[derive(Debug, Clone)]
pub struct Contributing {
    pub service: Option<String>,
    pub signature: Option<&'static Signature>,
    pub words: String,
    pub first: Option<Moment>,
    pub count: u64,
    pub places: Places,
}

/// Failures of other services at another time than the incident.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    pub services: Vec<String>,
    pub from: Moment,
    pub to: Moment,
    /// What failed most, as it was logged.
    pub words: Option<String>,
    pub places: Places,
}

/// How far the input shows that a remedy was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is what usually ends such a failure.
    Not,
    Done,
    /// Done when the failures had ended.
    Late,
}

#[derive(Debug, Clone)]
pub struct Remediation {
    /// Word of the closed list.
    pub word: String,
    pub by: Option<String>,
    /// What was done, in the words of the record.
    pub words: String,
    pub shown: Shown,
    pub places: Places,
}

#[derive(Debug, Clone)]
pub struct StatedAction {
    pub text: String,
    pub priority: Option<String>,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub status: Option<String>,
    pub author: Option<String>,
    pub places: Places,
}

#[derive(Debug, Clone)]
pub struct Belief {
    pub said: Stated,
    pub refuted_by: Stated,
}

/// A fact about the response, as data.
#[derive(Debug, Clone)]
pub enum Observation {
    /// The pager or alert noticed before any person.
    DetectedByMachine { seconds: f64, places: Places },
    /// An attempt that did not help and how long it took until it was given up.
    WrongTurn { words: String, author: String, seconds: f64, places: Places },
    /// Someone recovered quickly after the decisive action.
    FastRecovery { seconds: f64, places: Places },
    /// An earlier signal that nobody acted on.
    /// `by_pager`: the pager had it, and shows that nobody had taken it; else an alert, of which nothing shows that anybody had.
    MissedSignal { words: String, seconds: f64, by_pager: bool, places: Places },
    /// The failure was there for long before anybody or anything noticed.
    SlowDetection { seconds: f64, places: Places },
    /// A secret stands in a source.
    SecretExposed { kind: String, places: Places },
}

#[derive(Debug, Clone)]
pub struct Sample {
    pub service: Option<String>,
    pub words: String,
    pub count: u64,
    pub places: Places,
}
