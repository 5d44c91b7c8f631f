//! Logins that a real smbd refuses: each has a message of its own, which says what to do.

use std::process::Command;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_live::{
    Address, Cipher, Dialect, LiveOptions, LiveTarget, ManagedSamba, SambaOptions, Signing,
};
use oplock_model::{Target as _, TargetFault};

use crate::play::{directory, same};

/// How the server is set up: lines of smb.conf.
type Settings = &'static [(&'static str, &'static str)];

const ENCRYPT: &str = "it demands encryption: name a cipher, as in `--axes aes128_gcm`";

/// One row for each server: its settings, what the run asks for, what is refused and why.
pub fn by_settings() -> Result<(), Failed> {
    let usual = LiveOptions::default;
    let dialect = |dialect| LiveOptions { dialect: Some(dialect), ..usual() };
    let unsigned = || LiveOptions { signing: Some(Signing::Off), ..usual() };
    let login = "the login of USER";
    let denied = |what: &str| format!("access_denied: the account may not {what}, or {ENCRYPT}");
    let rows: Vec<(Settings, LiveOptions, &str, String)> = vec![
        (&[("server smb encrypt", "required")], usual(), login, denied("log in")),
        (
            &[("server signing", "mandatory")],
            unsigned(),
            "the negotiation",
            "it demands signing: leave `unsigned` out of `--axes`".to_owned(),
        ),
        (
            &[("server max protocol", "SMB2_10")],
            dialect(Dialect::Smb3_1_1),
            "the negotiation",
            "not_supported: it does not speak 3.1.1".to_owned(),
        ),
        (
            &[("server min protocol", "SMB3_11")],
            dialect(Dialect::Smb2_1),
            "the negotiation",
            "not_supported: it does not speak 2.1".to_owned(),
        ),
        (
            &[("server smb3 encryption algorithms", "AES-128-GCM")],
            LiveOptions { encryption: Some(Cipher::Aes256Gcm), ..usual() },
            "the negotiation",
            "it does not encrypt with the cipher that was asked for".to_owned(),
        ),
        (
            &[("server smb3 signing algorithms", "AES-128-CMAC")],
            LiveOptions { signing: Some(Signing::AesGmac), ..usual() },
            "the negotiation",
            "it does not sign with the algorithm that was asked for".to_owned(),
        ),
        (&[("valid users", "nobody-at-all")], usual(), "the share SHARE", denied("use the share")),
    ];
    for (settings, options, what, reason) in rows {
        // The start logs in itself: a setting that keeps everybody out is made after it.
        let samba = start("login-settings", &[])?;
        let samba = Changed::new(samba, settings)?;
        let address = samba.samba.address();
        let what = what.replace("USER", &address.user).replace("SHARE", &address.share);
        samba.refuses(options, &what, &reason)?;
    }
    Ok(())
}

/// Who demands encryption lets in who encrypts.
pub fn encryption_is_enough() -> Result<(), Failed> {
    let samba =
        Changed::new(start("login-encrypted", &[])?, &[("server smb encrypt", "required")])?;
    let options = LiveOptions { encryption: Some(Cipher::Aes128Gcm), ..LiveOptions::default() };
    let target = samba.connect(options)?;
    same("axes", &target.facts().axes.as_str(), &"smb3_1_1,aes128_gcm")
}

/// What an administrator may have done to the account.
pub fn by_account() -> Result<(), Failed> {
    let samba = Changed::new(start("login-accounts", &[])?, &[])?;
    let user = samba.samba.address().user;
    let login = format!("the login of {user}");
    let account = |change: &[&str]| samba.pdbedit(&[&["-r", "-u", user.as_str()], change].concat());
    account(&["-c", "[D]"])?;
    let disabled = "account_disabled: the account is disabled: enable it on the server";
    samba.refuses(LiveOptions::default(), &login, disabled)?;
    account(&["-c", "[]", "-K", "1"])?;
    let expired = "account_expired: the account has expired: extend it on the server";
    samba.refuses(LiveOptions::default(), &login, expired)?;
    account(&["-K", "never"])?;
    // One wrong password is enough.
    samba.pdbedit(&["-P", "bad lockout attempt", "-C", "1"])?;
    let wrong = LiveTarget::connect(samba.samba.address(), "x".to_owned(), LiveOptions::default());
    same("a wrong password", &wrong.is_err(), &true)?;
    let locked = "account_locked_out: the account is locked out after wrong passwords: unlock it on the server, or wait";
    samba.refuses(LiveOptions::default(), &login, locked)?;
    samba.pdbedit(&["-P", "bad lockout attempt", "-C", "0"])?;
    account(&["-z"])?;
    account(&["-c", "[]"])?;
    samba.pdbedit(&["-P", "maximum password age", "-C", "1"])?;
    let old = "password_expired: the password has expired: set a new one on the server";
    samba.refuses(LiveOptions::default(), &login, old)
}

