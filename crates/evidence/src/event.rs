//! What documents say: small things, held whole, each with its place.

use crate::{RecordRef, Stamp};
use serde::{Deserialize, Serialize};

/// One element of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub place: RecordRef,
    /// When it happened, as the document writes it.
    pub stamp: Option<Stamp>,
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    Message(Message),
    Alert(AlertState),
    Page(Page),
    Deploy(Deploy),
    Commit(Commit),
    Flag(Flag),
    Kube(KubeEvent),
    Series(Series),
    Span(Span),
    Status(StatusUpdate),
    Person(Person),
}

/// A message of a chat, by a person or a bot.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Message {
    pub channel: Option<String>,
    /// Display name without `@`, or the account's id where the document names it elsewhere; bots under their own name.
    pub author: String,
    pub is_bot: bool,
    /// Plain text: markup undone (`&lt;` is `<`), mentions as `@name` or `@ID`, links as they read, attachments appended.
    pub text: String,
    /// Id of the thread it belongs to (the first message's id), when it is in one.
    pub thread: Option<String>,
    /// Emoji names with their counts.
    pub reactions: Vec<(String, u32)>,
    pub edited: bool,
    pub deleted: bool,
}

/// An alert of a monitoring system (Alertmanager, Grafana, Datadog, a plain alert file), one per transition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AlertState {
    pub name: String,
    /// The system's own word: `critical`, `P1`, `page`.
    pub severity: Option<String>,
    pub service: Option<String>,
    pub summary: String,
    /// False for a resolved one.
    pub firing: bool,
    pub ends: Option<Stamp>,
    /// Observed value as written, and the threshold.
    pub value: Option<String>,
    pub threshold: Option<String>,
    /// All labels, sorted as they stand.
    pub labels: Vec<(String, String)>,
}

/// A step of a pager's incident (PagerDuty, Opsgenie, ...).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The incident's number or id: `INC-8842`, `7719`.
    pub incident: String,
    pub title: String,
    pub action: PageAction,
    /// The person who did it, if one did.
    pub actor: Option<String>,
    /// `P1`, `SEV2`: the priority, as written.
    pub priority: Option<String>,
    pub urgency: Option<String>,
    pub service: Option<String>,
    /// The entry's own words.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PageAction {
    Triggered,
    Notified,
    Acknowledged,
    Escalated,
    Note,
    Resolved,
}

/// Where a change stands on its way: exposure begins between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChangePhase {
    Started,
    Finished,
    Failed,
}

/// A release, rollout, configuration sync or migration that reached an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deploy {
    pub service: Option<String>,
    pub version: Option<String>,
    /// Full or abbreviated SHA, lower case.
    pub sha: Option<String>,
    pub phase: ChangePhase,
    /// When it was finished, where one element says both.
    pub finished: Option<Stamp>,
    /// The document itself calls it a rollback or revert.
    pub rollback: bool,
    pub environment: Option<String>,
    pub actor: Option<String>,
    /// What kind of change: `deploy`, `config`, `migration`, `infrastructure`.
    pub kind: String,
    /// Its own words.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Commit {
    /// Full SHA where the document has it, lower case.
    pub sha: String,
    pub author: String,
    /// The author's address, where the document has both.
    pub email: Option<String>,
    /// The whole message.
    pub message: String,
    /// `owner/name` or `name`, when the document says so.
    pub repository: Option<String>,
    pub service: Option<String>,
    pub files: Vec<FileDiff>,
}

/// What a commit does to one file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FileDiff {
    /// Empty when a document gives one diff for the whole commit without file headers.
    pub path: String,
    /// Unified diff hunks, lines with their leading ` `, `+`, `-`; empty when the document has none.
    pub patch: String,
}

/// A feature flag or dynamic setting that was changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Flag {
    pub name: String,
    pub service: Option<String>,
    /// Values as written.
    pub old: Option<String>,
    pub new: Option<String>,
    pub actor: Option<String>,
}

/// A Kubernetes event, or a state that an object shows (last termination of a container, a condition).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct KubeEvent {
    pub reason: String,
    /// `Pod`, `Node`, `Deployment`, ...
    pub kind: String,
    pub name: String,
    pub namespace: Option<String>,
    /// The container or workload it belongs to, when the object says so.
    pub container: Option<String>,
    pub message: String,
    pub warning: bool,
    /// How often, by the event's own count; 1 where it has none.
    pub count: u32,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    pub exit_code: Option<i32>,
    /// What the object shows whenever it is looked at, not something that happened at its time. One without a warning says
    /// that the object is well.
    pub is_state: bool,
}

/// A metric over time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    pub metric: String,
    pub service: Option<String>,
    pub labels: Vec<(String, String)>,
    /// In the order of the document.
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub stamp: Stamp,
    pub value: f64,
    /// Where this point stands, when the document gives each its own line (CSV).
    pub place: RecordRef,
}

/// One span of a distributed trace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Span {
    pub trace: String,
    pub span: String,
    pub parent: Option<String>,
    pub service: String,
    pub name: String,
    /// Milliseconds.
    pub duration_ms: f64,
    pub error: bool,
    /// The other side, where the span says so (`peer.service`, `server.address`, ...).
    pub peer: Option<String>,
    pub attributes: Vec<(String, String)>,
}

/// A line of a status page, a vendor's or one's own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StatusUpdate {
    /// Whose page: `Vantpay`, `stripe`.
    pub provider: String,
    pub title: String,
    /// `investigating`, `identified`, `monitoring`, `resolved`, ...
    pub state: String,
    pub body: String,
    pub impact: Option<String>,
    /// When the provider says it began and ended.
    pub started: Option<Stamp>,
    pub resolved: Option<Stamp>,
}

/// An account of a chat or pager, by which ids in messages get a name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Person {
    /// As it stands in messages: `U0VWVLEZHPY`.
    pub id: String,
    /// The name by which people are mentioned, without `@`.
    pub name: String,
    pub real_name: Option<String>,
    /// By which other tools know the account.
    pub email: Option<String>,
    pub is_bot: bool,
}
