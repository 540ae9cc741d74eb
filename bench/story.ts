import { setTimeout as sleep } from 'node:timers/promises'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { table } from '../src/cli/format/print.ts'
import { seedStoryBefore } from '../dev/stories/story-before.ts'
import { DEMO_PEOPLE } from '../dev/stories/demo-people.ts'
import { terminalProgress } from '../dev/servers/lib/progress.ts'
import { startStack, type Stack } from '../dev/servers/atproto-stack.ts'
import { tenantOf } from './parts.ts'

const BIN = fileURLToPath(new URL('../bin/holdfast.js', import.meta.url))
const SETTLE_MS = 3_000

/**
 * Measures how long an operator waits for each command as typed: the state of `npm start -- --story before`, five
 * people.
 */
export async function benchStory(): Promise<string> {
  const stack = await startStack({ progress: terminalProgress() })
  try {
    await seedStoryBefore(stack)
    await sleep(SETTLE_MS) // machines are shared; the servers' own start must not be measured
    const [someone] = tenantOf(stack).users()
    const id = someone?.user_id ?? ''
    const rows = [
      await timed(stack, 'why', ['why', 'atproto', id]),
      await timed(stack, 'audit', ['audit', 'atproto'], 1),
      await timed(stack, 'backfill, dry run', ['backfill', 'atproto', '--last', String(DEMO_PEOPLE.length)]),
      await timed(stack, 'backfill --fix, seen to be whole', [
        'backfill',
        'atproto',
        '--last',
        String(DEMO_PEOPLE.length),
        '--fix',
        '--yes',
      ]),
      await timed(stack, 'audit again', ['audit', 'atproto']),
      await timed(stack, 'why, of somebody who is whole', ['why', 'atproto', id]),
    ]
    return [`The five of the story, commands as they are typed`, table(['', 'seconds'], rows)].join('\n')
  } finally {
    await stack.stop()
  }
}

/** `exitCode`: 1 for commands that report a finding. */
async function timed(stack: Stack, name: string, args: string[], exitCode = 0): Promise<string[]> {
  const began = performance.now()
  const code = await promisify(execFile)(process.execPath, [BIN, ...args, '--use-env'], {
    env: { PATH: '/usr/bin:/bin', ...stack.env },
  }).then(
    () => 0,
    (error: { code?: number }) => error.code,
  )
  const seconds = (performance.now() - began) / 1_000
  if (code !== exitCode) throw new Error(`holdfast ${args.join(' ')} ended with ${code}`)
  return [name, seconds.toFixed(1)]
}
