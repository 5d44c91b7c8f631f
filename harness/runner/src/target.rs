//! Which target a run takes, and how it is opened.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use oplock_engine::{Choices, Reference};
use oplock_live::{Address, AddressError, LiveOptions, LiveTarget, ManagedSamba, SambaOptions};
use oplock_model::{Target, TargetFault};
use oplock_suite::plan::Cell;
use thiserror::Error;

use crate::axes::Axes;
use crate::waits::Waits;

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
}

/// Why `--target` names nothing.
#[derive(Debug, Error)]
pub enum ChoiceError {
    /// Not one of the known words, and no address.
    #[error("no target `{0}`: write `reference`, `samba`, or smb://USER@HOST[:PORT]/SHARE")]
    Unknown(String),
    /// An address that is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}

/// A target that answers, and what it stands on.
pub struct Opened {
    /// Who is asked.
    pub target: Arc<dyn Target>,
    /// The `smbd` behind it; dropped after the target.
    pub samba: Option<ManagedSamba>,
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
            text => Err(ChoiceError::Unknown(text.to_owned())),
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
        let missing = *self == Choice::Samba && ManagedSamba::find("smbd").is_none();
        missing.then(|| "no smbd in PATH; `ci/test` installs one".to_owned())
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
        }
    }

    /// How many cells run side by side where nobody says.
    #[must_use]
    pub fn jobs(&self) -> usize {
        match self {
            Choice::Reference => std::thread::available_parallelism().map_or(1, Into::into),
            Choice::Samba | Choice::Server(_) => LIVE_JOBS,
        }
    }

    /// The bounds of its waits.
    #[must_use]
    pub fn waits(&self, time_factor: f64) -> Waits {
        let waits = if self.is_live() { Waits::live() } else { Waits::reference() };
        waits.stretched(time_factor)
    }

    /// Starts or reaches the target and logs in; a managed server keeps its files in `private`.
    ///
    /// # Errors
    /// A [`TargetFault`] where it cannot be started or reached, or refuses the login.
    pub fn open(
        &self,
        axes: Axes,
        password: Option<String>,
        private: &Path,
    ) -> Result<Opened, TargetFault> {
        match self {
            Choice::Reference => {
                Ok(Opened { target: Arc::new(Reference::new(Choices::default())), samba: None })
            }
            Choice::Samba => {
                // The server changes its directory.
                let private = std::path::absolute(private).unwrap_or_else(|_| private.to_owned());
                let samba = ManagedSamba::start(SambaOptions::in_directory(private))?;
                let product = Some(("samba".to_owned(), samba.version()));
                let options = LiveOptions { product, ..options(axes) };
                let target = LiveTarget::connect(samba.address(), samba.password(), options)?;
                Ok(Opened { target: Arc::new(target), samba: Some(samba) })
            }
            Choice::Server(address) => {
                let password = password.unwrap_or_default();
                let target = LiveTarget::connect(address.clone(), password, options(axes))?;
                Ok(Opened { target: Arc::new(target), samba: None })
            }
        }
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

fn options(axes: Axes) -> LiveOptions {
    let Axes { dialect, signing, encryption } = axes;
    LiveOptions { dialect, signing, encryption, ..LiveOptions::default() }
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
    #[case("profile.yaml")]
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
