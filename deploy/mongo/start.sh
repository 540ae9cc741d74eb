#!/bin/bash
# A replica set that checks logins wants a key shared by its members. This set has one member, so a new key a start will do.
set -eu

key=/run/replica-set-key
head -c 96 /dev/urandom | base64 --wrap=0 >"$key"
chown mongodb:mongodb "$key"
chmod 400 "$key"

exec docker-entrypoint.sh mongod --replSet rs0 --keyFile "$key" --bind_ip_all --noscripting
