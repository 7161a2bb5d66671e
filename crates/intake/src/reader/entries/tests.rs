use evidence::{Level, Record, Sink, Source, Stamp};
use proptest::prelude::*;

use crate::testing::{Keep, Memory, assert_accounted, read_one};
use crate::{Settings, read};

/// The only source of a file, which is accounted for and whose records stand where they say.
fn only(name: &str, bytes: &[u8]) -> (Source, Keep) {
    let mut all = read_one(name, bytes);
    assert_eq!(all.len(), 1);
    let (source, sink) = all.remove(0);
    assert_accounted(&source);
    assert_eq!(source.lines, bytes.split_inclusive(|b| *b == b'\n').count() as u64);
    assert!(source.records as usize == sink.records.len() || !sink.events.is_empty() || source.format == "binary");
    for record in &sink.records {
        let (from, to) = (record.place.start as usize, record.place.end as usize);
        let feeds = |to: usize| 1 + bytes[..to].iter().filter(|b| **b == b'\n').count() as u64;
        assert!(from < to && to <= bytes.len(), "{record:?}");
        assert_eq!((record.place.line, record.place.last_line), (feeds(from), feeds(to - 1)), "{record:?}");
    }
    (source, sink)
}

/// Lines, level and message of each record; `-` for one without a time.
fn told(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let (_, sink) = only("a", bytes.as_ref());
    let of = |r: &crate::testing::Kept| {
        let (lines, message) = (format!("{}-{}", r.place.line, r.place.last_line), r.message.replace('\n', "|"));
        format!("{lines}{} {} {message}", if r.has_time { "" } else { " -" }, r.level.map_or("-", Level::word))
    };
    sink.records.iter().map(of).collect()
}

type Fields = Vec<(String, String)>;

/// What the first record says beside its message.
#[derive(Default)]
struct First(Option<(Option<Stamp>, [String; 4], Fields)>);

impl Sink for First {
    fn record(&mut self, r: &Record<'_>) {
        let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or("-").to_string();
        let fields = r.fields.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let parts = [text(&r.service), text(&r.instance), text(&r.stamp_text), r.format.to_string()];
        self.0.get_or_insert((r.stamp, parts, fields));
    }

    fn event(&mut self, _: evidence::Event) {}
}

/// Service, instance, time as written and format of the first record, and its fields.
fn first(bytes: impl AsRef<[u8]>) -> ([String; 4], Fields) {
    let bundle = Memory::new([("a", bytes.as_ref().to_vec())]);
    let mut all = read(&bundle, &Settings::default(), 1, &|_, _| First::default());
    let (_, parts, fields) = all.remove(0).sink.0.unwrap();
    (parts, fields)
}

fn has(fields: &[(String, String)], name: &str, value: &str) -> bool {
    fields.iter().any(|(k, v)| k == name && v == value)
}

const EXPORT: &str = "__CURSOR=s=0a;i=1\n__REALTIME_TIMESTAMP=1704799353123456\nPRIORITY=3\n_HOSTNAME=web-1\nSYSLOG_IDENTIFIER=nginx\n_PID=7\nMESSAGE=bind() failed\n\n__CURSOR=s=0a;i=2\n__REALTIME_TIMESTAMP=1704799354123456\nPRIORITY=6\n_SYSTEMD_UNIT=cron.service\nMESSAGE=Started a=b\n";

#[test]
fn an_entry_of_a_journal_export_is_one_record() {
    assert_eq!(told(EXPORT), ["1-7 error bind() failed", "9-13 info Started a=b"]);
    let (parts, fields) = first(EXPORT);
    assert_eq!(parts, ["nginx", "web-1", "1704799353123456", "journald_export"]);
    assert!(has(&fields, "_PID", "7") && has(&fields, "__CURSOR", "s=0a;i=1"));
    let (source, _) = only("j", EXPORT.as_bytes());
    assert_eq!((source.format.as_str(), source.records), ("journald_export", 2));
}

