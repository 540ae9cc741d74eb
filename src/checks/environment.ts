import { ConfigError, loadConfig, type Env, type Section, type Sections } from '../config.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import { checkFinding } from '../domain/check-findings.ts'
import {
  unencryptedMongoHosts,
  unencryptedPostgresHosts,
  unencryptedTemporalHosts,
} from '../domain/unencrypted.ts'
import type { Check } from './check.ts'
import type { StateSettings } from '../config/state.ts'
import type { CheckContext, CheckedSystem } from './context.ts'
import type { SystemChecks } from './system-checks.ts'

/** The general variables that worker, server and commands read. */
const SECTIONS = [
  'temporal',
  'systems',
  'keys',
  'http',
  'signup',
  'url',
  'docs',
] as const satisfies readonly Section[]

export function environmentCheck({ system, served, env }: CheckContext, checks: SystemChecks): Check {
  return {
    name: 'environment',
    async run() {
      try {
        const { config, state, facts } = readEnvironment(env, served, checks)
        const { temporal } = config
        const { address = '', tls } = temporal.connection
        const notice = (server: string, hosts: readonly string[], variable: string): CheckFinding[] =>
          hosts.length === 0
            ? []
            : [checkFinding(system, 'connection-unencrypted', { server, hosts: hosts.join(', '), variable })]
        return {
          notices: [
            ...(state.kind === 'mongodb'
              ? notice('MongoDB', unencryptedMongoHosts(state.uri), 'tls=true in MONGODB_URI')
              : notice('Postgres', unencryptedPostgresHosts(state.url), 'sslmode=verify-full in its URL')),
            ...notice(
              'Temporal',
              unencryptedTemporalHosts(address, tls !== undefined && tls !== false),
              'TEMPORAL_TLS=true, or TEMPORAL_API_KEY',
            ),
          ],
          facts,
        }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        return {
          findings: error.findings.map((finding) =>
            checkFinding(system, 'environment-incomplete', { finding }),
          ),
        }
      }
    },
  }
}

/** Names all that is wrong at once, in the general variables and in the system's own. */
function readEnvironment(
  env: Env,
  { state: location }: Pick<CheckedSystem, 'state'>,
  checks: SystemChecks,
): { config: Pick<Sections, (typeof SECTIONS)[number]>; state: StateSettings; facts: readonly string[] } {
  const findings: string[] = []
  const collected = <T>(read: () => T): T | null => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      findings.push(...error.findings)
      return null
    }
  }
  const config = collected(() => loadConfig(SECTIONS, env))
  const state = collected(() => location.read(env))
  const facts = collected(() => checks.readEnvironment(env))
  if (config === null || state === null || facts === null) throw new ConfigError([...new Set(findings)])
  return { config, state, facts }
}
