import type { Db } from 'mongodb'
import { createAuth0Probe } from '../../adapters/auth0/probe.ts'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import { createDeletions } from '../../client/deletions.ts'
import { tenantOfIdentity } from '../../config/atproto/tenants.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { checkFinding } from '../../domain/check-findings.ts'
import { PROBE_IDENTITIES } from '../../domain/atproto/probe.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import type { Check } from '../check.ts'
import type { AtprotoCheckContext } from './context.ts'

/** A probe that began this long ago, in milliseconds, does not run any more. */
const OVER_MS = 5 * 60_000
const MOST = 20
/** Each collection may have the only trace of a probe, such as one whose record was not created, or is deleted. */
const COLLECTIONS = ['users', 'holdfast_people'] as const

/** Test identities that an interrupted probe left, by the time of their signup. */
export async function abandonedProbes(db: Db, now = Date.now()): Promise<string[]> {
  const which = { _id: PROBE_IDENTITIES, when: { $lt: new Date(now - OVER_MS) } }
  const found = await Promise.all(
    COLLECTIONS.map((name) =>
      callMongo(name, 'find', () =>
        db
          .collection<{ _id: string; when: Date }>(name)
          .find(which, { projection: { _id: 1 } })
          .limit(MOST)
          .toArray(),
      ),
    ),
  )
  return [...new Set(found.flat().map(({ _id }) => _id))]
}

/** Deletes them everywhere, first at the provider. The deletion workflows continue in the background. */
export async function removeAbandonedProbes(context: AtprotoCheckContext): Promise<void> {
  const deletions = createDeletions(
    context.temporal().client,
    context.system,
    createIdHash(context.section('keys').id),
  )
  for (const identity of await abandonedProbes((await context.mongo()).db)) {
    const tenant = tenantOfIdentity(context.section('tenants'), identity)
    if (tenant === undefined) continue // its tenant is no longer configured: `check` reports it
    await createAuth0Probe(context.auth0(tenant.name)).remove(identity.slice(tenant.idPrefix.length))
    await deletions.start({ tenant: tenant.name, identity })
  }
}

export function abandonedProbesCheck(context: AtprotoCheckContext): Check {
  return {
    name: 'left-probes',
    run: async () => {
      const left = await abandonedProbes((await context.mongo()).db)
      const identities = left.map(shellQuoted).join(', ')
      return {
        notices:
          left.length === 0
            ? []
            : [checkFinding('atproto', 'probe-left', { count: String(left.length), identities })],
        facts: left.length === 0 ? [] : [`${left.length} left`],
      }
    },
  }
}
