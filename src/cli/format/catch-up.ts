import { NO_TENANT, type System } from '../../contracts/systems.ts'
import pc from 'picocolors'
import { lagSeconds } from '../../state/mongo/cursors.ts'
import type { CatchUpProgress } from '../../contracts/catch-up.ts'
import { quarantineFix, quarantineText } from '../../contracts/shared/quarantine.ts'
import { EXIT } from '../../errors.ts'
import type { CommandResult } from '../lib/command.ts'
import { moreLine } from './more.ts'
import { relativeTime, table } from './print.ts'
import { counted } from '../../contracts/text/counted.ts'
import type { Cursor } from '../../state/ports/cursors.ts'
import type { NotedEventCount } from '../../state/ports/noted-events.ts'
import type { QuarantineSummary } from '../../state/ports/quarantine.ts'

interface Gap {
  readonly from: string
  readonly to: string
}

/** The result of a catch-up; exit code 1 if one is blocked. */
export function progressResult(all: readonly { ended: boolean; progress: CatchUpProgress }[]): CommandResult {
  const rows = all.map(
    ({ progress: { tenant, events, notified, foundInLists, quarantined, readUpTo, lagSeconds: lag } }) => [
      tenant,
      String(events),
      String(notified),
      String(foundInLists),
      String(quarantined),
      readUpTo ?? 'nothing yet',
      lagText(lag),
    ],
  )
  const notes = all.flatMap(({ ended, progress: { system, tenant, problem, gap } }) => [
    ...(gap === null ? [] : [gapNotice(system, tenant, gap)]),
    ...(problem === null
      ? ended
        ? []
        : [
            `The catch-up${ofTenant(tenant)} is still running. To follow it: holdfast catch-up ${system}${tenantOption(tenant)}`,
          ]
      : [
          [
            `${pc.red(problem.name)} (${tenant}): ${problem.sentence}`,
            `${pc.bold('What to do:')} ${problem.fix}`,
            ...moreLine([problem.name]),
          ].join('\n'),
        ]),
  ])
  const heldUp = all.some(({ progress }) => progress.problem !== null)
  return {
    document: { tenants: all.map(({ ended, progress }) => ({ ended, ...progress })) },
    text: [
      table(
        ['TENANT', 'EVENTS READ', 'SIGNUPS NOTIFIED', 'FOUND IN LISTS', 'UNREADABLE', 'READ UP TO', 'LAG'],
        rows,
      ),
      ...notes,
    ].join('\n\n'),
    exitCode: heldUp ? EXIT.failed : EXIT.done,
  }
}

/** The position up to which each tenant has been read, from the stored cursors. */
export function cursorsResult(
  system: System,
  all: readonly { tenant: string; cursor: Cursor; oldDeletions: number }[],
  quarantined: QuarantineSummary,
  events: readonly NotedEventCount[],
  meanings: Readonly<Record<string, string>>,
): CommandResult {
  const tenants = all.map(({ tenant, cursor, oldDeletions }) => ({
    tenant,
    readUpTo: cursor.lastEventAt?.toISOString() ?? null,
    readAt: cursor.readAt?.toISOString() ?? null,
    lagSeconds: lagSeconds(cursor),
    gap: cursor.gap,
    oldDeletions,
  }))
  const rows = tenants.map(({ tenant, readUpTo, readAt, lagSeconds: lag }) => [
    tenant,
    readUpTo ?? 'nothing yet',
    readAt === null ? 'never' : relativeTime(readAt),
    lag === null ? '-' : lagText(lag),
  ])
  const notes = [
    ...tenants.flatMap(({ tenant, gap, oldDeletions }) => [
      ...(gap === null ? [] : [gapNotice(system, tenant, gap)]),
      ...(oldDeletions === 0 ? [] : [oldDeletionsNotice(system, tenant, oldDeletions)]),
    ]),
    ...(events.length === 0 ? [] : [eventsTable(events, meanings)]),
    ...(quarantined.count === 0 ? [] : [quarantineNotice(system, quarantined)]),
  ]
  return {
    document: { tenants, quarantined, events },
    text: [table(['TENANT', 'NEWEST EVENT READ', 'LAST READ', 'LAG'], rows), ...notes].join('\n\n'),
  }
}

function eventsTable(events: readonly NotedEventCount[], meanings: Readonly<Record<string, string>>): string {
  const rows = events.map(({ day, tenant, code, count }) => [
    day,
    tenant,
    code,
    String(count),
    meanings[code] ?? 'unknown',
  ])
  return table(['DAY', 'TENANT', 'CODE', 'EVENTS', 'MEANING'], rows)
}

function quarantineNotice(system: System, { count, reasons }: QuarantineSummary): string {
  return [
    `${pc.yellow('Notice:')} ${quarantineText(count, reasons)}.`,
    `${pc.bold('What to do:')} ${quarantineFix(system)}`,
    ...moreLine(['events-quarantined']),
  ].join('\n')
}

function gapNotice(system: System, tenant: string, { from, to }: Gap): string {
  return [
    `${pc.yellow('Notice:')} the log${ofTenant(tenant)} from ${from} to ${to} was deleted before catch-up read it, so signups of that ` +
      'time may be missing.',
    `${pc.bold('What to do:')} holdfast audit ${system}${tenantOption(tenant)}, ` +
      `then: holdfast catch-up ${system}${tenantOption(tenant)} --close-gap`,
    ...moreLine(['log-gap']),
  ].join('\n')
}

function oldDeletionsNotice(system: System, tenant: string, count: number): string {
  return (
    `${pc.yellow('Notice:')} the log${ofTenant(tenant)} contains ${counted(count, 'deletion')} from before Holdfast was installed. They are ` +
    `recorded but not carried out.\n${pc.bold('What to do:')} to delete these people: holdfast catch-up ${system}${tenantOption(tenant)} --with-old-deletions`
  )
}

function ofTenant(tenant: string): string {
  return tenant === NO_TENANT ? '' : ` of ${tenant}`
}

function tenantOption(tenant: string): string {
  return tenant === NO_TENANT ? '' : ` --tenant ${tenant}`
}

/** `2d 3h`, `4m 10s`: the two largest units. */
function lagText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const
  let rest = seconds
  const parts = units.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count}${unit}`]
  })
  return parts.length === 0 ? 'none' : parts.slice(0, 2).join(' ')
}
