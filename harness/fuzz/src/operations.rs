//! The parts of calls that both layers share, drawn from the bytes: mostly sound, sometimes raw.

use oplock_engine::Choices;
use oplock_model::{
    Access, BasicInfo, Control, CreateOptions, Disposition, FileId, FileKind, FileSpec, LeaseKey,
    LeaseState, LockRange, QueryInfo, RawOplockControl, SetInfo, Share, StoreRequest,
};

use crate::bytes::Bytes;

const PATHS: [&str; 16] = [
    "f",
    "f:s",
    "f:t",
    "g",
    "d",
    "d/x",
    "d/y",
    "d/e",
    "d/e/z",
    "new",
    "d/new",
    "",
    "::$DATA",
    "f::$DATA",
    "nowhere/x",
    "a:b:c/:",
];

/// Files that are there from the start: two files, one with a stream, and directories in one another.
pub fn files() -> Vec<FileSpec> {
    let file = |name: &str, size| FileSpec { name: name.to_owned(), kind: FileKind::File { size } };
    let directory = |name: &str| FileSpec { name: name.to_owned(), kind: FileKind::Directory };
    vec![file("f", 4096), file("g", 0), directory("d"), file("d/x", 1), directory("d/e")]
}

/// The default choices, or up to three of them set to another value.
pub fn choices(bytes: &mut Bytes<'_>) -> Choices {
    let mut choices = Choices::default();
    for _ in 0..bytes.byte() % 4 {
        let drawn = bytes.pick(Choices::NAMES);
        let set = drawn.and_then(|(name, words)| Some((name, bytes.pick(words)?)));
        if let Some((name, word)) = set {
            choices.set(name, word).expect("a word of its own list");
        }
    }
    choices
}

/// A path: mostly one of a few, sometimes bytes as they stand.
pub fn path(bytes: &mut Bytes<'_>) -> String {
    match bytes.byte() {
        255 => String::from_utf8_lossy(&bytes.some()).into_owned(),
        number => PATHS[usize::from(number) % PATHS.len()].to_owned(),
    }
}

/// Desired access: the usual masks, single bits, or any four bytes.
pub fn access(bytes: &mut Bytes<'_>) -> Access {
    match bytes.byte() % 8 {
        0 => Access::READ_DATA,
        1 => Access::WRITE_DATA,
        2 => Access::READ_DATA.union(Access::WRITE_DATA),
        3 => Access::FULL,
        4 => Access::ATTRIBUTES,
        5 => Access::READ_ATTRIBUTES,
        6 => bytes.pick(&Access::BITS).map_or(Access(0), |(_, bit)| bit),
        _ => Access(bytes.word()),
    }
}

/// Share mode: mostly everything.
pub fn share(bytes: &mut Bytes<'_>) -> Share {
    match bytes.byte() % 16 {
        number @ 0..=7 => Share(u32::from(number)),
        _ => Share::ALL,
    }
}

/// One of the six.
pub fn disposition(bytes: &mut Bytes<'_>) -> Disposition {
    let word = bytes.pick(&Disposition::WORDS);
    word.map_or(Disposition::OpenIf, |(_, disposition)| disposition)
}

/// No option, one or two of those with a name, or any four bytes.
pub fn options(bytes: &mut Bytes<'_>) -> CreateOptions {
    let one = |bytes: &mut Bytes<'_>| {
        bytes.pick(&CreateOptions::WORDS).map_or(CreateOptions::default(), |(_, option)| option)
    };
    match bytes.byte() % 8 {
        0 => one(bytes),
        1 => one(bytes).union(one(bytes)),
        2 => CreateOptions(bytes.word()),
        _ => CreateOptions::default(),
    }
}

/// No key, or one of three.
pub fn key(bytes: &mut Bytes<'_>) -> Option<LeaseKey> {
    match bytes.byte() % 4 {
        0 => None,
        number => Some(LeaseKey([number; 16])),
    }
}

/// A lease state: the eight of three bits, or raw.
pub fn state(bytes: &mut Bytes<'_>) -> LeaseState {
    match bytes.byte() {
        255 => LeaseState(bytes.word()),
        number => LeaseState(u32::from(number % 8)),
    }
}