#[test]
fn a_journal_export_is_read_as_the_same_entry_in_json() {
    let object = r#"{"__CURSOR":"s=0a;i=1","__REALTIME_TIMESTAMP":"1704799353123456","PRIORITY":"3","_HOSTNAME":"web-1","SYSLOG_IDENTIFIER":"nginx","_PID":"7","MESSAGE":"bind() failed"}"#;
    let ((one, fields), (other, others)) = (first(EXPORT), first(format!("{object}\n")));
    assert_eq!((&one[..3], fields), (&other[..3], others));
}

#[test]
fn a_program_that_does_not_name_itself_is_named_by_its_command_or_unit() {
    let entry = |fields: &str| format!("__CURSOR=s=0a;i=1\n__REALTIME_TIMESTAMP=1704799353123456\n{fields}MESSAGE=x\n\n");
    let service = |fields: &str| first(entry(fields)).0[0].clone();
    assert_eq!(service("_SYSTEMD_UNIT=pay.service\n_COMM=java\n"), "java");
    assert_eq!(service("_SYSTEMD_UNIT=pay.service\n"), "pay");
    assert_eq!(service("_COMM=java\nSYSLOG_IDENTIFIER=\n_SYSTEMD_UNIT=x.slice\n"), "java");
}

/// A field whose value stands behind its length.
fn sized(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b"\n", &(value.len() as u64).to_le_bytes(), value, b"\n"].concat()
}

#[test]
fn a_value_behind_its_length_may_have_lines_and_bytes_that_are_no_text() {
    let head = b"__CURSOR=s=0a;i=1\n__REALTIME_TIMESTAMP=1704799353123456\nPRIORITY=3\n";
    // Ten bytes: the length is a line end itself.
    let entry =
        [&head[..], &sized("COREDUMP", &[0, 10, 0, 10].repeat(400)), &sized("MESSAGE", b"one\ntwo==3"), b"_COMM=a\n\n"].concat();
    let export = entry.repeat(3);
    let records = told(&export);
    assert!(records.iter().all(|r| r.ends_with(" error one|two==3")), "{records:?}");
    assert_eq!(records.len(), 3);
    let (source, sink) = only("j", &export);
    assert_eq!((source.skipped.len(), sink.records[1].place.start), (0, entry.len() as u64));
    assert_eq!(told([&head[..], &sized("MESSAGE", b"one\n\n"), b"\n"].concat()), ["1-5 error one||"]);
}

#[test]
fn an_export_that_breaks_off_gives_what_stands_before() {
    let begun = b"\n__CURSOR=s=0a;i=3\n__REALTIME_TIMESTAMP=1704799355123456\n";
    for (cut, last) in [(15, "15-18 - "), (17, "15-18 - a"), (18, "15-18 - a|"), (19, "15-19 - a|b")] {
        let export = [EXPORT.as_bytes(), begun, &sized("MESSAGE", b"a\nb")[..cut]].concat();
        let records = told(&export);
        assert_eq!((records.len(), &records[2][..]), (3, last));
    }
}

const VERBOSE: &str = "Tue 2024-01-09 11:22:33.123456 CET [s=0a;i=1;b=2c;m=4;t=5;x=6]\n    PRIORITY=3\n    _HOSTNAME=web-1\n    SYSLOG_IDENTIFIER=api\n    MESSAGE=Traceback:\n              File \"a.py\"\n            X=1\n    _PID=7\n-- Boot 9 --\nTue 2024-01-09 11:22:34.123456 CET [s=0a;i=2;b=2c;m=4;t=5;x=6]\n    PRIORITY=6\n    _SYSTEMD_UNIT=cron.service\n    MESSAGE=Started\n";

#[test]
fn a_verbose_entry_of_a_journal_is_one_record_with_all_lines_of_its_message() {
    assert_eq!(told(VERBOSE), ["1-8 error Traceback:|  File \"a.py\"|X=1", "9-9 - - -- Boot 9 --", "10-13 info Started"]);
    let (parts, fields) = first(VERBOSE);
    assert_eq!(parts, ["api", "web-1", "Tue 2024-01-09 11:22:33.123456 CET", "journald_verbose"]);
    assert!(has(&fields, "_PID", "7") && has(&fields, "__CURSOR", "s=0a;i=1;b=2c;m=4;t=5;x=6"));
}

