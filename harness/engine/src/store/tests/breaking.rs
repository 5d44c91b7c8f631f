//! Operations against an oplock that is breaking already (MS-FSA 2.1.4.12), and what ends the wait.

use oplock_model::Level::{self, Batch, Exclusive, Filter, Ii, R, Rh, Rw, Rwh};
use oplock_model::{Access, AckForm, Disposition, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, K3, accepting, disposing, plain, sharing, wanting};
use crate::store::CreateArgs;

/// What an opener with another key takes.
#[derive(Clone, Copy, Debug)]
enum Taking {
    /// Write caching: a plain open.
    W,
    /// Read and write caching: an overwriting open.
    ReadAndWrite,
    /// Handle caching: an open that violates sharing.
    H,
    /// Nothing: attribute access.
    Nothing,
}

impl Taking {
    fn args(self) -> CreateArgs {
        match self {
            Taking::W => plain(K2),
            Taking::ReadAndWrite => disposing(K2, Disposition::Overwrite),
            Taking::H => sharing(K2, Share::NONE),
            Taking::Nothing => wanting(K2, Access::ATTRIBUTES),
        }
    }
}

use Taking::{H, Nothing, ReadAndWrite, W};

/// Exclusive oplocks: what was taken before, what comes now, the level that is needed then, and what the caller hears.
#[rstest]
#[case(Exclusive, &[W], W, Ii, "late: waits")]
#[case(Exclusive, &[W], ReadAndWrite, Level::None, "late: waits")]
#[case(Exclusive, &[W], H, Ii, "late: sharing_violation")]
#[case(Exclusive, &[W], Nothing, Ii, "late: success action 1")]
#[case(Exclusive, &[ReadAndWrite], W, Level::None, "late: waits")]
#[case(Exclusive, &[W, ReadAndWrite], W, Level::None, "late: waits")]
#[case(Batch, &[W], W, Ii, "late: waits")]
#[case(Batch, &[W], H, Ii, "late: waits")]
#[case(Batch, &[W], ReadAndWrite, Level::None, "late: waits")]
#[case(Batch, &[ReadAndWrite], ReadAndWrite, Level::None, "late: waits")]
#[case(Batch, &[ReadAndWrite], Nothing, Level::None, "late: success action 1")]
#[case(Filter, &[W], W, Level::None, "late: waits")]
#[case(Filter, &[W], Nothing, Level::None, "late: success action 1")]
#[case(Rw, &[W], W, R, "late: waits")]
#[case(Rw, &[W], ReadAndWrite, Level::None, "late: waits")]
#[case(Rw, &[W], H, R, "late: sharing_violation")]
#[case(Rw, &[ReadAndWrite], W, Level::None, "late: waits")]
#[case(Rw, &[ReadAndWrite], ReadAndWrite, Level::None, "late: waits")]
#[case(Rwh, &[H], W, R, "late: waits")]
#[case(Rwh, &[H], ReadAndWrite, Level::None, "late: waits")]
#[case(Rwh, &[H], H, Rw, "late: waits")]
#[case(Rwh, &[W], H, R, "late: waits")]
#[case(Rwh, &[W], ReadAndWrite, Level::None, "late: waits")]
#[case(Rwh, &[W], W, Rh, "late: waits")]
#[case(Rwh, &[W, H], ReadAndWrite, Level::None, "late: waits")]
#[case(Rwh, &[W, H], W, R, "late: waits")]
#[case(Rwh, &[W, H], H, R, "late: waits")]
#[case(Rwh, &[ReadAndWrite], W, Level::None, "late: waits")]
#[case(Rwh, &[ReadAndWrite], H, Level::None, "late: waits")]
#[case(Rwh, &[ReadAndWrite], Nothing, Level::None, "late: success action 1")]
fn exclusive_breaking(
    #[case] held: Level,
    #[case] before: &[Taking],
    #[case] now: Taking,
    #[case] needed: Level,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), held);
    for taking in before {
        bench.create("early", taking.args());
    }
    bench.skip();
    let told = bench.store.breaking(holder);
    bench.create("late", now.args());
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.needed(holder), Some(needed));
    // Nobody tells the holder twice.
    assert_eq!(bench.store.breaking(holder), told);
    assert_eq!(bench.store.held(holder), held);
}

/// The breaking holder's own key never waits.
#[rstest]
fn same_key_proceeds(#[values(Exclusive, Batch, Filter, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), held);
    bench.create("early", plain(K2));
    bench.skip();
    bench.create("late", disposing(K1, Disposition::Overwrite));
    assert_eq!(bench.said(), "late: success action 3");
}

