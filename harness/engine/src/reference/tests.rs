//! The seam: what a cell sees of each layer.

use oplock_model::{
    AckAnswer, AckForm, Actor, ActorSpec, Body, BreakNotice, CallId, CellId, ConnectionId,
    CreateOp, Event, FileId, FileKind, LeaseKey, LeaseRequest, LeaseState, Level, Modes, Op,
    OplockLevel, Share, Status, StoreRequest, Tick, Wanted,
};

use super::*;

const A: Actor = Actor(0);
const B: Actor = Actor(1);
const C: Actor = Actor(2);
const SECOND: Tick = Tick(1_000_000);

#[test]
fn it_says_what_it_is() {
    let reference = Reference::new(Choices::default());
    let facts = reference.facts();
    assert_eq!(facts.product, "reference");
    assert_eq!(facts.version.split('.').count(), 3);
    assert!(facts.capabilities["lease_v2"].present);
    assert!(facts.capabilities["directory_lease"].present);
}

#[test]
fn an_unknown_choice_is_a_fault_of_the_setup() {
    let mut setup = setup(Layer::Smb2);
    setup.choices.insert("colour".to_owned(), "red".to_owned());
    let fault = Reference::new(Choices::default()).scene(&setup).err();
    let said = fault.map(|fault| fault.to_string());
    assert_eq!(said.as_deref(), Some("cannot prepare `s/c`: unknown choice `colour`"));
}

#[test]
fn a_file_without_a_parent_is_a_fault_of_the_setup() {
    for layer in [Layer::Smb2, Layer::Store] {
        let mut setup = setup(layer);
        setup.files.push(FileSpec { name: "d/f".to_owned(), kind: FileKind::Directory });
        let fault = Reference::new(Choices::default()).scene(&setup).err();
        let said = fault.map(|fault| fault.to_string());
        assert_eq!(said.as_deref(), Some("cannot prepare `d/f`: `d/f` has no parent directory"));
    }
}

#[test]
fn actors_with_equal_client_and_connection_share_it() {
    let mut scene = scene(Layer::Smb2);
    let file = opened(scene.as_mut(), A, open(Wanted::Oplock(OplockLevel::BATCH)));
    // The third actor sits on the first one's connection, so it may use its handle.
    scene.submit(C, &[Op::Read { file, offset: 0, length: 1 }]).expect("sent");
    scene.submit(B, &[Op::Read { file, offset: 0, length: 1 }]).expect("sent");
    let statuses: Vec<Status> = events(scene.as_mut()).iter().filter_map(status).collect();
    assert_eq!(statuses, [Status::SUCCESS, Status::FILE_CLOSED]);
    scene.submit(B, &[Op::Create(Box::new(open(Wanted::Nothing)))]).expect("sent");
    let notice = BreakNotice::Oplock { connection: ConnectionId(0), file, level: OplockLevel::II };
    assert_eq!(events(scene.as_mut()), [Event::Break(notice), Event::Interim { call: CallId(3) }]);
}

#[test]
fn time_moves_from_timer_to_timer() {
    let mut scene = scene(Layer::Smb2);
    assert_eq!(scene.next_event(SECOND), Ok(None));
    assert_eq!(scene.now(), SECOND);
    opened(scene.as_mut(), A, open(Wanted::Oplock(OplockLevel::BATCH)));
    scene.submit(B, &[Op::Create(Box::new(open(Wanted::Nothing)))]).expect("sent");
    events(scene.as_mut());
    let late = SECOND.plus_millis(50_000);
    let event = scene.next_event(late).expect("no fault").expect("the timer ends the wait");
    assert_eq!(event.at, SECOND.plus_millis(35_000));
    assert_eq!(scene.now(), event.at);
    assert_eq!(scene.next_event(late), Ok(None));
    assert_eq!(scene.now(), late);
    assert!(scene.rules().contains(oplock_model::RuleId::Smb2TimerOplockBreak));
    assert_eq!(scene.end(), Ok(Vec::new()));
}

#[test]
fn the_end_returns_what_nobody_asked_for() {
    let mut scene = scene(Layer::Smb2);
    let request = LeaseRequest {
        key: LeaseKey([1; 16]),
        state: LeaseState::RWH,
        flags: 0,
        version: 1,
        epoch: 0,
        parent: None,
    };
    opened(scene.as_mut(), A, open(Wanted::Lease(request)));
    scene.submit(B, &[Op::Create(Box::new(open(Wanted::Nothing)))]).expect("sent");
    let late = scene.end().expect("everything closes");
    let breaks = late.iter().filter(|event| matches!(event.value, Event::Break(_))).count();
    assert_eq!((breaks, late.len()), (1, 2));
}

#[test]
fn words_of_the_other_layer_are_not_possible() {
    let cases = [
        (Layer::Smb2, Wanted::Request(StoreRequest::Batch)),
        (Layer::Store, Wanted::Oplock(OplockLevel::BATCH)),
    ];
    for (layer, wanted) in cases {
        let mut scene = scene(layer);
        let sent = scene.submit(A, &[Op::Create(Box::new(open(wanted)))]);
        assert!(matches!(sent, Err(TargetFault::Unsupported(_))), "{sent:?}");
        assert!(scene.submit(Actor(9), &[Op::Fence]).is_err());
    }
}

