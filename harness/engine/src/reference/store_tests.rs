//! Every operation of the model at the store, as a cell sees it.

use oplock_model::{
    Actor, ActorSpec, BasicInfo, Body, BreakNotice, CallId, Control, CreateOp, Event, FileId,
    FileKind, LockRange, Op, QueryInfo, SetInfo, Status, StoreRequest, Tick, Wanted,
};
use rstest::rstest;

use super::*;

const A: Actor = Actor(0);

/// A store with a file `f` of 8 bytes and a directory `d`.
fn scene() -> Box<dyn Scene> {
    let file = |name: &str, kind| FileSpec { name: name.to_owned(), kind };
    let setup = Setup {
        layer: Layer::Store,
        files: vec![file("f", FileKind::File { size: 8 }), file("d", FileKind::Directory)],
        actors: vec![ActorSpec {
            name: "A".to_owned(),
            client: 1,
            connection: 1,
            account: 1,
            node: 1,
        }],
        ..Setup::default()
    };
    Reference::new(Choices::default()).scene(&setup).expect("a scene")
}

fn send(scene: &mut dyn Scene, op: Op) -> CallId {
    *scene.submit(A, &[op]).expect("sent").last().expect("a call")
}

/// Everything said so far.
fn events(scene: &mut dyn Scene) -> Vec<Event> {
    let mut events = Vec::new();
    while let Ok(Some(event)) = scene.next_event(Tick::default()) {
        events.push(event.value);
    }
    events
}

/// How each answer ended.
fn statuses(scene: &mut dyn Scene) -> Vec<(CallId, Status)> {
    let answers = events(scene).into_iter().filter_map(|event| match event {
        Event::Reply { call, status, .. } => Some((call, status)),
        _ => None,
    });
    answers.collect()
}

fn open(scene: &mut dyn Scene, path: &str, wanted: Wanted) -> FileId {
    let access = oplock_model::Access::FULL;
    let op = CreateOp { path: path.to_owned(), access, wanted, ..CreateOp::default() };
    send(scene, Op::Create(Box::new(op)));
    let file = events(scene).into_iter().find_map(|event| match event {
        Event::Reply { body: Body::Create(answer), .. } => Some(answer.file),
        _ => None,
    });
    file.expect("an open")
}

fn range(offset: u64, length: u64) -> LockRange {
    LockRange { offset, length, exclusive: true }
}

/// One operation on an open of `f`: each has its answer.
#[rstest]
#[case::flush(|file| Op::Flush { file }, Status::SUCCESS)]
#[case::lock(|file| Op::Lock { file, ranges: vec![range(0, 1), range(4, 1)], fail_immediately: true }, Status::SUCCESS)]
#[case::locks_that_conflict(|file| Op::Lock { file, ranges: vec![range(0, 2), range(1, 1)], fail_immediately: true }, Status::LOCK_NOT_GRANTED)]
#[case::no_locks(|file| Op::Lock { file, ranges: Vec::new(), fail_immediately: true }, Status::SUCCESS)]
#[case::unlock(|file| Op::Unlock { file, ranges: vec![range(0, 1)] }, Status::RANGE_NOT_LOCKED)]
#[case::query(|file| Op::Query { file, info: QueryInfo::All }, Status::SUCCESS)]
#[case::query_directory(|file| Op::QueryDirectory { file, pattern: "*".to_owned() }, Status::INVALID_PARAMETER)]
#[case::set(|file| Op::Set { file, info: SetInfo::Basic(BasicInfo::default()) }, Status::SUCCESS)]
#[case::control(|file| Op::Control { file, control: Control::SetZeroData { from: 0, to: 1 } }, Status::SUCCESS)]
#[case::copy(|file| Op::Control { file, control: Control::CopyChunk { source: file, from: 0, to: 4, length: 1 } }, Status::SUCCESS)]
#[case::raw_control(|file| Op::Control { file, control: Control::Raw { code: 1, input: Vec::new() } }, Status::INVALID_DEVICE_REQUEST)]
#[case::break_notify(|file| Op::BreakNotify { file }, Status::SUCCESS)]
#[case::map(|file| Op::MapSection { file, writable: true }, Status::SUCCESS)]
#[case::unmap(|file| Op::UnmapSection { file }, Status::SUCCESS)]
#[case::close(|file| Op::Close { file }, Status::SUCCESS)]
#[case::log_off(|_| Op::LogOff, Status::INVALID_DEVICE_REQUEST)]
#[case::raw(|_| Op::Raw { command: 1, body: Vec::new() }, Status::INVALID_DEVICE_REQUEST)]
fn operations(#[case] op: fn(FileId) -> Op, #[case] expected: Status) {
    let mut scene = scene();
    let file = open(scene.as_mut(), "f", Wanted::Nothing);
    let call = send(scene.as_mut(), op(file));
    assert_eq!(statuses(scene.as_mut()), [(call, expected)]);
    let nowhere = op(FileId { persistent: 77, volatile: 77 });
    let expected = match nowhere {
        Op::LogOff | Op::Raw { .. } => Status::INVALID_DEVICE_REQUEST,
        _ => Status::FILE_CLOSED,
    };
    let call = send(scene.as_mut(), nowhere);
    assert_eq!(statuses(scene.as_mut()), [(call, expected)]);
    assert_eq!(scene.end(), Ok(Vec::new()));
}

