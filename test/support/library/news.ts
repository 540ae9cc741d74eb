import { connectIntake, type IntakeConnections, type IntakeParts } from '../../../src/intake/connect.ts'
import type { EventReader } from '../../../src/intake/read-news.ts'
import type { ReadSource } from '../../../src/activities/catch-up.ts'
import { libraryPeople } from './config.ts'
import type { Library, MembersPage } from './database.ts'

const KINDS = { joined: 'signed-up', confirmed: 'email-verified', left: 'deleted' } as const

/** The front desk's events: `{"id": "…", "event": "joined", "member": "m-0123abcd", "at": "2026-…"}`. */
export const readLibraryEvent: EventReader = (entry) => {
  if (typeof entry !== 'object' || entry === null) return { is: 'malformed', reason: 'not an event' }
  const { id, event, member, at } = entry as Record<string, unknown>
  const kind = typeof event === 'string' && event in KINDS ? KINDS[event as keyof typeof KINDS] : null
  const date = typeof at === 'string' ? at : null
  const eventId = typeof id === 'string' ? id : null
  if (kind === null) return { is: 'ignored', noted: null, date, eventId }
  if (typeof member !== 'string' || !libraryPeople.isIdentity(member))
    return { is: 'malformed', reason: 'the member is not one of the library' }
  return { is: 'event', kind, identity: member, date, eventId }
}

export function connectLibraryIntake(
  connections: IntakeConnections,
  library: Pick<Library, 'withoutCard'>,
): IntakeParts {
  return connectIntake(connections, () => ({
    readEvent: readLibraryEvent,
    incomplete: async (identities) => new Set(await library.withoutCard(identities)),
    rescanFrom: () => Promise.resolve(), // every event names its member
  }))
}

const PAGE = 100

/** The members themselves, in the order in which they changed: whoever has no card is notified once per change. */
export function membersSource(
  library: Pick<Library, 'membersAfter' | 'withoutCard'>,
  { cursors, intake }: Pick<IntakeParts, 'cursors' | 'intake'>,
  hash: (text: string) => string,
): ReadSource {
  return async ({ tenant }) => {
    const from = await cursors.place(tenant, 'members')
    const place = from === null ? null : (JSON.parse(from) as MembersPage['next'])
    const { members, next } = await library.membersAfter(place, PAGE)
    const lacking = new Set(await library.withoutCard(members.map(({ id }) => id)))
    const listed = members
      .filter(({ id }) => lacking.has(id))
      .map(({ id, confirmed, changedAt }) => ({
        identity: id,
        changeId: hash(`${id} ${changedAt}`),
        // wakes the signup of somebody who was confirmed while their event was lost
        ...(confirmed ? { hint: 'emailVerified' as const } : {}),
      }))
    const notified = await intake.takeListed(tenant, listed, () => Promise.resolve())
    const caughtUp = members.length < PAGE
    await cursors.advance(tenant, 'members', {
      from,
      to: next === null ? from : JSON.stringify(next),
      caughtUp,
    })
    return { counts: { foundInLists: notified, notified }, caughtUp }
  }
}
