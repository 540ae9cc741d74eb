import { supervise } from './servers/lib/supervisor.ts'
import { exitMessage } from './servers/lib/ready.ts'
import type { EmbeddedServer } from './servers/lib/server.ts'
import { printError } from '../src/logging.ts'

/** The most restarts in a row; the count starts again when a process has stayed up for a minute. */
const RESTARTS = 3
const PAUSE_MS = 2_000

export interface SupervisedStack {
  /** Resolves when worker or webhook server does not stay up. */
  readonly givenUp: Promise<void>
  /** Stops both, and reports no further exits. */
  stop(): Promise<void>
}

/**
 * Reports at once each process that exits while `npm start` runs: its name, how it exited, and the end of its log.
 * Worker and webhook server are started again; the other servers are not, since some of them keep in memory what others
 * depend on.
 */
export function superviseStack(
  kept: readonly EmbeddedServer[],
  others: readonly EmbeddedServer[],
): SupervisedStack {
  const keepers = kept.map((ours) =>
    supervise(ours, {
      restarts: RESTARTS,
      pauseMs: PAUSE_MS,
      async onEnd({ message, times, willRestart }) {
        printError(`\nThe ${await message()}`)
        printError(
          willRestart
            ? `It is restarted in ${PAUSE_MS / 1_000} s (restart ${times} of ${RESTARTS}). Its log: ${ours.logFile}`
            : `It exited ${times} times in a row, so npm start exits too.`,
        )
      },
      onBack: () => printError(`The ${ours.name} is running again.`),
    }),
  )
  let stopping = false
  const sayEnd = async (beside: EmbeddedServer): Promise<void> => {
    const how = await beside.exited
    if (stopping) return
    printError(`\n${exitMessage(beside.name, how, await beside.output())}`)
    printError('It is not restarted automatically: stop npm start with Ctrl-C, and start it again.')
  }
  for (const beside of others) void sayEnd(beside)

  return {
    givenUp: Promise.race(keepers.map(({ givenUp }) => givenUp)),
    async stop() {
      stopping = true
      await Promise.all(keepers.map((keeper) => keeper.stop()))
    },
  }
}
