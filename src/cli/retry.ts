import type { Command } from 'commander'
import type { Problem } from '../contracts/problems.ts'
import { notYetSeen, unknownPerson } from './answers.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { settled, outcomeAnswer } from './settled.ts'

export function retryCommand(): Command {
  return systemCommand(
    'retry',
    'Try the step that failed again now, without waiting for its timer. An ended signup is started again.',
    ["retry atproto 'auth0|6123abc'"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .action((system: string, id: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        const person = context.person(id)
        const signups = await context.signups()
        const reader = await context.reader()
        const before = await reader.status(signups.idOf(person))
        if (before === null) return unknownPerson(id)
        const { workflowId } = await signups.tell({ ...person, hint: 'retry' })
        const status = await settled(reader, workflowId, ({ problem }) => isSameTry(problem, before.problem))
        return status === null ? notYetSeen(id) : outcomeAnswer(status)
      }),
    )
}

/** The problem as it was before the step was tried again. Without a worker nothing is tried, so that is never old. */
function isSameTry(now: Problem | null, before: Problem | null): boolean {
  if (now === null || before === null || now.name === 'no-worker') return false
  return now.since === before.since && now.attempts === before.attempts
}
