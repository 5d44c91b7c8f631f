//! The pipelines in `ci/`: what they run is run here, as they run it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Failed;
use serde_json::Value;

use crate::profile::wanted;
use crate::{Tried, expect_exit, results};

/// One of as many cases as fill eight shards.
const CASE: &str = "
  case-NUMBER:
    says: A batch oplock is granted on a file that nobody else has open.
    spec: [fsa.grant.none.legacy_exclusive]
    steps:
      - A opens: {file: f, as: a, access: rw, share: rwd, want: batch}
        then: [{A gets: {answer: a, status: success, granted: batch}}]
";

/// The 8 pods of the Job, here as processes, and the gate after them find what one run finds.
pub(crate) fn the_pods_of_kubernetes_are_one_run(tried: &Tried) -> Result<(), Failed> {
    let shards = documents("ci/kubernetes/shards.yaml")?;
    let job = of_kind(&shards, "Job")?;
    let spec = &job["spec"];
    same(&job["apiVersion"], "batch/v1")?;
    same(&spec["completionMode"], "Indexed")?;
    let settings = &of_kind(&shards, "ConfigMap")?["data"];
    let count: u32 = text(&settings["shards"])?.parse()?;
    for field in ["completions", "parallelism"] {
        if spec[field] != count {
            return Err(format!("{field} is not {count}: {}", spec[field]).into());
        }
    }
    let pod = Pod::of(job)?;
    for (name, key) in [("TARGET", "target"), ("ARGUMENTS", "arguments"), ("SHARDS", "shards")] {
        let from = &pod.variable(name)?["valueFrom"]["configMapKeyRef"];
        same(&from["key"], key)?;
        text(&settings[key])?;
    }
    let password = &pod.variable("OPLOCK_CONFORMANCE_PASSWORD")?["valueFrom"]["secretKeyRef"];
    same(&password["key"], "password")?;
    let run = &pod.variable("RUN")?["valueFrom"]["fieldRef"]["fieldPath"];
    same(run, "metadata.labels['batch.kubernetes.io/controller-uid']")?;
    // What is not worth another try is known by its code, and the container that ends with it by its name.
    let codes = &spec["podFailurePolicy"]["rules"][1]["onExitCodes"];
    if codes["containerName"] != pod.container["name"] {
        return Err(format!("no container {}", codes["containerName"]).into());
    }

    let tools = Tools::new(tried)?;
    let cases = corpus(tried)?;
    let results_folder = tried.folder.path().join("volume");
    let played = |index: u32, run: &str| -> Result<_, Failed> {
        let mut command = tools.shell(&pod.script);
        command.env("RESULTS", &results_folder).env("JOB_COMPLETION_INDEX", index.to_string());
        command.env("RUN", run).env("SHARDS", count.to_string());
        command.env("TARGET", "reference").env("ARGUMENTS", format!("--cases {cases} --strict"));
        Ok(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?)
    };
    let at_once: Vec<_> =
        (0..count).map(|index| played(index, "a-job")).collect::<Result<_, _>>()?;
    for pod in at_once {
        expect_exit(&pod.wait_with_output()?, 0)?;
    }

    let gate = documents("ci/kubernetes/gate.yaml")?;
    let gate = Pod::of(of_kind(&gate, "Job")?)?;
    let judged = |code: i32| -> Result<String, Failed> {
        let output = tools.shell(&gate.script).env("RESULTS", &results_folder).output()?;
        expect_exit(&output, code)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    wanted(&judged(0)?, "### oplock-conformance: green\n")?;
    let whole = tried.run(&["run", "--cases", &cases, "--strict", "--seed", &seed_of("a-job")?])?;
    expect_exit(&whole, 0)?;
    let (one, merged) = (cells(&tried.out())?, cells(&results_folder.join("gate"))?);
    if one.is_empty() || one != merged {
        return Err(format!("{} cells of one run, {} merged", one.len(), merged.len()).into());
    }

    // A pod of another Job wrote to the same volume: its shard is of another run.
    expect_exit(&played(0, "another-job")?.wait_with_output()?, 0)?;
    wanted(&judged(2)?, "The last good run stays what it was.\n")?;
    fs::remove_dir_all(results_folder.join("shards/0"))?;
    wanted(&judged(2)?, "(exit 2)\n").map(drop)
}

/// The shards and the gate of GitLab, as its runner calls them.
pub(crate) fn the_jobs_of_gitlab_are_one_run(tried: &Tried) -> Result<(), Failed> {
    let template = documents("ci/gitlab/oplock-conformance.gitlab-ci.yml")?;
    let template = template.first().ok_or("no document")?;
    let (shard, gate) = (&template["oplock-shard"], &template["oplock-gate"]);
    let count = shard["parallel"].as_u64().ok_or("not parallel")?;
    same(&gate["needs"][0], "oplock-shard")?;
    same(&gate["artifacts"]["reports"]["junit"], "oplock/gate/junit.xml")?;
    same(&gate["cache"]["paths"][0], "oplock-baseline/")?;
    let tools = Tools::new(tried)?;
    let options = format!("--cases {} --jobs 2", corpus(tried)?);
    let job = |job: &Value, script: &str| -> Result<Command, Failed> {
        let mut command = tools.shell(text(&job[script][0])?);
        for (name, value) in template["variables"].as_object().ok_or("no variables")? {
            command.env(name, text(value)?);
        }
        command.env("CI_PIPELINE_ID", "1207").env("CI_NODE_TOTAL", count.to_string());
        command.env("OPLOCK_ARGUMENTS", &options);
        Ok(command)
    };
    for index in 1..=count {
        let index = index.to_string();
        expect_exit(&job(shard, "script")?.env("CI_NODE_INDEX", &index).output()?, 0)?;
    }
    let output = job(gate, "script")?.output()?;
    expect_exit(&output, 0)?;
    wanted(&String::from_utf8_lossy(&output.stdout), "### oplock-conformance server: green\n")?;
    for kept in ["oplock/gate/junit.xml", "oplock/gate/gate.md", "oplock-baseline/baseline.jsonl"] {
        fs::metadata(tried.folder.path().join(kept)).map_err(|error| format!("{kept}: {error}"))?;
    }
    Ok(())
}

/// A merge request gets one comment of each gate, and the token that writes it is no argument of a command.
pub(crate) fn the_comment_of_gitlab_is_renewed(tried: &Tried) -> Result<(), Failed> {
    let template = documents("ci/gitlab/oplock-conformance.gitlab-ci.yml")?;
    let after = &template.first().ok_or("no document")?["oplock-gate"]["after_script"][0];
    let tools = Tools::new(tried)?;
    let folder = tried.folder.path();
    tools.fake(
        "curl",
        "cat >>said; echo \"$@\" >>said\n\
         for word in \"$@\"; do case $word in *per_page*) cat notes ;; body@*) cat \"${word#body@}\" >>said ;; esac; done",
    )?;
    fs::create_dir_all(folder.join("oplock/gate"))?;
    fs::write(folder.join("oplock/gate/gate.md"), "### red\n")?;
    let said = || fs::read_to_string(folder.join("said"));
    let comment = |token: &str, notes: &str| -> Result<(), Failed> {
        fs::write(folder.join("notes"), notes)?;
        let _ = fs::remove_file(folder.join("said"));
        let mut command = tools.shell(text(after)?);
        command.env("CI_API_V4_URL", "api").env("CI_PROJECT_ID", "7");
        command.env("OPLOCK_NAME", "server").env("CI_MERGE_REQUEST_IID", "5");
        expect_exit(&command.env("OPLOCK_GITLAB_TOKEN", token).output()?, 0)
    };
    comment("", "[]")?;
    if said().is_ok() {
        return Err("a comment without a token".into());
    }
    let all = "api/projects/7/merge_requests/5/notes";
    let others = r#"[{"id":3,"body":"<!-- oplock-conformance other -->"}]"#;
    let ours =
        r#"[{"id":3,"body":"hello"},{"id":4,"body":"<!-- oplock-conformance server -->\nred"}]"#;
    for (notes, request, place) in [
        ("[]", "POST", all.to_owned()),
        (others, "POST", all.to_owned()),
        (ours, "PUT", format!("{all}/4")),
    ] {
        comment("t0ken", notes)?;
        let said = said()?;
        wanted(&said, "header = \"PRIVATE-TOKEN: t0ken\"\n--config - ")?;
        wanted(&said, &format!(" --request {request} --data-urlencode body@"))?;
        wanted(&said, &format!(" {place}\n<!-- oplock-conformance server -->\n### red\n"))?;
        let is_argument = |line: &&str| line.starts_with("--") && line.contains("t0ken");
        if let Some(line) = said.lines().find(is_argument) {
            return Err(format!("the token is an argument: {line}").into());
        }
    }
    Ok(())
}

/// The scripts of GitHub's action, from the inputs to the outputs, and its comment.
pub(crate) fn the_action_of_github_gates(tried: &Tried) -> Result<(), Failed> {
    let tools = Tools::new(tried)?;
    let cases = corpus(tried)?;
    let folder = tried.folder.path();
    let (outputs, summary) = (folder.join("outputs"), folder.join("summary"));
    let gate = |inputs: &[(&str, &str)], out: &str| -> Result<String, Failed> {
        fs::write(&outputs, "")?;
        fs::write(&summary, "")?;
        let mut command = tools.script("ci/github/gate.sh");
        for name in ["TARGET", "ARGUMENTS", "NAME", "SHARD", "MERGE", "SLOWER", "ACCEPT"] {
            let given = inputs.iter().find(|(input, _)| *input == name);
            command.env(name, given.map_or("", |(_, value)| value));
        }
        command
            .env("NAME", "filer")
            .env("GITHUB_RUN_ID", "900")
            .env("OPLOCK_CONFORMANCE_PASSWORD", "");
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        expect_exit(&command.output()?, 0)?;
        wanted(&fs::read_to_string(&outputs)?, out)?;
        Ok(fs::read_to_string(&summary)?)
    };
    let reference = ("TARGET", "reference");
    let out = "exit=0\nout=oplock-reports/oplock-filer\nartifact=oplock-filer\n";
    let options = format!(" --cases {cases}\n--skip */case-64 ");
    let said = gate(&[reference, ("ARGUMENTS", &options), ("SLOWER", "50x")], out)?;
    wanted(&said, "### oplock-conformance filer: green\n")?;
    for (shard, artifact) in [("1/2", "shard-1"), ("2/2", "shard-2")] {
        let out = format!("exit=0\nout=oplock-reports/oplock-filer-{artifact}\n");
        gate(&[reference, ("ARGUMENTS", &options), ("SHARD", shard)], &out)?;
    }
    // As the artifacts of the shards are downloaded: a folder each.
    fs::rename(folder.join("oplock-reports"), folder.join("shards"))?;
    fs::remove_dir_all(folder.join("shards/oplock-filer"))?;
    wanted(&gate(&[("MERGE", "shards"), ("ACCEPT", "true")], "exit=0\n")?, "filer: green\n")?;
    fs::remove_dir_all(folder.join("shards/oplock-filer-shard-2"))?;
    wanted(&gate(&[("MERGE", "shards")], "exit=2\n")?, "stays what it was")?;
    gate(&[("MERGE", "no-such-folder")], "exit=2\n")?;

    let comment = |before: &str| -> Result<String, Failed> {
        let _ = fs::remove_file(folder.join("said"));
        tools.fake(
            "gh",
            &format!("echo \"$@\" >>said; [ \"$2\" != --paginate ] || echo '{before}'"),
        )?;
        let mut command = tools.script("ci/github/comment.sh");
        command.arg(&summary).env("GH_TOKEN", "t0ken").env("NAME", "filer");
        command.env("GITHUB_REPOSITORY", "me/server").env("PULL_REQUEST", "12");
        expect_exit(&command.output()?, 0)?;
        Ok(fs::read_to_string(folder.join("said"))?)
    };
    let first = comment("")?;
    wanted(&first, "api --paginate repos/me/server/issues/12/comments --jq ")?;
    wanted(&first, "--method POST repos/me/server/issues/12/comments --field body=@")?;
    wanted(&comment("77")?, "--method PATCH repos/me/server/issues/comments/77 --field body=@")?;
    Ok(())
}

/// What Jenkins runs in its shell is what the others run: the shards of the matrix, then the gate.
pub(crate) fn the_stages_of_jenkins_are_one_run(tried: &Tried) -> Result<(), Failed> {
    let pipeline = read("ci/jenkins/Jenkinsfile")?;
    let scripts: Vec<&str> = pipeline.split("'''").skip(1).step_by(2).collect();
    let [shard, gate] = scripts[..] else {
        return Err(format!("{} scripts", scripts.len()).into());
    };
    wanted(&pipeline, "values '1', '2', '3', '4'\n")?;
    wanted(&pipeline, "['1', '2', '3', '4'].each")?;
    let tools = Tools::new(tried)?;
    let options = format!("--cases {} --jobs 2", corpus(tried)?);
    let folder = tried.folder.path();
    for number in ["1", "2", "3", "4"] {
        let mut command = tools.shell(shard);
        command.env("SHARD", number).env("BUILD_TAG", "jenkins-filer-17");
        command.env("TARGET", "reference").env("ARGUMENTS", &options);
        expect_exit(&command.output()?, 0)?;
        // Each agent stashes its own folder, and starts from an empty one.
        fs::create_dir_all(folder.join("stashed"))?;
        let own = format!("shard-{number}");
        fs::rename(folder.join("oplock").join(&own), folder.join("stashed").join(own))?;
    }
    let _ = fs::remove_dir_all(folder.join("oplock"));
    fs::rename(folder.join("stashed"), folder.join("oplock"))?;
    for accept in ["false", "true"] {
        let output = tools.shell(gate).env("ACCEPT", accept).output()?;
        expect_exit(&output, 0)?;
        wanted(&String::from_utf8_lossy(&output.stdout), "### oplock-conformance: green\n")?;
    }
    Ok(())
}

/// The commands of the image, in a folder of the trial.
struct Tools<'a> {
    tried: &'a Tried,
    folder: PathBuf,
}

