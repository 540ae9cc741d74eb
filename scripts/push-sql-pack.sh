#!/bin/sh
# Creates or updates Holdfast's tables and the SQL pack in the project of SUPABASE_ADMIN_DB_URL, or of SUPABASE_DB_URL
# where that has the role postgres, as the old runbook sets it. For migrations: holdfast sql supabase write-migrations
set -eu
SUPABASE_ADMIN_DB_URL=${SUPABASE_ADMIN_DB_URL:-${SUPABASE_DB_URL:-}}
export SUPABASE_ADMIN_DB_URL
holdfast="$(dirname "$0")/../bin/holdfast.js"
node "$holdfast" state apply supabase --use-env
node "$holdfast" sql supabase install --use-env
