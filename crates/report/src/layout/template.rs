//! A house's own layout, read from TOML: which parts, in which order, under which names, with which words between.
//!
//! Ours is read by the same code. Files that it names are asked for through a function, so this module knows no disk. What
//! breaks it: a key or a part that is not known, a part that stands twice, a text that cannot be filled in, with the line of
//! each and what to do.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::house::{House, Misfit};
use super::{Layout, Logo, Part, Planned, blank};
use crate::model::Report;

/// How a report is laid out where nobody says otherwise, to start from.
pub const DEFAULT: &str = include_str!("../../templates/default.toml");

/// Read and checked, to be filled with a report.
#[derive(Debug, Clone)]
pub struct Template {
    title: Option<Text>,
    organisation: Option<Text>,
    confidentiality: Option<Text>,
    logo: Option<Logo>,
    sections: Vec<Wanted>,
}

#[derive(Debug, Clone)]
struct Wanted {
    part: Part,
    title: Text,
    before: Option<Text>,
    after: Option<Text>,
}

/// A text to be filled in, and where its first line stands.
#[derive(Debug, Clone)]
struct Text {
    file: String,
    line: usize,
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// All of it stands in one line of the file.
    Line,
    Lines,
    /// From the command line: nothing in it is a template.
    Given,
}

/// `house.toml:12: there is no part "sumary"; ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<Spanned<String>>,
    organisation: Option<Spanned<String>>,
    confidentiality: Option<Spanned<String>>,
    logo: Option<Spanned<String>>,
    #[serde(default)]
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    part: Spanned<String>,
    title: Option<Spanned<String>>,
    before: Option<Spanned<String>>,
    before_file: Option<Spanned<String>>,
    after: Option<Spanned<String>>,
    after_file: Option<Spanned<String>>,
}

/// The bytes of a file beside the template, or why not.
pub type Files<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

impl Template {
    /// `name` is the file's, for faults. Everything that can be told without a report is told here.
    pub fn read(name: &str, text: &str, files: Files) -> Result<Template, Fault> {
        let template = Reader { name, text, files }.template()?;
        template.layout(&blank::report())?;
        Ok(template)
    }

    /// That of a house that has none.
    pub fn ours() -> Result<Template, Fault> {
        Reader { name: "default.toml", text: DEFAULT, files: &|_| Err("ours names no files".to_owned()) }.template()
    }

    /// As read, for who wins over the file.
    pub fn with_logo(self, logo: Option<Logo>) -> Template {
        Template { logo: logo.or(self.logo), ..self }
    }

    pub fn with_organisation(self, name: Option<String>) -> Template {
        Template { organisation: name.map(Text::given).or(self.organisation), ..self }
    }

    pub fn with_confidentiality(self, text: Option<String>) -> Template {
        Template { confidentiality: text.map(Text::given).or(self.confidentiality), ..self }
    }

    /// Filled with a report's values.
    pub fn layout(&self, report: &Report) -> Result<Layout, Fault> {
        let house = House::of(report, &[]);
        let organisation = filled(self.organisation.as_ref(), &house)?;
        let confidentiality = filled(self.confidentiality.as_ref(), &house)?;
        let own = [("organisation", organisation.as_deref()), ("confidentiality", confidentiality.as_deref())];
        let house = House::of(report, &own);
        let mut sections = Vec::new();
        for wanted in &self.sections {
            sections.push(Planned {
                part: wanted.part,
                title: wanted.title.filled(&house)?,
                before: filled(wanted.before.as_ref(), &house)?,
                after: filled(wanted.after.as_ref(), &house)?,
            });
        }
        let title = filled(self.title.as_ref(), &house)?;
        Ok(Layout { organisation, confidentiality, logo: self.logo.clone(), title, ..Layout::of(sections) })
    }

    /// Not filled: for ours, which has no values.
    pub(super) fn bare(self) -> Layout {
        let text = |text: Option<Text>| text.map(|text| text.text);
        let planned = |wanted: Wanted| Planned {
            part: wanted.part,
            title: wanted.title.text,
            before: text(wanted.before),
            after: text(wanted.after),
        };
        Layout::of(self.sections.into_iter().map(planned).collect())
    }

    /// Its sections: the word for the part, and the title as written.
    pub fn sections(&self) -> Vec<(&'static str, &str)> {
        let word = |part: Part| Part::ALL.iter().find(|(_, known)| *known == part).map_or("", |(word, _)| *word);
        self.sections.iter().map(|wanted| (word(wanted.part), wanted.title.text.as_str())).collect()
    }
}

impl Text {
    fn given(text: String) -> Text {
        Text { file: String::new(), line: 1, kind: Kind::Given, text }
    }

    fn filled(&self, house: &House) -> Result<String, Fault> {
        if self.kind == Kind::Given {
            return Ok(self.text.clone());
        }
        house.fill(&self.text).map_err(|Misfit { line, what }| {
            let line = if self.kind == Kind::Line { self.line } else { self.line + line.saturating_sub(1) };
            Fault(format!("{}:{line}: {what}", self.file))
        })
    }
}

