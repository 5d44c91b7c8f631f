//! A correct server passes, and each liar is caught at the right step, with the right kind, on a screen that says so.

#[path = "liars/server.rs"]
mod server;

use std::time::Duration;

use oplock_model::{Access, Event, LeaseState, Level, OplockLevel, Status, Target};
use oplock_runner::drive;
use oplock_runner::history::{History, Played, What};
use oplock_runner::names::KeySource;
use oplock_runner::screen::{self, Failure};
use oplock_runner::verdict::{Judgement, Kind, Verdict};
use oplock_runner::waits::Waits;
use oplock_runner::{chart, judge, outcome};
use oplock_suite::plan::{Case, Corpus};
use oplock_suite::{CorpusFiles, load};
use rstest::rstest;
use server::{Liar, Say, Script};

const BATCH: OplockLevel = OplockLevel::BATCH;
const II: OplockLevel = OplockLevel::II;
const NONE: OplockLevel = OplockLevel::NONE;
const RWH: LeaseState = LeaseState::RWH;
const RH: LeaseState = LeaseState::RH;
const RW: LeaseState = LeaseState::RW;

fn corpus() -> Corpus {
    let text = include_str!("liars/cases.yaml").to_owned();
    let files = CorpusFiles { files: vec![("cases/liars.yaml".to_owned(), text)] };
    let loaded = load(&files);
    let told: Vec<String> = loaded.diagnostics.iter().map(|it| it.render(&files)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    loaded.corpus
}

fn case(name: &str) -> Case {
    let id = format!("liars/{name}");
    corpus().cases.into_iter().find(|case| case.id == id).expect("the case stands in cases.yaml")
}

/// Plays and judges the first cell of the case.
fn ask(case: &Case, liar: &Liar) -> (Played, Judgement) {
    let (cell, waits) = (&case.cells[0], Waits::live());
    let mut keys = KeySource::for_cell(1, &cell.id, "");
    let played = drive::play(cell, liar, &waits, &mut keys);
    let judgement = judge::judge(cell, &played.history, &waits);
    // Whoever judges the record later comes to the same verdict.
    let line = serde_json::to_string(&played.history).expect("a history is JSON");
    let read: History = serde_json::from_str(&line).expect("and reads back");
    assert_eq!(judge::judge(cell, &read, &waits), judgement);
    (played, judgement)
}

fn show(case: &Case, liar: &Liar) -> String {
    let (played, judgement) = ask(case, liar);
    let mut text = screen::failure(&Failure {
        capture: None,
        kept: None,
        case,
        cell: &case.cells[0],
        history: &played.history,
        trail: played.trail.as_ref(),
        judgement: &judgement,
        verdict: judgement.verdict,
        facts: liar.facts(),
        again: "run --target liar",
    });
    for divergence in &judgement.divergences {
        text.push_str(&format!("signature: {}\n", divergence.signature()));
    }
    text
}

/// What a correct server says to `second-open`.
fn second_open() -> Script {
    vec![
        vec![(0, Say::Opened(0, 1, BATCH))],
        vec![(2, Say::Interim(1)), (3, Say::Break(0, 1, II))],
        vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, II))],
    ]
}

fn epoch() -> Script {
    vec![
        vec![(0, Say::Leased(0, 1, RWH, 0x11))],
        vec![(1, Say::LeaseBreak(0, 0, RWH, RH, true, 0x12))],
        vec![(0, Say::LeaseAcked(2, RH)), (1, Say::Leased(1, 2, RH, 0x21))],
    ]
}

fn timeout() -> Script {
    vec![
        vec![(0, Say::Opened(0, 1, BATCH))],
        vec![(3, Say::Break(0, 1, II)), (35_003, Say::Opened(1, 2, II))],
    ]
}

fn again() -> Script {
    vec![
        vec![(0, Say::Leased(0, 1, RWH, 0x11))],
        vec![(1, Say::LeaseBreak(0, 0, RWH, RH, true, 0x12))],
        vec![
            (0, Say::LeaseAcked(2, RH)),
            (1, Say::LeaseBreak(0, 0, RH, LeaseState::NONE, true, 0x12)),
        ],
        vec![(0, Say::LeaseAcked(3, LeaseState::NONE)), (1, Say::Opened(1, 2, NONE))],
    ]
}

