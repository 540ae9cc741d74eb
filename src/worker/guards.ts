import type { AtprotoDeps } from '../activities/atproto-deps.ts'
import { assertStillWanted } from '../activities/lib/still-wanted.ts'
import type { Auth0 } from '../adapters/auth0.ts'
import type { Switches } from '../adapters/mongo/switches.ts'
import { OutsideError } from '../domain/outside-error.ts'

/**
 * What a call does to the world outside. `creates` begins or
 * repairs something and is held back while the
 * system is paused; `writes` keeps what is known, or ends what was begun, and goes on.
 */
type Act = 'reads' | 'writes' | 'creates'

type Acts<T> = {
  readonly [M in keyof T as T[M] extends (...args: never[]) => Promise<unknown> ? M : never]: Act
}
type Part = {
  [K in keyof AtprotoDeps]: AtprotoDeps[K] extends string | number | ((...args: never[]) => unknown)
    ? never
    : K
}[keyof AtprotoDeps]

/**
 * Temporal, what audits found, how far events were taken in, and what is noted and said of them, are Holdfast's own:
 * what starts there waits for the mode to change, and
 * nothing is lost.
 */
type Ours =
  | 'audits'
  | 'findings'
  | 'plans'
  | 'ignored'
  | 'running'
  | 'tenants'
  | 'signups'
  | 'handleSyncs'
  | 'repairReports'
  | 'deletions'
  | 'executions'
  | 'intake'
  | 'cursors'
  | 'seen'
  | 'journal'
  | 'health'

/** Every call there is: one that is added does not compile until it stands here. */
const ACTS: { readonly [P in Exclude<Part, Ours>]: Acts<AtprotoDeps[P]> } = {
  verifications: { record: 'writes', count: 'writes', everVerifiedWith: 'writes' },
  codeIndex: { guard: 'writes', look: 'reads' },
  users: {
    load: 'reads',
    ensure: 'creates',
    fillIn: 'creates',
    recordAccount: 'writes',
    recordHandle: 'writes',
  },
  handles: { chosenBy: 'reads' },
  intents: { load: 'reads', prepare: 'writes', aim: 'creates', putBack: 'writes', settle: 'writes' },
  pds: {
    accountByLogin: 'reads',
    accountByHandle: 'reads',
    accountByDid: 'reads',
    openForAccounts: 'reads',
    createAccount: 'creates',
    inviteCode: 'creates',
    setPassword: 'creates',
    setEmail: 'creates',
    changeHandle: 'creates',
    changeHandleAsAdmin: 'creates',
    deleteAccount: 'writes',
  },
  // To be deleted is a person's right, and waits for no pause.
  tombstones: { find: 'reads', set: 'writes', finish: 'writes', lift: 'writes' },
  personStores: { erase: 'writes', count: 'reads', read: 'reads' },
  standing: { withoutRecords: 'reads', withoutAccount: 'reads' },
  stores: { counts: 'reads', bounds: 'reads', people: 'reads', dids: 'reads', sharedCodes: 'reads' },
  pdsListing: { repos: 'reads', infos: 'reads', repoState: 'reads' },
  handleChanges: { follow: 'reads', withAccount: 'reads', pairs: 'reads' },
}
const AUTH0_ACTS: Acts<Auth0> = {
  person: 'reads',
  usersPage: 'reads',
  verifiedWith: 'reads',
  usersSince: 'reads',
  logPage: 'reads',
  keepsLog: 'reads',
}

/** Asked before every call that is no reading; what it throws takes the call's place. */
export type Guard = (act: Exclude<Act, 'reads'>) => Promise<void>

/** The same outside world, in which nothing is written that the guard does not let through, or by a step whose time is up. */
export function guarded(deps: AtprotoDeps, guard: Guard): AtprotoDeps {
  const around = <T extends object>(part: T, acts: Acts<T>): T => {
    const kinds: Readonly<Record<string, Act>> = acts
    const methods = Object.entries(part) as [string, (...args: unknown[]) => Promise<unknown>][]
    return Object.fromEntries(
      methods.map(([name, method]) => {
        const act = kinds[name] ?? 'writes'
        if (act === 'reads') return [name, method]
        return [
          name,
          async (...args: unknown[]) => {
            await guard(act)
            assertStillWanted()
            return method(...args)
          },
        ]
      }),
    ) as T
  }
  return {
    ...deps,
    verifications: around(deps.verifications, ACTS.verifications),
    codeIndex: around(deps.codeIndex, ACTS.codeIndex),
    users: around(deps.users, ACTS.users),
    handles: around(deps.handles, ACTS.handles),
    intents: around(deps.intents, ACTS.intents),
    pds: around(deps.pds, ACTS.pds),
    tombstones: around(deps.tombstones, ACTS.tombstones),
    personStores: around(deps.personStores, ACTS.personStores),
    standing: around(deps.standing, ACTS.standing),
    handleChanges: around(deps.handleChanges, ACTS.handleChanges),
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: around(tenant.auth0, AUTH0_ACTS) }
    },
    tenantNamed(name) {
      const tenant = deps.tenantNamed(name)
      return { ...tenant, auth0: around(tenant.auth0, AUTH0_ACTS) }
    },
    sistersOf: (identity) =>
      deps.sistersOf(identity).map((sister) => ({ ...sister, auth0: around(sister.auth0, AUTH0_ACTS) })),
  }
}

/** `HOLDFAST_MODE=observe`: refused before any call is made. */
export const observing: Guard = () =>
  Promise.reject(new OutsideError('observing', 'refused: HOLDFAST_MODE=observe'))

/** `holdfast pause`: nothing new is begun while the switch says so. */
export function unlessPaused(switches: Pick<Switches, 'assertRunning'>): Guard {
  return async (act) => {
    if (act === 'creates') await switches.assertRunning('atproto')
  }
}
