//! Every call of the case format on its way to a target: as the operation that is submitted, and as the line that a
//! chart shows. The target does whatever it is asked.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use oplock_model::{
    AckAnswer, Actor, Body, BreakNotice, CallId, ConnectionId, CreateAnswer, CreateOp, Durable,
    DurableAnswer, Event, Facts, FileId, LeaseAnswer, LeaseState, Level, Op, OplockLevel, Scene,
    Setup, Stamped, Status, Target, TargetFault, Tick, Wanted,
};
use oplock_runner::history::{Played, What};
use oplock_runner::names::KeySource;
use oplock_runner::verdict::Verdict;
use oplock_runner::waits::Waits;
use oplock_runner::{chart, drive, judge};
use oplock_suite::plan::{Case, Corpus};
use oplock_suite::{CorpusFiles, load};

/// A target that does whatever it is asked, and writes it down. Of itself it ends a request that is cancelled, and
/// says on a flush that it closed the last open of the newest lease.
#[derive(Default)]
struct Willing {
    facts: Facts,
    asked: Arc<Mutex<Vec<String>>>,
}

struct WillingScene {
    asked: Arc<Mutex<Vec<String>>>,
    connections: Vec<ConnectionId>,
    now: Tick,
    calls: u64,
    files: u64,
    requests: BTreeSet<CallId>,
    lease: Option<LeaseAnswer>,
    events: VecDeque<Event>,
}

impl Target for Willing {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        let share = format!("scene: {:?} {:?} {:?}", setup.layer, setup.dialect, setup.share);
        note(&self.asked, share);
        let connections = (0..).map(ConnectionId).take(setup.actors.len()).collect();
        Ok(Box::new(WillingScene {
            asked: Arc::clone(&self.asked),
            connections,
            now: Tick::default(),
            calls: 0,
            files: 0,
            requests: BTreeSet::new(),
            lease: None,
            events: VecDeque::new(),
        }))
    }
}

impl Scene for WillingScene {
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault> {
        let mut ids = Vec::new();
        for op in ops {
            let call = CallId(self.calls);
            self.calls += 1;
            ids.push(call);
            if !matches!(op, Op::Fence) {
                note(&self.asked, format!("{} {op:?}", from.0));
            }
            self.answer(from, call, op);
        }
        Ok(ids)
    }

    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault> {
        let event = self.events.pop_front();
        if event.is_none() {
            self.now = self.now.max(until);
        }
        Ok(event.map(|value| Stamped { at: self.now, value }))
    }

    fn now(&self) -> Tick {
        self.now
    }

    fn end(self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault> {
        Ok(Vec::new())
    }
}

impl WillingScene {
    fn answer(&mut self, from: Actor, call: CallId, op: &Op) {
        let (status, body) = match op {
            Op::Cancel { call } => {
                if self.requests.remove(call) {
                    let (status, to, information) = (Status::CANCELLED, Level::None, Some(8));
                    self.events.push_back(Event::Completed {
                        call: *call,
                        status,
                        to,
                        information,
                    });
                }
                return;
            }
            Op::Create(create) => self.opened(create),
            Op::Request { .. } => {
                self.requests.insert(call);
                (Status::PENDING, Body::Empty)
            }
            Op::Flush { .. } => {
                self.close_lease(from);
                (Status::SUCCESS, Body::Empty)
            }
            Op::OplockAck { file, level } => {
                let answer = AckAnswer::Oplock { file: *file, level: *level };
                (Status::SUCCESS, Body::Ack(answer))
            }
            Op::Disconnect => {
                let connection = self.connections[usize::from(from.0)];
                self.events.push_back(Event::Gone { connection });
                (Status::SUCCESS, Body::Empty)
            }
            _ => (Status::SUCCESS, Body::Empty),
        };
        self.events.push_back(Event::Reply { call, status, body });
    }

