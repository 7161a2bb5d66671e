use super::super::{Document, read_line, read_whole};
use super::*;
use evidence::{RecordRef, SourceId};

const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

fn read(text: &str) -> Document {
    read_whole("a.json", SOURCE, text.as_bytes()).expect("JSON")
}

/// Name, whether it fires, severity, service, seconds since the beginning of 2025.
type Told = (String, bool, String, String, Option<i64>);

fn check(text: &str) -> Vec<Told> {
    let told = read(text).events.into_iter().map(|e| {
        let at = e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600);
        match e.body {
            Body::Alert(a) => (a.name, a.firing, a.severity.unwrap_or_default(), a.service.unwrap_or_default(), at),
            Body::Page(p) => (format!("{:?}", p.action), false, p.actor.unwrap_or_default(), p.service.unwrap_or_default(), at),
            Body::Message(m) => (m.text, false, String::new(), m.author, at),
            other => panic!("{other:?}"),
        }
    });
    told.collect()
}

fn told(name: &str, firing: bool, severity: &str, service: &str, at: i64) -> Told {
    (name.into(), firing, severity.into(), service.into(), Some(at))
}

#[test]
fn alerts_of_three_clouds() {
    let azure = r#"{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"/subscriptions/1/alerts/7","alertRule":"slow-cart","severity":"Sev1","monitorCondition":"Resolved","alertTargetIDs":["/subscriptions/1/providers/microsoft.web/sites/cart"],"originAlertId":"3","firedDateTime":"2025-01-01T00:00:05.99Z","resolvedDateTime":"2025-01-01T00:10:05Z"},"alertContext":{"condition":{"allOf":[{"metricName":"HttpResponseTime","threshold":"2","metricValue":7.7}]}}}}"#;
    assert_eq!(check(azure), [told("slow-cart", true, "Sev1", "cart", 5), told("slow-cart", false, "Sev1", "cart", 605)]);
    let Body::Alert(alert) = &read(azure).events[0].body.clone() else { panic!("an alert") };
    assert_eq!((alert.value.as_deref(), alert.threshold.as_deref()), (Some("7.7"), Some("2")));
    let google = |state: &str, end: &str| {
        format!(
            r#"{{"incident":{{"incident_id":"0.a","started_at":1735689605,"ended_at":{end},"state":"{state}","summary":"CPU is above 0.8","resource_name":"cart-1","policy_name":"Cart CPU","condition_name":"CPU","severity":"No severity","metadata":{{"user_labels":{{"service":"cart"}}}}}},"version":"1.2"}}"#
        )
    };
    assert_eq!(check(&google("open", "null")), [told("Cart CPU", true, "", "cart", 5)]);
    assert_eq!(check(&google("closed", "1735690205")).len(), 2);
    let aws = r#"{"detail-type":"CloudWatch Alarm State Change","source":"aws.cloudwatch","time":"2025-01-01T00:00:06Z","detail":{"alarmName":"cart-5xx","previousState":{"value":"OK"},"state":{"reason":"9 > 5","timestamp":"2025-01-01T00:00:05.000+0000","value":"STATE"}}}"#;
    assert_eq!(check(&aws.replace("STATE\"}", "ALARM\"}")), [told("cart-5xx", true, "", "", 5)]);
    assert_eq!(check(&aws.replace("STATE\"}", "OK\"}")), [told("cart-5xx", false, "", "", 5)]);
    assert_eq!(check(&aws.replace("STATE\"}", "INSUFFICIENT_DATA\"}")), []);
}

