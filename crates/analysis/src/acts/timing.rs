#[test]
fn timing() {
    let t = std::time::Instant::now();
    let c = super::Catalogue::embedded();
    let a = t.elapsed();
    std::hint::black_box(c);
    let mut all = Vec::new();
    for text in super::labelled::MESSAGES.lines().filter_map(|l| l.split_once('|')).map(|l| l.1.trim()) {
        let t = std::time::Instant::now();
        super::read(text, "zoe", false);
        all.push(t.elapsed());
    }
    panic!("{a:?} first {:?} sum {:?} last {:?}", all[0], all.iter().sum::<std::time::Duration>(), all.last());
}
