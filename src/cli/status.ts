import type { Command } from 'commander'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { no, unknownPerson } from './answers.ts'
import { deletionOf, withReason } from './deleted.ts'
import { statusAnswer } from './settled.ts'

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
        if (status !== null) return statusAnswer(await withReason(context, id, status))
        const deletion = await deletionOf(context, id)
        return deletion === null ? unknownPerson(id) : no(deletion)
      }),
    )
}
