import type { ActionKind } from '../../contracts/actions.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { IdentifiedOperator } from './identified.ts'
import type { OperatedSystem } from './operated-system.ts'

interface RequestedAction {
  readonly name: string
  readonly kind: ActionKind
  /** Identities as the application stores them; recorded as keyed hashes. */
  readonly people?: readonly string[]
  readonly scope?: string
}

/** Carries out an action of an operator, and records it before and after: one that cannot be recorded is not done. */
export async function recorded<T>(
  of: OperatedSystem,
  by: IdentifiedOperator,
  { name, kind, people = [], scope = '' }: RequestedAction,
  work: () => Promise<T>,
): Promise<T> {
  const { actions } = await of.state()
  const id = await actions.begin({
    system: of.system,
    name,
    kind,
    subjects: people.map((identity) => of.hash(identity)),
    scope: scope === '' ? null : scope,
    reason: null,
    by: { name: by.name, verified: true, via: 'api' },
  })
  const end = (outcome: 'succeeded' | 'failed', error: string | null) =>
    actions.end(id, { outcome, keyIds: [], count: 0, error })
  let result: T
  try {
    result = await work()
  } catch (error) {
    // The failure is the answer; an outcome that cannot be recorded stays missing in the record, which shows it.
    await Promise.allSettled([end('failed', nameOf(error))])
    throw error
  }
  await end('succeeded', null)
  return result
}

function nameOf(error: unknown): string {
  if (error instanceof OutsideError) return error.problem
  return error instanceof Error ? error.name : 'unknown'
}
