//! Requests that no friend sends.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Served;
use super::client::answer;

const LINE: &[u8] = b"2026-03-01T10:00:00Z ERROR checkout failed\n";

fn served() -> (tempfile::TempDir, Served) {
    let data = tempfile::tempdir().unwrap();
    let served = Served::at(data.path());
    (data, served)
}

/// Method and path of every operation that the server describes.
fn operations(served: &Served, case: &str) -> Vec<(String, String)> {
    let description = served.get("/openapi.json").json();
    let paths = description["paths"].as_object().unwrap();
    let filled = |path: &str| path.replace("{case}", case).replace("{upload}", "none").replace("{format}", "md");
    let methods = |item: &Value| item.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    paths.iter().flat_map(|(path, item)| methods(item).into_iter().map(move |m| (m.to_uppercase(), filled(path)))).collect()
}

#[test]
fn d6_no_other_site_changes_anything_through_a_visitors_browser() {
    let (_data, served) = served();
    let case = served.new_case("Mine");
    served.put(&case, "a.log", LINE).unwrap();
    let before = served.get(&format!("/api/v1/cases/{case}")).json();
    let mut tried = operations(&served, &case);
    for page in ["evidence", "changes", "rename", "delete", "analyse", "cancel", "evidence/none/remove"] {
        tried.push(("POST".to_owned(), format!("/cases/{case}/{page}")));
    }
    tried.extend([("POST".to_owned(), "/cases".to_owned()), ("POST".to_owned(), "/example".to_owned())]);
    let changing: Vec<_> = tried.into_iter().filter(|(method, _)| method != "GET").collect();
    assert!(changing.len() >= 15, "{changing:?}");
    for (method, path) in changing {
        for foreign in [("origin", "http://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
            let refused = served.send(&method, &path, &[foreign], b"title=x&by=x&kind=act&text=x").unwrap();
            assert_eq!(refused.status, 403, "{method} {path} {foreign:?}");
        }
    }
    assert_eq!(served.get(&format!("/api/v1/cases/{case}")).json(), before);
    assert_eq!(served.get("/api/v1/cases").json().as_array().unwrap().len(), 1);
}

#[test]
fn d6_looking_changes_nothing() {
    let (_data, served) = served();
    let case = served.new_case("Mine");
    let pages = ["", "/evidence", "/history", "/export", "/logs", "/rename", "/delete", "/analyse"];
    let looked = operations(&served, &case).into_iter().filter(|(method, _)| method == "GET").map(|(_, path)| path);
    for path in looked.chain(pages.map(|page| format!("/cases/{case}{page}"))) {
        let status = served.get(&path).status;
        assert!(status < 500 || status == 503, "{path}: {status}");
    }
    assert_eq!(served.get("/api/v1/cases").json().as_array().unwrap().len(), 1);
}

#[test]
fn a_foreign_name_that_leads_here_is_refused() {
    let (_data, served) = served();
    let mut stream = served.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).unwrap().status, 421);
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let (_data, served) = served();
    for path in ["/", "/api/v1/cases", "/openapi.json", "/assets/casefile.css", "/nowhere", "/cases/none"] {
        let answer = served.get(path);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("script-src 'self' 'unsafe"), "{path}: {policy}");
    }
}

#[test]
fn b12_a_head_that_comes_byte_by_byte_is_given_up() {
    let (_data, served) = served();
    let mut slow = served.connect();
    let begun = Instant::now();
    let mut gone = false;
    while begun.elapsed() < Duration::from_secs(20) && !gone {
        gone = slow.write_all(b"x").is_err();
        std::thread::sleep(Duration::from_millis(400));
    }
    // Others were answered all the time.
    assert_eq!(served.get("/healthz").status, 200);
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest);
    assert!(begun.elapsed() < Duration::from_secs(20), "it waited {:?}", begun.elapsed());
}

#[test]
fn b12_a_body_that_ends_before_its_length_is_not_kept() {
    let (data, served) = served();
    let case = served.new_case("Short");
    let mut stream = served.connect();
    let head = format!(
        "PUT /api/v1/cases/{case}/uploads?name=a.log HTTP/1.1\r\nhost: {}\r\ncontent-length: 100000\r\n\r\n",
        served.address
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(LINE).unwrap();
    drop(stream);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(served.get(&format!("/api/v1/cases/{case}/uploads")).json(), json!([]));
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0);
}

