//! Everything that can be done in one state of the store, each on a copy of its own.

use oplock_engine::store::{CreateArgs, OpenId, Store, Ticket};
use oplock_model::{
    Access, AckForm, BasicInfo, Control, CreateOptions, Disposition, GridSet, LeaseState, Level,
    LockRange, QueryInfo, RawOplockControl, SetInfo, Share, StoreRequest,
};

use super::play::{
    DIRECTORY, FILE, K1, K2, K3, NAMES, Play, asking, disposing, sharing, wanting, with,
};

/// The cells that one step, or one open and one step, reaches from here.
pub fn everything_once(play: &Play) -> GridSet {
    let mut reached = play.store.cells().clone();
    for open in play.opens.clone() {
        do_all(play, open, &mut reached);
    }
    for ticket in play.granted.iter().chain(&play.waiting) {
        let mut copy = play.clone();
        copy.call(|store, _| store.cancel(*ticket));
        reached.union(copy.store.cells());
    }
    for (args, goes_on) in creates(play) {
        let mut copy = play.clone();
        let open = copy.create(&args);
        let waits = copy.waiting.len() > play.waiting.len();
        reached.union(copy.store.cells());
        if waits {
            cancel_last(copy, &mut reached);
        } else if let Some(open) = open.filter(|_| goes_on) {
            do_all(&copy, open, &mut reached);
        }
    }
    for aside in asides(play) {
        let mut copy = play.clone();
        let waits = copy.waiting.len();
        aside(&mut copy);
        reached.union(copy.store.cells());
        if copy.waiting.len() > waits {
            cancel_last(copy, &mut reached);
        }
    }
    reached
}

/// One call on an open.
pub type Step = fn(&mut Store, Ticket, OpenId);

/// Every call on an open but requests and acknowledgements.
pub const STEPS: &[Step] = &[
    |store, ticket, open| store.read(ticket, open, 0, 1),
    |store, ticket, open| store.write(ticket, open, 0, 1),
    |store, ticket, open| store.flush(ticket, open),
    |store, ticket, open| store.lock(ticket, open, RANGE, true),
    |store, ticket, open| store.unlock(ticket, open, RANGE),
    |store, ticket, open| store.query(ticket, open, QueryInfo::Standard),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::EndOfFile(8)),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Allocation(8)),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::ValidDataLength(1)),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Basic(TIMES)),
    |store, ticket, open| {
        store.set_info(ticket, open, &SetInfo::Rename { to: "p/n".to_owned(), replace: false });
    },
    |store, ticket, open| {
        store.set_info(ticket, open, &SetInfo::Link { to: "p/n".to_owned(), replace: false });
    },
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::ShortName("short".to_owned())),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Disposition { delete: true }),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Disposition { delete: false }),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Security),
    |store, ticket, open| store.set_info(ticket, open, &SetInfo::Position(0)),
    |store, ticket, open| {
        store.control(ticket, open, &Control::SetZeroData { from: 0, to: 1 }, None);
    },
    |store, ticket, open| store.control(ticket, open, &Control::SetSparse(true), None),
    |store, ticket, open| store.map_section(ticket, open, true),
    |store, ticket, open| store.map_section(ticket, open, false),
    |store, ticket, open| store.break_notify(ticket, open),
    |store, ticket, open| store.close(ticket, open),
];

const RANGE: LockRange = LockRange { offset: 0, length: 1, exclusive: true };
const TIMES: BasicInfo = BasicInfo { creation: 1, access: 0, write: 0, change: 0, attributes: 0 };
const H: LeaseState = LeaseState::H;

/// Every request.
pub fn requests() -> Vec<StoreRequest> {
    let raw = RawOplockControl { code: 0, input_length: 0, output_length: 0, level: H, flags: 0 };
    let mut requests: Vec<StoreRequest> = Level::ALL.into_iter().map(asking).collect();
    requests.extend([StoreRequest::Granular(H), StoreRequest::Raw(raw)]);
    requests
}

/// Every acknowledgement.
pub fn acknowledgements() -> Vec<AckForm> {
    let mut forms: Vec<AckForm> = (0..8).map(|bits| AckForm::Granular(LeaseState(bits))).collect();
    forms.extend([AckForm::Acknowledge, AckForm::NoLevelTwo, AckForm::ClosePending]);
    forms.push(AckForm::GranularOnClose(LeaseState::NONE));
    forms
}

