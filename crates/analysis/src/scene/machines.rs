//! Programs that post in a channel: which names are theirs, and what of it is an entry of a pager.
//!
//! Must never take a person's words for a pager's. Broken by people who call themselves bots, and by pagers that post in other
//! languages than English.

use std::sync::LazyLock;

use evidence::{Message, Page, PageAction};

use expressions::{Expression, constant};

/// The name of a program where the format of the chat does not tell.
pub fn is_named(name: &str) -> bool {
    const ENDS: &[&str] = &["-bot", "_bot", ".bot", " bot", "[bot]", "alertbot", "deploybot", "pagerbot", "statusbot", "opsbot"];
    const WHOLE: &[&str] = &[
        "alertmanager",
        "grafana",
        "grafana oncall",
        "pagerduty",
        "opsgenie",
        "victorops",
        "splunk on-call",
        "datadog",
        "prometheus",
        "zabbix",
        "nagios",
        "icinga",
        "checkmk",
        "prtg",
        "librenms",
        "netdata",
        "uptime kuma",
        "uptimekuma",
        "uptimerobot",
        "uptime robot",
        "pingdom",
        "statuscake",
        "site24x7",
        "better stack",
        "better uptime",
        "healthchecks.io",
        "checkly",
        "azure monitor",
        "aws chatbot",
        "amazon q",
        "google cloud monitoring",
        "new relic",
        "dynatrace",
        "honeycomb",
        "incident.io",
        "firehydrant",
        "rootly",
        "sentry",
        "jenkins",
        "argocd",
        "statuspage",
        "bot",
    ];
    let name = name.trim_start_matches('@').to_lowercase();
    ENDS.iter().any(|end| name.ends_with(end)) || WHOLE.contains(&name.as_str())
}

/// What a pager's program posts: that an incident was opened, taken or closed, and by whom.
pub fn page(message: &Message, name: &str) -> Option<Page> {
    static ENTRY: LazyLock<Expression> = LazyLock::new(|| {
        constant(
            r"(?i)^\W*(?:(?:incident|alert|page)\b\W*)?(?:(?P<before>#?\d+|[a-z]+-\d+)\W+(?:has been |was |is )?)?(?P<verb>triggered|re-?opened|acknowledged|ack(?:ed|'d)?|resolved|closed)\b",
        )
    });
    static NUMBER: LazyLock<Expression> = LazyLock::new(|| constant(r"#(\d+)|\b(INC-?\d+)\b"));
    static ACTOR: LazyLock<Expression> =
        LazyLock::new(|| constant(r"\bby (@?\p{L}[\p{L}\d._'-]*(?: \p{Lu}[\p{L}.'-]*)?)\s*[.!)]?$"));
    let pagers =
        ["pagerduty", "opsgenie", "victorops", "on-call", "oncall", "incident", "squadcast", "zenduty", "rootly", "pager"];
    let lower = name.to_lowercase();
    let first = message.text.lines().next().unwrap_or_default();
    let told = first.to_lowercase();
    if !message.is_bot || !pagers.iter().any(|p| lower.contains(p) || told.contains(p)) {
        return None;
    }
    let entry = ENTRY.captures(first)?;
    let number = NUMBER.captures(first).and_then(|c| c.get(1).or(c.get(2))).or(entry.name("before"))?;
    let action = match &entry["verb"].to_lowercase()[..3] {
        "tri" | "reo" | "re-" => PageAction::Triggered,
        "ack" => PageAction::Acknowledged,
        _ => PageAction::Resolved,
    };
    let actor = ACTOR.captures(first).filter(|_| action != PageAction::Triggered).map(|c| c[1].to_string());
    Some(Page {
        incident: number.as_str().trim_start_matches('#').to_string(),
        title: String::new(),
        action,
        actor,
        priority: None,
        urgency: None,
        service: None,
        text: message.text.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, name: &str, is_bot: bool) -> Option<(String, PageAction, Option<String>)> {
        let message = Message { text: text.into(), is_bot, ..Message::default() };
        page(&message, name).map(|p| (p.incident, p.action, p.actor))
    }

    #[test]
    fn a_pager_posts_who_took_and_closed_what() {
        let entry = |number: &str, action, actor: Option<&str>| Some((number.to_string(), action, actor.map(str::to_string)));
        for (text, expected) in [
            ("*Triggered* #812 SEV2 | stock ratio below 70% | assigned to Iva Horn", entry("812", PageAction::Triggered, None)),
            ("*Acknowledged* #812 stock ratio by Iva Horn", entry("812", PageAction::Acknowledged, Some("Iva Horn"))),
            ("*Resolved* #812 stock ratio below 70% by Iva Horn", entry("812", PageAction::Resolved, Some("Iva Horn"))),
            ("Incident #812 was acknowledged by iva.h", entry("812", PageAction::Acknowledged, Some("iva.h"))),
            ("Reopened: incident #812", entry("812", PageAction::Triggered, None)),
            ("we resolved #812", None),
            ("[RESOLVED] StockErrors", None),
        ] {
            assert_eq!(read(text, "PagerDuty", true), expected, "{text}");
        }
        assert_eq!(read("*Resolved* #812 by Iva", "PagerDuty", false), None);
        assert_eq!(read("Resolved: build #812 by Iva", "buildkite", true), None);
    }

    #[test]
    fn programs_have_names_of_their_own() {
        assert!(is_named("@alertbot") && is_named("Grafana") && is_named("release-bot") && is_named("Uptime Kuma"));
        assert!(!is_named("@ana.talbot") && !is_named("Talbot") && !is_named("sentinel"));
    }
}
