import { createLogUpdate } from 'log-update'
import pc from 'picocolors'

/** One piece of work that a user may be waiting for. `done` and `fail` end it; later calls are ignored. */
export interface ProgressStep {
  update(text: string): void
  done(text?: string): void
  fail(text?: string): void
}

/** Reports the progress of long work. Steps may overlap. */
export interface Progress {
  step(text: string): ProgressStep
}

const SHOW_AFTER_MS = 1_000
const REPEAT_EVERY_MS = 15_000
const REDRAW_MS = 200

/** Prints nothing, for tests and benches. */
export const silentProgress: Progress = {
  step: () => ({ update: () => {}, done: () => {}, fail: () => {} }),
}

/**
 * Progress for people. A terminal gets a live line for each step with its elapsed seconds; other outputs get one line
 * when a step has taken a second, a "still …" line every 15 seconds, and one at the end. A step that succeeds within a
 * second prints nothing.
 */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? liveProgress(stream) : lineProgress(stream)
}

function lineProgress(stream: NodeJS.WriteStream): Progress {
  return {
    step(text) {
      const step = trackStep(text)
      let shown = false
      const say = (line: string) => stream.write(`${line}\n`)
      const first = setTimeout(() => {
        shown = true
        say(`${step.text} …`)
      }, SHOW_AFTER_MS).unref()
      const repeat = setInterval(() => say(`still ${step.text} (${step.elapsed()})`), REPEAT_EVERY_MS).unref()
      return step.handle((outcome, last) => {
        clearTimeout(first)
        clearInterval(repeat)
        if (outcome === 'failed') say(`failed: ${last} (${step.elapsed()})`)
        else if (shown) say(`done: ${last} (${step.elapsed()})`)
      })
    },
  }
}

function liveProgress(stream: NodeJS.WriteStream): Progress {
  const log = createLogUpdate(stream)
  const active = new Set<ReturnType<typeof trackStep>>()
  let timer: NodeJS.Timeout | undefined
  const draw = () =>
    log([...active].map((s) => `${pc.cyan('…')} ${s.text} ${pc.dim(s.elapsed())}`).join('\n'))
  return {
    step(text) {
      const step = trackStep(text)
      active.add(step)
      timer ??= setInterval(draw, REDRAW_MS).unref()
      return step.handle((outcome, last) => {
        active.delete(step)
        if (outcome === 'failed') log.persist(`${pc.red('✗')} ${last} ${pc.dim(step.elapsed())}`)
        else if (step.ms() >= SHOW_AFTER_MS) log.persist(`${pc.green('✓')} ${last} ${pc.dim(step.elapsed())}`)
        if (active.size > 0) return draw()
        clearInterval(timer)
        timer = undefined
        log.clear()
        log.done() // shows the cursor again
      })
    },
  }
}

function trackStep(initial: string) {
  const began = performance.now()
  const step = {
    text: initial,
    ms: () => performance.now() - began,
    elapsed: () => `${Math.round(step.ms() / 1_000)} s`,
    handle(ended: (outcome: 'done' | 'failed', text: string) => void): ProgressStep {
      let open = true
      const end = (outcome: 'done' | 'failed', text = step.text) => {
        if (!open) return
        open = false
        ended(outcome, text)
      }
      return {
        update: (text) => void (step.text = text),
        done: (text) => end('done', text),
        fail: (text) => end('failed', text),
      }
    },
  }
  return step
}

/** Runs `work` as one step: done when it returns, failed when it throws. */
export async function asStep<T>(progress: Progress, text: string, work: (step: ProgressStep) => Promise<T>) {
  const step = progress.step(text)
  try {
    const result = await work(step)
    step.done()
    return result
  } catch (error) {
    step.fail()
    throw error
  }
}