#[test]
fn issues_and_problems_with_who_took_them() {
    let relic = |state: &str, more: &str| {
        format!(
            r#"{{"id":"a0f3","issueUrl":"https://a.example","title":"Errors above 5%","priority":"CRITICAL","impactedEntities":["cart"],"state":"{state}","createdAt":1735689605000,"updatedAt":1735689905000,{more}"alertConditionNames":["Error rate"]}}"#
        )
    };
    assert_eq!(check(&relic("ACTIVATED", "")), [told("Error rate", true, "CRITICAL", "cart", 5)]);
    let taken = relic("ACKNOWLEDGED", r#""acknowledgedAt":1735689665000,"acknowledgedBy":"ann","#);
    assert_eq!(check(&taken), [told("Acknowledged", false, "ann", "cart", 65)]);
    assert_eq!(check(&relic("CLOSED", ""))[1], told("Error rate", false, "CRITICAL", "cart", 305));
    let dynatrace = r#"{"problems":[{"problemId":"-6","displayId":"P-2","title":"Failure rate increase","severityLevel":"ERROR","status":"STATUS","impactedEntities":[{"name":"cart"}],"startTime":1735689605000,"endTime":END,"recentComments":{"comments":[{"createdAtTimestamp":1735689665000,"content":"looking","authorName":"ann"}]}}]}"#;
    let comment = told("looking", false, "", "ann", 65);
    let begins = told("Failure rate increase", true, "ERROR", "cart", 5);
    assert_eq!(check(&dynatrace.replace("STATUS", "OPEN").replace("END", "-1")), [begins.clone(), comment.clone()]);
    let ends = told("Failure rate increase", false, "ERROR", "cart", 605);
    assert_eq!(check(&dynatrace.replace("STATUS", "CLOSED").replace("END", "1735690205000")), [begins, ends, comment]);
}

#[test]
fn monitors_of_the_outside_say_down_and_up() {
    let kuma = r#"{"heartbeat":{"monitorID":4,"status":0,"time":"2025-01-01 00:00:05.123","msg":"timeout","important":true},"monitor":{"id":4,"name":"cart","url":"https://a.example"},"msg":"[cart] Down"}"#;
    assert_eq!(check(kuma), [told("cart", true, "", "cart", 5)]);
    assert_eq!(check(&kuma.replace("\"status\":0", "\"status\":1")), [told("cart", false, "", "cart", 5)]);
    // Neither pending nor in maintenance is down.
    assert_eq!(check(&kuma.replace("\"status\":0", "\"status\":2")), []);
    let pingdom = r#"{"check_id":1,"check_name":"cart","previous_state":"UP","current_state":"DOWN","importance_level":"HIGH","state_changed_timestamp":1735689605,"long_description":"HTTP error 500"}"#;
    assert_eq!(check(pingdom), [told("cart", true, "HIGH", "cart", 5)]);
    let place = RecordRef { source: SOURCE, start: 0, end: pingdom.len() as u64, line: 1, last_line: 1 };
    assert_eq!(read_line(pingdom, place).events.len(), 1);
}

#[test]
fn stores_of_logs_and_agents() {
    let splunk = r#"{"sid":"scheduler__a","search_name":"Cart errors","app":"search","owner":"admin","results_link":"http://a.example","result":{"count":"8","_time":"1735689605","host":"cart-1","service":"cart"}}"#;
    assert_eq!(check(splunk), [told("Cart errors", true, "", "cart", 5)]);
    let kibana = r#"{"hits":{"hits":[{"_index":".alerts","_id":"a","_source":{"@timestamp":"2025-01-01T00:00:35.000Z","kibana.alert.rule.name":"Slow","kibana.alert.status":"recovered","kibana.alert.start":"2025-01-01T00:00:05.000Z","kibana.alert.end":"2025-01-01T00:10:05.000Z","kibana.alert.reason":"4 s","service.name":"cart"}}]}}"#;
    assert_eq!(check(kibana), [told("Slow", true, "", "cart", 5), told("Slow", false, "", "cart", 605)]);
    let sensu = r#"{"check":{"metadata":{"name":"check-cart","labels":{"service":"cart"}},"status":2,"output":"CRITICAL: 503","executed":1735689605},"entity":{"metadata":{"name":"cart-1"}},"timestamp":1735689606}"#;
    assert_eq!(check(sensu), [told("check-cart", true, "critical", "cart", 5)]);
    let watch = |met: bool| {
        format!(
            r#"{{"hits":{{"hits":[{{"_index":".watcher-history","_source":{{"watch_id":"cart_errors","trigger_event":{{"triggered_time":"2025-01-01T00:00:05Z"}},"result":{{"execution_time":"2025-01-01T00:00:05Z","condition":{{"met":{met}}}}}}}}}]}}}}"#
        )
    };
    assert_eq!((check(&watch(true)).len(), check(&watch(false)).len()), (1, 0));
}

#[test]
fn a_monitor_of_networks_counts_its_states() {
    let log = r#"[{"time_logged":"2025-01-01T00:00:05Z","hostname":"rt-1","rule":"BGP session down","state":1,"severity":"critical"},
        {"time_logged":"2025-01-01T00:10:05Z","hostname":"rt-1","rule":"BGP session down","state":0,"severity":"ok"}]"#;
    assert_eq!(check(log), [told("BGP session down", true, "critical", "", 5), told("BGP session down", false, "ok", "", 605)]);
    assert_eq!(check(&log.replace("\"state\":1", "\"state\":2")).len(), 1, "somebody took it");
}
