//! Runs against a server that a profile describes: what is wrong with it, its claims, its nodes, and its hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use libtest_mimic::Failed;
use oplock_runner::samba::{ManagedSamba, SambaArgs, Servers};

use crate::{CASES, Tried, ended_within, expect_exit, files, results, same_as_kept, signal};

/// The variable that holds the password of the trials' profiles.
const VARIABLE: &str = "TRIED_PASSWORD";

/// A case whose two clients may be on two nodes.
const TWO_CLIENTS: &str = r#"
suite: oplock/tried
about: What the tests of profiles try.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2}

cases:
  breaks:
    says: A second open breaks a batch oplock to level II.
    spec: [fsa.check_break.open.batch_to_two]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        given: {granted: batch}
      - B opens: {file: f, as: b, access: rw, share: rwd, want: batch}
        then:
          - A sees: {break: a, from: batch, to: ii, ack: needed}
          - B waits: b
      - A acks: {break: a, to: ii}
        then:
          - A gets: {answer: ack, status: success, level: ii}
          - B gets: {answer: b, status: success, granted: ii}
"#;

/// Everything that is wrong is told before anybody is asked, with its place, and no password with it.
pub(crate) fn a_broken_profile_is_told_with_its_places(tried: &Tried) -> Result<(), Failed> {
    let broken = "product: tried\nnodes: [nas.example:x]\nshares: {plain: data}\naccounts:\n  \
                  - {user: ann, password: s3cret}\nwaits: {quiet: 100}\n";
    let profile = write(tried, "broken", broken)?;
    let output = tried.run(&["run", "--target", &profile])?;
    expect_exit(&output, 2)?;
    let said = String::from_utf8_lossy(&output.stderr).replace(&profile, "PROFILE");
    same_as_kept("profile-broken", &said);
    // What needs no login needs no password.
    let unset = write(tried, "unset", &profile_of("nas.example", "data", "ann", ""))?;
    let output = tried.run(&["run", "--target", &unset])?;
    expect_exit(&output, 2)?;
    let said = String::from_utf8_lossy(&output.stderr).replace(&unset, "PROFILE");
    same_as_kept("profile-unset", &said);
    expect_exit(&tried.run(&["list", "--target", &unset])?, 0)?;
    let missing = tried.run(&["run", "--target", "no-such-profile.yaml"])?;
    expect_exit(&missing, 2)?;
    let one_node = tried.run(&["run", "--spread", "nodes"])?;
    expect_exit(&one_node, 2)?;
    let said = String::from_utf8_lossy(&one_node.stderr);
    if !said.contains("--spread nodes needs a target with two nodes or more") {
        return Err(said.into_owned().into());
    }
    Ok(())
}