/// RH on the break queue: what was taken before, what comes now, where the break goes then.
#[rstest]
#[case(H, ReadAndWrite, Level::None, "late: success action 3")]
#[case(ReadAndWrite, ReadAndWrite, Level::None, "late: success action 3")]
#[case(ReadAndWrite, H, Level::None, "late: waits")]
#[case(H, H, R, "late: waits")]
#[case(ReadAndWrite, W, Level::None, "late: success action 1")]
#[case(H, W, R, "late: success action 1")]
#[case(H, Nothing, R, "late: success action 1")]
fn rh_breaking(
    #[case] before: Taking,
    #[case] now: Taking,
    #[case] needed: Level,
    #[case] expected: &str,
) {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rh);
    bench.create("early", before.args());
    bench.skip();
    bench.create("late", now.args());
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.needed(holder), Some(needed));
}

/// RH list and break queue both filled: the list breaks too, entries of the queue keep or deepen their target.
#[rstest]
#[case(H, "holder: RH -> R ack modes 0x1f01ff/0; late: waits", R)]
#[case(ReadAndWrite, "holder: RH -> none ack; late: success action 3", Level::None)]
fn rh_list_beside_queue(#[case] now: Taking, #[case] expected: &str, #[case] needed: Level) {
    let mut bench = Bench::new();
    let queued = bench.hold(plain(K1), Rh);
    let listed = bench.hold(plain(K3), Rh);
    // K3 violates K1's sharing, so only K1 is broken.
    bench.create("early", sharing(K3, Share::NONE));
    bench.skip();
    bench.create("late", now.args());
    assert_eq!(bench.said(), expected);
    assert_eq!(bench.store.needed(queued), Some(needed));
    assert_eq!(bench.store.needed(listed), Some(needed));
}

/// A waiter goes on when no break of a stranger is left; its own key's doesn't count.
#[test]
fn waiters_are_released_one_by_one() {
    let mut bench = Bench::new();
    let reads = |key| CreateArgs { access: Access::READ_DATA, ..sharing(key, Share::READ) };
    let first = bench.hold(reads(K1), Rh);
    let second = bench.hold(reads(K2), Rh);
    bench.create("of 1", sharing(K1, Share::NONE));
    bench.create("of 3", sharing(K3, Share::NONE));
    assert_eq!(
        bench.said(),
        "holder: RH -> R ack modes 0x1f01ff/0; of 1: waits; \
         holder: RH -> R ack modes 0x1f01ff/0; of 3: waits"
    );
    bench.ack("ack", second, accepting(R));
    assert_eq!(bench.said(), "ack: pending; of 1: sharing_violation");
    bench.ack("ack", first, accepting(R));
    assert_eq!(bench.said(), "ack: pending; of 3: sharing_violation");
}

/// Several waiters of one exclusive break go on in the order in which they came.
#[test]
fn all_waiters_are_released() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Batch);
    bench.create("first", plain(K2));
    bench.create("second", plain(K3));
    bench.skip();
    bench.ack("ack", holder, AckForm::Acknowledge);
    assert_eq!(bench.said(), "ack: pending; first: success action 1; second: success action 1");
}

/// A released create repeats its whole check, and breaks and waits again where it must.
#[test]
fn released_create_breaks_again() {
    let mut bench = Bench::new();
    let holder = bench.hold(sharing(K1, Share::READ), Rwh);
    bench.create("other", plain(K2));
    bench.skip();
    // The incompatible handle goes; another one of the key stays, which holds RW by the acknowledgement.
    bench.ack("ack", holder, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; other: sharing_violation");
    let twin = bench.open(wanting(K1, Access::ATTRIBUTES));
    bench.request("twin", twin, super::bench::asking(Rwh));
    bench.said();
    bench.create("again", plain(K2));
    assert_eq!(bench.said(), "twin: RWH -> RW ack modes 0x1f01ff/7; again: waits");
    bench.close("close", holder);
    assert_eq!(bench.said(), "close: success");
    bench.ack("ack", twin, accepting(Rw));
    assert_eq!(bench.said(), "ack: pending; ack: RW -> R ack");
    bench.ack("ack", twin, accepting(R));
    assert_eq!(bench.said(), "ack: pending; again: success action 1");
}

/// A waiting call is cancelled; the break runs on and the acknowledgement is still owed.
#[test]
fn cancelled_waiter() {
    let mut bench = Bench::new();
    let holder = bench.hold(plain(K1), Rwh);
    let create = bench.create("other", plain(K2));
    bench.skip();
    bench.store.cancel(create);
    assert_eq!(bench.said(), "other: cancelled");
    assert_eq!(bench.store.breaking(holder), Some(Rh));
    bench.ack("ack", holder, accepting(Rh));
    assert_eq!(bench.said(), "ack: pending");
}

/// A granted request is cancelled; the oplock is gone.
#[rstest]
fn cancelled_request(#[values(Ii, Exclusive, Batch, Filter, R, Rh, Rw, Rwh)] held: Level) {
    let mut bench = Bench::new();
    let open = bench.open(plain(K1));
    let request = bench.call("holder");
    bench.store.request(request, open, super::bench::asking(held));
    bench.skip();
    bench.store.cancel(request);
    assert_eq!(bench.said(), "holder: completed cancelled");
    assert_eq!(bench.store.held(open), Level::None);
    bench.store.cancel(request);
    assert_eq!(bench.said(), "");
}