#[test]
fn a_line_of_names_tells_what_the_columns_of_a_log_are() {
    for delimiter in [",", ";", "\t"] {
        let text = "timestamp,level,service,message\n2026-03-11T14:00:00Z,ERROR,pay,refused\n2026-03-11T14:00:01Z,INFO,pay,\"a \"\"b\"\"\"\n";
        let text = text.replace(',', delimiter);
        assert_eq!(told(&text), ["2-2 error refused", "3-3 info a \"b\""], "{delimiter}");
        assert_eq!(first(&text).0, ["pay", "-", "2026-03-11T14:00:00Z", "csv_log"]);
    }
    let text = "sep=;\r\n\"Level\";\"Time\";\"Host\";\"Msg\"\r\n\"warn\";\"2026-03-11 14:00:00\";\"web-1\";\"x;y\"\r\n";
    assert_eq!(told(text), ["3-3 warn x;y"]);
    assert_eq!(first(text).0[1], "web-1");
}

#[test]
fn a_row_has_the_lines_in_its_quotes_and_those_of_a_trace_below_it() {
    let text = "time,level,message\n2026-03-11 14:00:00,INFO,\"over\n\ntwo\"\n2026-03-11 14:00:01,ERROR,failed, twice\njava.lang.X: no\n\tat a.B.c(B.java:1)\n2026-03-11 14:00:02,WARN,\"never closed\n2026-03-11 14:00:03,INFO,next\n";
    assert_eq!(
        told(text),
        [
            "2-4 info over||two",
            "5-7 error failed, twice|java.lang.X: no|\tat a.B.c(B.java:1)",
            "8-8 warn \"never closed",
            "9-9 info next"
        ]
    );
}

#[test]
fn a_message_in_a_table_may_be_a_record_itself() {
    let text = "@timestamp,@message,@logStream\n2024-01-09 11:22:33.123,\"2024-01-09T11:22:33.100Z ERROR [pay] refused by bank\",a/b\n2024-01-09 11:22:34.123,\"2024-01-09T11:22:34.100Z INFO [pay] fine\",a/b\n";
    assert_eq!(told(text), ["2-2 error refused by bank", "3-3 info fine"]);
    let text = "Date,Host,Service,Content\n2024-01-09T11:22:33.123Z,web-1,pay,\"{\"\"level\"\":\"\"error\"\",\"\"msg\"\":\"\"refused\"\"}\"\n";
    assert_eq!(told(text), ["2-2 error refused"]);
    assert_eq!(first(text).0[..2], ["pay", "web-1"]);
}

#[test]
fn tables_written_by_others_are_read_by_their_own_names() {
    let kibana = "\"@timestamp\",\"log.level\",\"service.name\",message\n\"Jan 9, 2024 @ 11:22:33.123\",error,pay,refused\n";
    assert_eq!(told(kibana), ["2-2 error refused"]);
    assert_eq!(first(kibana).0[..3], ["pay", "-", "Jan 9, 2024 @ 11:22:33.123"]);
}

#[test]
fn a_column_of_statuses_is_the_level_where_all_of_them_are_words_for_levels() {
    let rows = |a: &str, b: &str| {
        format!(
            "Date,Host,Service,Status,Message\n2025-11-02T09:09:57.346Z,web-1,pay,{a},one\n2025-11-02T09:09:58.346Z,web-1,pay,{b},two\n"
        )
    };
    assert_eq!(told(rows("error", "info")), ["2-2 error one", "3-3 info two"]);
    assert_eq!(told(rows("Warn", "")), ["2-2 warn one", "3-3 - two"]);
    assert_eq!(told(rows("200", "200")), ["2-2 - one", "3-3 - two"]);
    assert!(has(&first(rows("error", "done")).1, "Status", "error"));
    let both = "time,level,status,message\n2025-11-02T09:09:57Z,info,error,one\n2025-11-02T09:09:58Z,info,error,two\n";
    assert_eq!(told(both), ["2-2 info one", "3-3 info two"]);
}

