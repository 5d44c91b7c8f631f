//! Trials against a real smbd; where none is installed each is `ignored`, with the reason.

mod breaks;
mod connections;
mod installations;
mod lies;
mod logins;
mod operations;
mod places;
mod play;
mod probes;
mod safety;
mod server;

use libtest_mimic::{Arguments, Failed, Trial};
use oplock_live::{Axes, Dialect, SambaOptions, Signing, ciphers};

use play::{Play, Samba};

type Test = fn(&Play) -> Result<(), Failed>;

/// What each trial asks of a running server, in both dialects unless its name says one.
const ON_BOTH: &[(&str, Test)] = &[
    ("batch-breaks-to-ii-and-the-opener-waits", breaks::batch),
    ("exclusive-breaks-to-ii", breaks::exclusive),
    ("lease-v1-is-granted-and-broken", breaks::lease_v1),
    ("illegal-levels-and-states-reach-the-server", breaks::illegal),
    ("level-ii-breaks-to-none-without-ack", breaks::level_ii),
    ("64-outstanding-creates", connections::outstanding_creates),
    ("64-outstanding-reads", connections::outstanding_reads),
    ("large-reads-and-writes-pay-their-credits", connections::large),
    ("related-compound", connections::compound),
    ("two-connections-of-one-client", connections::second_connection),
    ("clients-are-reused-without-cross-talk", connections::reuse),
    ("a-cell-that-ends-while-a-create-waits", connections::unfinished),
    ("a-folder-with-everything-goes", connections::folders),
    ("information-is-set-and-asked", operations::information),
    ("byte-ranges-are-locked", operations::locks),
    ("controls-are-taken", operations::controls),
    ("a-waiting-create-is-cancelled", operations::cancelled),
    ("a-durable-handle-comes-back", operations::durable),
    ("trees-and-sessions-end", operations::endings),
    ("latencies-are-measured", probes::latencies),
];

const ON_3_1_1: &[(&str, Test)] = &[
    ("lease-v2-is-granted-and-broken", breaks::lease_v2),
    ("a-second-channel-of-a-session", operations::channel),
    ("a-break-goes-to-a-second-node", places::second_node),
    ("a-second-share-without-leases", places::second_share),
];

/// What is played where smbd can become another user.
const AS_ROOT: &[(&str, Test)] = &[("each-account-uses-the-other's-files", places::second_account)];

/// What is played on every dialect, signed in every way it knows, unsigned, and encrypted with each of its ciphers.
const ON_ALL_AXES: &[(&str, Test)] = &[
    ("breaks-and-compounds-on-these-axes", operations::on_these_axes),
    ("credits-on-these-axes", connections::outstanding_creates),
    ("channels-on-these-axes", operations::channel),
];

/// Every combination of axes that a dialect has.
fn every_way(dialect: Dialect) -> Vec<Axes> {
    let signed =
        Signing::of(dialect).iter().map(|&signing| Axes { dialect, signing, encryption: None });
    let signing = Signing::usual(dialect);
    let encrypted =
        ciphers(dialect).iter().map(|&cipher| Axes { dialect, signing, encryption: Some(cipher) });
    signed.chain(encrypted).collect()
}

type Alone = fn() -> Result<(), Failed>;

