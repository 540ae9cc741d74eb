import type { AtprotoDeps } from '../../activities/atproto/deps.ts'
import { throwIfCancelled } from '../../activities/lib/cancellation.ts'
import type { Auth0 } from '../../adapters/auth0/auth0.ts'
import type { Switches } from '../../state/mongo/switches.ts'
import { OutsideError } from '../../domain/outside-error.ts'

/**
 * The effect of a call on other systems. `creates` begins or repairs something and is refused while the system is
 * paused; `writes` records what is known, or completes what was begun, and continues; `keeps` is an audit's own data in
 * one of Holdfast's collections, allowed in every mode.
 */
type CallEffect = 'reads' | 'writes' | 'creates' | 'keeps'

type CallEffects<T> = {
  readonly [M in keyof T as T[M] extends (...args: never[]) => Promise<unknown> ? M : never]: CallEffect
}
type Part = {
  [K in keyof AtprotoDeps]: AtprotoDeps[K] extends
    string | number | Date | null | ((...args: never[]) => unknown)
    ? never
    : K
}[keyof AtprotoDeps]

/**
 * Holdfast's own parts: Temporal, the findings of audits, the progress of the intake, and notes and alerts. Work
 * started there waits for the mode to change, and nothing is lost.
 */
type OwnPart =
  | 'auditSnapshot'
  | 'findings'
  | 'plans'
  | 'ignored'
  | 'running'
  | 'tenants'
  | 'signups'
  | 'handleSyncs'
  | 'repairReports'
  | 'deletions'
  | 'personWorkflows'
  | 'intake'
  | 'cursors'
  | 'safetyLimits'
  | 'oldDeletions'
  | 'switches'
  | 'stepHistory'
  | 'health'
  | 'alerts'

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
  // Deletions have a pause of their own (`pause --deletions`), which their activities check.
  tombstones: {
    find: 'reads',
    findAll: 'reads',
    countSince: 'reads',
    countAccountsLeft: 'reads',
    set: 'writes',
    finish: 'writes',
    lift: 'writes',
  },
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

/** Called before every call that is not a read; if it throws, the call is not made. */
export type WriteGuard = (act: 'writes' | 'creates') => Promise<void>

/**
 * The same dependencies, with which nothing is written that the guard refuses, nor by an activity that has timed out.
 */
export function withWriteGuard(deps: AtprotoDeps, guard: WriteGuard): AtprotoDeps {
  const around = <T extends object>(part: T, acts: CallEffects<T>): T => {
    const kinds: Readonly<Record<string, CallEffect>> = acts
    const methods = Object.entries(part) as [string, (...args: unknown[]) => Promise<unknown>][]
    return Object.fromEntries(
      methods.map(([name, method]) => {
        const act = kinds[name] ?? 'writes'
        if (act === 'reads') return [name, method]
        return [
          name,
          async (...args: unknown[]) => {
            if (act !== 'keeps') await guard(act)
            throwIfCancelled()
            return method(...args)
          },
        ]
      }),
    ) as T
  }
  return {
    ...deps,
    verifications: around(deps.verifications, EFFECTS.verifications),
    codeIndex: around(deps.codeIndex, EFFECTS.codeIndex),
    users: around(deps.users, EFFECTS.users),
    personMemory: around(deps.personMemory, EFFECTS.personMemory),
    handles: around(deps.handles, EFFECTS.handles),
    intents: around(deps.intents, EFFECTS.intents),
    pds: around(deps.pds, EFFECTS.pds),
    tombstones: around(deps.tombstones, EFFECTS.tombstones),
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

/** For `HOLDFAST_MODE=observe`: refuses every write before the call is made. */
export const refuseWrites: WriteGuard = () =>
  Promise.reject(new OutsideError('observing', 'refused: HOLDFAST_MODE=observe'))

/** For `holdfast pause`: nothing new is begun while the system is paused. */
export function refuseWhilePaused(switches: Pick<Switches, 'assertNotPaused'>): WriteGuard {
  return async (act) => {
    if (act === 'creates') await switches.assertNotPaused('atproto')
  }
}
