//! What the server of the record says to each case, in each of its plays.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use oplock_model::{Facts, LeaseState, OplockLevel, Scene, Setup, Status, Target, TargetFault};

use crate::server::{Liar, Say, Script};

const BATCH: OplockLevel = OplockLevel::BATCH;
const II: OplockLevel = OplockLevel::II;
const NONE: OplockLevel = OplockLevel::NONE;

/// A server that has a script for every case.
pub struct Shop {
    facts: Facts,
    /// How many times each cell has been played.
    plays: Mutex<BTreeMap<String, usize>>,
}

impl Shop {
    pub fn new(facts: Facts) -> Shop {
        Shop { facts, plays: Mutex::default() }
    }
}

impl Target for Shop {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault> {
        let cell = setup.cell.to_string();
        let mut plays = self.plays.lock().unwrap_or_else(PoisonError::into_inner);
        let play = plays.entry(cell.clone()).or_default();
        *play += 1;
        let script = script(&cell, *play, self.facts.axes.starts_with("smb3"));
        Liar { logs: true, ..Liar::new(script) }.scene(setup)
    }
}

/// What a correct server says to the cases of the batch oplock.
fn honest() -> Script {
    vec![
        vec![(0, Say::Opened(0, 1, BATCH))],
        vec![(2, Say::Interim(1)), (3, Say::Break(0, 1, II))],
        vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, II))],
    ]
}

fn lie(turn: usize, says: Vec<(u64, Say)>) -> Script {
    let mut script = honest();
    script[turn] = says;
    script
}

fn epoch(of_the_break: u16) -> Script {
    let (rwh, rh) = (LeaseState::RWH, LeaseState::RH);
    vec![
        vec![(0, Say::Leased(0, 1, rwh, 0x11))],
        vec![(1, Say::LeaseBreak(0, 0, rwh, rh, true, of_the_break))],
        vec![(0, Say::LeaseAcked(2, rh)), (1, Say::Leased(1, 2, rh, 0x21))],
    ]
}

fn script(cell: &str, play: usize, newest: bool) -> Script {
    let (case, _) = cell.split_once("/held=").unwrap_or((cell, ""));
    let to_none = || lie(1, vec![(3, Say::Break(0, 1, NONE))]);
    match case.rsplit('/').next().unwrap_or_default() {
        "answered-early" => lie(
            1,
            vec![(2, Say::Interim(1)), (3, Say::Break(0, 1, II)), (4, Say::Opened(1, 2, II))],
        ),
        "broken-too-far" | "known" | "may" => to_none(),
        "should" => lie(2, vec![(0, Say::Acked(2, 1, II)), (1, Say::Opened(1, 2, NONE))]),
        "break-of-a-stranger" => lie(1, vec![(3, Say::Break(0, 1, II)), (4, Say::Break(1, 9, II))]),
        "refused" => lie(
            2,
            vec![(0, Say::Acked(2, 1, II)), (1, Say::Answered(1, Status::SHARING_VIOLATION))],
        ),
        "acknowledgement-refused" => {
            lie(2, vec![(0, Say::Answered(2, Status::UNSUCCESSFUL)), (1, Say::Opened(1, 2, II))])
        }
        "never-answered" => lie(2, vec![(0, Say::Acked(2, 1, II))]),
        "strange-bytes" => lie(
            1,
            vec![(
                1,
                Say::Finding(
                    "a break of 20 bytes for <script>alert(1)</script>\u{1b}[2J ]]>\u{202e}",
                ),
            )],
        ),
        "granted-less" | "granted-less-as-known" => lie(0, vec![(0, Say::Opened(0, 1, II))]),
        "connection-lost" => lie(1, vec![(3, Say::Break(0, 1, II)), (4, Say::Gone(1))]),
        "harness-failed" => lie(1, vec![(3, Say::Fault("the scene is broken"))]),
        "flickers" if newest => to_none(),
        // Its entry is for the newest dialect only.
        "differs" if newest => lie(1, vec![(2, Say::Opened(1, 2, NONE))]),
        "now-and-then" if play < 3 => to_none(),
        "epoch" => epoch(0x12),
        "epoch-stands-still" => epoch(0x11),
        "crowd" => {
            let held = if cell.contains("batch,") { BATCH } else { OplockLevel::EXCLUSIVE };
            vec![vec![(0, Say::Opened(0, 1, held))], vec![(2, Say::Opened(1, 2, NONE))]]
        }
        _ => honest(),
    }
}
