import type { AuditScope } from '../contracts/audit.ts'
import type { ScanOutcome } from './find-and-repair.ts'

/** A look at a few people asks the PDS for each of their accounts; beyond, for all accounts at once. */
const FEW = 1_000

/** Whether an audit looks at some people, each closely, rather than at everybody. */
export function isClose({ last, since, id }: AuditScope): boolean {
  return id !== null || since !== null || (last !== null && last <= FEW)
}

/** Whether it looks at everything there is, and so may say what belongs to nobody. */
export function isWhole({ last, since, id }: AuditScope): boolean {
  return id === null && since === null && last === null
}

/** What a step counted; nothing where it says nothing. */
export function outcome(counted: Partial<ScanOutcome> = {}): ScanOutcome {
  return { counts: {}, records: {}, ignored: 0, notices: [], ...counted }
}
