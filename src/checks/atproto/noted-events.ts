import { checkFinding } from '../../domain/check-findings.ts'
import { notedEventsText } from '../../domain/atproto/noted-events.ts'
import type { Check } from '../check.ts'
import type { AtprotoCheckContext } from './context.ts'

const DAYS = 7

/** Events of the last days that start nothing and need an operator's action. */
export function eventsCheck(context: AtprotoCheckContext): Check {
  return {
    name: 'noted-events',
    async run() {
      const since = new Date(Date.now() - DAYS * 86_400_000)
      const counts = await (await context.state()).state.notedEvents.counts(since)
      if (counts.length === 0) return { facts: [`none in ${DAYS} days`] }
      const byTenant = Map.groupBy(counts, ({ tenant }) => tenant)
      return {
        notices: [...byTenant].map(([tenant, theirs]) =>
          checkFinding('atproto', 'events-noted', {
            tenant,
            days: String(DAYS),
            what: notedEventsText(theirs),
          }),
        ),
      }
    },
  }
}
