//! The private Samba of a run: which smbd, and beside it perhaps a second one whose clock runs fast.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use oplock_live::Stopper;
/// A private smbd, for whoever runs one beside a run.
pub use oplock_live::{ManagedSamba, SambaOptions};
use oplock_model::TargetFault;

use crate::screen::quoted;
use crate::target::Choice;
use crate::waits::{Waits, Window};

/// The variable that names the smbd of tests, as `--smbd` does for the command.
pub const SMBD: &str = "OPLOCK_CONFORMANCE_SMBD";

/// How many times as fast the clock of the second server runs: its 35 s become 1.94 s, which a busy machine moves either
/// way, as a notice that comes late shortens what is left.
const FAST: u32 = 18;

/// Which private smbd there is.
#[derive(Clone, Debug, Default, Args)]
pub struct SambaArgs {
    /// With --target samba: this smbd, or that of this root (a directory with a whole system, as ci/samba-root makes it)
    #[arg(long, value_name = "PATH")]
    pub smbd: Option<PathBuf>,
    /// With --target samba: cells that wait for a timer ask a second smbd, whose clock runs 18 times as fast
    #[arg(long)]
    pub fast_timers: bool,
}

impl SambaArgs {
    /// What tests take, which have no arguments of their own: [`SMBD`].
    #[must_use]
    pub fn of_tests() -> SambaArgs {
        let smbd = std::env::var_os(SMBD).filter(|named| !named.is_empty()).map(PathBuf::from);
        SambaArgs { smbd, fast_timers: false }
    }

    /// Whether a target has an smbd of ours at all.
    ///
    /// # Errors
    /// A sentence where it has none, and something was said of it.
    pub fn fit(&self, choice: &Choice) -> Result<(), String> {
        let said = match self {
            SambaArgs { smbd: Some(_), .. } => "--smbd",
            SambaArgs { fast_timers: true, .. } => "--fast-timers",
            _ => return Ok(()),
        };
        match choice {
            Choice::Samba => Ok(()),
            _ => Err(format!(
                "{said} is for the private smbd of `--target samba`: leave it out or name that target"
            )),
        }
    }

    /// Why no such server can be started on this machine, as far as that is known without trying.
    #[must_use]
    pub fn absent(&self) -> Option<String> {
        self.options(PathBuf::new(), self.fast_timers).absent()
    }

    /// The arguments as they are typed, each with a space in front.
    #[must_use]
    pub fn typed(&self) -> String {
        let mut typed = String::new();
        if let Some(smbd) = &self.smbd {
            typed.push_str(&format!(" --smbd {}", quoted(&smbd.display().to_string())));
        }
        if self.fast_timers {
            typed.push_str(" --fast-timers");
        }
        typed
    }

    fn options(&self, directory: PathBuf, fast: bool) -> SambaOptions {
        SambaOptions {
            smbd: self.smbd.clone(),
            fast: fast.then_some(FAST),
            ..SambaOptions::in_directory(directory)
        }
    }
}

/// The private servers of a run; dropped after everything that asks them.
#[derive(Debug)]
pub struct Servers {
    /// Who is asked.
    pub usual: ManagedSamba,
    /// Who is asked where a timer has to run out.
    pub fast: Option<ManagedSamba>,
}

impl Servers {
    /// Starts them; their files are in `private`, and in a directory beside it.
    ///
    /// # Errors
    /// A [`TargetFault`] where one cannot be started.
    pub fn start(args: &SambaArgs, private: &Path) -> Result<Servers, TargetFault> {
        // The server changes its directory.
        let private = std::path::absolute(private).unwrap_or_else(|_| private.to_owned());
        let mut beside = private.clone().into_os_string();
        beside.push("-fast");
        let beside = PathBuf::from(beside);
        // Of the last run, which may have been killed.
        ManagedSamba::sweep(&beside)?;
        let usual = ManagedSamba::start(args.options(private, false))?;
        let fast = args.fast_timers.then(|| args.options(beside, true));
        let fast = fast.map(ManagedSamba::start).transpose()?;
        Ok(Servers { usual, fast })
    }

