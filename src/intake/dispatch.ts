import pMap from 'p-map'
import type { Signups } from '../client/signups.ts'
import { INGEST_CHUNK, type PersonUpdate } from '../contracts/intake.ts'
import type { Urgency } from '../contracts/priorities.ts'

/**
 * The most people who are notified at once and directly; more go to Temporal in chunks, so that the delivery is durable
 * fast.
 */
const MOST_DIRECT = 10

type SignupDispatcher = Pick<Signups, 'notify' | 'requestDeletion' | 'ingest'>

/** Makes updates durable at Temporal: when it returns, none of them can be lost. Safe to repeat. */
export async function dispatch(
  signups: SignupDispatcher,
  tenant: string,
  news: readonly PersonUpdate[],
  urgency: Urgency,
): Promise<void> {
  if (news.length <= MOST_DIRECT) {
    await pMap(news, (one) => dispatchOne(signups, tenant, one, urgency), { concurrency: MOST_DIRECT })
    return
  }
  const chunks = Array.from({ length: Math.ceil(news.length / INGEST_CHUNK) }, (_, index) =>
    news.slice(index * INGEST_CHUNK, (index + 1) * INGEST_CHUNK),
  )
  await pMap(chunks, (chunk) => signups.ingest(tenant, chunk), { concurrency: MOST_DIRECT })
}

/** One person: first the deletion if there is one, then the signup if there is any news for it. */
export async function dispatchOne(
  signups: Omit<SignupDispatcher, 'ingest'>,
  tenant: string,
  { identity, signedUpAt, hint, changedAt, deletedAt, recreated }: PersonUpdate,
  urgency: Urgency,
): Promise<void> {
  if (deletedAt !== undefined) await signups.requestDeletion({ tenant, identity, at: deletedAt ?? undefined })
  if (deletedAt !== undefined && recreated !== true) return
  await signups.notify({ tenant, identity, signedUpAt, hint, changedAt, urgency })
}
