import { ConfigError } from '../../src/config.ts'
import { loadAtprotoConfig, type AtprotoSection } from '../../src/config/atproto/sections.ts'
import { ATPROTO_SERVER_SECTIONS } from '../../src/http/atproto/start.ts'
import { ATPROTO_SECTIONS } from '../../src/worker/atproto/deps.ts'
import { textOf } from './files.ts'
import type { Variables } from './env-example.ts'

/** The sections that a worker or server loads for the systems it serves. */
const OF_SYSTEMS: Readonly<Record<string, readonly AtprotoSection[]>> = {
  'src/worker.ts': ['systems', ...ATPROTO_SECTIONS],
  'src/server.ts': ['systems', ...ATPROTO_SERVER_SECTIONS],
}

/** The sections of the configuration that an entry loads, according to its source. */
export function sectionsOf(entry: string): AtprotoSection[] {
  const text = textOf(entry)
  const lists = [...text.matchAll(/(?:loadConfig\(|loadServed\('worker', |SECTIONS = )\[([^\]]+)\]/g)].map(
    ([, list]) => list ?? '',
  )
  if (lists.length === 0) throw new Error(`${entry} loads no configuration`)
  const named = lists.flatMap((list) =>
    [...list.matchAll(/'([a-zA-Z]+)'/g)].map(([, name]) => name as AtprotoSection),
  )
  return [...(OF_SYSTEMS[entry] ?? []), ...named]
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
