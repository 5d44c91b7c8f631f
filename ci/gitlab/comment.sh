#!/bin/sh
# Writes a Markdown file as a comment of the merge request, or into the one that it wrote before: ci/gitlab/comment.sh FILE
# OPLOCK_GITLAB_TOKEN, OPLOCK_NAME and GitLab's own variables are in the environment.
set -eu

file=${1:?name the file}
notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
# Not seen by a reader, and the first line of each comment of ours.
mark="<!-- oplock-conformance $OPLOCK_NAME -->"

# The token goes in by a pipe: other processes of the runner can read the arguments of a command.
api() {
    printf 'header = "PRIVATE-TOKEN: %s"\n' "$OPLOCK_GITLAB_TOKEN" |
        curl --config - --silent --show-error --fail --max-time 60 "$@"
}

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{ echo "$mark" && cat "$file"; } >"$body"

export mark
# A program of jq reads the mark from the environment, for a name is no code.
before=$(api "$notes?per_page=100&order_by=created_at&sort=asc" |
    jq --raw-output '[.[] | select(.body | startswith(env.mark)) | .id] | first // empty')
if [ -n "$before" ]; then
    api --output /dev/null --request PUT --data-urlencode "body@$body" "$notes/$before"
else
    api --output /dev/null --request POST --data-urlencode "body@$body" "$notes"
fi
