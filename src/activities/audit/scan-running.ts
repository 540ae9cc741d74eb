import type { RunningSignups } from '../../client/running-signups.ts'
import type { AuditSnapshot } from '../../state/mongo/audit/snapshot.ts'
import type { AuditRef, ScanOutcome } from '../audit.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'
import { scanOutcome } from './scope.ts'

export interface RunningScanDeps {
  readonly running: RunningSignups
  readonly auditSnapshot: AuditSnapshot
}

/** Marks the people whose signup is running: they are not judged yet. */
export function scanRunning(
  { running, auditSnapshot }: RunningScanDeps,
  { auditId }: AuditRef,
): Promise<ScanOutcome> {
  return withScanCursor<{ next: string | null }, ScanOutcome>(
    { next: null },
    async ({ cursor, saveCursor }) => {
      let { next } = cursor
      do {
        const page = await running.page(next)
        await auditSnapshot.mark(auditId, 'running', page.workflowIds)
        next = page.next
        saveCursor({ next })
      } while (next !== null)
      return scanOutcome()
    },
  )
}
