import type { CatchUpProgress } from '../../contracts/catch-up.ts'

/** What the Temporal UI shows of a catch-up: how far it is, what it found, what holds it up. Markdown. */
export function describeCatchUp(progress: CatchUpProgress): string {
  const { tenant, events, told, found, duplicates, quarantined, readUpTo, lagSeconds, gap, problem } =
    progress
  const lines = [
    `**Log of ${tenant}** read up to ${readUpTo ?? 'nothing yet'}, ${lagSeconds === 0 ? 'its end' : `${lagSeconds} s behind`}`,
    `${events} events (${duplicates} known before, ${quarantined} unreadable), ${told} people told, ${found} found in the lists of users`,
  ]
  if (gap !== null) {
    lines.push(
      `Gone before it was read: ${gap.from} to ${gap.to}. Run \`holdfast audit ${progress.system} --tenant ${tenant}\`.`,
    )
  }
  if (problem !== null) {
    lines.push(
      `**${problem.name}** since ${problem.since}: ${problem.sentence}`,
      `${problem.fix} Next try by itself at ${problem.nextTryAt ?? 'no time'}.`,
    )
  }
  return lines.join('\n\n')
}
