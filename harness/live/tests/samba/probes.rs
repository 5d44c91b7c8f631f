//! What is found out about a server before it is asked: what it offers, how fast it is.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_live::{
    Address, Axes, Came, Cipher, Dialect, LiveOptions, ManagedSamba, SambaOptions, Signing,
    TimerEnd, offered, probe,
};
use oplock_model::{Claimed, Target as _, TargetFault};

use crate::logins::{Changed, pause};
use crate::play::{Play, directory, options, same};
use crate::server::files_below;

fn start(name: &str, settings: &[(&str, &str)]) -> Result<ManagedSamba, Failed> {
    let mut options = options(directory(name));
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
    Ok(found.map(|all| all.iter().map(Axes::name).collect()))
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

/// A server that takes nothing in clear is asked encrypted, also where nobody says so.
pub fn encryption() -> Result<(), Failed> {
    let started = start("demands-encryption", &[])?;
    let samba = Changed::new(started, &[("server smb encrypt", "required")])?.samba;
    let wanted: Vec<String> = ["aes128_ccm", "aes128_gcm", "aes256_ccm", "aes256_gcm"]
        .map(|cipher| format!("smb3_1_1,{cipher}"))
        .into_iter()
        .chain(["smb3_0_2,aes128_ccm", "smb3_0,aes128_ccm"].map(str::to_owned))
        .collect();
    // As long as the server has not read what was changed, it takes everything.
    for _ in 0..50 {
        let all = taken(&samba, &LiveOptions::default())??;
        if all.len() > wanted.len() {
            pause();
            continue;
        }
        same("what it takes", &all, &wanted)?;
        let found = probe(&samba.address(), &samba.password(), &LiveOptions::default(), None)?;
        let axes = Axes {
            dialect: Dialect::Smb3_1_1,
            signing: Signing::AesCmac,
            encryption: Some(Cipher::Aes128Ccm),
        };
        return same("how it was asked", &found.axes, &axes);
    }
    Err("it takes everything".into())
}

/// A probe leaves nothing on the share, finds no fault with Samba, and a claim stays beside what was found.
pub fn probed() -> Result<(), Failed> {
    let samba = start("probed", &[])?;
    let no = Claimed { has: false, because: None };
    let claims = ["lease_v1", "persistent"].map(|name| (name.to_owned(), no.clone()));
    let options = LiveOptions { claims: BTreeMap::from(claims), ..samba.options() };
    let found = probe(&samba.address(), &samba.password(), &options, None)?;
    let odd: Vec<_> =
        found.attempts.iter().filter(|tried| matches!(tried.came, Came::Odd(_))).collect();
    same("odd answers", &odd, &Vec::new())?;
    let of = |name: &str| found.facts.capabilities.get(name).cloned().ok_or("no answer");
    same("a claim that is wrong", &of("lease_v1")?.contradicted().cloned(), &Some(no))?;
    same("a claim that is right", &of("persistent")?.contradicted(), &None)?;
    let unknown = found.facts.capabilities.iter().filter(|(_, is)| is.source.contains("unknown"));
    same("what is not known", &unknown.collect::<Vec<_>>(), &Vec::new())?;
    let share = files_below(&directory("probed")).join("share");
    same("what stays on the share", &fs::read_dir(&share)?.count(), &0)
}

/// A server that has hardly anything is probed to the end: each answer is a no with its reason, and nothing is assumed.
pub fn hardly_anything() -> Result<(), Failed> {
    let settings = [
        ("oplocks", "no"),
        ("level2 oplocks", "no"),
        ("smb2 leases", "no"),
        ("durable handles", "no"),
        ("locking", "no"),
        ("ea support", "no"),
        ("server multi channel support", "no"),
        ("server max protocol", "SMB3_00"),
    ];
    let samba = start("hardly-anything", &settings)?;
    let stop = AtomicBool::new(false);
    let found = probe(&samba.address(), &samba.password(), &samba.options(), Some(&stop))?;
    for name in ["lease_v1", "lease_v2", "durable_v1", "multichannel", "ea", "smb3_1_1"] {
        let answer = found.facts.capabilities.get(name).ok_or("no answer")?;
        let is = (answer.present, answer.source.contains("unknown"), answer.source.is_empty());
        same(&format!("{name}: {}", answer.source), &is, &(false, false, false))?;
    }
    let latencies = found.facts.latencies.ok_or("no latencies")?;
    let breaks = [latencies.break_, latencies.release, latencies.loss];
    let measured = (latencies.open.rounds > 0, breaks);
    same("what could be measured", &measured, &(true, [None; 3]))?;
    let ended: Vec<_> = found.timers.iter().map(|timer| &timer.ended).collect();
    let nothing = TimerEnd::Unknown("the second create broke nothing".to_owned());
    same("timers", &ended, &vec![&nothing])
}

/// Both timers are measured, side by side: 35 s of a clock that runs 20 times as fast.
pub fn timer() -> Result<(), Failed> {
    let options = SambaOptions { fast: Some(20), ..options(directory("probed-timer")) };
    let samba = ManagedSamba::start(options)?;
    let found = probe(
        &samba.address(),
        &samba.password(),
        &samba.options(),
        Some(&AtomicBool::new(false)),
    )?;
    let held: Vec<&str> = found.timers.iter().map(|timer| timer.held.as_str()).collect();
    same("what was held", &held, &vec!["batch", "RWH"])?;
    for timer in &found.timers {
        let after = match timer.ended {
            TimerEnd::After(after) => after,
            ref other => return Err(format!("saw {other:?}").into()),
        };
        let window = Duration::from_millis(1_600)..Duration::from_millis(3_000);
        same(&format!("{}: {after:?}", timer.held), &window.contains(&after), &true)?;
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
    let nothing = Address { share: "nothing".to_owned(), ..samba.address() };
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
    let loss = found.loss.ok_or("no loss")?;
    for (what, spread, least) in [
        ("open", found.open, 12),
        ("break", break_, 12),
        ("release", release, 12),
        ("loss", loss, 1),
    ] {
        let figures = [spread.p50, spread.p95, spread.p99, spread.max];
        same(&format!("{what} {spread:?}"), &figures.is_sorted(), &true)?;
        same(&format!("{what} {spread:?}"), &(spread.rounds >= least && spread.p50 > 0), &true)?;
    }
    Ok(())
}
