//! The doors of the intake (framing, formats, chat, documents, archives) under a small deterministic fuzzer: seeds are
//! every format's own samples and a file of each kind; they are cut, joined, doubled and damaged a fixed number of times.
//! Every byte stays accounted for. What once failed stands in `tests/kept` and is read again.

use std::io::{self, Cursor, Read};
use std::path::Path;

use evidence::{Event, Record, Sink};
use intake::formats::Formats;
use intake::{Bundle, Input, Limits, Settings};

const SEEDS: &[(&str, &str)] = &[
    (
        "app.log",
        "2025-03-01T10:00:00Z INFO ready\n2025-03-01T10:00:01Z ERROR failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\n2025-03-01T10:00:02Z INFO up\n",
    ),
    (
        "app.json",
        "{\"ts\":1740823200,\"level\":\"error\",\"msg\":\"x\",\"err\":{\"stack\":\"Error: x\\n at f (a.js:1:2)\"}}\n{\"ts\":1740823201}\n",
    ),
    ("k.log", "I0301 10:00:00.000001       1 a.go:7] \"synced\" k=\"v\"\nMar  1 10:00:01 h app[7]: x\n"),
    ("cri.log", "2025-03-01T10:00:00.1Z stdout P part \n2025-03-01T10:00:00.2Z stdout F rest\n"),
    (
        "slack/inc/2025-03-01.json",
        "[{\"type\":\"message\",\"user\":\"U1\",\"text\":\"rolling back <@U2>\",\"ts\":\"1740823200.000100\",\"replies\":[{\"user\":\"U1\"}]}]",
    ),
    ("chat.txt", "ana  10:01 AM\nerrors on checkout\n[10:02] bo: rolling back\n3 replies\n10:03\n  done, 5% left\n"),
    (
        "commits.json",
        "[{\"sha\":\"00112233445566778899aabbccddeeff00112233\",\"commit\":{\"author\":{\"name\":\"a\",\"date\":\"2025-03-01T10:00:00Z\"},\"message\":\"m\"},\"files\":[{\"filename\":\"a.go\",\"patch\":\"@@ -1 +1 @@\\n-a\\n+b\"}]}]",
    ),
    (
        "x.diff",
        "diff --git a/a.go b/a.go\nindex 1..2 100644\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ No newline at end of file\n",
    ),
    (
        "alerts.json",
        "{\"status\":\"firing\",\"alerts\":[{\"status\":\"firing\",\"labels\":{\"alertname\":\"A\"},\"annotations\":{},\"startsAt\":\"2025-03-01T10:00:00Z\",\"endsAt\":\"0001-01-01T00:00:00Z\"}]}",
    ),
    (
        "range.json",
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"__name__\":\"m\"},\"values\":[[1740823200,\"0.5\"],[1740823260,\"NaN\"]]}]}}",
    ),
    ("m.csv", "time,cpu,mem\n2025-03-01 10:00:00,0.5,\"1,2\"\n2025-03-01 10:01:00,,7\n"),
    (
        "spans.json",
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"a\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"00\",\"spanId\":\"01\",\"name\":\"x\",\"startTimeUnixNano\":\"1740823200000000000\",\"endTimeUnixNano\":\"1740823201000000000\"}]}]}]}",
    ),
    (
        "events.json",
        "{\"kind\":\"List\",\"items\":[{\"kind\":\"Event\",\"reason\":\"OOMKilling\",\"message\":\"x\",\"lastTimestamp\":\"2025-03-01T10:00:00Z\",\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"a-1\"}}]}",
    ),
    (
        "journal.json",
        "{\"__REALTIME_TIMESTAMP\":\"1740823200000000\",\"MESSAGE\":[120,121],\"_SYSTEMD_UNIT\":\"a.service\",\"PRIORITY\":\"3\"}\n",
    ),
    (
        "cloudwatch.json",
        "{\"events\":[{\"timestamp\":1740823200000,\"message\":\"2025-03-01 10:00:00 ERROR x\\n at f\",\"ingestionTime\":1740823200001}],\"nextForwardToken\":\"f/1\"}",
    ),
    (
        "loki.json",
        "{\"data\":{\"resultType\":\"streams\",\"result\":[{\"stream\":{\"app\":\"a\"},\"values\":[[\"1740823200000000000\",\"level=error msg=x\"]]}]}}",
    ),
    (
        "pods.yaml",
        "apiVersion: v1\nitems:\n- kind: Event\n  involvedObject:\n    kind: Pod\n    name: a-1\n  message: |-\n    x\n    y\n  reason: BackOff\n",
    ),
    ("call.vtt", "WEBVTT\n\nNOTE 2025-03-01T10:00:00Z\n\n00:01.000 --> 00:02.000\n<v Ann>rolling back</v>\n"),
    ("apply.txt", "Terraform used the selected providers\n  # a_b.c will be updated in-place\n\na_b.c: Modifying... [id=1]\n"),
    ("quote.json", "[{\"user\":\"U1\",\"text\":\"```2025-03-01 10:00:00 ERROR x\\n at f```\",\"ts\":\"1740823200.000100\"}]"),
];
/// Damaged inputs that are read; more finds more and takes longer.
const ROUNDS: u64 = 1_500;

