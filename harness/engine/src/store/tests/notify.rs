//! FSCTL_OPLOCK_BREAK_NOTIFY (spec/03 section 7), and acknowledgements that are completed on close.

use oplock_model::Level::{self, Batch, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, LeaseState, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, plain, sharing, wanting};
use crate::store::{OpenId, Ticket};

fn notify(bench: &mut Bench, open: OpenId) -> Ticket {
    let ticket = bench.call("notify");
    bench.store.break_notify(ticket, open);
    ticket
}

/// No oplock, one that does not break, one that broke without anything owed: nothing to wait for.
#[rstest]
#[case::nothing_held(Level::None, false)]
#[case::not_breaking(Rwh, false)]
#[case::nothing_owed(R, true)]
#[case::nothing_owed(Ii, true)]
fn nothing_breaks(#[case] held: Level, #[case] written: bool) {
    let mut bench = Bench::new();
    let holder = bench.open(plain(K1));
    if held != Level::None {
        bench.grant(holder, held);
    }
    if written {
        let writer = bench.open(plain(K2));
        bench.write("write", writer);
        bench.skip();
    }
    notify(&mut bench, holder);
    assert_eq!(bench.said(), "notify: success");
}

/// It waits for the acknowledgement or the close, whoever asks, and for every holder of a break queue.
#[test]
fn until_the_break_is_over() {
    let mut bench = Bench::new();
    let [first, second] = [bench.hold(plain(K1), Rh), bench.hold(plain(K2), Rh)];
    let writer = bench.open(plain(K3));
    bench.write("write", writer);
    assert_eq!(bench.said(), "holder: RH -> none ack; holder: RH -> none ack; write: success");
    notify(&mut bench, first);
    assert_eq!(bench.said(), "notify: waits");
    bench.ack("ack", first, accepting(Level::None));
    assert_eq!(bench.said(), "ack: success");
    bench.close("close", second);
    assert_eq!(bench.said(), "close: success; notify: success");
}

/// A break that goes down in steps is one break.
#[test]
fn a_deepened_break_is_one() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.create("plain", plain(K2));
    bench.create("incompatible", sharing(K3, Share::NONE));
    let visitor = bench.open(wanting(K2, Access::ATTRIBUTES));
    notify(&mut bench, visitor);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; ack: RH -> R ack");
    bench.ack("last", holder, accepting(R));
    assert_eq!(
        bench.said(),
        "last: pending; plain: success action 1; incompatible: sharing_violation; notify: success"
    );
}

/// Who only waits for the end needs nothing: the holder may keep what it was to lose.
#[test]
fn it_takes_nothing() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    let writer = bench.open(plain(K2));
    bench.write("write", writer);
    notify(&mut bench, writer);
    bench.skip();
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending; notify: success");
    assert_eq!(bench.store.held(holder), Rh);
}

/// Cancelled, and closed under it, it ends without the break.
#[test]
fn without_an_end() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    bench.create("waiter", plain(K2));
    let visitor = bench.open(wanting(K3, Access::ATTRIBUTES));
    let first = notify(&mut bench, visitor);
    bench.skip();
    bench.store.cancel(first);
    assert_eq!(bench.said(), "notify: cancelled");
    notify(&mut bench, visitor);
    bench.close("close", visitor);
    assert_eq!(bench.said(), "notify: waits; close: success; notify: cancelled");
    assert_eq!(bench.store.breaking(holder), Some(Ii));
    notify(&mut bench, visitor);
    assert_eq!(bench.said(), "notify: file_closed");
}

/// An acknowledgement to be completed on close succeeds at once; all who wait, newcomers too, wait for the close.
#[rstest]
#[case(Rw, LeaseState::R)]
#[case(Rwh, LeaseState::RH)]
#[case(Rwh, LeaseState::NONE)]
fn exclusive_on_close(#[case] held: Level, #[case] acked: LeaseState) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("ack", holder, AckForm::GranularOnClose(acked));
    bench.create("newcomer", plain(K3));
    assert_eq!(bench.said(), "ack: success; newcomer: waits");
    for form in [AckForm::Granular(acked), AckForm::GranularOnClose(acked), AckForm::Acknowledge] {
        bench.ack("again", holder, form);
        assert_eq!(bench.said(), "again: invalid_oplock_protocol");
    }
    bench.close("close", holder);
    assert_eq!(
        bench.said(),
        "close: success; waiter: success action 1; newcomer: success action 1"
    );
}

/// The same for RH on the break queue.
#[test]
fn queued_on_close() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::NONE), Rh);
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("ack", holder, AckForm::GranularOnClose(LeaseState::R));
    assert_eq!(bench.said(), "ack: success");
    bench.ack("again", holder, accepting(R));
    assert_eq!(bench.said(), "again: invalid_oplock_protocol");
    notify(&mut bench, holder);
    bench.close("close", holder);
    assert_eq!(
        bench.said(),
        "notify: waits; close: success; notify: cancelled; waiter: success action 1"
    );
}

/// It is an acknowledgement like any other where nothing is owed, or the level is none.
#[test]
fn on_close_refused() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    bench.ack("early", holder, AckForm::GranularOnClose(LeaseState::RH));
    assert_eq!(bench.said(), "early: invalid_oplock_protocol");
    bench.create("waiter", plain(K2));
    bench.skip();
    bench.ack("illegal", holder, AckForm::GranularOnClose(LeaseState::W));
    assert_eq!(bench.said(), "illegal: invalid_parameter");
    assert_eq!(bench.store.breaking(holder), Some(Rh));
}
