//! Three stretches of one text, cut where the first four bytes say, so that sources repeat each other and are read a
//! second time. What each source says alone is said once in all, and the copies make up the difference.
#![no_main]

use doors::{Files, read};
use evidence::Source;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((cuts, text)) = data.split_first_chunk::<4>() else { return };
    let at = |cut: u8| text.len() * usize::from(cut) / 255;
    let (from, to) = (at(cuts[2].min(cuts[3])), at(cuts[2].max(cuts[3])));
    let parts = [&text[..at(cuts[0])], &text[at(cuts[1])..], &text[from..to]];
    let named = parts.iter().enumerate().map(|(n, part)| (format!("{n}.log"), part.to_vec()));
    for reading in read(&Files::new(named)) {
        let part = usize::try_from(reading.source.id.input).unwrap_or_default();
        let alone = read(&Files::one(&format!("{part}.log"), parts[part]));
        let alone = alone.iter().find(|r| r.source.id.entry == reading.source.id.entry).map_or(0, |r| r.source.records);
        let together = reading.source.records + copies(&reading.source, alone);
        assert_eq!(together, alone, "records vanish or are counted twice: {:?}", reading.source);
    }
});

/// Records that are said to be counted in other sources.
fn copies(source: &Source, alone: u64) -> u64 {
    let of = |reason: &str| match reason {
        r if r.starts_with("the same document stands in ") => alone,
        r if r.contains(" counted there") => {
            r.chars().take_while(|c| *c != ' ').filter(char::is_ascii_digit).fold(0, |n, c| n * 10 + u64::from(c as u8 - b'0'))
        }
        _ => 0,
    };
    source.skipped.iter().map(|s| of(&s.reason)).sum()
}
