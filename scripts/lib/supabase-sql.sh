# Read by the scripts beside this folder: `show` prints the table of a query, `value` its only value.
url=${SUPABASE_ADMIN_DB_URL:-${SUPABASE_DB_URL:-}}
if [ -z "$url" ]; then
  echo 'SUPABASE_DB_URL is not set: postgres://postgres:<password>@<host>:5432/postgres' >&2
  exit 2
fi
if ! command -v psql >/dev/null; then
  echo 'psql is not installed; it is part of the client of Postgres.' >&2
  exit 2
fi

show() {
  query --pset footer=off -c "$1"
}

value() {
  query -At -c "$1"
}

query() {
  psql "$url" -Xq -v ON_ERROR_STOP=1 "$@" || {
    echo 'The query failed. To install its functions: npm run supabase:push. Only postgres and service_role may run them.' >&2
    exit 2
  }
}
