import { hostname, userInfo } from 'node:os'
import type { Action, ActionKind, ActionOutcome, Actor } from '../../contracts/actions.ts'
import type { System } from '../../contracts/systems.ts'
import type { CallerConfig } from '../../config.ts'
import { hasRole, roleFor, type OperatorRole } from '../../domain/operators.ts'
import { UsageError } from '../../errors.ts'
import type { ActionLog } from '../../state/ports/actions.ts'

/** An action before it is carried out. */
export interface Intention {
  /** Of the command, when left out; null where it concerns no single system. */
  readonly system?: System | null
  readonly name: string
  readonly kind: ActionKind
  /** The least role, if it is higher than that of the kind. */
  readonly requires?: OperatorRole
  /** Identities as the application stores them; recorded as keyed hashes. */
  readonly people?: readonly string[]
  readonly scope?: string
  readonly reason?: string | null | undefined
}

export interface ActionRecorder {
  /** The operator who runs the command, for the record. */
  caller(): Actor
  /** Throws where the operator's role does not allow it; for an action that can only be recorded after it happened. */
  assertAllowed(kind: ActionKind, requires?: OperatorRole): void
  /** Records an action before it happens; throws where the operator's role does not allow it. */
  begin(intention: Intention): Promise<void>
  /** Records, before the data is printed, that the last action's data is shown, and which keys decrypted it. */
  shown(opened: Pick<ActionOutcome, 'keyIds' | 'count'>): Promise<void>
  /** Records the outcome of all actions begun and not shown. */
  end(outcome: 'succeeded' | 'failed', error: string | null): Promise<void>
}

interface ActionRecorderDeps {
  readonly actions: () => Promise<ActionLog>
  readonly configured: () => CallerConfig
  readonly hash: (identity: string) => string
}

export function createActionRecorder(
  system: System | null,
  { actions, configured, hash }: ActionRecorderDeps,
): ActionRecorder {
  const open: string[] = []

  const caller = (): Actor => {
    const named = configured()
    return named === null
      ? { name: localUser(), verified: false, via: 'command' }
      : { name: named.name, verified: true, via: 'command' }
  }
  const assertAllowed = (kind: ActionKind, requires = roleFor(kind)): void => {
    const named = configured()
    if (named === null || hasRole(named.role, requires)) return
    const what = hasRole(named.role, roleFor(kind))
      ? `do this: it requires the role ${requires}`
      : VERBS[kind]
    throw new UsageError(
      `Refused: ${named.name} has the role ${named.role} in HOLDFAST_OPERATORS, which may not ${what}.`,
    )
  }

  return {
    caller,
    assertAllowed,
    async begin({ system: about = system, name, kind, requires, people = [], scope, reason }) {
      assertAllowed(kind, requires)
      const action: Action = {
        system: about,
        name,
        kind,
        subjects: people.map(hash),
        scope: scope ?? null,
        reason: reason ?? null,
        by: caller(),
      }
      open.push(await (await actions()).begin(action))
    },
    async shown({ keyIds, count }) {
      const id = open.pop()
      if (id === undefined) throw new Error('nothing was begun that could be shown')
      await (await actions()).end(id, { outcome: 'shown', keyIds, count, error: null })
    },
    async end(outcome, error) {
      for (const id of open.splice(0))
        await (await actions()).end(id, { outcome, keyIds: [], count: 0, error })
    },
  }
}

const VERBS: Record<ActionKind, string> = {
  show: 'show encrypted values',
  change: 'change anything',
  destroy: 'delete anything',
}

/**
 * The user and host a command runs as, which are not verified; without an `@`, so that it is not mistaken for an
 * address.
 */
function localUser(): string {
  return `${userName()} on ${hostname()}`.replaceAll('@', ' at ')
}

/** A container may run as a numeric user without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') {
      return `user ${process.getuid?.() ?? '?'}`
    }
    throw error
  }
}
