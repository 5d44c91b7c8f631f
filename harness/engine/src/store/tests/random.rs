//! What a random walk does next.

use oplock_model::{
    Access, AckForm, BasicInfo, Control, CreateOptions, Disposition, FileId, FileKind, FileSpec,
    LeaseKey, LeaseState, Level, LockRange, QueryInfo, RawOplockControl, SetInfo, Share,
    StoreRequest,
};

use super::bench::{K1, K2, K3, asking};
use crate::store::{CreateArgs, OpenId, Store, Ticket};

/// A linear congruential generator with Knuth's constants.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        // Neighbouring seeds shall not walk alike.
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        random.below(1);
        random
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// One call.
#[derive(Clone, Debug)]
pub enum Act {
    Create(Box<CreateArgs>),
    OpenAgain(OpenId),
    Close(OpenId),
    Read(OpenId, u64, u32),
    Write(OpenId, u64, u32),
    Flush(OpenId),
    Lock(OpenId, LockRange, bool),
    Unlock(OpenId, LockRange),
    Query(OpenId, QueryInfo),
    QueryDirectory(OpenId),
    Set(OpenId, Box<SetInfo>),
    Control(OpenId, Box<Control>, Option<OpenId>),
    Map(OpenId, bool),
    Unmap(OpenId),
    Request(OpenId, StoreRequest),
    Ack(OpenId, AckForm),
    BreakNotify(OpenId),
    Cancel(Ticket),
}

impl Act {
    /// Whether an answer is due.
    pub fn is_answered(&self) -> bool {
        !matches!(self, Act::Cancel(_) | Act::OpenAgain(_))
    }

    /// Whether it takes nothing from anybody, and lets nobody go on.
    pub fn breaks_nothing(&self) -> bool {
        matches!(
            self,
            Act::OpenAgain(_)
                | Act::Query(..)
                | Act::QueryDirectory(_)
                | Act::Map(_, false)
                | Act::Unmap(_)
                | Act::BreakNotify(_)
        )
    }

    /// Makes the call.
    pub fn perform(self, store: &mut Store, ticket: Ticket, opens: &mut Vec<OpenId>) {
        match self {
            Act::Create(args) => store.create(ticket, &args),
            Act::OpenAgain(open) => opens.extend(store.open_again(open)),
            Act::Close(open) => store.close(ticket, open),
            Act::Read(open, offset, length) => store.read(ticket, open, offset, length),
            Act::Write(open, offset, length) => store.write(ticket, open, offset, length),
            Act::Flush(open) => store.flush(ticket, open),
            Act::Lock(open, range, at_once) => store.lock(ticket, open, range, at_once),
            Act::Unlock(open, range) => store.unlock(ticket, open, range),
            Act::Query(open, info) => store.query(ticket, open, info),
            Act::QueryDirectory(open) => store.query_directory(ticket, open),
            Act::Set(open, info) => store.set_info(ticket, open, &info),
            Act::Control(open, control, source) => store.control(ticket, open, &control, source),
            Act::Map(open, writable) => store.map_section(ticket, open, writable),
            Act::Unmap(open) => store.unmap_section(ticket, open),
            Act::Request(open, request) => store.request(ticket, open, request),
            Act::Ack(open, form) => store.ack(ticket, open, form),
            Act::BreakNotify(open) => store.break_notify(ticket, open),
            Act::Cancel(cancelled) => store.cancel(cancelled),
        }
    }
}

/// What is there before a walk begins.
pub fn files() -> Vec<FileSpec> {
    [
        ("f", FileKind::File { size: 8 }),
        ("f:s", FileKind::File { size: 8 }),
        ("d", FileKind::Directory),
        ("d/g", FileKind::File { size: 5000 }),
        ("d/e", FileKind::Directory),
        ("d/e/h", FileKind::File { size: 0 }),
    ]
    .map(|(name, kind)| FileSpec { name: name.to_owned(), kind })
    .into()
}

const KEYS: [Option<LeaseKey>; 4] = [K1, K2, K3, None];

