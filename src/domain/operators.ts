import type { ActionKind } from '../contracts/actions.ts'

export const OPERATOR_ROLES = ['viewer', 'operator', 'admin'] as const
/** A `viewer` may read, an `operator` may also repair, and an `admin` may also show sealed values and delete data. */
export type OperatorRole = (typeof OPERATOR_ROLES)[number]

/**
 * Whether a role allows an action. Sealed values are personal data, so showing them requires the same role as deleting
 * them.
 */
export function mayAct(role: OperatorRole, kind: ActionKind): boolean {
  return role === 'admin' || (role === 'operator' && kind === 'change')
}

/** Whether a role includes another one: each includes those before it. */
export function hasRole(role: OperatorRole, required: OperatorRole): boolean {
  return OPERATOR_ROLES.indexOf(role) >= OPERATOR_ROLES.indexOf(required)
}
