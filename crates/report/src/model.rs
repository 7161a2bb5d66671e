//! The report as data: the public contract `casefile.report/1`, field for field.
//!
//! Everything a reader sees stands in here; renderers add nothing but layout. The only way to make a [`Claim`] is with
//! citations, and the only way to make [`Citations`] is with at least one: a sentence without evidence does not compile.
//! This module must never know findings or files; reading a report back checks the same laws.

use serde::{Deserialize, Serialize};

pub use crate::course::Course;
pub use crate::revision::ByHand;

pub const SCHEMA: &str = "casefile.report/1";

/// What stands in the place of a text that is withheld.
pub const WITHHELD: &str = "(withheld)";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    pub generator: Generator,
    /// For whom it is, when it is not for engineers: what it then has less, and what is asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// Nothing that was not known at this time was looked at; RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    pub incident: Incident,
    pub times: Times,
    pub metrics: Metrics,
    pub claims: Vec<Claim>,
    pub evidence: Vec<Evidence>,
    pub timeline: Vec<TimelineEntry>,
    pub undetermined: bool,
    pub next_check: Option<String>,
    pub causes: Vec<Cause>,
    pub contributing: Vec<Contributing>,
    pub first_failing_service: Option<String>,
    pub blast_radius: Vec<String>,
    pub remediation: Option<String>,
    pub chain: Vec<ChainEdge>,
    pub actions: Vec<Action>,
    pub whys: Vec<Why>,
    pub prevention: Vec<Prevention>,
    pub lessons: Vec<Lesson>,
    pub contradictions: Vec<Contradiction>,
    pub unknowns: Vec<Unknown>,
    /// What was counted over time, for pictures; not part of version 1's required fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub course: Option<Course>,
    /// What people said of it, beside what the analysis said; not part of version 1's required fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
    pub coverage: Coverage,
    pub confidence_score: ConfidenceScore,
}

impl Report {
    /// The reader does not get this part, which is empty for that reason.
    pub fn withholds(&self, part: &str) -> bool {
        self.audience.as_ref().is_some_and(|audience| audience.withheld.iter().any(|withheld| withheld == part))
    }

    pub fn is_for(&self, reader: Reader) -> bool {
        self.audience.as_ref().is_some_and(|audience| audience.reader == reader)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generator {
    pub name: String,
    pub version: String,
}

/// For whom a report was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audience {
    #[serde(rename = "for")]
    pub reader: Reader,
    /// Parts that this reader does not get, by the names of their fields: they are empty for that reason and no other.
    pub withheld: Vec<String>,
    /// What the reader should know beside the claims; a fixed sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What an authority asks for, for a regulator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regulatory: Option<Regulatory>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    Executive,
    Customer,
    Regulator,
}

/// One stage of reporting to an authority, item by item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regulatory {
    /// Id of the regime, such as `dora`.
    pub regime: String,
    pub title: String,
    /// `initial`, `intermediate` or `final`.
    pub stage: String,
    /// What the regime calls this stage.
    pub name: String,
    pub article: String,
    /// Until when it is to be handed in, in words, and where it follows from a time of this report.
    pub due: String,
    pub due_at: Option<String>,
    pub items: Vec<RequiredItem>,
}

/// What is not answered says what is needed; so does what is answered in part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequiredItem {
    pub id: String,
    pub article: String,
    pub text: String,
    /// Asked for only where there is such a thing.
    pub where_applicable: bool,
    pub answers: Vec<Answer>,
    /// What is needed to answer it, or to answer it in full.
    pub needs: Option<String>,
}

/// A claim of this report that answers an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub text: String,
    /// Of one of the six times: with its date, which the sentence leaves to its context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub title: String,
    pub severity: Option<String>,
    pub status: Status,
    pub services: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Resolved,
    Ongoing,
    Unknown,
    NoneFound,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    pub started: Option<Instant>,
    pub detected: Option<Instant>,
    pub acknowledged: Option<Instant>,
    pub mitigation_started: Option<Instant>,
    pub mitigated: Option<Instant>,
    pub resolved: Option<Instant>,
}

impl Times {
    /// Name and value of each, in the order of an incident.
    pub fn all(&self) -> [(&'static str, Option<&Instant>); 6] {
        [
            ("started", self.started.as_ref()),
            ("detected", self.detected.as_ref()),
            ("acknowledged", self.acknowledged.as_ref()),
            ("mitigation_started", self.mitigation_started.as_ref()),
            ("mitigated", self.mitigated.as_ref()),
            ("resolved", self.resolved.as_ref()),
        ]
    }
}

/// RFC 3339 UTC with `Z`, each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instant {
    pub at: String,
    pub earliest: String,
    pub latest: String,
    pub claim: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    pub duration_s: Option<Metric>,
    pub mttd_s: Option<Metric>,
    pub mtta_s: Option<Metric>,
    pub mttm_s: Option<Metric>,
    pub mttr_s: Option<Metric>,
    pub peak_error_rate: Option<Metric>,
    pub users_affected: Option<Metric>,
    pub requests_failed: Option<Metric>,
    pub support_tickets: Option<Metric>,
    pub revenue_impact: Option<Metric>,
}