fn do_all(play: &Play, open: OpenId, reached: &mut GridSet) {
    let mut one = |step: &dyn Fn(&mut Store, Ticket)| {
        let mut copy = play.clone();
        copy.call(step);
        reached.union(copy.store.cells());
        if copy.waiting.len() > play.waiting.len() {
            cancel_last(copy, reached);
        }
    };
    for step in STEPS {
        one(&|store, ticket| step(store, ticket, open));
    }
    for request in requests() {
        one(&|store, ticket| store.request(ticket, open, request));
    }
    for form in acknowledgements() {
        one(&|store, ticket| store.ack(ticket, open, form));
    }
}

fn cancel_last(mut play: Play, reached: &mut GridSet) {
    if let Some(ticket) = play.waiting.last().copied() {
        play.call(|store, _| store.cancel(ticket));
        reached.union(play.store.cells());
    }
}

/// Opens of the subject, each with whether the handle is then tried out.
fn creates(play: &Play) -> Vec<(CreateArgs, bool)> {
    let completing = CreateOptions::COMPLETE_IF_OPLOCKED;
    let requiring = CreateOptions::OPEN_REQUIRING_OPLOCK;
    let deleting = CreateOptions::DELETE_ON_CLOSE;
    let reading = Access::READ_DATA;
    let data = Access::READ_DATA.union(Access::WRITE_DATA);
    let attributes = Access::ATTRIBUTES;
    let mut all = Vec::new();
    for key in [K1, K2, K3] {
        let plain = || play.plain(key);
        let overwriting = || disposing(plain(), Disposition::OverwriteIf);
        all.extend([
            (plain(), true),
            (wanting(plain(), data), true),
            (with(plain(), completing), true),
            (with(wanting(plain(), data), completing), true),
            (wanting(plain(), NAMES), true),
            (with(wanting(plain(), NAMES), completing), true),
            (with(wanting(plain(), NAMES), deleting), true),
            (with(with(wanting(plain(), NAMES), deleting), completing), true),
            (with(plain(), deleting), true),
            (with(with(plain(), deleting), completing), true),
            (wanting(plain(), attributes), true),
            (wanting(plain(), reading), true),
            (wanting(plain(), attributes.union(Access::READ_CONTROL)), true),
            (wanting(plain(), Access::WRITE_DATA), false),
            (overwriting(), false),
            (wanting(overwriting(), data), false),
            (sharing(plain(), Share::NONE), false),
            (sharing(overwriting(), Share::NONE), false),
            (with(sharing(plain(), Share::NONE), completing), false),
            (with(sharing(overwriting(), Share::NONE), completing), false),
            (with(overwriting(), completing), false),
            (with(plain(), requiring), false),
            (with(wanting(plain(), data), requiring), false),
            (with(sharing(plain(), Share::NONE), requiring), false),
            (with(sharing(overwriting(), Share::NONE), requiring), false),
            (disposing(plain(), Disposition::Create), false),
            (
                with(wanting(plain(), Access::READ_ATTRIBUTES), CreateOptions::RESERVE_OPFILTER),
                false,
            ),
        ]);
    }
    all
}

/// Something that is done beside the subject.
type Aside = Box<dyn Fn(&mut Play)>;

/// What is done beside the subject and concerns it.
fn asides(play: &Play) -> Vec<Aside> {
    let mut all: Vec<Aside> = Vec::new();
    for key in [K1, K2, K3] {
        let at = |path: &str| CreateArgs { path: path.to_owned(), ..play.plain(key) };
        let (above, other) = (at("p"), at("p/g"));
        all.push(Box::new(move |play| set(play, &above, &rename("q"))));
        if play.subject == FILE {
            let stream = sharing(disposing(at("p/f:s"), Disposition::OverwriteIf), Share::NONE);
            all.push(Box::new(move |play| {
                play.create(&stream);
            }));
            for info in [
                SetInfo::Rename { to: FILE.to_owned(), replace: true },
                SetInfo::Link { to: FILE.to_owned(), replace: true },
            ] {
                let other = other.clone();
                all.push(Box::new(move |play| set(play, &other, &info)));
            }
        } else {
            let child = CreateArgs { parent_key: key, ..at("p/d/c") };
            all.push(Box::new(move |play| set(play, &child, &SetInfo::Basic(TIMES))));
            let into = format!("{DIRECTORY}/n");
            all.push(Box::new(move |play| set(play, &other, &rename(&into))));
        }
    }
    all
}

fn rename(to: &str) -> SetInfo {
    SetInfo::Rename { to: to.to_owned(), replace: false }
}

/// Opens something else and sets information through it.
fn set(play: &mut Play, args: &CreateArgs, info: &SetInfo) {
    if let Some(open) = play.create(args) {
        play.call(|store, ticket| store.set_info(ticket, open, info));
    }
}
