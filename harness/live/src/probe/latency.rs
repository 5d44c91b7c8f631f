//! How long a create, a break and its release take, measured as a cell would see them: between threads, over scenes.

use std::thread;
use std::time::Duration;

use oplock_model::{
    BreakNotice, Event, Latencies, Op, OplockLevel, Spread, Target, TargetFault, Wanted,
};

use super::pair::{HOLDER, OPENER, Pair, is_break, is_reply, opened};
use crate::clock::Stopwatch;

/// Batches one after the other: what disturbs one of them need not disturb the next.
const BATCHES: usize = 3;
/// And one more of as many side by side, so that the server has several clients to serve at once.
const SIDE_BY_SIDE: usize = 4;
/// Rounds of one batch: each is a create, a break, an acknowledgement and two closes.
const ROUNDS: usize = 12;
/// A server so slow that it takes longer is known well enough: no round begins after this.
const ENOUGH: Duration = Duration::from_secs(3);
/// The longest that one answer or break may take: what comes later is not measured.
const WITHIN_MS: u64 = 10_000;

/// Measures some ms long; nothing where the target does not let two clients open a file.
pub(crate) fn measure(target: &dyn Target) -> Option<Latencies> {
    let clock = Stopwatch::start();
    let mut batches = Vec::new();
    for number in 0..BATCHES {
        // The first always runs: something must be known.
        if number == 0 || clock.elapsed() < ENOUGH {
            batches.push(batch(target, number, clock, true));
        }
    }
    if clock.elapsed() < ENOUGH {
        let together = |number| move || batch(target, BATCHES + number, clock, false);
        thread::scope(|scope| {
            let all: Vec<_> =
                (0..SIDE_BY_SIDE).map(|number| scope.spawn(together(number))).collect();
            batches.extend(all.into_iter().filter_map(|batch| batch.join().ok()));
        });
    }
    let column = |of: fn(&Batch) -> &Vec<u64>| {
        let times: Vec<Vec<u64>> = batches.iter().map(|batch| of(batch).clone()).collect();
        Spread::of(&times)
    };
    Some(Latencies {
        open: column(|batch| &batch.open)?,
        break_: column(|batch| &batch.break_),
        release: column(|batch| &batch.release),
        loss: column(|batch| &batch.loss),
    })
}

/// What one scene measured, in microseconds.
#[derive(Debug, Default)]
struct Batch {
    open: Vec<u64>,
    break_: Vec<u64>,
    release: Vec<u64>,
    loss: Vec<u64>,
}

/// As many rounds as go well, and with `loses` the loss of a connection in the end; what goes wrong is for cases to find.
fn batch(target: &dyn Target, number: usize, clock: Stopwatch, loses: bool) -> Batch {
    let mut measured = Batch::default();
    let Ok(mut pair) = Pair::meet(target, format!("latency-{number}")) else { return measured };
    for round in 0..ROUNDS {
        let enough = round > 0 && clock.elapsed() >= ENOUGH;
        if enough || !matches!(play(&mut pair, &mut measured), Ok(true)) {
            break;
        }
    }
    if loses && !measured.break_.is_empty() {
        // Where it does not come to an end, nothing was measured.
        let _ = lose(&mut pair, &mut measured);
    }
    // A folder that cannot be removed now is tried again at the end of the run.
    let _ = pair.part();
    measured
}

/// One break from beginning to end; false where there is no use in another.
fn play(pair: &mut Pair, measured: &mut Batch) -> Result<bool, TargetFault> {
    let began = pair.now();
    let call = pair.create(HOLDER, Wanted::Oplock(OplockLevel::BATCH))?;
    let answer = pair.until(WITHIN_MS, |event| is_reply(event, call))?;
    let Some((at, held)) = answer.as_ref().and_then(|a| Some((a.at, opened(&a.value)?))) else {
        return Ok(false);
    };
    measured.open.push(at.micros_since(began));
    if held.level != OplockLevel::BATCH {
        // No oplock, no break; but creates can be measured.
        return pair.close(HOLDER, held.file, WITHIN_MS);
    }
    let began = pair.now();
    let waiting = pair.create(OPENER, Wanted::Nothing)?;
    let next = pair.until(WITHIN_MS, |event| is_break(event) || is_reply(event, waiting))?;
    let Some(notice) = next else { return Ok(false) };
    let Event::Break(BreakNotice::Oplock { file, level, .. }) = notice.value else {
        return Ok(false);
    };
    measured.break_.push(notice.at.micros_since(began));
    let began = pair.now();
    pair.send(HOLDER, Op::OplockAck { file, level })?;
    let answer = pair.until(WITHIN_MS, |event| is_reply(event, waiting))?;
    let Some((at, second)) = answer.as_ref().and_then(|a| Some((a.at, opened(&a.value)?))) else {
        return Ok(false);
    };
    measured.release.push(at.micros_since(began));
    Ok(pair.close(OPENER, second.file, WITHIN_MS)? && pair.close(HOLDER, file, WITHIN_MS)?)
}

/// The holder of a level II oplock is lost; asks for an exclusive one until nobody stands in its way any more.
fn lose(pair: &mut Pair, measured: &mut Batch) -> Result<(), TargetFault> {
    let call = pair.create(HOLDER, Wanted::Oplock(OplockLevel::II))?;
    let answer = pair.until(WITHIN_MS, |event| is_reply(event, call))?;
    let held = answer.as_ref().and_then(|answer| opened(&answer.value));
    if held.is_none_or(|held| held.level != OplockLevel::II) {
        return Ok(());
    }
    let began = pair.now();
    pair.send(HOLDER, Op::Disconnect)?;
    pair.until(WITHIN_MS, |event| matches!(event, Event::Gone { .. }))?;
    let latest = began.plus_millis(WITHIN_MS);
    while pair.now() < latest {
        let call = pair.create(OPENER, Wanted::Oplock(OplockLevel::EXCLUSIVE))?;
        let answer = pair.until(WITHIN_MS, |event| is_reply(event, call))?;
        let answer = answer.as_ref().and_then(|a| Some((a.at, opened(&a.value)?)));
        let Some((at, second)) = answer else { return Ok(()) };
        if second.level == OplockLevel::EXCLUSIVE {
            measured.loss.push(at.micros_since(began));
            return Ok(());
        }
        if !pair.close(OPENER, second.file, WITHIN_MS)? {
            return Ok(());
        }
    }
    Ok(())
}
