import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import { eventually } from '../../eventually.ts'
import type { LibraryWorld } from '../world.ts'
import { FAULTS, type Faults } from './faults.ts'
import { drawMember, type Act, type Member } from './people.ts'
import type { Random } from './random.ts'

const MEMBERS = 12
const FAULTS_IN_A_ROUND = 3
/** The longest pause between two acts, so that a fault meets others at work. */
const PAUSE_MS = 250

export interface Round {
  readonly members: readonly Member[]
  /** Resolves when the webhook has taken every event. */
  readonly delivered: Promise<unknown>
  /** Resolves when every deletion by command has ended. */
  readonly deleted: Promise<unknown>
}

/** Plays the stories of some new members and some faults, mixed as the seed says. */
export async function playRound(library: LibraryWorld, faults: Faults, random: Random): Promise<Round> {
  const members = Array.from({ length: MEMBERS }, () => drawMember(random))
  const begun: Begun = { deliveries: [], deletions: [] }
  const stories = members.map((member) => ({ member, acts: [...member.acts] }))
  const acts = members.reduce((total, member) => total + member.acts.length, 0)
  const strikes = new Map(
    Array.from({ length: FAULTS_IN_A_ROUND }, () => [random.below(acts), random.pick(FAULTS)]),
  )
  for (let place = 0; place < acts; place += 1) {
    const fault = strikes.get(place)
    if (fault !== undefined) faults.strike(fault)
    const going = stories.filter((story) => story.acts.length > 0)
    const { member, acts: left } = going[random.below(going.length)] ?? { member: null, acts: [] }
    const act = left.shift()
    if (member !== null && act !== undefined) await play(library, faults, member, act, begun)
    await sleep(random.below(PAUSE_MS))
  }
  return { members, delivered: Promise.all(begun.deliveries), deleted: Promise.all(begun.deletions) }
}

/** The calls of a round that may last until its faults are lifted. */
interface Begun {
  readonly deliveries: Promise<unknown>[]
  readonly deletions: Promise<unknown>[]
}

async function play(
  library: LibraryWorld,
  faults: Faults,
  member: Member,
  act: Act,
  { deliveries, deletions }: Begun,
): Promise<void> {
  const { id } = member
  const write = (statement: (members: string) => string): Promise<unknown> =>
    eventually('the front desk writes', async () => {
      await library.db.query(statement(faults.members()), [id])
      return true
    })
  if (act.does === 'repeat') return void deliveries.push(deliver(library, act.event, id))
  if (act.does === 'leave') {
    await write((members) => `delete from ${members} where id = $1`)
    member.left = true
    if (act.by === 'event') deliveries.push(deliver(library, 'left', id))
    else deletions.push(deleteByCommand(library, id))
    return
  }
  if (act.does === 'join')
    // since yesterday: an audit judges nobody who came a moment ago
    await write(
      (members) => `insert into ${members} (id, confirmed, signed_up_at)
        values ($1, ${act.confirmed}, now() - interval '1 day') on conflict do nothing`,
    )
  else
    await write(
      (members) => `update ${members} set confirmed = true, changed_at = clock_timestamp() where id = $1`,
    )
  member.confirmed = act.does === 'confirm' || act.confirmed
  if (!act.lost) deliveries.push(deliver(library, act.does === 'join' ? 'joined' : 'confirmed', id))
}

/** As a provider delivers: again and again, until the webhook has taken it. */
function deliver(library: LibraryWorld, event: string, member: string): Promise<unknown> {
  const id = createHash('sha256').update(`${event} ${member}`).digest('hex') // an event's id names nobody
  const body = JSON.stringify({ id, event, member, at: new Date().toISOString() })
  return eventually(
    `the webhook takes ${event} of ${member}`,
    async () => {
      const answer = await fetch(`${library.env['HOLDFAST_URL']}/webhooks/library`, { method: 'POST', body })
      await answer.arrayBuffer()
      return answer.ok
    },
    90_000,
    250,
  )
}

/** As an operator: again, until the command has begun a deletion and says how it ended. */
function deleteByCommand(library: LibraryWorld, member: string): Promise<unknown> {
  return eventually(
    `the deletion of ${member} by command`,
    async () => (await library.run('delete', 'library', member, '--yes')).code === 0,
    300_000,
    1_000,
  )
}

/** Runs what the schedules run: the catch-up, and the watch, which retries those whose dependency is back. */
export async function runSchedules({ world: { temporal } }: LibraryWorld): Promise<void> {
  await pMap(['catchUp', 'watch'], (type) =>
    temporal.workflow.execute(type, {
      taskQueue: 'holdfast-library',
      workflowId: `${type}/library/proof`,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [type === 'watch' ? { blockedMinutes: 0 } : {}],
    }),
  )
}
