//! What a house can rely on: its file says what it means, and is told what it cannot mean.

use super::*;
use crate::render::fixture;

fn read(text: &str) -> Result<Template, Fault> {
    Template::read("house.toml", text, &|name| match name {
        "intro.txt" => Ok(b"First line.\nSeverity {{ incident.severity }}.".to_vec()),
        "bad.txt" => Ok(b"fine\n{{ nothing }}".to_vec()),
        "logo.png" => Ok(b"\x89PNG\r\n\x1a\n".to_vec()),
        "logo.gif" => Ok(b"GIF89a".to_vec()),
        _ => Err("there is no such file".to_owned()),
    })
}

fn told(text: &str) -> String {
    read(text).err().map(|fault| fault.to_string()).unwrap_or_default()
}

fn before(text: &str) -> String {
    let template = read(&format!("[[section]]\npart = \"summary\"\nbefore = '''{text}'''\n")).expect("holds");
    template.layout(&fixture::full()).expect("fills").sections[0].before.clone().unwrap_or_default()
}

#[test]
fn sections_are_chosen_ordered_and_renamed() {
    let text = "[[section]]\npart = \"actions\"\ntitle = \"To do\"\n[[section]]\npart = \"summary\"\n";
    let layout = read(text).expect("holds").layout(&fixture::full()).expect("fills");
    let titles: Vec<&str> = layout.sections.iter().map(|planned| planned.title.as_str()).collect();
    assert_eq!(titles, ["To do", "Executive summary", "Evidence"], "evidence is appended, a title may be left out");
}

#[test]
fn a_file_without_sections_keeps_ours() {
    let template = read("organisation = \"Example Ltd\"\nlogo = \"logo.png\"\ntitle = \"Post-mortem: {{ incident.title }}\"\n");
    let layout = template.expect("holds").layout(&fixture::full()).expect("fills");
    assert_eq!(layout.sections, Layout::default().sections);
    assert_eq!(layout.organisation.as_deref(), Some("Example Ltd"));
    assert!(layout.title.is_some_and(|title| title == format!("Post-mortem: {}", fixture::full().incident.title)));
    assert!(layout.logo.is_some());
}

#[test]
fn house_text_has_the_values_of_the_report() {
    assert_eq!(before("It lasted {{ metrics.duration_s.value | duration }}."), "It lasted 75 s.");
    assert_eq!(before("It lasted {{ metrics.duration_s | duration }}."), "It lasted 75 s.");
    let started = fixture::full().times.started.expect("has begun").at;
    assert!(before("{{ times.started.at | moment }}").starts_with(&started[..10]));
    assert_eq!(before("{{ times.started | date }}"), started[..10]);
    assert_eq!(before("{% if causes %}{{ causes[0].probability | percent }}{% endif %}").matches('%').count(), 1);
    assert_eq!(before("{% for a in actions %}\n- {{ a.text }}\n{% endfor %}").lines().count(), fixture::full().actions.len());
    assert_eq!(before("a < b & {{ '<c>' }}"), "a < b & <c>", "each page escapes by its own rules");
}

#[test]
fn what_a_report_does_not_know_is_unknown_and_not_true() {
    let text = "{{ metrics.users_affected.value | number }}, {{ times.started.at | moment }}, {{ incident.severity }}, \
                {% if metrics.users_affected %}known{% else %}not known{% endif %}";
    let template = read(&format!("[[section]]\npart = \"summary\"\nbefore = \"{text}\"\n")).expect("holds");
    let layout = template.layout(&fixture::unknown()).expect("fills");
    assert_eq!(layout.sections[0].before.as_deref(), Some("unknown, unknown, unknown, not known"));
}

#[test]
fn a_text_may_stand_in_a_file_beside_it() {
    let template = read("[[section]]\npart = \"house\"\ntitle = \"About\"\nbefore_file = \"intro.txt\"\n").expect("holds");
    let layout = template.layout(&fixture::unknown()).expect("fills");
    assert_eq!(layout.sections[0].before.as_deref(), Some("First line.\nSeverity unknown."));
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_to_do() {
    let section = "[[section]]\npart = \"summary\"\n";
    for (text, wanted) in [
        (
            "[[section]]\ntitle = \"x\"\npart = \"sumary\"\n".to_owned(),
            "house.toml:3: there is no part \"sumary\"; parts are summary, overview, timeline",
        ),
        (format!("{section}{section}"), "house.toml:4: the part \"summary\" stands twice, first in line 2; take one out"),
        (format!("{section}befor = \"x\"\n"), "house.toml:3: unknown field `befor`"),
        ("organisation = 7\n".to_owned(), "house.toml:1: invalid type"),
        ("[[section]\n".to_owned(), "house.toml:1: "),
        ("[[section]]\npart = \"house\"\n".to_owned(), "house.toml:2: this section needs a title"),
        (
            format!("{section}before = \"{{{{ metrics.duraton_s }}}}\"\n"),
            "house.toml:3: `metrics` has no `duraton_s`; it has duration_s",
        ),
        (format!("{section}before = \"\"\"\nx\n{{{{ sumary }}}}\n\"\"\"\n"), "house.toml:5: a report has no `sumary`; it has "),
        (format!("{section}after = '''a\n{{% if %}}'''\n"), "house.toml:4: syntax error"),
        (format!("{section}title = \"{{{{ incident.title | shout }}}}\"\n"), "house.toml:3: unknown filter"),
        (
            format!("{section}before = \"{{{{ incident.title | duration }}}}\"\n"),
            "house.toml:3: invalid operation: this filter wants a number of seconds",
        ),
        (format!("{section}before = \"{{{{ metrics.x | duration }}}}\"\n"), "house.toml:3: `metrics` has no `x`"),
        (
            format!("{section}before = \"{{{{ causes[0].text }}}}\"\n"),
            "house.toml:3: `{{ causes[0].text }}` asks for what is not in every report; put {% if",
        ),
        (format!("{section}before = \"a\"\nbefore_file = \"intro.txt\"\n"), "house.toml:4: before and before_file say the same"),
        (format!("{section}before_file = \"gone.txt\"\n"), "house.toml:3: cannot read gone.txt: there is no such file"),
        (format!("{section}before_file = \"bad.txt\"\n"), "bad.txt:2: a report has no `nothing`"),
        ("logo = \"logo.gif\"\n".to_owned(), "house.toml:1: the logo is neither PNG nor JPEG nor SVG"),
        (
            format!(
                "{section}before = \"{{% for a in range(9999) %}}{{% for b in range(9999) %}}x{{% endfor %}}{{% endfor %}}\"\n"
            ),
            "house.toml:3: this text takes too many steps",
        ),
    ] {
        assert!(told(&text).starts_with(wanted), "{text}\nsays {}\nnot {wanted}", told(&text));
    }
}

#[test]
fn the_command_line_wins_and_is_no_template() {
    let template = read("organisation = \"A\"\nconfidentiality = \"B\"\n").expect("holds");
    let template = template.with_organisation(Some("C {{ x }} {% y %}".to_owned())).with_confidentiality(None);
    let layout = template.layout(&fixture::unknown()).expect("fills");
    assert_eq!(layout.organisation.as_deref(), Some("C {{ x }} {% y %}"));
    assert_eq!(layout.confidentiality.as_deref(), Some("B"));
}
