//! The pipelines in `ci/` as they are written: what they name is there, and what they demand is sound.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::pipelines::{Pod, documents, of_kind, read, root, same, text};
use crate::profile::wanted;
use crate::{Tried, expect_exit};

/// The commands whose options a pipeline names.
const COMMANDS: [&str; 4] = ["run", "merge", "compare", "report"];

/// Both Jobs keep to what a cluster with strict rules demands, and mount what they write to.
pub(crate) fn the_jobs_of_kubernetes_are_modest(_: &Tried) -> Result<(), Failed> {
    for file in ["ci/kubernetes/shards.yaml", "ci/kubernetes/gate.yaml"] {
        let documents = documents(file)?;
        let job = of_kind(&documents, "Job")?;
        let pod = &job["spec"]["template"]["spec"];
        let container = &Pod::of(job)?.container;
        for (field, expected) in [
            (&pod["restartPolicy"], Value::from("Never")),
            (&pod["automountServiceAccountToken"], Value::from(false)),
            (&pod["securityContext"]["runAsNonRoot"], Value::from(true)),
            (&container["securityContext"]["allowPrivilegeEscalation"], Value::from(false)),
            (&container["securityContext"]["readOnlyRootFilesystem"], Value::from(true)),
            (&container["volumeMounts"][0]["mountPath"], Value::from("/results")),
            (&container["volumeMounts"][0]["name"], pod["volumes"][0]["name"].clone()),
        ] {
            if *field != expected {
                return Err(format!("{file}: {field} is not {expected}").into());
            }
        }
        if !job["spec"]["activeDeadlineSeconds"].is_u64() {
            return Err(format!("{file}: the job may last for ever").into());
        }
    }
    Ok(())
}

/// What the workflow says to the action, the action understands; and no text of an event becomes part of a script.
pub(crate) fn the_workflow_of_github_fits_its_action(_: &Tried) -> Result<(), Failed> {
    let action = documents("ci/github/action.yml")?;
    let action = action.first().ok_or("no document")?;
    same(&action["runs"]["using"], "composite")?;
    let inputs: BTreeSet<&str> = keys(&action["inputs"]).collect();
    let steps = action["runs"]["steps"].as_array().ok_or("no steps")?;
    let ids: BTreeSet<&str> = steps.iter().filter_map(|step| step["id"].as_str()).collect();
    let written = read("ci/github/action.yml")?;
    let uses = |of: &str| -> BTreeSet<String> { named(&written, of) };
    for (used, there) in [(uses("inputs."), &inputs), (uses("steps."), &ids)] {
        if let Some(unknown) = used.iter().find(|name| !there.contains(name.as_str())) {
            return Err(format!("the action has no `{unknown}`").into());
        }
    }
    if let Some(unused) = inputs.iter().find(|name| !uses("inputs.").contains(**name)) {
        return Err(format!("the input `{unused}` is of no use").into());
    }
    for step in steps {
        let script = step["run"].as_str().unwrap_or_default();
        if script.contains("${{") {
            return Err(format!("text becomes code in `{script}`").into());
        }
    }

    let workflow = documents("ci/github/workflow.yml")?;
    let jobs = workflow.first().ok_or("no document")?["jobs"].as_object().ok_or("no jobs")?;
    let mut calls = 0;
    for (name, job) in jobs {
        if !job["timeout-minutes"].is_u64() {
            return Err(format!("the job {name} may last for ever").into());
        }
        for step in job["steps"].as_array().ok_or("no steps")? {
            if !step["uses"].as_str().unwrap_or_default().contains("/ci/github@") {
                continue;
            }
            calls += 1;
            if let Some(unknown) = keys(&step["with"]).find(|key| !inputs.contains(key)) {
                return Err(format!("{name}: the action has no input `{unknown}`").into());
            }
        }
    }
    let matrix = &jobs.get("shards").ok_or("no shards")?["strategy"]["matrix"]["shard"];
    let shards = matrix.as_array().map_or(0, Vec::len);
    wanted(
        &read("ci/github/workflow.yml")?,
        &format!("shard: ${{{{ matrix.shard }}}}/{shards}\n"),
    )?;
    if calls == 3 { Ok(()) } else { Err(format!("{calls} calls of the action").into()) }
}

