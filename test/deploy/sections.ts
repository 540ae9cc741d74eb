import { ConfigError, loadConfig, type Section } from '../../src/config.ts'
import { ATPROTO_SECTIONS } from '../../src/worker/deps.ts'
import { textOf } from './files.ts'
import type { Variables } from './env-example.ts'

/** The sections of the configuration an entry loads, as its source says. */
export function sectionsOf(entry: string): Section[] {
  const [, list] = /loadConfig\(\[([^\]]+)\]/.exec(textOf(entry)) ?? []
  if (list === undefined) throw new Error(`${entry} loads no configuration`)
  const shared = list.includes('...ATPROTO_SECTIONS') ? ATPROTO_SECTIONS : []
  return [...shared, ...[...list.matchAll(/'([a-zA-Z]+)'/g)].map(([, name]) => name as Section)]
}

/** Everything a configuration holds or finds missing, to compare. */
function outcome(sections: readonly Section[], env: Variables): string {
  try {
    return JSON.stringify(loadConfig(sections, env))
  } catch (error) {
    if (error instanceof ConfigError) return JSON.stringify(error.findings)
    throw error
  }
}

/** Whether the configuration depends on a variable: taking it away, or changing it, shows. */
export function isRead(sections: readonly Section[], env: Variables, name: string): boolean {
  const { [name]: _, ...without } = env
  const changed = { ...env, [name]: 'another-value' }
  const asItIs = outcome(sections, env)
  return asItIs !== outcome(sections, without) || asItIs !== outcome(sections, changed)
}
