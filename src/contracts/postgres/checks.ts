import { SHARED_CHECKS } from '../shared/checks.ts'
import type { CheckWord } from '../words.ts'
import { databaseVariable } from './variable.ts'

/** The tables of sql/state, or what a folder of a system's own creates. */
const objects = (folder: string | undefined): string =>
  folder === undefined ? 'The tables of Holdfast' : `The objects of ${folder}`

/** Findings of `check` about Postgres, for every system that stores its records, or Holdfast's own, there. */
export const POSTGRES_CHECKS = {
  'server-not-ready': {
    ...SHARED_CHECKS['server-not-ready'],
    fix: ({ system }) =>
      `It cannot reach Temporal or Postgres: check its log, and its TEMPORAL_ADDRESS and ${databaseVariable(system)}.`,
  },
  'connection-unencrypted': {
    ...SHARED_CHECKS['connection-unencrypted'],
    fix: ({ system, variable }) =>
      `Enable TLS: ${variable ?? `sslmode=verify-full in ${databaseVariable(system)}, with sslrootcert=<file> for a private authority, or TEMPORAL_TLS=true`}`,
  },
  'postgres-login-refused': {
    sentence: ({ system }) => `Postgres refuses the login of ${databaseVariable(system)}.`,
    fix: ({ system }) => `Correct the user, the password and the database in ${databaseVariable(system)}.`,
  },
  'postgres-privilege-missing': {
    sentence: ({ table, actions }) =>
      `The Postgres role of Holdfast lacks the privilege ${actions ?? 'it needs'} on ${table ?? 'the schema holdfast'}.`,
    fix: ({ grant }) =>
      `In psql, as the owner of the table: ${grant ?? 'grant usage on schema holdfast to <role>'}`,
  },
  'postgres-privileges-superfluous': {
    sentence: ({ rights }) =>
      `The Postgres role of Holdfast has more privileges than it needs: ${rights ?? 'superuser'}.`,
    fix: ({ system }) =>
      `Create a role without them that has the privileges on the schema holdfast, and put it into ${databaseVariable(system)}.`,
  },
  'state-outdated': {
    sentence: ({ folder, found, needed }) =>
      found === undefined
        ? `${objects(folder)} do not exist in Postgres.`
        : `${objects(folder)} in Postgres have version ${found}; this version of Holdfast needs version ${needed ?? 'of its own'}.`,
    fix: ({ system }) => `holdfast state apply ${system}`,
  },
  'state-too-new': {
    sentence: ({ folder, found, needed }) =>
      `${objects(folder)} in Postgres have version ${found ?? 'of a later release'}; this version of Holdfast knows version ${needed ?? 'of an earlier one'} at most.`,
    fix: () => 'Deploy the version of Holdfast that applied it, or a later one, in every process.',
  },
  'state-altered': {
    sentence: ({ folder, file }) =>
      `${objects(folder)} in Postgres were created by another ${file ?? 'file of sql/state'} than the one of this version.`,
    fix: ({ folder }) =>
      `Restore ${folder ?? 'sql/state'} as it was released. Where a development version created the tables: drop schema holdfast cascade, which deletes all that Holdfast stored there, then apply again.`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>

/** Problems of Postgres that are findings of `check`, too. */
export const POSTGRES_PROBLEMS_OF_CHECKS = [
  'postgres-unreachable',
  'postgres-denied',
  'postgres-refused',
] as const
