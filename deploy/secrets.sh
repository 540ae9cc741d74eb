#!/bin/sh
# Makes secrets/, the folder of files that docker-compose.yml mounts, each where it is used. A file that has content is
# kept, so it is safe to run again. Asks for the one secret that cannot be generated.
#   sh deploy/secrets.sh [folder]
set -eu
umask 077

folder=${1:-$(dirname "$0")/../secrets}
mkdir -p "$folder"
# Only its owner may enter. Containers run as other users, and are given single files: those are readable to all.
chmod 700 "$folder"
cd "$folder"

write() {
  printf '%s' "$2" >"$1.new"
  chmod 644 "$1.new"
  mv -f "$1.new" "$1"
}

# The output of a command, for a file that has no content yet.
make() {
  name=$1
  shift
  if [ -s "$name" ]; then return; fi
  value=$("$@")
  write "$name" "$value"
}

sealing_key() {
  key=$(openssl rand -base64 32)
  echo "k1:$key"
}

# Of the MongoDB in docker-compose.yml; change it together with the password.
mongodb_uri() {
  password=$(cat mongodb_password)
  echo "mongodb://holdfast:$password@mongo:27017/?replicaSet=rs0&authSource=admin"
}

optional() {
  if [ ! -e "$1" ]; then write "$1" ''; fi
}

make temporal_db_password openssl rand -hex 24
make mongo_root_password openssl rand -hex 24
make mongodb_password openssl rand -hex 24
make mongodb_uri mongodb_uri
make auth0_aesthetic_log_token openssl rand -hex 24
make pds_admin_password openssl rand -hex 24
make pds_jwt_secret openssl rand -hex 24
# Whoever has it can change every account's DID: keep a copy elsewhere.
make pds_plc_rotation_key openssl rand -hex 32
make holdfast_key sealing_key
# Never rotates: keep a copy elsewhere.
make holdfast_id_key openssl rand -base64 32
make holdfast_operator_token openssl rand -base64 24
# May stay empty: the channels of alerts, how the PDS sends mail (smtps://user:password@host:465), and the key of Temporal
# Cloud.
optional holdfast_alert_url
optional holdfast_alert_webhook_url
optional holdfast_alert_webhook_secret
optional slack_webhook_url
optional smtp_url
optional pagerduty_routing_key
optional pds_email_smtp_url
optional temporal_api_key

if [ ! -s auth0_aesthetic_client_secret ]; then
  printf "The client secret of Auth0's machine-to-machine application: " >&2
  if [ -t 0 ]; then
    trap 'stty echo' EXIT
    stty -echo
  fi
  IFS= read -r secret || true
  echo >&2
  if [ -z "$secret" ]; then
    echo "$folder/auth0_aesthetic_client_secret is missing: run this again with the secret" >&2
    exit 1
  fi
  write auth0_aesthetic_client_secret "$secret"
fi