#[test]
fn a_store_of_logs_says_in_its_own_words_how_bad_and_whose_a_line_is() {
    let graylog = "\"timestamp\",\"source\",\"message\",\"level\"\n\"2026-03-11T14:00:00Z\",\"web-1\",\"refused\",\"3\"\n\"2026-03-11T14:00:01Z\",\"web-1\",\"fine\",\"6\"\n";
    assert_eq!(told(graylog), ["2-2 error refused", "3-3 info fine"]);
    assert_eq!(first(graylog).0[1], "web-1");
    let azure = "timestamp [UTC],message,severityLevel,cloud_RoleName\n\"3/11/2026, 2:00:00.123 PM\",refused,3,pay\n";
    assert_eq!(told(azure), ["2-2 error refused"]);
    assert_eq!(first(azure).0[0], "pay");
    let insights = "@timestamp,@message,@logStream,@log\n2026-03-11 14:00:00.123,\"{\"\"level\"\":\"\"error\"\",\"\"msg\"\":\"\"refused\"\"}\",pay/prod/a,1234:/ecs/pay\n";
    assert_eq!(told(insights), ["2-2 error refused"]);
    assert_eq!(first(insights).0[0], "pay");
    let grafana = "\"Time\",\"Line\",\"labels\"\n\"1772442611123\",\"level=error msg=refused\",\"{\"\"app\"\":\"\"pay\"\"}\"\n";
    assert_eq!(told(grafana), ["2-2 error refused"]);
    assert_eq!(first(grafana).0[0], "pay");
    let sumo = "\"_messagetimems\",\"_messagetime\",\"_raw\",\"_sourcehost\",\"_sourcecategory\"\n\"1772442611123\",\"03/02/2026 09:10:11.123 +0000\",\"2026-03-02 09:10:11,123 ERROR refused\",\"web-1\",\"prod/pay\"\n";
    assert_eq!(told(sumo), ["2-2 error refused"]);
    assert_eq!(first(sumo).0[..2], ["pay", "web-1"]);
}

#[test]
fn events_of_windows_as_a_table_have_program_level_and_computer() {
    let text = "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"Id\",\"Level\",\"ProviderName\",\"MachineName\",\"TimeCreated\",\"LevelDisplayName\"\r\n\"The service\r\nstopped.\",\"7036\",\"4\",\"Service Control Manager\",\"WEB01\",\"1/9/2024 11:22:33 PM\",\"Information\"\r\n\"It crashed.\",\"7034\",\"2\",\"Service Control Manager\",\"WEB01\",\"1/19/2024 1:22:33 AM\",\"Fehler\"\r\n";
    assert_eq!(told(text), ["3-4 info The service|stopped.", "5-5 error It crashed."]);
    let (parts, fields) = first(text);
    assert_eq!(parts, ["Service Control Manager", "WEB01", "1/9/2024 11:22:33 PM", "csv_log"]);
    assert!(has(&fields, "event_id", "7036"));
    let (source, _) = only("w", text.as_bytes());
    assert_eq!(source.decisions.len(), 1, "{:?}", source.decisions);
    let bundle = Memory::new([("a", text.as_bytes().to_vec())]);
    let read = read(&bundle, &Settings::default(), 1, &|_, _| First::default());
    let stamp = read[0].sink.0.as_ref().and_then(|(stamp, _, _)| *stamp).map(|s| s.micros);
    assert_eq!(stamp, Some(1_704_842_553_000_000), "the 9th of January");
}

#[test]
fn what_event_viewer_saves_has_its_messages_in_a_column_without_a_name() {
    let text = "Level,Date and Time,Source,Event ID,Task Category\nError,1/19/2024 11:22:33 PM,disk,7,None,\"a block\nis bad\"\nInformation,1/9/2024 11:22:34 AM,disk,8,None,fine\n";
    assert_eq!(told(text), ["2-3 error a block|is bad", "4-4 info fine"]);
}

