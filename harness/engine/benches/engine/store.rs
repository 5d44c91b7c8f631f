//! The object store: a mix of calls as an office makes them, and single calls.

use divan::Bencher;
use divan::counter::ItemsCount;
use oplock_model::LeaseState;

use crate::world::{BREAK_CALLS, OFFICE_CALLS, StoreWorld};

const OPENS: [usize; 4] = [1, 10, 100, 1_000];
const STREAMS: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

#[divan::bench(args = OPENS)]
fn office_beside_opens(bencher: Bencher, opens: usize) {
    let mut world = StoreWorld::with_opens(opens);
    bencher.counter(ItemsCount::new(OFFICE_CALLS)).bench_local(|| world.office());
}

#[divan::bench(args = STREAMS)]
fn office_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = StoreWorld::with_streams(streams);
    bencher.counter(ItemsCount::new(OFFICE_CALLS)).bench_local(|| world.office());
}

#[divan::bench(args = STREAMS)]
fn break_and_ack_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = StoreWorld::with_streams(streams);
    bencher.counter(ItemsCount::new(BREAK_CALLS)).bench_local(|| world.break_and_ack());
}

#[divan::bench(args = STREAMS)]
fn open_and_close_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = StoreWorld::with_streams(streams);
    world.open_numbered(0);
    bencher.counter(ItemsCount::new(2_usize)).bench_local(|| {
        let open = world.open_numbered(0);
        world.close(open);
    });
}

#[divan::bench(args = OPENS)]
fn read_beside_opens(bencher: Bencher, opens: usize) {
    let mut world = StoreWorld::with_opens(opens);
    let open = world.open_first(LeaseState::RWH);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| world.read(open));
}

#[divan::bench(args = STREAMS)]
fn write_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = StoreWorld::with_streams(streams);
    let open = world.open_first(LeaseState::RWH);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| world.write(open));
}

/// A request that takes the place of the one before, as a lease that is opened again does.
#[divan::bench(args = OPENS)]
fn request_again_beside_opens(bencher: Bencher, opens: usize) {
    let mut world = StoreWorld::with_opens(opens);
    let open = world.open_first(LeaseState::RWH);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        world.request(open, LeaseState::RWH);
    });
}
