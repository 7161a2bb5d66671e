//! What a paste of each kind is read as, and what is no chat.

use crate::documents::read_whole;
use evidence::{Basis, Body, SourceId};

/// Author, text, kind of time, first and last line.
type Said = (String, String, Basis, u64, u64);

fn check(text: &str) -> Option<Vec<Said>> {
    let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes())?;
    let seen = document.events.into_iter().map(|e| match e.body {
        Body::Message(m) => (m.author, m.text, e.stamp.expect("a time").basis, e.place.line, e.place.last_line),
        other => panic!("{other:?}"),
    });
    Some(seen.collect())
}

/// Seconds since the beginning of the year that stands for a missing one.
fn times(text: &str) -> Vec<i64> {
    let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("chat");
    document.events.iter().map(|e| e.stamp.expect("a time").micros / 1_000_000 - 730 * 86_400).collect()
}

fn message(author: &str, text: &str, basis: Basis, lines: (u64, u64)) -> Said {
    (author.into(), text.into(), basis, lines.0, lines.1)
}

#[test]
fn a_log_whose_lines_name_a_level_is_no_chat() {
    for line in [
        "2024-01-06 10:20:3{n},500 ERROR borg.repository: failed to get the lock, it is not free",
        "    2018/02/07 09:12:0{n} [WARN] raft: heartbeat timeout is reached, so an election starts",
        "12/03/2024 04:31:4{n}|root                            |INFO (server:89) - it is started|",
    ] {
        let other = |line: &str, n: usize| line.replace("{n}", &n.to_string()).replace("borg", ["borg", "sync"][n % 2]);
        let text: String = (0..9).map(|n| other(line, n) + "\n").collect();
        assert!(check(&text).is_none(), "{line}");
    }
    for lines in [
        ["[2024/02/07 09:00:2{n}] up", "[2024/02/07 09:00:2{n}] worker started", "[2024/02/07 09:00:2{n}] [ERROR] cannot save"],
        ["[12/03/2024 04:31:4{n}] CAUAJM_I_40245 EVENT: it is on", "[12/03/2024 04:31:4{n}] CAUAJM_E_10 JOB: no", "x"],
        [
            "2024-03-12 04:31:4{n},120 - root (7f1b) :  INFO (server:89) - it is started",
            "2024-03-12 04:31:4{n},120 - root (8a2c) :  ERROR (server:90) - it is not",
            "x",
        ],
    ] {
        let text: String = (0..9).flat_map(|n| lines.map(|line| line.replace("{n}", &n.to_string()) + "\n")).collect();
        assert!(check(&text).is_none(), "{}", lines[0]);
    }
    let talk = "[10:02] bo: it is ERROR 500 again\n[10:03] ana: INFO from the vendor? no\n[10:04] bo: so we roll back\n";
    assert_eq!(check(talk).map(|said| said.len()), Some(3));
    let teams = "[2/7/2024 9:00 AM] Ana Lee\nit is down again\n[2/7/2024 9:02 AM] Bo Ray\nrolling back\n";
    assert_eq!(check(teams).map(|said| said.len()), Some(2));
}

