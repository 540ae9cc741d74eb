import { ConfigError } from '../config.ts'
import {
  loadAtprotoConfig as loadConfig,
  type AtprotoSection as Section,
} from '../config/atproto/sections.ts'
import type { CheckFinding } from '../contracts/checks.ts'
import { checkFinding } from '../domain/check-findings.ts'
import { unencryptedMongoHosts, unencryptedTemporalHosts } from '../domain/unencrypted.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

/** Every variable that worker, server and commands of the system read. */
const SECTIONS: readonly Section[] = [
  'temporal',
  'systems',
  'mongo',
  'tenants',
  'pds',
  'keys',
  'http',
  'signup',
  'url',
  'docs',
]

export function environmentCheck({ system, env }: CheckContext): Check {
  return {
    name: 'environment',
    async run() {
      try {
        const { tenants, mongo, temporal } = loadConfig(SECTIONS, env)
        const { address = '', tls } = temporal.connection
        const notice = (server: string, hosts: readonly string[], variable: string): CheckFinding[] =>
          hosts.length === 0
            ? []
            : [checkFinding(system, 'connection-unencrypted', { server, hosts: hosts.join(', '), variable })]
        return {
          notices: [
            ...notice('MongoDB', unencryptedMongoHosts(mongo.uri), 'tls=true in MONGODB_URI'),
            ...notice(
              'Temporal',
              unencryptedTemporalHosts(address, tls !== undefined && tls !== false),
              'TEMPORAL_TLS=true, or TEMPORAL_API_KEY',
            ),
          ],
          facts: [`tenants: ${tenants.map(({ name }) => name).join(', ')}`],
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
