import type { Cursors } from '../../state/ports/cursors.ts'

/** An import runs for hours before its event is written. */
const IMPORT_MS = 3 * 3_600_000

/** Makes the next catch-up scan the list of created users from before an import, since its event names no user. */
export async function rescanUsersFrom(
  cursors: Pick<Cursors, 'place' | 'advance'>,
  tenant: string,
  importedAt: Date,
): Promise<void> {
  const at = new Date(importedAt.getTime() - IMPORT_MS)
  for (;;) {
    const from = await cursors.place(tenant, 'created')
    if (from !== null && Date.parse(from) <= at.getTime()) return
    if (await cursors.advance(tenant, 'created', { from, to: at.toISOString() })) return
  }
}
