#!/bin/sh
# Makes the namespace with its retention and the search attributes every signup sets. Safe to run again.
# The `temporal` command reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE itself.
set -eu

# What was just made is not known to all of the server at once, so each step gets two minutes.
persist() {
  tries=60
  until said=$("$@" 2>&1); do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "$said" >&2
      exit 1
    fi
    sleep 2
  done
  echo "$said"
}

make_namespace() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"
}

# One a call: of several names in one, the command registers only the first.
attribute() {
  persist temporal operator search-attribute create --name "$1" --type "$2"
}

persist make_namespace
persist temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$TEMPORAL_RETENTION"

# A test holds this list to SEARCH_ATTRIBUTES in src/contracts.
attribute SignupSystem Keyword
attribute SignupTenant Keyword
attribute SignupStage Keyword
attribute SignupProblem Keyword
attribute SignupCode Keyword
attribute SignupProblemSince Datetime

# A signup that starts before the server knows its attributes would be refused.
persist temporal workflow count --query 'SignupSystem IS NULL AND SignupTenant IS NULL AND SignupStage IS NULL
  AND SignupProblem IS NULL AND SignupCode IS NULL AND SignupProblemSince IS NULL'
