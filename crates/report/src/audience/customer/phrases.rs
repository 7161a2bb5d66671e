//! Every sentence that a customer may read, with `{}` where a number, a time or a pseudonym stands.
//!
//! The words that stand here are the whole vocabulary: the gate refuses any other. A sentence is never made elsewhere.
//! Must never hold a slot that free text could fill.

pub const NO_INCIDENT: &str = "No incident found in this input";
pub const TITLE: &str = "Incident";
pub const TITLE_DAY: &str = "Incident of {}";
pub const TITLE_SERVICE: &str = "Incident that affected {}";
pub const TITLE_DAY_SERVICE: &str = "Incident of {} that affected {}";
pub const TITLE_DAY_SERVICES: &str = "Incident of {} that affected {} and others";
pub const BEING_CONFIRMED: &str = "The cause is being confirmed by the people who handled the incident.";
pub const BEING_ASKED: &str = "an answer from the people who handled the incident";

pub const NOT_CONFIRMED: &str = "It is being confirmed by the people who handled the incident.";

pub const STARTED: &str = "The failure began at {} UTC.";
pub const DETECTED: &str = "The incident was noticed at {} UTC.";
pub const ACKNOWLEDGED: &str = "A responder took the incident at {} UTC.";
pub const MITIGATION_STARTED: &str = "The step that ended it was begun at {} UTC.";
pub const MITIGATION_TRIED: &str = "A step to end it was begun at {} UTC.";
pub const MITIGATED: &str = "Users were served again from {} UTC.";
pub const RESOLVED: &str = "The incident was over at {} UTC.";
pub const APART: &str = "{} That is {} from the nearest record with a time.";

pub const FAILURE_BEGAN: &str = "the failure began at {} UTC";
pub const WAS_NOTICED: &str = "the incident was noticed at {} UTC";
pub const WAS_TAKEN: &str = "a responder took it at {} UTC";
pub const SERVED_AGAIN: &str = "users were served again at {} UTC";
pub const WAS_OVER: &str = "the incident was over at {} UTC";
pub const LASTED: &str = "The incident lasted {}: {}, {}.";
pub const DETECTION: &str = "Detection took {}: {}, {}.";
pub const ACKNOWLEDGEMENT: &str = "Acknowledgement took {}: {}, {}.";
pub const MITIGATION: &str = "Mitigation took {}: {}, {}.";
pub const RESOLUTION: &str = "Resolution took {}: {}, {}.";

pub const FAILED: &str = "{} requests failed.";
pub const FAILED_WITHIN: &str = "{} requests failed between {} and {} UTC.";
pub const FAILED_STATED: &str = "The number of failed requests was stated as {}.";
pub const USERS: &str = "{} different users had failed requests.";
pub const USERS_WITHIN: &str = "{} different users had failed requests between {} and {} UTC.";
pub const ABOUT: [(&str, &str); 5] = [
    ("~", "about {}"),
    ("about ", "about {}"),
    ("almost ", "almost {}"),
    ("more than ", "more than {}"),
    ("at least ", "at least {}"),
];
pub const UP_TO: &str = "up to {}";
pub const USERS_STATED: &str = "The number of users affected was stated as {}.";
pub const TICKETS: &str = "{} support tickets were opened.";
pub const TICKETS_STATED: &str = "The number of support tickets was stated as {}.";
pub const REVENUE: &str = "The revenue impact was {}.";
pub const REVENUE_STATED: &str = "The revenue impact was stated as {}.";
pub const SEVERITY: &str = "The severity was stated as {}.";
pub const NOTHING_FOUND: &str = "Casefile read {} records and found no failure that stands out from the rest.";

pub const AT_A_PART: &str = "{} This was counted at one of several entry points, and is no total.";
pub const OPENING: &str = "On {}, there were failures at {} from {} UTC on.";
pub const SERVED: &str = "Users were served again at {} UTC, {} after it began.";
pub const SERVED_BUT: &str = "Users were served again at {} UTC, {} after it began, but for those of {}.";
pub const FAILED_ON: &str = "There were failures at {} until {} UTC, {} longer.";
pub const REMEDY: &str = "The remedy was {}.";
pub const OVER: &str = "It was declared over at {} UTC.";
pub const CAUSE_CHANGE: &str = "{} of {} caused the incident; a person who handled it confirmed this.";
pub const CAUSE_SERVICE: &str = "The cause lies in {}; a person who handled the incident confirmed this.";
pub const A_DEPLOY: &str = "A release";
pub const A_CHANGE: &str = "A change";
pub const A_FLAG: &str = "A change of a setting";
pub const A_CONFIG: &str = "A configuration change";
pub const A_MIGRATION: &str = "A change of the stored data";
pub const CONFIRMS: &str = "{} named it as the cause.";
pub const AGAINST: &str = "An observation in the records speaks against it.";
pub const SOMEBODY: &str = "A person";
pub const AGREED: &str = "Measures against a repeat were agreed on.";

