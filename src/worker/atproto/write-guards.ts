import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { CommonDeps } from '../common-deps.ts'
import { withWriteGuard, type CallEffects, type WriteGuard } from '../write-guards.ts'

type Part = {
  [K in keyof AtprotoDeps]: AtprotoDeps[K] extends
    string | number | Date | null | ((...args: never[]) => unknown)
    ? never
    : K
}[keyof AtprotoDeps]

/** Parts of every system, parts in Temporal, and the intake: work started there waits for the mode to change. */
type OwnPart = keyof CommonDeps | 'tenants' | 'handleSyncs' | 'intake'

/** The effect of every call: a new one does not compile until it is listed here. */
const EFFECTS: { readonly [P in Exclude<Part, OwnPart>]: CallEffects<AtprotoDeps[P]> } = {
  verifications: { record: 'writes', count: 'writes', everVerifiedWith: 'writes' },
  codeIndex: { ensureUnique: 'writes', assess: 'reads' },
  users: {
    load: 'reads',
    withPassword: 'reads',
    ensure: 'creates',
    fillIn: 'creates',
    recordAccount: 'writes',
    recordHandle: 'writes',
  },
  personMemory: {
    ensureIndexes: 'writes',
    loadWithUser: 'reads',
    rememberUser: 'writes',
    rememberAccount: 'writes',
    rememberHandle: 'writes',
    loadMany: 'reads',
    rememberAll: 'keeps',
    forget: 'keeps',
    takenCodes: 'reads',
    reserveHandles: 'keeps',
    ownersOf: 'reads',
    belongsToAnother: 'reads',
    movedToAnother: 'reads',
    othersWith: 'reads',
    noteStranger: 'writes',
    forgetStranger: 'writes',
    strangers: 'reads',
    find: 'reads',
  },
  handles: { chosenBy: 'reads' },
  intents: {
    load: 'reads',
    prepare: 'writes',
    recordAttempt: 'creates',
    restore: 'writes',
    discard: 'writes',
    findLeftOver: 'reads',
    discardLeftOver: 'keeps',
  },
  pds: {
    accountByLogin: 'reads',
    accountByHandle: 'reads',
    accountByDid: 'reads',
    assertAccountsAllowed: 'reads',
    createAccount: 'creates',
    inviteCode: 'creates',
    setPassword: 'creates',
    revokeAppPasswords: 'creates',
    setEmail: 'creates',
    changeHandle: 'creates',
    changeHandleAsAdmin: 'creates',
    deleteAccount: 'writes',
    ownRotationKeys: 'reads',
  },
  plc: { rotationKeys: 'reads' },
  personalData: {
    erase: 'writes',
    hasRecords: 'reads',
    count: 'reads',
    countUnreadable: 'reads',
    read: 'reads',
    namedPeople: 'reads',
  },
  applicationRecords: {
    counts: 'reads',
    rangeEnds: 'reads',
    load: 'reads',
    dids: 'reads',
    sharedCodes: 'reads',
  },
  pdsListing: { repos: 'reads', accountInfos: 'reads', repoState: 'reads' },
  auditSnapshot: {
    addIdentities: 'keeps',
    addAccounts: 'keeps',
    keepNewest: 'keeps',
    counts: 'reads',
    rangeEnd: 'reads',
    identities: 'reads',
    accounts: 'reads',
    withAddresses: 'reads',
    dids: 'reads',
    deleteBatch: 'keeps',
  },
  handleChanges: { follow: 'reads', withAccount: 'reads', pairsPage: 'reads' },
}
const AUTH0_EFFECTS: CallEffects<Auth0> = {
  person: 'reads',
  usersPage: 'reads',
  userIdsVerifiedWith: 'reads',
  usersSince: 'reads',
  logPage: 'reads',
  hasLogEntry: 'reads',
}

/** The same dependencies with the guard before each of their writes. */
export function withWriteGuards<D extends AtprotoDeps>(deps: D, guard: WriteGuard): D {
  const around = <T extends object>(part: T, effects: CallEffects<T>): T =>
    withWriteGuard(guard, part, effects)
  return {
    ...deps,
    verifications: around(deps.verifications, EFFECTS.verifications),
    codeIndex: around(deps.codeIndex, EFFECTS.codeIndex),
    users: around(deps.users, EFFECTS.users),
    personMemory: around(deps.personMemory, EFFECTS.personMemory),
    handles: around(deps.handles, EFFECTS.handles),
    intents: around(deps.intents, EFFECTS.intents),
    pds: around(deps.pds, EFFECTS.pds),
    personalData: around(deps.personalData, EFFECTS.personalData),
    handleChanges: around(deps.handleChanges, EFFECTS.handleChanges),
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: around(tenant.auth0, AUTH0_EFFECTS) }
    },
    tenantNamed(name) {
      const tenant = deps.tenantNamed(name)
      return { ...tenant, auth0: around(tenant.auth0, AUTH0_EFFECTS) }
    },
    otherTenantsOf: (identity) =>
      deps.otherTenantsOf(identity).map((other) => ({ ...other, auth0: around(other.auth0, AUTH0_EFFECTS) })),
  }
}
