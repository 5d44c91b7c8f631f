//! Which target a run takes, and how it is opened.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_live::{Address, AddressError, LeftOver, LiveOptions, LiveTarget, ManagedSamba, Signing};
use oplock_model::{Dialect, Target, TargetFault};
use oplock_suite::plan::Cell;
use thiserror::Error;

use crate::axes::{Axes, AxesArg, lease_versions};
use crate::cli::LoginArgs;
use crate::embed;
use crate::leg::{Leg, Timer};
use crate::probe::calibration::calibrated;
use crate::profile::{self, Found, TargetProfile};
use crate::samba::{self, SambaArgs, Servers};
use crate::waits::{Calibrated, Waits};

/// The variable that holds the password of a live target.
pub const PASSWORD: &str = "OPLOCK_CONFORMANCE_PASSWORD";

/// How many cells run side by side on a live target: they wait more than they work.
const LIVE_JOBS: usize = 32;

/// What `--target` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The engine in this process.
    Reference,
    /// A private `smbd` that lives as long as the run.
    Samba,
    /// A server that runs already.
    Server(Address),
    /// A server that runs already, as its profile has it.
    Profile(Box<Found>),
}

/// Why `--target` names nothing.
#[derive(Debug, Error)]
pub enum ChoiceError {
    /// Not one of the known words, and no address.
    #[error(
        "no target `{0}`: write `reference`, `samba`, smb://USER@HOST[:PORT]/SHARE, or the path of a profile"
    )]
    Unknown(String),
    /// A profile that cannot be read, or everything that is wrong with it.
    #[error("{0}")]
    Profile(String),
    /// An address that is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// A target that answers, and what it stands on.
pub struct Opened {
    /// The ways in which it is asked, the usual one first.
    pub legs: Vec<Leg>,
    /// The private servers behind it; dropped after the target.
    pub samba: Option<Servers>,
    /// What other runs have on its shares.
    pub left_overs: Vec<LeftOver>,
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
            time_factor: 1.0,
        }
    }
}

impl Choice {
    /// Reads what was typed.
    ///
    /// # Errors
    /// A [`ChoiceError`] that says what to write instead.
    pub fn parse(text: &str) -> Result<Choice, ChoiceError> {
        match text {
            "reference" => Ok(Choice::Reference),
            "samba" => Ok(Choice::Samba),
            text if text.contains("://") => Ok(Choice::Server(Address::parse(text)?)),
            text => match profile::find(text) {
                Some(Ok(found)) => Ok(Choice::Profile(Box::new(found))),
                Some(Err(wrong)) => Err(ChoiceError::Profile(wrong)),
                None => Err(ChoiceError::Unknown(text.to_owned())),
            },
        }
    }

    /// The target with its passwords, and that of its first account: what the file names whose path was typed, or else a
    /// profile's own, or else the variable.
    ///
    /// # Errors
    /// A text that names each password which is not there.
    pub fn with_passwords(self, file: Option<&Path>) -> Result<(Choice, Option<String>), String> {
        let Choice::Profile(mut found) = self else { return Ok((self, password(file)?)) };
        let given = match file {
            Some(_) => password(file)?,
            None => None,
        };
        found.profile = found.with_passwords(given)?;
        let password = Some(found.profile.password());
        Ok((Choice::Profile(found), password))
    }

    /// What its profile says, where it has one.
    #[must_use]
    pub fn profile(&self) -> Option<&TargetProfile> {
        match self {
            Choice::Profile(found) => Some(&found.profile),
            _ => None,
        }
    }

    /// Whether this is a server: it has no store layer.
    #[must_use]
    pub fn is_live(&self) -> bool {
        *self != Choice::Reference
    }

    /// Whether a cell is part of this target's plan.
    #[must_use]
    pub fn plans(&self, cell: &Cell) -> bool {
        plans(self.is_live(), cell)
    }

    /// Why it cannot be opened on this machine, where that is known without trying.
    #[must_use]
    pub fn absent(&self) -> Option<String> {
        match self {
            Choice::Samba => SambaArgs::of_tests().absent(),
            _ => None,
        }
    }

    /// The name of its folder of reports.
    #[must_use]
    pub fn folder(&self) -> String {
        match self {
            Choice::Reference => "reference".to_owned(),
            Choice::Samba => "samba".to_owned(),
            Choice::Server(address) => {
                let name = format!("{}-{}-{}", address.host, address.port, address.share);
                name.replace(|c: char| !c.is_ascii_alphanumeric() && !"-._".contains(c), "_")
            }
            Choice::Profile(found) => found.profile.product.clone(),
        }
    }

