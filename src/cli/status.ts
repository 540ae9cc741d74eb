import type { Command } from 'commander'
import { createTombstones } from '../adapters/mongo/tombstones.ts'
import { createIdHash } from '../crypto/keyring.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import type { CommandContext } from './context.ts'
import { no, unknownPerson } from './answers.ts'
import { statusAnswer } from './settled.ts'

/** Of somebody who was deleted nothing is left but the tombstone. */
async function unknownOrDeleted(context: CommandContext, id: string): Promise<Answer> {
  const { keys } = context.config('keys')
  const tombstone = await createTombstones(context.mongo().db, createIdHash(keys.id)).find(id)
  if (tombstone === null) return unknownPerson(id)
  const state = tombstone.finishedAt === null ? 'is being deleted' : 'was deleted'
  return no(`'${id}' ${state} as of ${tombstone.at.toISOString()}. Nothing of theirs is kept.`)
}

export function statusCommand(): Command {
  return systemCommand('status', "Show where one person's signup is, why it stands still, and what to do.", [
    "status atproto 'auth0|6123abc'",
    "status atproto 'auth0|6123abc' --json | jq .problem",
  ])
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const { idOf } = await context.signups()
        const status = await (await context.reader()).status(idOf(context.person(id)))
        return status === null ? await unknownOrDeleted(context, id) : statusAnswer(status)
      }),
    )
}
