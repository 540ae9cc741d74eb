import type { Env } from '../read.ts'
import { readTenantNames } from './tenants.ts'

/** The log and the users of each tenant. */
export function atprotoCatchUps(env: Env): { readonly tenant: string; readonly note: string }[] {
  return readTenantNames(env).map(({ name }) => ({
    tenant: name,
    note: `Reads events of ${name} that the log stream may have missed`,
  }))
}
