//! How each tracker tells a ticket: the members that all have to be there, and where each thing stands.
//!
//! A row follows the sample in the documentation of its tool. It must never need a member that other things have as well
//! and nothing else. What breaks it: a new version of a tool that renames its members.

use super::shapes::Paths;

/// What somebody was paged for, and what somebody only wrote.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// The tool keeps nothing but incidents.
    Incident,
    /// Its kind or one of its labels says so.
    ByLabel,
    /// People ask for help here.
    Request,
}

pub struct Shape {
    pub format: &'static str,
    pub inside: Paths,
    pub needs: Paths,
    pub kind: Kind,
    pub labels: Paths,
    pub number: Paths,
    pub title: Paths,
    pub words: Paths,
    pub priority: Paths,
    pub service: Paths,
    pub author: Paths,
    pub began: Paths,
    pub acknowledged: Paths,
    pub acknowledged_by: Paths,
    pub mitigated: Paths,
    pub ended: Paths,
    pub ended_by: Paths,
    /// Lists of comments, and of steps by their names.
    pub comments: Paths,
    pub steps: Paths,
}

const NONE: Shape = Shape {
    format: "ticket",
    inside: &[],
    needs: &[],
    kind: Kind::Incident,
    labels: &[],
    number: &["number", "id"],
    title: &["title", "name"],
    words: &["description", "body"],
    priority: &["priority", "severity"],
    service: &[],
    author: &[],
    began: &["created_at", "createdAt"],
    acknowledged: &["acknowledged_at"],
    acknowledged_by: &["acknowledged_by"],
    mitigated: &[],
    ended: &["resolved_at", "closed_at"],
    ended_by: &["resolved_by"],
    comments: &[],
    steps: &[],
};

pub const SHAPES: [Shape; 12] = [
    Shape {
        format: "servicenow",
        needs: &["number", "short_description", "opened_at"],
        kind: Kind::ByLabel,
        labels: &["number"],
        number: &["number"],
        title: &["short_description.display_value", "short_description"],
        words: &["description.display_value", "description"],
        priority: &["priority.display_value", "priority"],
        service: &["cmdb_ci.display_value", "business_service.display_value", "service_offering.display_value", "cmdb_ci"],
        author: &["opened_by.display_value", "caller_id.display_value", "sys_created_by", "opened_by"],
        began: &["opened_at.value", "opened_at", "sys_created_on"],
        ended: &["resolved_at.value", "resolved_at", "closed_at.value", "closed_at"],
        ended_by: &["resolved_by.display_value", "resolved_by"],
        comments: &["comments_and_work_notes", "work_notes", "comments"],
        ..NONE
    },
    Shape {
        format: "datadog_incident",
        inside: &["attributes"],
        needs: &["public_id", "title", "customer_impacted"],
        number: &["public_id"],
        words: &["fields.summary.value", "customer_impact_scope"],
        priority: &["fields.severity.value", "severity"],
        service: &["fields.services.value"],
        began: &["declared", "created"],
        ended: &["resolved"],
        ..NONE
    },
    Shape {
        format: "rootly",
        inside: &["attributes"],
        needs: &["title", "slug", "started_at", "severity"],
        number: &["sequential_id", "slug"],
        words: &["summary"],
        priority: &["severity.data.attributes.name", "severity.name", "severity"],
        service: &["services.name", "services.data.attributes.name", "services"],
        author: &["user.data.attributes.full_name", "user.full_name", "user.name"],
        began: &["started_at", "created_at"],
        acknowledged_by: &["acknowledged_by", "in_triage_by.data.attributes.full_name"],
        mitigated: &["mitigated_at"],
        ended_by: &["resolved_by.data.attributes.full_name", "resolved_by"],
        ..NONE
    },
    Shape {
        format: "firehydrant",
        needs: &["name", "current_milestone", "milestones"],
        words: &["summary", "description"],
        priority: &["severity", "priority"],
        service: &["services.name"],
        began: &[],
        acknowledged: &[],
        ended: &[],
        steps: &["milestones"],
        ..NONE
    },
    Shape {
        format: "zenduty",
        needs: &["incident_number", "creation_date", "service_object"],
        number: &["incident_number"],
        words: &["summary"],
        priority: &["priority_name", "sla_object.name"],
        service: &["service_object.name"],
        began: &["creation_date"],
        acknowledged: &["acknowledged_date"],
        ended: &["resolved_date"],
        ended_by: &["resolved_by_name"],
        ..NONE
    },
    Shape {
        format: "better_stack",
        inside: &["attributes"],
        needs: &["name", "cause", "started_at", "incident_group_id"],
        number: &["id", "name"],
        words: &["cause"],
        priority: &[],
        began: &["started_at"],
        ..NONE
    },
    Shape {
        format: "zendesk",
        needs: &["subject", "requester_id", "via", "created_at"],
        kind: Kind::Request,
        title: &["subject"],
        author: &["requester.name", "requester_id"],
        ..NONE
    },
    Shape {
        format: "freshservice",
        needs: &["subject", "requester_id", "source", "created_at"],
        kind: Kind::Request,
        title: &["subject"],
        words: &["description_text"],
        author: &["requester.name", "requester_id"],
        comments: &["conversations"],
        ..NONE
    },
    Shape {
        format: "linear",
        needs: &["identifier", "title", "createdAt", "priorityLabel"],
        kind: Kind::ByLabel,
        labels: &["labels.nodes", "labels"],
        number: &["identifier"],
        priority: &["priorityLabel"],
        author: &["creator.name", "creator.displayName"],
        ended: &["completedAt"],
        ended_by: &["assignee.name"],
        comments: &["comments.nodes", "comments"],
        ..NONE
    },
    Shape {
        format: "github",
        needs: &["repository_url", "number", "title", "user.login", "created_at"],
        kind: Kind::ByLabel,
        labels: &["labels"],
        priority: &[],
        author: &["user.login"],
        ended_by: &["closed_by.login"],
        ..NONE
    },
    Shape {
        format: "github",
        needs: &["number", "title", "createdAt", "author.login", "labels", "body"],
        kind: Kind::ByLabel,
        labels: &["labels"],
        priority: &[],
        author: &["author.login"],
        ended: &["closedAt"],
        ended_by: &[],
        comments: &["comments"],
        ..NONE
    },
    Shape {
        format: "gitlab",
        needs: &["iid", "title", "author.username", "created_at", "issue_type"],
        kind: Kind::ByLabel,
        labels: &["issue_type", "labels"],
        number: &["iid"],
        priority: &["severity"],
        author: &["author.name", "author.username"],
        ended_by: &["closed_by.name", "closed_by.username"],
        ..NONE
    },
];
