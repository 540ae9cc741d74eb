#!/bin/sh
# Creates the missing profiles, by the functions of `holdfast sql supabase install`. A dry run unless `false` is given;
# then it asks before it writes, and verifies afterwards.
#
#   npm run supabase:backfill                    what would be created
#   bash ./scripts/backfill-profiles.sh false    create them
#
# Connection and exit codes are those of diagnose-auth-profile.sh; 1 also where a profile was refused, or the answer is
# no.
set -eu
dry_run=${1:-true}
case $dry_run in
true | false) ;;
*)
  echo "Usage: $0 [true|false]: whether it is a dry run (true)" >&2
  exit 2
  ;;
esac
. "$(dirname "$0")/lib/supabase-sql.sh"

preview=$(value 'select public.backfill_all_missing_profiles(100, true)')
echo "$preview"
if [ "$dry_run" = true ]; then
  echo "Nothing was changed. To create them: bash $0 false"
  exit 0
fi
missing=$(value 'select (public.backfill_all_missing_profiles(100, true)) ->> $$total_missing$$')
if [ "$missing" -eq 0 ]; then
  echo 'No profile is missing. Nothing was changed.'
  exit 0
fi
printf 'Create %s profiles? [y/N] ' "$missing" >&2
answer=
read -r answer || :
case $answer in
y | Y | yes | Yes | YES) ;;
*)
  echo 'Nothing was changed.'
  exit 1
  ;;
esac
value 'select public.backfill_all_missing_profiles(100, false)'
show 'select * from public.verify_profile_completeness()'
left=$(value "select count from public.verify_profile_completeness() where check_name = 'Auth users without profiles'")
if [ "$left" -gt 0 ]; then
  echo "$left users have no profile. The reasons: npm run supabase:diagnose"
  exit 1
fi