/// A guest is let in only where somebody said so, and in clear.
pub fn guests() -> Result<(), Failed> {
    let settings = &[("map to guest", "Bad User"), ("guest ok", "yes"), ("force user", "USER")];
    let samba = Changed::new(start("login-guest", &[])?, settings)?;
    let address = Address { user: "nobody-at-all".to_owned(), ..samba.samba.address() };
    let connect = |options| LiveTarget::connect(address.clone(), "x".to_owned(), options);
    let refused = |options, expected: &str| match connect(options) {
        Err(TargetFault::Refused { reason, .. }) => same("reason", &reason.as_str(), &expected),
        other => Err(format!("saw {other:?}").into()),
    };
    let usual = LiveOptions::default;
    refused(
        usual(),
        "it let us in as a guest only: check user and password, or say --allow-guest",
    )?;
    let guest = LiveOptions { guest: true, ..usual() };
    refused(
        guest.clone(),
        "a guest has no key to sign or encrypt with: say `--axes unsigned` as well",
    )?;
    let target = connect(LiveOptions { signing: Some(Signing::Off), ..guest })?;
    same("axes", &target.facts().axes.as_str(), &"smb3_1_1,unsigned")
}

/// A server that has no SMB2 at all.
pub fn smb1_only() -> Result<(), Failed> {
    let settings = &[("server min protocol", "NT1"), ("server max protocol", "NT1")];
    let samba = Changed::new(start("login-smb1", &[])?, settings)?;
    // It hangs up, or says so, whichever process has read the change first.
    let said = samba.connect(LiveOptions::default()).map(|_| ()).map_err(|fault| fault.to_string());
    let all = "2.0.2, 2.1, 3.0, 3.0.2 and 3.1.1";
    let hung_up = format!(
        "cannot reach PLACE: the connection was lost during the login, at the negotiation of {all}: closed by the server"
    );
    let told = format!("PLACE refused the negotiation: not_supported: it does not speak {all}");
    let said = said.map_err(|said| said.replace(&samba.samba.address().place(), "PLACE"));
    if said.as_ref() == Err(&told) { Ok(()) } else { same("fault", &said, &Err(hung_up)) }
}

fn start(name: &str, settings: &[(&str, &str)]) -> Result<ManagedSamba, Failed> {
    let mut options = SambaOptions::in_directory(directory(name));
    let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    options.settings = settings.iter().map(pair).collect();
    Ok(ManagedSamba::start(options)?)
}

/// A server whose configuration was changed after its start; every connection is a process that reads it anew.
pub struct Changed {
    pub samba: ManagedSamba,
    file: std::path::PathBuf,
}

impl Changed {
    pub fn new(samba: ManagedSamba, settings: &[(&str, &str)]) -> Result<Changed, Failed> {
        let file = samba.log_path().with_file_name("smb.conf");
        let text = std::fs::read_to_string(&file)?;
        let lines: String = settings
            .iter()
            .map(|(name, value)| {
                let value = value.replace("USER", &samba.address().user);
                format!("{name} = {value}\n")
            })
            .collect();
        // The last of several lines for one setting counts, so they go behind the others of `[global]`.
        let text = text.replacen("\n[", &format!("\n{lines}\n["), 1);
        std::fs::write(&file, text)?;
        let id = samba.process_id().ok_or("no process id")?;
        let told = Command::new("kill").arg("-HUP").arg(id.to_string()).status()?;
        same("kill", &told.success(), &true)?;
        Ok(Changed { samba, file })
    }

    fn connect(&self, options: LiveOptions) -> Result<LiveTarget, TargetFault> {
        LiveTarget::connect(self.samba.address(), self.samba.password(), options)
    }

    fn pdbedit(&self, arguments: &[&str]) -> Result<(), Failed> {
        let configuration = format!("--configfile={}", self.file.display());
        let done = Command::new("pdbedit").arg(configuration).args(arguments).output()?;
        let told = String::from_utf8_lossy(&done.stderr);
        if done.status.success() { Ok(()) } else { Err(format!("pdbedit: {told}").into()) }
    }

    /// As long as the server has not read what was changed, it lets us in.
    fn refuses(&self, options: LiveOptions, what: &str, reason: &str) -> Result<(), Failed> {
        for _ in 0..50 {
            match self.connect(options.clone()) {
                Err(TargetFault::Refused { what: seen, reason: because, .. }) => {
                    return same("refusal", &(seen.as_str(), because.as_str()), &(what, reason));
                }
                Ok(_) => pause(),
                Err(other) => return Err(format!("saw {other:?}").into()),
            }
        }
        Err(format!("it lets us in: {reason}").into())
    }
}

/// Between two looks at the server.
pub fn pause() {
    let (_kept, nothing) = std::sync::mpsc::channel::<()>();
    let _ = nothing.recv_timeout(Duration::from_millis(100));
}
