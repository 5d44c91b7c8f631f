//! The `probe` command.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use oplock_engine::{Choices, Reference};
use oplock_live::{Address, LiveOptions};
use oplock_model::{Target as _, TargetFault};

use super::calibration::calibrated;
use super::report::Report;
use crate::axes::{Axes, AxesArg};
use crate::cli::{ProbeArgs, ProbeFormat};
use crate::exit::Exit;
use crate::samba::Servers;
use crate::signals::Listener;
use crate::stop::Stop;
use crate::target::Choice;
use crate::{embed, print};

/// Asks a target everything, and tells what it can do and how each answer was found.
///
/// # Errors
/// A [`Stop`] where the target is none, cannot be reached, or refuses the login.
pub fn probe(args: &ProbeArgs) -> Result<Exit, Stop> {
    let report = report(args)?;
    print::out(&match args.format {
        ProbeFormat::Text => report.text(),
        ProbeFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            let mut json = json.map_err(|error| Stop::harness(error.to_string()))?;
            json.push('\n');
            json
        }
    });
    let holds = report.contradicted.is_empty() && report.findings.is_empty();
    Ok(if holds { Exit::Ok } else { Exit::Conformance })
}

fn report(args: &ProbeArgs) -> Result<Report, Stop> {
    let choice = Choice::parse(&args.who.target).map_err(|error| Stop::usage(error.to_string()))?;
    args.who.samba.fit(&choice).map_err(Stop::usage)?;
    let (choice, password) =
        choice.with_passwords(args.who.password_file.as_deref()).map_err(Stop::usage)?;
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Asked { args, choice: &choice, stop: &stop };
    let _listener = {
        let stop = Arc::clone(&stop);
        // What it made is removed first; who asks again does not wait for that.
        let end = move || stop.store(true, Ordering::Relaxed);
        Listener::start(end, |_| std::process::exit(i32::from(Exit::Harness.code())))
            .map_err(|error| Stop::harness(format!("cannot listen to signals: {error}")))?
    };
    let report = match &choice {
        Choice::Reference => {
            let reference = Reference::new(Choices::default());
            Ok(Report::of_reference(reference.facts(), &embed::capabilities()))
        }
        Choice::Samba => Servers::start(&args.who.samba, &directory()).and_then(|servers| {
            let samba = servers.fast.as_ref().unwrap_or(&servers.usual);
            asked.server(&samba.address(), &samba.password(), samba.options())
        }),
        Choice::Server(address) => {
            asked.server(address, &password.unwrap_or_default(), LiveOptions::default())
        }
        Choice::Profile(found) => {
            let profile = &found.profile;
            asked.server(&profile.address(), &profile.password(), profile.options())
        }
    };
    if stop.load(Ordering::Relaxed) {
        return Err(Stop::harness("interrupted"));
    }
    report.map_err(|fault| Stop { exit: exit_of(&fault), message: fault.to_string() })
}

/// What is asked of whom.
struct Asked<'a> {
    args: &'a ProbeArgs,
    choice: &'a Choice,
    stop: &'a AtomicBool,
}

impl Asked<'_> {
    fn server(
        &self,
        address: &Address,
        password: &str,
        options: LiveOptions,
    ) -> Result<Report, TargetFault> {
        let ProbeArgs { who, timer, .. } = self.args;
        let axes = self.axes();
        let options = LiveOptions {
            dialect: axes.dialect,
            signing: axes.signing,
            encryption: axes.encryption,
            ..who.logins.beside(options)
        };
        let probed = oplock_live::probe(address, password, &options, timer.then_some(self.stop))?;
        let bounds = self.choice.bounds();
        let latencies = probed.facts.latencies.as_ref();
        let waits = calibrated(self.choice.waits(1.0), latencies, &bounds);
        let place = format!("{}/{}", address.place(), address.share);
        Ok(Report::of_server(&probed, place, &embed::capabilities(), &bounds, &waits))
    }

    /// Those that were typed, or where none were, those that the profile has a run begin with.
    fn axes(&self) -> Axes {
        let typed = AxesArg::One(self.args.axes);
        match self.choice.profile().map(|profile| profile.axes(&[typed])).as_deref() {
            Some([AxesArg::One(axes), ..]) => *axes,
            _ => self.args.axes,
        }
    }
}

fn exit_of(fault: &TargetFault) -> Exit {
    match fault {
        TargetFault::Internal(_) => Exit::Harness,
        _ => Exit::Target,
    }
}

/// Where a managed server keeps its files: it goes again when the probe is over.
fn directory() -> PathBuf {
    std::env::temp_dir().join(format!("oplock-conformance-probe-{}", std::process::id()))
}
