//! All that the typesetter may see: the template, one file of data, a logo, and the fonts compiled in.
//!
//! There is no other file, no package, no date. This module must never know what a report is. What breaks it: nothing; a
//! name that is not in the list below is not found, whatever the data say.

use std::sync::LazyLock;

use report::layout::{Logo, LogoKind};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const MAIN: &str = "/main.typ";
const DATA: &str = "/report.json";

const TEMPLATE: [(&str, &str); 8] = [
    (MAIN, include_str!("../template/main.typ")),
    ("/style.typ", include_str!("../template/style.typ")),
    ("/scene.typ", include_str!("../template/scene.typ")),
    ("/cover.typ", include_str!("../template/cover.typ")),
    ("/story.typ", include_str!("../template/story.typ")),
    ("/follow-up.typ", include_str!("../template/follow-up.typ")),
    ("/regulatory.typ", include_str!("../template/regulatory.typ")),
    ("/appendix.typ", include_str!("../template/appendix.typ")),
];

/// Ours first; the others stand in where those above lack a character.
const FACES: [&[u8]; 12] = [
    include_bytes!("../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSans-SemiBold.ttf"),
    include_bytes!("../fonts/IBMPlexMono-Regular.ttf"),
    include_bytes!("../fonts/DejaVuSans.ttf"),
    include_bytes!("../fonts/DejaVuSansMono.ttf"),
    include_bytes!("../fonts/IBMPlexSansArabic-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSansDevanagari-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSansHebrew-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSansThai-Regular.ttf"),
    include_bytes!("../fonts/CasefileHan-Regular.ttf"),
    include_bytes!("../fonts/CasefileHangul-Regular.ttf"),
    include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
];

pub struct ReportWorld {
    main: FileId,
    files: Vec<(FileId, Source)>,
    data: Vec<(FileId, Bytes)>,
}

impl ReportWorld {
    /// `data` is the JSON that the template reads.
    pub fn new(data: Vec<u8>, logo: Option<&Logo>) -> ReportWorld {
        let files = TEMPLATE.iter().map(|&(name, text)| {
            let id = file_id(name);
            (id, Source::new(id, text.to_owned()))
        });
        let logo = logo.map(|logo| (file_id(logo_name(logo.kind)), Bytes::new(logo.bytes.clone())));
        let data = std::iter::once((file_id(DATA), Bytes::new(data))).chain(logo);
        ReportWorld { main: file_id(MAIN), files: files.collect(), data: data.collect() }
    }
}

/// Under which name the template finds a logo.
pub fn logo_name(kind: LogoKind) -> &'static str {
    match kind {
        LogoKind::Png => "/logo.png",
        LogoKind::Jpeg => "/logo.jpg",
        LogoKind::Svg => "/logo.svg",
    }
}

/// One of the faces has all these characters.
pub fn has(characters: &[char]) -> bool {
    FONTS.1.iter().any(|font| characters.iter().all(|c| font.info().coverage.contains(u32::from(*c))))
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
        self.data.iter().find(|(known, _)| *known == id).map(|(_, bytes)| bytes.clone()).ok_or_else(|| unknown(id))
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
    let fonts: Vec<Font> = FACES.into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect();
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