fn filled(text: Option<&Text>, house: &House) -> Result<Option<String>, Fault> {
    text.map(|text| text.filled(house)).transpose()
}

/// A file that is being read.
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    files: Files<'a>,
}

impl Reader<'_> {
    fn template(&self) -> Result<Template, Fault> {
        let file: File = toml::from_str(self.text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            self.fault(&error.span().unwrap_or_default(), &format!("{message}; the keys stand in docs/templates.md"))
        })?;
        let text = |text: &Option<Spanned<String>>| text.as_ref().map(|text| self.written(text));
        let sections = if file.section.is_empty() { Template::ours()?.sections } else { self.sections(&file.section)? };
        Ok(Template {
            title: text(&file.title),
            organisation: text(&file.organisation),
            confidentiality: text(&file.confidentiality),
            logo: file.logo.as_ref().map(|path| self.logo(path)).transpose()?,
            sections,
        })
    }

    fn sections(&self, sections: &[Section]) -> Result<Vec<Wanted>, Fault> {
        let mut seen: BTreeMap<Part, usize> = BTreeMap::new();
        let mut out = Vec::new();
        for section in sections {
            let part = self.part(&section.part)?;
            let line = self.line(&section.part.span());
            if let Some(first) = seen.insert(part, line).filter(|_| part != Part::House) {
                let what = format!("the part \"{}\" stands twice, first in line {first}; take one out", section.part.get_ref());
                return Err(self.fault(&section.part.span(), &what));
            }
            out.push(Wanted {
                part,
                title: self.title(part, section)?,
                before: self.either("before", section.before.as_ref(), section.before_file.as_ref())?,
                after: self.either("after", section.after.as_ref(), section.after_file.as_ref())?,
            });
        }
        Ok(out)
    }

    fn part(&self, word: &Spanned<String>) -> Result<Part, Fault> {
        let found = Part::ALL.iter().find(|(known, _)| known == word.get_ref()).map(|(_, part)| *part);
        found.ok_or_else(|| {
            let known: Vec<&str> = Part::ALL.iter().map(|(word, _)| *word).collect();
            let what = format!("there is no part \"{}\"; parts are {}", word.get_ref(), known.join(", "));
            self.fault(&word.span(), &what)
        })
    }

    /// Its own, or ours.
    fn title(&self, part: Part, section: &Section) -> Result<Text, Fault> {
        if let Some(title) = &section.title {
            return Ok(self.written(title));
        }
        let ours = Template::ours()?.sections.into_iter().find(|wanted| wanted.part == part).map(|wanted| wanted.title);
        ours.ok_or_else(|| self.fault(&section.part.span(), "this section needs a title, as it has only the house's own words"))
    }

    /// A text that stands in the template or in a file beside it.
    fn either(&self, key: &str, text: Option<&Spanned<String>>, path: Option<&Spanned<String>>) -> Result<Option<Text>, Fault> {
        match (text, path) {
            (Some(_), Some(path)) => Err(self.fault(&path.span(), &format!("{key} and {key}_file say the same; take one out"))),
            (text, None) => Ok(text.map(|text| self.written(text))),
            (None, Some(path)) => {
                let text = String::from_utf8(self.bytes(path)?)
                    .map_err(|_| self.fault(&path.span(), &format!("{} is no UTF-8 text", path.get_ref())))?;
                Ok(Some(Text { file: path.get_ref().clone(), line: 1, kind: Kind::Lines, text }))
            }
        }
    }

    fn logo(&self, path: &Spanned<String>) -> Result<Logo, Fault> {
        Logo::of(self.bytes(path)?).map_err(|what| self.fault(&path.span(), &what))
    }

    fn bytes(&self, path: &Spanned<String>) -> Result<Vec<u8>, Fault> {
        (self.files)(path.get_ref())
            .map_err(|why| self.fault(&path.span(), &format!("cannot read {}: {why}; paths start at this file", path.get_ref())))
    }

    fn written(&self, text: &Spanned<String>) -> Text {
        let opening = self.text.get(text.span()).unwrap_or_default();
        let is_long = opening.starts_with("\"\"\"") || opening.starts_with("'''");
        let begins_below = opening.get(3..).is_some_and(|rest| rest.starts_with('\n') || rest.starts_with("\r\n"));
        let line = self.line(&text.span()) + usize::from(is_long && begins_below);
        let kind = if is_long { Kind::Lines } else { Kind::Line };
        Text { file: self.name.to_owned(), line, kind, text: text.get_ref().clone() }
    }

    fn fault(&self, span: &Range<usize>, what: &str) -> Fault {
        Fault(format!("{}:{}: {what}", self.name, self.line(span)))
    }

    fn line(&self, span: &Range<usize>) -> usize {
        1 + self.text.get(..span.start).unwrap_or_default().matches('\n').count()
    }
}

#[cfg(test)]
mod tests;
