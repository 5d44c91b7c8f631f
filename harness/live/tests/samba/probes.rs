//! What is found out about a server before it is asked: what it offers, how fast it is.

use libtest_mimic::Failed;
use oplock_live::{Dialect, LiveOptions, ManagedSamba, SambaOptions, Signing, offered};
use oplock_model::{Target as _, TargetFault};

use crate::play::{Play, directory, same};

fn start(name: &str, settings: &[(&str, &str)]) -> Result<ManagedSamba, Failed> {
    let mut options = SambaOptions::in_directory(directory(name));
    options.settings =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(ManagedSamba::start(options)?)
}

/// The names of what is taken, or the refusal.
fn taken(
    samba: &ManagedSamba,
    options: &LiveOptions,
) -> Result<Result<Vec<String>, TargetFault>, Failed> {
    let found = offered(&samba.address(), &samba.password(), options);
    Ok(found.map(|all| all.iter().map(oplock_live::Axes::name).collect()))
}

/// Everything that Samba has, the representative first, in an order that does not change.
pub fn everything() -> Result<(), Failed> {
    let samba = start("offered", &[])?;
    let all = taken(&samba, &LiveOptions::default())??;
    let newest = all.iter().take_while(|name| name.starts_with("smb3_1_1")).cloned().collect();
    let expected: Vec<String> = [
        "signed",
        "aes_gmac",
        "hmac_sha256",
        "unsigned",
        "aes128_ccm",
        "aes128_gcm",
        "aes256_ccm",
        "aes256_gcm",
    ]
    .map(|how| format!("smb3_1_1,{how}"))
    .to_vec();
    same("the newest dialect", &newest, &expected)?;
    let older: Vec<String> = all.iter().skip(expected.len()).cloned().collect();
    let expected = [
        "smb3_0_2,signed",
        "smb3_0_2,unsigned",
        "smb3_0_2,aes128_ccm",
        "smb3_0,signed",
        "smb3_0,unsigned",
        "smb3_0,aes128_ccm",
        "smb2_1,signed",
        "smb2_1,unsigned",
        "smb2_0_2,signed",
        "smb2_0_2,unsigned",
    ]
    .map(str::to_owned)
    .to_vec();
    same("the older dialects", &older, &expected)?;
    let dialect = LiveOptions { dialect: Some(Dialect::Smb2_1), ..LiveOptions::default() };
    let signed = LiveOptions { signing: Some(Signing::AesGmac), ..LiveOptions::default() };
    same("one dialect", &taken(&samba, &dialect)??, &expected[6..8].to_vec())?;
    same("one signing", &taken(&samba, &signed)??, &vec!["smb3_1_1,aes_gmac".to_owned()])
}

/// A server that demands signing, encryption or a dialect takes nothing else, and that is no fault.
pub fn demands() -> Result<(), Failed> {
    for (name, settings, refused, kept) in [
        ("signing", ("server signing", "mandatory"), "unsigned", "smb2_0_2,signed"),
        ("dialect", ("server max protocol", "SMB3_02"), "smb3_1_1", "smb3_0_2,signed"),
        ("old", ("server min protocol", "SMB3_11"), "smb2_1", "smb3_1_1,signed"),
    ] {
        let samba = start(&format!("demands-{name}"), &[settings])?;
        let all = taken(&samba, &LiveOptions::default())??;
        let seen = (
            all.iter().any(|axes| axes.split(',').any(|word| word == refused)),
            all.iter().any(|axes| axes == kept),
        );
        same(&format!("{name}: {all:?}"), &seen, &(false, true))?;
    }
    Ok(())
}

/// What no combination can mend is told at once, and a wrong password is tried only once.
pub fn refused() -> Result<(), Failed> {
    let samba = start("offered-refused", &[])?;
    match offered(&samba.address(), "wrong", &LiveOptions::default()) {
        Err(TargetFault::Refused { reason, .. }) => {
            same("a wrong password", &reason.contains("logon_failure"), &true)?;
        }
        other => return Err(format!("saw {other:?}").into()),
    }
    let nothing = oplock_live::Address { share: "nothing".to_owned(), ..samba.address() };
    match offered(&nothing, &samba.password(), &LiveOptions::default()) {
        Err(TargetFault::Refused { reason, .. }) => {
            same("a wrong share", &reason.contains("bad_network_name"), &true)
        }
        other => Err(format!("saw {other:?}").into()),
    }
}

/// Every leg knows how fast its server is.
pub fn latencies(play: &Play) -> Result<(), Failed> {
    let found = play.0.facts().latencies.ok_or("no latencies")?;
    let (break_, release) = (found.break_.ok_or("no breaks")?, found.release.ok_or("no releases")?);
    for (what, spread) in [("open", found.open), ("break", break_), ("release", release)] {
        let figures = [spread.p50, spread.p95, spread.p99, spread.max];
        same(&format!("{what} {spread:?}"), &figures.is_sorted(), &true)?;
        same(&format!("{what} {spread:?}"), &(spread.rounds >= 12 && spread.p50 > 0), &true)?;
    }
    Ok(())
}