#[test]
fn b12_a_body_of_single_bytes_is_kept_whole() {
    let (_data, served) = served();
    let case = served.new_case("Crumbs");
    let mut stream = served.connect();
    let head = format!(
        "PUT /api/v1/cases/{case}/uploads?name=a.log HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        served.address
    );
    stream.write_all(head.as_bytes()).unwrap();
    for byte in LINE {
        stream.write_all(format!("1\r\n{}\r\n", *byte as char).as_bytes()).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let kept = answer(&mut stream).unwrap();
    assert_eq!((kept.status, kept.json()["bytes"].as_u64()), (201, Some(LINE.len() as u64)));
}

#[test]
fn b12_forms_that_are_none_or_have_too_many_parts_are_refused() {
    let (_data, served) = served();
    let send = |kind: &str, body: &[u8]| served.send("POST", "/cases", &[("content-type", kind)], body).unwrap().status;
    assert_eq!(send("multipart/form-data", LINE), 400);
    assert_eq!(send("multipart/form-data; boundary=x", b"--y\r\n\r\n"), 400);
    assert_eq!(send("text/plain", LINE), 400);
    let part = "--x\r\ncontent-disposition: form-data; name=\"n\"\r\n\r\n1\r\n";
    assert_eq!(send("multipart/form-data; boundary=x", part.repeat(20_000).as_bytes()), 413);
    let body = format!("{{\"title\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(
        served.send("POST", "/api/v1/cases", &[("content-type", "application/json")], body.as_bytes()).unwrap().status,
        413
    );
    assert_eq!(served.send("POST", "/api/v1/cases", &[("content-encoding", "gzip")], b"{}").unwrap().status, 415);
    let json = [("content-type", "application/json")];
    let ways = [
        ("PUT", "/api/v1/cases", "{}", 405),
        ("GET", "/api/v1/nothing", "", 404),
        ("POST", "/api/v1/cases", r#"{"titel":"x"}"#, 422),
    ];
    for (method, path, body, status) in ways {
        let answer = served.send(method, path, &json, body.as_bytes()).unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert_eq!((answer.status, problem["status"].as_u64()), (status, Some(u64::from(status))), "{method} {path}");
    }
    assert_eq!(served.get("/api/v1/cases").json(), json!([]));
}

#[test]
fn a_file_beyond_the_limit_is_refused_and_nothing_of_it_stays() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::with(data.path(), &["--max-upload", "100k"], &[]).unwrap();
    let case = served.new_case("Large");
    let refused = served.put(&case, "a.log", &LINE.repeat(4_000)).unwrap();
    assert_eq!(refused.status, 413, "{}", refused.text());
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0);
    assert_eq!(served.put(&case, "a.log", &LINE.repeat(100)).unwrap().status, 201);
}

const POISON: [&str; 7] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "javascript:alert(1)",
    "' OR 1=1; DROP TABLE cases; --",
    "%_%",
    "a\r\nSet-Cookie: evil=1",
    "{{7*7}}\u{202e}${7*7}",
];

#[test]
fn c1_c7_c8_titles_and_names_are_text_wherever_they_stand() {
    let (_data, served) = served();
    for poison in POISON {
        let case = served.new_case(poison);
        let coded: String = poison.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let log = format!("2026-03-01T10:00:00Z ERROR {}\n", poison.replace(['\r', '\n'], " "));
        let kept = served.put(&case, &coded, log.repeat(20).as_bytes()).unwrap();
        assert_eq!(kept.status, 201, "{}", kept.text());
        served.settled(&case);
        for page in ["", "/evidence", "/history", "/export", &format!("/logs?q={coded}")] {
            let shown = served.get(&format!("/cases/{case}{page}"));
            assert_eq!(shown.header("set-cookie"), None, "{page}");
            let text = shown.text();
            assert!(!text.contains("<img src=x") && !text.contains("<script>alert"), "{poison} on {page}");
            assert!(!text.contains("href=\"javascript:"), "{poison} on {page}");
        }
        for format in ["html", "pdf", "md"] {
            let export = served.get(&format!("/api/v1/cases/{case}/exports/{format}"));
            assert_eq!(export.header("set-cookie"), None, "{format}");
            assert!(!export.header("content-disposition").unwrap_or_default().contains("evil=1\r"), "{format}");
        }
    }
    assert_eq!(served.get("/api/v1/cases").json().as_array().unwrap().len(), POISON.len());
}

