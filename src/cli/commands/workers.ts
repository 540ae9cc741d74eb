import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import pc from 'picocolors'
import { queuePollers, queuesOf } from '../../client/pollers.ts'
import { withDeadline } from '../../client/temporal.ts'
import { knownSettings } from '../../config/fingerprints.ts'
import { productOf } from '../../contracts/database-kind.ts'
import type { WorkerRow } from '../../contracts/workers.ts'
import { describeWorkers, unpolledQueues } from '../../domain/workers.ts'
import { EXIT } from '../../errors.ts'
import { runForSystem, systemCommand, type CommonOptions } from '../lib/command.ts'
import { moreLine } from '../format/more.ts'
import { relativeTime, table } from '../format/print.ts'

export function workersCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'workers',
    'List the workers: the queues each polls, since when, with which build, and whether it hangs.',
    [
      `workers ${help.system}`,
      `workers ${help.system} --json | jq '.workers[] | select(.state == "silent")'`,
    ],
  ).action((system: string, options: CommonOptions) =>
    runForSystem(system, options, async (context) => {
      const temporal = await context.temporal()
      const reports = await context.workerReports()
      const pollers = await withDeadline(temporal, () => queuePollers(temporal, context.system))
      const workers = describeWorkers(pollers, reports, knownSettings(context.env, context.served))
      const queues = unpolledQueues(queuesOf(context.system), pollers, reports)
      return {
        document: { workers, unservedQueues: queues },
        text: workersText(workers, queues, reports === null ? productOf(context.served.state.kind) : null),
        exitCode: queues.length === 0 ? EXIT.done : EXIT.failed,
      }
    }),
  )
}

/** `withoutAnswer`: the database that does not answer, so that reports are missing. */
function workersText(
  workers: readonly WorkerRow[],
  unservedQueues: readonly string[],
  withoutAnswer: string | null,
): string {
  const rows = workers.map(({ identity, state, queues, startedAt, build, lastSeen }) => [
    identity,
    state === 'silent' ? pc.red(state) : state,
    queues.join(', ') || '-',
    startedAt === null ? '-' : relativeTime(startedAt),
    build ?? '-',
    relativeTime(lastSeen),
  ])
  const differing = workers.flatMap(({ identity, state, differs }) =>
    differs === null || differs.length === 0 || state === 'stopped'
      ? []
      : [
          `${pc.yellow('Notice:')} ${identity} runs with a different ${differs.join(', ')} than this environment.`,
        ],
  )
  const silent = workers.filter(({ state }) => state === 'silent').map(({ identity }) => identity)
  return [
    rows.length === 0
      ? 'No workers.'
      : table(['WORKER', 'STATE', 'POLLS', 'STARTED', 'BUILD', 'LAST SEEN'], rows),
    ...(withoutAnswer === null
      ? []
      : [
          `${pc.yellow('Notice:')} ${withoutAnswer} does not answer, so the reports of the workers are missing.`,
        ]),
    ...differing,
    ...(silent.length === 0
      ? []
      : [
          [
            `${pc.bold('What to do:')} ${silent.join(', ')} hangs or was killed: stop it and start it again.`,
            ...moreLine(['worker-silent']),
          ].join('\n'),
        ]),
    ...(unservedQueues.length === 0
      ? []
      : [
          [
            `${pc.red('no-worker')}: No worker polls ${unservedQueues.join(' and ')}.`,
            `${pc.bold('What to do:')} Start a worker: npm run worker`,
            ...moreLine(['no-worker']),
          ].join('\n'),
        ]),
  ].join('\n\n')
}
