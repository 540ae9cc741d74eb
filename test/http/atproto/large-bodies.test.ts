import { describe, expect, it } from 'vitest'
import { auth0Webhook } from '../../../src/http/atproto/auth0-webhook.ts'
import type { Intake } from '../../../src/intake/intake.ts'
import { eventually } from '../../support/eventually.ts'

const MIB = 1024 * 1024
const DELIVERY = new TextEncoder().encode('[{"log_id":"1"}]')

/** A webhook whose intake is a fake, with a count of the bodies that are read in parallel. */
function openFake(durable: Promise<void> = Promise.resolve()) {
  const read = { begun: 0, taken: 0 }
  const intake = {
    async take() {
      read.taken += 1
      await durable
      return { accepted: 1, duplicates: 0, ignored: 0, quarantined: 0 }
    },
  } as unknown as Intake
  const app = auth0Webhook({
    tenants: [{ name: 'aesthetic', idPrefix: '', logTokens: ['the log token'] }],
    intake,
    refused: () => {},
  })
  const post = async (body: ReadableStream<Uint8Array>, length: number | null) =>
    await app.request('/aesthetic', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: {
        authorization: 'the log token',
        ...(length === null ? {} : { 'content-length': String(length) }),
      },
    })
  /** Sends nothing before `send` is called. */
  const slow = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          read.begun += 1
          await promise
          controller.enqueue(DELIVERY)
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return { body, send: resolve }
  }
  return { read, post, slow }
}

describe('E14: large bodies that come at once', () => {
  it.each([
    ['of 8 MiB', 8 * MIB],
    ['without a length', null],
  ])('%s are read a few at a time, and all are taken', async (_, length) => {
    const { read, post, slow } = openFake()
    const bodies = Array.from({ length: 60 }, slow)
    const answers = bodies.map(({ body }) => post(body, length))
    await eventually('the first are being read', () => Promise.resolve(read.begun > 0))
    await new Promise((resolve) => void setImmediate(resolve))
    expect(read.begun).toBeLessThanOrEqual(8)
    for (const { send } of bodies) send()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(bodies.map(() => 200))
    expect(read.begun).toBe(60)
  })

  it('keep neither a small one waiting nor another large one while one sender is slow', async () => {
    const { post, slow } = openFake()
    const stalled = slow()
    const waiting = post(stalled.body, 8 * MIB)
    for (const length of [DELIVERY.length, 8 * MIB]) {
      const { body, send } = slow()
      send()
      expect((await post(body, length)).status).toBe(200)
    }
    stalled.send()
    expect((await waiting).status).toBe(200)
  })

  it('let everything else be answered between them, be they refused', async () => {
    const durable = Promise.withResolvers<void>()
    const { post, read } = openFake(durable.promise)
    let sent = 0
    const send = (text: string) => {
      const bytes = new TextEncoder().encode(text)
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(bytes)
          controller.close()
          sent += 1
        },
      })
      return post(body, bytes.length)
    }
    const turn = () => new Promise((resolve) => void setImmediate(resolve))
    const taken = [1, 2].map((id) => send(`[{"log_id":"${id}"}]${' '.repeat(MIB)}`))
    await eventually('both wait until they are durable', () => Promise.resolve(read.taken === 2))
    const order: ('body' | 'turn')[] = []
    let open = 6
    const refused = Array.from({ length: open }, async () => {
      const { status } = await send('['.repeat(MIB))
      order.push('body')
      open -= 1
      return status
    })
    await eventually('all are in memory', () => Promise.resolve(sent === 8))
    await turn()
    durable.resolve()
    while (open > 0) {
      await turn()
      order.push('turn')
    }
    expect(await Promise.all(refused)).toEqual(refused.map(() => 400))
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200])
    const together = order
      .join(' ')
      .split('turn')
      .map((run) => run.match(/body/g)?.length ?? 0)
    expect(Math.max(...together)).toBeLessThanOrEqual(2)
  })

  it('are refused unread where they say that they are over the limit', async () => {
    const { read, post, slow } = openFake()
    expect((await post(slow().body, 8 * MIB + 1)).status).toBe(413)
    expect(read.begun).toBe(0)
  })
})
