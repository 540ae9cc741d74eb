import { checkFinding } from '../domain/check-findings.ts'
import { quarantineText } from '../contracts/shared/quarantine.ts'
import type { Check } from './check.ts'
import type { CheckContext } from './context.ts'

/** Events that were received and could not be read: each may be a signup or a deletion that was not carried out. */
export function quarantineCheck(context: CheckContext): Check {
  return {
    name: 'quarantine',
    async run() {
      const { count, reasons } = await (await context.state()).state.quarantineSummary()
      if (count === 0) return { facts: ['empty'] }
      const what = quarantineText(count, reasons)
      return {
        findings: [checkFinding(context.system, 'events-quarantined', { what, system: context.system })],
      }
    },
  }
}
