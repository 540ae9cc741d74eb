import { ConfigError, loadConfig, type Env, type Section, type Sections } from '../config.ts'
import type { System } from '../contracts/systems.ts'
import type { ServedSystem, ServerPart, WorkerPart } from './system.ts'

/**
 * The systems that this version supports; a test adds its own before it starts an entry. Each is loaded when it is
 * served: it brings its clients with it.
 */
export const SERVED: Partial<Record<System, () => Promise<ServedSystem>>> = {
  atproto: async () => (await import('./atproto.ts')).atproto,
}

/** The names of the supported systems. The table is read on each call. */
export function supportedSystems(): [System, ...System[]] {
  return Object.keys(SERVED) as [System, ...System[]]
}

/** The answers of a system. Throws a `ConfigError` for one that this version does not support. */
export async function loadSystem(name: System): Promise<ServedSystem> {
  const load = SERVED[name]
  if (load !== undefined) return load()
  throw new ConfigError([
    `HOLDFAST_SYSTEMS names ${name}, which this version of Holdfast does not support; it supports ${supportedSystems().join(', ')}`,
  ])
}

export function loadSystems(names: readonly System[]): Promise<ServedSystem[]> {
  return Promise.all(names.map(loadSystem))
}

/**
 * The systems in HOLDFAST_SYSTEMS, and the configuration of `own` sections. Throws one `ConfigError` that names every
 * missing or malformed variable, those of all served systems included.
 */
export async function loadServed<P extends 'worker' | 'server', S extends Section>(
  part: P,
  own: readonly S[],
  env?: Env,
): Promise<{ systems: SystemWithPart<P>[]; config: Pick<Sections, S> }> {
  const findings: string[] = []
  const collect = (error: unknown): void => {
    if (!(error instanceof ConfigError)) throw error
    findings.push(...error.findings)
  }
  let systems: ServedSystem[] = []
  try {
    systems = await loadSystems(loadConfig(['systems'], env).systems)
  } catch (error) {
    collect(error)
    systems = await loadSystems(supportedSystems()) // so that what else is missing is named too
  }
  const parts = await Promise.all(systems.map((system) => withPart(system, part)))
  for (const system of parts) {
    try {
      system[part].checkConfig(env)
    } catch (error) {
      collect(error)
    }
  }
  try {
    const config = loadConfig(own, env)
    if (findings.length === 0) return { systems: parts, config }
  } catch (error) {
    collect(error)
  }
  throw new ConfigError([...new Set(findings)])
}

type Part = { readonly worker: WorkerPart; readonly server: ServerPart }
type SystemWithPart<P extends keyof Part> = Pick<ServedSystem, 'name'> & Pick<Part, P>

async function withPart<P extends keyof Part>(system: ServedSystem, part: P): Promise<SystemWithPart<P>> {
  return { name: system.name, [part]: await system[part]() } as SystemWithPart<P>
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
