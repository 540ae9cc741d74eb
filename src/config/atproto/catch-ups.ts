import type { Env } from '../read.ts'
import { loadAtprotoConfig } from './sections.ts'

/** The log and the users of each tenant. */
export function atprotoCatchUps(env: Env): { readonly tenant: string; readonly note: string }[] {
  return loadAtprotoConfig(['tenantNames'], env).tenantNames.map(({ name }) => ({
    tenant: name,
    note: `Reads events of ${name} that the log stream may have missed`,
  }))
}
