import pc from 'picocolors'
import { lagSeconds, type Cursor } from '../adapters/mongo/cursors.ts'
import type { CatchUpProgress } from '../contracts/catch-up.ts'
import { EXIT } from '../entry.ts'
import type { Answer } from './command.ts'
import { ago, table } from './print.ts'

interface Gap {
  readonly from: string
  readonly to: string
}

/** What a catch-up did; 1 where one is held up. */
export function progressAnswer(all: readonly { ended: boolean; progress: CatchUpProgress }[]): Answer {
  const rows = all.map(
    ({ progress: { tenant, events, told, found, quarantined, readUpTo, lagSeconds: lag } }) => [
      tenant,
      String(events),
      String(told),
      String(found),
      String(quarantined),
      readUpTo ?? 'nothing yet',
      lagText(lag),
    ],
  )
  const notes = all.flatMap(({ ended, progress: { tenant, problem, gap } }) => [
    ...(gap === null ? [] : [gapNotice(tenant, gap)]),
    ...(problem === null
      ? ended
        ? []
        : [`The catch-up of ${tenant} goes on: holdfast catch-up atproto --tenant ${tenant}`]
      : [
          `${pc.red(problem.name)} (${tenant}): ${problem.sentence}\n${pc.bold('What to do:')} ${problem.fix}`,
        ]),
  ])
  const heldUp = all.some(({ progress }) => progress.problem !== null)
  return {
    document: { tenants: all.map(({ ended, progress }) => ({ ended, ...progress })) },
    text: [
      table(
        ['TENANT', 'EVENTS READ', 'SIGNUPS TOLD', 'FOUND IN LISTS', 'UNREADABLE', 'READ UP TO', 'LAG'],
        rows,
      ),
      ...notes,
    ].join('\n\n'),
    exitCode: heldUp ? EXIT.failed : EXIT.done,
  }
}

/** How far each tenant has been read, from what is stored. */
export function standingAnswer(all: readonly { tenant: string; cursor: Cursor }[]): Answer {
  const tenants = all.map(({ tenant, cursor }) => ({
    tenant,
    readUpTo: cursor.lastEventAt?.toISOString() ?? null,
    readAt: cursor.readAt?.toISOString() ?? null,
    lagSeconds: lagSeconds(cursor),
    gap: cursor.gap,
  }))
  const rows = tenants.map(({ tenant, readUpTo, readAt, lagSeconds: lag }) => [
    tenant,
    readUpTo ?? 'nothing yet',
    readAt === null ? 'never' : ago(readAt),
    lag === null ? '-' : lagText(lag),
  ])
  const notes = tenants.flatMap(({ tenant, gap }) => (gap === null ? [] : [gapNotice(tenant, gap)]))
  return {
    document: { tenants },
    text: [table(['TENANT', 'NEWEST EVENT READ', 'LAST READ', 'LAG'], rows), ...notes].join('\n\n'),
  }
}

function gapNotice(tenant: string, { from, to }: Gap): string {
  return (
    `${pc.yellow('Notice:')} the log of ${tenant} from ${from} to ${to} was gone before it was read, so who signed up ` +
    `then is not known from it.\n${pc.bold('What to do:')} holdfast audit atproto --tenant ${tenant}, ` +
    `then: holdfast catch-up atproto --tenant ${tenant} --close-gap`
  )
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