#[test]
fn a_date_and_time_in_brackets_and_a_name_alone_begin_a_message() {
    let text = "[20.05.2025 10:42] Ann Lee\nit looks calm\n\n[20.05.2025 10:44] Opsgenie\nP1: 5xx above 20%\n\n[20.05.2025 10:46] van Dam, Bo (Guest)\nI take it\nall fail\n";
    let expected = [
        message("Ann Lee", "it looks calm", Basis::Civil, (1, 2)),
        message("Opsgenie", "P1: 5xx above 20%", Basis::Civil, (4, 5)),
        message("van Dam, Bo", "I take it\nall fail", Basis::Civil, (7, 9)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
    for (a, b) in [("2025-05-20 10:42", "2025-05-20 10:44"), ("20.05.25, 10:42", "20.05.25, 10:44"), ("10:42", "10:44")] {
        let text = format!("[{a}] Ann Lee\nis it down?\n[{b}] Bo\nyes\n");
        assert_eq!(check(&text).map(|said| (said.len(), said[0].0.clone())), Some((2, "Ann Lee".into())), "{a}");
    }
    for text in [
        "[20.05.2025 10:42:03] Worker\nbegins to copy\n[20.05.2025 10:42:07] Worker\nends to copy\n",
        "[20.05.2025 10:42] backup started\ncopying 7 files\n[20.05.2025 10:52] backup ended\ncopied 7 files\n",
        "[20.05.2025 10:42] Worker\n[20.05.2025 10:44] Writer\n[20.05.2025 10:46] Worker\n",
    ] {
        assert!(check(text).is_none(), "{text}");
    }
}

#[test]
fn what_a_phone_saves_is_read_without_what_the_app_says() {
    let text = "\u{200e}[27-11-25, 07:58:03] Guard: \u{200e}Los mensajes están cifrados.\n[27-11-25, 10:16:52] Ana Lee (Sur): se cayo el sistema?\n\u{200e}[27-11-25, 10:19:02] Bo Ray: \u{200e}imagen omitida\n[27-11-25, 10:21:15] Bo Ray: tampoco deja pagar\nni a ratos\n";
    let expected = [
        message("Ana Lee (Sur)", "se cayo el sistema?", Basis::Civil, (2, 2)),
        message("Bo Ray", "tampoco deja pagar\nni a ratos", Basis::Civil, (4, 5)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
    let text = "27.11.2025 klo 10.16 - Ana Lee loi ryhmän\n27.11.2025 klo 10.17 - Ana Lee: kassa ei toimi\n27.11.2025 klo 10.18 - Bo Ray: <Media jätettiin pois>\n27.11.2025 klo 10.19 - Bo Ray: katson\n";
    let expected =
        [message("Ana Lee", "kassa ei toimi", Basis::Civil, (2, 2)), message("Bo Ray", "katson", Basis::Civil, (4, 4))];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
}

#[test]
fn what_other_clients_save_is_read() {
    for (text, count) in [
        (
            "**** BEGIN LOGGING AT Thu Nov 27 10:00:00 2025\n\nNov 27 10:16:52 <ann>\tis it me or is it down?\nNov 27 10:17:03 <bo>\tlooking at it\n",
            2,
        ),
        ("Ann Lee, [27 Nov 2025 at 10:16:52]:\nis it down?\n\nBo Ray, [27 Nov 2025 at 10:17:02]:\nlooking at it\n", 2),
        ("[Yesterday 10:16] Ann Lee\nis it down?\n[Yesterday 10:17] Bo Ray\nlooking at it\n", 2),
    ] {
        assert_eq!(check(text).map(|said| said.len()), Some(count), "{text}");
    }
    let text = "Nov 27 10:16:52 gw-1 sshd[4]: is it down?\nNov 27 10:17:03 gw-1 cron[7]: the job is not on\n";
    assert!(check(text).is_none(), "a syslog");
}

#[test]
fn names_above_the_words() {
    let text = "copied from #ops, times Berlin\n\nhana.k  7:34 AM\non it\n\nsam.o  7:44 AM\nonly tax tables\nbut sure\n";
    let expected = [
        message("hana.k", "on it", Basis::ClockOnly, (3, 4)),
        message("sam.o", "only tax tables\nbut sure", Basis::ClockOnly, (6, 8)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
}

#[test]
fn a_time_alone_begins_a_further_message_of_the_same_author() {
    let text = "Ann Lee\n  10:02 AM\nis it down?\n10:03\nlooking\nat the graph of 10:04\nBo Li\n  10:05 AM\nyes\n";
    let expected = [
        message("Ann Lee", "is it down?", Basis::ClockOnly, (1, 3)),
        message("Ann Lee", "looking\nat the graph of 10:04", Basis::ClockOnly, (4, 6)),
        message("Bo Li", "yes", Basis::ClockOnly, (7, 9)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
    let text = "Ann Lee 1/13/2025 10:02 AM\nis it down\nBo Li 1/13/2025 10:03 AM\nyes it is\n";
    let expected = [message("Ann Lee", "is it down", Basis::Civil, (1, 2)), message("Bo Li", "yes it is", Basis::Civil, (3, 4))];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
}

#[test]
fn a_code_block_quotes_a_log() {
    let text = "ann  7:34 AM\nsee\n```\n2025-01-01 01:00:05,123 ERROR no route\n  at a.b(C.java:1)\n```\nbo  7:35 AM\nok\n";
    let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("chat");
    let record = document.carried[0].record(document.carried[0].place);
    assert_eq!((record.message.as_ref(), record.field("via")), ("no route\n  at a.b(C.java:1)", Some("chat")));
    assert_eq!((record.place.line, record.place.last_line, document.records), (4, 5, 2));
}

#[test]
fn times_names_and_words_on_one_line() {
    let text = "[07:34] ann: is it the deploy?\n[07:35] bo: no, I rolled it back\n";
    assert_eq!(check(text).map(|m| (m.len(), m[1].0.clone(), m[1].2)), Some((2, "bo".into(), Basis::ClockOnly)));
    let text = "14/11/2025, 18:40 - Ann Lee: we are down\n14/11/2025, 18:41 - Bo: looking\nat the logs\n";
    let seen = check(text).expect("chat");
    assert_eq!((seen[1].1.as_str(), seen[1].2, seen[0].0.as_str()), ("looking\nat the logs", Basis::Civil, "Ann Lee"));
    let text = "2025-03-02 07:34 ann: is it us?\n2025-03-02 07:36 bo: it is not, the cert is gone\n";
    assert_eq!(check(text).map(|m| m.len()), Some(2));
}

#[test]
fn a_time_of_day_right_behind_the_name() {
    let expected = [
        message("Ann Lee", "are we down?", Basis::ClockOnly, (1, 2)),
        message("bo.k", "yes, we shipped at 13:58\nlooking", Basis::ClockOnly, (3, 5)),
        message("Ann Lee", "ok", Basis::ClockOnly, (6, 7)),
    ];
    for (a, b, c) in [
        ("Ann Lee 14:07", "bo.k 14:08", "Ann Lee 14:11"),
        ("Ann Lee [14:07]", "bo.k [14:08]", "Ann Lee [14:11]"),
        ("Ann Lee at 2:07 PM", "bo.k at 2:08 PM", "Ann Lee at 2:11 PM"),
        ("Ann Lee Today at 14:07", "bo.k Today at 14:08", "Ann Lee Today at 14:11"),
        ("Ann Lee at 14:07", "bo.k at 14:08", "Ann Lee at 14:11"),
    ] {
        let text = format!("{a}\nare we down?\n{b}\nyes, we shipped at 13:58\nlooking\n{c}\nok\n");
        assert_eq!(check(&text).as_deref(), Some(&expected[..]), "{a}");
    }
}

#[test]
fn prose_and_lists_with_times_are_no_chat() {
    for text in [
        "The deploy went out at 14:07\nand errors began soon\nIt was rolled back at 14:30\nand all was well\n",
        "Breakfast 08:00\nLunch 12:30\nDinner 19:00\n",
        "backup started 02:00\ncopying 7 files\nbackup ended 02:10\ncopied 7 files\n",
        "Started 14:07\n  reading files\nUpdated 14:09\n  writing files\n",
    ] {
        assert_eq!(check(text), None, "{text}");
    }
}

#[test]
fn marks_of_the_page_are_no_words() {
    let text = "Ann Lee\n  7:34 AM\nis it us?\n:eyes:\n2\n3 replies\nBo Li\n  7:35 AM\nno\n";
    assert_eq!(check(text).map(|m| (m[0].1.clone(), m[1].0.clone())), Some(("is it us?".into(), "Bo Li".into())));
    let text = "[14/11 18:40] Ann Lee\nwe are down\n[14/11 18:41] Bo: is it the cert\n[14/11 18:42] Bo: yes it is\n";
    assert_eq!(check(text).map(|m| (m.len(), m[0].2)), Some((3, Basis::CivilNoYear)));
}

#[test]
fn a_line_with_a_date_dates_what_follows() {
    let seen = check("--- Sunday, March 2nd, 2025 ---\nann  7:34 AM\nhi\nbo  7:35 AM\nho\n").expect("chat");
    assert_eq!((seen.len(), seen[0].2), (2, Basis::Civil));
}

#[test]
fn logs_are_no_chat() {
    let logs = [
        "2025-05-14T14:21:58Z  INFO edge_router::conn: closed peer=10.3.60.2\n2025-05-14T14:21:59Z  WARN edge_router::health: probe took\n",
        "2025-01-01 10:00:00 app: request done in 5 ms\n2025-01-01 10:00:01 worker: job 7 finished\n",
        "[2026-02-05 12:34:56] local.WARNING: the user is not known\n[2026-02-05 12:34:57] jobs.INFO: it is done\n",
        "[Tue Jan  9 11:22:37 2024] Out of memory: Killed process 4711, it is not back\n[Tue Jan  9 11:22:38 2024] oom_reaper: reaped the process\n",
        "10:00:00 main: listening 0.0.0.0:80\n10:00:01 main: accepted 10.0.0.1\n",
    ];
    for text in logs {
        assert_eq!(check(text), None, "{text}");
    }
}

#[test]
fn a_paste_of_slack_has_badges_dividers_and_further_messages() {
    let text = "Tuesday, May 6th\n\nInga Sol\n  23:49\non it\n\nnoor\n  23:56\nsure\n\nWednesday, May 7th\n\nnoor\n  00:08\nit is DNS\n  00:09\ndig fails\n\ndeploybot\nAPP  00:12\ncart is back\n2 replies\n";
    let no_year = Basis::CivilNoYear;
    let expected = [
        message("Inga Sol", "on it", no_year, (3, 5)),
        message("noor", "sure", no_year, (7, 9)),
        message("noor", "it is DNS", no_year, (13, 15)),
        message("noor", "dig fails", no_year, (16, 17)),
        message("deploybot", "cart is back", no_year, (19, 22)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
    assert_eq!(times(text)[2] - times(text)[1], 12 * 60);
    let bare = "deploybot\nAPP  3:03 PM\ncart 2 is out\nAnn Lee\n  3:04 PM\nis it down?\n";
    let expected = [
        message("deploybot", "cart 2 is out", Basis::ClockOnly, (1, 3)),
        message("Ann Lee", "is it down?", Basis::ClockOnly, (4, 6)),
    ];
    assert_eq!(check(bare).as_deref(), Some(&expected[..]));
}

#[test]
fn a_paste_of_teams_has_dates_without_a_year() {
    for (a, b) in [("3/18 1:51 PM", "3/18 1:54 PM"), ("15.04. 10:14", "15.04. 10:16"), ("15/04 10:14", "15/04 10:16")] {
        let text = format!("[{a}] Ann Lee\nlooking\n\n[{b}] Bo Ray\nwe roll back\n");
        let expected = [
            message("Ann Lee", "looking", Basis::CivilNoYear, (1, 2)),
            message("Bo Ray", "we roll back", Basis::CivilNoYear, (4, 5)),
        ];
        assert_eq!(check(&text).as_deref(), Some(&expected[..]), "{a}");
    }
}

#[test]
fn the_chat_of_a_call() {
    let expected = |lines: [(u64, u64); 2]| {
        [
            message("Ann Lee", "is it the cart?", Basis::ClockOnly, lines[0]),
            message("Bo Ray", "rolling back", Basis::ClockOnly, lines[1]),
        ]
    };
    let text = "14:51:10\t From  Ann Lee  to  Everyone : is it the cart?\n14:54:20\t From  Bo Ray  to  Everyone : rolling back\n";
    assert_eq!(check(text).as_deref(), Some(&expected([(1, 1), (2, 2)])[..]));
    let text = "14:51:10 From Ann Lee to Everyone:\n\tis it the cart?\n14:54:20 From Bo Ray to Everyone:\n\trolling back\n";
    assert_eq!(check(text).as_deref(), Some(&expected([(1, 2), (3, 4)])[..]));
}

#[test]
fn clients_of_irc_tell_joins_and_deeds() {
    let text = "--- Log opened Tue Mar 18 23:50:05 2025\n23:51 <@ann> on it\n23:52 -!- bo [~bo@10.9.1.4] has joined #ops\n23:53 < bo> is it us?\n23:54  * bo hides\n00:10 < bo> it is over\n--- Log closed Wed Mar 19 02:00:00 2025\n";
    let expected = [
        message("ann", "on it", Basis::Civil, (2, 2)),
        message("bo", "is it us?", Basis::Civil, (4, 4)),
        message("bo", "hides", Basis::Civil, (5, 5)),
        message("bo", "it is over", Basis::Civil, (6, 6)),
    ];
    assert_eq!(check(text).as_deref(), Some(&expected[..]));
    assert_eq!(times(text)[3] - times(text)[0], 19 * 60);
    let text = "2025-03-18 13:42:06\t-->\tbo (~bo@x) has joined #ops\n2025-03-18 13:51:10\t@ann\tlooking at cart now\n2025-03-18 13:54:20\tbo\tI deployed it\n2025-03-18 14:22:00\t *\tbo is writing\n";
    let seen: Vec<_> = check(text).expect("chat").into_iter().map(|m| (m.0, m.1)).collect();
    let expected = [("ann", "looking at cart now"), ("bo", "I deployed it"), ("bo", "is writing")];
    assert_eq!(seen, expected.map(|(a, b)| (a.to_string(), b.to_string())));
}

#[test]
fn the_frame_of_an_export_is_no_message() {
    let rule = "=".repeat(62);
    let text = format!(
        "{rule}\nGuild: G\n{rule}\n\n[3/18/2025 1:51 PM] ann\nlooking\n\n[3/18/2025 2:20 PM] bo\nresolved\n\n\n{rule}\nExported 2 message(s)\n{rule}\n"
    );
    let expected = [message("ann", "looking", Basis::Civil, (5, 6)), message("bo", "resolved", Basis::Civil, (8, 9))];
    assert_eq!(check(&text).as_deref(), Some(&expected[..]));
}

#[test]
fn a_stated_zone_is_that_of_all_times() {
    let text = "#inc (times UTC-6)\n\nann  7:34 AM\nare we down?\n\nbo  7:35 AM\nyes\n";
    assert_eq!(check(text).map(|m| (m.len(), m[0].2)), Some((2, Basis::ZonedClock)));
    assert_eq!(times(text)[0], (13 * 60 + 34) * 60);
    let text = "[10:11 UTC] ann: are we down?\n[10:12 UTC] bo: we are\n";
    assert_eq!(check(text).map(|m| (m.len(), m[0].2)), Some((2, Basis::ZonedClock)));
}

#[test]
fn a_further_time_without_its_half_of_the_day_is_the_next_one() {
    let text = "Ann Lee\n  11:58 AM\nis it us?\n11:59\nit is\n12:01\nrolling back\n2:10\nit is over\nBo Ray\n  2:12 PM\nok\n";
    let minutes: Vec<i64> = times(text).iter().map(|s| s / 60).collect();
    assert_eq!(minutes, [718, 719, 721, 850, 852]);
}

#[test]
fn tabs_part_time_name_and_words_below_a_date_and_the_zone_stands_where_it_was_saved() {
    let saved = "[LINE] Chat history\nSaved on: 2025/10/08 10:02 (JST)\n\n2025/10/07 (Tue)\n09:38\t佐藤 結衣\tack. half of them fail\n09:41\t阿部 莉奈\t原因を調べています\n10:20\t佐藤 結衣\tresolved\n";
    let said = check(saved).expect("chat");
    assert_eq!(said[0], message("佐藤 結衣", "ack. half of them fail", Basis::Zoned, (5, 5)));
    assert_eq!(said.len(), 3);
    let document = read_whole("talk.txt", SourceId { input: 0, entry: 0 }, saved.as_bytes()).expect("chat");
    let first = document.events[0].stamp.expect("a time").micros / 1_000_000;
    assert_eq!(first - 1_759_795_200, 38 * 60);
    let table = "10:01\tINFO\tpool is full\n10:02\tWARN\tpool is full\n10:03\tINFO\tit is free\n";
    assert!(check(table).is_none());
}

#[test]
fn accounts_of_discord_have_numbers() {
    let text = "[11-Jun-25 04:07 PM] Ann Lee#4711\ncart is down?\n\n[11-Jun-25 04:08 PM] Grafana#0000\nFiring: cart fails\n\n[11-Jun-25 04:09 PM] Bo#0815\nlooking at it\n";
    let document = super::super::read_whole("d.txt", evidence::SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a chat");
    let told = document.events.iter().map(|e| match &e.body {
        evidence::Body::Message(m) => (m.author.as_str(), m.is_bot),
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), [("Ann Lee", false), ("Grafana", true), ("Bo", false)]);
}

#[test]
fn a_name_that_begins_like_a_half_of_the_day_is_none() {
    let text = "[05/09/2025, 13:49:20] Amalia: on it. it is the cache\n[05/09/2025, 13:51:10] Pmarek: are you sure?\n[05/09/2025, 13:55:00] Amalia: I am\n";
    let document = read_whole("chat.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("chat");
    // The fifth of September.
    assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_757_080_160));
    let halved = text.replace("13:", "01:").replace("] ", " PM] ");
    let document = read_whole("chat.txt", SourceId { input: 0, entry: 0 }, halved.as_bytes()).expect("chat");
    assert_eq!(document.events[0].stamp.map(|s| s.micros / 1_000_000), Some(1_746_798_560), "the ninth of May");
}

#[test]
fn what_a_bouncer_and_an_older_call_wrote() {
    let bouncer = "[09:14:32] <ann> cart is down\n[09:15:02] *** Joins: cy (~cy@a.example)\n[09:15:32] <bo> i am looking\n[09:16:32] * bo restarts the pool\n";
    let told: Vec<(String, String)> = check(bouncer).expect("a chat").into_iter().map(|(who, words, ..)| (who, words)).collect();
    let expected = [("ann", "cart is down"), ("bo", "i am looking"), ("bo", "restarts the pool")];
    assert_eq!(told, expected.map(|(who, words)| (who.to_string(), words.to_string())));
    let call = "09:14:32\t From Ann Lee : the cart is down\n09:15:32\t From Bo Lund : i am looking\n";
    let told: Vec<String> = check(call).expect("a chat").into_iter().map(|(who, ..)| who).collect();
    assert_eq!(told, ["Ann Lee", "Bo Lund"]);
}

#[test]
fn a_dump_of_slack_and_a_name_with_a_comma() {
    let dump = "> Ann Lee [U123ABC] @ 13/01/2025 09:14:32 Z:\nthe cart is down\n\n> Bo Lund [U124ABC] @ 13/01/2025 09:15:32 Z:\ni am looking\n";
    let told = check(dump).expect("a chat");
    assert_eq!(told[0], message("Ann Lee", "the cart is down", Basis::Zoned, (1, 2)));
    let copied = "Ann Lee, 9:14 AM\nthe cart is down\nBo Lund, 9:15 AM\ni am looking\n";
    let told: Vec<String> = check(copied).expect("a chat").into_iter().map(|(who, ..)| who).collect();
    assert_eq!(told, ["Ann Lee", "Bo Lund"]);
}

#[test]
fn what_counts_from_the_beginning_of_a_call_has_no_time() {
    let text = "Call-20250113_091400-Meeting Recording\nJanuary 13, 2025, 9:14AM\n26m 5s\n\nAnn Lee   0:03\nThe cart is down.\n\nBo Lund   0:07\nI am looking.\n";
    let document = read_whole("notes.txt", SourceId { input: 0, entry: 0 }, text.as_bytes()).expect("a chat");
    let told: Vec<_> = document
        .events
        .iter()
        .map(|e| match &e.body {
            Body::Message(m) => (m.author.as_str(), e.stamp),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [("Ann Lee", None), ("Bo Lund", None)]);
}

#[test]
fn whatsapp_has_the_order_of_dates_of_its_country() {
    for (first, second) in [
        ("02/03/2025 09:10 - ", "02/03/2025 09:11 - "),
        ("2025/03/02, 9:10 - ", "2025/03/02, 9:11 - "),
        ("02.03.25, 09:10 - ", "02.03.25, 09:11 - "),
    ] {
        let text = format!("{first}Ann Lee: the cart is down\n{second}Bo Lund: i am looking\n");
        let told = check(&text).expect("a chat");
        assert_eq!(told[0], message("Ann Lee", "the cart is down", Basis::Civil, (1, 1)), "{text}");
    }
}

#[test]
fn a_status_beside_a_name_is_no_part_of_it() {
    let text = "Ann Lee\n:palm_tree:  9:10 AM\nthe cart is down\nBo Lund\n  9:12 AM\ni am looking\n";
    let told: Vec<String> = check(text).expect("a chat").into_iter().map(|(who, ..)| who).collect();
    assert_eq!(told, ["Ann Lee", "Bo Lund"]);
}

#[test]
fn a_name_and_a_whole_date_above_the_words() {
    let text = "Ann Lee 2025-03-02 09:10:11\nthe cart is down\nBo Lund 2025-03-02 09:11:11\ni am looking\n";
    let told: Vec<String> = check(text).expect("a chat").into_iter().map(|(who, ..)| who).collect();
    assert_eq!(told, ["Ann Lee", "Bo Lund"]);
    let log =
        "Started worker 2025-03-02 09:10:11\nconnection=4 state=up\nStopped worker 2025-03-02 09:11:11\nconnection=5 state=up\n";
    assert!(check(log).is_none());
}
