import { Argument, Command } from 'commander'
import { connectPostgres } from '../../adapters/postgres/lib/connect.ts'
import { UsageError } from '../../errors.ts'
import type { StateSettings } from '../../config/state.ts'
import { createActionLog } from '../../state/postgres/actions.ts'
import { APPLY_MS, applyState, filesFor, type AppliedState } from '../../state/postgres/migrate.ts'
import type { StateTables } from '../../state/postgres/tables.ts'
import type { CommandHelp } from '../../systems/command-part.ts'
import {
  runForSystem,
  systemArgument,
  withExamples,
  type CommandResult,
  type CommonOptions,
} from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'

export function stateCommand(help: CommandHelp): Command {
  const command = new Command('state').description(
    "apply: create the tables for Holdfast's own data in the Postgres database of a system, or update them to this version. Safe to repeat, and safe while everything runs. Worker, server and check refuse tables of another version. A system whose data is in MongoDB needs no tables.",
  )
  return withExamples(
    command
      .addArgument(new Argument('<action>', 'the action').choices(['apply']))
      .addArgument(systemArgument(help)),
    ['state apply <system>', 'state apply <system> --json | jq .applied'],
  ).action((_action: string, system: string, options: CommonOptions) =>
    runForSystem(system, options, applyTo),
  )
}

async function applyTo(context: CommandContext): Promise<CommandResult> {
  const { kind, readForApply } = context.served.state
  const settings = kind === 'postgres' ? readForApply(context.env) : null
  if (settings?.kind !== 'postgres')
    throw new UsageError(
      `Refused: ${context.system} keeps its state in MongoDB, which needs no tables. \`state apply\` is for systems on Postgres.`,
    )
  context.acting.assertAllowed('change')
  const { version, applied } = await applyAt(settings, context)
  return {
    document: { system: context.system, version, applied },
    text:
      applied.length === 0
        ? `The tables of Holdfast have version ${version} already. Nothing was changed.`
        : [
            ...applied.map((name) => `${name} applied`),
            `The tables of Holdfast have version ${version}.`,
          ].join('\n'),
  }
}

async function applyAt(
  settings: StateSettings & { readonly kind: 'postgres' },
  context: CommandContext,
): Promise<AppliedState> {
  const database = connectPostgres<StateTables>({ url: settings.url })
  try {
    const result = await applyState(database.within(APPLY_MS), {
      ...filesFor(settings),
      system: context.system,
    })
    // Recorded afterwards, since the first call has no table for the record; and by the role that applied, since the
    // role of Holdfast may have no rights yet.
    if (result.applied.length > 0) {
      const actions = createActionLog(database.db)
      const id = await actions.begin({
        system: context.system,
        name: 'state apply',
        kind: 'change',
        subjects: [],
        scope: `version ${result.version}`,
        reason: null,
        by: context.acting.caller(),
      })
      await actions.end(id, { outcome: 'succeeded', keyIds: [], count: 0, error: null })
    }
    return result
  } finally {
    await database.close()
  }
}
