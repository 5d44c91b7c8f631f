//! What a killed run leaves on somebody's server: the next run says so, and removes it where it is told to.

use std::process::Stdio;

use libtest_mimic::Failed;

use super::profile::{Server, wanted, write};
use super::{CASES, Tried, expect_exit, files, results};

/// `--keep-on-failure` leaves the folder of a cell that failed, and nothing else, until somebody sweeps.
pub(crate) fn kept_files_stay_until_they_are_swept(tried: &Tried) -> Result<(), Failed> {
    let (servers, server) = Server::start(tried)?;
    let share = servers.usual.log_path().with_file_name("share");
    let cases = tried.cases(CASES)?;
    let profile = write(tried, "kept", &server.profile(""))?;
    let own = ["run", "--target", &profile, "--cases", &cases];
    let output =
        server.run(tried, &[&own[..], &["--keep-on-failure", "--repeat", "2"]].concat())?;
    expect_exit(&output, 1)?;
    let found = files(&share)?;
    let [file, mark] = &found[..] else { return Err(format!("{found:?}").into()) };
    let is_kept = file.ends_with("f") && file.to_string_lossy().contains("-oplock_tried_fails/");
    if !is_kept || file.metadata()?.len() != 4096 || !mark.ends_with("alive") {
        return Err(format!("{found:?}").into());
    }
    let below = file.parent().and_then(|folder| folder.strip_prefix(&share).ok());
    let place = format!("conformance/{}", below.ok_or("no folder")?.display());
    wanted(&String::from_utf8_lossy(&output.stdout), &format!("      kept  {place}\n"))?;
    wanted(&results(&tried.out())?.join("\n"), &format!("\"kept\":\"{place}\""))?;
    let passes = [&own[..], &["tried/passes"]].concat();
    let said = |output: std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    wanted(&said(server.run(tried, &passes)?), "left by runs that were killed or kept files")?;
    let swept = server.run(tried, &[&passes[..], &["--sweep"]].concat())?;
    wanted(&said(swept), "swept: conformance/oplock-conformance-")?;
    match files(&share)? {
        left if left.is_empty() => Ok(()),
        left => Err(format!("{left:?} are left").into()),
    }
}

/// Those of the private server, which vanishes, go beside the reports; the reference has none.
pub(crate) fn files_of_the_private_server_are_kept_beside_the_reports(
    tried: &Tried,
) -> Result<(), Failed> {
    let cases = tried.cases(CASES)?;
    let run = ["run", "--target", "samba", "--cases", &cases, "--keep-on-failure"];
    for _ in 0..2 {
        let output = tried.run(&run)?;
        expect_exit(&output, 1)?;
        // What an older run kept went with its reports.
        let found = files(&tried.out().join("kept"))?;
        let [file] = &found[..] else { return Err(format!("{found:?}").into()) };
        if !file.to_string_lossy().ends_with("-oplock_tried_fails/f") {
            return Err(format!("{found:?}").into());
        }
        let folder = file.parent().ok_or("no folder")?.display();
        wanted(&String::from_utf8_lossy(&output.stdout), &format!("      kept  {folder}\n"))?;
    }
    tried.no_server_is_left()?;
    let output = tried.run(&["run", "--cases", &cases, "--keep-on-failure"])?;
    expect_exit(&output, 2)?;
    wanted(&String::from_utf8_lossy(&output.stderr), "the reference has none")
}

pub(crate) fn a_killed_run_is_swept(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let profile = write(tried, "left", &server.profile(""))?;
    let mut killed = tried
        .command(&["run", "--target", &profile, "oplock/"])
        .env("TRIED_PASSWORD", &server.password)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    tried.wait_for_cells()?;
    killed.kill()?;
    killed.wait()?;
    let next = |sweep: &[&str]| -> Result<String, Failed> {
        let one = ["run", "--target", &profile, "--exact", "oplock/batch/second-open-breaks-to-ii"];
        let output = server.run(tried, &[&one, sweep].concat())?;
        expect_exit(&output, 0)?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    };
    const LISTED: &str = "left by runs that were killed or kept files, `--sweep` removes them: ";
    let folder = "conformance/oplock-conformance-";
    wanted(&next(&[])?, &format!("{LISTED}{folder}"))?;
    // It was listed, not removed; and the run that listed it left nothing of its own.
    let swept = next(&["--sweep"])?;
    wanted(&swept, &format!("swept: {folder}"))?;
    if swept.matches(folder).count() != 1 {
        return Err(format!("more than one folder in {swept}").into());
    }
    let last = next(&["--sweep"])?;
    if last.contains(folder) { Err(format!("something is left: {last}").into()) } else { Ok(()) }
}
