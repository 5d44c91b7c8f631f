//! The SMB2 server: leases that come, break and go, beside other clients' leases.

use divan::Bencher;
use divan::counter::ItemsCount;

use crate::world::ServerWorld;

const STREAMS: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

#[divan::bench(args = STREAMS)]
fn lease_and_close_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = ServerWorld::with_streams(streams);
    bencher.counter(ItemsCount::new(2_usize)).bench_local(|| world.lease_and_close());
}

#[divan::bench(args = STREAMS)]
fn break_and_ack_beside_streams(bencher: Bencher, streams: usize) {
    let mut world = ServerWorld::with_streams(streams);
    bencher.counter(ItemsCount::new(5_usize)).bench_local(|| world.break_and_ack());
}
