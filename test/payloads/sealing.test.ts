import { randomBytes } from 'node:crypto'
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, type SealingKey } from '../../src/crypto/keyring.ts'
import { createSealingCodec } from '../../src/payloads/codec.ts'
import { failureConverter, payloadConverter } from '../../src/payloads/converters.ts'

const key = (id: string): SealingKey => ({ id, bytes: randomBytes(32) })
const first = key('first')
const codec = createSealingCodec(createKeyring([first]))

const onTheWire = async (value: unknown): Promise<Payload> => {
  const [payload] = await codec.encode([payloadConverter.toPayload(value)])
  return payload ?? {}
}
const back = async (payload: Payload, by = codec): Promise<unknown> => {
  const [opened] = await by.decode([payload])
  return payloadConverter.fromPayload(opened ?? {})
}
const readable = (payload: Payload): unknown => defaultPayloadConverter.fromPayload(payload)
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('utf8') : part,
  )

describe('T8: a payload on its way to Temporal', () => {
  it('keeps readable what is not personal, field by field', async () => {
    const payload = await onTheWire({ stage: 'recording', identity: 'samlp|acme|canary@example.com', n: 1 })
    expect(readable(payload)).toMatchObject({ stage: 'recording', n: 1 })
    expect(textOf(payload)).not.toContain('canary')
    expect(new Set(codec.open(payload).keyIds)).toEqual(new Set(['first']))
  })

  it.each([
    ['a bare address', 'canary@example.com'],
    ['an address in a list', ['a', ['canary@example.com']]],
    ['a password', { password: 'canary' }],
    ['a secret of several parts', { clientSecret: { value: 'canary' } }],
    ['an invite code in snake case', [{ invite_code: 'canary-1' }]],
    ['an address as a key', { 'canary@example.com': 1 }],
    ['what looks like a mark of ours', { 'hf:personal': 'canary' }],
    ['what looks like a sealed value', { 'hf:sealed': 'canary', other: 1 }],
  ])('%s is nowhere in clear, and comes back', async (_, value) => {
    const payload = await onTheWire(value)
    expect(textOf(payload)).not.toContain('canary')
    expect(await back(payload)).toEqual(value)
  })

  it('that holds nothing personal passes as it is', async () => {
    const value = { identity: 'auth0|abc', emailVerified: true, email: null, at: new Date(0) }
    expect(await onTheWire(value)).toEqual(defaultPayloadConverter.toPayload(value))
  })

  it('comes back whatever it holds', async () => {
    const word = fc.oneof(fc.string(), fc.emailAddress(), fc.constantFrom('hf:personal', 'hf:sealed', '@'))
    const name = fc.oneof(word, fc.constantFrom('password', 'token', 'message', 'stack_trace'))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, word, fc.integer(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('tree'), { maxLength: 4 }),
      object: fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
    }))
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        expect(await back(await onTheWire(value))).toEqual(value)
        for (const text of textOf(readable(await onTheWire(value))).match(/"[^"]*@[^"]*"/g) ?? [])
          expect(text).toBe('nothing with an @')
      }),
    )
  })

  it('that is plain JSON, from the temporal command or from before, is read as it is', async () => {
    const plain = defaultPayloadConverter.toPayload({ identity: 'a@example.com', 'hf:personal': 1 })
    expect(await back(plain)).toEqual({ identity: 'a@example.com', 'hf:personal': 1 })
  })

  it('opens with any key of the ring, and says which key is missing', async () => {
    const payload = await onTheWire({ email: 'canary@example.com' })
    const rotated = createSealingCodec(createKeyring([key('second'), first]))
    expect(await back(payload, rotated)).toEqual({ email: 'canary@example.com' })
    const without = createSealingCodec(createKeyring([key('second')]))
    await expect(without.decode([payload])).rejects.toThrow('key first is not in HOLDFAST_KEY')
  })
})

describe('T8: a failure on its way to Temporal', () => {
  it('shows its type; message, stack and causes are sealed as a whole, and come back', async () => {
    const cause = new Error('cause of canary')
    const failure = failureConverter.errorToFailure(
      ApplicationFailure.create({ type: 'mongo-refused', message: 'canary said so', cause }),
      payloadConverter,
    )
    const marked = [failure.encodedAttributes ?? {}, failure.cause?.encodedAttributes ?? {}]
    const [own = {}, caused = {}] = await codec.encode(marked)
    const wire = {
      ...failure,
      encodedAttributes: own,
      cause: { ...failure.cause, encodedAttributes: caused },
    }
    expect(failure.applicationFailureInfo?.type).toBe('mongo-refused')
    expect(textOf(wire)).not.toMatch(/canary|\.test\.ts/)
    const [opened = {}] = await codec.decode([own])
    const error = failureConverter.failureToError({ ...wire, encodedAttributes: opened }, payloadConverter)
    expect(error.message).toBe('canary said so')
  })
})