#[test]
fn tables_of_metrics_and_text_are_no_logs() {
    for text in [
        "timestamp,service,metric,value\n2026-09-22T10:30:00Z,pay,err,0.8\n",
        "time,event,error\n2026-09-22T10:30:00Z,3,4\n",
        "time,cpu,mem\n2025-03-01 10:00:00,0.5,\"1,2\"\n2025-03-01 10:01:00,,7\n",
        "at,actor,flag,old,new\n2025-11-14T18:02:00Z,bo,banner,false,true\n",
    ] {
        assert!(!only("m.csv", text.as_bytes()).1.events.is_empty(), "{text}");
    }
    for text in
        ["Hello, world\nnothing, here\n", "time,level,message\n", "name,time,message\nx,y,z\n", "2026-03-11,a\n2026-03-12,b\n"]
    {
        assert_ne!(only("a.csv", text.as_bytes()).0.format, "csv_log", "{text}");
    }
}

const EVENT: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='disk'/><EventID Qualifiers='49156'>11</EventID><Level>2</Level><TimeCreated SystemTime='2024-02-11T09:15:01.5000000Z'/><Channel>System</Channel><Computer>WIN-1</Computer></System><EventData><Data Name='Device'>DR1 &amp; x</Data><Data>7</Data></EventData></Event>";

fn rendered() -> String {
    let info = "<RenderingInfo Culture='en-US'><Message>It failed &lt;here&gt;\r\nand there</Message><Level>Error</Level></RenderingInfo></Event>";
    EVENT.replace("<Level>2<", "<Level>1<").replace("</Event>", info)
}

#[test]
fn events_of_windows_in_one_line_are_records_each() {
    let text =
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Events>{}{EVENT}</Events>\n", rendered().replace("\r\n", " "));
    assert_eq!(told(&text), ["2-2 fatal It failed <here> and there", "2-2 error Device=DR1 & x 7"]);
    let (parts, fields) = first(&text);
    assert_eq!(parts, ["disk", "WIN-1", "2024-02-11T09:15:01.5000000Z", "windows_event_xml"]);
    assert!(has(&fields, "event_id", "11") && has(&fields, "Device", "DR1 & x"));
}

