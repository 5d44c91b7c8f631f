//! What the `probe` command says of the reference, of a private smbd, and of nobody.

use libtest_mimic::Failed;
use oplock_runner::samba::SMBD;

use crate::profile::{Server, wanted, write};
use crate::{Tried, expect_exit, same_as_kept};

/// The reference has no transport: what it can do is built in.
pub(crate) fn of_the_reference(tried: &Tried) -> Result<(), Failed> {
    let output = tried.command_bare(&["probe"])?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let says = |name: &str| text.lines().any(|line| line.trim_start().starts_with(name));
    for name in ["lease_v2 ", "durable_v1 ", "second_node "] {
        if !says(name) {
            return Err(format!("no `{name}` in\n{text}").into());
        }
    }
    expect_exit(&tried.command_bare(&["probe", "--target", "no-such"])?, 2)?;
    expect_exit(&tried.command_bare(&["probe", "--smbd", "/nowhere"])?, 2)?;
    let every = tried.command_bare(&["probe", "--axes", "full"])?;
    expect_exit(&every, 2)?;
    wanted(&String::from_utf8_lossy(&every.stderr), "every way is tried anyway")?;
    // Nothing listens on a port that was given back just now.
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let target = format!("smb://me@127.0.0.1:{port}/share");
    let output = tried.command_bare(&["probe", "--target", &target])?;
    expect_exit(&output, 4)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if said.starts_with("cannot reach 127.0.0.1:") { Ok(()) } else { Err(said.into()) }
}

/// Every line for people, with the figures of this machine taken out; and the same for tools.
pub(crate) fn of_samba(tried: &Tried) -> Result<(), Failed> {
    let smbd = std::env::var(SMBD).unwrap_or_default();
    let named = if smbd.is_empty() { vec![] } else { vec!["--smbd", &smbd] };
    let output = tried.command_bare(&[&["probe", "--target", "samba"][..], &named].concat())?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split([' ', '.']).skip(1).take(2).collect::<Vec<_>>().join(".");
    if text.contains("this target was not asked") || text.contains("unknown") {
        return Err(format!("something is not known\n{text}").into());
    }
    // Other versions are not kept; what each of them says is found out all the same.
    if ["4.17", "4.22"].contains(&version.as_str()) {
        same_as_kept(&format!("probe-samba-{version}"), &without_figures(&text));
    }
    let tools = ["probe", "--target", "samba", "--axes", "smb3_0,aes128_ccm", "--format", "json"];
    let output = tried.command_bare(&[&tools[..], &named].concat())?;
    expect_exit(&output, 0)?;
    let json = String::from_utf8_lossy(&output.stdout);
    for wanted in [
        "\"format\": 1,",
        "\"axes\": \"smb3_0,aes128_ccm\"",
        "\"title\": \"waits of a run\"",
        "\"name\": \"lease_v2\"",
        "\"findings\": [],",
        "\"contradicted\": []",
    ] {
        if !json.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{json}").into());
        }
    }
    tried.no_server_is_left()
}

/// The claim of a profile stands beside the answer, and one that does not hold is exit 1.
pub(crate) fn of_a_profile(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let probe = |name: &str, more: &str| -> Result<_, Failed> {
        let profile = write(tried, name, &server.profile(more))?;
        server.run(tried, &["probe", "--target", &profile, "--axes", "smb3_0"])
    };
    let waits = "waits: {quiet: 250ms}\nclaims: {lease_v2: yes, persistent: no, lease_v1: probe}\n";
    let output = probe("right", waits)?;
    expect_exit(&output, 0)?;
    let text = String::from_utf8_lossy(&output.stdout);
    wanted(&text, "tried 1.2.3 at 127.0.0.1:")?;
    wanted(&text, "asked in smb3_0,signed")?;
    wanted(&text, "granted RWH, epoch 1 (the profile claims yes)\n")?;
    wanted(&text, "  quiet  250 ms  the profile fixes it\n")?;
    let output = probe("wrong", "claims: {lease_v2: {is: no, because: Switched off.}}\n")?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    wanted(&text, "\n! lease_v2")?;
    wanted(&text, "(the profile claims no: Switched off.)\n")?;
    wanted(&text, "\n1 claim of the profile contradicted: lease_v2\n")?;
    if text.contains(&server.password) {
        return Err("it says the password".into());
    }
    Ok(())
}

/// The same text for every machine: no port, no patch level, no figure of a measurement, nothing that only root has.
fn without_figures(text: &str) -> String {
    let mut kept = String::new();
    let mut measured = false;
    for (number, line) in text.lines().enumerate() {
        if !line.starts_with(' ') {
            measured = ["latency", "waits of a run"].contains(&line);
        }
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let line = match first {
            "samba" if number == 0 => "samba, asked in smb3_1_1,signed".to_owned(),
            "second_account" | "second_node" | "file_system_attributes" => format!("  {first} .."),
            "open" | "break" | "release" | "loss" | "quiet" if measured => format!("  {first} .."),
            _ if line.contains(" rounds, the slowest batch") => "  .. rounds".to_owned(),
            _ => without_attributes(line),
        };
        kept.push_str(line.trim_end());
        kept.push('\n');
    }
    kept
}

/// Other file systems have other attributes.
fn without_attributes(line: &str) -> String {
    let Some((before, after)) = line.split_once(" in the attributes 0x") else {
        return line.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    format!("{before} in the attributes ..{rest}")
}
