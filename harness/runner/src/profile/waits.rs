//! `waits`: how long each named wait lasts on this target, and between which bounds a measured one is chosen.

use std::time::Duration;

use oplock_suite::Code;
use oplock_suite::document::{Fields, Kind, Node, Reader};

use super::duration::read_duration;
use super::keys;
use crate::waits::{Bounds, Calibrated, Waits, Window};

/// The waits of a profile; what it does not say is as for every live target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitPlan {
    /// The waits before anything was measured.
    pub waits: Waits,
    /// The bounds of those that are chosen from what was measured.
    pub calibrated: Calibrated,
}

/// Reads `waits`.
pub(super) fn read_waits(reader: &mut Reader<'_>, node: &Node) -> WaitPlan {
    let mut plan = WaitPlan::default();
    let Some(fields) = reader.fields(node, "`waits`", keys::WAITS) else { return plan };
    let WaitPlan { waits, calibrated } = &mut plan;
    for (key, wait) in [("reply", &mut waits.reply), ("cell", &mut waits.cell)] {
        let found = fields.find(key);
        let read = found.and_then(|node| read_duration(reader, node, &format!("`{key}`")));
        *wait = read.unwrap_or(*wait);
    }
    measured(reader, &fields, "break", &mut waits.break_, &mut calibrated.break_);
    measured(reader, &fields, "quiet", &mut waits.quiet, &mut calibrated.quiet);
    let windows =
        [("ack_timeout", &mut waits.ack_timeout), ("durable_timeout", &mut waits.durable_timeout)];
    for (key, window) in windows {
        if let Some(node) = fields.find(key)
            && let Some(read) = read_window(reader, node, key)
        {
            *window = read;
        }
    }
    let longest = waits.ack_timeout.latest.max(waits.durable_timeout.latest);
    if waits.cell <= longest {
        let message = format!("a cell may take {}, and a timer of it longer", shown(waits.cell));
        let spot = fields.key_spot("cell").unwrap_or(node.spot);
        let label = format!("more than the latest bound of each, {}", shown(longest));
        reader.report(Code::BadNumber, spot, message, label);
    }
    plan
}

/// A wait that is chosen from what was measured: `{min, max}` bounds the choice, a bare time is the choice.
fn measured(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    key: &str,
    wait: &mut Duration,
    bounds: &mut Bounds,
) {
    let Some(node) = fields.find(key) else { return };
    let what = format!("`{key}`");
    if !matches!(node.kind, Kind::Map(_)) {
        if let Some(fixed) = read_duration(reader, node, &what) {
            *wait = fixed;
            *bounds = Bounds { least: fixed, most: fixed };
        }
        return;
    }
    let Some(fields) = reader.fields(node, &what, keys::BOUNDS) else { return };
    let mut read = |key: &str, usual: Duration| {
        let found = fields.find(key);
        found.and_then(|node| read_duration(reader, node, &format!("`{key}`"))).unwrap_or(usual)
    };
    let (least, most) = (read("min", bounds.least), read("max", bounds.most));
    if least > most {
        let message = format!("`min` of {what} is longer than its `max`");
        let label = format!("from {} to {}", shown(least), shown(most));
        reader.report(Code::BadNumber, node.spot, message, label);
        return;
    }
    *bounds = Bounds { least, most };
    *wait = (*wait).clamp(least, most);
}

fn read_window(reader: &mut Reader<'_>, node: &Node, key: &str) -> Option<Window> {
    let what = format!("`{key}`");
    let fields = reader.fields(node, &what, keys::WINDOW)?;
    let mut read = |key: &str| {
        let node = reader.required(&fields, key, &what)?;
        read_duration(reader, node, &format!("`{key}`"))
    };
    let (earliest, latest) = (read("earliest"), read("latest"));
    let window = Window { earliest: earliest?, latest: latest? };
    if window.earliest > window.latest {
        let message = format!("`earliest` of {what} comes after its `latest`");
        let label = format!("from {} to {}", shown(window.earliest), shown(window.latest));
        reader.report(Code::BadNumber, node.spot, message, label);
        return None;
    }
    Some(window)
}

/// A time as a profile writes it.
pub(super) fn shown(time: Duration) -> String {
    match time.as_millis() {
        millis if millis % 1000 == 0 => format!("{}s", time.as_secs()),
        millis => format!("{millis}ms"),
    }
}
