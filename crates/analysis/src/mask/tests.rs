use proptest::prelude::*;

use super::*;

fn masked(text: &str) -> String {
    let mut out = String::new();
    mask(text, &mut out);
    out
}

fn typed(text: &str) -> Vec<(Kind, &str)> {
    let mut values = Vec::new();
    variables(text, &mut values);
    values
}

#[test]
fn numbers_ids_paths_and_addresses_are_variables() {
    assert_eq!(masked("job=88001 posted entries=17 in 84 ms"), "job=<*> posted entries=<*> in <*> ms");
    assert_eq!(masked("peer 10.4.17.9:41220 closed"), "peer <*> closed");
    assert_eq!(masked("wrote /var/lib/x to C:\\Temp\\y.txt"), "wrote <*> to <*>");
    assert_eq!(masked("mail for a.b@example.com, from ns.example.org"), "mail for <*>, from <*>");
    assert_eq!(masked("lease of 02:4f:aa:bb:cc:dd, FF:F2:9F is short"), "lease of <*>, <*> is short");
    assert_eq!(masked("(see [redis://cache-2.local:6379/0])"), "(see [<*>])");
}

#[test]
fn opposites_stay_apart() {
    assert_ne!(masked("backend b2 started"), masked("backend b2 stopped"));
    assert_ne!(masked("GET /a 200"), masked("POST /a 200"));
    assert_ne!(masked("\"GET /a?b=1 HTTP/1.1\" 200"), masked("\"POST /a HTTP/1.1\" 200"));
}

#[test]
fn of_a_quoted_request_the_method_is_kept_and_of_an_agent_nothing() {
    assert_eq!(masked("\"GET /a?b=1 HTTP/1.1\" 200 \"Mozilla/5.0 (X11; Linux)\""), "\"GET <*>\" <*> \"<*>\"");
}

#[test]
fn quoted_text_keeps_its_words() {
    assert_eq!(masked("error=\"dial tcp 10.0.0.7:443: connection refused\""), "error=\"dial tcp <*>: connection refused\"");
}

#[test]
fn names_of_code_and_standards_keep_their_digit() {
    assert_eq!(masked("jk2_init() over ssh2, Slf4jLogger md5"), "jk2_init() over ssh2, Slf4jLogger md5");
    assert_eq!(masked("org.example.Main failed: java.net.SocketException"), "org.example.Main failed: java.net.SocketException");
    assert_eq!(masked("r24=0x0f http2=off"), "r24=<*> http2=off");
    assert_eq!(masked("filter org.example.v2.Http2Server$Filter on"), "filter org.example.v2.Http2Server$Filter on");
}

#[test]
fn of_a_numbered_name_the_number_is_the_variable() {
    assert_eq!(masked("dumped core.2275 on node-12 with jetty-6.1.26"), "dumped core.<*> on node-<*> with jetty-<*>");
    assert_eq!(masked("closed Session@1f3a7c"), "closed Session@<*>");
    assert_eq!(masked("worker #7 at 90%, ~30 left, took 5."), "worker #<*> at <*>%, ~<*> left, took <*>.");
}

#[test]
fn dots_that_lead_the_eye_part_words() {
    assert_eq!(masked("prefetch depth........0"), "prefetch depth........<*>");
    assert_eq!(masked("Retrying ..."), "Retrying ...");
}

#[test]
fn a_page_of_the_manual_is_part_of_the_text() {
    let text = "Cannot connect. For details see: https://wiki.example.org/connect";
    assert_eq!(masked(text), text);
    assert_eq!(masked("fetched https://wiki.example.org/connect"), "fetched <*>");
}

#[test]
fn several_blanks_are_one() {
    assert_eq!(masked("retry  in   5 s  "), "retry in <*> s");
}

#[test]
fn only_the_first_line_counts() {
    assert_eq!(masked("panic: oops\n\tat main.go:12"), "panic: oops");
    assert_eq!(masked("panic: oops\r\nat main.go:12"), "panic: oops");
}

