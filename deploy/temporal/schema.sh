#!/bin/sh
# Creates Temporal's two databases, or brings them to this version's schema. Safe to run again.
# Where the databases are, temporal-sql-tool reads from SQL_*.
set -eu

schemas=/etc/temporal/schema/postgresql/v12

bring_up() {
  temporal-sql-tool --db "$1" create-database
  temporal-sql-tool --db "$1" setup-schema --version 0.0
  temporal-sql-tool --db "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

bring_up temporal temporal
bring_up temporal_visibility visibility
