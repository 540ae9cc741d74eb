import { Argument, type Command } from 'commander'
import type { Quarantine } from '../adapters/mongo/quarantine.ts'
import { createReveals } from '../adapters/mongo/reveals.ts'
import { EXIT, UsageError } from '../entry.ts'
import { connectIntake } from '../intake/connect.ts'
import { retryQuarantined, type Retried } from '../intake/quarantined.ts'
import { createLogger } from '../logging.ts'
import { no } from './answers.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { confirmed } from './confirmed.ts'
import type { CommandContext } from './context.ts'
import { operator } from './operator.ts'
import { entryText, listText } from './quarantine-text.ts'

const MOST = 500

interface QuarantineOptions extends CommonOptions {
  readonly all?: boolean
  readonly yes?: boolean
}

export function quarantineCommand(): Command {
  return systemCommand(
    'quarantine',
    'Events that could not be read and were kept aside: show them, take them in again, or drop them.',
    [
      'quarantine atproto list',
      "quarantine atproto list --json | jq '.counts'",
      'quarantine atproto show 5d41402abc4b2a76b9719d91',
      'quarantine atproto retry --all',
      'quarantine atproto drop 5d41402abc4b2a76b9719d91 --yes',
    ],
  )
    .addArgument(new Argument('<action>', 'what to do').choices(['list', 'show', 'retry', 'drop']))
    .argument('[id]', 'one entry, by the id that list shows')
    .option('--all', 'retry, drop: every entry')
    .option('--yes', 'drop: without asking')
    .action((system: string, action: string, id: string | undefined, options: QuarantineOptions) =>
      answer(system, options, async (context) => {
        if (action === 'list') return list(system, partsOf(context).quarantine)
        if (action === 'show') return show(system, context, oneId(action, id))
        context.assertWrites()
        const asked = whichOnes(action, id, options)
        return action === 'drop'
          ? drop(system, partsOf(context).quarantine, asked, options)
          : retry(system, context, asked)
      }),
    )
}

/** Reading and dropping go to the database alone; nothing is told, so nobody to tell is needed. */
function partsOf(context: CommandContext) {
  const config = context.config('mongo', 'keys', 'quarantine') // at once, so that all that lacks is said at once
  const refuse = (): Promise<never> => Promise.reject(new Error('this action tells nobody'))
  return connectIntake({
    db: context.mongo().db,
    signups: { tell: refuse, deleted: refuse, ingest: refuse },
    config,
    logger: createLogger('holdfast'),
  })
}

function oneId(action: string, id: string | undefined): string {
  if (id !== undefined) return id
  throw new UsageError(`Which one? holdfast quarantine atproto ${action} <id>; list shows the ids.`)
}

/** Null for all of them. */
function whichOnes(action: string, id: string | undefined, { all }: QuarantineOptions): string | null {
  if (all === true && id !== undefined) throw new UsageError('Either an id or --all, not both.')
  return all === true ? null : oneId(action, id)
}

async function list(system: string, quarantine: Quarantine): Promise<Answer> {
  const [entries, counts] = await Promise.all([quarantine.list(system, MOST), quarantine.counts(system)])
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return { document: { entries, counts, total }, text: listText(entries, counts, total) }
}

async function show(system: string, context: CommandContext, id: string): Promise<Answer> {
  const entry = await partsOf(context).quarantine.open(system, id)
  if (entry === null) return notThere(id)
  await createReveals(context.mongo().db).record({
    kind: 'quarantine',
    keyIds: context.config('keys').keys.sealing.map((key) => key.id),
    count: 1,
    caller: operator(),
    reason: null,
  })
  return { document: entry, text: entryText(entry) }
}

async function retry(system: string, context: CommandContext, asked: string | null): Promise<Answer> {
  const config = context.config('mongo', 'temporal', 'keys', 'quarantine', 'tenantNames')
  const parts = connectIntake({
    db: context.mongo().db,
    signups: await context.signups(),
    config,
    logger: createLogger('holdfast'),
  })
  const deps = { ...parts, tenants: config.tenantNames }
  const retried: Retried[] = []
  for (const id of asked === null ? await parts.quarantine.ids(system) : [asked])
    retried.push(await retryQuarantined(deps, system, id))
  await parts.intake.settled()
  if (asked !== null && retried[0]?.outcome === 'gone') return notThere(asked)
  const taken = retried.filter(({ outcome }) => outcome === 'taken').length
  const kept = retried.filter(({ outcome }) => outcome === 'kept')
  const lines = [
    `${taken} taken in, ${kept.length} still unreadable.`,
    ...kept.map(({ id, reason }) => `  ${id}  ${reason ?? ''}`),
  ]
  return {
    document: { taken, kept: kept.length, entries: retried },
    text: lines.join('\n'),
    exitCode: kept.length === 0 ? EXIT.done : EXIT.failed,
  }
}

async function drop(
  system: string,
  quarantine: Quarantine,
  asked: string | null,
  options: QuarantineOptions,
): Promise<Answer> {
  const ids = asked === null ? await quarantine.ids(system) : [asked]
  const what = asked === null ? `all ${ids.length} entries` : `entry ${asked}`
  if (!(await confirmed(`Drop ${what} of the quarantine for good?`, options)))
    return no('Nothing was dropped.')
  const dropped = await quarantine.remove(system, ids)
  if (asked !== null && dropped === 0) return notThere(asked)
  return { document: { dropped }, text: `${dropped} dropped.` }
}

function notThere(id: string): Answer {
  return no(`No entry '${id}' is quarantined. Those that are: holdfast quarantine atproto list`)
}
