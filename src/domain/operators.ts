import type { ActionKind } from '../contracts/actions.ts'

export const OPERATOR_ROLES = ['viewer', 'operator', 'admin'] as const
/**
 * A `viewer` may read, an `operator` may also retry and repair single people, and an `admin` may also repair everybody,
 * show sealed values, change keys and delete data.
 */
export type OperatorRole = (typeof OPERATOR_ROLES)[number]

/** The least role for an action. Sealed values are personal data, so showing them requires the role that deletes them. */
export function roleFor(kind: ActionKind): OperatorRole {
  return kind === 'change' ? 'operator' : 'admin'
}

/** Whether a role allows an action of this kind. */
export function mayAct(role: OperatorRole, kind: ActionKind): boolean {
  return hasRole(role, roleFor(kind))
}

/** Whether a role includes another one: each includes those before it. */
export function hasRole(role: OperatorRole, required: OperatorRole): boolean {
  return OPERATOR_ROLES.indexOf(role) >= OPERATOR_ROLES.indexOf(required)
}
