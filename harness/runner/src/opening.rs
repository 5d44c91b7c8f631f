//! How a target is opened: in which axes it is asked, and what it stands on.

use std::path::Path;
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_live::{Address, LeftOver, LiveOptions, LiveTarget, ManagedSamba, Signing};
use oplock_model::{Dialect, Target, TargetFault};

use crate::axes::{Axes, AxesArg, lease_versions};
use crate::cli::LoginArgs;
use crate::leg::{Leg, Timer};
use crate::probe::calibration::calibrated;
use crate::samba::{self, SambaArgs, Servers};
use crate::target::Choice;

/// A target that answers, and what it stands on.
pub struct Opened {
    /// The ways in which it is asked, the usual one first.
    pub legs: Vec<Leg>,
    /// The private servers behind it; dropped after the target.
    pub samba: Option<Servers>,
    /// What other runs have on its shares.
    pub left_overs: Vec<LeftOver>,
}

impl Opened {
    /// The version that the target says it is.
    #[must_use]
    pub fn version(&self) -> String {
        self.legs.first().map(|leg| leg.facts.version.clone()).unwrap_or_default()
    }
}

/// How a target is opened.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// In which axes it is asked.
    pub axes: &'a [AxesArg],
    /// Of the first account.
    pub password: Option<String>,
    /// Where a managed server keeps its files.
    pub private: &'a Path,
    /// Which logins are good enough, besides those that a profile allows.
    pub logins: LoginArgs,
    /// Which server that is.
    pub samba: SambaArgs,
    /// Names the run's folder on the server; random where nothing is said.
    pub run_id: Option<String>,
    /// Whether the folders of dead runs are removed.
    pub sweep: bool,
    /// Whether the messages of each cell are kept.
    pub captures: bool,
    /// Whether folders of cells may be kept.
    pub keeps: bool,
    /// By how much the latest bounds of the waits are stretched.
    pub time_factor: f64,
}

impl<'a> Opening<'a> {
    /// The usual axes, with nothing kept and nothing stretched, and the private server that tests take.
    #[must_use]
    pub fn usual(private: &'a Path) -> Opening<'a> {
        Opening {
            axes: &[AxesArg::REPRESENTATIVE],
            password: None,
            private,
            logins: LoginArgs::default(),
            samba: SambaArgs::of_tests(),
            run_id: None,
            sweep: false,
            captures: false,
            keeps: false,
            time_factor: 1.0,
        }
    }
}

impl Choice {
    /// Starts or reaches the target and logs in; a managed server keeps its files in `private`.
    ///
    /// # Errors
    /// A [`TargetFault`] where it cannot be started or reached, or refuses the login.
    pub fn open(&self, opening: &Opening<'_>) -> Result<Opened, TargetFault> {
        match self {
            Choice::Reference => {
                let legs = reference_legs(opening);
                Ok(Opened { legs, samba: None, left_overs: Vec::new() })
            }
            Choice::Samba => {
                let samba = Servers::start(&opening.samba, opening.private)?;
                let mut legs = self.legs_on(opening, &samba.usual)?;
                let timers = samba.fast.iter().map(|fast| self.legs_on(opening, fast));
                let timers = timers.collect::<Result<Vec<_>, _>>()?;
                for timer in timers.into_iter().flatten() {
                    let same = legs.iter_mut().find(|leg| leg.facts.axes == timer.facts.axes);
                    if let Some(leg) = same {
                        let Leg { target, waits, .. } = timer;
                        leg.timer = Some(Timer { target, waits: samba::fast(waits) });
                    }
                }
                // Nobody else has ever been on these.
                Ok(Opened { legs, samba: Some(samba), left_overs: Vec::new() })
            }
            Choice::Server(address) => {
                let password = opening.password.clone().unwrap_or_default();
                let (legs, left_overs) =
                    self.live_legs(opening, address, &password, &LiveOptions::default())?;
                Ok(Opened { legs, samba: None, left_overs })
            }
            Choice::Profile(found) => {
                let profile = &found.profile;
                let axes = profile.axes(opening.axes);
                let opening = Opening { axes: &axes, ..opening.clone() };
                let (address, password) = (profile.address(), profile.password());
                let (legs, left_overs) =
                    self.live_legs(&opening, &address, &password, &profile.options())?;
                Ok(Opened { legs, samba: None, left_overs })
            }
        }
    }

    fn legs_on(
        &self,
        opening: &Opening<'_>,
        samba: &ManagedSamba,
    ) -> Result<Vec<Leg>, TargetFault> {
        let (address, password) = (samba.address(), samba.password());
        Ok(self.live_legs(opening, &address, &password, &samba.options())?.0)
    }

