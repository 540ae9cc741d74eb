import { createLogUpdate } from 'log-update'
import pc from 'picocolors'
import type { RunProgress } from '../../client/runs.ts'

const WIDTH = 30

export interface ProgressBar {
  show(progress: RunProgress): void
  done(): void
}

/** Progress on standard error, with a line below it: redrawn in place on a terminal; elsewhere nothing is printed. */
export function progressBar(below = '', stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  if (!stream.isTTY) return { show: () => {}, done: () => {} }
  const log = createLogUpdate(stream)
  return {
    show: (progress) => log([barText(progress), below].filter((line) => line !== '').join('\n')),
    done: () => log.clear(),
  }
}

export function barText(progress: RunProgress): string {
  if ('step' in progress) return `${bar(progress.done, progress.total)} ${progress.step}`
  const { phase, scan, paused, waitsFor, total, done, failed, rate, etaSeconds } = progress
  const state = paused
    ? pc.yellow(' (paused)')
    : waitsFor === null
      ? ''
      : pc.yellow(` (waiting since ${waitsFor.since}: ${waitsFor.sentence})`)
  if (phase === 'scanning')
    return (scan === null ? 'Scanning' : `${bar(scan.done, scan.total)} ${scan.step}`) + state
  if (phase === 'planning') return `Creating the plan${state}`
  if (phase === 'verifying') return `${bar(total, total)} Checking again everyone who was changed${state}`
  const speed = rate === null ? '' : `, ${rate.toFixed(1)} a second`
  const eta = etaSeconds === null || state !== '' ? '' : `, ${duration(etaSeconds)} left`
  const failures = failed === 0 ? '' : pc.red(`, ${failed} failed`)
  return `${bar(done + failed, total)} ${done + failed} of ${total}${state}${failures}${speed}${eta}`
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * WIDTH)
  return `${pc.green('█'.repeat(filled))}${pc.dim('░'.repeat(WIDTH - filled))}`
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}
