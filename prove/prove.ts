import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataDirectory } from '../dev/servers/lib/data-dir.ts'
import { silentProgress, terminalProgress } from '../dev/servers/lib/progress.ts'
import { runEntry } from '../src/entry.ts'
import { EXIT } from '../src/errors.ts'
import { bundleWorkflows } from '../src/worker/bundle.ts'
import { openTestbed } from './testbed.ts'
import { createRunner, type Failure, type Runner } from './runner.ts'
import { readProveOptions, type ProveOptions } from './options.ts'
import { readPlan } from './plan-file.ts'
import { failureText, report } from './report.ts'
import { createCounters } from './counters.ts'

/** The longest search for a smaller plan that fails. */
const SHRINK_MS = 10 * 60_000

/** Entry: `npm run prove`. */
await runEntry(async () => {
  const options = readProveOptions(process.argv.slice(2))
  if (options === null) return EXIT.done
  const plan = options.plan === undefined ? null : await readPlan(options.plan)
  const directory = await dataDirectory(undefined, 'prove')
  await chmod(directory.path, 0o711) // Postgres, started by root, runs as another user, who has to enter it
  const bundlePath = join(directory.path, 'workflows.js')
  await writeFile(bundlePath, (await bundleWorkflows()).code)

  const tally = createCounters()
  let testbeds = 0
  const progress = terminalProgress()
  const lanes = Array.from({ length: plan === null ? options.lanes : 1 }, () =>
    createRunner(() => {
      testbeds += 1
      const path = join(directory.path, `testbed-${testbeds}`)
      return openTestbed({
        directory: path,
        bundlePath,
        progress: testbeds === 1 ? progress : silentProgress,
      })
    }, tally),
  )
  const began = Date.now()
  const [first] = lanes
  const failures =
    plan === null || first === undefined
      ? await proveRandomly(lanes, options)
      : failureOf(plan, await first.play(plan))
  const late = (await Promise.all(lanes.map((lane) => lane.close()))).flat()
  await directory.remove()
  for (const failure of failures) say(failureText(failure))
  if (late.length > 0)
    say(`FAILED, some time after their round:\n${late.map((one) => `  ${one}`).join('\n')}`)
  const held = failures.length === 0 && late.length === 0
  say(report({ seed: options.seed, began, tally, held }))
  return held ? EXIT.done : EXIT.failed
})
process.exit() // whatever a failed start left running ends with this process

/** Each lane takes the next round until the time is up or one has failed; the failed one is then made smaller. */
async function proveRandomly(lanes: readonly Runner[], options: ProveOptions): Promise<Failure[]> {
  const until = Date.now() + options.seconds * 1_000
  const failures: Failure[] = []
  let begun = 0
  const more = (): boolean => failures.length === 0 && begun < options.rounds && Date.now() < until
  await Promise.all(
    lanes.map(async (lane) => {
      while (more()) {
        const seed = options.seed + begun
        begun += 1
        const failure = await lane.round(seed)
        if (failure === null) continue
        say(failureText(failure))
        failures.push(await lane.shrink(failure, Date.now() + SHRINK_MS))
      }
    }),
  )
  return failures
}

function failureOf(plan: Failure['plan'], complaints: readonly string[]): Failure[] {
  return complaints.length === 0 ? [] : [{ seed: 0, plan, violations: complaints, reproduced: 'first' }]
}

function say(text: string): void {
  process.stdout.write(`${text}\n\n`)
}
