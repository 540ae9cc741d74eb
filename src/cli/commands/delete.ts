import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import type { DeletionStatus } from '../../client/deletions.ts'
import type { DeletionProof } from '../../contracts/deletion.ts'
import type { System } from '../../contracts/systems.ts'
import { accountLeftSentence } from '../../domain/deletion-text.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT } from '../../errors.ts'
import { assertIdentity, errorResult } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import { confirm } from '../lib/confirm.ts'
import { deletionOf } from '../../operations/deletion-notices.ts'
import { moreLine } from '../format/more.ts'
import { pollUntil } from '../lib/poll-until.ts'

/** A deletion waits over a minute for a call to an outside server that may be in flight. */
const LONGEST_MS = 120_000

interface DeleteOptions extends CommonOptions {
  readonly yes?: boolean
  readonly force?: boolean
}

export function deleteCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'delete',
    "Delete one person everywhere: accounts at outside servers, the application's records, Holdfast's records, runs at Temporal.",
    [`delete ${help.system} ${help.id}`, `delete ${help.system} ${help.id} --yes --json`],
  )
    .argument('<id>', `the identity, as the application stores it, such as ${help.id}`)
    .option('--yes', 'do not ask for confirmation')
    .option(
      '--force',
      'delete although the provider still knows the person; they stay deleted until they sign up again',
    )
    .action((system: string, id: string, { yes, force, ...common }: DeleteOptions) =>
      runForSystem(system, common, async (context) => {
        context.assertWrites()
        assertIdentity(context, id)
        const person = context.person(id)
        if (!(await confirm(`Permanently delete ${id} and all their data?`, { yes, json: common.json })))
          return errorResult('Nothing was deleted.')
        const before = await deletionOf(context, id)
        const deletions = await context.deletions()
        await context.acting.begin({
          name: 'delete',
          kind: 'destroy',
          people: [id],
          scope: force === true ? 'although the provider knows the person' : 'as reported by the provider',
        })
        const { workflowId, runId } = await deletions.start(person, {
          by: 'command',
          ...(force === true ? { force } : {}),
        })
        const status = await pollUntil(
          () => deletions.status(workflowId, runId),
          (now) => now !== null && (now.proof !== null || isBlocked(now.problem)),
          LONGEST_MS,
        )
        return status === null
          ? errorResult(`The deletion ${workflowId} was started but is not visible yet.`)
          : answerOf(context.system, id, status, before)
      }),
    )
}

/** A deletion blocked by the safety limit continues once an operator requests it, so that problem is about to end. */
function isBlocked(problem: DeletionStatus['problem']): boolean {
  return problem !== null && problem.name !== 'deletions-held'
}

/** `before`: the earlier deletion, in words. */
function answerOf(system: System, id: string, status: DeletionStatus, before: string | null): CommandResult {
  const { proof, problem, workflowId } = status
  if (proof?.outcome === 'deleted' && Object.keys(proof.erased).length === 0) {
    const text =
      before === null
        ? `No such person: the provider does not know '${id}', and no store has data of them. Nothing was deleted.`
        : `Nothing was left to delete. ${before}`
    return before === null
      ? { document: { ...proof, error: text }, text, exitCode: EXIT.failed }
      : { document: proof, text }
  }
  if (proof !== null)
    return { document: proof, text: proofText(system, id, proof), exitCode: exitCodeOf(proof) }
  if (problem !== null) {
    const text = [
      `${problem.name}: ${problem.sentence}`,
      `What to do: ${problem.fix}`,
      'The deletion is retried automatically.',
      ...moreLine([problem.name]),
    ].join('\n')
    return { document: status, text, exitCode: EXIT.failed }
  }
  return { document: status, text: `The deletion is still running: ${workflowId}` }
}

function exitCodeOf({ outcome }: DeletionProof): number {
  return outcome === 'deleted' ? EXIT.done : EXIT.failed
}

function proofText(
  system: System,
  id: string,
  { outcome, deletedAt, erased, unjudged = 0, leftTo = [] }: DeletionProof,
): string {
  if (outcome === 'still-known') {
    return (
      `The provider still knows '${id}', so their next event would create them again. Delete them there first, ` +
      `or: holdfast delete ${system} ${shellQuoted(id)} --force`
    )
  }
  if (outcome === 'recorded')
    return `The deletion of '${id}' at the provider is from before Holdfast was installed: it is recorded, but nothing was deleted.`
  if (outcome === 'created-anew')
    return `The data of '${id}' belongs to a person created after that deletion. Nothing was deleted.`
  const left = accountLeftSentence(system, leftTo)
  return [
    `Deleted as of ${deletedAt}. Removed:`,
    ...Object.entries(erased).map(([store, count]) => `  ${store.padEnd(24)} ${count}`),
    ...(unjudged === 0
      ? []
      : [`Not checked: ${unjudged} quarantined entries that no key decrypts; they expire automatically.`]),
    ...(left === null ? [] : [left]),
  ].join('\n')
}
