import { MongoServerError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { callMongo } from '../../../../src/adapters/mongo/lib/errors.ts'

const failing = (code: number, codeName: string) =>
  callMongo('users', 'find', () =>
    Promise.reject(new MongoServerError({ message: codeName, code, codeName })),
  )

describe('L1: an answer of MongoDB that the next try may not meet', () => {
  it.each([
    [6, 'HostUnreachable'],
    [43, 'CursorNotFound'],
    [64, 'WriteConcernTimeout'],
    [89, 'NetworkTimeout'],
    [112, 'WriteConflict'],
    [134, 'ReadConcernMajorityNotAvailableYet'],
    [189, 'PrimarySteppedDown'],
    [237, 'CursorKilled'],
    [251, 'NoSuchTransaction'],
    [11_601, 'Interrupted'],
  ])('is retried, not a refusal: %i %s', async (code, codeName) => {
    await expect(failing(code, codeName)).rejects.toMatchObject({ problem: 'mongo-unreachable' })
  })

  it.each([
    [121, 'DocumentValidationFailure'],
    [86, 'IndexKeySpecsConflict'],
    [11_000, 'DuplicateKey'],
  ])('stays a refusal where the write itself is at fault: %i %s', async (code, codeName) => {
    await expect(failing(code, codeName)).rejects.toMatchObject({ problem: 'mongo-refused' })
  })
})