/// The next call: two to five opens are kept about, so that they meet.
pub fn some_act(random: &mut Random, store: &Store, opens: &[OpenId], tickets: &[Ticket]) -> Act {
    let few = opens.len() < 2;
    let many = opens.len() >= 5;
    if few || (!many && random.chance(5)) {
        return Act::Create(Box::new(some_args(random)));
    }
    let open = random.pick(opens);
    if many && random.chance(3) {
        return Act::Close(open);
    }
    let breaking = opens.iter().copied().find(|open| store.breaking(*open).is_some());
    if breaking.is_some() && random.chance(3) {
        return Act::Ack(breaking.unwrap_or(open), some_form(random));
    }
    match random.below(40) {
        0..=10 => Act::Request(open, some_request(random)),
        11..=13 => Act::Read(open, random.pick(&[0, 0, 4, 9000]), random.pick(&[0, 1, 1, 16])),
        14..=16 => Act::Write(open, random.pick(&[0, 0, 4096]), random.pick(&[0, 1, 1, 16])),
        17 => Act::Flush(open),
        18 | 19 => Act::Lock(open, some_range(random), random.chance(2)),
        20 => Act::Unlock(open, some_range(random)),
        21 => Act::Query(open, random.pick(&[QueryInfo::Basic, QueryInfo::Security])),
        22 => Act::QueryDirectory(open),
        23..=29 => Act::Set(open, Box::new(some_info(random))),
        30 | 31 => {
            let source = random.pick(opens);
            Act::Control(open, Box::new(some_control(random)), Some(source))
        }
        32 => Act::Map(open, random.chance(2)),
        33 => Act::Unmap(open),
        34 => Act::BreakNotify(breaking.unwrap_or(open)),
        35 => Act::Cancel(random.pick(tickets)),
        36 => Act::OpenAgain(open),
        37 => Act::Ack(open, some_form(random)),
        38 => Act::Create(Box::new(some_args(random))),
        _ => Act::Close(open),
    }
}

fn some_path(random: &mut Random) -> String {
    random.pick(&["f", "f", "f", "f", "f:s", "d", "d/g", "d/g", "d/e", "d/e/h", "n"]).to_owned()
}

fn some_args(random: &mut Random) -> CreateArgs {
    CreateArgs {
        path: some_path(random),
        access: random.pick(&[
            Access::FULL,
            Access::FULL,
            Access::FULL,
            Access::READ_DATA,
            Access::READ_DATA.union(Access::WRITE_DATA),
            Access::ATTRIBUTES,
            Access::READ_ATTRIBUTES,
            Access::READ_CONTROL,
            Access::DELETE,
            Access::MAXIMUM_ALLOWED,
        ]),
        share: random.pick(&[
            Share::ALL,
            Share::ALL,
            Share::ALL,
            Share::ALL,
            Share::READ,
            Share(Share::READ.0 | Share::WRITE.0),
            Share::NONE,
        ]),
        disposition: random.pick(&[
            Disposition::Open,
            Disposition::OpenIf,
            Disposition::OpenIf,
            Disposition::OpenIf,
            Disposition::Create,
            Disposition::Overwrite,
            Disposition::OverwriteIf,
            Disposition::Supersede,
        ]),
        options: random.pick(&[
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::default(),
            CreateOptions::COMPLETE_IF_OPLOCKED,
            CreateOptions::OPEN_REQUIRING_OPLOCK,
            CreateOptions::RESERVE_OPFILTER,
            CreateOptions::RESERVE_OPFILTER.union(CreateOptions::COMPLETE_IF_OPLOCKED),
            CreateOptions::DELETE_ON_CLOSE,
            CreateOptions::DIRECTORY_FILE,
            CreateOptions::SYNCHRONOUS_IO_ALERT,
        ]),
        allocation: random.pick(&[None, None, None, Some(0), Some(8192)]),
        key: random.pick(&KEYS),
        parent_key: random.pick(&KEYS),
    }
}

