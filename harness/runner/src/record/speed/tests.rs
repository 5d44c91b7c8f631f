use oplock_model::{Body, BreakNotice, CallId, ConnectionId, FileId, OplockLevel, Status};
use oplock_suite::plan::CallIndex;
use rstest::rstest;

use super::*;
use crate::history::Entry;
use crate::testing;

/// A acknowledges; A closes; A waits until the server gives up. B is let go on by each.
const CASES: &str = r"
suite: lease/tried
about: Ways in which a second open is let go on.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}
cases:
  acks:
    says: An acknowledgement lets B go on.
    spec: [smb2.ack.oplock]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
      - B opens: {file: f, as: b, access: rw, share: rwd, want: batch}
        then: [{A sees: {break: a, to: ii, ack: needed}}, {B waits: b}]
      - A acks: {break: a, to: ii}
        then: [{A gets: {answer: ack, status: success}}, {B gets: {answer: b, status: success}}]
  closes:
    says: A close lets B go on.
    spec: [smb2.ack.oplock]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
      - B opens: {file: f, as: b, access: rw, share: rwd, want: batch}
        then: [{A sees: {break: a, to: ii, ack: needed}}, {B waits: b}]
      - A closes: {handle: a}
        then: [{B gets: {answer: b, status: success}}]
  lets-it-be:
    says: The timer lets B go on.
    spec: [smb2.timer.oplock_break]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
      - B opens: {file: f, as: b, access: rw, share: rwd, want: batch}
        then: [{A sees: {break: a, to: ii, ack: needed}}, {B waits: b}]
      - time passes: ack_timeout
        then: [{B gets: {answer: b, status: success}}]
";

fn step(number: usize) -> What {
    What::Step(number)
}

/// The call of this number, under an id that is another one.
fn sent(call: usize) -> What {
    What::Sent(vec![(CallIndex(call), id(call))])
}

fn id(call: usize) -> CallId {
    CallId(10 + call as u64)
}

fn answer(call: usize) -> What {
    let (status, body) = (Status::SUCCESS, Body::Empty);
    What::Event(Event::Reply { call: id(call), status, body })
}

fn broken() -> What {
    What::Event(Event::Break(BreakNotice::Oplock {
        connection: ConnectionId(0),
        file: FileId::default(),
        level: OplockLevel::II,
    }))
}

/// What was seen, with its microsecond: the breaks and releases that are read from it.
#[rstest]
#[case::a_break("acks", vec![(0, step(1)), (5, sent(1)), (255, broken())], &[250], &[])]
#[case::two_breaks("acks", vec![(5, sent(1)), (7, broken()), (9, broken())], &[2, 4], &[])]
#[case::a_break_from_the_latest_call("acks", vec![(1, sent(0)), (2, answer(0)), (8, sent(1)), (9, broken())], &[1], &[])]
#[case::nobody_called("acks", vec![(3, broken()), (4, answer(1))], &[], &[])]
#[case::a_release("acks", vec![(5, sent(1)), (8, step(2)), (100, sent(2)), (103, answer(2)), (110, answer(1))], &[], &[10])]
#[case::its_own_answer_releases_nobody("acks", vec![(100, sent(2)), (103, answer(2))], &[], &[])]
#[case::what_came_with_it_releases_nobody("acks", vec![(100, sent(1)), (100, sent(2)), (103, answer(1))], &[], &[])]
#[case::an_acknowledgement_that_no_step_names("acks", vec![(5, sent(1)), (50, What::SentAsTold(CallId(99))), (57, answer(1))], &[], &[7])]
#[case::a_close_is_no_acknowledgement("closes", vec![(5, sent(1)), (100, sent(2)), (110, answer(1))], &[], &[])]
#[case::a_timer_is_no_speed("lets-it-be", vec![(5, sent(1)), (6, broken()), (9, step(2)), (35_000_000, answer(1)), (35_000_001, broken())], &[1], &[])]
#[case::clocks_that_go_back("acks", vec![(50, sent(1)), (40, broken())], &[0], &[])]
#[case::no_such_step("acks", vec![(0, step(usize::MAX)), (1, sent(77)), (2, broken())], &[1], &[])]
fn of_a_cell(
    #[case] case: &str,
    #[case] seen: Vec<(u64, What)>,
    #[case] breaks: &[u64],
    #[case] releases: &[u64],
) {
    let corpus = testing::loaded(CASES);
    let case = corpus.cases.iter().find(|found| found.id.ends_with(case)).expect("the case");
    let entries = seen.into_iter().map(|(at, what)| Entry { at: Tick(at), what }).collect();
    let found = Latencies::of(&case.cells[0], &History { entries, ..History::default() });
    assert_eq!((found.break_us.as_slice(), found.release_us.as_slice()), (breaks, releases));
}

/// The nearest rank, as in NIST's handbook 7.2.6.2: never a value that nobody measured.
#[rstest]
#[case::nothing(vec![], None)]
#[case::one(vec![7], Some([1, 7, 7, 7]))]
#[case::two(vec![9, 1], Some([2, 1, 9, 9]))]
#[case::three(vec![3, 1, 2], Some([3, 2, 3, 3]))]
#[case::a_hundred((1..=100).rev().collect(), Some([100, 50, 99, 100]))]
#[case::more((1..=101).collect(), Some([101, 51, 100, 101]))]
#[case::one_slow([vec![1; 199], vec![900]].concat(), Some([200, 1, 1, 900]))]
#[case::absurd(vec![u64::MAX, 0], Some([2, 0, u64::MAX, u64::MAX]))]
fn spread(#[case] micros: Vec<u64>, #[case] expected: Option<[u64; 4]>) {
    let found = Spread::of(micros);
    assert_eq!(found.map(|found| [found.count as u64, found.p50, found.p99, found.max]), expected);
}

#[test]
fn a_theme_is_all_its_cells() {
    let cell = |break_us: &[u64], release_us: &[u64]| Latencies {
        break_us: break_us.to_vec(),
        release_us: release_us.to_vec(),
    };
    let cells = [
        ("oplock/batch", cell(&[1, 5], &[])),
        ("lease/breaks", cell(&[], &[2])),
        ("oplock/batch", cell(&[3], &[])),
        ("oplock/quiet", Latencies::default()),
    ];
    let found = by_theme(cells.iter().map(|(theme, cell)| (*theme, cell)));
    let one = |micros: &[u64]| Spread::of(micros.to_vec());
    let expected = [
        ("lease/breaks", Speeds { break_: None, release: one(&[2]) }),
        ("oplock/batch", Speeds { break_: one(&[1, 3, 5]), release: None }),
    ];
    assert_eq!(found, expected.map(|(theme, speeds)| (theme.to_owned(), speeds)).into());
}