#[test]
fn of_a_very_long_line_whole_words_count() {
    let long = "item b ".repeat(200) + "x";
    assert!(masked(&long).ends_with(['b', 'm']) && masked(&long).len() < 1_030);
}

#[test]
fn a_full_stop_that_ends_no_sentence_belongs_to_the_path() {
    assert_eq!(masked("wrote /a/b. in 5 s, read /a/*"), "wrote <*> in <*> s, read <*>");
    assert_eq!(masked("Wrote /a/b. Then slept."), "Wrote <*>. Then slept.");
}

#[test]
fn letters_beyond_ascii_are_kept_and_never_split() {
    assert_eq!(masked("größer als 5 €"), "größer als <*> €");
    assert_eq!(cut("aé", 2), "a");
}

#[test]
fn values_are_told_with_their_kind_in_order() {
    let text = "10.0.0.7:80 took 84 ms for 5 KB (90%) of v1.2.3 at 12:30:01 in 3 rows";
    let kinds = [
        (Kind::Ip, "10.0.0.7:80"),
        (Kind::Duration, "84"),
        (Kind::Size, "5"),
        (Kind::Percentage, "90"),
        (Kind::Version, "v1.2.3"),
        (Kind::Time, "12:30:01"),
        (Kind::Number, "3"),
    ];
    assert_eq!(typed(text), kinds);
    let text =
        "8c4e1b7a-93d2-4f60-a5b8-0d6e2f71c394 /var/log https://a.example.com/b x@example.com 0x7f3a web2.example.com '4a7bq'";
    let kinds: Vec<Kind> = typed(text).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Kind::Uuid, Kind::Path, Kind::Url, Kind::Email, Kind::Hex, Kind::Host, Kind::Quoted]);
    assert_eq!(typed("pod checkout-api-7d9f8b6c5-x2x4q is gone"), [(Kind::Pod, "checkout-api-7d9f8b6c5-x2x4q")]);
}

proptest! {
    #[test]
    fn a_mask_is_its_own_mask(text in "([a-z]{1,4}|[0-9.:/é \"=-]{1,3}|[^@\\\\\\p{C}]{0,3}| ){0,40}") {
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn what_is_masked_is_what_the_values_are(text in "([a-z]{1,4}|[0-9.:/@é=-]{1,3}| ){0,40}") {
        prop_assert_eq!(masked(&text).matches(VARIABLE).count(), typed(&text).len());
    }
}

/// Not a test of speed, which a shared machine cannot keep, but the means to state it.
#[test]
#[ignore = "a measurement: cargo test --release -p analysis -- --ignored --nocapture speed_of_the_mask"]
fn speed_of_the_mask() {
    let lines: Vec<String> = (0..4_000u64).map(|n| sample(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20)).collect();
    let bytes: usize = lines.iter().map(String::len).sum();
    let mut out = String::new();
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = std::time::Instant::now();
    let rounds = 500;
    let mut total = 0;
    for _ in 0..rounds {
        for line in &lines {
            mask(line, &mut out);
            total += out.len();
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let speed = (bytes * rounds) as f64 / seconds / 1e9;
    panic!("{speed:.2} GB/s, {} bytes a line, {total} bytes of masks", bytes / lines.len());
}

fn sample(n: u64) -> String {
    match n % 6 {
        0 => format!("Receiving block blk_{n} src: /10.250.{}.7:{} dest: /10.250.1.9:50010", n % 250, n % 60_000),
        1 => format!("authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.{}.1 user=root", n % 99),
        2 => "Interrupted while waiting for message on queue, the connection will be opened again shortly".to_string(),
        3 => format!("Finished task {}.0 in stage 0.0 (TID {n}). {} bytes result sent to driver", n % 77, n % 9_999),
        4 => format!("session opened for user u{} by the scheduler, deadline exceeded while awaiting headers", n % 11),
        _ => format!("upstream checkout-api-7d9f8b6c5-x{}q: context deadline exceeded after {} ms", n % 9, n % 30_000),
    }
}
