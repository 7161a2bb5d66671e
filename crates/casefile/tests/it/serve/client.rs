//! A server of its own for each test, and the simplest client there is: bytes out, bytes in, so that a test can send what no
//! library would.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub struct Served {
    child: Child,
    pub address: String,
}

/// What came back.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }
}

impl Served {
    pub fn at(data: &Path) -> Served {
        Served::with(data, &[], &[]).expect("the server starts")
    }

    /// None where it ended before it said its address.
    pub fn with(data: &Path, options: &[&str], environment: &[(&str, &str)]) -> Option<Served> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casefile"));
        command.args(["serve", "--addr", "127.0.0.1:0", "--data"]).arg(data).args(options);
        command.envs(environment.iter().copied());
        Served::started(command)
    }

    pub fn started(mut command: Command) -> Option<Served> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("casefile runs");
        let mut told = BufReader::new(child.stderr.take().expect("is piped"));
        let mut line = String::new();
        while told.read_line(&mut line).is_ok_and(|read| read > 0) && !line.contains("http://") {
            line.clear();
        }
        let Some((_, rest)) = line.split_once("http://") else {
            let _ = child.wait();
            return None;
        };
        let address = rest.split('/').next().unwrap_or_default().to_owned();
        // What it says later is read, so that it never waits for somebody to read it.
        std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
        Some(Served { child, address })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How it ended, within a time.
    pub fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("is set");
        stream
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").expect("answers")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string().as_bytes()).expect("answers")
    }

    pub fn put(&self, case: &str, name: &str, bytes: &[u8]) -> Option<Answer> {
        self.send("PUT", &format!("/api/v1/cases/{case}/uploads?name={name}&by=Ann"), &[], bytes)
    }

    /// None where the server went away before it answered.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(120))).ok()?;
        stream.write_all(head.as_bytes()).ok()?;
        // Who is refused early is told so before all was sent.
        let _ = stream.write_all(body);
        answer(&mut stream)
    }

    pub fn new_case(&self, title: &str) -> String {
        let answer = self.post("/api/v1/cases", &serde_json::json!({ "title": title }));
        answer.json()["id"].as_str().expect("has an id").to_owned()
    }

    /// Waits until the newest work on a case is over; says how it ended.
    pub fn settled(&self, case: &str) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.get(&format!("/api/v1/cases/{case}/analysis")).json();
            if matches!(told["phase"].as_str(), Some("done" | "failed" | "cancelled" | "empty")) {
                return told;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "it does not end: {told}");
            std::thread::sleep(Duration::from_millis(60));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads an answer to its end; a chunked body is put together.
pub fn answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = joined(&answer.body);
    }
    Some(answer)
}

fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = chunks.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&chunks[..end]).trim(), 16).unwrap_or(0);
        let Some(chunk) = chunks.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(chunk);
        chunks = chunks.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

/// The files of the example incident, by their names.
pub fn example() -> Vec<(String, Vec<u8>)> {
    fn gather(folder: &Path, front: &str, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).expect("is a folder").flatten() {
            let name = format!("{front}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                gather(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push((name, fs::read(entry.path()).expect("reads")));
            }
        }
    }
    let mut found = Vec::new();
    gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/checkout"), "", &mut found);
    found.sort();
    found
}
