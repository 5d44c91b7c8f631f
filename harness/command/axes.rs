//! Runs in several axes, and the captures that a run keeps.

use std::process::Command;

use libtest_mimic::Failed;

use crate::{CASES, Tried, expect_exit, files, results};

/// The reference varies what it has: five dialects, and leases of version 2 where a case leaves the version open.
pub(crate) fn every_axes_of_the_reference(tried: &Tried) -> Result<(), Failed> {
    let lease = CASES.replace(
        "  fails:\n",
        "  lease:\n    says: A lease is granted.\n    needs: [lease_v1]\n    spec: [fsa.grant.none.shared]\n    \
         steps:\n      - A opens: {file: f, as: a, lease: {key: k, state: R}}\n        \
         then: [{A gets: {answer: a, status: success, granted: R}}]\n  fails:\n",
    );
    let cases = tried.cases(&lease)?;
    let run = |more: &[&str]| {
        tried.run(&[&["run", "--seed", "1", "--cases", &cases, "--skip", "may"], more].concat())
    };
    let output = run(&["--axes", "full"])?;
    expect_exit(&output, 1)?;
    let text = String::from_utf8_lossy(&output.stdout);
    for wanted in [
        " in 8 axes: 18 cells",
        "FAIL  oplock/tried/fails  @smb3_1_1 ",
        "--axes smb3_1_1 --exact oplock/tried/fails",
        "    oplock/tried/fails @smb2_0_2",
        "skipped (1): needs lease_v1, which the target has not (smb2_0_2 has none)",
        "  smb3_1_1           2 pass, 1 fail",
        "  smb3_1_1,lease_v2  1 pass",
        "  smb2_0_2           1 pass, 1 fail, 1 skipped",
    ] {
        if !text.contains(wanted) {
            return Err(format!("no `{wanted}` in\n{text}").into());
        }
    }
    let header = results(&tried.out())?.remove(0);
    let named = ["smb3_1_1", "smb3_1_1,lease_v2", "smb3_0_2"];
    if !named.iter().all(|axes| header.contains(&format!("{{\"axes\":\"{axes}\","))) {
        return Err(format!("the header names no axes: {header}").into());
    }
    // What a report names can be asked again.
    let again = run(&["--axes", "smb3_0,lease_v2", "--axes", "smb2_1", "tried/lease"])?;
    expect_exit(&again, 0)?;
    let text = String::from_utf8_lossy(&again.stdout);
    if !text.contains("  smb3_0,lease_v2  1 pass\n  smb2_1           1 pass") {
        return Err(format!("not the axes that were asked\n{text}").into());
    }
    let output = run(&["--axes", "aes256_gcm"])?;
    expect_exit(&output, 2)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !said.contains("the reference has no transport that is signed or encrypted") {
        return Err(said.into_owned().into());
    }
    Ok(())
}

/// `--pcap` keeps the cells that are not as they should be, `--pcap=all` every one, and Wireshark reads them as SMB2.
pub(crate) fn captures_are_read_by_wireshark(tried: &Tried) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = |pcap, axes| {
        tried.run(&["run", "--target", "samba", "--cases", &cases, pcap, "--axes", axes])
    };
    let output = run("--pcap", "representative")?;
    expect_exit(&output, 1)?;
    let folder = tried.out().join("pcap");
    let names: Vec<_> = files(&folder)?
        .into_iter()
        .filter_map(|file| file.file_name().map(ToOwned::to_owned))
        .collect();
    if names != ["oplock_tried_fails.pcapng"] {
        return Err(format!("captures of {names:?}").into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    if !text.contains("\n      pcap  ") || !text.contains("oplock_tried_fails.pcapng\n") {
        return Err(format!("the screen names no capture\n{text}").into());
    }
    expect_exit(&run("--pcap=all", "smb3_1_1,aes128_gcm")?, 1)?;
    let captures = files(&folder)?;
    if captures.len() != 3 {
        return Err(format!("{captures:?}").into());
    }
    for capture in captures {
        let output = Command::new("tshark")
            .args([
                "-T",
                "fields",
                "-e",
                "_ws.col.Protocol",
                "-e",
                "smb2.cmd",
                "-e",
                "smb2.flags.response",
                "-r",
            ])
            .arg(&capture)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        // CREATE and CLOSE in clear, in both directions; no login among them.
        for wanted in ["SMB2\t5\t0", "SMB2\t5\t1", "SMB2\t6\t0", "SMB2\t6\t1"] {
            let same = |line: &str| line.replace("False", "0").replace("True", "1") == wanted;
            if !text.lines().any(same) {
                return Err(format!("no `{wanted}` in {}:\n{text}", capture.display()).into());
            }
        }
        let foreign = |line: &str| !line.starts_with("SMB2\t") || line.starts_with("SMB2\t1\t");
        if let Some(line) = text.lines().find(|line| foreign(line)) {
            return Err(format!("`{line}` in {}", capture.display()).into());
        }
    }
    Ok(())
}