/// The store example of the case format: the second waiter joins, and a greedy acknowledgement is refused.
#[test]
fn a_handle_break_at_the_store() {
    let mut scene = scene(Layer::Store);
    let mut first = open(Wanted::Request(StoreRequest::Granular(LeaseState::RH)));
    first.access = oplock_model::Access::READ_DATA;
    first.share = Share::READ;
    let mut other = open(Wanted::Nothing);
    other.access = oplock_model::Access::WRITE_DATA;
    scene.submit(A, &[Op::Create(Box::new(first))]).expect("sent");
    let granted = events(scene.as_mut());
    let [Event::Reply { call: CallId(0), status: Status::PENDING, body: Body::Create(answer) }] =
        &granted[..]
    else {
        panic!("{granted:?}")
    };
    let file = answer.file;
    scene.submit(B, &[Op::Create(Box::new(other.clone()))]).expect("sent");
    let notice = BreakNotice::Request {
        call: CallId(0),
        file,
        status: Status::SUCCESS,
        from: Level::Rh,
        to: Level::R,
        ack_required: true,
        information: None,
        modes: Some(Modes { access: other.access, share: Share::ALL }),
    };
    assert_eq!(events(scene.as_mut()), [Event::Break(notice)]);
    scene.submit(C, &[Op::Create(Box::new(other))]).expect("sent");
    assert_eq!(events(scene.as_mut()), []);
    let ack = |state| Op::Ack { file, form: AckForm::Granular(state) };
    scene.submit(A, &[ack(LeaseState::RWH)]).expect("sent");
    let refused = Event::Reply {
        call: CallId(3),
        status: Status::CANNOT_GRANT_REQUESTED_OPLOCK,
        body: Body::Ack(AckAnswer::Store {
            to: Level::R,
            ack_required: true,
            information: None,
            writable_section: false,
        }),
    };
    assert_eq!(events(scene.as_mut()), [refused]);
    scene.submit(A, &[ack(LeaseState::R)]).expect("sent");
    let statuses: Vec<Status> = events(scene.as_mut()).iter().filter_map(status).collect();
    assert_eq!(statuses, [Status::PENDING, Status::SHARING_VIOLATION, Status::SHARING_VIOLATION]);
    // The acknowledgement is the request now: closing ends it.
    scene.submit(A, &[Op::Close { file }]).expect("sent");
    let status = Status::OPLOCK_HANDLE_CLOSED;
    let completed =
        Event::Completed { call: CallId(4), status, to: Level::None, information: None };
    assert!(events(scene.as_mut()).contains(&completed));
    assert_eq!(scene.end(), Ok(Vec::new()));
}

#[test]
fn the_store_answers_what_names_nothing() {
    let mut scene = scene(Layer::Store);
    let file = FileId { persistent: 9, volatile: 9 };
    let request = StoreRequest::LevelOne;
    scene.submit(A, &[Op::Fence, Op::Close { file }, Op::Request { file, request }]).expect("sent");
    let statuses: Vec<Status> = events(scene.as_mut()).iter().filter_map(status).collect();
    assert_eq!(statuses, [Status::SUCCESS, Status::FILE_CLOSED, Status::FILE_CLOSED]);
    let mut refused = open(Wanted::Request(StoreRequest::Granular(LeaseState::H)));
    refused.path = "f".to_owned();
    scene
        .submit(A, &[Op::Create(Box::new(refused)), Op::Close { file: FileId::RELATED }])
        .expect("sent");
    let statuses: Vec<Status> = events(scene.as_mut()).iter().filter_map(status).collect();
    assert_eq!(statuses, [Status::INVALID_PARAMETER, Status::SUCCESS]);
    assert_eq!(scene.next_event(SECOND), Ok(None));
    assert_eq!(scene.now(), SECOND);
}

fn setup(layer: Layer) -> Setup {
    let actor = |name: &str, client| ActorSpec {
        name: name.to_owned(),
        client,
        connection: 1,
        account: 1,
        node: 1,
    };
    Setup {
        cell: CellId("s/c".to_owned()),
        layer,
        files: vec![
            FileSpec { name: "f".to_owned(), kind: FileKind::File { size: 4096 } },
            FileSpec { name: "g".to_owned(), kind: FileKind::Absent },
        ],
        actors: vec![actor("A", 1), actor("B", 2), actor("C", 1)],
        ..Setup::default()
    }
}

fn scene(layer: Layer) -> Box<dyn Scene> {
    Reference::new(Choices::default()).scene(&setup(layer)).expect("the setup is sound")
}

fn open(wanted: Wanted) -> CreateOp {
    CreateOp { path: "f".to_owned(), wanted, ..CreateOp::default() }
}

fn opened(scene: &mut dyn Scene, from: Actor, op: CreateOp) -> FileId {
    scene.submit(from, &[Op::Create(Box::new(op))]).expect("sent");
    match events(scene).pop() {
        Some(Event::Reply { body: Body::Create(answer), .. }) => answer.file,
        other => panic!("no open: {other:?}"),
    }
}

/// What has been said up to now.
fn events(scene: &mut dyn Scene) -> Vec<Event> {
    let now = scene.now();
    std::iter::from_fn(|| scene.next_event(now).expect("no fault"))
        .map(|event| event.value)
        .collect()
}

fn status(event: &Event) -> Option<Status> {
    match event {
        Event::Reply { status, .. } => Some(*status),
        _ => None,
    }
}