fn quiet() -> Script {
    vec![
        vec![(0, Say::Opened(0, 1, BATCH))],
        vec![(0, Say::Opened(1, 2, NONE)), (1, Say::Answered(2, Status::SUCCESS))],
    ]
}

fn store_break() -> Script {
    let refused = Status::CANNOT_GRANT_REQUESTED_OPLOCK;
    vec![
        vec![(0, Say::Requested(0, 1, Status::PENDING))],
        vec![(0, Say::StoreBreak(0, 1, Level::Rh, Level::R, Access::WRITE_DATA))],
        vec![(0, Say::StoreAcked(2, refused, Level::R))],
        vec![
            (0, Say::Answered(3, Status::PENDING)),
            (0, Say::Answered(1, Status::SHARING_VIOLATION)),
        ],
    ]
}

fn any_connection() -> Script {
    vec![
        vec![(0, Say::Leased(0, 1, RWH, 0x11))],
        vec![(1, Say::LeaseBreak(1, 0, RWH, RH, true, 0x12))],
        vec![(0, Say::Opened(1, 2, NONE)), (1, Say::LeaseAcked(2, RH))],
    ]
}

fn allowed() -> Script {
    vec![
        vec![(0, Say::Opened(0, 1, BATCH))],
        vec![(0, Say::Break(0, 1, II)), (0, Say::Opened(1, 2, NONE))],
    ]
}

fn honest(name: &str) -> Script {
    match name {
        "second-open" => second_open(),
        "epoch" => epoch(),
        "timeout" => timeout(),
        "again" => again(),
        "quiet" => quiet(),
        "store-break" => store_break(),
        "any-connection" => any_connection(),
        "allowed" => allowed(),
        other => panic!("no honest script for {other}"),
    }
}

/// The honest script with one turn told otherwise.
fn lie(mut script: Script, turn: usize, says: Vec<(u64, Say)>) -> Liar {
    script[turn] = says;
    Liar::new(script)
}

#[rstest]
#[case("second-open")]
#[case("epoch")]
#[case("timeout")]
#[case("again")]
#[case("quiet")]
#[case("store-break")]
#[case("any-connection")]
#[case("allowed")]
fn a_correct_server_passes(#[case] name: &str) {
    let (_, judgement) = ask(&case(name), &Liar::new(honest(name)));
    assert_eq!(judgement.verdict, Verdict::Pass, "{:?}", judgement.divergences);
}

/// The notice is 400 ms under way: the timer may have begun when the call was sent, and is not early.
#[test]
fn a_notice_that_comes_late_makes_no_timer_early() {
    let says = vec![(400, Say::Break(0, 1, II)), (34_200, Say::Opened(1, 2, II))];
    let (_, judgement) = ask(&case("timeout"), &lie(honest("timeout"), 1, says));
    assert_eq!(judgement.verdict, Verdict::Pass, "{:?}", judgement.divergences);
}

