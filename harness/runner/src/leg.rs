//! The legs of a run: each asks the same target in other axes.

use std::borrow::Cow;
use std::sync::Arc;

use oplock_model::{Dialect, Facts, Target};
use oplock_suite::plan::{Action, Cell, Operation, Want};

use crate::waits::Waits;

/// One way to ask the target, with the waits that it needs.
pub struct Leg {
    /// Who is asked.
    pub target: Arc<dyn Target>,
    /// What the target can do in these axes, and their name.
    pub facts: Facts,
    /// The dialect of its connections.
    pub dialect: Dialect,
    /// The version of leases whose cases leave it open; 1 where nothing is said.
    pub lease_version: Option<u8>,
    /// The bounds of its waits.
    pub waits: Waits,
    /// Another server of the same kind whose clock runs ahead, for cells that wait for a timer.
    pub timer: Option<Timer>,
}

/// Who is asked where a timer has to run out, and how long that takes there.
pub struct Timer {
    /// Who is asked.
    pub target: Arc<dyn Target>,
    /// The bounds of its waits.
    pub waits: Waits,
}

impl Leg {
    /// A leg in the axes that the target's facts name.
    #[must_use]
    pub fn new(target: Arc<dyn Target>, dialect: Dialect, waits: Waits) -> Leg {
        let facts = target.facts().clone();
        Leg { target, facts, dialect, lease_version: None, waits, timer: None }
    }

    /// The same leg, with leases of this version, if one is named, where a case leaves the version open.
    #[must_use]
    pub fn with_lease_version(mut self, version: Option<u8>) -> Leg {
        let Some(version) = version else { return self };
        let word = format!("lease_v{version}");
        let named = [self.facts.axes.as_str(), &word];
        let named: Vec<&str> = named.into_iter().filter(|part| !part.is_empty()).collect();
        self.facts.axes = named.join(",");
        self.lease_version = Some(version);
        self
    }

    /// Whether a cell is asked in this leg: one that says which dialect it wants needs no other, and one that leaves
    /// nothing open to the version of leases needs no leg of its own for it.
    #[must_use]
    pub fn asks(&self, cell: &Cell) -> bool {
        cell.dialect.is_none_or(|dialect| dialect == self.dialect)
            && (self.lease_version.is_none() || leaves_lease_version_open(cell))
    }

    /// Who plays a cell, and with which waits.
    #[must_use]
    pub fn player(&self, cell: &Cell) -> (&dyn Target, &Waits) {
        match &self.timer {
            Some(timer) if cell.is_slow() => (&*timer.target, &timer.waits),
            _ => (&*self.target, &self.waits),
        }
    }

    /// The cell as it is played here.
    #[must_use]
    pub fn dressed<'a>(&self, cell: &'a Cell) -> Cow<'a, Cell> {
        match self.lease_version {
            Some(version) if leaves_lease_version_open(cell) => {
                let mut cell = cell.clone();
                for want in wants(&mut cell) {
                    if let Want::Lease { version: asked, .. } = want {
                        *asked = version;
                    }
                }
                Cow::Owned(cell)
            }
            _ => Cow::Borrowed(cell),
        }
    }
}

/// Whether a cell asks for leases, and says of none of them which version it is.
fn leaves_lease_version_open(cell: &Cell) -> bool {
    let mut asks = false;
    for step in &cell.steps {
        let Action::Calls(calls) = &step.action else { continue };
        for call in calls {
            if let Operation::Open(open) = &call.operation
                && let Want::Lease { any_version, .. } = &open.want
            {
                if !any_version {
                    return false;
                }
                asks = true;
            }
        }
    }
    asks
}

fn wants(cell: &mut Cell) -> impl Iterator<Item = &mut Want> {
    let calls = cell.steps.iter_mut().flat_map(|step| match &mut step.action {
        Action::Calls(calls) => calls.as_mut_slice(),
        Action::TimePasses(_) => &mut [],
    });
    calls.filter_map(|call| match &mut call.operation {
        Operation::Open(open) => Some(&mut open.want),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
