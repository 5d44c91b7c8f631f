//! What a killed run leaves on somebody's server: the next run says so, and removes it where it is told to.

use std::process::Stdio;

use libtest_mimic::Failed;

use super::profile::{Server, wanted, write};
use super::{Tried, expect_exit};

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
    const LISTED: &str = "left by killed runs, `--sweep` removes them: ";
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
