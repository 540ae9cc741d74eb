import { createAuth0Admin } from '../../adapters/auth0/admin.ts'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import {
  createApplicationRecords,
  type ApplicationRecords,
} from '../../adapters/mongo/application-records.ts'
import { createPdsReader } from '../../adapters/pds/reader.ts'
import type { AtprotoSections } from '../../config/atproto/sections.ts'
import type { TenantConfig } from '../../config/atproto/tenants.ts'
import type { Inspection } from '../../activities/health.ts'
import { mayBeResolved } from '../../domain/atproto/gap-resolved.ts'
import { createPersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import { mongoOf } from '../../state/open.ts'
import type { HealthAnswers, HealthParts } from '../../systems/worker-part.ts'
import { CALL_OF_WATCH, withBreaker } from '../breakers.ts'
import type { WorkerConnections } from '../connections.ts'
import type { Breakers } from './breakers.ts'
import { missingSignups } from './missing-signups.ts'
import { notAdopted } from './not-adopted.ts'

interface AtprotoHealth {
  readonly config: Pick<AtprotoSections, 'pds'>
  readonly connections: Pick<WorkerConnections, 'opened' | 'hash'>
  /** Each with one client for the life of the worker: a new one requests a token from Auth0, and tokens are metered. */
  readonly tenants: readonly (TenantConfig & { readonly auth0: Auth0 })[]
  readonly breakers: Breakers
}

/** Whether signups of `atproto` can proceed: the PDS and each Auth0 tenant, and people without any event. */
export function atprotoHealth(
  { config, connections, tenants, breakers }: AtprotoHealth,
  { ignored }: HealthParts,
): HealthAnswers {
  const { opened, hash } = connections
  const { db } = mongoOf(opened)
  const pds = createPdsReader(config.pds)
  const stores = withBreaker(breakers.mongo, createApplicationRecords(db), CALL_OF_WATCH)
  const tombstones = withBreaker(breakers.mongo, opened.state.tombstones(hash), CALL_OF_WATCH)
  const people = withBreaker(breakers.mongo, createPersonMemory(db), CALL_OF_WATCH)
  return {
    dependencies: [
      { dependency: 'pds', tenant: null, check: () => breakers.pds.runAlways(() => pds.ping()) },
      ...tenants.map((tenant) => {
        const { ping } = createAuth0Admin(tenant)
        const check = () => breakers.auth0(tenant.name).runAlways(ping)
        return { dependency: 'auth0' as const, tenant: tenant.name, check }
      }),
    ],
    inspections: [
      {
        name: 'accounts not adopted',
        alerts: ['account-not-adopted'],
        needs: ['mongo', 'pds'],
        inspect: () => notAdopted({ people, pds: withBreaker(breakers.pds, pds), ignored }),
      },
      ...tenants.map((tenant): Inspection => ({
        name: `missing signups of ${tenant.name}`,
        alerts: ['signups-missing'],
        needs: ['mongo', 'auth0'],
        inspect: () =>
          missingSignups({
            tenant,
            auth0: withBreaker(breakers.auth0(tenant.name), tenant.auth0),
            stores,
            tombstones,
            ignored,
          }),
      })),
    ],
    mayBeResolved: mayBeResolvedIn(stores),
  }
}

/** Asks the application's own records alone. */
export function mayBeResolvedIn(stores: Pick<ApplicationRecords, 'load'>): HealthAnswers['mayBeResolved'] {
  return async (findings) => {
    const stored = await stores.load([...new Set(findings.map(({ identity }) => identity))])
    return findings.some((finding) => mayBeResolved(finding, stored.get(finding.identity)))
  }
}
