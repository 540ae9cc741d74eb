import { asyncLocalStorage } from '@temporalio/activity'
import { randomBytes } from 'node:crypto'
import type { Client } from '@temporalio/client'
import type { Db } from 'mongodb'
import type {
  AtprotoDeps,
  FindAndRepairDeps,
  SisterTenant,
  TenantOfPerson,
} from '../activities/atproto-deps.ts'
import { createAuth0, type Auth0 } from '../adapters/auth0.ts'
import { createAuditFindings } from '../adapters/mongo/audit-findings.ts'
import { createAuditListing } from '../adapters/mongo/audit-listing.ts'
import { createCodeIndex } from '../adapters/mongo/code-index.ts'
import { connectMongo } from '../adapters/mongo/connect.ts'
import { createHandles } from '../adapters/mongo/handles.ts'
import { createHandleChanges } from '../adapters/mongo/handle-changes.ts'
import { createIgnored } from '../adapters/mongo/ignored.ts'
import { createIntents } from '../adapters/mongo/intents.ts'
import { createJournal } from '../adapters/mongo/journal.ts'
import { createPlans } from '../adapters/mongo/plans.ts'
import { createStores } from '../adapters/mongo/stores.ts'
import { createSwitches } from '../adapters/mongo/switches.ts'
import { createPersonStores } from '../adapters/mongo/person-stores.ts'
import { createTombstones } from '../adapters/mongo/tombstones.ts'
import { createUsers } from '../adapters/mongo/users.ts'
import { createVerifications } from '../adapters/mongo/verifications.ts'
import { createPdsListing } from '../adapters/pds-listing.ts'
import { createPds } from '../adapters/pds.ts'
import { createRunningSignups } from '../client/running-signups.ts'
import { createSignupReader } from '../client/signup-reader.ts'
import { createDeletions } from '../client/deletions.ts'
import { createExecutions } from '../client/executions.ts'
import { createHandleSyncs } from '../client/handle-syncs.ts'
import { createRepairReports } from '../client/repair-reports.ts'
import { createSignups } from '../client/signups.ts'
import { lazyTemporal } from '../client/temporal.ts'
import type { Section, Sections } from '../config.ts'
import { tenantOfIdentity, type TenantConfig } from '../config/tenants.ts'
import { createIdHash, createKeyring, isSealed } from '../crypto/keyring.ts'
import { OutsideError } from '../domain/outside-error.ts'
import { connectHealth } from './health.ts'
import { connectIntake } from '../intake/connect.ts'
import { createLogger } from '../logging.ts'
import { guarded, observing, unlessPaused } from './guards.ts'

/** The sections of the configuration that the outside world of a worker is made from. */
export const ATPROTO_SECTIONS = [
  'temporal',
  'mode',
  'mongo',
  'tenants',
  'pds',
  'keys',
  'signup',
  'quarantine',
  'build',
  'alerts',
] as const satisfies readonly Section[]
export type AtprotoConfig = Pick<Sections, (typeof ATPROTO_SECTIONS)[number]>

/** 24 random bytes: 32 characters that nobody has to type. */
const PASSWORD_BYTES = 24

/**
 * The real outside world, as the environment names it, in the mode it asks for, on that database. `close` ends its
 * connections.
 */