/// One row per lie: the case, the turn that is told otherwise, what is said instead; the kind and the step that must be named.
#[rstest]
#[case::missing_break("second-open", 1, vec![], Kind::MissingBreak, 1)]
#[case::no_break_at_all("second-open", 1, vec![(2, Say::Opened(1, 2, NONE))], Kind::MissingBreak, 1)]
#[case::break_on_another_connection("second-open", 1, vec![(3, Say::Break(1, 1, II))], Kind::MissingBreak, 1)]
#[case::second_break(
    "second-open", 2,
    vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, II)), (2, Say::Break(0, 1, NONE))],
    Kind::ExtraBreak, 2
)]
#[case::break_of_a_stranger("second-open", 1, vec![(3, Say::Break(0, 1, II)), (4, Say::Break(1, 9, II))], Kind::ExtraBreak, 1)]
#[case::break_by_a_look("quiet", 1, vec![(0, Say::Opened(1, 2, NONE)), (1, Say::Answered(2, Status::SUCCESS)), (50, Say::Break(0, 1, II))], Kind::ExtraBreak, 1)]
#[case::broken_to_none("second-open", 1, vec![(3, Say::Break(0, 1, NONE))], Kind::WrongLevel, 1)]
#[case::granted_too_much("second-open", 2, vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, BATCH))], Kind::WrongLevel, 2)]
#[case::broken_from_less("epoch", 1, vec![(1, Say::LeaseBreak(0, 0, RW, RH, true, 0x12))], Kind::WrongLevel, 1)]
#[case::no_acknowledgement_owed("epoch", 1, vec![(1, Say::LeaseBreak(0, 0, RWH, RH, false, 0x12))], Kind::WrongLevel, 1)]
#[case::epoch_of_a_break("epoch", 1, vec![(1, Say::LeaseBreak(0, 0, RWH, RH, true, 0x11))], Kind::Epoch, 1)]
#[case::epoch_of_a_grant("epoch", 0, vec![(0, Say::Leased(0, 1, RWH, 0x10))], Kind::Epoch, 0)]
#[case::epoch_under_no_reading("epoch", 2, vec![(0, Say::LeaseAcked(2, RH)), (1, Say::Leased(1, 2, RH, 0x20))], Kind::Epoch, 2)]
#[case::wrong_status("second-open", 2, vec![(0, Say::Acked(2, 1, II)), (1, Say::Answered(1, Status::SHARING_VIOLATION))], Kind::WrongStatus, 2)]
#[case::member_of_a_compound("quiet", 1, vec![(0, Say::Opened(1, 2, NONE)), (1, Say::Answered(2, Status::FILE_CLOSED))], Kind::WrongStatus, 1)]
#[case::acknowledgement_refused("second-open", 2, vec![(0, Say::Answered(2, Status::UNSUCCESSFUL)), (1, Say::Opened(1, 2, II))], Kind::AckStatus, 2)]
#[case::acknowledged_another_level("epoch", 2, vec![(0, Say::LeaseAcked(2, RWH)), (1, Say::Leased(1, 2, RH, 0x21))], Kind::AckStatus, 2)]
#[case::never_answered("second-open", 2, vec![(0, Say::Acked(2, 1, II))], Kind::Stall, 2)]
#[case::answered_with_the_timer("second-open", 2, vec![(0, Say::Acked(2, 1, II)), (35_000, Say::Opened(1, 2, II))], Kind::Stall, 2)]
#[case::timer_never_fires("timeout", 1, vec![(3, Say::Break(0, 1, II))], Kind::Stall, 2)]
#[case::timer_too_late("timeout", 1, vec![(3, Say::Break(0, 1, II)), (50_050, Say::Opened(1, 2, II))], Kind::Stall, 2)]
#[case::timer_too_early("timeout", 1, vec![(3, Say::Break(0, 1, II)), (33_000, Say::Opened(1, 2, II))], Kind::Order, 2)]
#[case::answered_before_the_acknowledgement("second-open", 1, vec![(2, Say::Interim(1)), (3, Say::Break(0, 1, II)), (4, Say::Opened(1, 2, II))], Kind::Order, 1)]
#[case::answered_twice("second-open", 2, vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, II)), (2, Say::Opened(1, 2, II))], Kind::Order, 2)]
#[case::next_break_before_the_answer(
    "again", 2,
    vec![(0, Say::LeaseBreak(0, 0, RH, LeaseState::NONE, true, 0x12)), (1, Say::LeaseAcked(2, RH))],
    Kind::Order, 2
)]
#[case::store_modes("store-break", 1, vec![(0, Say::StoreBreak(0, 1, Level::Rh, Level::R, Access::READ_DATA))], Kind::WrongLevel, 1)]
#[case::store_from("store-break", 1, vec![(0, Say::StoreBreak(0, 1, Level::R, Level::R, Access::WRITE_DATA))], Kind::WrongLevel, 1)]
#[case::store_greed("store-break", 2, vec![(0, Say::Answered(2, Status::PENDING))], Kind::AckStatus, 2)]
#[case::store_offer("store-break", 2, vec![(0, Say::StoreAcked(2, Status::CANNOT_GRANT_REQUESTED_OPLOCK, Level::Rh))], Kind::AckStatus, 2)]
#[case::store_not_granted("store-break", 0, vec![(0, Say::Requested(0, 1, Status::OPLOCK_NOT_GRANTED))], Kind::Given, 0)]
#[case::store_end("store-break", 0, vec![(0, Say::Requested(0, 1, Status::PENDING)), (1, Say::Ended(0, Status::CANCELLED))], Kind::WrongStatus, 0)]
#[case::break_of_another_client("any-connection", 1, vec![(1, Say::LeaseBreak(2, 0, RWH, RH, true, 0x12))], Kind::MissingBreak, 1)]
#[case::refused_although_breaks_are_allowed("allowed", 1, vec![(0, Say::Answered(1, Status::SHARING_VIOLATION))], Kind::WrongStatus, 1)]
#[case::broken_protocol("second-open", 1, vec![(1, Say::Finding("an oplock break of 20 bytes"))], Kind::Finding, 1)]
#[case::granted_less("second-open", 0, vec![(0, Say::Opened(0, 1, II))], Kind::Given, 0)]
#[case::open_refused("second-open", 0, vec![(0, Say::Answered(0, Status::ACCESS_DENIED))], Kind::Given, 0)]
#[case::connection_lost("second-open", 1, vec![(3, Say::Break(0, 1, II)), (4, Say::Gone(1))], Kind::Fault, 1)]
#[case::harness_failed("second-open", 1, vec![(3, Say::Fault("the scene is broken"))], Kind::Fault, 1)]
fn each_liar_is_caught(
    #[case] name: &str,
    #[case] turn: usize,
    #[case] says: Vec<(u64, Say)>,
    #[case] kind: Kind,
    #[case] step: usize,
) {
    let case = case(name);
    let liar = lie(honest(name), turn, says);
    let (_, judgement) = ask(&case, &liar);
    let cause = judgement.divergences.first().expect("a liar is caught");
    assert_eq!((cause.kind, cause.step), (kind, step), "{}", show(&case, &liar));
    let verdict = match kind {
        Kind::Given => Verdict::Inconclusive,
        Kind::Fault => Verdict::Error,
        _ => Verdict::Fail,
    };
    assert_eq!(judgement.verdict, verdict);
}

