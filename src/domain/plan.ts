import type { PlanChange, PlanSummary } from '../contracts/backfill.ts'
import type { Finding } from '../contracts/gaps.ts'
import { repairWayOf } from './gaps.ts'

/** A SHA-256 that is computed piece by piece, such as Node's `createHash('sha256')`. */
export interface Digest {
  update(text: string): unknown
  digest(encoding: 'hex'): string
}

/** Consent to remove records that nobody owns. Without it they are counted, and no part of the plan. */
export interface PlanOptions {
  readonly remove: boolean
}

/**
 * The plan that repairs these findings, given in order of identity and kind. The same findings always have the same
 * digest; without removals it is the one of earlier versions.
 */
export async function planOf(
  findings: AsyncIterable<Finding>,
  hash: Digest,
  { remove }: PlanOptions,
): Promise<Omit<PlanSummary, 'planId' | 'population'>> {
  const counts = { people: 0, byDatabase: 0, removals: 0, removable: 0, skipped: 0 }
  const skippedKinds: Record<string, number> = {}
  for await (const person of byPerson(findings)) {
    for (const { kind } of person.filter(({ repair }) => repair === null)) {
      counts.skipped += 1
      skippedKinds[kind] = (skippedKinds[kind] ?? 0) + 1
    }
    const way = wayOf(person)
    if (way === 'remove' && !remove) counts.removable += 1
    const changed = plannedOf(person, { remove })
    if (changed.length === 0) continue
    for (const finding of changed) hash.update(`${lineOf(finding)}\n`)
    counts.people += 1
    if (way === 'database') counts.byDatabase += 1
    if (way === 'remove') counts.removals += 1
  }
  return { digest: hash.digest('hex'), ...counts, skippedKinds }
}

/** The differences between two lists of findings, each in order of identity and kind: the first `limit` of them. */
export async function planChanges(
  before: AsyncIterable<Finding>,
  now: AsyncIterable<Finding>,
  limit: number,
  options: PlanOptions,
): Promise<PlanChange[]> {
  const changes: PlanChange[] = []
  const [olds, currents] = [planned(before, options), planned(now, options)]
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

/** The findings of a plan, among those of a whole audit. */
export async function* planned(
  findings: AsyncIterable<Finding>,
  options: PlanOptions,
): AsyncGenerator<Finding, undefined> {
  for await (const person of byPerson(findings)) yield* plannedOf(person, options)
  return undefined
}

/** A person with a repair and a removal has only the repair in the plan: they are not removed in the same run. */
function plannedOf(person: readonly Finding[], { remove }: PlanOptions): readonly Finding[] {
  const forward = person.filter(({ repair }) => repair !== null && repair !== 'remove')
  if (forward.length > 0 || !remove) return forward
  return person.filter(({ repair }) => repair === 'remove')
}

function wayOf(person: readonly Finding[]): ReturnType<typeof repairWayOf> {
  return repairWayOf(person.flatMap(({ repair }) => repair ?? []))
}

async function* byPerson(findings: AsyncIterable<Finding>): AsyncGenerator<readonly Finding[]> {
  let person: Finding[] = []
  for await (const finding of findings) {
    if (person.length > 0 && person[0]?.identity !== finding.identity) {
      yield person
      person = []
    }
    person.push(finding)
  }
  if (person.length > 0) yield person
}

type Step = IteratorResult<Finding, undefined>

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
