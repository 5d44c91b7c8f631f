//! Whether a server can be reached at all. One that is gone is waited for once, by all cells together: it must not cost each of
//! them its whole wait.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oplock_model::TargetFault;

use crate::clock::Stopwatch;
use crate::connection::{self, Connection, Negotiated, Way};

/// What the connections of a run found, by address: the nodes of a server come and go one by one.
#[derive(Debug, Default)]
pub(crate) struct Reach(Mutex<BTreeMap<String, Outage>>);

/// Since the first connection that failed, none has succeeded.
#[derive(Debug)]
struct Outage {
    since: Stopwatch,
    /// Why, once it has lasted too long to be waited for.
    gone: Option<TargetFault>,
    /// When somebody last began or ended to look whether it is over, and how long nobody else does.
    looked: Stopwatch,
    again_after: Duration,
}

/// How long a server may be away before it counts as gone: longer than a node takes to hand over.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// How long a cell waits before it tries again.
const AGAIN_AFTER: Duration = Duration::from_millis(250);
/// How often one cell looks whether a server that is gone has come back; all others end at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The longest that one look takes: a connection and a login that hang.
const LOOKS_WITHIN: Duration = Duration::from_secs(30);

impl Reach {
    /// Opens a connection, as [`connection::open`] does; waits for a server that has just gone away.
    pub(crate) async fn open(
        &self,
        way: &Way,
        guid: [u8; 16],
    ) -> Result<(Connection, Negotiated), TargetFault> {
        let place = way.address.place();
        loop {
            if let Some(gone) = self.gone(&place) {
                return Err(gone);
            }
            let began = Stopwatch::start();
            match connection::open(way, guid).await {
                Err(fault) if is_away(&fault) => {
                    if self.failed(&place, began, &fault) {
                        return Err(fault);
                    }
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                answered => {
                    // A server that refuses is there.
                    self.outages().remove(&place);
                    return answered;
                }
            }
        }
    }

    /// Why nobody need try, unless it is time to look again.
    fn gone(&self, place: &str) -> Option<TargetFault> {
        let mut outages = self.outages();
        let outage = outages.get_mut(place)?;
        let gone = outage.gone.clone()?;
        if outage.looked.elapsed() >= outage.again_after {
            (outage.looked, outage.again_after) = (Stopwatch::start(), LOOKS_WITHIN);
            return None;
        }
        Some(gone)
    }

    /// Takes note of a try that failed; true where the outage has lasted too long.
    fn failed(&self, place: &str, began: Stopwatch, fault: &TargetFault) -> bool {
        let mut outages = self.outages();
        let outage = outages.entry(place.to_owned());
        // A try that hung counts as long as it took.
        let again_after = LOOK_EVERY;
        let outage =
            outage.or_insert(Outage { since: began, gone: None, looked: began, again_after });
        (outage.looked, outage.again_after) = (Stopwatch::start(), again_after);
        if outage.gone.is_none() && outage.since.elapsed() < BACK_WITHIN {
            return false;
        }
        outage.gone = Some(fault.clone());
        true
    }

    fn outages(&self) -> MutexGuard<'_, BTreeMap<String, Outage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nobody answered at all, rather than somebody who refused or hung up.
fn is_away(fault: &TargetFault) -> bool {
    match fault {
        TargetFault::Unreachable { reason, .. } => !reason.contains(connection::DURING_LOGIN),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use oplock_wire::Dialect;

    use super::*;
    use crate::Address;
    use crate::connection::Secret;

    const PLACE: &str = "nas:445";

    fn fault() -> TargetFault {
        TargetFault::Unreachable { address: PLACE.to_owned(), reason: "no answer".to_owned() }
    }

    fn gone_for_good(reach: &Reach, looked: Stopwatch) {
        let again_after = LOOK_EVERY;
        let outage = Outage { since: looked, gone: Some(fault()), looked, again_after };
        reach.outages().insert(PLACE.to_owned(), outage);
    }

    #[test]
    fn an_outage_is_waited_for_and_then_it_is_over_for_all() {
        let reach = Reach::default();
        assert_eq!(reach.gone(PLACE), None);
        let now = Stopwatch::start();
        assert!(!reach.failed(PLACE, now, &fault()), "given up at the first failure");
        assert_eq!(reach.gone(PLACE), None);
        gone_for_good(&reach, Stopwatch::start());
        assert_eq!(reach.gone(PLACE), Some(fault()));
        assert!(reach.failed(PLACE, now, &fault()), "waited for again");
        // Another node is another matter.
        assert_eq!(reach.gone("nas2:445"), None);
    }

    #[test]
    fn a_try_that_hung_is_outage_enough() {
        let reach = Reach::default();
        assert!(reach.failed(PLACE, Stopwatch::started_before(BACK_WITHIN), &fault()));
        assert_eq!(reach.gone(PLACE), Some(fault()));
    }

    #[test]
    fn now_and_then_one_cell_looks_again() {
        let reach = Reach::default();
        let long_ago = Stopwatch::started_before(LOOK_EVERY);
        gone_for_good(&reach, long_ago);
        assert_eq!(reach.gone(PLACE), None, "nobody looks");
        assert_eq!(reach.gone(PLACE), Some(fault()), "everybody looks");
    }

    #[test]
    fn a_server_that_hangs_up_is_not_away() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || drop(listener.accept()));
        let way = Way {
            address: Address::parse(&format!("smb://ann@127.0.0.1:{port}/data")).unwrap(),
            password: Secret(String::new()),
            dialects: vec![Dialect::SMB3_1_1],
            signing: None,
            encryption: None,
            guest: false,
            anonymous: false,
            connect_within: Duration::from_secs(5),
            login_within: Duration::from_secs(5),
        };
        let reach = Reach::default();
        let fault = runtime.block_on(reach.open(&way, [1; 16])).unwrap_err();
        server.join().unwrap();
        assert!(!is_away(&fault), "{fault}");
        assert!(reach.outages().is_empty());
    }
}