/// A run by profile: cells pass and fail as by address, and hooks are told and heard.
pub(crate) fn a_profile_is_run_with_its_hooks(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let cases = tried.cases(CASES)?;
    let script = "echo $OPLOCK_CONFORMANCE_HOOK $OPLOCK_CONFORMANCE_CELL $OPLOCK_CONFORMANCE_VERDICT \
                  in $OPLOCK_CONFORMANCE_SESSIONS at $OPLOCK_CONFORMANCE_ADDRESSES exit \
                  $OPLOCK_CONFORMANCE_EXIT; env | grep -c TRIED_PASSWORD";
    let more = format!(
        "deviations: none.yaml\nhooks:\n  before_run: [sh, -c, \"{script}\"]\n  \
         on_fail: [sh, -c, \"{script}\"]\n  after_run: [sh, -c, \"{script}; exit 7\"]\n"
    );
    let profile = write(tried, "hooks", &server.profile(&more))?;
    fs::write(Path::new(&profile).with_file_name("none.yaml"), "# Nothing is known.\n")?;
    let output = server.run(tried, &["run", "--target", &profile, "--cases", &cases])?;
    expect_exit(&output, 1)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    wanted(&said, "tried 1.2.3 smb3_1_1,signed: 3 cells")?;
    wanted(&said, "hook after_run: `sh -c ")?;
    wanted(&said, "` ended with exit 7\n")?;
    wanted(&said, &format!("run --target {profile} --cases"))?;
    let lines = results(&tried.out())?.join("\n");
    wanted(&lines, r#""hooks":[{"moment":"on_fail","command":["sh","-c","#)?;
    wanted(&lines, "on_fail oplock/tried/fails fail in 0x")?;
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    wanted(&junit, "on_fail oplock/tried/fails fail in 0x")?;
    let kept = |name: &str| fs::read_to_string(tried.out().join("hooks").join(name));
    wanted(&kept("before_run-1.txt")?, "\nbefore_run in at exit\n0\n")?;
    wanted(&kept("on_fail-0001-oplock_tried_fails-1.txt")?, " at 127.0.0.1:")?;
    wanted(&kept("after_run-1.txt")?, "\nafter_run in at exit 1\n0\n")?;
    server.no_password_in(&tried.out())
}

/// A claim that the server contradicts fails the run; one that only a profile can make does not.
pub(crate) fn a_claim_may_be_contradicted(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let sound = CASES.split("  fails:").next().unwrap_or_default();
    let needs = "    needs: [break_timer]\n    spec:";
    let cases = tried.cases(&sound.replace("    spec:", needs))?;
    let run = |name: &str, claims: &str| -> Result<_, Failed> {
        let profile = write(tried, name, &server.profile(&format!("claims: {claims}\n")))?;
        server.run(tried, &["run", "--target", &profile, "--cases", &cases])
    };
    let output = run("yes", "{lease_v1: yes, smb2_1: yes, lease_v2: probe}")?;
    expect_exit(&output, 0)?;
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    wanted(&junit, "<testcase name=\"profile/claims\"")?;
    wanted(&results(&tried.out())?.remove(0), r#""claimed":{"has":true}"#)?;
    let output = run("no", "{break_timer: {is: no, because: It has none.}}")?;
    expect_exit(&output, 0)?;
    let said = String::from_utf8_lossy(&output.stdout);
    wanted(&said, "needs break_timer, which the target has not (profile: It has none.)")?;
    let output = run("wrong", "{lease_v1: no, duplicate_extents: yes, smb2_1: yes}")?;
    expect_exit(&output, 1)?;
    let said = String::from_utf8_lossy(&output.stdout);
    wanted(
        &said,
        "claim contradicted: duplicate_extents: the profile claims yes, the target shows no (",
    )?;
    wanted(&said, "claim contradicted: lease_v1: the profile claims no, the target shows yes (")?;
    let junit = fs::read_to_string(tried.out().join("junit.xml"))?;
    wanted(&junit, "<failure type=\"claim\" message=\"duplicate_extents: the profile claims yes")?;
    let footer = results(&tried.out())?.pop().unwrap_or_default();
    wanted(&footer, "\"exit\":1")
}

/// `--spread nodes` puts the second client of a cell on the second node.
pub(crate) fn clients_are_spread_over_nodes(tried: &Tried) -> Result<(), Failed> {
    let (_servers, server) = Server::start(tried)?;
    let [first, second, ..] = &server.nodes[..] else { return Err("one node only".into()) };
    let cases = tried.cases(TWO_CLIENTS)?;
    let profile = write(tried, "nodes", &server.profile(""))?;
    let run = ["run", "--target", &profile, "--cases", &cases, "--deviations"];
    let list = tried.folder.path().join("list.yaml");
    fs::write(&list, "")?;
    let list = list.to_string_lossy();
    for (more, nodes) in [(&[][..], vec![first]), (&["--spread", "nodes"], vec![first, second])] {
        let output = server.run(tried, &[&run[..], &[&list], more].concat())?;
        expect_exit(&output, 0)?;
        let lines = results(&tried.out())?;
        let spread = nodes.len() > 1;
        let told = lines.first().is_some_and(|line| line.contains("\"spread_over_nodes\":2"));
        let said = String::from_utf8_lossy(&output.stdout);
        if told != spread || said.contains("spread over 2 nodes") != spread {
            return Err(format!("spread {spread}\n{said}").into());
        }
        for node in &server.nodes {
            let asked = lines.iter().any(|line| line.contains(&format!("\"server\":\"{node}\"")));
            if asked != nodes.contains(&node) {
                return Err(format!("{node} among {nodes:?}\n{}", lines.join("\n")).into());
            }
        }
    }
    Ok(())
}

/// Who interrupts a run leaves no folder of it on a server that goes on.
pub(crate) fn an_interrupted_run_leaves_nothing_on_the_share(tried: &Tried) -> Result<(), Failed> {
    let (servers, server) = Server::start(tried)?;
    let share = servers.usual.log_path().with_file_name("share");
    let entries = || fs::read_dir(&share).map(Iterator::count);
    let hooks = "hooks: {after_run: [sleep, \"60\"], within: 2min}\n";
    let profile = write(tried, "interrupted", &server.profile(hooks))?;
    let mut command = tried.command(&["run", "--target", &profile]);
    let command = command.env(VARIABLE, &server.password);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    tried.wait_for_cells()?;
    if entries()? != 1 {
        return Err(format!("{} entries in the share during the run", entries()?).into());
    }
    signal("INT", child.id())?;
    let code = ended_within(&mut child, Duration::from_secs(15))?;
    if code != Some(5) && code != Some(1) {
        return Err(format!("exit {code:?}").into());
    }
    let said = fs::read_to_string(tried.out().join("hooks/after_run-1.txt"))?;
    wanted(&said, "hook after_run: `sleep 60` was ended after 3 s")?;
    match entries()? {
        0 => Ok(()),
        left => Err(format!("{left} entries are left in the share").into()),
    }
}

/// A server that runs already, as far as a profile has to know it.
pub(crate) struct Server {
    nodes: Vec<String>,
    share: String,
    user: String,
    pub(crate) password: String,
}

impl Server {
    /// A private one of this trial, which goes with what comes first.
    pub(crate) fn start(tried: &Tried) -> Result<(Servers, Server), Failed> {
        let servers = Servers::start(&SambaArgs::of_tests(), &tried.folder.path().join("smbd"))?;
        let server = Server::of(&servers.usual);
        Ok((servers, server))
    }

    /// What a profile has to know of a private one.
    pub(crate) fn of(samba: &ManagedSamba) -> Server {
        let address = samba.address();
        let further = samba.nodes();
        let further = further.iter().map(|node| format!("{}:{}", node.host, node.port));
        Server {
            nodes: [address.place()].into_iter().chain(further).collect(),
            share: address.share,
            user: address.user,
            password: samba.password(),
        }
    }

    /// Its first address.
    pub(crate) fn first_node(&self) -> &str {
        self.nodes.first().map_or("", String::as_str)
    }

    /// The same one, reached by another address.
    pub(crate) fn at(self, address: &str) -> Server {
        Server { nodes: vec![address.to_owned()], ..self }
    }

    pub(crate) fn profile(&self, more: &str) -> String {
        profile_of(&self.nodes.join(", "), &self.share, &self.user, more)
    }

    pub(crate) fn run(
        &self,
        tried: &Tried,
        arguments: &[&str],
    ) -> Result<std::process::Output, Failed> {
        Ok(tried.command(arguments).env(VARIABLE, &self.password).output()?)
    }

    fn no_password_in(&self, folder: &Path) -> Result<(), Failed> {
        for file in files(folder)? {
            if String::from_utf8_lossy(&fs::read(&file)?).contains(&self.password) {
                return Err(format!("the password stands in {}", file.display()).into());
            }
        }
        Ok(())
    }
}

fn profile_of(nodes: &str, share: &str, user: &str, more: &str) -> String {
    format!(
        "product: tried\nversion: \"1.2.3\"\nnodes: [{nodes}]\nshares: {{plain: {share}}}\naccounts:\n  \
         - {{user: {user}, password_env: {VARIABLE}}}\n{more}"
    )
}

/// Writes a profile into a folder of its own; the path of its file.
pub(crate) fn write(tried: &Tried, name: &str, text: &str) -> Result<String, Failed> {
    let folder: PathBuf = tried.folder.path().join("profiles").join(name);
    fs::create_dir_all(&folder)?;
    let file = folder.join("target.yaml");
    fs::write(&file, text)?;
    Ok(file.to_string_lossy().into_owned())
}

pub(crate) fn wanted(text: &str, part: &str) -> Result<(), Failed> {
    if text.contains(part) { Ok(()) } else { Err(format!("no `{part}` in\n{text}").into()) }
}
