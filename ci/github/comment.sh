#!/usr/bin/env bash
# Writes a Markdown file as the comment of a pull request, or into the one that it wrote before: ci/github/comment.sh FILE
# GH_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST and NAME, which tells one gate's comment from another's, are in the environment.
set -euo pipefail

file=${1:?name the file}
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
# Not seen by a reader, and the first line of each comment of ours.
mark="<!-- oplock-conformance $NAME -->"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{ echo "$mark" && cat "$file"; } >"$body"

export mark
# A program of jq reads the mark from the environment, for a name is no code.
before=$(gh api --paginate "$comments" --jq '.[] | select(.body | startswith(env.mark)) | .id' | head -n 1)
if [ -n "$before" ]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$before" --field "body=@$body"
else
    gh api --silent --method POST "$comments" --field "body=@$body"
fi