pub const CHANGED: &str = "A change was made{}.";
pub const AT: &str = " at {}";

pub const SERVICE: &str = "service {}";
pub const ENGINEER: &str = "engineer {}";

/// Field and question.
const QUESTIONS: [(&str, &str); 20] = [
    ("times.started", "When did the first harm happen?"),
    ("times.detected", "When was the incident noticed first?"),
    ("times.acknowledged", "When did the first responder take the incident?"),
    ("times.mitigation_started", "When was the step begun that ended it?"),
    ("times.mitigated", "From when on were users served again?"),
    ("times.resolved", "When was the incident declared over?"),
    ("metrics.duration_s", "How long did the incident last?"),
    ("metrics.mttd_s", "How long did detection take?"),
    ("metrics.mtta_s", "How long did it take until somebody took it?"),
    ("metrics.mttm_s", "How long did it take until users were served again?"),
    ("metrics.mttr_s", "How long did it take to resolve the incident?"),
    ("metrics.peak_error_rate", "What share of requests failed at the peak?"),
    ("metrics.users_affected", "How many users were affected?"),
    ("metrics.requests_failed", "How many requests failed?"),
    ("metrics.support_tickets", "How many support tickets did it cause?"),
    ("metrics.revenue_impact", "What did the incident cost?"),
    ("incident.severity", "Which severity does the incident have?"),
    ("remediation", "What ended the incident?"),
    ("first_failing_service", "Which service failed first?"),
    ("causes", "What caused the incident?"),
];

/// All sentences but the questions.
pub const ALL: &[&str] = &[
    NO_INCIDENT,
    TITLE,
    TITLE_DAY,
    TITLE_SERVICE,
    TITLE_DAY_SERVICE,
    TITLE_DAY_SERVICES,
    BEING_CONFIRMED,
    BEING_ASKED,
    NOT_CONFIRMED,
    STARTED,
    DETECTED,
    ACKNOWLEDGED,
    MITIGATION_STARTED,
    MITIGATION_TRIED,
    MITIGATED,
    RESOLVED,
    APART,
    FAILURE_BEGAN,
    WAS_NOTICED,
    WAS_TAKEN,
    SERVED_AGAIN,
    WAS_OVER,
    LASTED,
    DETECTION,
    ACKNOWLEDGEMENT,
    MITIGATION,
    RESOLUTION,
    FAILED,
    FAILED_WITHIN,
    FAILED_STATED,
    USERS,
    USERS_WITHIN,
    USERS_STATED,
    UP_TO,
    ABOUT[1].1,
    ABOUT[2].1,
    ABOUT[3].1,
    ABOUT[4].1,
    TICKETS,
    TICKETS_STATED,
    REVENUE,
    REVENUE_STATED,
    SEVERITY,
    NOTHING_FOUND,
    AT_A_PART,
    OPENING,
    SERVED,
    SERVED_BUT,
    FAILED_ON,
    REMEDY,
    OVER,
    CAUSE_CHANGE,
    CAUSE_SERVICE,
    A_DEPLOY,
    A_CHANGE,
    A_FLAG,
    A_CONFIG,
    A_MIGRATION,
    CONFIRMS,
    AGAINST,
    SOMEBODY,
    AGREED,
    CHANGED,
    AT,
    SERVICE,
    ENGINEER,
];

/// The sentence with its slots filled, in their order.
pub fn say(phrase: &str, slots: &[&str]) -> String {
    let mut slots = slots.iter();
    let mut out = String::new();
    for (i, part) in phrase.split("{}").enumerate() {
        if i > 0 {
            out.push_str(slots.next().copied().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

pub fn question(field: &str) -> &'static str {
    QUESTIONS.iter().find(|(known, _)| *known == field).map_or("What is it?", |(_, question)| *question)
}

pub fn questions() -> impl Iterator<Item = &'static str> {
    QUESTIONS.iter().flat_map(|(field, question)| [*field, *question])
}