struct One(Input, Vec<u8>);

impl Bundle for One {
    fn inputs(&self) -> &[Input] {
        std::slice::from_ref(&self.0)
    }

    fn open(&self, _: usize) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Cursor::new(self.1.as_slice())))
    }
}

/// Counts, and checks that places are in order and within the source.
#[derive(Default)]
struct Count {
    items: u64,
    end: u64,
}

impl Sink for Count {
    fn record(&mut self, record: &Record<'_>) {
        assert!(record.place.start <= record.place.end && record.place.line <= record.place.last_line);
        self.items += 1;
        self.end = self.end.max(record.place.end);
    }

    fn event(&mut self, event: Event) {
        assert!(event.place.start <= event.place.end && event.place.line <= event.place.last_line);
        self.items += 1;
        self.end = self.end.max(event.place.end);
    }
}

/// Reads one file and checks the account; returns how much came of it.
fn read(name: &str, bytes: &[u8]) -> u64 {
    let bundle = One(Input { name: name.into(), size: Some(bytes.len() as u64) }, bytes.to_vec());
    let limits =
        Limits { record_bytes: 2_000, record_lines: 40, document_bytes: 1 << 20, unpacked_bytes: 1 << 22, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let readings = intake::read(&bundle, &settings, 1, &|_, _| Count::default());
    let mut items = 0;
    for reading in readings {
        let (source, count) = (reading.source, reading.sink);
        let skipped: u64 = source.skipped.iter().map(|s| s.bytes).sum();
        assert_eq!(source.read_bytes + skipped, source.bytes, "{name} {}: {source:?}", String::from_utf8_lossy(bytes));
        assert!(count.end <= source.bytes, "{name}: a record ends beyond its source");
        items += count.items;
    }
    items
}

#[test]
fn every_seed_is_read() {
    for (name, text) in SEEDS {
        assert!(read(name, text.as_bytes()) > 0, "{name}");
    }
}

#[test]
fn damaged_inputs_are_accounted_for() {
    let samples = samples();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for round in 0..ROUNDS {
        let (name, seed) = SEEDS[dice.below(SEEDS.len())];
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..dice.below(4) {
            damage(&mut bytes, &samples, &mut dice);
        }
        read(if round % 7 == 0 { "x" } else { name }, &bytes);
    }
}

#[test]
fn what_once_failed_is_read_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    #[allow(clippy::disallowed_methods)]
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(|e| e.ok()) {
        read(&entry.file_name().to_string_lossy(), &std::fs::read(entry.path()).unwrap());
    }
}

fn damage(bytes: &mut Vec<u8>, samples: &[Vec<u8>], dice: &mut Dice) {
    const ODD: &[&[u8]] = &[
        b"\0",
        b"\xff\xfe",
        b"\x1b[31m",
        b"\r",
        b"\n\n",
        b"\"",
        b"\\",
        b"{",
        b"[",
        b"]",
        b"}",
        b"99999999999999999999",
        b"-1",
        b"1e999",
        b"\xe2\x80\xae",
        b",",
        b":",
    ];
    let at = dice.below(bytes.len() + 1);
    match dice.below(7) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(..at)),
        2 => bytes.splice(at..at, ODD[dice.below(ODD.len())].iter().copied()).for_each(drop),
        3 => bytes.splice(at..at, samples[dice.below(samples.len())].iter().copied()).for_each(drop),
        4 => bytes.extend_from_within(..at),
        5 => bytes.extend_from_slice(SEEDS[dice.below(SEEDS.len())].1.as_bytes()),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}

/// Lines of every format, and of the seeds.
fn samples() -> Vec<Vec<u8>> {
    let own = Formats::load().all().iter().flat_map(|f| f.samples().iter().map(|s| format!("{}\n", s.line).into_bytes()));
    let lines = SEEDS.iter().flat_map(|(_, text)| text.lines().map(|l| format!("{l}\n").into_bytes()));
    lines.chain(own).collect()
}

/// The same numbers in every run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}
