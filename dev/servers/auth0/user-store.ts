import { lowerBound } from './sorted.ts'
import type { User } from './types.ts'

export interface UserStore {
  readonly size: number
  get(id: string): User | undefined
  byEmail(email: string): User[]
  put(user: User): void
  remove(id: string): void
  /**
   * The users in order of creation, within an ISO range of `created_at`, as the lagging search index shows them now.
   */
  indexed(from?: string, to?: string): readonly User[]
  /** Makes the search index catch up at once. */
  refreshIndex(): void
  all(): readonly User[]
}

const order = (a: User, b: User) =>
  a.created_at < b.created_at
    ? -1
    : a.created_at > b.created_at
      ? 1
      : a.user_id < b.user_id
        ? -1
        : a.user_id > b.user_id
          ? 1
          : 0

/** Users by id, by e-mail and by time of creation. `lagMs` is the delay of the search index. */
export function createUserStore({ now, lagMs }: { now: () => Date; lagMs: () => number }): UserStore {
  const byId = new Map<string, User>()
  const emails = new Map<string, Set<string>>()
  let created: User[] = []
  const stale = new Map<string, { until: number; user: User | undefined }[]>()

  const place = (user: User) => lowerBound(created, (other) => order(other, user) < 0)

  function lift(user: User) {
    byId.delete(user.user_id)
    created.splice(place(user), 1)
    const key = user.email.toLowerCase()
    const ids = emails.get(key)
    ids?.delete(user.user_id)
    if (ids?.size === 0) emails.delete(key)
  }

  function noteStale(id: string) {
    const lag = lagMs()
    if (lag <= 0) return
    const seen = stale.get(id) ?? []
    stale.set(id, [...seen, { until: now().getTime() + lag, user: byId.get(id) }])
  }

  function lagging(): User[] {
    const time = now().getTime()
    const shown = new Map(byId)
    for (const [id, versions] of stale) {
      const version = versions.find(({ until }) => until > time)
      if (version === undefined) stale.delete(id)
      else if (version.user === undefined) shown.delete(id)
      else shown.set(id, version.user)
    }
    return [...shown.values()].toSorted(order)
  }

  return {
    get size() {
      return byId.size
    },
    get: (id) => byId.get(id),
    byEmail: (email) => {
      const found = [...(emails.get(email.toLowerCase()) ?? [])]
      return found.flatMap((id) => byId.get(id) ?? [])
    },
    put(user) {
      noteStale(user.user_id)
      const old = byId.get(user.user_id)
      if (old) lift(old)
      byId.set(user.user_id, user)
      created.splice(place(user), 0, user)
      const key = user.email.toLowerCase()
      const ids = emails.get(key)
      if (ids) ids.add(user.user_id)
      else emails.set(key, new Set([user.user_id]))
    },
    remove(id) {
      const user = byId.get(id)
      if (!user) return
      noteStale(id)
      lift(user)
    },
    indexed(from = '', to = '\uffff') {
      const users = stale.size === 0 ? created : lagging()
      const start = lowerBound(users, (user) => user.created_at < from)
      const end = lowerBound(users, (user) => user.created_at <= to)
      return users.slice(start, end)
    },
    refreshIndex: () => stale.clear(),
    all: () => created,
  }
}