/// An oplock request at the store.
pub fn request(bytes: &mut Bytes<'_>) -> StoreRequest {
    match bytes.byte() % 8 {
        0 => StoreRequest::LevelOne,
        1 => StoreRequest::LevelTwo,
        2 => StoreRequest::Batch,
        3 => StoreRequest::Filter,
        4 => StoreRequest::Raw(RawOplockControl {
            code: bytes.pick(&[0x0009_0000, 0x0009_0240, 0x0009_0008]).unwrap_or_default()
                | u32::from(bytes.byte() & 0x5C),
            input_length: u32::from(bytes.byte()),
            output_length: u32::from(bytes.byte()),
            level: state(bytes),
            flags: u32::from(bytes.byte()),
        }),
        _ => StoreRequest::Granular(state(bytes)),
    }
}

/// A byte range.
pub fn range(bytes: &mut Bytes<'_>) -> LockRange {
    LockRange { offset: bytes.offset(), length: bytes.offset(), exclusive: bytes.flag() }
}

/// What is asked for.
pub fn query(bytes: &mut Bytes<'_>) -> QueryInfo {
    let all = [
        QueryInfo::Basic,
        QueryInfo::Standard,
        QueryInfo::All,
        QueryInfo::Ea,
        QueryInfo::Streams,
        QueryInfo::Security,
        QueryInfo::FileSystem,
    ];
    bytes.pick(&all).unwrap_or(QueryInfo::Basic)
}

/// What is set.
pub fn set_info(bytes: &mut Bytes<'_>) -> SetInfo {
    match bytes.byte() % 14 {
        0 => SetInfo::EndOfFile(bytes.offset()),
        1 => SetInfo::Allocation(bytes.offset()),
        2 => SetInfo::ValidDataLength(bytes.offset()),
        3 => SetInfo::Basic(BasicInfo {
            write: i64::from(bytes.byte()) - 2,
            attributes: u32::from(bytes.byte()),
            ..BasicInfo::default()
        }),
        4 => SetInfo::Rename { to: new_name(bytes), replace: bytes.flag() },
        5 => SetInfo::RenameEx { to: new_name(bytes), flags: u32::from(bytes.byte()) },
        6 => SetInfo::Link { to: path(bytes), replace: bytes.flag() },
        7 => SetInfo::ShortName(path(bytes)),
        8 => SetInfo::Disposition { delete: bytes.flag() },
        9 => SetInfo::DispositionEx { flags: u32::from(bytes.byte()) },
        10 => SetInfo::Ea { name: path(bytes), value: String::new() },
        11 => SetInfo::Position(bytes.offset()),
        12 => SetInfo::Mode(u32::from(bytes.byte())),
        _ => SetInfo::Security,
    }
}

/// A control.
pub fn control(bytes: &mut Bytes<'_>, source: FileId) -> Control {
    match bytes.byte() % 10 {
        0 => Control::SetZeroData { from: bytes.offset(), to: bytes.offset() },
        1 => Control::CopyChunk {
            source,
            from: bytes.offset(),
            to: bytes.offset(),
            length: u32::from(bytes.byte()),
        },
        2 => Control::DuplicateExtents {
            source,
            from: bytes.offset(),
            to: bytes.offset(),
            length: bytes.offset(),
        },
        3 => Control::Trim { offset: bytes.offset(), length: bytes.offset() },
        4 => Control::OffloadWrite { offset: bytes.offset(), length: bytes.offset() },
        5 => Control::SetSparse(bytes.flag()),
        6 => Control::SetCompression(u16::from(bytes.byte())),
        7 => Control::SetEncryption(bytes.flag()),
        8 => Control::Resiliency { timeout: bytes.word() },
        _ => Control::Raw { code: 0x0009_0000 | u32::from(bytes.byte()) << 2, input: bytes.some() },
    }
}

fn new_name(bytes: &mut Bytes<'_>) -> String {
    if bytes.byte() % 8 == 0 { ":t".to_owned() } else { path(bytes) }
}
