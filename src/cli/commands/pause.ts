import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { relativeTime } from '../format/print.ts'
import { reasonText } from '../lib/reason.ts'

interface PauseOptions extends CommonOptions {
  readonly reason?: string
  readonly deletions?: boolean
}

export function pauseCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'pause',
    'Pause creations and repairs of a system until `resume`; or, with --deletions, its deletions. Events are still accepted, and waiting signups show the pause.',
    [
      `pause ${help.system}`,
      `pause ${help.system} --reason 'moving the database'`,
      `pause ${help.system} --deletions --reason 'ticket 512'`,
      `list ${help.system} --stuck`,
    ],
  )
    .option('--deletions', 'pause deletions instead, including those requested by operators')
    .option('--reason <text>', 'the reason, shown during the pause; no e-mail addresses', reasonText)
    .action((system: string, { deletions = false, reason, ...common }: PauseOptions) =>
      runForSystem(system, common, async (context) => {
        context.assertWrites()
        await context.acting.begin({
          name: deletions ? 'pause --deletions' : 'pause',
          kind: 'change',
          scope: system,
          reason,
        })
        const { switches } = await context.state()
        const what = deletions ? 'deletions' : 'creations'
        const is = (await switches.pauseOf(what)) === null ? 'is' : 'was already'
        const pause = await switches.pause(context.acting.caller().name, reason ?? null, what)
        const because = pause.reason === null ? '' : ` (${pause.reason})`
        return {
          document: { system, ...(deletions ? { deletionsPaused: true } : { paused: true }), ...pause },
          text: deletions
            ? `Deletions of ${system} ${is === 'is' ? 'are' : 'were already'} paused, ${relativeTime(pause.since)} by ${pause.by}${because}: each waits before its next step, ` +
              `and deletions in progress delete nothing more.\nTo resume: holdfast resume ${system} --deletions`
            : `${system} ${is} paused, ${relativeTime(pause.since)} by ${pause.by}${because}: nothing is created or repaired. ` +
              `Events are accepted, and signups wait before their next write.\nTo resume: holdfast resume ${system}`,
        }
      }),
    )
}
