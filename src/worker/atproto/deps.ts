import { asyncLocalStorage } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { createRepairAdmission } from '../../activities/atproto/signup/admit-repair.ts'
import type { OtherTenant, TenantNamed, TenantOf } from '../../activities/atproto/tenants.ts'
import { throwIfCancelled } from '../../activities/lib/cancellation.ts'
import { createAuth0, type Auth0 } from '../../adapters/auth0/auth0.ts'
import { createCodeIndex } from '../../adapters/mongo/code-index.ts'
import { createHandles } from '../../adapters/mongo/handles.ts'
import { createHandleChanges } from '../../adapters/mongo/handle-changes.ts'
import { createAuditSnapshot } from '../../state/mongo/atproto/audit-snapshot.ts'
import { createIntents } from '../../state/mongo/atproto/intents.ts'
import { createApplicationRecords, estimateUsers } from '../../adapters/mongo/application-records.ts'
import type { PersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import { createAtprotoRecords } from '../../state/mongo/atproto/person-records.ts'
import { mongoOf } from '../../state/open.ts'
import { createUsers, type PriorRecords } from '../../adapters/mongo/users.ts'
import { createVerifications } from '../../adapters/mongo/verifications.ts'
import { createPdsHandles } from '../../adapters/pds/handles.ts'
import { createPdsListing } from '../../adapters/pds/listing.ts'
import { createPds } from '../../adapters/pds/pds.ts'
import { createPlc } from '../../adapters/pds/plc.ts'
import { createHandleSyncs } from '../../client/atproto/handle-syncs.ts'
import { createLastSignups } from '../../client/last-signups.ts'
import type { AtprotoSection, AtprotoSections } from '../../config/atproto/sections.ts'
import { tenantOfIdentity, type TenantConfig } from '../../config/atproto/tenants.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { createStoredPasswords, newPassword } from '../../crypto/stored-password.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { connectAtprotoIntake } from '../../intake/atproto/connect.ts'
import { createLogger } from '../../logging.ts'
import type { HealthAnswers, HealthParts } from '../../systems/worker-part.ts'
import { WORKER_SECTIONS, type WorkerConnections } from '../connections.ts'
import { connectCommonDeps, withCommonGuards, type CommonDeps } from '../common-deps.ts'
import { withBreakers, createBreakers } from './breakers.ts'
import { atprotoHealth } from './health.ts'
import { withWriteGuards } from './write-guards.ts'
import type { SafetyLimits } from '../../state/ports/safety-limits.ts'

/** The sections of the configuration from which a worker's dependencies are created. */
export const ATPROTO_SECTIONS = [
  ...WORKER_SECTIONS,
  'tenants',
  'pds',
] as const satisfies readonly AtprotoSection[]
export type AtprotoConfig = Pick<AtprotoSections, (typeof ATPROTO_SECTIONS)[number]>

export interface ConnectedAtproto {
  readonly deps: AtprotoDeps & CommonDeps
  health(parts: HealthParts): HealthAnswers
  /** Finishes what was begun; the connections of the worker are its own. */
  flush(): Promise<void>
}

/** Connects to the real servers that the configuration names; in observe mode every write is refused. */
export function connectAtproto(config: AtprotoConfig, connections: WorkerConnections): ConnectedAtproto {
  const { temporal, keyring, hash, guard } = connections
  const { client, db } = mongoOf(connections.opened)
  const passwords = createStoredPasswords(keyring, config.pds.passwordStorage)
  const breakers = createBreakers(connections.breaker)
  const tenants = config.tenants.map((tenant) => ({ ...tenant, auth0: createAuth0(tenant) }))
  const logger = createLogger('intake')
  const common = connectCommonDeps('atproto', connections, () => estimateUsers(db))
  const { signups, safetyLimits: brakes } = common
  const { intake, takeListedUsers, personMemory } = connectAtprotoIntake({
    opened: connections.opened,
    signups,
    config,
    tenants,
    logger,
  })
  const memory = connectUserMemory({ config, people: personMemory, brakes, temporal, tenants })
  const deps: AtprotoDeps & CommonDeps = {
    ...common,
    verifications: createVerifications(client, db, throwIfCancelled),
    codeIndex: createCodeIndex(db),
    users: createUsers(db, memory, throwIfCancelled),
    lastSignup: memory.lastSignup,
    handles: createHandles(db),
    intents: createIntents(db, keyring, throwIfCancelled),
    pds: createPds(config.pds, activitySignal),
    plc: createPlc(config.pds.plcUrl, activitySignal),
    adoptBefore: config.pds.adoptBefore,
    personalData: connections.opened.state.personalData({ keyring, hash, records: createAtprotoRecords(db) }),
    handleChanges: createHandleChanges(db),
    handleSyncs: createHandleSyncs(temporal, hash),
    tenants,
    ownerOf: (identity) => tenantOfIdentity(tenants, identity) ?? null,
    applicationRecords: createApplicationRecords(db),
    auditSnapshot: createAuditSnapshot(db),
    pdsListing: createPdsListing(config.pds, activitySignal),
    intake,
    takeListedUsers,
    personMemory,
    tenantOf: tenantResolver(tenants),
    tenantNamed: tenantByName(tenants),
    otherTenantsOf: otherTenantsResolver(tenants),
    handleDomain: config.pds.handleDomain,
    newPassword,
    storedPassword: passwords.stored,
    openedPassword: passwords.opened,
  }
  return {
    deps: withWriteGuards(withBreakers(withCommonGuards(deps, connections), breakers), guard),
    health: (parts) => atprotoHealth({ config, connections, tenants, breakers }, parts),
    flush: () => intake.flush(),
  }
}

/** The sources in which codes and accounts that a record lost are looked up. */
function connectUserMemory({
  config,
  people,
  brakes,
  temporal,
  tenants,
}: {
  config: AtprotoConfig
  people: PersonMemory
  brakes: SafetyLimits
  temporal: Client
  tenants: readonly TenantConfig[]
}): PriorRecords {
  const hash = createIdHash(config.keys.id)
  const lastSignups = createLastSignups(temporal, 'atproto', hash)
  const admit = createRepairAdmission(brakes, hash)
  const refOf = (identity: string) => {
    const tenant = tenantOfIdentity(tenants, identity)
    return tenant === undefined ? [] : [{ tenant: tenant.name, identity }]
  }
  return {
    personMemory: people,
    async lastSignup(identity) {
      const [person] = refOf(identity)
      const last = person === undefined ? null : await lastSignups.find(person)
      if (!last?.code) return null
      const { code, did, handle } = last
      const account = did === null || handle === null ? null : { did, handle, proof: 'last-signup' as const }
      return { code, when: null, account }
    },
    lastCodes: (identities) => lastSignups.codes(identities.flatMap(refOf)),
    admitRepair: (identity) => admit(identity, 'user record'),
    isHandle: createPdsHandles(config.pds).isHandle,
  }
}

type ConnectedTenant = TenantConfig & { readonly auth0: Auth0 }

function tenantResolver(tenants: readonly ConnectedTenant[]): TenantOf {
  return (identity) => {
    const tenant = tenantOfIdentity(tenants, identity)
    if (tenant === undefined)
      throw new OutsideError('tenant-unknown', 'no configured tenant owns this identity')
    return { name: tenant.name, userId: identity.slice(tenant.idPrefix.length), auth0: tenant.auth0 }
  }
}

function otherTenantsResolver(
  tenants: readonly ConnectedTenant[],
): (identity: string) => readonly OtherTenant[] {
  const others = tenants.map(({ name, idPrefix, auth0 }) => ({
    name,
    auth0,
    identityOf: (userId: string) => idPrefix + userId,
  }))
  return (identity) => {
    const own = tenantOfIdentity(tenants, identity)?.name
    return others.filter(({ name }) => name !== own)
  }
}

function tenantByName(tenants: readonly ConnectedTenant[]): TenantNamed {
  return (name) => {
    const tenant = tenants.find((one) => one.name === name)
    if (tenant === undefined) throw new OutsideError('tenant-unknown', 'no configured tenant has this name')
    return tenant
  }
}

/**
 * Signal that aborts a call when its activity is cancelled; outside of an activity (a bench, a command) there is none.
 */
function activitySignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal
}
