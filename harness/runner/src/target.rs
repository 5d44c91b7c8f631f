//! Which target a run takes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use oplock_live::{Address, AddressError};
use oplock_suite::plan::Cell;
use thiserror::Error;

use crate::axes::AxesArg;
use crate::embed;
use crate::profile::{self, Found, TargetProfile};
use crate::samba::{self, SambaArgs};
use crate::waits::{Calibrated, Waits};

/// The variable that holds the password of a live target.
pub const PASSWORD: &str = "OPLOCK_CONFORMANCE_PASSWORD";

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

    /// How many cells run side by side where nobody says, in a run with these waits.
    #[must_use]
    pub fn jobs(&self, waits: &Waits) -> usize {
        match self {
            Choice::Reference => std::thread::available_parallelism().map_or(1, Into::into),
            Choice::Samba | Choice::Server(_) => live_jobs(waits.quiet),
            Choice::Profile(found) => {
                found.profile.jobs.map_or_else(|| live_jobs(waits.quiet), usize::from)
            }
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
}

/// How long a step keeps a server and us busy: some requests and their share of a login.
const STEP: Duration = Duration::from_micros(1500);
/// Cells on a server that answers at once.
const FEWEST_JOBS: usize = 12;
/// Cells on a server that is slow: more would make it slower.
const MOST_JOBS: usize = 48;

/// How many cells side by side fill the silences of each other with work: after each step a cell waits for as long as
/// `quiet`, and for [`STEP`] it is busy. A server that answers fast has short silences, and needs few clients.
fn live_jobs(quiet: Duration) -> usize {
    let silence = usize::try_from(quiet.as_micros() / STEP.as_micros()).unwrap_or(usize::MAX);
    silence.clamp(FEWEST_JOBS, MOST_JOBS)
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
    #[case::at_once(20, 13)]
    #[case::some_time(45, 30)]
    #[case::slow(100, 48)]
    #[case::very_fast(1, 12)]
    fn a_slow_server_has_more_cells_at_a_time(#[case] quiet: u64, #[case] jobs: usize) {
        assert_eq!(live_jobs(Duration::from_millis(quiet)), jobs);
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
