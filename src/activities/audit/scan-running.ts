import type { RunningSignups } from '../../client/running-signups.ts'
import type { AuditMarks } from '../../state/ports/audit-marks.ts'
import type { AuditRef, ScanOutcome } from '../audit.ts'
import { withScanCursor } from '../lib/scan-cursor.ts'
import { scanOutcome } from './scope.ts'

export interface RunningScanDeps {
  readonly running: RunningSignups
  readonly marks: AuditMarks
}

/** Marks the people whose signup is running: they are not judged yet. */
export function scanRunning(
  { running, marks }: RunningScanDeps,
  { auditId }: AuditRef,
): Promise<ScanOutcome> {
  return withScanCursor<{ next: string | null }, ScanOutcome>(
    { next: null },
    async ({ cursor, saveCursor }) => {
      let { next } = cursor
      do {
        const page = await running.page(next)
        await marks.add(auditId, 'running', page.workflowIds)
        next = page.next
        saveCursor({ next })
      } while (next !== null)
      return scanOutcome()
    },
  )
}