impl Metrics {
    pub fn all(&self) -> [(&'static str, Option<&Metric>); 10] {
        [
            ("duration_s", self.duration_s.as_ref()),
            ("mttd_s", self.mttd_s.as_ref()),
            ("mtta_s", self.mtta_s.as_ref()),
            ("mttm_s", self.mttm_s.as_ref()),
            ("mttr_s", self.mttr_s.as_ref()),
            ("peak_error_rate", self.peak_error_rate.as_ref()),
            ("users_affected", self.users_affected.as_ref()),
            ("requests_failed", self.requests_failed.as_ref()),
            ("support_tickets", self.support_tickets.as_ref()),
            ("revenue_impact", self.revenue_impact.as_ref()),
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// A number; durations in seconds, ratios 0 to 1. Revenue is stated text where it is no plain number.
    pub value: serde_json::Value,
    pub unit: String,
    pub basis: Basis,
    pub claim: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    Computed,
    Stated,
}

/// A statement of the report, with the evidence it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub id: String,
    pub section: Section,
    pub text: String,
    pub status: ClaimStatus,
    pub confidence: f64,
    pub citations: Citations,
    pub derivation: Option<Derivation>,
}

/// Ids of evidence, at least one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Citations(Vec<String>);

impl Citations {
    pub fn new(first: String, rest: impl IntoIterator<Item = String>) -> Citations {
        let mut all = vec![first];
        for id in rest {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        Citations(all)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, String> {
        self.0.iter()
    }

    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for Citations {
    type Error = &'static str;

    fn try_from(ids: Vec<String>) -> Result<Self, Self::Error> {
        if ids.is_empty() { Err("a claim cites no evidence") } else { Ok(Citations(ids)) }
    }
}

impl From<Citations> for Vec<String> {
    fn from(citations: Citations) -> Self {
        citations.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Summary,
    Timeline,
    RootCause,
    Impact,
    Actions,
    Response,
    Whys,
    Prevention,
    Evidence,
    Lessons,
    Contradictions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimStatus {
    /// Computed from records; has a derivation.
    Measured,
    /// A person or a tool said so.
    Stated,
    Inferred,
    Disputed,
}

/// How a measured number was computed, so that it can be computed again without the analysis. The words of `filter`
/// are described in `filter.rs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Derivation {
    pub op: Op,
    /// Names of the sources it was computed from.
    pub sources: Vec<String>,
    pub filter: String,
    /// Bounds in report time, RFC 3339: from is in, to is out; null where unbounded. For `difference` the two instants.
    pub from: Option<String>,
    pub to: Option<String>,
    pub numerator: Option<f64>,
    pub denominator: Option<f64>,
    /// A number, or a time for `first` and `last`; null for `absent`.
    pub value: serde_json::Value,
    pub scanned: Option<u64>,
    pub matched: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Count,
    Distinct,
    Ratio,
    Rate,
    Max,
    Min,
    /// Seconds from `from` to `to`, both of which stand in the cited evidence.
    Difference,
    First,
    Last,
    Absent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub id: String,
    pub source: String,
    pub line: u64,
    pub last_line: u64,
    pub bytes: [u64; 2],
    pub at: Option<String>,
    pub text: String,
    /// The text is there and not shown, to this reader or at this time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// The source's own lines around it, for the reader; not part of version 1's required fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    pub at: String,
    pub kind: TimelineKind,
    pub service: Option<String>,
    pub actor: Option<String>,
    pub text: String,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    pub rank: u32,
    pub service: Option<String>,
    pub signature: Option<String>,
    pub change_caused: Option<bool>,
    pub commit: Option<String>,
    pub trigger: Option<Trigger>,
    /// What its terms add up to, in log-odds: its share of e^score among all hypotheses is its probability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    pub probability: f64,
    pub text: String,
    pub claim: String,
    #[serde(rename = "for")]
    pub supports: Vec<String>,
    pub against: Vec<String>,
    pub terms: Vec<Term>,
    pub tests: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    pub kind: TriggerKind,
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    pub at: Option<String>,
    pub citations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    pub name: String,
    pub value: f64,
    pub claim: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Test {
    pub name: String,
    pub result: TestResult,
    pub claim: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestResult {
    Passed,
    Failed,
    NotTestable,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contributing {
    pub service: Option<String>,
    pub signature: Option<String>,
    pub text: String,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChainEdge {
    pub from: String,
    pub to: String,
    pub text: String,
    pub verified: bool,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `P1` to `P3`, or null where nobody stated one.
    pub priority: Option<String>,
    pub text: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub status: Option<String>,
    pub origin: Origin,
    pub done_when: Option<String>,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Stated,
    Suggested,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    pub question: String,
    /// Null: a question for the team.
    pub answer: Option<String>,
    pub claim: Option<String>,
    pub citations: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prevention {
    pub text: String,
    pub claim: String,
    pub citations: Citations,
    pub replay: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    pub text: String,
    pub claim: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contradiction {
    pub kind: ContradictionKind,
    pub text: String,
    pub claim: String,
    pub values: Vec<ContradictionValue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContradictionKind {
    ClockOffset,
    Duration,
    Time,
    Number,
    Order,
    Statement,
    Name,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContradictionValue {
    pub value: String,
    pub citations: Citations,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unknown {
    pub field: String,
    pub question: String,
    pub needs: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub sources: Vec<CoverageSource>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageSource {
    pub name: String,
    pub format: String,
    pub bytes: u64,
    pub read_bytes: u64,
    pub lines: u64,
    pub records: u64,
    pub skipped_lines: u64,
    pub skipped: Vec<SkippedPart>,
    pub clock: ClockNote,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkippedPart {
    pub reason: String,
    pub lines: u64,
    pub bytes: u64,
    pub first_line: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockNote {
    pub offset_s: i64,
    pub zone: String,
    pub basis: String,
    /// For a source whose times lack a year or a day: the instant near which they are placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<ClockSegment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockSegment {
    pub first_line: u64,
    pub last_line: u64,
    pub offset_s: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceScore {
    /// 0 to 100, the sum of the parts after the caps.
    pub value: u32,
    pub parts: Vec<ScorePart>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    pub name: String,
    pub points: u32,
    pub of: u32,
}
