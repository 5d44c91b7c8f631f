//! The house keeps its own rules: which room may know which, and how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The edges between rooms; whatever is not here may not be.
const EDGES: &[(&str, &str)] = &[
    ("oplock-conformance", "oplock-runner"),
    ("oplock-runner", "oplock-engine"),
    ("oplock-runner", "oplock-suite"),
    ("oplock-runner", "oplock-live"),
    ("oplock-runner", "oplock-model"),
    ("oplock-engine", "oplock-model"),
    ("oplock-suite", "oplock-model"),
    ("oplock-live", "oplock-model"),
    ("oplock-live", "oplock-wire"),
    ("oplock-wire", "oplock-model"),
];

/// What a room may not depend on, whoever brings it: no runtime and no sockets where everything is a pure function.
const BANNED: &[(&str, &[&str])] = &[
    ("oplock-model", &["tokio", "mio", "socket2"]),
    ("oplock-engine", &["tokio", "mio", "socket2"]),
    ("oplock-suite", &["tokio", "mio", "socket2"]),
];

/// Past this a file is two concepts.
const LONGEST_FILE: usize = 600;

#[test]
fn no_room_knows_another_that_the_design_does_not_draw() {
    let metadata = metadata();
    let found = edges(&metadata);
    assert!(!found.is_empty());
    let drawn: BTreeSet<_> =
        EDGES.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
    let undrawn: Vec<_> = found.difference(&drawn).collect();
    assert!(undrawn.is_empty(), "not drawn: {undrawn:?}");
}

#[test]
fn an_undrawn_edge_is_seen_of_whatever_kind_it_is() {
    let dependency = |name: &str, kind: &str| serde_json::json!({"name": name, "kind": kind});
    let package = |name: &str, dependencies: &[Value]| serde_json::json!({"name": name, "dependencies": dependencies});
    let metadata = serde_json::json!({"packages": [
        package("oplock-engine", &[dependency("oplock-suite", "dev"), dependency("serde", "normal")]),
        package("oplock-suite", &[dependency("oplock-engine", "build")]),
    ]});
    let found: Vec<_> =
        edges(&metadata).into_iter().map(|(from, to)| from + " -> " + &to).collect();
    assert_eq!(found, ["oplock-engine -> oplock-suite", "oplock-suite -> oplock-engine"]);
}

#[test]
fn pure_rooms_bring_no_runtime() {
    for (room, banned) in BANNED {
        let tree = cargo(&["tree", "--package", room, "--edges", "normal", "--prefix", "none"]);
        assert!(tree.starts_with(room), "{tree}");
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            assert!(!banned.contains(&name), "{room} brings {name}");
        }
    }
}

#[test]
fn no_file_is_longer_than_one_concept() {
    let mut files = Vec::new();
    rust_files(&root().join("harness"), &mut files);
    assert!(files.len() > 30, "{files:?}");
    let mut long = Vec::new();
    for file in files {
        let lines = fs::read_to_string(&file).expect("a source file").lines().count();
        // One table cannot be cut without losing its order.
        if lines > LONGEST_FILE && !file.ends_with("model/src/rules.rs") {
            long.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn roots_of_modules_hold_docs_and_re_exports() {
    let mut files = Vec::new();
    rust_files(&root().join("harness"), &mut files);
    // What tests share may stand at their root.
    files.retain(|file| !file.parent().is_some_and(|folder| folder.ends_with("tests")));
    let roots: Vec<_> =
        files.iter().filter(|file| file.ends_with("lib.rs") || file.ends_with("mod.rs")).collect();
    assert!(roots.len() >= 6, "{roots:?}");
    for file in roots {
        let text = fs::read_to_string(file).expect("a source file");
        for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
            let words: Vec<_> = line.split([' ', '<']).collect();
            let logic =
                ["fn", "impl", "struct", "enum", "trait", "static", "const", "macro_rules!"];
            let found = logic.iter().find(|word| words.contains(word));
            assert!(found.is_none(), "{}: {line}", file.display());
        }
    }
}

/// The dependencies between members of the workspace, whatever their kind.
fn edges(metadata: &Value) -> BTreeSet<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let members: BTreeSet<String> = packages.iter().map(|package| text(&package["name"])).collect();
    let mut found = BTreeSet::new();
    for package in &packages {
        for dependency in list(&package["dependencies"]) {
            let name = text(&dependency["name"]);
            if members.contains(&name) {
                found.insert((text(&package["name"]), name));
            }
        }
    }
    found
}

fn metadata() -> Value {
    let text = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    serde_json::from_str(&text).expect("JSON from cargo metadata")
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text from cargo")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // What a build of the fuzzing workspace leaves there is not ours.
            if !path.ends_with("target") {
                rust_files(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