#[rstest]
#[case::early("early", "second-open", 1, vec![(2, Say::Interim(1)), (3, Say::Break(0, 1, II)), (4, Say::Opened(1, 2, II))])]
#[case::missing("missing", "second-open", 1, vec![(2, Say::Opened(1, 2, NONE))])]
#[case::level("level", "second-open", 1, vec![(3, Say::Break(0, 1, NONE))])]
#[case::extra("extra", "quiet", 1, vec![(0, Say::Opened(1, 2, NONE)), (0, Say::Answered(2, Status::SUCCESS)), (1, Say::Break(0, 1, II))])]
#[case::epoch("epoch", "epoch", 2, vec![(0, Say::LeaseAcked(2, RH)), (1, Say::Leased(1, 2, RH, 0x20))])]
#[case::stall("stall", "second-open", 2, vec![(0, Say::Acked(2, 1, II))])]
#[case::order("order", "again", 2, vec![(0, Say::LeaseBreak(0, 0, RH, LeaseState::NONE, true, 0x12)), (1, Say::LeaseAcked(2, RH))])]
#[case::finding("finding", "second-open", 1, vec![(1, Say::Finding("an oplock break of 20 bytes"))])]
#[case::given("given", "second-open", 0, vec![(0, Say::Opened(0, 1, II))])]
#[case::fault("fault", "second-open", 1, vec![(3, Say::Fault("the scene is broken"))])]
fn the_screen_says_what_happened(
    #[case] screen: &str,
    #[case] name: &str,
    #[case] turn: usize,
    #[case] says: Vec<(u64, Say)>,
) {
    let text = show(&case(name), &lie(honest(name), turn, says));
    insta::assert_snapshot!(format!("screen_{screen}"), text);
}

