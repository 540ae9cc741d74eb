import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { startChild } from './child.ts'
import { dataDirectory } from './data-dir.ts'

/**
 * Runs a program to its end and returns its output. It has the user's environment, since package managers find their
 * settings there, plus `set`. The signal kills it with all its children. Throws with its last lines for any exit code
 * but 0.
 */
export async function runTool(options: {
  command: string
  args: readonly string[]
  /** Its name in an error. Default: the command and its first argument. */
  label?: string
  set?: Readonly<Record<string, string>>
  cwd?: string
  signal?: AbortSignal
}): Promise<string> {
  const scratch = await dataDirectory(undefined, 'tool')
  try {
    const set = Object.entries(options.set ?? {}).map(([name, value]) => `${name}=${value}`)
    const child = startChild({
      name: options.command,
      command: set.length > 0 ? 'env' : options.command,
      args: set.length > 0 ? [...set, options.command, ...options.args] : options.args,
      logFile: join(scratch.path, 'output'),
      env: 'inherit',
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    })
    const giveUp = () => void child.kill()
    options.signal?.addEventListener('abort', giveUp, { once: true })
    const end = await child.exited
    options.signal?.removeEventListener('abort', giveUp)
    const output = await readFile(join(scratch.path, 'output'), 'utf8')
    if (end === 'exit code 0') return output
    const label = options.label ?? `\`${options.command} ${options.args[0] ?? ''}\``
    throw new Error(`${label}: ${end}\n${output.trim().slice(-1_500)}`)
  } finally {
    await scratch.remove()
  }
}

/** The path of a command on PATH. Throws when there is none. */
export async function findOnPath(command: string): Promise<string> {
  const found = await runTool({ command: 'sh', args: ['-c', 'command -v "$0" || :', command] })
  if (found.trim() === '') throw new Error('there is none')
  return found.trim()
}
