import type { Client } from '@temporalio/client'
import { countSilent } from '../client/held-up.ts'
import type { AlertFinding } from '../contracts/alerts.ts'

/** A signup that has got nowhere after this time, and says no problem, has a workflow that fails. */
const SILENT_MS = 10 * 60_000

/** Signups that neither move nor say why. */
export async function silentSignups(client: Client, now = new Date()): Promise<AlertFinding[]> {
  const before = new Date(now.getTime() - SILENT_MS)
  const count = await countSilent(client, before)
  return count === 0 ? [] : [{ name: 'signups-silent', count, since: before.toISOString() }]
}
