import { MongoServerError } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { withoutPersonal } from '../src/contracts/personal.ts'
import { serializeError } from '../src/logging.ts'
import { logFields } from '../src/worker/log-fields.ts'

describe('an error in the log', () => {
  it('keeps its code and codeName, and those of what caused it', () => {
    const cause = new MongoServerError({ message: 'no', code: 43, codeName: 'CursorNotFound' })
    const refused = Object.assign(new Error('connect', { cause }), { code: 'ECONNREFUSED' })
    expect(serializeError(refused)).toMatchObject({
      type: 'Error',
      message: 'connect',
      code: 'ECONNREFUSED',
      stack: expect.stringContaining('logging.test') as string,
      cause: { type: 'MongoServerError', code: 43, codeName: 'CursorNotFound' },
    })
  })

  it('keeps the paths of its stack, which have an @ and are no addresses', () => {
    const lines = [
      'at ApplicationFailure.create (/srv/app/node_modules/@temporalio/common/src/failure.ts:185:16)',
      'at file:///srv/app/node_modules/@atproto/api/dist/client.js:12:3',
      String.raw`at C:\srv\node_modules\@temporalio\client\lib\index.js:1:1`,
      'at Object.<anonymous> (/opt/npm/hono@4.13.19/node_modules/hono/dist/hono.js:9:9)',
    ]
    for (const line of lines) expect(withoutPersonal(line)).toBe(line)
  })

  it.each([
    'auth0|ann@example.com',
    'samlp|acme|ann@example.com is stuck',
    'https://example.com/users/ann%40example.com',
    '/users/ann@example.com',
    'ann@example.com:27017',
    '<ann@example.com>',
  ])('loses the address in %s', (text) => {
    expect(withoutPersonal(text)).not.toContain('example.com')
  })
})

describe('a line of the SDK in the log', () => {
  it('names the system of its queue, or of its workflow where several systems share the queue', () => {
    const workflowId = 'signup/atproto/aesthetic/auth0|1'
    expect(logFields({ taskQueue: 'holdfast-atproto', workflowId })).toEqual({
      system: 'atproto',
      taskQueue: 'holdfast-atproto',
      workflowId,
    })
    expect(logFields({ taskQueue: 'holdfast-pds', workflowId })).toMatchObject({ system: 'atproto' })
    for (const meta of [{}, { taskQueue: 'holdfast-pds' }, { workflowId: 'mine' }, { system: 'medusa' }])
      expect(logFields(meta)).toEqual(meta)
  })
})
