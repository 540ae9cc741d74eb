import { ConfigError, loadConfig, type Section } from '../config.ts'
import { checkFinding } from '../domain/check-findings.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

/** Everything that worker, server and commands of the system read. */
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
]

export function environmentCheck({ env }: CheckContext): Check {
  return {
    name: 'environment',
    async run() {
      try {
        const { tenants } = loadConfig(SECTIONS, env)
        return { facts: [`tenants: ${tenants.map(({ name }) => name).join(', ')}`] }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        return {
          findings: error.findings.map((finding) => checkFinding('environment-incomplete', { finding })),
        }
      }
    },
  }
}