    /// Copies their logs to files that stay, in this folder.
    ///
    /// # Errors
    /// A [`TargetFault`] where a copy cannot be written.
    pub fn keep_logs(&self, folder: &Path) -> Result<(), TargetFault> {
        self.usual.keep_log(&folder.join("smbd.log"))?;
        self.fast.iter().try_for_each(|fast| fast.keep_log(&folder.join("smbd-fast.log")))
    }

    /// The directories of a share, on each of them.
    #[must_use]
    pub fn directories_of(&self, share: &str) -> Vec<PathBuf> {
        let all = std::iter::once(&self.usual).chain(&self.fast);
        all.filter_map(|samba| samba.directory_of(share)).collect()
    }

    /// What stops them from elsewhere.
    #[must_use]
    pub fn stoppers(&self) -> Vec<Stopper> {
        std::iter::once(&self.usual).chain(&self.fast).map(ManagedSamba::stopper).collect()
    }
}

/// The waits at the private server: it keeps a durable handle for 60 s where nobody asked for another time.
#[must_use]
pub fn usual(waits: Waits) -> Waits {
    let latest = Duration::from_secs(75);
    Waits { durable_timeout: Window { latest, ..waits.durable_timeout }, ..waits }
}

/// The waits at a server whose clock runs [`FAST`]: its timers end sooner, everything else takes its usual time.
#[must_use]
pub fn fast(waits: Waits) -> Waits {
    let window = |earliest, latest| Window {
        earliest: Duration::from_millis(earliest),
        latest: Duration::from_millis(latest),
    };
    let timers =
        Waits { ack_timeout: window(1_700, 2_500), durable_timeout: window(800, 6_000), ..waits };
    // As far as the others were stretched already.
    let usual = Waits::live().ack_timeout.latest.as_secs_f64();
    let stretched = timers.stretched(waits.ack_timeout.latest.as_secs_f64() / usual);
    let Waits { ack_timeout, durable_timeout, .. } = stretched;
    Waits { ack_timeout, durable_timeout, ..waits }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("samba", Some("/srv/root"), true, "")]
    #[case("reference", None, false, "")]
    #[case(
        "reference",
        Some("/srv/root"),
        false,
        "--smbd is for the private smbd of `--target samba`: leave it out or name that target"
    )]
    #[case(
        "smb://ann@nas/data",
        None,
        true,
        "--fast-timers is for the private smbd of `--target samba`: leave it out or name that target"
    )]
    fn they_are_for_the_private_server(
        #[case] target: &str,
        #[case] smbd: Option<&str>,
        #[case] fast_timers: bool,
        #[case] message: &str,
    ) {
        let args = SambaArgs { smbd: smbd.map(PathBuf::from), fast_timers };
        let choice = Choice::parse(target).expect("a target");
        assert_eq!(args.fit(&choice).err().unwrap_or_default(), message);
    }

    #[test]
    fn they_are_typed_again() {
        let args = SambaArgs { smbd: Some("/srv/root".into()), fast_timers: true };
        assert_eq!(args.typed(), " --smbd /srv/root --fast-timers");
        assert_eq!(SambaArgs::default().typed(), "");
    }

    #[test]
    fn a_time_factor_stretches_the_fast_timers_too() {
        let plain = fast(Waits::live());
        assert_eq!(plain.ack_timeout.latest, Duration::from_millis(2_500));
        assert_eq!(plain.reply, Waits::live().reply);
        let twice = fast(Waits::live().stretched(2.0));
        assert_eq!(twice.ack_timeout.latest, Duration::from_secs(5));
        assert_eq!(twice.ack_timeout.earliest, plain.ack_timeout.earliest);
        assert_eq!(twice.reply, Waits::live().reply * 2);
    }
}
