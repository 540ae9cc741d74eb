import { keepRunning } from '../embedded/keeper.ts'
import { toldEnd } from '../embedded/ready.ts'
import type { EmbeddedServer } from '../embedded/server.ts'
import type { Stack } from '../embedded/stack.ts'
import { sayError } from '../logging.ts'

/** In a row; who stays up for a minute has all of them again. */
const RESTARTS = 3
const PAUSE_MS = 2_000

export interface KeptStack {
  /** Resolves when worker or webhook server does not stay up. */
  readonly givenUp: Promise<void>
  /** Ends both, and says no more of what ends. */
  stop(): Promise<void>
}

/**
 * Says at once what ended while `npm start` runs: which process, how, and the end of its log. Worker and webhook server
 * are started again; the servers beside them are not, since some of them keep in memory what the others build on.
 */
export function keepStack({ worker, server, temporal, mongo, plc, pds }: Stack): KeptStack {
  const keepers = [worker, server].map((ours) =>
    keepRunning(ours, {
      restarts: RESTARTS,
      pauseMs: PAUSE_MS,
      async onEnd({ told, times, again }) {
        sayError(`\nThe ${await told()}`)
        sayError(
          again
            ? `It is started again in ${PAUSE_MS / 1_000} s, time ${times} of ${RESTARTS}. Its log: ${ours.logFile}`
            : `It ended ${times} times in a row, so npm start ends too.`,
        )
      },
      onBack: () => sayError(`The ${ours.name} runs again.`),
    }),
  )
  let stopping = false
  const sayEnd = async (beside: EmbeddedServer): Promise<void> => {
    const how = await beside.ended
    if (stopping) return
    sayError(`\n${toldEnd(beside.name, how, await beside.output())}`)
    sayError('Nothing here starts it again: end npm start with Ctrl-C, and start it anew.')
  }
  for (const beside of [temporal, mongo, plc, pds]) void sayEnd(beside)

  return {
    givenUp: Promise.race(keepers.map(({ givenUp }) => givenUp)),
    async stop() {
      stopping = true
      await Promise.all(keepers.map((keeper) => keeper.stop()))
    },
  }
}
