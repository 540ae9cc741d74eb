import type { ProblemWord } from '../words.ts'
import { byItself, retryOne, said } from '../shared/phrases.ts'
import { databaseVariable } from './variable.ts'

/** The schema of Holdfast's own tables, which a command of ours creates. */
const OWN = /^holdfast\./

/** Problems of Postgres, for every system that stores its records, or Holdfast's own, there. */
export const POSTGRES_PROBLEMS = {
  'postgres-unreachable': {
    sentence: ({ detail }) => `Postgres does not answer (${detail['answer'] ?? 'no connection'}).`,
    fix: ({ system }) =>
      `Bring Postgres, or the pooler before it, back, or correct ${databaseVariable(system)}. ${byItself}.`,
    quickTry: true,
    triedBy: { checks: /^postgres$/, settings: /_DB_URL$/ },
    severity: 'critical',
  },
  'postgres-throttled': {
    sentence: ({ detail }) =>
      `Postgres did not carry out the operation ${detail['action'] ?? 'write'} on ${detail['table'] ?? 'a table'} because of a limit or another transaction (${detail['code'] ?? 'no code'}).`,
    fix: () =>
      `To see what keeps Postgres busy, in psql: select pid, state, wait_event, query_start, query from pg_stat_activity where state <> 'idle' order by query_start; stop that statement, or raise max_connections or the statement_timeout of the role. ${byItself}, at growing intervals.`,
    quickTry: true,
  },
  'postgres-denied': {
    sentence: ({ detail }) =>
      detail['login'] === undefined
        ? `The Postgres role of Holdfast lacks the privilege ${detail['action'] ?? 'write'} on ${detail['table'] ?? 'the database'}.`
        : `Postgres refuses the login (${detail['login']}).`,
    fix: ({ system, detail }) =>
      detail['login'] === undefined
        ? `In psql, as the owner of the table, with the role of ${databaseVariable(system)}: ${detail['grant'] ?? 'grant usage on schema holdfast to <role>'}. ${byItself}.`
        : `Correct the user, the password and the database in ${databaseVariable(system)}. ${byItself}.`,
    triedBy: { checks: /^postgres(-rights)?$/, settings: /_DB_URL$/ },
    severity: 'high',
  },
  'postgres-refused': {
    sentence: ({ detail }) =>
      `Postgres refused the operation ${detail['action'] ?? 'write'} on ${detail['table'] ?? 'a table'}${said(', column ', detail['column'])} (${detail['code'] ?? 'no code'}${said(', ', detail['constraint'])}).`,
    fix: (context) =>
      OWN.test(context.detail['table'] ?? '') && /^42P01|^42703|^3F000/.test(context.detail['code'] ?? '')
        ? `Create what is missing: holdfast state apply ${context.system}; then: ${retryOne(context)}`
        : `Check the constraints, triggers and policies of that table and correct them, then: ${retryOne(context)}`,
  },
} as const satisfies Readonly<Record<string, ProblemWord>>
