#!/bin/sh
# Gates a release: runs the suite, compares with the last good run, and says in Markdown what changed.
#
#   ci/gate.sh [OPTION]... run [OPTION OF run]...          one run: `ci/gate.sh --baseline kept/ run --target my-filer/`
#   ci/gate.sh [OPTION]... shard K/N [OPTION OF run]...    part K of N of a run, one on each machine
#   ci/gate.sh [OPTION]... merge RESULTS...                the parts, the results.jsonl of each, as one run
#
#   --baseline PATH   the results.jsonl of the last good run, or a folder that has it as baseline.jsonl; made by the first
#                     green run, replaced by each green one, left alone by every other
#   --out DIR         where the reports go, and gate.md, the Markdown; default: target/gate
#   --name NAME       what the Markdown calls this gate; default: nothing
#   --slower FACTOR   a theme whose breaks became this many times slower than in the last good run is red: 2x
#   --accept          a green run becomes the baseline, though it is worse than the last good one: a person has looked at it
#   --run NAME        what all shards of one run have in common and no other run has (the number of the pipeline): lease keys
#                     are drawn from it, and `merge` refuses shards that differ in it
#
# Standard output is the Markdown, and nothing else; all the rest goes to standard error. OPLOCK_CONFORMANCE names the
# command, where it is not in PATH. It ends as a run does:
#
#   0  green: the run, and nothing is worse than in the last good one (or there is none yet); the baseline is this run now
#   1  the server does not conform, or something is worse than in the last good run: no longer passing, vanished, slower
#   2  wrong usage, a bad case file or deviation list, shards that do not fit, or a baseline that cannot be read
#   3  nothing was selected
#   4  the server cannot be reached, or refused the login
#   5  the harness or the connection failed, cells did not run, or a report cannot be written
#   6  only the deviation list is out of date
#   128 + N  signal N ended it; the run was ended cleanly
#
# `shard` ends with 0 as soon as its part is whole, whatever the server did there: `merge` judges all parts together.
set -eu
export LC_ALL=C

baseline=
out=target/gate
name=
slower=
accept=no
run=
signal=
child=

main() {
    while [ $# -gt 0 ]; do
        case $1 in
        --baseline) value "$@" && baseline=$2 && shift 2 ;;
        --out) value "$@" && out=$2 && shift 2 ;;
        --name) value "$@" && name=$2 && shift 2 ;;
        --slower) value "$@" && slower=$2 && shift 2 ;;
        --run) value "$@" && run=$2 && shift 2 ;;
        --accept) accept=yes && shift ;;
        run | shard | merge) break ;;
        -h | --help) help ;;
        *) usage "unknown option \`$1\`" ;;
        esac
    done
    [ $# -gt 0 ] || usage "say what to do: run, shard or merge"
    tool=${OPLOCK_CONFORMANCE:-oplock-conformance}
    command -v "$tool" >/dev/null ||
        usage "no \`$tool\`: \`cargo install --path .\` puts it into PATH, OPLOCK_CONFORMANCE names another place"
    case $baseline in
    '' | *.jsonl) ;;
    *) baseline=${baseline%/}/baseline.jsonl ;;
    esac
    mkdir -p "$out" || fail 5 "cannot make $out: name another --out"
    rm -f "$out/gate.md" "$out/compare.md" "$out/compare.txt" || fail 5 "cannot write to $out: name another --out"
    trap 'pass_on 1' HUP
    trap 'pass_on 2' INT
    trap 'pass_on 15' TERM

    what=$1
    shift
    case $what in
    run) gate run "$@" ;;
    shard) shard "$@" ;;
    merge) gate merge "$@" ;;
    esac
}

# A run or a merge, judged beside the last good run.
gate() {
    if [ "$1" = run ]; then
        for option in "$@"; do
            case $option in
            --shard | --shard=*) usage "a shard is a part of a run: \`gate.sh shard K/N\` on each machine, then \`gate.sh merge\`" ;;
            esac
        done
        if [ -n "$run" ]; then
            shift
            set -- run --seed "$(seed)" "$@"
        fi
    fi
    play "$@" --out "$out"
    compared=
    compare_code=0
    [ -z "$signal" ] || code=$((128 + signal))
    case $code in
    # There is a record of the run.
    0 | 1 | 5 | 6) compare ;;
    esac

    # A run without a result has none in comparison either: its cells are worse because they did not run.
    case $code:$compare_code in
    0:*) verdict=$compare_code ;;
    6:1) verdict=1 ;;
    *) verdict=$code ;;
    esac
    if [ "$accept" = yes ] && [ "$code" -eq 0 ] && [ "$compare_code" -le 1 ]; then
        verdict=0
    fi
    kept=
    if [ "$verdict" -eq 0 ] && [ -n "$baseline" ]; then
        keep
    fi
    tell >"$out/gate.md" || fail 5 "cannot write $out/gate.md"
    cat "$out/gate.md"
    exit "$verdict"
}

# A part of a run. What the server did is judged with the other parts.
shard() {
    case ${1:-} in
    *?/?*) ;;
    *) usage "write \`shard K/N\`, from 1/N to N/N: \`shard 3/8\`" ;;
    esac
    part=$1
    shift
    [ -n "$run" ] || usage "a shard needs --run: a name that all shards of this run have in common, and no other run"
    play run --shard "$part" --seed "$(seed)" "$@" --out "$out"
    [ -z "$signal" ] || exit $((128 + signal))
    case $code in
    0 | 1 | 5 | 6)
        if tail -n 1 "$out/results.jsonl" 2>/dev/null | grep -q '^{"line":"footer"'; then
            echo "gate: shard $part is whole (exit $code); \`gate.sh merge\` judges all together" >&2
            exit 0
        fi
        # It may have ended with 0 all the same, where something took its record away.
        [ "$code" -ne 0 ] || code=5
        ;;
    esac
    fail "$code" "shard $part is not whole: play it again, or \`merge\` refuses the run"
}

