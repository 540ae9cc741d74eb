import type { Collection } from 'mongodb'
import { callMongo } from '../../adapters/mongo/lib/errors.ts'
import type { System } from '../../contracts/systems.ts'
import type { AlertDocument } from './alert-document.ts'

/**
 * Completes the messages that waited when this process began, where they are of the version that had one channel and no
 * severities: they go to that channel, `http`. It does so at the first call, and again after a failure.
 */
export function completeEarlierMessages(
  alerts: Collection<AlertDocument>,
  system: System,
): () => Promise<void> {
  let complete = false
  const message = {
    $mergeObjects: [
      { severity: 'warning', title: '$$one.message.name', consequences: [], people: [] },
      '$$one.message',
    ],
  }
  const one = {
    $mergeObjects: [{ channel: 'http', notBefore: null, at: '$lastSeen' }, '$$one', { message }],
  }
  return async () => {
    if (complete) return
    await callMongo('holdfast_alerts', 'update', () =>
      alerts.updateMany({ system, outbox: { $elemMatch: { channel: { $exists: false } } } }, [
        { $set: { outbox: { $map: { input: '$outbox', as: 'one', in: one } } } },
      ]),
    )
    complete = true
  }
}
