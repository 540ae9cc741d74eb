import type { ProfilesBy } from '../../config/supabase/sections.ts'
import { supabasePeople } from '../../config/supabase/people.ts'
import type { EventReader, ReadEvent } from '../read-news.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a database webhook of `auth.users` (`{type, table, schema, record, old_record}`) or the payload of an auth hook
 * (`{metadata, user}`). Where the trigger or the application creates profiles, a new user starts nothing here: catch-up
 * looks for their profile after the grace period. An auth hook may be called for a user who is never created, so it only
 * means that they may exist.
 */
export function supabaseEventReader(profilesBy: ProfilesBy): EventReader {
  return (entry) => {
    if (!isObject(entry)) return { is: 'malformed', reason: 'not an object' }
    if (isObject(entry['user']) && isObject(entry['metadata'])) return readHook(entry['user'], profilesBy)
    const { type, table, schema } = entry
    if (typeof type !== 'string' || typeof table !== 'string')
      return { is: 'malformed', reason: 'neither a database webhook nor an auth hook' }
    if (table !== 'users' || schema !== 'auth') return ignored(null)
    return readWebhook(type, entry, profilesBy)
  }
}

function readWebhook(type: string, entry: Fields, profilesBy: ProfilesBy): ReadEvent {
  const row = entry[type === 'DELETE' ? 'old_record' : 'record']
  const identity = isObject(row) ? row['id'] : undefined
  if (typeof identity !== 'string' || !supabasePeople.isIdentity(identity))
    return { is: 'malformed', reason: 'the row has no id of a user' }
  const date = isObject(row) && typeof row['created_at'] === 'string' ? row['created_at'] : null
  if (type === 'DELETE') return { is: 'event', kind: 'deleted', identity, date: null, eventId: null }
  if (profilesBy !== 'holdfast') return ignored(date)
  if (type === 'INSERT') return { is: 'event', kind: 'signed-up', identity, date, eventId: null }
  // an update: perhaps an anonymous user was converted
  return type === 'UPDATE'
    ? { is: 'event', kind: 'seen', identity, date: null, eventId: null }
    : ignored(date)
}

function readHook({ id }: Fields, profilesBy: ProfilesBy): ReadEvent {
  if (typeof id !== 'string' || !supabasePeople.isIdentity(id))
    return { is: 'malformed', reason: 'the hook names no user' }
  if (profilesBy !== 'holdfast') return ignored(null)
  return { is: 'event', kind: 'seen', identity: id, date: null, eventId: null }
}

function ignored(date: string | null): ReadEvent {
  return { is: 'ignored', noted: null, date, eventId: null }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
