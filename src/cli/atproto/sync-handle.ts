import type { CommandHelp } from '../../systems/command-part.ts'
import type { System } from '../../contracts/systems.ts'
import type { Command } from 'commander'
import { createHandleSyncs } from '../../client/atproto/handle-syncs.ts'
import { createApplicationRecords } from '../../adapters/mongo/application-records.ts'
import type {
  HandleSyncResult,
  HandleSyncOutcome,
  HandleSyncStatus,
} from '../../contracts/atproto/handle-sync.ts'
import type { PersonRef } from '../../contracts/systems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT } from '../../errors.ts'
import { errorResult, unknownEverywhere } from '../lib/error-results.ts'
import { runOwn, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import { mongoOf } from '../../state/open.ts'
import type { CommandContext } from '../lib/context.ts'
import { deletionOf } from '../../operations/deletion-notices.ts'
import { moreLine } from '../format/more.ts'
import { pollUntil } from '../lib/poll-until.ts'

const LONGEST_MS = 20_000

export function syncHandleCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'sync-handle',
    "Change the account's handle to the one chosen in the application, or to the user code if that is not possible.",
    [`sync-handle ${help.system} ${help.id}`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .action((system: string, id: string, options: CommonOptions) =>
      runOwn(help, 'sync-handle', system, options, async (context) => {
        context.assertWrites()
        const person = context.person(id)
        if (!(await isKnown(context, person))) {
          const deletion = await deletionOf(context, id)
          return deletion === null ? unknownEverywhere(context, id) : errorResult(deletion)
        }
        await context.acting.begin({ name: 'sync-handle', kind: 'change', people: [id] })
        const syncs = createHandleSyncs(await context.temporal(), (identity) => context.hash(identity))
        await syncs.requestSync(person)
        const status = await pollUntil(
          () => syncs.status(person),
          (now) => now !== null && (now.synced !== null || now.problem !== null || now.ended !== null),
          LONGEST_MS,
        )
        return status === null ? { document: { identity: id }, text: RUNS } : answerOf(context.system, status)
      }),
    )
}

/** Whether the person has, or may get, an account whose handle could follow. */
async function isKnown(context: CommandContext, person: PersonRef): Promise<boolean> {
  const stored = await createApplicationRecords(mongoOf(await context.opened()).db).load([person.identity])
  if (stored.has(person.identity)) return true
  const status = await (await context.reader()).status(context.workflowId(person))
  return status !== null && status.stage !== 'deleted'
}

const RUNS = 'The sync was started and is still waiting for the rate limit of the PDS.'

function answerOf(system: System, status: HandleSyncStatus): CommandResult {
  const { synced, problem, ended, identity } = status
  if (synced !== null) {
    const exitCode = synced.outcome === 'account-gone' ? EXIT.failed : EXIT.done
    return { document: status, text: SENTENCES[synced.outcome](synced), exitCode }
  }
  if (ended !== null) {
    const again = `holdfast sync-handle ${system} ${shellQuoted(identity)}`
    const text = `The sync was ${ended} before it finished. To start it again: ${again}`
    return { document: status, text, exitCode: EXIT.failed }
  }
  if (problem === null) return { document: status, text: RUNS }
  return {
    document: status,
    text: [
      `${problem.name}: ${problem.sentence}`,
      `What to do: ${problem.fix}`,
      ...moreLine([problem.name]),
    ].join('\n'),
    exitCode: EXIT.failed,
  }
}

const SENTENCES: Record<HandleSyncOutcome, (synced: HandleSyncResult) => string> = {
  same: ({ handle }) => `The account already has the right handle: ${handle}.`,
  changed: ({ handle }) => `The account's handle is now ${handle}.`,
  'fell-back': ({ handle, wanted }) =>
    `The PDS refuses the handle ${wanted} for this account; its handle is ${handle}, from the user code.`,
  'no-account': () => 'The person has no account yet. Their signup will use the handle chosen at that time.',
  'account-gone': () => 'The PDS has no account with the DID in the user record. Nothing was changed.',
}
