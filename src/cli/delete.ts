import type { Command } from 'commander'
import type { DeletionStatus } from '../client/deletions.ts'
import type { DeletionProof } from '../contracts/deletion.ts'
import { shellQuoted } from '../domain/shell.ts'
import { EXIT } from '../entry.ts'
import { assertIdentity, no } from './answers.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { confirmed } from './confirmed.ts'
import { until } from './until.ts'

/** A deletion waits over a minute for a call to the PDS that may be under way. */
const LONGEST_MS = 120_000

interface DeleteOptions extends CommonOptions {
  readonly yes?: boolean
  readonly force?: boolean
}

export function deleteCommand(): Command {
  return systemCommand(
    'delete',
    'Delete one person everywhere: PDS account, application records, what Holdfast holds, runs at Temporal.',
    ["delete atproto 'auth0|6123abc'", "delete atproto 'auth0|6123abc' --yes --json"],
  )
    .argument('<id>', "the identity, as the application stores it, such as 'auth0|6123abc'")
    .option('--yes', 'do not ask')
    .option('--force', 'although the provider still knows them; they stay deleted until they sign up anew')
    .action((system: string, id: string, { yes, force, ...common }: DeleteOptions) =>
      answer(system, common, async (context) => {
        context.assertWrites()
        assertIdentity(id)
        const person = context.person(id)
        if (
          !(await confirmed(`Delete ${id} and everything of theirs, for good?`, { yes, json: common.json }))
        )
          return no('Nothing was deleted.')
        const deletions = await context.deletions()
        const { workflowId, runId } = await deletions.start(person, force === true ? { force } : {})
        const status = await until(
          () => deletions.status(workflowId, runId),
          (now) => now !== null && (now.proof !== null || now.problem !== null),
          LONGEST_MS,
        )
        return status === null
          ? no(`The deletion ${workflowId} cannot be seen yet.`)
          : answerOf(system, id, status)
      }),
    )
}

function answerOf(system: string, id: string, status: DeletionStatus): Answer {
  const { proof, problem, workflowId } = status
  if (proof !== null) return { document: proof, text: told(system, id, proof), exitCode: exitCodeOf(proof) }
  if (problem !== null) {
    const text = `${problem.name}: ${problem.sentence}\nWhat to do: ${problem.fix}\nThe deletion goes on by itself.`
    return { document: status, text, exitCode: EXIT.failed }
  }
  return { document: status, text: `The deletion goes on: ${workflowId}` }
}

function exitCodeOf({ outcome }: DeletionProof): number {
  return outcome === 'deleted' ? EXIT.done : EXIT.failed
}

function told(system: string, id: string, { outcome, deletedAt, erased }: DeletionProof): string {
  if (outcome === 'still-known') {
    return (
      `The provider still knows '${id}', so they would come back with their next event. Delete them there first, ` +
      `or: holdfast delete ${system} ${shellQuoted(id)} --force`
    )
  }
  if (outcome === 'created-anew')
    return `What there is of '${id}' belongs to a person created after that deletion. Nothing was deleted.`
  return [
    `Deleted as of ${deletedAt}. Taken away:`,
    ...Object.entries(erased).map(([store, count]) => `  ${store.padEnd(24)} ${count}`),
    ...(Object.keys(erased).length === 0 ? ['  nothing: there was nothing left'] : []),
  ].join('\n')
}
