import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from './child.ts'

/** A server that did not come up. The message quotes the last lines of its log. */
export class StartError extends Error {
  /** Another program had taken one of its ports. */
  readonly portTaken: boolean
  constructor(message: string, portTaken: boolean) {
    super(message)
    this.name = 'StartError'
    this.portTaken = portTaken
  }
}

const POLL_MS = 25
const QUOTED_LINES = 15
const PORT_TAKEN = /EADDRINUSE|address (is )?already in use|could not bind/i

/**
 * Asks `probe` until it answers without throwing, and returns its answer. If the child ends first, or after
 * `timeoutMs`, what is left of it is killed and `StartError` thrown.
 */
export async function untilReady<T>(child: Child, probe: () => Promise<T>, timeoutMs = 60_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let answer: { value: T } | { error: unknown } = { error: new Error('not asked yet') }
  while (child.end === undefined && performance.now() < deadline) {
    answer = await probe().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if ('value' in answer && child.end === undefined) return answer.value
    await Promise.race([sleep(POLL_MS), child.ended])
  }
  const why = child.end === undefined ? `was not ready within ${timeoutMs / 1_000} s` : `ended (${child.end})`
  await child.kill()
  const lines = lastLines(await child.output())
  const lastAnswer =
    child.end?.startsWith('exit') || !('error' in answer) ? '' : ` (last answer: ${String(answer.error)})`
  throw new StartError(`${child.name} ${why}${lastAnswer}. ${quoted(lines)}`, PORT_TAKEN.test(lines))
}

/** That a process has ended, in a sentence, with the last lines of its log. */
export function toldEnd(name: string, how: string, output: string): string {
  return `${name} ended (${how}). ${quoted(lastLines(output))}`
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-QUOTED_LINES).join('\n')
}

function quoted(lines: string): string {
  return lines === ''
    ? 'It wrote nothing to its log.'
    : `The last lines of its log:\n${lines.replaceAll(/^/gm, '  | ')}`
}
