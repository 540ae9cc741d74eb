import type { Command } from 'commander'
import type { Problem, ProblemName } from '../contracts/problems.ts'
import { notYetSeen, unknownPerson } from './answers.ts'
import { withReason } from './deleted.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { UsageError } from '../entry.ts'
import { retryMany } from './retry-many.ts'
import { settled, outcomeAnswer } from './settled.ts'
import { problemName } from './values.ts'

interface RetryOptions extends CommonOptions {
  readonly problem?: ProblemName
}

export function retryCommand(): Command {
  return systemCommand(
    'retry',
    'Try the step that failed again now, without waiting for its timer. An ended signup is started again.',
    ["retry atproto 'auth0|6123abc'", 'retry atproto --problem pds-unreachable'],
  )
    .argument('[id]', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .option('--problem <name>', 'everybody whom this problem holds up, in one batch', problemName)
    .action((system: string, id: string | undefined, { problem: many, ...options }: RetryOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        if ((id === undefined) === (many === undefined))
          throw new UsageError('Say whom: one identity, or --problem <name> for all whom it holds up.')
        if (many !== undefined) return retryMany(context, many)
        if (id === undefined) throw new Error('no identity')
        const person = context.person(id)
        const signups = await context.signups()
        const reader = await context.reader()
        const before = await reader.status(signups.idOf(person))
        if (before === null) return unknownPerson(id)
        const { workflowId } = await signups.tell({ ...person, hint: 'retry' })
        const status = await settled(reader, workflowId, ({ problem }) => isSameTry(problem, before.problem))
        return status === null ? notYetSeen(id) : outcomeAnswer(await withReason(context, id, status))
      }),
    )
}

/** The problem as it was before the step was tried again. Without a worker nothing is tried, so that is never old. */
function isSameTry(now: Problem | null, before: Problem | null): boolean {
  if (now === null || before === null || now.name === 'no-worker') return false
  return now.since === before.since && now.attempts === before.attempts
}