impl<'a> Tools<'a> {
    fn new(tried: &'a Tried) -> Result<Tools<'a>, Failed> {
        let folder = tried.folder.path().join("bin");
        fs::create_dir_all(&folder)?;
        symlink(root().join("ci/gate.sh"), folder.join("oplock-gate"))?;
        symlink(root().join("ci/gitlab/comment.sh"), folder.join("oplock-comment"))?;
        symlink(env!("CARGO_BIN_EXE_oplock-conformance"), folder.join("oplock-conformance"))?;
        Ok(Tools { tried, folder })
    }

    /// A program that does this in place of the one of the system.
    fn fake(&self, name: &str, does: &str) -> Result<(), Failed> {
        let path = self.folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{does}\n"))?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(())
    }

    /// A script of a pipeline, as a shell that ends at the first error runs it.
    fn shell(&self, script: &str) -> Command {
        self.within("sh", &["-e", "-c", script])
    }

    fn script(&self, file: &str) -> Command {
        let path = root().join(file);
        self.within("bash", &[&path.to_string_lossy()])
    }

    fn within(&self, shell: &str, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(shell);
        command.args(arguments).current_dir(self.tried.folder.path()).stdin(Stdio::null());
        command.env("PATH", format!("{}:{path}", self.folder.display()));
        command.env_remove("OPLOCK_CONFORMANCE");
        command
    }
}

/// The container of a Job that does its work.
pub(crate) struct Pod {
    pub(crate) container: Value,
    pub(crate) script: String,
}

impl Pod {
    pub(crate) fn of(job: &Value) -> Result<Pod, Failed> {
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        same(&container["command"][0], "sh")?;
        same(&container["command"][1], "-c")?;
        let script = text(&container["args"][0])?.to_owned();
        Ok(Pod { container: container.clone(), script })
    }