    fn close_lease(&mut self, from: Actor) {
        let Some(lease) = self.lease.take() else { return };
        self.events.push_back(Event::Break(BreakNotice::Lease {
            connection: self.connections[usize::from(from.0)],
            key: lease.key,
            current: lease.state,
            new: LeaseState::NONE,
            flags: 0,
            epoch: 0,
            status: Status::FILE_CLOSED,
        }));
    }

    fn opened(&mut self, create: &CreateOp) -> (Status, Body) {
        self.files += 1;
        let mut answer = CreateAnswer {
            file: FileId { persistent: self.files, volatile: self.files },
            action: 1,
            ..CreateAnswer::default()
        };
        let mut status = Status::SUCCESS;
        match create.wanted {
            Wanted::Nothing => {}
            Wanted::Oplock(level) => answer.level = level,
            Wanted::Request(_) => status = Status::PENDING,
            Wanted::Lease(asked) => {
                answer.level = OplockLevel::LEASE;
                answer.lease = Some(LeaseAnswer {
                    key: asked.key,
                    state: asked.state,
                    flags: 0,
                    version: asked.version,
                    epoch: asked.epoch,
                    parent: oplock_model::LeaseKey::default(),
                });
            }
        }
        self.lease = answer.lease;
        answer.durable = match create.durable {
            Some(Durable::RequestV1) => Some(DurableAnswer::V1),
            Some(Durable::RequestV2 { timeout, persistent, .. }) => {
                Some(DurableAnswer::V2 { timeout, persistent })
            }
            Some(Durable::ReconnectV1 { .. } | Durable::ReconnectV2 { .. }) | None => None,
        };
        (status, Body::Create(answer))
    }
}

fn note(asked: &Mutex<Vec<String>>, line: String) {
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

fn corpus(text: &str) -> Corpus {
    let files = CorpusFiles { files: vec![("cases/calls.yaml".to_owned(), text.to_owned())] };
    let loaded = load(&files);
    let told: Vec<String> = loaded.diagnostics.iter().map(|it| it.render(&files)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    loaded.corpus
}

fn every_call() -> Vec<Case> {
    let texts = [
        include_str!("../../suite/tests/plans/fixtures/every-smb2-call.yaml"),
        include_str!("../../suite/tests/plans/fixtures/every-store-call.yaml"),
    ];
    texts.into_iter().flat_map(|text| corpus(text).cases).collect()
}

fn play(case: &Case, target: &Willing) -> Played {
    let cell = &case.cells[0];
    let mut keys = KeySource::for_cell(1, &cell.id, "");
    drive::play(cell, target, &Waits::reference(), &mut keys)
}

#[test]
fn every_call_becomes_its_operation() {
    let mut text = String::new();
    for case in every_call() {
        let target = Willing::default();
        play(&case, &target);
        let asked = target.asked.lock().unwrap_or_else(PoisonError::into_inner);
        text += &format!("{}\n  {}\n", case.id, asked.join("\n  "));
    }
    insta::with_settings!({prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("calls_operations", text);
    });
}

#[test]
fn every_call_is_a_line_of_the_chart() {
    let mut text = String::new();
    for case in every_call() {
        let played = play(&case, &Willing::default());
        let lines = chart::chart(&case.cells[0], &played.history);
        text += &format!("{}\n{}\n", case.id, chart::plain(&lines));
    }
    insta::with_settings!({prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("calls_chart", text);
    });
}

const HEAD: &str = "suite: calls\nabout: Calls.\nfiles: {f: {size: 1}}\n\
                    actors: {A: client 1, B: client 2}\ncases:\n";

fn one(steps: &str) -> Case {
    let head = "  one:\n    says: It holds.\n    spec: [smb2.ack.oplock]\n    steps:\n";
    corpus(&format!("{HEAD}{head}{steps}")).cases.remove(0)
}

fn judged(case: &Case) -> (Verdict, Vec<String>) {
    let played = play(case, &Willing::default());
    let judgement = judge::judge(&case.cells[0], &played.history, &Waits::reference());
    let sentences = judgement.divergences.iter().map(|it| it.sentence.clone()).collect();
    (judgement.verdict, sentences)
}

#[test]
fn a_connection_that_the_case_drops_is_no_loss() {
    let case = one("      - A opens: {file: f, as: a, want: batch, durable: v1}\n        \
                    given: {durable: v1}\n      \
                    - A disconnects: {}\n      \
                    - B opens: {file: f, as: b}\n      \
                    - A reconnects: {}\n      \
                    - A opens: {file: f, as: a2, want: batch, durable: {reconnect: a}}\n        \
                    then: [{A gets: {answer: a2, granted: batch, durable: none}}]\n      \
                    - A reads: {handle: a2}\n");
    assert_eq!(judged(&case), (Verdict::Pass, Vec::new()));
    let played = play(&case, &Willing::default());
    let gone = |entry: &&oplock_runner::history::Entry| {
        matches!(entry.what, What::Event(Event::Gone { .. }))
    };
    assert_eq!(played.history.entries.iter().filter(gone).count(), 1);
}

#[test]
fn a_cancel_is_never_waited_for() {
    let case = one("      - A opens: {file: f, as: a}\n      \
                    - A locks: {handle: a}\n      \
                    - A cancels: {call: lock}\n      \
                    - A reads: {handle: a}\n");
    assert_eq!(judged(&case), (Verdict::Pass, Vec::new()));
}

#[test]
fn what_an_open_was_given_is_judged() {
    let case = one(
        "      - A opens: {file: f, as: a, want: batch, durable: {version: 2, timeout: 7}}\n        \
                    then: [{A gets: {answer: a, durable: persistent, timeout: 8}}]\n",
    );
    let told = [
        "the answer to A's open says durable v2 instead of persistent",
        "the answer to A's open says timeout 7 instead of 8",
    ];
    assert_eq!(judged(&case), (Verdict::Fail, told.map(str::to_owned).to_vec()));
}

#[test]
fn the_status_of_a_break_is_judged() {
    let case = |status: &str| {
        one(&format!(
            "      - A opens: {{file: f, as: a, lease: {{key: k1, state: RWH}}}}\n      \
             - A flushes: {{handle: a}}\n        \
             then: [{{in any order: [{{A gets: {{answer: flush}}}}, \
             {{A sees: {{break: k1, from: RWH, to: none, ack: none{status}}}}}]}}]\n"
        ))
    };
    assert_eq!(judged(&case(", status: file_closed")), (Verdict::Pass, Vec::new()));
    let told = "the break of `k1` says file_closed instead of success";
    assert_eq!(judged(&case("")), (Verdict::Fail, vec![told.to_owned()]));
}

#[test]
fn the_end_of_a_request_is_judged() {
    let case = |to: &str, information: u32| {
        let text = format!(
            "{HEAD}  one:\n    says: It holds.\n    spec: [smb2.ack.oplock]\n    layer: store\n    steps:\n      \
             - A opens: {{file: f, as: a}}\n      \
             - A requests: {{handle: a, level: RH}}\n      \
             - A cancels: {{call: request}}\n        \
             then: [{{A gets: {{answer: request, status: cancelled, to: {to}, information: {information}}}}}]\n"
        );
        corpus(&text).cases.remove(0)
    };
    assert_eq!(judged(&case("none", 8)), (Verdict::Pass, Vec::new()));
    let told = [
        "the answer to A's request says to none instead of R",
        "the answer to A's request says information 8 instead of 7",
    ];
    assert_eq!(judged(&case("R", 7)), (Verdict::Fail, told.map(str::to_owned).to_vec()));
}

#[test]
fn a_name_stands_for_one_guid() {
    let case = one(
        "      - A opens: {file: f, as: a, want: batch, durable: {guid: g}, app_instance: i}\n      \
                    - A opens: {file: f, as: b, want: batch, durable: {guid: g}, replay: yes}\n",
    );
    let played = play(&case, &Willing::default());
    let names: Vec<&str> = played.history.guids.keys().map(String::as_str).collect();
    assert_eq!(names, ["g", "i"]);
    assert_ne!(played.history.guids["g"], played.history.guids["i"]);
}
