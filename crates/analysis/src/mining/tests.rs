use proptest::prelude::*;

use super::*;

fn mined(messages: &[&str]) -> Vec<(String, usize)> {
    mined_with(messages, &Options::default())
}

fn mined_with(messages: &[&str], options: &Options) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut buffer = String::new();
    for message in messages {
        let mut of_user = message.to_string();
        options.matches(message).into_iter().rev().for_each(|range| of_user.replace_range(range, crate::mask::VARIABLE));
        crate::mask::mask(&of_user, &mut buffer);
        *counts.entry(buffer.clone()).or_default() += 1;
    }
    let masked: Vec<(&str, u64)> = counts.iter().map(|(mask, count)| (mask.as_str(), *count)).collect();
    let count = |group: &Template| group.members.iter().map(|member| masked[*member].1 as usize).sum();
    templates(&masked, options).into_iter().map(|group| (group.template.clone(), count(&group))).collect()
}

#[test]
fn names_become_variables_and_the_most_frequent_template_is_first() {
    let found = mined(&["the user ana logged in", "the user bo logged in", "the user cy logged in", "tick"]);
    assert_eq!(found, [("the user <*> logged in".to_string(), 3), ("tick".to_string(), 1)]);
}

#[test]
fn opposites_stay_apart() {
    let found = mined(&["backend b2 is started now", "backend b2 is stopped now", "backend b2 is drained now"]);
    assert_eq!(found.len(), 3);
}

#[test]
fn a_unit_is_shown_where_it_is_always_the_same() {
    assert_eq!(mined(&["took 5 ms to read", "took 7 ms to read"])[0].0, "took <*> ms to read");
    assert_eq!(mined(&["took 5 ms to read", "took 7 s to read"]), [("took <*> to read".to_string(), 2)]);
}

#[test]
fn what_some_lines_only_say_of_an_amount_is_left_out() {
    let found = mined(&["a close, 12 bytes sent", "a close, 1800 bytes (1.75 KB) sent", "a close, 9 bytes sent"]);
    assert_eq!(found, [("a close, <*> bytes sent".to_string(), 3)]);
    let found = mined(&["the job is done, took <1 sec", "the job is done, took 00:12", "the job is done, took 01:02"]);
    assert_eq!(found, [("the job is done, took <*>".to_string(), 3)]);
}

#[test]
fn a_value_that_is_always_the_same_is_shown() {
    let found = mined(&["uid=0 tty=ssh user=ana", "uid=1 tty=ssh user=bo"]);
    assert_eq!(found, [("uid=<*> tty=ssh user=<*>".to_string(), 2)]);
}

#[test]
fn a_user_can_mask_more_and_pin_templates() {
    let mut options = Options::default();
    options.add_mask("ward", "ward [A-Z]\\b").unwrap();
    options.add_pin("bed <*> is free").unwrap();
    let found = mined_with(&["ward A opened", "ward B opened", "bed 7 is free", "bed 8 is free"], &options);
    assert_eq!(found, [("<*> opened".to_string(), 2), ("bed <*> is free".to_string(), 2)]);
}

fn mask_of_words() -> impl Strategy<Value = String> {
    let word =
        prop::sample::select(vec!["user", "<*>", "ana", "bo", "cy", "up", "down", "KB", "=", "(", ")", "\"", "at", "Jun", "a.b"]);
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn every_mask_is_in_one_group_and_their_order_does_not_matter(masks in prop::collection::btree_map(mask_of_words(), 1..9u64, 0..60)) {
        let masked: Vec<(&str, u64)> = masks.iter().map(|(mask, count)| (mask.as_str(), *count)).collect();
        let reversed: Vec<(&str, u64)> = masked.iter().rev().copied().collect();
        let names = |given: &[(&str, u64)]| -> Vec<(String, std::collections::BTreeSet<String>)> {
            let groups = templates(given, &Options::default());
            groups.into_iter().map(|g| (g.template, g.members.iter().map(|m| given[*m].0.to_string()).collect())).collect()
        };
        let found = names(&masked);
        prop_assert_eq!(found.iter().map(|(_, members)| members.len()).sum::<usize>(), masked.len());
        prop_assert_eq!(found, names(&reversed));
    }
}

/// Not a test of speed, which a shared machine cannot keep, but the means to state it.
#[test]
#[ignore = "a measurement: cargo test --release -p analysis -- --ignored speed_of_the_merge"]
fn speed_of_the_merge() {
    let word =
        |n: u64| format!("{}{}", ["ka", "lo", "mi", "nu", "pe"][(n % 5) as usize], ["ra", "so", "ti"][(n / 5 % 3) as usize]);
    let sentence = |n: u64| (0..12).map(|place| word((n * 2_654_435_761) >> (place * 3))).collect::<Vec<_>>().join(" ");
    let masks: std::collections::BTreeSet<String> = (0..50_000).map(sentence).collect();
    let masked: Vec<(&str, u64)> = masks.iter().map(|mask| (mask.as_str(), 1)).collect();
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = std::time::Instant::now();
    let groups = templates(&masked, &Options::default()).len();
    panic!("{} masks to {groups} templates in {:.2} s", masked.len(), start.elapsed().as_secs_f64());
}
