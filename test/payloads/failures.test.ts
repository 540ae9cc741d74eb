import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common'
import { describe, expect, it } from 'vitest'
import { failureConverter } from '../../src/payloads/converters.ts'

const converted = (error: unknown) => failureConverter.errorToFailure(error, defaultPayloadConverter)

describe('a failure at Temporal', () => {
  it('says in clear what is wrong with an input, and nothing personal that the input held', () => {
    const complaint = "unknown field 'lst'; the known fields are last; unknown field 'ann@example.com'"
    const failure = converted(ApplicationFailure.nonRetryable(complaint, 'bad-input'))
    expect(failure.message).toContain("unknown field 'lst'; the known fields are last")
    expect(JSON.stringify(failure)).not.toContain('ann@example.com')
    expect(failureConverter.failureToError(failure, defaultPayloadConverter)).toMatchObject({
      message: expect.stringContaining("unknown field 'lst'") as string,
      type: 'bad-input',
      nonRetryable: true,
    })
  })

  it('says in clear which queries there are, where it was asked another', () => {
    const failure = converted(
      new ReferenceError('Workflow did not register a handler for nonsense. Registered queries: [status]'),
    )
    expect(failure.message).toContain('Registered queries: [status]')
  })

  it('keeps every other message sealed', () => {
    for (const error of [new Error('ann'), ApplicationFailure.nonRetryable('ann', 'mongo-refused')]) {
      const failure = converted(error)
      expect(failure.message).toBe('Encoded failure')
      expect(failure.encodedAttributes).toBeTruthy()
    }
  })
})
