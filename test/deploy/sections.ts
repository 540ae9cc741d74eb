import { ConfigError } from '../../src/config.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'
import { ATPROTO_SERVER_SECTIONS } from '../../src/http/atproto/part.ts'
import { SERVER_SECTIONS } from '../../src/http/connections.ts'
import { ATPROTO_SECTIONS } from '../../src/worker/atproto/deps.ts'
import { WORKER_SECTIONS } from '../../src/worker/connections.ts'
import { textOf } from './files.ts'
import type { Variables } from './env-example.ts'

/** The sections that a worker or server loads, for every system and for those it serves. */
const OF_PROCESSES: Readonly<Record<string, readonly AtprotoSection[]>> = {
  'src/worker.ts': ['systems', 'mongo', ...WORKER_SECTIONS, ...ATPROTO_SECTIONS],
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

/** Everything a configuration contains or finds missing, for comparison. */
function outcome(sections: readonly AtprotoSection[], env: Variables): string {
  try {
    return JSON.stringify(loadAtprotoConfig(sections, env))
  } catch (error) {
    if (error instanceof ConfigError) return JSON.stringify(error.findings)
    throw error
  }
}

/** Whether the configuration depends on a variable: it differs when the variable is removed or changed. */
export function isRead(sections: readonly AtprotoSection[], env: Variables, name: string): boolean {
  const { [name]: _, ...without } = env
  const changed = { ...env, [name]: 'another-value' }
  const asItIs = outcome(sections, env)
  return asItIs !== outcome(sections, without) || asItIs !== outcome(sections, changed)
}
