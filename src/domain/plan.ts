import type { PlanChange, PlanSummary } from '../contracts/backfill.ts'
import type { Finding } from '../contracts/gaps.ts'

/** SHA-256 as it is computed piece by piece, such as Node's `createHash('sha256')`. */
export interface Digest {
  update(text: string): unknown
  digest(encoding: 'hex'): string
}

/**
 * The plan that repairs these findings, given in order of identity and kind. The same findings always have the same
 * digest.
 */
export async function planOf(
  findings: AsyncIterable<Finding>,
  hash: Digest,
): Promise<Omit<PlanSummary, 'planId' | 'population'>> {
  let people = 0
  let byDatabase = 0
  let skipped = 0
  const skippedKinds: Record<string, number> = {}
  let person = { identity: '', workflow: true }
  const count = (): void => void (byDatabase += person.identity !== '' && !person.workflow ? 1 : 0)
  for await (const finding of findings) {
    if (finding.repair === null) {
      skipped += 1
      skippedKinds[finding.kind] = (skippedKinds[finding.kind] ?? 0) + 1
      continue
    }
    hash.update(`${lineOf(finding)}\n`)
    if (finding.identity !== person.identity) {
      count()
      people += 1
      person = { identity: finding.identity, workflow: false }
    }
    if (finding.repair !== 'database') person = { ...person, workflow: true }
  }
  count()
  return { digest: hash.digest('hex'), people, byDatabase, skipped, skippedKinds }
}

/** The differences between two lists of findings, each in order of identity and kind: the first `limit` of them. */
export async function planChanges(
  before: AsyncIterable<Finding>,
  now: AsyncIterable<Finding>,
  limit: number,
): Promise<PlanChange[]> {
  const changes: PlanChange[] = []
  const [olds, currents] = [repairable(before), repairable(now)]
  let [old, current] = await Promise.all([olds.next(), currents.next()])
  while (changes.length < limit && !(old.done === true && current.done === true)) {
    const order = compare(old, current)
    if (order < 0 && old.done !== true) changes.push(changeOf(old.value, 'no longer there'))
    else if (order > 0 && current.done !== true) changes.push(changeOf(current.value, 'new'))
    else if (old.done !== true && current.done !== true && lineOf(old.value) !== lineOf(current.value))
      changes.push(changeOf(current.value, 'changed'))
    if (order <= 0) old = await olds.next()
    if (order >= 0) current = await currents.next()
  }
  return changes
}

type Step = IteratorResult<Finding, undefined>

async function* repairable(findings: AsyncIterable<Finding>): AsyncGenerator<Finding, undefined> {
  for await (const finding of findings) if (finding.repair !== null) yield finding
  return undefined
}

/** Compares by bytes, as both databases order identities. An iterator that has ended comes last. */
function compare(a: Step, b: Step): number {
  if (a.done === true) return b.done === true ? 0 : 1
  if (b.done === true) return -1
  const key = ({ identity, kind }: Finding): Buffer => Buffer.from(`${identity}\u0000${kind}`)
  return Buffer.compare(key(a.value), key(b.value))
}

function changeOf({ identity, kind }: Finding, what: PlanChange['what']): PlanChange {
  return { identity, kind, what }
}

/** The content of a digest: identity, kind, and evidence in the order of its names. */
function lineOf({ identity, kind, evidence }: Finding): string {
  return JSON.stringify([identity, kind, Object.entries(evidence).toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
