import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'

/** A vitest reporter that appends each test that passed at a second try only, and why the first failed, to a file. */
export default class SecondTries {
  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky !== true) return
    const reasons = (test.result().errors ?? []).map(({ stack, message }) => stack ?? message)
    const told = [
      `passed at the second try: ${relative('.', test.module.moduleId)}: ${test.fullName}`,
      ...reasons,
    ]
    appendFileSync(process.env.SECOND_TRIES, `${told.join('\n  ').slice(0, 2000)}\n`)
  }
}
