//! What a table of each tool is read as.

use super::*;
use crate::documents::{read_whole, sniff};
use evidence::SourceId;

/// What, who, words, seconds since the beginning of 2025.
type Told = (String, String, String, i64);

fn check(text: &str) -> Vec<Told> {
    assert!(sniff("x.csv", text.as_bytes(), true));
    let document = read_whole("x.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
    let told = document.events.into_iter().map(|e| {
        let at = e.stamp.map_or(-1, |s| s.micros / 1_000_000 - 1_735_689_600);
        match e.body {
            Body::Message(m) => ("message".into(), m.author, m.text, at),
            Body::Page(p) => {
                (format!("{:?} {}", p.action, p.priority.unwrap_or_default()), p.actor.unwrap_or_default(), p.text, at)
            }
            Body::Alert(a) => {
                (format!("firing {} {}", a.firing, a.severity.unwrap_or_default()), a.service.unwrap_or_default(), a.name, at)
            }
            Body::Deploy(d) => {
                (format!("rollback {} {}", d.rollback, d.version.unwrap_or_default()), d.actor.unwrap_or_default(), d.text, at)
            }
            other => panic!("{other:?}"),
        }
    });
    told.collect()
}

fn told(what: &str, who: &str, words: &str, at: i64) -> Told {
    (what.into(), who.into(), words.into(), at)
}

#[test]
fn an_incident_a_row() {
    let pagerduty = "id,service_name,incident_number,description,created_on,resolved_on,seconds_to_first_ack,seconds_to_resolve,acknowledged_by_user_names,urgency\nQ2,cart,31,\"[P2] cart, 5xx\",2025-01-01T01:00:05+01:00,2025-01-01T01:09:05+01:00,60,540,Ann Lee,high\n";
    let expected = [
        told("Triggered P2", "", "[P2] cart, 5xx", 5),
        told("Acknowledged P2", "Ann Lee", "[P2] cart, 5xx", 65),
        told("Resolved P2", "", "[P2] cart, 5xx", 545),
    ];
    assert_eq!(check(pagerduty), expected);
    let opsgenie = "\"Alert ID\",\"Tiny ID\",\"Message\",\"Created At\",\"Created At (date)\",\"Priority\",\"Acknowledge Time (s)\",\"Close Time (s)\",\"Acknowledged By\",\"Closed By\"\n\"a\",\"7\",\"cart 5xx\",\"1735689605000\",\"2025/01/01 00:00:05\",\"P1\",\"60\",\"540\",\"ann\",\"bo\"\n";
    let expected = [
        told("Triggered P1", "", "cart 5xx", 5),
        told("Acknowledged P1", "ann", "cart 5xx", 65),
        told("Resolved P1", "bo", "cart 5xx", 545),
    ];
    assert_eq!(check(opsgenie), expected);
    let jira = "Summary,Issue key,Issue Type,Status,Priority,Assignee,Created,Resolved\ncart fails,OPS-1,Incident,Done,Highest,Bo,01/Jan/25 1:00 AM,01/Jan/25 2:00 PM\nnew alert,OPS-2,Task,To Do,High,Ann,01/Jan/25 3:00 PM,\n";
    assert_eq!(
        check(jira),
        [told("Triggered Highest", "", "cart fails", 3_600), told("Resolved Highest", "Bo", "cart fails", 50_400)]
    );
}

#[test]
fn a_problem_is_an_alert_and_who_acknowledged_it_acted() {
    let text = "\"Severity\",\"Time\",\"Recovery time\",\"Status\",\"Host\",\"Problem\",\"Duration\",\"Ack\",\"Actions\",\"Tags\"\n\"High\",\"2025-01-01 00:00:05\",\"2025-01-01 00:09:05\",\"RESOLVED\",\"web1\",\"cart: 5xx above 20%\",\"9m\",\"Yes\",\"Acknowledged 2025-01-01 00:01:05 by ann\",\"service: cart\"\n";
    let expected = [
        told("Acknowledged High", "ann", "cart: 5xx above 20%", 65),
        told("firing true High", "cart", "cart: 5xx above 20%", 5),
        told("firing false High", "cart", "cart: 5xx above 20%", 545),
    ];
    assert_eq!(check(text), expected);
}

#[test]
fn a_step_a_row() {
    let rootly = "Occurred At,Event,User,Source\n2025-01-01 00:00:05 UTC,\"Incident declared by Ann Lee\",Ann Lee,slack\n2025-01-01 00:02:05 UTC,\"rolling back cart to 2.1\",Bo,slack\n2025-01-01 00:09:05 UTC,\"Bo updated status to resolved\",Bo,slack\n";
    let expected = [
        told("Triggered ", "", "Incident declared by Ann Lee", 5),
        told("message", "Bo", "rolling back cart to 2.1", 125),
        told("Resolved ", "Bo", "Bo updated status to resolved", 545),
    ];
    assert_eq!(check(rootly), expected);
    let opsgenie = "\"Date\",\"Type\",\"Owner\",\"Log\"\n\"2025/01/01 00:00:05\",\"system\",\"System\",\"Alert created via Alertmanager\"\n\"2025/01/01 00:01:05\",\"alertRecipient\",\"ann\",\"Alert acknowledged via mobile\"\n\"2025/01/01 00:02:05\",\"system\",\"bo\",\"Added note: rolling back\"\n";
    let expected = [
        told("Triggered ", "", "Alert created via Alertmanager", 5),
        told("Acknowledged ", "ann", "Alert acknowledged via mobile", 65),
        told("Note ", "bo", "rolling back", 125),
    ];
    assert_eq!(check(opsgenie), expected);
}

#[test]
fn a_change_a_row() {
    let text = "\"number\",\"short_description\",\"state\",\"assigned_to\",\"cmdb_ci\",\"start_date\",\"work_start\",\"work_end\",\"close_code\"\n\"CHG1\",\"Roll back cart to v2.1.0\",\"Closed\",\"Ann Lee\",\"cart\",\"2025-01-01 00:00:00\",\"2025-01-01 00:00:05\",\"2025-01-01 00:01:05\",\"Successful\"\n";
    assert_eq!(check(text), [told("rollback true v2.1.0", "Ann Lee", "Roll back cart to v2.1.0", 5)]);
}

#[test]
fn a_list_of_service_now_is_told_by_its_numbers() {
    let text = "number,opened_at,closed_at,priority,assigned_to,short_description\nINC0001,2025-01-01 00:00:05,2025-01-01 00:10:05,2 - High,Ann Lee,Nobody can order\nCHG0002,2025-01-01 00:01:05,2025-01-01 00:02:05,3 - Moderate,Netops,Firewall: new rules\nRITM0003,2025-01-01 00:01:05,,4 - Low,Ann Lee,A new phone\n";
    let expected = [
        told("Triggered 2 - High", "", "Nobody can order", 5),
        told("Resolved 2 - High", "Ann Lee", "Nobody can order", 605),
        told("rollback false CHG0002", "Netops", "Firewall: new rules", 65),
    ];
    assert_eq!(check(text), expected);
    // Some row tells that the day stands in front.
    let slashed = text.replace("2025-01-01", "01/01/2025") + "INC0004,13/01/2025 00:00:05,,4 - Low,Ann Lee,A printer\n";
    assert_eq!(check(&slashed)[..3], expected);
}

#[test]
fn work_notes_of_a_list_are_what_people_wrote() {
    let text = "\"number\",\"opened_at\",\"short_description\",\"priority\",\"resolved_at\",\"work_notes\"\n\"INC0001\",\"01.01.2025 00:00:05\",\"Nobody can order\",\"1 - Kritisch\",\"01.01.2025 00:10:05\",\"01.01.2025 00:09:05 - Bo Lund (Work notes)\nthe \"\"ledger\"\" account\nis open again\n\n01.01.2025 00:02:05 - Ann Lee (Arbeitsnotizen)\non it\n\"\n";
    let expected = [
        told("Triggered 1 - Kritisch", "", "Nobody can order", 5),
        told("Resolved 1 - Kritisch", "", "Nobody can order", 605),
        told("message", "Bo Lund", "the \"ledger\" account\nis open again", 545),
        told("message", "Ann Lee", "on it", 125),
    ];
    assert_eq!(check(text), expected);
    let document = read_whole("x.csv", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a table");
    let lines: Vec<(u64, u64)> = document.events.iter().map(|e| (e.place.line, e.place.last_line)).collect();
    assert_eq!(lines, [(2, 8), (2, 8), (2, 4), (6, 7)], "each note is of its own lines");
    let request = text.replace("INC0001", "RITM0001");
    assert!(check(&request).is_empty(), "nobody was paged for it");
}

#[test]
fn a_desk_has_what_people_reported() {
    let text = "Issue key,Summary,Priority,Status,Reporter,Created,Resolved\nIT-31,\"Scanners freeze, aisle 3\",Highest,Resolved,F. Lead,01/13/2025 1:00 AM,01/13/2025 2:00 AM\n";
    assert_eq!(check(text), [told("message", "F. Lead", "Scanners freeze, aisle 3", 12 * 86_400 + 3_600)]);
    let tasks = text.replace("Reporter", "Assignee");
    let document = read_whole("x.csv", SourceId { input: 0, entry: 0 }, tasks.as_bytes());
    assert!(document.is_none_or(|d| d.format != "ticket_table"));
}

#[test]
fn the_journal_of_service_now_is_what_people_wrote() {
    let text = "\"number\",\"sys_created_on\",\"sys_created_by\",\"element\",\"value\"\n\"INC0001\",\"2025-01-01 00:00:05\",\"ann.lee\",\"work_notes\",\"the \"\"ledger\"\" account is locked\"\n\"INC0001\",\"2025-01-01 00:01:05\",\"bo\",\"comments\",\"we are on it\"\n\"INC0001\",\"2025-01-01 00:01:06\",\"bo\",\"state\",\"2\"\n";
    assert_eq!(
        check(text),
        [told("message", "ann.lee", "the \"ledger\" account is locked", 5), told("message", "bo", "we are on it", 65)]
    );
}

#[test]
fn logs_and_other_tables_are_none() {
    for text in [
        "time,user,event\n2025-01-01T00:00:05Z,ann,login\n2025-01-01T00:00:06Z,bo,logout\n",
        "time,user,event\n2025-01-01T00:00:05Z,ann,opened the main page\n2025-01-01T00:00:06Z,bo,closed the main page\n",
        "id,title,created_at,closed_at,status\n1,copy the files,2025-01-01T00:00:05Z,2025-01-01T00:10:05Z,done\n",
        "timestamp,level,message\n2025-01-01T00:00:05Z,info,the job is done\n",
        "job,start_time,end_time,status\nbackup,2025-01-01T00:00:05Z,2025-01-01T00:10:05Z,ok\n",
        "time,host,user,log\n2025-01-01T00:00:05Z,web1,ann,opened the main page\n",
    ] {
        let document = read_whole("x.csv", SourceId { input: 0, entry: 0 }, text.as_bytes());
        assert!(document.is_none_or(|d| !d.format.ends_with("_table")), "{text}");
    }
}

#[test]
fn an_entry_a_row() {
    let text = "id,incident_number,incident_title,type,created_at,agent_name,note\nR1,31,cart fails,trigger_log_entry,2025-01-01T00:00:05Z,Prometheus,\nR2,31,cart fails,acknowledge_log_entry,2025-01-01T00:01:05Z,Ann Lee,\nR3,31,cart fails,annotate_log_entry,2025-01-01T00:02:05Z,Ann Lee,rolled back\nR4,31,cart fails,snooze_log_entry,2025-01-01T00:03:05Z,Ann Lee,\n";
    let expected = [
        told("Triggered ", "", "cart fails", 5),
        told("Acknowledged ", "Ann Lee", "cart fails", 65),
        told("Note ", "Ann Lee", "rolled back", 125),
    ];
    assert_eq!(check(text), expected);
    let builds = "id,type,created_at,user\n1,opened,2025-01-01T00:00:05Z,ann\n2,closed,2025-01-01T00:01:05Z,ann\n";
    assert!(!sniff("x.csv", builds.as_bytes(), true));
}

#[test]
fn comments_and_descriptions_of_several_lines() {
    let text = "Summary,Issue key,Issue Type,Created,Resolved,Description,Comment,Comment\ncart fails,OPS-1,Incident,01/Jan/25 1:00 AM,01/Jan/25 2:00 AM,\"since noon\nall of it, too\",01/Jan/25 1:10 AM;ann;rolled back; watching,\n";
    let expected = [
        told("Triggered ", "", "cart fails", 3_600),
        told("Resolved ", "", "cart fails", 7_200),
        told("message", "ann", "rolled back; watching", 4_200),
    ];
    assert_eq!(check(text), expected);
}

#[test]
fn columns_in_camel_case() {
    let text = "\"TinyId\",\"Message\",\"Priority\",\"Owner\",\"CreatedAt\",\"ClosedAt\"\n\"7\",\"cart 5xx\",\"P1\",\"ann\",\"1735689605000\",\"1735689665000\"\n";
    assert_eq!(check(text), [told("Triggered P1", "", "cart 5xx", 5), told("Resolved P1", "", "cart 5xx", 65)]);
}
