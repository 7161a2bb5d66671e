use evidence::{Body, ChangePhase, SourceId};
use proptest::prelude::*;

use super::super::json::El;
use super::super::{Document, read_whole, sniff};
use super::*;

const SOURCE: SourceId = SourceId { input: 0, entry: 0 };

fn check(text: &str) -> Document {
    assert!(sniff("o.yaml", text.as_bytes(), true), "{text}");
    read_whole("o.yaml", SOURCE, text.as_bytes()).expect("a document")
}

/// What a tree says, as JSON.
fn told(element: El<'_>) -> String {
    if element.is_array() {
        return format!("[{}]", element.items().map(told).collect::<Vec<_>>().join(","));
    }
    if element.is_object() {
        return format!("{{{}}}", element.members().map(|(k, v)| format!("{k}:{}", told(v))).collect::<Vec<_>>().join(","));
    }
    element.text().unwrap_or_else(|| "null".into())
}

#[test]
fn the_tree_of_a_yaml_text() {
    for (text, want) in [
        ("a: 1\nb:\n- x\n- y: 2\n  z: 3\nc: {}\n", "{a:1,b:[x,{y:2,z:3}],c:{}}"),
        ("a:\n  b:\n    c: d # note\n  e: ''\nf: ~\n", "{a:{b:{c:d},e:},f:null}"),
        ("m: back-off\n  restarting\nn: |-\n  one\n  two\no: \"q \\\"r\\\"\"\n", "{m:back-off restarting,n:one\ntwo,o:q \"r\"}"),
        ("f:meta:\n  .: {}\n  k:{\"uid\":\"x\"}: {}\n\"q r\": s\n", "{f:meta:{.:{},k:{\"uid\":\"x\"}:{}},q r:s}"),
        ("- - a\n  - b\n-\n  c: d\n", "[[a,b],{c:d}]"),
        ("a: http://x:80/y\nb: '10:00'\n", "{a:http://x:80/y,b:10:00}"),
    ] {
        let doc = read(SOURCE, text.as_bytes()).expect("a document");
        assert_eq!(doc.elements().map(told).collect::<Vec<_>>(), [want], "{text}");
    }
}

#[test]
fn a_pod_and_an_event_as_kubectl_prints_them() {
    let text = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: cart-1\n    namespace: shop\n  status:\n    containerStatuses:\n    - lastState:\n        terminated:\n          exitCode: 137\n          finishedAt: \"2025-01-01T00:00:05Z\"\n          reason: OOMKilled\n      name: cart\n      restartCount: 4\n- apiVersion: v1\n  count: 3\n  firstTimestamp: \"2025-01-01T00:00:01Z\"\n  involvedObject:\n    kind: Pod\n    name: cart-1\n  kind: Event\n  lastTimestamp: \"2025-01-01T00:00:09Z\"\n  message: Back-off restarting\n    failed container\n  reason: BackOff\n  type: Warning\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: web-1\n  status:\n    phase: Running\nkind: List\n";
    let document = check(text);
    let seen: Vec<_> = document
        .events
        .iter()
        .map(|e| match &e.body {
            Body::Kube(k) => {
                (k.reason.as_str(), k.name.as_str(), k.count, k.exit_code, e.stamp.map(|s| s.micros / 1_000_000 - 1_735_689_600))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seen, [("OOMKilled", "cart-1", 4, Some(137), Some(5)), ("BackOff", "cart-1", 3, None, Some(1))]);
    assert!(matches!(&document.events[1].body, Body::Kube(k) if k.message == "Back-off restarting failed container"));
    let places: Vec<_> = document.events.iter().map(|e| (e.place.line, e.place.last_line)).collect();
    assert_eq!(places, [(3, 16), (17, 28)]);
    assert_eq!((document.texts.len(), document.texts[0].0.line), (1, 29));
}

#[test]
fn a_history_of_helm() {
    let text = "- app_version: \"7.1\"\n  chart: cart-1.2.3\n  description: Rollback to 1\n  revision: 3\n  status: deployed\n  updated: \"2025-01-01T00:00:05.12Z\"\n";
    let document = check(text);
    let Body::Deploy(deploy) = &document.events[0].body else { panic!("a change") };
    assert_eq!((deploy.service.as_deref(), deploy.version.as_deref(), deploy.rollback), (Some("cart"), Some("7.1"), true));
    assert_eq!((deploy.phase, document.events[0].place.last_line), (ChangePhase::Finished, 6));
}

#[test]
fn a_manifest_is_no_document_and_tells_nothing() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cart\nspec:\n  replicas: 3\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    x: 1\n";
    assert_eq!(read_whole("m.yaml", SOURCE, text.as_bytes()), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_are_read_without_a_panic(text in "([ -]{0,6}[a-z:'\"|>{}\\[\\]#é~ ]{0,9}\n){0,12}") {
        if let Some(doc) = read(SOURCE, text.as_bytes()) {
            for element in doc.elements() {
                told(element);
                let place = element.place();
                prop_assert!(place.start < place.end && place.end as usize <= text.len());
            }
        }
    }
}
