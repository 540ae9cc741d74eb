import type { AtprotoDeps } from '../../src/activities/atproto/deps.ts'
import { createAtprotoDeletion } from '../../src/activities/atproto/deletion/activities.ts'
import {
  createDeletionActivities,
  type DeletionActivities,
} from '../../src/activities/deletion/activities.ts'

/** The activities of a deletion as a worker for `atproto` composes them. */
export function deletionActivities(deps: AtprotoDeps): DeletionActivities {
  return createDeletionActivities({ ...deps, ...createAtprotoDeletion(deps) })
}