fn some_request(random: &mut Random) -> StoreRequest {
    if random.chance(12) {
        let codes = [0x0009_0240, 0x0009_0240, 0x0009_0014, 0x0009_000C, 0x0009_0050, 7];
        return StoreRequest::Raw(RawOplockControl {
            code: random.pick(&codes),
            input_length: random.pick(&[12, 12, 12, 11]),
            output_length: 24,
            level: some_state(random),
            flags: random.pick(&[0, 1, 2, 3, 6]),
        });
    }
    if random.chance(20) {
        return StoreRequest::Granular(some_state(random));
    }
    asking(random.pick(&Level::ALL))
}

fn some_state(random: &mut Random) -> LeaseState {
    LeaseState(u32::try_from(random.below(9)).unwrap_or(0))
}

fn some_form(random: &mut Random) -> AckForm {
    match random.below(14) {
        0..=2 => AckForm::Acknowledge,
        3 => AckForm::NoLevelTwo,
        4 => AckForm::ClosePending,
        5 => AckForm::GranularOnClose(some_state(random)),
        6..=12 => AckForm::Granular(random.pick(&[
            LeaseState::NONE,
            LeaseState::R,
            LeaseState::RH,
            LeaseState::RW,
            LeaseState::RWH,
        ])),
        _ => AckForm::Granular(some_state(random)),
    }
}

fn some_range(random: &mut Random) -> LockRange {
    LockRange {
        offset: random.pick(&[0, 0, 1, 4096, 1 << 40, u64::MAX]),
        length: random.pick(&[0, 1, 1, 4, u64::MAX]),
        exclusive: random.chance(2),
    }
}

fn some_info(random: &mut Random) -> SetInfo {
    let name = random.pick(&["f", "g", "d/f", "d/g", "d/e/f", "d2", ":t", "F"]).to_owned();
    match random.below(16) {
        0 => SetInfo::EndOfFile(random.pick(&[0, 8, 5000])),
        1 => SetInfo::Allocation(random.pick(&[0, 8, 8192])),
        2 => SetInfo::ValidDataLength(random.pick(&[0, 8])),
        3 => SetInfo::Basic(BasicInfo {
            attributes: random.pick(&[0, 0x1, 0x2, 0x20, 0x80]),
            write: random.pick(&[0, -1, 5]),
            ..BasicInfo::default()
        }),
        4..=6 => SetInfo::Rename { to: name, replace: random.chance(2) },
        7 => SetInfo::RenameEx { to: name, flags: random.pick(&[0, 1, 3]) },
        8 | 9 => SetInfo::Link { to: name, replace: random.chance(2) },
        10 => SetInfo::ShortName(random.pick(&["", "short~1", "f~1"]).to_owned()),
        11 => SetInfo::Disposition { delete: random.chance(2) },
        12 => SetInfo::DispositionEx { flags: random.pick(&[0, 1, 3, 9]) },
        13 => SetInfo::Ea { name: "a".to_owned(), value: "b".to_owned() },
        14 => random.pick(&[SetInfo::Position(3), SetInfo::Mode(0)]),
        _ => SetInfo::Security,
    }
}

fn some_control(random: &mut Random) -> Control {
    let source = FileId { persistent: 0, volatile: 0 };
    match random.below(10) {
        0..=2 => Control::SetZeroData {
            from: random.pick(&[0, 4, 9000]),
            to: random.pick(&[0, 8, 1 << 31]),
        },
        3 => Control::CopyChunk { source, from: 0, to: 0, length: 8 },
        4 => Control::DuplicateExtents { source, from: 0, to: 0, length: 4096 },
        5 => Control::Trim { offset: 0, length: 8 },
        6 => Control::OffloadWrite { offset: 0, length: 8 },
        7 => Control::SetSparse(true),
        8 => Control::SetEncryption(random.chance(2)),
        _ => random.pick(&[
            Control::SetCompression(1),
            Control::Raw { code: 0x0009_0064, input: Vec::new() },
        ]),
    }
}
