import { ConfigError } from '../../src/config.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'
import { loadSupabaseConfig, type SupabaseSection } from '../../src/config/supabase/sections.ts'
import { SUPABASE_SERVER_SECTIONS } from '../../src/http/supabase/part.ts'
import { ATPROTO_SERVER_SECTIONS } from '../../src/http/atproto/part.ts'
import { SERVER_SECTIONS } from '../../src/http/connections.ts'
import { ATPROTO_SECTIONS } from '../../src/worker/atproto/deps.ts'
import { WORKER_PROCESS_SECTIONS } from '../../src/worker/connections.ts'
import { textOf } from './files.ts'
import type { Variables } from './env-example.ts'

/** The sections that a worker or server loads, for every system and for those it serves. */
const OF_PROCESSES: Readonly<Record<string, readonly AtprotoSection[]>> = {
  'src/worker.ts': ['systems', 'mongo', ...WORKER_PROCESS_SECTIONS, ...ATPROTO_SECTIONS],
  'src/server.ts': ['systems', 'mongo', ...SERVER_SECTIONS, ...ATPROTO_SERVER_SECTIONS],
  'src/codec.ts': ['keys', 'operator', 'ui', 'http', 'sharedState', 'mongo'],
}

/** The sections of the configuration that an entry loads, according to its source where it is no process of systems. */
export function sectionsOf(entry: string): readonly AtprotoSection[] {
  const known = OF_PROCESSES[entry]
  if (known !== undefined) return known
  const lists = [...textOf(entry).matchAll(/loadConfig\(\[([^\]]+)\]/g)].map(([, list]) => list ?? '')
  if (lists.length === 0) throw new Error(`${entry} loads no configuration`)
  return lists.flatMap((list) =>
    [...list.matchAll(/'([a-zA-Z]+)'/g)].map(([, name]) => name as AtprotoSection),
  )
}

/** Those of the other systems that the entry serves. */
const OF_SUPABASE: Readonly<Record<string, readonly SupabaseSection[]>> = {
  'src/worker.ts': ['supabase', 'supabaseMigrations'],
  'src/server.ts': SUPABASE_SERVER_SECTIONS,
  command: ['supabaseAdmin', 'supabaseMigrations'],
}

/** A value of the right form for each variable without which the sections of a system are not read. */
const SAMPLES: Variables = { SUPABASE_DB_URL: 'postgres://holdfast:sample@db.example.com:5432/postgres' }

/** Whether an entry, or `command`, reads a variable for a system beside `atproto`. */
export function isReadForSupabase(entry: string, env: Variables, name: string): boolean {
  const sections = OF_SUPABASE[entry] ?? []
  return differs((given) => JSON.stringify(loadSupabaseConfig(sections, given)), { ...SAMPLES, ...env }, name)
}

/** Everything a configuration contains or finds missing, for comparison. */
function outcome(load: (env: Variables) => string, env: Variables): string {
  try {
    return load(env)
  } catch (error) {
    if (error instanceof ConfigError) return JSON.stringify(error.findings)
    throw error
  }
}

/** Whether the configuration depends on a variable: it differs when the variable is removed or changed. */
export function isRead(sections: readonly AtprotoSection[], env: Variables, name: string): boolean {
  return differs((given) => JSON.stringify(loadAtprotoConfig(sections, given)), env, name)
}

function differs(load: (env: Variables) => string, env: Variables, name: string): boolean {
  const { [name]: _, ...without } = env
  const changed = { ...env, [name]: 'another-value' }
  const asItIs = outcome(load, env)
  return asItIs !== outcome(load, without) || asItIs !== outcome(load, changed)
}
