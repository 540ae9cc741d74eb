import type { Command } from 'commander'
import { notYetSeen, unknownPerson } from './answers.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { settled, statusAnswer } from './settled.ts'

export function retryCommand(): Command {
  return systemCommand(
    'retry',
    'Try the step that failed again now, without waiting for its timer. An ended signup is started again.',
    ["retry atproto 'auth0|6123abc'"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const person = context.person(id)
        const signups = await context.signups()
        const reader = await context.reader()
        if ((await reader.status(signups.idOf(person))) === null) return unknownPerson(id)
        const { workflowId } = await signups.tell({ ...person, hint: 'retry' })
        const status = await settled(reader, workflowId)
        return status === null ? notYetSeen(id) : statusAnswer(status)
      }),
    )
}