#[test]
fn c8_what_is_searched_for_is_no_pattern_of_a_database() {
    let (_data, served) = served();
    let case = served.new_case("Search");
    let log = "2026-03-01T10:00:00Z INFO plain words\n2026-03-01T10:00:01Z ERROR 100%_done ' OR 1=1 --\n".repeat(10);
    served.put(&case, "a.log", log.as_bytes()).unwrap();
    served.settled(&case);
    let hits = |q: &str| {
        let coded: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for _ in 0..200 {
            let found = served.get(&format!("/api/v1/cases/{case}/logs?limit=100&q={coded}"));
            if found.status != 503 {
                return (found.status, found.json()["hits"].as_array().map(Vec::len));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the log room is never there")
    };
    assert_eq!(hits("%"), (200, Some(10)));
    assert_eq!(hits("_"), (200, Some(10)));
    assert_eq!(hits("\"' OR 1=1 --\""), (200, Some(10)));
    assert_eq!(hits("*"), (200, Some(0)));
    assert_eq!(hits("/[/").0, 400);
    assert_eq!(hits("/(q+)+$/"), (200, Some(0)));
    assert_eq!(hits("/a{1000}{1000}/").0, 400);
}

#[test]
fn d1_nothing_in_the_program_could_ask_another_server() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    for client in ["reqwest", "ureq", "isahc", "curl", "hyper-tls", "hyper-rustls", "surf", "attohttpc"] {
        assert!(!lock.contains(&format!("name = \"{client}\"")), "{client} is in the program: see D1 before it is used");
    }
}

#[test]
fn d11_no_request_makes_the_server_fail() {
    let (_data, served) = served();
    let case = served.new_case("Fuzz");
    served.put(&case, "a.log", &LINE.repeat(30)).unwrap();
    served.settled(&case);
    let values =
        ["", "-1", "99999999999999999999", "NaN", "%00", "%ff%fe", "null", "true", "a&a=b", "%F0%9F%92%A5", "../..", "[]"];
    let names = [
        "q",
        "after",
        "limit",
        "order",
        "version",
        "analysis",
        "from",
        "to",
        "from_analysis",
        "audience",
        "regime",
        "stage",
        "source",
        "line",
        "context",
        "name",
        "by",
        "at",
    ];
    for (method, path) in operations(&served, &case).into_iter().filter(|(_, path)| !path.ends_with("/events")) {
        if method == "DELETE" && path.ends_with(&case) {
            continue;
        }
        for value in values {
            let query: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
            let asked = format!("{path}?{}", query.join("&"));
            for body in ["", "{}", "[1]", "{\"by\":1}", "{\"by\":\"a\",\"change\":{\"kind\":\"act\",\"text\":\"\"}}"] {
                let kind: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
                let status = served.send(&method, &asked, kind, body.as_bytes()).map_or(0, |answer| answer.status);
                assert!((200..500).contains(&status) || status == 503, "{method} {asked} {body}: {status}");
                if method == "GET" {
                    break;
                }
            }
        }
    }
}

/// Whether the description says so of an answer: its status, or any refusal, in its media type.
fn is_described(description: &Value, (method, path): (&str, &str), answer: &super::client::Answer) -> bool {
    let responses = &description["paths"][path][method.to_lowercase()]["responses"];
    let response = responses.get(answer.status.to_string()).unwrap_or(&responses["default"]);
    let media = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    match response["content"].as_object() {
        Some(content) => content.contains_key(&media) || content.contains_key("*/*"),
        None => answer.body.is_empty(),
    }
}

#[test]
fn d11_every_answer_is_one_that_the_description_has() {
    let (_data, served) = served();
    let case = served.new_case("Described");
    let description = served.get("/openapi.json").json();
    let check = |method: &str, path: &str, id: &str, body: &str| {
        let kind: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
        let asked = path.replace("{case}", id).replace("{upload}", "none").replace("{format}", "md");
        let answer = served.send(method, &asked, kind, body.as_bytes()).unwrap();
        assert!(
            is_described(&description, (method, path), &answer),
            "{method} {asked} {body}: {} {}",
            answer.status,
            answer.head
        );
        answer.status
    };
    let rounds = |served: &Served| {
        for (path, item) in description["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.contains("events")) {
            for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
                for id in ["none", &case] {
                    let bodies = if method == "GET" { &[""][..] } else { &["", "[]", "{}", "{\"title\":\" \"}"] };
                    for body in bodies.iter().filter(|_| method != "DELETE" || id == "none") {
                        check(&method, path, id, body);
                    }
                }
            }
        }
        assert_eq!(served.get("/healthz").status, 200);
    };
    rounds(&served);
    served.put(&case, "a.log", &LINE.repeat(30)).unwrap();
    served.settled(&case);
    rounds(&served);
    assert_eq!(check("POST", "/api/v1/cases", "", "[null,null]"), 422, "a list is no object");
}

#[test]
fn d11_two_lengths_are_one_too_many() {
    let (_data, served) = served();
    for smuggled in [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    ] {
        let mut stream = served.connect();
        stream.set_read_timeout(Some(Duration::from_secs(12))).unwrap();
        let text = format!(
            "POST /api/v1/cases HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{smuggled}\r\n2\r\n{{}}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n",
            served.address
        );
        stream.write_all(text.as_bytes()).unwrap();
        let first = answer(&mut stream).map_or(0, |answer| answer.status);
        assert_ne!(first, 404, "{smuggled}: the second request was taken for one");
    }
    assert_eq!(served.get("/healthz").status, 200);
}
