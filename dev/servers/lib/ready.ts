import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from './child.ts'

/** A server that did not start. The message quotes the last lines of its log. */
export class StartError extends Error {
  /** Set where another program had taken one of its ports. */
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
 * Repeats `probe` until it returns without throwing, and returns its result. If the child exits first, or after
 * `timeoutMs`, the rest of its process group is killed and `StartError` thrown.
 */
export async function waitUntilReady<T>(
  child: Child,
  probe: () => Promise<T>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let answer: { value: T } | { error: unknown } = { error: new Error('not checked yet') }
  while (child.exit === undefined && performance.now() < deadline) {
    answer = await probe().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    if ('value' in answer && child.exit === undefined) return answer.value
    await Promise.race([sleep(POLL_MS), child.exited])
  }
  const why =
    child.exit === undefined ? `was not ready within ${timeoutMs / 1_000} s` : `ended (${child.exit})`
  await child.kill()
  const lines = lastLines(await child.output())
  const lastAnswer =
    child.exit?.startsWith('exit') || !('error' in answer) ? '' : ` (last answer: ${String(answer.error)})`
  throw new StartError(`${child.name} ${why}${lastAnswer}. ${quoted(lines)}`, PORT_TAKEN.test(lines))
}

/**
 * Waits for a program that ends by itself. Where it fails, or has not ended after `timeoutMs`, the rest of its process
 * group is killed and `StartError` thrown.
 */
export async function waitForSuccess(child: Child, timeoutMs = 120_000): Promise<void> {
  const end = await Promise.race([child.exited, sleep(timeoutMs, null, { ref: false })])
  if (end === 'exit code 0') return
  await child.kill()
  const why = end === null ? `did not end within ${timeoutMs / 1_000} s` : `ended (${end})`
  throw new StartError(`${child.name} ${why}. ${quoted(lastLines(await child.output()))}`, false)
}

/** The sentence that a process has exited, with the last lines of its log. */
export function exitMessage(name: string, how: string, output: string): string {
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
