//! How much memory an open takes.
//!
//! Every benchmark opens 1,000 files in an empty store or server. So the bytes that the table gives as *max alloc*,
//! divided by 1,000, are those of one open together with its stream and file: MB reads as KB.

use divan::{AllocProfiler, Bencher};
use oplock_engine::Choices;
use oplock_engine::server::Server;
use oplock_engine::store::{CreateArgs, Indication, Store, Ticket};
use oplock_model::{
    CallId, ConnectionId, CreateOp, Dialect, LeaseKey, LeaseRequest, LeaseState, Op, StoreRequest,
    Tick, Wanted,
};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const OPENS: u32 = 1_000;
const CLIENT: ConnectionId = ConnectionId(0);

fn main() {
    divan::main();
}

#[divan::bench]
fn store_open(bencher: Bencher) {
    bencher.with_inputs(|| Store::new(Choices::default())).bench_local_values(|mut store| {
        fill_store(&mut store, None);
        store
    });
}

#[divan::bench(args = [LeaseState::R, LeaseState::RH, LeaseState::RWH])]
fn store_open_with_oplock(bencher: Bencher, state: LeaseState) {
    let request = StoreRequest::Granular(state);
    bencher.with_inputs(|| Store::new(Choices::default())).bench_local_values(|mut store| {
        fill_store(&mut store, Some(request));
        store
    });
}

#[divan::bench]
fn server_open(bencher: Bencher) {
    bencher.with_inputs(server).bench_local_values(|mut server| {
        fill_server(&mut server, None);
        server
    });
}

#[divan::bench(args = [LeaseState::R, LeaseState::RH, LeaseState::RWH])]
fn server_open_with_lease(bencher: Bencher, state: LeaseState) {
    bencher.with_inputs(server).bench_local_values(|mut server| {
        fill_server(&mut server, Some(state));
        server
    });
}

fn fill_store(store: &mut Store, request: Option<StoreRequest>) {
    for number in 0..OPENS {
        let key = Some(key(number));
        let args = CreateArgs { path: number.to_string(), key, ..CreateArgs::default() };
        store.create(Ticket(u64::from(number) * 2), &args);
        let made = store.poll();
        if let (Some(Indication::Created { open: Some(open), .. }), Some(request)) = (made, request)
        {
            store.request(Ticket(u64::from(number) * 2 + 1), open, request);
        }
        while store.poll().is_some() {}
    }
}

fn server() -> Server {
    let mut server = Server::new(Choices::default(), Dialect::Smb3_1_1);
    server.connect(CLIENT, 1, 1);
    server
}

fn fill_server(server: &mut Server, state: Option<LeaseState>) {
    for number in 0..OPENS {
        let key = key(number);
        let wanted = state.map_or(Wanted::Nothing, |state| {
            Wanted::Lease(LeaseRequest { key, state, flags: 0, version: 2, epoch: 0, parent: None })
        });
        let op = CreateOp { path: number.to_string(), wanted, ..CreateOp::default() };
        let call = CallId(u64::from(number));
        server.submit(Tick::default(), CLIENT, vec![(call, Op::Create(Box::new(op)))]);
        while server.poll().is_some() {}
    }
}

fn key(number: u32) -> LeaseKey {
    LeaseKey(u128::from(number).to_be_bytes())
}
