import type { Command } from 'commander'
import { createSwitches } from '../adapters/mongo/switches.ts'
import { answer, systemCommand, type CommonOptions } from './command.ts'
import { operator } from './operator.ts'
import { ago } from './print.ts'

interface PauseOptions extends CommonOptions {
  readonly reason?: string
}

export function pauseCommand(): Command {
  return systemCommand(
    'pause',
    'Stop creations and repairs of a system until `resume`. Events are still taken in; signups wait, visibly.',
    ['pause atproto', "pause atproto --reason 'moving the PDS'", 'list atproto --stuck'],
  )
    .option('--reason <text>', 'why, shown with every signup that waits')
    .action((system: string, options: PauseOptions) =>
      answer(system, options, async (context) => {
        context.assertWrites()
        const pause = await createSwitches(context.mongo().db).pause(
          'atproto',
          operator(),
          options.reason ?? null,
        )
        return {
          document: { system, paused: true, ...pause },
          text:
            `${system} is paused, ${ago(pause.since)} by ${pause.by}: nothing is created or repaired. ` +
            `Events are taken in, and signups that come to it wait.\nTo go on: holdfast resume ${system}`,
        }
      }),
    )
}
