import { createIdHash } from '../../../../src/crypto/keyring.ts'
import { createSignupReader } from '../../../../src/client/signup-reader.ts'
import { signupWorkflowId } from '../../../../src/contracts/ids.ts'
import type { LibraryWorld } from '../world.ts'
import type { Fault } from './faults.ts'
import type { Member } from './people.ts'

/** The problems that a fault may cause, by its name. */
const CAUSED_BY: Readonly<Record<Fault, readonly string[]>> = {
  'worker is killed': ['no-worker'],
  'server is killed': [],
  'postgres is killed': ['postgres-unreachable', 'library-unreachable'],
  'front desk is away': ['library-unreachable'],
}

/**
 * Compares cards and signups with what happened to these members, who are everybody so far. Each violation is a
 * sentence; an empty list means that all is correct.
 */
export async function findViolations(library: LibraryWorld, members: readonly Member[]): Promise<string[]> {
  const cards = await cardsOf(library, members)
  return cards.length > 0 ? cards : signupsOf(library, members) // the latter take longer, and follow from it
}

/** The same of what needs every deletion to have ended: Temporal's runs, Holdfast's tables, the totals. */
export async function findRemains(
  library: LibraryWorld,
  members: readonly Member[],
  struck: ReadonlyMap<Fault, number>,
): Promise<string[]> {
  return [
    ...(await runsOf(library, members)),
    ...(await remainsOf(library, members)),
    ...(await totalsOf(library, members, struck)),
  ]
}

async function cardsOf({ db }: LibraryWorld, members: readonly Member[]): Promise<string[]> {
  const { rows } = await db.query<{ member_id: string; number: string }>(
    'select member_id, number from cards',
  )
  const numbers = new Map(rows.map(({ member_id: id, number }) => [id, number]))
  const known = new Set(members.map(({ id }) => id))
  return [
    ...members.flatMap(({ id, left, confirmed, card }) => {
      const number = numbers.get(id)
      if (left) return number === undefined ? [] : [`${id} has left and has a card`]
      if (!confirmed) return number === undefined ? [] : [`${id} is not confirmed and has a card`]
      if (number === undefined) return [`${id} is confirmed and has no card`]
      return card === null || card === number ? [] : [`the card of ${id} was ${card} and is ${number}`]
    }),
    ...rows
      .filter((row) => !known.has(row.member_id))
      .map((row) => `${row.member_id} is nobody, with a card`),
  ]
}

async function signupsOf(
  { world, env, cardOf }: LibraryWorld,
  members: readonly Member[],
): Promise<string[]> {
  const reader = createSignupReader(world.temporal, 'library')
  const hash = idHash(env)
  const found = await Promise.all(
    members
      .filter(({ left }) => !left)
      .map(async ({ id, confirmed }) => {
        const status = await reader.status(signupWorkflowId('library', '-', id, hash))
        if (status === null) return [`${id} has no signup`]
        const due = confirmed ? 'completed' : 'waiting-for-verification'
        const card = confirmed ? await cardOf(id) : null
        return [
          ...(status.stage === due ? [] : [`the signup of ${id} is at ${status.stage}, not ${due}`]),
          ...(status.problem === null ? [] : [`the signup of ${id} has the problem ${status.problem.name}`]),
          ...(status.code === card ? [] : [`the signup of ${id} says ${status.code}, the card is ${card}`]),
        ]
      }),
  )
  return found.flat()
}

/** Workflows that failed, that are blocked, or that run for nobody. */
async function runsOf({ world, env }: LibraryWorld, members: readonly Member[]): Promise<string[]> {
  const hash = idHash(env)
  const waiting = new Set(
    members
      .filter(({ left, confirmed }) => !left && !confirmed)
      .map(({ id }) => signupWorkflowId('library', '-', id, hash)),
  )
  const complaints: string[] = []
  for await (const { workflowId, status } of world.temporal.workflow.list()) {
    const { name } = status
    const fine = name === 'COMPLETED' || name === 'CONTINUED_AS_NEW'
    if (!fine && !(name === 'RUNNING' && waiting.has(workflowId))) complaints.push(`${workflowId} is ${name}`)
  }
  return complaints
}

/** Of somebody who left there is a finished tombstone, and no row that names them. */
async function remainsOf({ db, env }: LibraryWorld, members: readonly Member[]): Promise<string[]> {
  const gone = members.filter(({ left }) => left)
  const hash = idHash(env)
  const { rows: finished } = await db.query<{ hash: string }>(
    "select hash from holdfast.tombstones where system = 'library' and finished_at is not null",
  )
  const tombstones = new Set(finished.map((row) => row.hash))
  const complaints = gone
    .filter(({ id }) => !tombstones.has(hash(id)))
    .map(({ id }) => `${id} has left and has no finished tombstone`)
  const { rows: tables } = await db.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'holdfast'",
  )
  for (const { name } of tables) {
    const { rows } = await db.query<{ id: string }>(
      `select gone.id from unnest($1::text[]) as gone (id)
       where exists (select from ${name} as kept where position(gone.id in to_jsonb(kept)::text) > 0)`,
      [gone.map(({ id }) => id)],
    )
    complaints.push(...rows.map(({ id }) => `${id} has left and stands in ${name}`))
  }
  return complaints
}

/** The durable counts agree with the runs at Temporal, and each problem that was counted has one of the faults as cause. */
async function totalsOf(
  { db, world }: LibraryWorld,
  members: readonly Member[],
  struck: ReadonlyMap<Fault, number>,
): Promise<string[]> {
  const { rows } = await db.query<{ name: string; key: string; count: number }>(
    "select name, key, sum(count)::int as count from holdfast.totals where system = 'library' group by name, key",
  )
  const caused = new Set([...struck.keys()].flatMap((fault) => CAUSED_BY[fault]))
  const unexplained = rows.filter(({ name, key }) => name === 'blocked' && !caused.has(key))
  const counted = rows.find(({ name, key }) => name === 'signups' && key === 'completed')?.count ?? 0
  const query = "SignupSystem = 'library' AND SignupStage = 'completed' AND ExecutionStatus = 'Completed'"
  const { count: completed } = await world.temporal.workflow.count(query)
  // The runs of somebody who left are deleted with them, and their number is in the tombstone alone.
  const { rows: erased } = await db.query<{ runs: number }>(
    "select coalesce(sum((erased->>'temporal')::int), 0)::int as runs from holdfast.tombstones",
  )
  const most = completed + (erased[0]?.runs ?? 0)
  const left = members.filter((member) => member.left).length
  return [
    ...unexplained.map(
      ({ key, count }) => `${count} signups were blocked by ${key}, which no fault explains`,
    ),
    ...(counted >= completed && counted <= most
      ? []
      : [`${counted} completed signups are counted, not ${completed} to ${most} (${left} people have left)`]),
  ]
}

export function idHash(env: LibraryWorld['env']): (value: string) => string {
  return createIdHash(Buffer.from(env['HOLDFAST_ID_KEY'] ?? '', 'base64'))
}