    fn variable(&self, name: &str) -> Result<&Value, Failed> {
        let variables = self.container["env"].as_array().ok_or("no variables")?;
        let found = variables.iter().find(|variable| variable["name"] == name);
        found.ok_or_else(|| format!("no variable {name}").into())
    }
}

/// A directory of 64 cases, none of which takes time.
fn corpus(tried: &Tried) -> Result<String, Failed> {
    let head = "suite: oplock/tried\nabout: What is split into shards.\nfiles: {f: {size: 4KiB}}\n\
                actors: {A: client 1}\n\ncases:";
    let cases = (1..=64).map(|number| CASE.replace("NUMBER", &number.to_string()));
    tried.cases(&(head.to_owned() + &cases.collect::<String>()))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(file: &str) -> Result<String, Failed> {
    Ok(fs::read_to_string(root().join(file))?)
}

pub(crate) fn documents(file: &str) -> Result<Vec<Value>, Failed> {
    serde_saphyr::from_multiple(&read(file)?).map_err(|error| format!("{file}: {error}").into())
}

pub(crate) fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Result<&'a Value, Failed> {
    let found = documents.iter().find(|document| document["kind"] == kind);
    found.ok_or_else(|| format!("no {kind}").into())
}

pub(crate) fn text(value: &Value) -> Result<&str, Failed> {
    value.as_str().ok_or_else(|| format!("{value} is no text").into())
}

pub(crate) fn same(value: &Value, expected: &str) -> Result<(), Failed> {
    if value == expected { Ok(()) } else { Err(format!("{value} is not {expected}").into()) }
}

/// The number that `ci/gate.sh` makes of the name of a run.
fn seed_of(run: &str) -> Result<String, Failed> {
    let output = Command::new("sh")
        .args(["-c", "printf %s \"$1\" | cksum | cut -d ' ' -f 1", "-", run])
        .output()?;
    expect_exit(&output, 0)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// What each cell of a run showed, in order of the plan, without the times.
fn cells(out: &Path) -> Result<Vec<(u64, String, String, Value)>, Failed> {
    let mut found = Vec::new();
    for line in results(out)? {
        let line: Value = serde_json::from_str(&line)?;
        if line["line"] != "cell" {
            continue;
        }
        let number = line["number"].as_u64().ok_or("no number")?;
        let (cell, verdict) = (text(&line["cell"])?, text(&line["verdict"])?);
        found.push((number, cell.to_owned(), verdict.to_owned(), line["grid"].clone()));
    }
    found.sort_by_key(|(number, ..)| *number);
    Ok(found)
}
