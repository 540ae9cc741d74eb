#!/bin/sh
# Prints the health of users and profiles, by the functions of `holdfast sql supabase install`. Reads only.
#
#   export SUPABASE_DB_URL="postgres://postgres:<password>@<host>:5432/postgres"
#   npm run supabase:diagnose
#
# The role is postgres, or service_role. SUPABASE_ADMIN_DB_URL comes first where both are set. Needs psql, and neither
# Temporal nor keys. Exits with 0 where all is as it should be, 1 with findings, 2 where it could not look.
set -eu
. "$(dirname "$0")/lib/supabase-sql.sh"

echo 'Users and profiles'
show 'select * from public.diagnose_auth_profile_consistency()'
echo 'Last 24 hours'
show 'select * from public.monitor_signup_health()'
echo 'Issues of the last ten minutes'
show 'select * from public.check_recent_signup_issues()'
echo 'People without a profile, or without a user: the newest twenty'
show 'select * from public.get_auth_profile_mismatches(20)'
echo 'Verification'
show 'select * from public.verify_profile_completeness()'

missing=$(value "select count from public.verify_profile_completeness() where check_name = 'Auth users without profiles'")
failed=$(value "select count(*) from public.verify_profile_completeness() where status <> 'PASS'")
if [ "$missing" -gt 0 ]; then
  echo "$missing users have no profile. To see what would be created: npm run supabase:backfill"
  echo 'To find the cause: holdfast check supabase'
fi
if [ "$failed" -eq 0 ]; then
  echo 'All checks pass.'
else
  exit 1
fi