/// Ranges that follow a failed one are not tried; those before it stay locked, being calls of their own.
#[test]
fn ranges_one_after_the_other() {
    let mut scene = scene();
    let file = open(scene.as_mut(), "f", Wanted::Nothing);
    let ranges = vec![range(0, 1), range(0, 1), range(4, 1)];
    let lock = send(scene.as_mut(), Op::Lock { file, ranges, fail_immediately: true });
    let first = send(scene.as_mut(), Op::Unlock { file, ranges: vec![range(0, 1)] });
    let last = send(scene.as_mut(), Op::Unlock { file, ranges: vec![range(4, 1)] });
    assert_eq!(
        statuses(scene.as_mut()),
        [
            (lock, Status::LOCK_NOT_GRANTED),
            (first, Status::SUCCESS),
            (last, Status::RANGE_NOT_LOCKED)
        ]
    );
}

/// A lock that waits in the middle of its ranges goes on with the rest, and can be cancelled there.
#[rstest]
#[case(false, Status::SUCCESS)]
#[case(true, Status::CANCELLED)]
fn a_range_that_waits(#[case] cancels: bool, #[case] expected: Status) {
    let mut scene = scene();
    let file = open(scene.as_mut(), "f", Wanted::Nothing);
    let other = open(scene.as_mut(), "f", Wanted::Nothing);
    let ranges = vec![range(4, 1)];
    send(scene.as_mut(), Op::Lock { file, ranges, fail_immediately: true });
    let ranges = vec![range(0, 1), range(4, 1), range(6, 1)];
    let lock = send(scene.as_mut(), Op::Lock { file: other, ranges, fail_immediately: false });
    assert_eq!(statuses(scene.as_mut()).len(), 1);
    let last = if cancels {
        Op::Cancel { call: lock }
    } else {
        Op::Unlock { file, ranges: vec![range(4, 1)] }
    };
    send(scene.as_mut(), last);
    let mut said = statuses(scene.as_mut());
    said.retain(|(call, _)| *call == lock);
    assert_eq!(said, [(lock, expected)]);
}

/// Cancel ends a call that waits, and the request that a call made; it has no answer of its own.
#[test]
fn cancel() {
    let mut scene = scene();
    let holder = CallId(0);
    open(scene.as_mut(), "f", Wanted::Request(StoreRequest::Batch));
    let op = CreateOp { path: "f".to_owned(), ..CreateOp::default() };
    let waiter = send(scene.as_mut(), Op::Create(Box::new(op)));
    let said = events(scene.as_mut());
    assert!(
        matches!(&said[..], [Event::Break(BreakNotice::Request { call, .. })] if *call == holder),
        "{said:?}"
    );
    send(scene.as_mut(), Op::Cancel { call: waiter });
    send(scene.as_mut(), Op::Cancel { call: CallId(99) });
    assert_eq!(statuses(scene.as_mut()), [(waiter, Status::CANCELLED)]);

    let mut scene = self::scene();
    let file = open(scene.as_mut(), "f", Wanted::Nothing);
    let request = StoreRequest::LevelTwo;
    let request = send(scene.as_mut(), Op::Request { file, request });
    assert_eq!(statuses(scene.as_mut()), [(request, Status::PENDING)]);
    send(scene.as_mut(), Op::Cancel { call: request });
    let said = events(scene.as_mut());
    assert!(
        matches!(&said[..], [Event::Completed { call, status: Status::CANCELLED, .. }] if *call == request),
        "{said:?}"
    );
}

/// The open that a copy reads from has to be one.
#[test]
fn copy_from_nowhere() {
    let mut scene = scene();
    let file = open(scene.as_mut(), "f", Wanted::Nothing);
    let source = FileId { persistent: 77, volatile: 77 };
    let control = Control::CopyChunk { source, from: 0, to: 0, length: 1 };
    let call = send(scene.as_mut(), Op::Control { file, control });
    assert_eq!(statuses(scene.as_mut()), [(call, Status::OBJECT_NAME_NOT_FOUND)]);
}
