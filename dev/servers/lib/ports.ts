import { randomInt } from 'node:crypto'
import getPort, { portNumbers } from 'get-port'
import { StartError } from './ready.ts'

const ATTEMPTS = 5
// Below every system's ephemeral range. Within that range, a client that retries a stopped server's port can be given
// that very port for its own end, connect to itself, and keep the server from starting again.
const FIRST = 20_000
const LAST = 32_000
const CHOICES = 50

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(preferred?: number): Promise<number> {
  const from = randomInt(FIRST, LAST - CHOICES)
  const choices = [...portNumbers(from, from + CHOICES)]
  return getPort({ host: '127.0.0.1', port: preferred === undefined ? choices : [preferred, ...choices] })
}

/**
 * Starts on the given ports, and on a free one for each that is absent. Another program may take a port between its
 * choice and the bind: then the start is repeated on new ports, unless all were given.
 */
export async function onFreePorts<T>(
  given: readonly (number | undefined)[],
  start: (ports: number[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const ports: number[] = []
    for (const port of given) ports.push(port ?? (await freePort()))
    try {
      return await start(ports)
    } catch (error) {
      const another = error instanceof StartError && error.portTaken && given.includes(undefined)
      if (!another || attempt === ATTEMPTS) throw error
    }
  }
}
