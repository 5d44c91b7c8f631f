//! No password and no key of a session stands in anything that the command writes: a server that logs its keys says what to
//! look for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use libtest_mimic::Failed;
use oplock_runner::samba::{ManagedSamba, SambaArgs, SambaOptions};

use crate::profile::{Server, write};
use crate::{CASES, Tried, expect_exit, files};

/// How smbd's log names what it dumps (`debug encryption = yes`).
const KEY: &str = " Key";
/// As much of a secret as nothing shows by chance.
const ENOUGH: usize = 8;

pub(crate) fn no_secret_is_in_any_output(tried: &Tried) -> Result<(), Failed> {
    let settings = [("debug encryption", "yes"), ("log level", "1")];
    let samba = ManagedSamba::start(SambaOptions {
        smbd: SambaArgs::of_tests().smbd,
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        ..SambaOptions::in_directory(tried.folder.path().join("smbd"))
    })?;
    let server = Server::of(&samba);
    let cases = tried.cases(CASES)?;
    let hooks = "hooks: {before_run: [env], on_fail: [env], after_run: [env]}\n";
    let profile = write(tried, "secrets", &server.profile(hooks))?;
    let own = ["run", "--target", &profile, "--cases", &cases];
    let mut outputs: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let axes = ["smb3_1_1,signed", "smb2_1,signed", "smb3_1_1,aes128_gcm", "smb3_1_1,aes256_ccm"];
    for axes in axes {
        let more = ["--axes", axes, "--pcap=all", "--keep-on-failure", "--repeat", "2"];
        let output = server.run(tried, &[&own[..], &more].concat())?;
        expect_exit(&output, 1)?;
        outputs.insert(format!("console in {axes}"), [output.stdout, output.stderr].concat());
        let found = files(&tried.out())?;
        let name = |name: &str| found.iter().any(|path| path.ends_with(name));
        let all = ["results.jsonl", "junit.xml", "libtest.log", "oplock_tried_fails.pcapng"];
        if let Some(missing) = all.into_iter().find(|file| !name(file)) {
            return Err(format!("no {missing} among {found:?}").into());
        }
        if !found.iter().any(|path| path.to_string_lossy().contains("hooks/on_fail-")) {
            return Err(format!("no output of a hook among {found:?}").into());
        }
        for path in found {
            outputs.insert(format!("{} in {axes}", path.display()), fs::read(&path)?);
        }
    }
    let probe = ["probe", "--target", &profile];
    let output = server.run(tried, &probe)?;
    outputs.insert("probe".to_owned(), [output.stdout, output.stderr].concat());
    // A login that is refused, with the right password of somebody else.
    let stranger = fs::read_to_string(&profile)?.replace("{user: ", "{user: no-");
    let stranger = write(tried, "stranger", &stranger)?;
    let output = server.run(tried, &["run", "--target", &stranger])?;
    expect_exit(&output, 4)?;
    outputs.insert("refusal".to_owned(), [output.stdout, output.stderr].concat());

    let log = fs::read(samba.log_path())?;
    let keys = keys(&String::from_utf8_lossy(&log));
    let kinds: BTreeSet<&str> = keys.iter().map(|(kind, _)| kind.as_str()).collect();
    if !["Session Key", "Signing Key"].iter().all(|kind| kinds.contains(kind)) {
        return Err(format!("the server told only {kinds:?}").into());
    }
    println!("{} keys, {} outputs", keys.len(), outputs.len());
    let password = server.password.as_bytes();
    let wide: Vec<u8> = server.password.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut secrets: Vec<(String, Vec<u8>)> =
        vec![("password".to_owned(), password.to_vec()), ("password in UTF-16".to_owned(), wide)];
    secrets.extend(keys);
    let wanted = Wanted::new(&secrets);
    for (place, bytes) in &outputs {
        if let Some(kind) = wanted.found_in(bytes) {
            return Err(format!("the {kind} stands in {place}").into());
        }
    }
    // What is looked for is found where it is.
    match wanted.found_in(&log) {
        Some(_) => Ok(()),
        None => Err("no key is found in the log that tells them all".into()),
    }
}

/// What to look for: every form of every secret, by its first bytes.
struct Wanted<'a>(HashMap<[u8; BEGINS], Vec<(Vec<u8>, &'a str)>>);

/// Enough to tell most texts apart at one look.
const BEGINS: usize = 4;

impl Wanted<'_> {
    fn new(secrets: &[(String, Vec<u8>)]) -> Wanted<'_> {
        let mut by_begin: HashMap<_, Vec<_>> = HashMap::new();
        for (kind, secret) in secrets {
            for form in forms(secret) {
                if let Some(begin) = form.first_chunk::<BEGINS>() {
                    by_begin.entry(*begin).or_default().push((form, kind.as_str()));
                }
            }
        }
        Wanted(by_begin)
    }

    /// Which secret stands there, if one does.
    fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        (0..bytes.len()).find_map(|at| {
            let rest = bytes.get(at..)?;
            let forms = self.0.get(rest.first_chunk::<BEGINS>()?)?;
            let (_, kind) = forms.iter().find(|(form, _)| rest.starts_with(form))?;
            Some(*kind)
        })
    }
}

/// The keys of a log, by what they are called: `Session Key   [0000] 3F 0A ..`, with further lines of 16 bytes.
fn keys(log: &str) -> BTreeSet<(String, Vec<u8>)> {
    let mut found = BTreeSet::new();
    for line in log.lines() {
        let Some((name, dump)) = line.split_once("[0000] ") else { continue };
        let name = name.trim();
        if !name.contains(KEY) {
            continue;
        }
        let bytes = dump.split_whitespace().map_while(|word| {
            let byte = word.len() == 2;
            byte.then(|| u8::from_str_radix(word, 16).ok()).flatten()
        });
        let key: Vec<u8> = bytes.take(16).collect();
        // A session of nobody has a key of zeros.
        if key.len() == 16 && key.iter().any(|byte| *byte != 0) {
            found.insert((name.to_owned(), key));
        }
    }
    found
}

/// How a secret may look: as it is, in hexadecimal, in base64, as a list of numbers.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let cut = |form: String| form.get(..form.len().min(ENOUGH * 2)).unwrap_or(&form).to_owned();
    let each = |write: &dyn Fn(&u8) -> String, by: &str| {
        let part = secret.get(..ENOUGH.min(secret.len())).unwrap_or_default();
        part.iter().map(write).collect::<Vec<_>>().join(by)
    };
    let texts = [
        each(&|byte| format!("{byte:02x}"), ""),
        each(&|byte| format!("{byte:02X}"), ""),
        each(&|byte| format!("{byte:02x}"), " "),
        each(&|byte| format!("{byte:02X}"), " "),
        each(&|byte| format!("{byte:02x}"), ":"),
        each(&|byte| byte.to_string(), ","),
        each(&|byte| byte.to_string(), ", "),
        cut(base64(secret)),
    ];
    let raw = secret.get(..ENOUGH.min(secret.len())).unwrap_or_default().to_vec();
    std::iter::once(raw).chain(texts.into_iter().map(String::into_bytes)).collect()
}

/// RFC 4648, section 4; without the padding, which is no secret.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks_exact(3) {
        let all = three.iter().fold(0_usize, |all, byte| all << 8 | usize::from(*byte));
        for shift in [18, 12, 6, 0] {
            text.push(char::from(DIGITS[all >> shift & 63]));
        }
    }
    text
}
