import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import type { Problem, ProblemName } from '../../contracts/problems.ts'
import { notVisibleYet, unknownPerson } from '../lib/error-results.ts'
import { startedResult } from '../lib/started-result.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { UsageError } from '../../errors.ts'
import { retryMany } from './parts/retry-many.ts'
import { waitUntilIdle } from '../lib/wait-until-idle.ts'
import { problemName } from '../lib/values.ts'

interface RetryOptions extends CommonOptions {
  readonly problem?: ProblemName
}

export function retryCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'retry',
    'Retry the failed step now, without waiting for its timer. A signup that has ended is started again.',
    [`retry ${help.system} ${help.id}`, `retry ${help.system} --problem ${help.example.problem}`],
  )
    .argument('[id]', `the identity, as the application stores it, such as ${help.id}`)
    .option('--problem <name>', 'all signups blocked by this problem, in one batch', problemName)
    .action((system: string, id: string | undefined, { problem: many, ...options }: RetryOptions) =>
      runForSystem(system, options, async (context) => {
        context.assertWrites()
        if ((id === undefined) === (many === undefined))
          throw new UsageError('Give one identity, or --problem <name> for all signups it blocks.')
        if (many !== undefined) return retryMany(context, many)
        if (id === undefined) throw new Error('no identity')
        const person = context.person(id)
        const signups = await context.signups()
        const reader = await context.reader()
        const before = await reader.status(signups.workflowIdOf(person))
        if (before === null) return unknownPerson(context, id)
        await context.acting.begin({ name: 'retry', kind: 'change', people: [id] })
        const { workflowId } = await signups.notify({ ...person, hint: 'retry' })
        const status = await waitUntilIdle(reader, workflowId, ({ problem }) =>
          isSameTry(problem, before.problem),
        )
        return status === null ? notVisibleYet(context, id) : startedResult(context, id, status)
      }),
    )
}

/**
 * Whether the problem is still that of the attempt before. Without a worker there is no attempt, so `no-worker` is
 * never outdated.
 */
function isSameTry(now: Problem | null, before: Problem | null): boolean {
  if (now === null || before === null || now.name === 'no-worker') return false
  // A call that is not made, since the dependency is known to be unavailable, is no attempt; only its time is new.
  const counted = now.attempts !== before.attempts || now.nextTryAt !== before.nextTryAt
  return now.since === before.since && !counted
}