    /// How many cells run side by side where nobody says.
    #[must_use]
    pub fn jobs(&self) -> usize {
        match self {
            Choice::Reference => std::thread::available_parallelism().map_or(1, Into::into),
            Choice::Samba | Choice::Server(_) => LIVE_JOBS,
            Choice::Profile(found) => found.profile.jobs.map_or(LIVE_JOBS, usize::from),
        }
    }

    /// The bounds of its waits.
    #[must_use]
    pub fn waits(&self, time_factor: f64) -> Waits {
        let waits = match self {
            Choice::Reference => Waits::reference(),
            Choice::Samba => samba::usual(Waits::live()),
            Choice::Server(_) => Waits::live(),
            Choice::Profile(found) => found.profile.waits.waits,
        };
        waits.stretched(time_factor)
    }

    /// Name and text of the list of what it is known to do wrong; empty where there is none.
    ///
    /// # Errors
    /// A text where the list that its profile names cannot be read.
    pub fn deviations(&self) -> Result<(String, String), String> {
        match self {
            Choice::Profile(found) => found.deviations(),
            _ => {
                let (name, text) = embed::deviations(&self.folder()).unwrap_or_default();
                Ok((name.to_owned(), text.to_owned()))
            }
        }
    }

    /// Between which bounds those of its waits are chosen that follow from what was measured.
    #[must_use]
    pub fn bounds(&self) -> Calibrated {
        self.profile().map_or_else(Calibrated::default, |profile| profile.waits.calibrated)
    }

    /// Whether it can be asked in these axes at all.
    ///
    /// # Errors
    /// A sentence where it cannot.
    pub fn takes(&self, axes: &[AxesArg]) -> Result<(), String> {
        let transport = |axes: &AxesArg| matches!(axes, AxesArg::One(axes) if axes.signing.is_some() || axes.encryption.is_some());
        if !self.is_live() && axes.iter().any(transport) {
            return Err("the reference has no transport that is signed or encrypted: name a dialect or a lease version, or a live --target".to_owned());
        }
        Ok(())
    }

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
            run_id: opening.run_id.clone(),
            guest: options.guest || opening.logins.allow_guest,
            anonymous: options.anonymous || opening.logins.allow_anonymous,
            ..options.clone()
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
            let leg = match axes.lease_version {
                Some(version) => leg.with_lease_version(version),
                None => leg,
            };
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
            match axes.lease_version {
                Some(version) => leg.with_lease_version(version),
                None => leg,
            }
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

/// Whether a cell is part of the plan of a live target, or of the reference.
#[must_use]
pub fn plans(live: bool, cell: &Cell) -> bool {
    !live || cell.layer == oplock_model::Layer::Smb2
}

/// The password: the first line of the file, or else the variable.
///
/// # Errors
/// A sentence where the file cannot be read.
pub fn password(file: Option<&Path>) -> Result<Option<String>, String> {
    let Some(file) = file else { return Ok(std::env::var(PASSWORD).ok()) };
    let text = fs::read_to_string(file)
        .map_err(|error| format!("cannot read --password-file {}: {error}", file.display()))?;
    Ok(Some(text.lines().next().unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("reference", "reference", false)]
    #[case("samba", "samba", true)]
    #[case("smb://me@files.example:1445/data", "files.example-1445-data", true)]
    #[case("smb://me@[::1]/data", "__1-445-data", true)]
    fn a_target_has_a_folder(#[case] text: &str, #[case] folder: &str, #[case] live: bool) {
        let choice = Choice::parse(text).expect("a target");
        assert_eq!((choice.folder().as_str(), choice.is_live()), (folder, live));
    }

    #[rstest]
    #[case("Samba")]
    #[case("http://me@host/share")]
    #[case("smb://me:secret@host/share")]
    #[case("no-such-profile.yaml")]
    fn anything_else_is_refused_with_the_remedy(#[case] text: &str) {
        let message = Choice::parse(text).expect_err("no target").to_string();
        assert!(message.contains(": "), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn a_password_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        fs::write(&file, "s3cret \nnot this\n").expect("a file");
        assert_eq!(password(Some(&file)), Ok(Some("s3cret ".to_owned())));
        assert!(password(Some(&folder.path().join("none"))).is_err());
    }
}
