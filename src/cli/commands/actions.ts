import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import type { RecordedAction } from '../../contracts/actions.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { relativeTime, table } from '../format/print.ts'
import { wholeNumber } from '../lib/values.ts'

interface ActionsOptions extends CommonOptions {
  readonly id?: string
  readonly last: number
}

export function actionsCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'actions',
    'List what operators viewed, changed or deleted: who, when, why, with which key, and the outcome.',
    [
      `actions ${help.system}`,
      `actions ${help.system} --id ${help.id}`,
      `actions ${help.system} --last 1000 --json`,
    ],
  )
    .option('--id <id>', `only actions on this person: an identity, such as ${help.id}`)
    .option('--last <n>', 'the number of actions to show, newest first', wholeNumber(10_000), 50)
    .action((system: string, { id, last, ...common }: ActionsOptions) =>
      runForSystem(system, common, async (context) => {
        const subject = id === undefined ? {} : { subject: createIdHash(context.config('keys').keys.id)(id) }
        const filter = { system: context.system, ...subject }
        const actions = await (await context.state()).actions.list(filter, last)
        return { document: { actions }, text: actionsText(actions) }
      }),
    )
}

function actionsText(actions: readonly RecordedAction[]): string {
  if (actions.length === 0) return 'No actions are recorded.'
  const rows = printableIn(actions).map(
    ({ at, name, by, subjects, scope, keyIds, outcome, error, contradictedBy, reason }) => [
      relativeTime(at),
      name,
      by.verified ? by.name : `${by.name} (unverified)`,
      by.via,
      subjects.length === 1
        ? (subjects[0] ?? '').slice(0, 12)
        : (scope ?? (subjects.length === 0 ? '-' : `${subjects.length} people`)),
      keyIds.join(', ') || '-',
      [outcomeText({ outcome, error }), ...contradictedBy.map(outcomeText)].join(', contradicted by '),
      reason ?? '-',
    ],
  )
  return table(['WHEN', 'ACTION', 'BY', 'VIA', 'PERSON', 'KEYS', 'OUTCOME', 'REASON'], rows)
}

function outcomeText({ outcome, error }: Pick<RecordedAction, 'outcome' | 'error'>): string {
  if (outcome === null) return 'not recorded'
  return error === null ? outcome : `${outcome}: ${error}`
}
