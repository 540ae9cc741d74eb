import type { Command } from 'commander'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { assertIdentity, notYetSeen } from './answers.ts'
import { withReason } from './deleted.ts'
import { settled, outcomeAnswer } from './settled.ts'

export function signupCommand(): Command {
  return systemCommand(
    'signup',
    "Start one person's signup, or join the one that runs; for a person who is complete it changes nothing.",
    ["signup atproto 'auth0|6123abc'", "signup atproto 'auth0|6123abc' --json"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        assertIdentity(id)
        const person = context.person(id)
        const { workflowId } = await (await context.signups()).tell(person)
        const status = await settled(await context.reader(), workflowId)
        return status === null ? notYetSeen(id) : outcomeAnswer(await withReason(context, id, status))
      }),
    )
}
