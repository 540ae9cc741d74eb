import type { Command } from 'commander'
import { createStores } from '../adapters/mongo/stores.ts'
import type { HandleSynced, HandleSyncOutcome, HandleSyncStatus } from '../contracts/handle-sync.ts'
import type { PersonRef } from '../contracts/systems.ts'
import { EXIT } from '../entry.ts'
import { no, nothingKnown } from './answers.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import type { CommandContext } from './context.ts'
import { deletionOf } from './deleted.ts'
import { until } from './until.ts'

const LONGEST_MS = 20_000

export function syncHandleCommand(): Command {
  return systemCommand(
    'sync-handle',
    "Make the account's handle follow the one chosen in the application, or the user code where it cannot.",
    ["sync-handle atproto 'auth0|6123abc'"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        const person = context.person(id)
        if (!(await isKnown(context, person))) {
          const deletion = await deletionOf(context, id)
          return deletion === null ? nothingKnown(id) : no(deletion)
        }
        const syncs = await context.handleSyncs()
        await syncs.ask(person)
        const status = await until(
          () => syncs.status(person),
          (now) => now !== null && (now.synced !== null || now.problem !== null),
          LONGEST_MS,
        )
        return status === null ? { document: { identity: id }, text: RUNS } : answerOf(status)
      }),
    )
}

/** Whether anybody has, or may come to have, an account whose handle could follow. */
async function isKnown(context: CommandContext, person: PersonRef): Promise<boolean> {
  const stored = await createStores(context.mongo().db).people([person.identity])
  if (stored.has(person.identity)) return true
  const status = await (await context.reader()).status(context.workflowId(person))
  return status !== null && status.stage !== 'deleted'
}

const RUNS = 'The sync has begun and is not over yet; its turn at the PDS comes.'

function answerOf(status: HandleSyncStatus): Answer {
  const { synced, problem } = status
  if (synced !== null) {
    const exitCode = synced.outcome === 'account-gone' ? EXIT.failed : EXIT.done
    return { document: status, text: SENTENCES[synced.outcome](synced), exitCode }
  }
  if (problem === null) return { document: status, text: RUNS }
  return {
    document: status,
    text: `${problem.name}: ${problem.sentence}\nWhat to do: ${problem.fix}`,
    exitCode: EXIT.failed,
  }
}

const SENTENCES: Record<HandleSyncOutcome, (synced: HandleSynced) => string> = {
  same: ({ handle }) => `The account has the handle it should have: ${handle}.`,
  changed: ({ handle }) => `The account is now ${handle}.`,
  'fell-back': ({ handle, wanted }) =>
    `The PDS does not give this account ${wanted}: it is ${handle}, under the user code.`,
  'no-account': () => 'The person has no account (yet). Its signup will take the handle there is then.',
  'account-gone': () =>
    'The PDS has no account under the DID that the user record holds. Nothing was changed.',
}
