#!/usr/bin/env bash
# The gate as the composite action calls it: from its inputs, in the environment, to ci/gate.sh. The exit code is an output,
# so that the steps after it run.
set -euo pipefail

gate=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/gate.sh
# An input that nobody gave is an empty variable here, which would count as a password.
[ -n "${OPLOCK_CONFORMANCE_PASSWORD:-}" ] || unset OPLOCK_CONFORMANCE_PASSWORD

artifact=oplock-$NAME
options=()
if [ -n "$SHARD" ]; then
    artifact=$artifact-shard-${SHARD%%/*}
    # A job that is run again is still of the same run.
    options+=(--run "$GITHUB_RUN_ID $NAME")
    command=(shard "$SHARD" --target "$TARGET")
else
    options+=(--name "$NAME" --baseline "oplock-baseline/$NAME/")
    [ -z "$SLOWER" ] || options+=(--slower "$SLOWER")
    [ "$ACCEPT" != true ] || options+=(--accept)
    if [ -n "$MERGE" ]; then
        # Where none is there, that name is told as the one that cannot be read.
        command=(merge "$MERGE"/*/results.jsonl)
    else
        command=(run --target "$TARGET")
    fi
fi
if [ -z "$MERGE" ]; then
    # Separated by blanks, and no names of files.
    read -r -d '' -a more <<<"$ARGUMENTS" || :
    command+=("${more[@]}")
fi

out=oplock-reports/$artifact
mkdir -p "$out"
code=0
bash "$gate" --out "$out" "${options[@]}" "${command[@]}" >>"$GITHUB_STEP_SUMMARY" || code=$?
{
    echo "exit=$code"
    echo "out=$out"
    echo "artifact=$artifact"
} >>"$GITHUB_OUTPUT"
