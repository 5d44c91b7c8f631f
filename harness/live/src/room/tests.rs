//! Caps, refusals, and who waits for whom.

use rstest::rstest;

use super::*;

fn room(connections: u32) -> Arc<Room> {
    Room::new(Caps { connections: Some(connections), open_files: None })
}

/// As many connections that are open.
fn open(room: &Arc<Room>, count: u32) -> Slots {
    let mut slots = room.slots_now(count).expect("there is room");
    slots.opened();
    slots
}

fn unreachable(reason: &str) -> TargetFault {
    TargetFault::Unreachable { address: "nas:445".to_owned(), reason: reason.to_owned() }
}

#[test]
fn the_cap_is_never_passed_and_what_is_given_back_can_be_had_again() {
    let room = room(3);
    let two = open(&room, 2);
    assert!(room.slots_now(2).is_none());
    let one = open(&room, 1);
    assert!(room.slots_now(1).is_none());
    drop(two);
    drop((open(&room, 2), one));
    drop(open(&room, 3));
    assert!(room.fits(4, 0).is_err() && room.fits(3, 0).is_ok());
}

#[test]
fn a_refusal_shows_where_the_server_ends() {
    let room = Room::new(Caps::default());
    let mut own = open(&room, 1);
    own.stand();
    let five = open(&room, 5);
    let one_more = room.slots_now(1).expect("nothing is known of the server");
    room.note_refusal(Stopwatch::start(), &unreachable("closed"))
        .expect("there is use in another try");
    drop(one_more);
    assert!(room.slots_now(1).is_none(), "it took six");
    // Alone, a cell may ask for more than the server once took.
    drop(five);
    drop(open(&room, 8));
    // Again and again, although there was room: it takes one less.
    let four = open(&room, 4);
    drop(room.slots_now(1).expect("that is the sixth"));
    for _ in 0..REFUSALS {
        room.note_refusal(Stopwatch::start(), &unreachable("closed")).expect("another try");
    }
    assert!(room.slots_now(1).is_none(), "it takes five");
    drop(four);
}

#[test]
fn whoever_waits_for_room_gets_it_when_another_leaves() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let room = room(2);
        let both = open(&room, 2);
        let waiting = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.slots(1).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(both);
        waiting.await.expect("no panic").expect("room");
    });
}

#[rstest]
#[case::hung_up(unreachable(&format!("the connection was lost {DURING_LOGIN}: closed")), true)]
#[case::nobody_there(unreachable("nothing listens"), false)]
#[case::by_status(refused("request_not_accepted"), true)]
#[case::with_a_remedy(refused("insufficient_resources: later"), true)]
#[case::another_reason(refused("logon_failure"), false)]
#[case::no_such_place(TargetFault::Unsupported("no node 2".to_owned()), false)]
fn only_want_of_room_is_worth_another_try(#[case] fault: TargetFault, #[case] again: bool) {
    assert_eq!(wants_room(&fault), again);
}

fn refused(reason: &str) -> TargetFault {
    let (address, what) = ("nas:445".to_owned(), "the login of ann".to_owned());
    TargetFault::Refused { address, what, reason: reason.to_owned() }
}

/// A client is dropped where it is found to be lost, and what it drops asks for the room itself.
#[test]
fn a_lost_client_among_the_idle_is_let_go() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let (connection, _listener) = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        (crate::connection::Connection::start(stream), listener)
    });
    let room = room(2);
    let slots = open(&room, 1);
    let places = vec![Place::of_share(oplock_model::ShareKind::Plain)];
    let client = Client {
        guid: [0; 16],
        places: places.clone(),
        connections: vec![connection.clone()],
        slots,
    };
    room.keep(0, client);
    assert_eq!(room.state().idle.len(), 1);
    connection.drop_transport();
    assert!(room.idle(0, &places).is_none());
    let state = room.state();
    assert_eq!((state.idle.len(), state.taken), (0, 0));
}
