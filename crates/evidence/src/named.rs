//! What a name is the name of: a file that somebody wrote, or the address of somebody's mail; else whoever has it.
//!
//! One answer for all who show names. Must never know people. What breaks it: an account that is called like a file.

/// `night-notes.md`: who wrote it does not say who they are.
pub fn is_file(name: &str) -> bool {
    const ENDS: [&str; 11] = ["md", "markdown", "txt", "text", "rst", "adoc", "org", "html", "htm", "docx", "log"];
    let end = name.rsplit_once('.').filter(|(stem, _)| !stem.trim_start_matches('@').is_empty());
    end.is_some_and(|(_, end)| ENDS.contains(&end.to_ascii_lowercase().as_str()))
}

/// `ana@shop.example`, and nothing else.
pub fn is_address(name: &str) -> bool {
    let own = |c: char| c.is_alphanumeric() || "._%+-@".contains(c);
    name.chars().all(own)
        && name.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_addresses_are_told_from_names() {
        assert!(["night-notes.md", "Diary 2.TXT"].into_iter().all(is_file));
        assert!(!["ana.m", "@ana", ".md", "Ana Ruiz", "log"].into_iter().any(is_file));
        assert!(["ana@shop.example", "a.b+c@x.y.z"].into_iter().all(is_address));
        assert!(!["@ana.m", "ana@host", "Ana <ana@shop.example>", "a@b.c@d"].into_iter().any(is_address));
    }
}
