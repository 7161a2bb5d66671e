//! Every list of `lints/` finds its samples and none of its look-alikes.

use crate::phrases;

#[test]
fn every_list_proves_itself() {
    let mut faults = Vec::new();
    for name in phrases::names() {
        let list = match phrases::load(&name) {
            Ok(list) => list,
            Err(reason) => {
                faults.push(format!("{name}: {reason}"));
                continue;
            }
        };
        let finds = |text: &String| list.patterns.iter().any(|p| p.is_match(text));
        faults.extend(list.file.samples.iter().filter(|s| !finds(s)).map(|s| format!("{name} does not find {s:?}")));
        faults.extend(list.file.lookalikes.iter().filter(|s| finds(s)).map(|s| format!("{name} finds {s:?}")));
        if list.file.samples.is_empty() || list.file.lookalikes.is_empty() {
            faults.push(format!("{name} has no samples or no look-alikes"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
