import type { Auth0Person } from '../../../adapters/auth0/auth0.ts'
import * as general from '../../deletion/guard.ts'
import * as sweep from '../../deletion/with-sweep.ts'
import type { TenantOf } from '../tenants.ts'
import { auth0People } from './auth0-people.ts'

/** The dependencies of a step that checks for a deletion of its person, before or after its work. */
export interface DeletionGuardDeps extends Omit<general.DeletionGuardDeps, 'provider'> {
  readonly tenantOf: TenantOf
}

const asked = ({ tombstones, deletions, tenantOf }: DeletionGuardDeps): general.DeletionGuardDeps => ({
  tombstones,
  deletions,
  provider: auth0People(tenantOf),
})

/** `checkDeletion` with the people of Auth0. */
export function checkDeletion(
  deps: DeletionGuardDeps,
  identity: string,
  seen?: Auth0Person | null,
): Promise<boolean> {
  return general.checkDeletion(asked(deps), identity, seen)
}

/** `withDeletionSweep` with the people of Auth0. */
export function withDeletionSweep<P extends { readonly identity: string }, R>(
  deps: DeletionGuardDeps,
  step: (person: P) => Promise<R>,
  wrote?: (result: R) => boolean,
): (person: P) => Promise<R> {
  return sweep.withDeletionSweep(asked(deps), step, wrote)
}