#[test]
fn events_of_windows_may_be_indented_or_stand_one_a_line() {
    let pretty = EVENT.replace('>', ">\n").replace("11\n", "11").replace("</", "\n  </");
    let records = told(format!("<Events>\n{pretty}\n{pretty}\n</Events>"));
    assert!(records.len() == 2 && records.iter().all(|r| r.ends_with("error Device=DR1 & x 7")), "{records:?}");
    assert_eq!(told(format!("{EVENT}\n{}\n", rendered())).len(), 2);
    let wide: Vec<u8> =
        [vec![0xff, 0xfe], format!("{EVENT}\r\n{EVENT}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    let (source, sink) = read_one("a", &wide).remove(0);
    assert_accounted(&source);
    assert_eq!((source.lines, sink.records.len(), sink.records[1].place.line), (2, 2, 2));
}

#[test]
fn an_event_that_breaks_off_is_told_and_what_stands_between_events_is_text() {
    let text = format!("{EVENT}\nwhat is this\n{EVENT}{}", &EVENT[..300]);
    let (source, sink) = only("a", text.as_bytes());
    assert_eq!((sink.records.len(), sink.records[1].message.as_str()), (4, "what is this"));
    assert!(source.skipped[0].is_note() && source.skipped[0].reason.contains("ends within this event"), "{:?}", source.skipped);
}

#[test]
fn a_long_event_is_cut_and_the_next_one_is_whole() {
    let long = EVENT.replace("DR1", &"x".repeat(3 << 20));
    let (source, sink) = only("a", format!("{long}{EVENT}").as_bytes());
    assert_eq!((sink.records.len(), source.skipped.len()), (2, 1), "{:?}", source.skipped);
    assert!(source.skipped[0].reason.contains("cut off"));
    assert_eq!((sink.records[0].message.len() <= 64 << 10, sink.records[1].message.as_str()), (true, "Device=DR1 & x 7"));
    assert_eq!(sink.records[1].place.start, long.len() as u64);
}

#[test]
fn xml_of_others_is_none_of_windows() {
    for text in [
        "<Event><Timestamp>1</Timestamp></Event>\n",
        "<Events xmlns=\"http://logging.apache.org/log4j/2.0/events\">\n<Event timestamp=\"1\"/>\n",
    ] {
        assert_ne!(only("a.xml", text.as_bytes()).0.format, "windows_event_xml");
    }
}

#[test]
fn json_that_breaks_off_is_told() {
    let text = "[{\"time\":\"2026-03-11T14:00:00Z\",\"level\":\"info\",\"message\":\"a\"},\n{\"time\":\"2026-03-11T14:00:01Z\",\"level\":\"in";
    let (source, _) = only("t.json", text.as_bytes());
    let reasons: Vec<&str> = source.skipped.iter().map(|s| s.reason.as_str()).collect();
    let at = text.len();
    assert_eq!(reasons, [format!("the document ends in the middle of a value (at {at} bytes); 1 records before that were used")]);
    assert_eq!((source.skipped[0].first_line, source.skipped[0].is_note()), (Some(2), true));
    assert!(only("t.json", format!("{}\"}}]", text).as_bytes()).0.skipped.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_and_damaged_sources_keep_their_places(
        which in 0..6_usize, cut in 0..900_usize, at in 0..900_usize, byte in any::<u8>(), times in 1..4_usize
    ) {
        let table = "time,level,message\n2026-03-11 14:00:00,INFO,\"over\n\ntwo\"\n2026-03-11 14:00:01,ERROR,failed, twice\n\tat a.B.c(B.java:1)\n2026-03-11 14:00:02,WARN,\"never closed\n";
        let sized = [b"__CURSOR=1\nPRIORITY=3\n", &sized("MESSAGE", b"one\ntwo==3")[..], b"_COMM=a\n\n"].concat();
        let seeds = [EXPORT.as_bytes(), VERBOSE.as_bytes(), table.as_bytes(), EVENT.as_bytes(), &rendered().into_bytes(), &sized];
        let mut bytes = seeds[which].repeat(times);
        bytes.truncate(bytes.len().saturating_sub(cut % seeds[which].len()).max(1));
        let at = at % bytes.len();
        bytes[at] = byte;
        let (source, sink) = read_one("a", &bytes).remove(0);
        assert_accounted(&source);
        for record in &sink.records {
            let (from, to) = (record.place.start as usize, record.place.end as usize);
            prop_assert!(from <= to && to <= bytes.len(), "{:?}", record);
        }
    }
}

#[test]
fn requests_and_calls_of_application_insights_are_a_log() {
    let requests = "\"timestamp [UTC]\",name,resultCode,success,duration,cloud_RoleName,operation_Id\n\
        \"10/7/2025, 3:40:17.915 AM\",\"GET /basket/{id}\",500,False,12.5,cart,0af7651916cd43dd8448eb211c80319c\n\
        \"10/7/2025, 3:40:18.915 AM\",close-day,0,True,31,cart,0af7651916cd43dd8448eb211c80319d\n";
    assert_eq!(told(requests), ["2-2 error GET /basket/{id} 500", "3-3 - close-day"]);
    assert_eq!(first(requests).0[..1], ["cart"]);
    let several = "timestamp,name,resultCode,success,duration,cloud_RoleName,operation_Id\n\
        2025-10-07T03:40:17.000Z,POST /orders,502,False,12,front,a1\n\
        2025-10-07T03:40:17.100Z,POST /price,500,False,11,pricing,a1\n\
        2025-10-07T03:40:18.000Z,POST /orders,201,True,12,front,a2\n\
        2025-10-07T03:40:18.100Z,POST /price,200,True,11,pricing,a2\n";
    assert_eq!(
        told(several),
        [
            "2-2 error POST /orders 502",
            "3-3 error answered 500: POST /price",
            "4-4 - POST /orders 201",
            "5-5 info answered 200: POST /price"
        ]
    );
    let calls = "timestamp,name,target,resultCode,success,duration,cloud_RoleName\n\
        2025-10-07T03:40:17.915Z,GET shelves,shelves.blob.example.com,403,False,12.5,cart\n\
        2025-10-07T03:40:18.915Z,GET shelves,shelves.blob.example.com,200,True,8,cart\n";
    assert_eq!(
        told(calls),
        ["2-2 error GET shelves to shelves.blob.example.com: 403", "3-3 info GET shelves to shelves.blob.example.com: 200"]
    );
}
