import pMap from 'p-map'
import type { Signups } from '../client/signups.ts'
import { INGEST_CHUNK, type PersonNews } from '../contracts/intake.ts'
import type { Urgency } from '../contracts/priorities.ts'

/** Up to so many people are told at once and directly; more go to Temporal in chunks, so that the delivery is durable fast. */
const DIRECTLY = 10

type Door = Pick<Signups, 'tell' | 'deleted' | 'ingest'>

/** Makes news durable at Temporal: when it returns, none of it can be lost. Safe to repeat. */
export async function passOn(
  signups: Door,
  tenant: string,
  news: readonly PersonNews[],
  urgency: Urgency,
): Promise<void> {
  if (news.length <= DIRECTLY) {
    await pMap(news, (one) => passOnOne(signups, tenant, one, urgency), { concurrency: DIRECTLY })
    return
  }
  const chunks = Array.from({ length: Math.ceil(news.length / INGEST_CHUNK) }, (_, index) =>
    news.slice(index * INGEST_CHUNK, (index + 1) * INGEST_CHUNK),
  )
  await pMap(chunks, (chunk) => signups.ingest(tenant, chunk), { concurrency: DIRECTLY })
}

/** One person: the deletion first where there is one, then their signup if there is anything to tell it. */
export async function passOnOne(
  signups: Omit<Door, 'ingest'>,
  tenant: string,
  { identity, signedUpAt, hint, changedAt, deletedAt, cameBack }: PersonNews,
  urgency: Urgency,
): Promise<void> {
  if (deletedAt !== undefined) await signups.deleted({ tenant, identity, at: deletedAt ?? undefined })
  if (deletedAt !== undefined && cameBack !== true) return
  await signups.tell({ tenant, identity, signedUpAt, hint, changedAt, urgency })
}