/// What finds the divergence in the server's log: of an answer, of a break, of what never came, of a lease.
#[rstest]
#[case::answer("answer", "second-open", 1, vec![(3, Say::Break(0, 1, II)), (4, Say::Opened(1, 2, II))])]
#[case::of_a_break("break", "second-open", 1, vec![(3, Say::Break(0, 1, NONE))])]
#[case::nothing("nothing", "second-open", 2, vec![(0, Say::Acked(2, 1, II))])]
#[case::lease("lease", "epoch", 1, vec![(1, Say::LeaseBreak(0, 0, RWH, RH, true, 0x11))])]
#[case::finding("finding", "second-open", 1, vec![(1, Say::Finding("an oplock break of 20 bytes"))])]
#[case::lost("lost", "second-open", 1, vec![(3, Say::Break(0, 1, II)), (4, Say::Gone(1))])]
fn the_screen_says_where_to_look(
    #[case] at_what: &str,
    #[case] name: &str,
    #[case] turn: usize,
    #[case] says: Vec<(u64, Say)>,
) {
    let case = case(name);
    let liar = Liar { logs: true, ..lie(honest(name), turn, says) };
    let text = show(&case, &liar);
    let at: Vec<&str> = text.lines().filter(|line| line.starts_with("      at    ")).collect();
    let [at] = at[..] else { panic!("{text}") };
    insta::assert_snapshot!(format!("at_{at_what}"), at);
}

#[test]
fn no_scene_is_an_error() {
    let liar = Liar { unreachable: true, ..Liar::new(second_open()) };
    let (_, judgement) = ask(&case("second-open"), &liar);
    assert_eq!(judgement.verdict, Verdict::Error);
    insta::assert_snapshot!("screen_unreachable", show(&case("second-open"), &liar));
}

#[test]
fn a_connection_that_answers_no_fence_is_an_error() {
    let liar = Liar { deaf: true, ..Liar::new(second_open()) };
    let (_, judgement) = ask(&case("second-open"), &liar);
    assert_eq!(judgement.verdict, Verdict::Error);
}

#[test]
fn a_lost_connection_ends_the_waiting() {
    let script = lie(second_open(), 1, vec![(4, Say::Gone(1))]);
    let (played, _) = ask(&case("second-open"), &script);
    let last = played.history.entries.last().expect("the loss is recorded");
    assert!(last.at.0 < 1_000_000, "waited until {} us", last.at.0);
}

#[test]
fn a_cell_ends_at_its_deadline() {
    let liar = Liar { stuck: true, ..Liar::new(second_open()) };
    let (case, waits) =
        (case("second-open"), Waits { cell: Duration::from_millis(20), ..Waits::live() });
    let mut keys = KeySource::for_cell(1, &case.cells[0].id, "");
    let played = drive::play(&case.cells[0], &liar, &waits, &mut keys);
    let judgement = judge::judge(&case.cells[0], &played.history, &waits);
    assert_eq!(judgement.verdict, Verdict::Error);
    assert_eq!(judgement.divergences[0].sentence, "the cell took longer than 20 ms");
}

#[test]
fn what_comes_after_the_last_step_still_counts() {
    let late = |say: Say| Liar { late: vec![say], ..Liar::new(second_open()) };
    let cause = |liar: &Liar| {
        let (_, judgement) = ask(&case("second-open"), liar);
        judgement.divergences.first().map(|cause| cause.kind)
    };
    assert_eq!(cause(&late(Say::Break(0, 1, NONE))), Some(Kind::ExtraBreak));
    assert_eq!(cause(&late(Say::Finding("a late answer"))), Some(Kind::Finding));
}