/// Trials that start a server of their own.
const ALONE: &[(&str, Alone)] = &[
    ("facts-of-both-dialects", server::facts),
    ("nothing-is-left-over-after-drop", server::dropped),
    ("a-killed-smbd-is-gone", server::killed),
    ("nothing-is-left-over-after-a-killed-harness", server::harness_killed),
    ("as-a-plain-user", server::plain_user),
    ("in-an-odd-directory", server::odd_directory),
    ("a-failed-start-says-why", server::failed_start),
    ("a-directory-is-used-once-and-swept", server::used_directory),
    ("a-wrong-password-is-refused", server::wrong_password),
    ("a-wrong-share-is-refused", server::wrong_share),
    ("each-setting-that-keeps-us-out-is-told", logins::by_settings),
    ("each-account-that-keeps-us-out-is-told", logins::by_account),
    ("an-encrypted-login-is-let-in", logins::encryption_is_enough),
    ("a-guest-must-be-asked-for", logins::guests),
    ("a-server-of-smb1-only-is-told", logins::smb1_only),
    ("each-lie-is-a-finding-of-its-cell", lies::each_is_a_finding_of_its_cell),
    ("silence-is-a-finding-too", lies::silence_is_a_finding_too),
    ("a-directory-without-an-smbd-is-no-root", installations::no_root),
    ("everything-that-it-offers-is-found", probes::everything),
    ("what-it-demands-is-all-it-offers", probes::demands),
    ("a-server-with-few-processes-serves-all-cells", safety::few_processes),
    ("no-more-connections-than-the-cap", safety::capped),
    ("a-cell-that-no-cap-lets-in-says-so", safety::too_small),
    ("a-dead-run-is-swept-and-nothing-else", safety::swept),
    ("an-offer-that-nothing-can-mend", probes::refused),
    ("what-demands-encryption-is-asked-so", probes::encryption),
    ("a-probe-leaves-nothing", probes::probed),
    ("a-server-of-hardly-anything-is-probed", probes::hardly_anything),
];

fn main() {
    if let Some(directory) = std::env::var_os(server::HOLD) {
        return server::hold(directory.into());
    }
    if let Ok(address) = std::env::var(safety::LEAVE) {
        return safety::leave(&address);
    }
    let arguments = Arguments::from_args();
    let missing = play::options("").absent().is_some().then_some("no smbd in PATH or /usr/sbin");
    let superuser = rustix::process::geteuid().is_root();
    let no_root = missing.or((!superuser).then_some("only for root"));
    let clock = SambaOptions { fast: Some(2), ..play::options("") };
    let no_clock = missing.or(clock.absent().is_some().then_some("no libfaketime"));
    let samba = Samba::default();
    let mut trials = Vec::new();
    let usual = |dialect| Axes { dialect, signing: Signing::usual(dialect), encryption: None };
    let on_server = [Dialect::Smb2_1, Dialect::Smb3_1_1].into_iter().flat_map(|dialect| {
        let newest = if dialect == Dialect::Smb3_1_1 { ON_3_1_1 } else { &[] };
        ON_BOTH.iter().chain(newest).map(move |(name, test)| (usual(dialect), *name, *test))
    });
    let everywhere = Dialect::ALL
        .into_iter()
        .flat_map(every_way)
        .flat_map(|axes| ON_ALL_AXES.iter().map(move |(name, test)| (axes, *name, *test)));
    let newest = usual(Dialect::Smb3_1_1);
    let as_root = AS_ROOT.iter().map(|(name, test)| (newest, *name, *test, no_root));
    let every = on_server.chain(everywhere).map(|(axes, name, test)| (axes, name, test, missing));
    for (axes, name, test, missing) in every.chain(as_root) {
        let samba = samba.clone();
        let run = move || samba.play(axes).and_then(|play| test(&play));
        trials.push(on_smbd(format!("{}/{name}", axes.name()), missing, run));
    }
    for (name, test) in ALONE {
        trials.push(on_smbd(format!("server/{name}"), missing, *test));
    }
    trials.push(on_smbd("server/in-the-root-of-a-system".to_owned(), no_root, installations::root));
    let fast = "server/a-fast-clock-ends-the-break-timer-soon".to_owned();
    trials.push(on_smbd(fast, no_clock, installations::fast_clock));
    let timer = "server/break-timers-are-measured".to_owned();
    trials.push(on_smbd(timer, no_clock, probes::timer));
    trials.push(Trial::test("server/a-closed-port-is-unreachable", server::closed_port));
    let conclusion = libtest_mimic::run(&arguments, trials);
    samba.stop();
    conclusion.exit();
}

/// A trial that is ignored where something is missing: its kind, printed in front of its name, says what.
fn on_smbd(
    name: String,
    missing: Option<&str>,
    run: impl FnOnce() -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let trial = Trial::test(name, run).with_ignored_flag(missing.is_some());
    trial.with_kind(missing.unwrap_or_default())
}