# Runs the command, until it has ended by itself or by a signal that we pass on; its exit is in `code`.
play() {
    code=0
    # No place for a pipe is where the reports go: they may be on a server that has none.
    scratch=$(mktemp -d) || fail 5 "cannot make a temporary folder: let TMPDIR name a place for it"
    trap 'rm -rf "$scratch"' EXIT
    mkfifo "$scratch/messages" || fail 5 "cannot make a pipe in $scratch: let TMPDIR name another place"
    # What stops all of us must not stop the one that the command still speaks to.
    (trap '' HUP INT TERM && tee "$out/messages.txt" && : >"$scratch/heard") <"$scratch/messages" >&2 2>/dev/null &
    # It goes on without us: a shell that waits for a program in the foreground does not hear a signal.
    "$tool" "$@" >"$out/console.txt" 2>"$scratch/messages" &
    child=$!
    [ -z "$signal" ] || pass_on "$signal"
    wait "$child" || code=$?
    while [ -n "$signal" ] && kill -0 "$child" 2>/dev/null; do
        code=0
        wait "$child" || code=$?
    done
    child=
    # All is heard by now, unless something that the command left behind still holds the pipe.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -e "$scratch/heard" ] || break
        sleep 0.1
    done
    cat "$out/console.txt" >&2
}

# A program that the shell starts in the background may ignore what a terminal sends, but not this.
pass_on() {
    signal=$1
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || :
}

# The same number for the same name.
seed() {
    printf %s "$run" | cksum | cut -d ' ' -f 1
}

compare() {
    if [ -z "$baseline" ] || [ ! -e "$baseline" ]; then
        return
    fi
    # What a person has put into the deviation list with a reason has been looked at.
    set -- "$baseline" "$out/results.jsonl" --accept-known --format markdown
    [ -z "$slower" ] || set -- "$@" --slower "$slower"
    "$tool" compare "$@" >"$out/compare.md" 2>"$out/compare.txt" || compare_code=$?
    cat "$out/compare.txt" >&2
    if [ "$compare_code" -le 1 ]; then
        rm -f "$out/compare.txt"
    fi
    compared=yes
}

# This run is the last good one from now on. A reader sees the whole of the old or of the new one.
keep() {
    folder=$(dirname "$baseline")
    if mkdir -p "$folder" && cp "$out/results.jsonl" "$baseline.new" && mv -f "$baseline.new" "$baseline"; then
        kept=yes
    else
        rm -f "$baseline.new" || :
        echo "gate: cannot keep $baseline; the one before stays" >&2
        verdict=5
    fi
}

tell() {
    printf '### oplock-conformance%s: %s\n\n' "${name:+ $name}" "$(headline)"
    # Four blanks in front: whatever it holds, it is text and no Markdown.
    if [ -s "$out/console.txt" ]; then
        awk 'BEGIN { RS = "" } { last = $0 } END { print last }' "$out/console.txt" | tail -n 12 | sed 's/^/    /'
    else
        tail -n 12 "$out/messages.txt" | sed 's/^/    /'
    fi
    if [ "$compared" = yes ] && [ "$compare_code" -le 1 ]; then
        echo
        # A comment of GitHub has 65,536 characters at most, and half a table is none.
        if [ "$(wc -c <"$out/compare.md")" -le 60000 ]; then
            # Its heading says what ours does.
            sed '1,2{/^### /d;/^$/d;}' "$out/compare.md"
        else
            echo 'What changed is too long for a comment: it is in compare.md, beside the reports.'
        fi
    elif [ "$compared" = yes ]; then
        printf '\nThe last good run cannot be compared with this one:\n\n'
        head -c 4000 "$out/compare.txt" | sed 's/^/    /'
        printf '\nWhere it is to be forgotten, remove the baseline: the next green run makes another.\n'
    elif [ "$what" != shard ] && [ -n "$baseline" ] && [ "$kept" = yes ]; then
        printf '\nThere was no last good run to compare with: this one is it now.\n'
    fi
    [ -n "$baseline" ] || return 0
    if [ "$kept" = yes ] && [ "$compare_code" -eq 1 ]; then
        printf '\nIt was accepted, and is the last good run from now on.\n'
    elif [ "$kept" != yes ] && [ -e "$baseline" ]; then
        printf '\nThe last good run stays what it was.\n'
    elif [ "$kept" != yes ]; then
        printf '\nThere is no last good run yet: the first green one will be it.\n'
    fi
}

headline() {
    case $verdict in
    0) echo "green" ;;
    1)
        if [ "$code" -eq 1 ]; then
            echo "red, the server does not conform"
        else
            echo "red, worse than the last good run"
        fi
        ;;
    2) echo "no result, something is wrong with the files or options of the run (exit 2)" ;;
    3) echo "no result, nothing was selected (exit 3)" ;;
    4) echo "no result, the server cannot be reached or refused the login (exit 4)" ;;
    5) echo "no result, the run did not get to its end or its reports (exit 5)" ;;
    6) echo "red, the deviation list is out of date (exit 6)" ;;
    *) echo "no result, the run was ended by a signal (exit $verdict)" ;;
    esac
}

value() {
    [ $# -ge 2 ] || usage "$1 needs a value"
}

usage() {
    fail 2 "$1; \`ci/gate.sh --help\` has more"
}

fail() {
    echo "gate: $2" >&2
    exit "$1"
}

help() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 0
}

main "$@"
