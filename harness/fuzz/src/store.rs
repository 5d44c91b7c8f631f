//! The store: any calls in any order, with the invariants checked after each.

use oplock_engine::store::{CreateArgs, Indication, OpenId, Store, Ticket};
use oplock_model::{AckForm, FileId};

use crate::bytes::Bytes;
use crate::operations as draw;

/// A longer dialogue finds nothing that a shorter one does not.
const LONGEST: u64 = 128;

/// Plays the bytes as calls, then closes what is open.
///
/// # Panics
/// Where an invariant is broken, or the same calls on a copy have another outcome: that is the finding.
pub fn play(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let mut store = Store::new(draw::choices(&mut bytes));
    for file in draw::files() {
        store.add(&file).expect("a good name");
    }
    let mut opens = Vec::new();
    let mut ticket = 0;
    while !bytes.is_empty() && ticket < LONGEST {
        ticket += 1;
        call(&mut store, Ticket(ticket), &mut bytes, &mut opens);
        listen(&mut store, &mut opens);
    }
    let mut copy = store.clone();
    for open in opens.clone() {
        ticket += 1;
        store.close(Ticket(ticket), open);
        copy.close(Ticket(ticket), open);
        listen(&mut store, &mut opens);
        listen(&mut copy, &mut Vec::new());
    }
    assert!(store == copy, "the same calls had another outcome");
}

/// One call; every open that ever was may be named again.
fn call(store: &mut Store, ticket: Ticket, bytes: &mut Bytes<'_>, opens: &mut Vec<OpenId>) {
    let verb = bytes.byte() % 24;
    if matches!(verb, 0..=4) {
        let args = CreateArgs {
            path: draw::path(bytes),
            access: draw::access(bytes),
            share: draw::share(bytes),
            disposition: draw::disposition(bytes),
            options: draw::options(bytes),
            key: draw::key(bytes),
            parent_key: draw::key(bytes),
            ..CreateArgs::default()
        };
        return store.create(ticket, &args);
    }
    let open = bytes.pick(opens).unwrap_or(OpenId(u32::MAX));
    match verb {
        5..=7 => store.request(ticket, open, draw::request(bytes)),
        8..=10 => store.ack(ticket, open, ack(bytes)),
        11 => store.close(ticket, open),
        12 => store.read(ticket, open, bytes.offset(), u32::from(bytes.byte())),
        13 => store.write(ticket, open, bytes.offset(), u32::from(bytes.byte())),
        14 => store.flush(ticket, open),
        15 => store.lock(ticket, open, draw::range(bytes), bytes.flag()),
        16 => store.unlock(ticket, open, draw::range(bytes)),
        17 => store.query(ticket, open, draw::query(bytes)),
        18 => store.set_info(ticket, open, &draw::set_info(bytes)),
        19 => {
            let source = bytes.pick(opens);
            store.control(ticket, open, &draw::control(bytes, FileId::default()), source);
        }
        20 => store.cancel(Ticket(u64::from(bytes.byte()))),
        21 => store.break_notify(ticket, open),
        22 if bytes.flag() => store.map_section(ticket, open, bytes.flag()),
        22 => store.unmap_section(ticket, open),
        _ if bytes.flag() => store.query_directory(ticket, open),
        _ => opens.extend(store.open_again(open)),
    }
}

fn ack(bytes: &mut Bytes<'_>) -> AckForm {
    match bytes.byte() % 8 {
        0 => AckForm::Acknowledge,
        1 => AckForm::NoLevelTwo,
        2 => AckForm::ClosePending,
        3 => AckForm::GranularOnClose(draw::state(bytes)),
        _ => AckForm::Granular(draw::state(bytes)),
    }
}

fn listen(store: &mut Store, opens: &mut Vec<OpenId>) {
    store.check_invariants().expect("an invariant holds");
    while let Some(indication) = store.poll() {
        if let Indication::Created { open: Some(open), .. } = indication {
            opens.push(open);
        }
    }
}
