import type { AuditScope } from '../../contracts/audit.ts'
import type { ScanOutcome } from '../audit.ts'

/** Most people who are queried one by one at an outside system; for more, everything there is listed. */
const SMALL_SCOPE = 1_000

/** Whether an audit checks some people, each closely, instead of everybody. */
export function isSmallScope({ last, since, id }: AuditScope): boolean {
  return id !== null || since !== null || (last !== null && last <= SMALL_SCOPE)
}

/** Whether an audit checks everything, so that it can find records without an owner. */
export function isFullScope({ last, since, id }: AuditScope): boolean {
  return id === null && since === null && last === null
}

/** The outcome of a scan step, with zero for everything it did not count. */
export function scanOutcome(counted: Partial<ScanOutcome> = {}): ScanOutcome {
  return { counts: {}, records: {}, ignored: 0, young: 0, inProgress: 0, notices: [], ...counted }
}
