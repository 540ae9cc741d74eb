import type { BackfillInput } from '../contracts/backfill.ts'

/** A backfill that repairs, for the record of actions. */
export function backfillAction({ id, plan, tenant, last, remove }: BackfillInput): {
  readonly name: string
  readonly kind: 'change'
  readonly people?: readonly string[]
  readonly scope?: string
} {
  const scope = [
    plan === undefined ? null : `plan ${plan}`,
    tenant === undefined ? null : `tenant ${tenant}`,
    last === undefined ? null : `the last ${last}`,
  ].filter((part) => part !== null)
  return {
    name: remove === true ? 'backfill --fix --remove' : 'backfill --fix',
    kind: 'change',
    ...(id === undefined ? { scope: scope.join(', ') || 'everybody' } : { people: [id] }),
  }
}
