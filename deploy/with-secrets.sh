#!/bin/sh
# Starts a program that can read a secret from its environment alone: `<NAME>_FILE=/run/secrets/…` becomes `<NAME>`, the
# content of that file, in the environment of this one process. An empty file sets nothing. REQUIRED names variables
# without which it does not start.
set -eu

for name in $(env | sed -n 's|^\([A-Z][A-Z0-9_]*\)_FILE=.*/secrets/[a-z0-9_]*$|\1|p'); do
  eval "path=\$${name}_FILE"
  value=$(cat "$path")
  unset "${name}_FILE"
  if [ -n "$value" ]; then export "$name=$value"; fi
done

missing=
for name in ${REQUIRED:-}; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then missing="$missing $name"; fi
done
if [ -n "$missing" ]; then
  echo "missing in the environment:$missing" >&2
  exit 2
fi

exec "$@"
