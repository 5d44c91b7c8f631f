//! The invariants notice a state that must not be.

use oplock_model::Level::{Batch, Ii, R, Rh, Rwh};
use oplock_model::{Level, Share};
use rstest::rstest;

use super::bench::{Bench, K1, K2, plain, sharing};
use crate::store::objects::Store;
use crate::store::oplock::{Exclusive, ExclusiveBreak, Holder, Oplock, State};
use crate::store::{OpenId, Ticket};

/// The oplock of the only stream that is open.
fn oplock(store: &mut Store) -> &mut Oplock {
    let stream = store.opens.values().next().map(|open| open.stream).expect("an open");
    &mut store.streams.get_mut(&stream).expect("a stream").oplock
}

fn stranger() -> Holder {
    Holder { open: OpenId(99), key: None, ticket: Ticket(99) }
}

#[rstest]
#[case::stale_state("stream 2: the state is not the recomputed one", |store: &mut Store| {
    oplock(store).state = State::Read;
})]
#[case::holder_without_open("stream 2: a holder is not an open of it", |store: &mut Store| {
    oplock(store).read.push(stranger());
})]
#[case::two_families("stream 2: an exclusive holder is not alone", |store: &mut Store| {
    let holder = oplock(store).read_handle[0].clone();
    oplock(store).exclusive = Some(Exclusive { holder, level: Rwh, breaking: None });
    oplock(store).state = State::Exclusive(Rwh);
})]
#[case::two_beside_rh("stream 2: level ii stands beside RH", |store: &mut Store| {
    let holder = oplock(store).read_handle[0].clone();
    oplock(store).level_two.push(holder);
})]
#[case::no_lower("stream 2: RWH breaks to RWH", |store: &mut Store| {
    let holder = oplock(store).read_handle.remove(0);
    let breaking = Some(ExclusiveBreak { told: Rwh, to: Rwh, close_pending: false });
    oplock(store).exclusive = Some(Exclusive { holder, level: Rwh, breaking });
    oplock(store).state = State::ExclusiveBreaking(Rwh);
})]
#[case::rising("stream 2: a break to R rose to RH", |store: &mut Store| {
    let holder = oplock(store).read_handle.remove(0);
    let breaking = Some(ExclusiveBreak { told: R, to: Rh, close_pending: false });
    oplock(store).exclusive = Some(Exclusive { holder, level: Rwh, breaking });
    oplock(store).state = State::ExclusiveBreaking(Rwh);
})]
#[case::shared_held_exclusively("stream 2: ii is held exclusively", |store: &mut Store| {
    let holder = oplock(store).read_handle.remove(0);
    oplock(store).exclusive = Some(Exclusive { holder, level: Ii, breaking: None });
    oplock(store).state = State::Exclusive(Ii);
})]
#[case::twice("stream 2: two holders have one ticket", |store: &mut Store| {
    let holder = oplock(store).read_handle[0].clone();
    oplock(store).read_handle.push(holder);
})]
#[case::beside_a_pending_filter(
    "stream 2: something is held beside a pending filter oplock",
    |store: &mut Store| {
        let holder = oplock(store).read_handle[0].clone();
        oplock(store).filter_pending = Some((holder.open, holder.key));
    }
)]
#[case::reserved_by_nobody(
    "stream 2: reserved by an open that is not its own",
    |store: &mut Store| {
        oplock(store).reserved = Some((OpenId(99), None));
    }
)]
#[case::level_one_promised("stream 2: exclusive is pending to close", |store: &mut Store| {
    let holder = oplock(store).read_handle.remove(0);
    let breaking = Some(ExclusiveBreak { told: Ii, to: Ii, close_pending: true });
    oplock(store).exclusive = Some(Exclusive { holder, level: Level::Exclusive, breaking });
    oplock(store).state = State::ExclusiveBreaking(Level::Exclusive);
})]
#[case::closing("open 1 is closing without a close, or the reverse", |store: &mut Store| {
    let open = OpenId(1);
    store.opens.get_mut(&open).expect("an open").closing = true;
})]
#[case::released("released calls were not repeated", |store: &mut Store| {
    store.effects.released.push_back(Ticket(1));
})]
#[case::no_stream("a file names a stream that does not exist", |store: &mut Store| {
    let stream = store.opens.values().next().map(|open| open.stream).expect("an open");
    store.streams.remove(&stream);
})]
fn noticed(#[case] what: &str, #[case] spoil: fn(&mut Store)) {
    let mut bench = Bench::new();
    bench.hold(plain(K1), Rh);
    assert_eq!(bench.store.check_invariants(), Ok(()));
    spoil(&mut bench.store);
    assert_eq!(bench.store.check_invariants(), Err(what.to_owned()));
}

/// A waiter must be on a list, and what it waits for must be there.
#[test]
fn waiting_is_for_something() {
    let mut bench = Bench::new();
    bench.hold(sharing(K1, Share::NONE), Batch);
    bench.create("other", plain(K2));
    assert_eq!(bench.store.check_invariants(), Ok(()));

    let mut forgotten = bench.store.clone();
    oplock(&mut forgotten).wait_list.clear();
    assert_eq!(
        forgotten.check_invariants(),
        Err("the wait lists are not the calls that wait".to_owned())
    );

    let mut over = bench.store.clone();
    oplock(&mut over).exclusive = None;
    oplock(&mut over).state = State::Empty;
    assert_eq!(over.check_invariants(), Err("call 3 waits on nothing".to_owned()));
}