    /// A leg for each of the axes, all with one run folder, and what other runs have beside it.
    fn live_legs(
        &self,
        opening: &Opening<'_>,
        address: &Address,
        password: &str,
        options: &LiveOptions,
    ) -> Result<(Vec<Leg>, Vec<LeftOver>), TargetFault> {
        let options = LiveOptions {
            captures: opening.captures,
            keeps: opening.keeps,
            run_id: opening.run_id.clone(),
            ..opening.logins.beside(options.clone())
        };
        let mut asked = Vec::new();
        for axes in opening.axes {
            match axes {
                AxesArg::One(axes) => asked.push(*axes),
                AxesArg::Full => {
                    asked.extend(every_axes(&oplock_live::offered(address, password, &options)?));
                }
            }
        }
        let mut legs: Vec<Leg> = Vec::new();
        let mut targets: Vec<Arc<LiveTarget>> = Vec::new();
        for axes in asked {
            let target = match targets.first() {
                None => {
                    let Axes { dialect, signing, encryption, .. } = axes;
                    let options = LiveOptions { dialect, signing, encryption, ..options.clone() };
                    let password = password.to_owned();
                    Arc::new(LiveTarget::connect(address.clone(), password, options)?)
                }
                Some(first) => {
                    let axes = named(axes, first.axes());
                    match targets.iter().find(|target| target.axes() == axes) {
                        Some(known) => Arc::clone(known),
                        None => Arc::new(first.in_axes(axes)?),
                    }
                }
            };
            let dialect = target.axes().dialect;
            let measured = target.facts().latencies.as_ref();
            let waits = calibrated(self.waits(1.0), measured, &self.bounds());
            let waits = waits.stretched(opening.time_factor);
            let leg = Leg::new(Arc::clone(&target) as Arc<dyn Target>, dialect, waits);
            targets.push(target);
            let leg = leg.with_lease_version(axes.lease_version);
            if legs.iter().all(|other| other.facts.axes != leg.facts.axes) {
                legs.push(leg);
            }
        }
        let left_overs = match targets.first().map(|first| first.left_overs(opening.sweep)) {
            Some(Err(fault)) if opening.sweep => return Err(fault),
            Some(Ok(left_overs)) => left_overs,
            // Whoever did not ask to sweep need not be stopped by what cannot be listed.
            _ => Vec::new(),
        };
        Ok((legs, left_overs))
    }
}

/// What the reference can vary: the dialect and the version of leases.
fn reference_legs(opening: &Opening<'_>) -> Vec<Leg> {
    let every: Vec<Axes> = Dialect::ALL
        .into_iter()
        .rev()
        .map(|dialect| Axes { dialect: Some(dialect), ..Axes::default() })
        .collect();
    let asked = opening.axes.iter().flat_map(|axes| match axes {
        AxesArg::One(axes) => vec![*axes],
        AxesArg::Full => with_lease_versions(&every),
    });
    asked
        .map(|axes| {
            let dialect = axes.dialect.unwrap_or_default();
            let target = Arc::new(Reference::in_dialect(Choices::default(), dialect));
            let waits = Choice::Reference.waits(opening.time_factor);
            let mut leg = Leg::new(target, dialect, waits);
            if axes.dialect.is_some() {
                leg.facts.axes = dialect.word().to_owned();
            }
            leg.with_lease_version(axes.lease_version)
        })
        .collect()
}

/// Every combination that a server takes, each once more with leases of version 2 where the dialect has them.
fn every_axes(offered: &[oplock_live::Axes]) -> Vec<Axes> {
    let named = |axes: &oplock_live::Axes| Axes {
        dialect: Some(axes.dialect),
        signing: axes.encryption.is_none().then_some(axes.signing),
        encryption: axes.encryption,
        lease_version: None,
    };
    with_lease_versions(&offered.iter().map(named).collect::<Vec<_>>())
}

fn with_lease_versions(all: &[Axes]) -> Vec<Axes> {
    let twice = all.iter().flat_map(|axes| {
        let newest = lease_versions(axes.dialect.unwrap_or_default());
        let again = (newest >= 2).then_some(Axes { lease_version: Some(2), ..*axes });
        [Some(*axes), again].into_iter().flatten()
    });
    twice.collect()
}

/// The axes of a further leg; what is not named is as in the first.
fn named(axes: Axes, first: oplock_live::Axes) -> oplock_live::Axes {
    let dialect = axes.dialect.unwrap_or(first.dialect);
    oplock_live::Axes {
        dialect,
        signing: axes.signing.unwrap_or(Signing::usual(dialect)),
        encryption: axes.encryption,
    }
}
