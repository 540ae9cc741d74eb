import { ConfigError, loadConfig, type Env, type Section, type Sections } from '../config.ts'
import { collectFindings } from '../config/findings.ts'
import type { StateSettings } from '../config/state.ts'
import type { System } from '../contracts/systems.ts'
import type { ConfiguredServer } from './server-part.ts'
import type { ServedSystem } from './system.ts'
import type { ConfiguredWorker } from './worker-part.ts'

/**
 * The systems that this version supports; a test adds its own before it starts an entry. Each is loaded when it is
 * served: it brings its clients with it.
 */
export const SERVED: Partial<Record<System, () => Promise<ServedSystem>>> = {
  atproto: async () => (await import('./atproto.ts')).atproto,
  supabase: async () => (await import('./supabase.ts')).supabase,
}

/** The names of the supported systems. The table is read on each call. */
export function supportedSystems(): [System, ...System[]] {
  return Object.keys(SERVED) as [System, ...System[]]
}

/** The answers of a system. Throws a `ConfigError` for one that this version does not support. */
export async function loadSystem(name: System): Promise<ServedSystem> {
  const load = SERVED[name]
  if (load !== undefined) return load()
  throw new ConfigError([unsupported(name)])
}

export function loadSystems(names: readonly System[]): Promise<ServedSystem[]> {
  return Promise.all(names.map(loadSystem))
}

function unsupported(name: System): string {
  return `HOLDFAST_SYSTEMS names ${name}, which this version of Holdfast does not support; it supports ${supportedSystems().join(', ')}`
}

/** The part of a system that one kind of process runs, with its configuration. */
interface Configured {
  readonly worker: ConfiguredWorker
  readonly server: ConfiguredServer
}

/**
 * The systems in HOLDFAST_SYSTEMS with their configuration, and the configuration of `own` sections. Throws one
 * `ConfigError` that names every missing or malformed variable, those of all served systems included.
 */
export async function configureServed<P extends keyof Configured, S extends Section>(
  part: P,
  own: readonly S[],
  env?: Env,
): Promise<{
  systems: {
    readonly system: ServedSystem
    readonly configured: Configured[P]
    readonly state: StateSettings
  }[]
  config: Pick<Sections, S>
}> {
  const findings = collectFindings()
  const names = findings.collect(() => {
    const { systems } = loadConfig(['systems'], env)
    const others = systems.filter((name) => SERVED[name] === undefined)
    if (others.length > 0) throw new ConfigError(others.map(unsupported))
    return systems
  })
  // Every system is read where the names are wrong, so that whatever else is missing is named too.
  const served = await loadSystems(names ?? supportedSystems())
  const config = findings.collect(() => loadConfig(own, env))
  const systems = await Promise.all(
    served.map(async (system) => {
      const { configure } = (await system[part]()) as { configure(given?: Env): Configured[P] }
      return {
        system,
        configured: findings.collect(() => configure(env)),
        state: findings.collect(() => system.state.read(env)),
      }
    }),
  )
  findings.throwIfAny()
  return {
    systems: systems.flatMap(({ system, configured, state }) =>
      configured === undefined || state === undefined ? [] : [{ system, configured, state }],
    ),
    config: config as Pick<Sections, S>, // it is there, since nothing was wrong
  }
}

/** Starts all; where one fails, stops those that started, and throws its error. */
export async function startAll<T>(
  starts: readonly (() => Promise<T>)[],
  stop: (started: T) => Promise<void>,
): Promise<T[]> {
  const results = await Promise.allSettled(starts.map((start) => start()))
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed === undefined) return started
  await Promise.allSettled(started.map(stop)) // the failure to start is what is reported
  throw failed.reason
}