export function connectAtproto(
  config: AtprotoConfig,
  { client, db }: ReturnType<typeof connectMongo> = connectMongo(config.mongo),
): { deps: AtprotoDeps; close: () => Promise<void> } {
  const temporal = lazyTemporal(config)
  const keyring = createKeyring(config.keys.sealing)
  const hash = createIdHash(config.keys.id)
  const signups = createSignups(temporal, hash)
  const tenants = config.tenants.map((tenant) => ({ ...tenant, auth0: createAuth0(tenant) }))
  const deps: AtprotoDeps = {
    verifications: createVerifications(client, db),
    codeIndex: createCodeIndex(db),
    users: createUsers(db),
    handles: createHandles(db),
    intents: createIntents(db, keyring),
    journal: createJournal(db, config.build),
    health: connectHealth({ config, tenants, db, temporal, hash }),
    pds: createPds(config.pds, activitySignal),
    tombstones: createTombstones(db, hash),
    personStores: createPersonStores(db, keyring),
    handleChanges: createHandleChanges(db),
    signups,
    handleSyncs: createHandleSyncs(temporal, hash),
    repairReports: createRepairReports(temporal),
    deletions: createDeletions(temporal, hash),
    executions: createExecutions(temporal, hash),
    ...connectFindAndRepair({ config, db, temporal, tenants }),
    ...connectIntake({ db, signups, config, logger: createLogger('intake') }),
    tenantOf: tenantResolver(tenants),
    tenantNamed: tenantByName(tenants),
    sistersOf: sisterResolver(tenants),
    handleDomain: config.pds.handleDomain,
    waitDays: config.signup.waitDays,
    addressHash: hash,
    newPassword: () => randomBytes(PASSWORD_BYTES).toString('base64url'),
    storedPassword: (person, password) =>
      config.pds.passwordStorage === 'plain'
        ? password
        : keyring.seal(password, { collection: 'users', person, field: 'atproto.password' }),
    openedPassword: (person, stored) =>
      isSealed(stored)
        ? keyring.open(stored, { collection: 'users', person, field: 'atproto.password' })
        : stored,
  }
  const close = async (): Promise<void> => {
    await deps.intake.settled()
    await Promise.all([client.close(), temporal.connection.close()])
  }
  const guard = config.mode === 'observe' ? observing : unlessPaused(createSwitches(db))
  return { deps: guarded(deps, guard), close }
}

type ConnectedTenant = TenantConfig & { readonly auth0: Auth0 }

function connectFindAndRepair({
  config,
  db,
  temporal,
  tenants,
}: {
  config: AtprotoConfig
  db: Db
  temporal: Client
  tenants: readonly ConnectedTenant[]
}): FindAndRepairDeps {
  const findings = createAuditFindings(db)
  return {
    tenants,
    ownerOf: (identity) => tenantOfIdentity(tenants, identity) ?? null,
    stores: createStores(db),
    audits: createAuditListing(db),
    findings,
    plans: createPlans(db, findings),
    ignored: createIgnored(db),
    pdsListing: createPdsListing(config.pds, activitySignal),
    running: createRunningSignups(temporal),
    signupStatus: createSignupReader(temporal).status,
    graceMs: config.signup.graceMinutes * 60_000,
  }
}

function tenantResolver(tenants: readonly ConnectedTenant[]): (identity: string) => TenantOfPerson {
  return (identity) => {
    const tenant = tenantOfIdentity(tenants, identity)
    if (tenant === undefined)
      throw new OutsideError('tenant-unknown', 'no configured tenant owns this identity')
    return { name: tenant.name, userId: identity.slice(tenant.idPrefix.length), auth0: tenant.auth0 }
  }
}

function sisterResolver(tenants: readonly ConnectedTenant[]): (identity: string) => readonly SisterTenant[] {
  const sisters = tenants.map(({ name, idPrefix, auth0 }) => ({
    name,
    auth0,
    identityOf: (userId: string) => idPrefix + userId,
  }))
  return (identity) => {
    const own = tenantOfIdentity(tenants, identity)?.name
    return sisters.filter(({ name }) => name !== own)
  }
}

function tenantByName(tenants: readonly ConnectedTenant[]): (name: string) => ConnectedTenant {
  return (name) => {
    const tenant = tenants.find((one) => one.name === name)
    if (tenant === undefined) throw new OutsideError('tenant-unknown', 'no configured tenant has this name')
    return tenant
  }
}

/** Ends a call when its activity is cancelled; outside of an activity (a bench, a command) there is no such signal. */
function activitySignal(): AbortSignal | undefined {
  return asyncLocalStorage.getStore()?.cancellationSignal
}
