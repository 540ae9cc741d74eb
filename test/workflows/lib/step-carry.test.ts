import { describe, expect, it } from 'vitest'
import { createStepRunner, type StepView } from '../../../src/workflows/lib/step-runner.ts'

const view: StepView<'first' | 'second'> = {
  attempts: () => 0,
  enter() {},
  unblocked() {},
  blocked() {},
  waiting() {},
}
const never = (): Promise<never> => Promise.reject(new Error('of the test'))
const limited = { step: 'second', since: '2026-01-02T04:00:00.000Z' }

describe('E12: since when a step is rate-limited, in a run that continues another', () => {
  it('is kept while other steps run before it, and handed on', async () => {
    const step = createStepRunner(view, never, { carried: { limited } })
    expect(step.stateForNextRun()).toEqual({ limited })
    let during = {}
    await step.run('first', () => Promise.resolve((during = step.stateForNextRun())))
    expect([during, step.stateForNextRun()]).toEqual([{ limited }, { limited }])
  })

  it('goes on in the step itself, and is over once that succeeds', async () => {
    const step = createStepRunner(view, never, { carried: { limited } })
    let during = {}
    await step.run('second', () => Promise.resolve((during = step.stateForNextRun())))
    expect([during, step.stateForNextRun()]).toEqual([{ limited }, {}])
  })
})
