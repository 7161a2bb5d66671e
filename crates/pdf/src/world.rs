//! All that the typesetter may see: the template, one file of data, and the fonts compiled in.
//!
//! There is no other file, no package, no date. This module must never know what a report is. A name that is not in
//! the list below is not found, whatever the data say.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const MAIN: &str = "/main.typ";
const DATA: &str = "/report.json";

const TEMPLATE: [(&str, &str); 7] = [
    (MAIN, include_str!("../template/main.typ")),
    ("/style.typ", include_str!("../template/style.typ")),
    ("/cover.typ", include_str!("../template/cover.typ")),
    ("/story.typ", include_str!("../template/story.typ")),
    ("/follow-up.typ", include_str!("../template/follow-up.typ")),
    ("/regulatory.typ", include_str!("../template/regulatory.typ")),
    ("/appendix.typ", include_str!("../template/appendix.typ")),
];

const FACES: [&[u8]; 4] = [
    include_bytes!("../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSans-SemiBold.ttf"),
    include_bytes!("../fonts/IBMPlexMono-Regular.ttf"),
    include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
];

/// Families that stand in where a face above lacks a character; the rest of the typesetter's own fonts is for
/// mathematics and left out.
const STAND_INS: [&str; 2] = ["DejaVu Sans Mono", "Libertinus Serif"];

pub struct ReportWorld {
    main: FileId,
    files: Vec<(FileId, Source)>,
    data: (FileId, Bytes),
}

impl ReportWorld {
    /// `data` is the JSON that the template reads.
    pub fn new(data: Vec<u8>) -> ReportWorld {
        let files = TEMPLATE.iter().map(|&(name, text)| {
            let id = file_id(name);
            (id, Source::new(id, text.to_owned()))
        });
        ReportWorld { main: file_id(MAIN), files: files.collect(), data: (file_id(DATA), Bytes::new(data)) }
    }
}

impl World for ReportWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.0
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.files.iter().find(|(known, _)| *known == id).map(|(_, source)| source.clone()).ok_or_else(|| unknown(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(unknown(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.1.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

static FONTS: LazyLock<(LazyHash<FontBook>, Vec<Font>)> = LazyLock::new(|| {
    let own = FACES.into_iter().flat_map(|face| Font::iter(Bytes::new(face)));
    let stand_ins = typst_assets::fonts()
        .flat_map(|face| Font::iter(Bytes::new(face)))
        .filter(|font| STAND_INS.contains(&font.info().family.as_str()));
    let fonts: Vec<Font> = own.chain(stand_ins).collect();
    (LazyHash::new(FontBook::from_fonts(&fonts)), fonts)
});

/// `name` is one of the constants above.
fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the template's own names are paths");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

fn unknown(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
