import type { CommandHelp } from '../../systems/command-part.ts'
import { Argument, type Command } from 'commander'
import { EXIT, UsageError } from '../../errors.ts'
import { createIdHash, createKeyring } from '../../crypto/keyring.ts'
import { retryQuarantined, type RetryOutcome } from '../../intake/retry-quarantined.ts'
import { readTogether } from '../../config/read-all.ts'
import { createLogger } from '../../logging.ts'
import { errorResult } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import { confirm } from '../lib/confirm.ts'
import type { CommandContext } from '../lib/context.ts'
import { quarantineEntryText, quotaExceededText, quarantineListText } from '../format/quarantine.ts'
import { reasonText, requireReason } from '../lib/reason.ts'
import { counted } from '../../contracts/text/counted.ts'
import type { Quarantine } from '../../state/ports/quarantine.ts'

const MOST = 500

interface QuarantineOptions extends CommonOptions {
  readonly all?: boolean
  readonly yes?: boolean
  readonly reason?: string
}

export function quarantineCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'quarantine',
    'Show, retry or drop quarantined events (events that could not be read).',
    [
      `quarantine ${help.system} list`,
      `quarantine ${help.system} list --json | jq '.counts'`,
      `quarantine ${help.system} show 5d41402abc4b2a76b9719d91 --reason 'ticket 512'`,
      `quarantine ${help.system} retry --all`,
      `quarantine ${help.system} drop 5d41402abc4b2a76b9719d91 --yes`,
    ],
  )
    .addArgument(new Argument('<action>', 'the action').choices(['list', 'show', 'retry', 'drop']))
    .argument('[id]', 'the id of one entry, as shown by list')
    .option('--all', 'retry, drop: all entries')
    .option('--yes', 'drop: do not ask for confirmation')
    .option('--reason <text>', 'show: the reason; required and recorded', reasonText)
    .action((system: string, action: string, id: string | undefined, options: QuarantineOptions) =>
      runForSystem(system, options, async (context) => {
        if (action === 'list') return list(context)
        if (action === 'show') return show(system, context, oneId(system, action, id), options.reason)
        context.assertWrites()
        const asked = whichOnes(system, action, id, options)
        return action === 'drop' ? drop(system, context, asked, options) : retry(system, context, asked)
      }),
    )
}

/** Reading and dropping use only the database and signal no workflow, so Temporal is not needed. */
async function quarantineOf(context: CommandContext): Promise<Quarantine> {
  const [{ keys, quarantine }] = await readTogether(
    () => context.config('keys', 'quarantine'),
    () => context.served.state.read(context.env),
  )
  const hash = createIdHash(keys.id)
  return (await context.state()).quarantine({
    keyring: createKeyring(keys.sealing),
    hash,
    keepDays: quarantine.keepDays,
  })
}

function oneId(system: string, action: string, id: string | undefined): string {
  if (id !== undefined) return id
  throw new UsageError(
    `Give the id of an entry: holdfast quarantine ${system} ${action} <id>; list shows the ids.`,
  )
}

/** Null for all of them. */
function whichOnes(
  system: string,
  action: string,
  id: string | undefined,
  { all }: QuarantineOptions,
): string | null {
  if (all === true && id !== undefined) throw new UsageError('Give either an id or --all, not both.')
  return all === true ? null : oneId(system, action, id)
}

async function list(context: CommandContext): Promise<CommandResult> {
  const quarantine = await quarantineOf(context)
  const [entries, { reasons: counts, count: total }, exceeded] = await Promise.all([
    quarantine.list(MOST),
    (await context.state()).quarantineSummary(),
    quarantine.exceeded(),
  ])
  return {
    document: { entries, counts, total, notStored: exceeded },
    text: [
      quarantineListText(entries, counts, total),
      ...(exceeded.length === 0 ? [] : [quotaExceededText(exceeded)]),
    ].join('\n\n'),
  }
}

async function show(
  system: string,
  context: CommandContext,
  id: string,
  given: string | undefined,
): Promise<CommandResult> {
  const reason = requireReason(given, 'A quarantined entry')
  await context.acting.begin({ name: 'quarantine show', kind: 'show', scope: `entry ${id}`, reason })
  const entry = await (await quarantineOf(context)).open(id)
  if (entry === null) return notThere(system, id)
  const { keyId, ...shown } = entry
  await context.acting.shown({ keyIds: [keyId], count: 1 })
  return { document: shown, text: quarantineEntryText(shown), verbatim: true }
}

async function retry(system: string, context: CommandContext, asked: string | null): Promise<CommandResult> {
  const [config] = await readTogether(
    () => context.config('temporal', 'keys', 'quarantine'),
    () => context.served.state.read(context.env),
  )
  const tenants = context.tenants()
  const connect = await context.served.intake()
  const parts = connect(
    {
      opened: await context.opened(),
      signups: await context.signups(),
      config,
      logger: createLogger('holdfast'),
    },
    context.env,
  )
  const deps = { ...parts, tenants }
  const scope = asked === null ? 'every entry' : `entry ${asked}`
  await context.acting.begin({ name: 'quarantine retry', kind: 'change', scope })
  const retried: RetryOutcome[] = []
  for (const id of asked === null ? await parts.quarantine.ids() : [asked])
    retried.push(await retryQuarantined(deps, id))
  await parts.intake.flush()
  if (asked !== null && retried[0]?.outcome === 'gone') return notThere(system, asked)
  const taken = retried.filter(({ outcome }) => outcome === 'taken').length
  const kept = retried.filter(({ outcome }) => outcome === 'kept')
  const lines = [
    `${taken} processed, ${kept.length} still unreadable.`,
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
  context: CommandContext,
  asked: string | null,
  options: QuarantineOptions,
): Promise<CommandResult> {
  const quarantine = await quarantineOf(context)
  const ids = asked === null ? await quarantine.ids() : [asked]
  if (ids.length === 0)
    return { document: { dropped: 0 }, text: 'Nothing is quarantined, so there is nothing to drop.' }
  const what = asked === null ? `all ${counted(ids.length, 'entry', 'entries')}` : `entry ${asked}`
  if (!(await confirm(`Permanently drop ${what} from the quarantine?`, options)))
    return errorResult('Nothing was dropped.')
  await context.acting.begin({ name: 'quarantine drop', kind: 'destroy', scope: what })
  const dropped = await quarantine.remove(ids)
  if (asked !== null && dropped === 0) return notThere(system, asked)
  return { document: { dropped }, text: `${dropped} dropped.` }
}

function notThere(system: string, id: string): CommandResult {
  return errorResult(
    `No entry '${id}' is quarantined. To list the entries: holdfast quarantine ${system} list`,
  )
}
