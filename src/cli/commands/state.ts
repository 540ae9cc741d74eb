import { Argument, Command } from 'commander'
import { connectPostgres } from '../../adapters/postgres/lib/connect.ts'
import { UsageError } from '../../errors.ts'
import { applyState, type AppliedState } from '../../state/postgres/migrate.ts'
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

/** Long enough to wait for another process that applies the same files, and for a file that rewrites a table. */
const APPLY_MS = 10 * 60_000

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
  const { home, read } = context.served.state
  const settings = home === 'postgres' ? read(context.env) : null
  if (settings?.home !== 'postgres')
    throw new UsageError(
      `Refused: ${context.system} keeps its state in MongoDB, which needs no tables. \`state apply\` is for systems on Postgres.`,
    )
  context.acting.assertAllowed('change')
  const { version, applied } = await applyAt(settings.url)
  // Recorded afterwards, since the first call has no table for the record.
  if (applied.length > 0)
    await context.acting.begin({ name: 'state apply', kind: 'change', scope: `version ${version}` })
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

async function applyAt(url: string): Promise<AppliedState> {
  const database = connectPostgres<StateTables>({ url })
  try {
    return await applyState(database.within(APPLY_MS))
  } finally {
    await database.close()
  }
}