#[test]
fn the_reading_that_held_is_named() {
    let reading = |epoch: u16| {
        let says = vec![(0, Say::LeaseAcked(2, RH)), (1, Say::Leased(1, 2, RH, epoch))];
        let (_, judgement) = ask(&case("epoch"), &lie(self::epoch(), 2, says));
        assert_eq!(judgement.verdict, Verdict::Pass);
        judgement.readings
    };
    assert_eq!(reading(0x21), [(2, "the client's epoch counts".to_owned())]);
    assert_eq!(reading(1), [(2, "a new lease starts at 0".to_owned())]);
}

#[test]
fn events_that_may_come_in_either_order_print_alike() {
    let says = |first: u64, second: u64| {
        vec![(first, Say::Acked(2, 1, II)), (second, Say::Opened(1, 2, II))]
    };
    let text = |liar: &Liar| {
        let case = case("second-open");
        let (played, judgement) = ask(&case, liar);
        assert_eq!(judgement.verdict, Verdict::Pass);
        chart::plain(&chart::chart(&case.cells[0], &played.history))
    };
    let one = text(&lie(second_open(), 2, says(0, 1)));
    assert_eq!(one, text(&lie(second_open(), 2, says(1, 0))));
    insta::assert_snapshot!("chart_second_open", one);
}

/// Strict by default: in a passing record every event counts, and counts once.
#[rstest]
#[case("second-open")]
#[case("epoch")]
#[case("timeout")]
#[case("again")]
#[case("quiet")]
#[case("store-break")]
#[case("any-connection")]
fn no_event_can_be_left_out_or_told_twice(#[case] name: &str) {
    let (case, waits) = (case(name), Waits::live());
    let (played, _) = ask(&case, &Liar::new(honest(name)));
    let is_free = |what: &What| matches!(what, What::Event(Event::Interim { .. }));
    let is_event = |what: &What| matches!(what, What::Event(_)) && !is_free(what);
    let entries = played.history.entries.iter().enumerate();
    for (position, entry) in entries.filter(|(_, entry)| is_event(&entry.what)) {
        let mut without = played.history.clone();
        without.entries.remove(position);
        let mut twice = played.history.clone();
        twice.entries.insert(position, entry.clone());
        for changed in [without, twice] {
            let verdict = judge::judge(&case.cells[0], &changed, &waits).verdict;
            assert_ne!(verdict, Verdict::Pass, "entry {position}: {:?}", entry.what);
        }
    }
}

/// A `?` cell: what came, in the words in which a cell would be written.
#[rstest]
#[case::nothing(vec![vec![(0, Say::Opened(1, 2, NONE))]], "- / none")]
#[case::waits(
    vec![vec![(1, Say::Break(0, 1, II))], vec![(0, Say::Acked(2, 1, II)), (0, Say::Opened(1, 2, II))]],
    "ii! / ii"
)]
#[case::does_not_wait(
    vec![vec![(0, Say::Opened(1, 2, II)), (1, Say::Break(0, 1, II))], vec![(0, Say::Acked(2, 1, II))]],
    "ii~ / ii"
)]
#[case::one_after_the_other(
    vec![
        vec![(1, Say::Break(0, 1, II))],
        vec![(0, Say::Acked(2, 1, II)), (1, Say::Break(0, 1, NONE)), (2, Say::Opened(1, 2, NONE))],
    ],
    "ii!>none / none"
)]
#[case::refused(
    vec![
        vec![(1, Say::Break(0, 1, NONE))],
        vec![(0, Say::Acked(2, 1, NONE)), (0, Say::Answered(1, Status::SHARING_VIOLATION))],
    ],
    "none!=sharing_violation"
)]
fn a_recorded_cell_tells_what_it_saw(#[case] turns: Script, #[case] observed: &str) {
    let case = case("recorded");
    let first = vec![vec![(0, Say::Opened(0, 1, BATCH))]];
    let liar = Liar::new(first.into_iter().chain(turns).collect());
    let (played, judgement) = ask(&case, &liar);
    assert_eq!(judgement.verdict, Verdict::Pass, "{:?}", judgement.divergences);
    assert_eq!(outcome::outcome(&case.cells[0], &played.history), observed);
}