/// Every script, also those inside of the pipelines, is sound by shellcheck.
pub(crate) fn every_script_is_sound(tried: &Tried) -> Result<(), Failed> {
    let mut scripts: Vec<PathBuf> = Vec::new();
    for path in files_of_ci()? {
        if fs::read_to_string(&path)?.starts_with("#!") {
            if fs::metadata(&path)?.permissions().mode() & 0o111 != 0o111 {
                return Err(format!("{} cannot be executed", path.display()).into());
            }
            scripts.push(path);
        }
    }
    let mut inside: Vec<(String, &str, String)> = Vec::new();
    for file in ["ci/kubernetes/shards.yaml", "ci/kubernetes/gate.yaml"] {
        inside.push((file.to_owned(), "sh", Pod::of(of_kind(&documents(file)?, "Job")?)?.script));
    }
    for document in documents("ci/gitlab/oplock-conformance.gitlab-ci.yml")? {
        for (job, key) in
            [("oplock-shard", "script"), ("oplock-gate", "script"), ("oplock-gate", "after_script")]
        {
            inside.push((format!("{job} {key}"), "sh", text(&document[job][key][0])?.to_owned()));
        }
    }
    for step in documents("ci/github/action.yml")?
        .iter()
        .flat_map(|action| action["runs"]["steps"].as_array())
        .flatten()
    {
        if let Some(script) = step["run"].as_str() {
            inside.push((text(&step["name"])?.to_owned(), "bash", script.to_owned()));
        }
    }
    for script in read("ci/jenkins/Jenkinsfile")?.split("'''").skip(1).step_by(2) {
        inside.push(("Jenkinsfile".to_owned(), "sh", script.to_owned()));
    }
    for (name, shell, script) in &inside {
        let path = tried.folder.path().join(format!("{}.sh", name.replace(['/', ' '], "-")));
        // All of them are run so that they end at the first error.
        fs::write(&path, format!("#!/usr/bin/env {shell}\nset -e\n{script}"))?;
        scripts.push(path);
    }
    if inside.len() < 10 || scripts.len() < inside.len() + 8 {
        return Err(format!("{} scripts, {} of them inside", scripts.len(), inside.len()).into());
    }
    let mut check = Command::new("shellcheck");
    expect_exit(&check.args(["--severity", "warning"]).args(&scripts).output()?, 0)
}

/// Every option that a pipeline or the README's chapter about them gives is one, and every file that they name is there.
pub(crate) fn what_pipelines_name_is_there(tried: &Tried) -> Result<(), Failed> {
    let mut options: BTreeSet<String> = BTreeSet::new();
    for command in COMMANDS {
        let output = tried.command_bare(&[command, "--help"])?;
        expect_exit(&output, 0)?;
        options.extend(long_options(&String::from_utf8_lossy(&output.stdout)));
    }
    let help = Command::new("sh").arg(root().join("ci/gate.sh")).arg("--help").output()?;
    expect_exit(&help, 0)?;
    options.extend(long_options(&String::from_utf8_lossy(&help.stdout)));

    let readme = read("README.md")?;
    let (_, chapter) = readme.split_once("\n## Gate a release\n").ok_or("no chapter")?;
    let chapter = chapter.split("\n## ").next().unwrap_or_default();
    let mut given = 0;
    let mut places = vec![("README.md".to_owned(), chapter.to_owned())];
    for path in files_of_ci()? {
        places.push((path.to_string_lossy().into_owned(), fs::read_to_string(&path)?));
    }
    for (place, written) in &places {
        // A call goes on in the next line where that one ends with a backslash.
        for line in written.replace("\\\n", " ").lines() {
            for called in
                ["oplock-gate ", "gate.sh ", "oplock-conformance run ", "arguments: ", "ARGUMENTS'"]
            {
                let Some((_, arguments)) = line.split_once(called) else { continue };
                for option in long_options(arguments) {
                    given += 1;
                    if !options.contains(&option) && option != "--help" {
                        return Err(format!("{place}: no option `{option}` in `{line}`").into());
                    }
                }
            }
            for file in line.split(|c: char| c.is_whitespace() || "`\"'(){},;:@\\".contains(c)) {
                let file = file.trim_end_matches(['.', '/']);
                let is_ours = file.starts_with("ci/") && !file.contains(['*', '$', '<']);
                if is_ours && !root().join(file).exists() {
                    return Err(format!("{place}: no {file}, in `{line}`").into());
                }
            }
        }
    }
    if given < 20 {
        return Err(format!("only {given} options were found").into());
    }
    for line in read("ci/Containerfile")?.lines().filter(|line| line.starts_with("COPY ")) {
        let mut words: Vec<&str> = line.split_whitespace().skip(1).collect();
        words.pop();
        for file in words.into_iter().take_while(|word| !word.starts_with("--")) {
            if !root().join(file).exists() {
                return Err(format!("Containerfile: no {file}").into());
            }
        }
    }
    Ok(())
}

fn files_of_ci() -> Result<Vec<PathBuf>, Failed> {
    crate::files(&root().join("ci"))
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.as_str())
}

/// The names that follow this one: `target` after `inputs.`.
fn named(written: &str, of: &str) -> BTreeSet<String> {
    let names = written.split(of).skip(1).map(|rest| {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
        rest.split(ends).next().unwrap_or_default().to_owned()
    });
    names.collect()
}

/// `--out` in `--out DIR`, and in `[--out=DIR]`.
fn long_options(written: &str) -> BTreeSet<String> {
    let words = written.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 3).map(str::to_owned).collect()
}
