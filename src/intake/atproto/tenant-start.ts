import type { TenantName } from '../../config/atproto/tenants.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import type { Cursors } from '../../state/ports/cursors.ts'

/**
 * Records when each tenant was first served, so that earlier events count as older than this installation. Called by
 * each process at its start.
 */
export async function recordTenantStart(
  cursors: Pick<Cursors, 'servedSince'>,
  tenants: readonly Pick<TenantName, 'name'>[],
): Promise<void> {
  try {
    await Promise.all(tenants.map(({ name }) => cursors.servedSince(name)))
  } catch (error) {
    // While MongoDB is unavailable no deletion runs either: the first step that reaches it sets the time.
    if (!(error instanceof OutsideError)) throw error
  }
}
