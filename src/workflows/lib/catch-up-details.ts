import type { CatchUpProgress } from '../../contracts/catch-up.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { withCommandsAsCode } from '../../domain/text/commands-in-text.ts'
import { moreDetails } from './more.ts'

/** A catch-up in the Temporal UI: its progress, its findings, and the problem that blocks it. Markdown. */
export function catchUpDetails(progress: CatchUpProgress): string {
  const {
    tenant,
    events,
    notified,
    foundInLists,
    duplicates,
    quarantined,
    readUpTo,
    lagSeconds,
    gap,
    problem,
  } = progress
  const [whose, option] =
    tenant === NO_TENANT ? ['Provider', ''] : [`Log of ${tenant}`, ` --tenant ${tenant}`]
  const lines = [
    `**${whose}** read up to ${readUpTo ?? 'nothing yet'}, ${lagSeconds === 0 ? 'its end' : `${lagSeconds} s behind`}`,
    `${events} events (${duplicates} known before, ${quarantined} unreadable), ${notified} people notified, ${foundInLists} found in the lists of users`,
  ]
  if (gap !== null) {
    lines.push(
      `Deleted before catch-up read it: ${gap.from} to ${gap.to}. Run: ${withCommandsAsCode(`holdfast audit ${progress.system}${option}`)}`,
      ...moreDetails(['log-gap']),
    )
  }
  if (problem !== null) {
    lines.push(
      `**${problem.name}** since ${problem.since}: ${problem.sentence}`,
      `${withCommandsAsCode(problem.fix)} Next automatic retry at ${problem.nextTryAt ?? 'no time'}.`,
      ...moreDetails([problem.name]),
    )
  }
  return lines.join('\n\n')
}
