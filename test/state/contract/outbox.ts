import { describe, expect, it } from 'vitest'
import type { ChannelName } from '../../../src/contracts/alert-channels.ts'
import type { AlertMessage, AlertName } from '../../../src/contracts/alerts.ts'
import type { State } from '../../../src/state/ports.ts'
import type { AlertContent, QueuedAlert, Routing, Taker } from '../../../src/state/ports/alerts.ts'
import { alertOf, silent } from './alerts.ts'
import { HOUR_MS, SECOND_MS, useProcesses, type Home } from './home.ts'

const takerOf = (channel: ChannelName, most = 1, leaseMs = 30 * SECOND_MS): Taker => ({
  channel,
  most,
  leaseMs,
})
const HTTP = takerOf('http')
const toHttp: Routing = () => [{ channel: 'http', notBefore: null }]

export function outboxContract(home: Home): void {
  describe('the outbox of alerts', () => {
    const at = useProcesses(home)
    const queue = ({ alerts }: State, key: string, name: AlertName = 'no-worker') =>
      alerts.record(alertOf(home, key, { name }), toHttp, 'workers')
    const shown = ({ dedupKey, state }: AlertMessage): string => `${dedupKey.split('/').at(-1)} ${state}`
    const channel = () => {
      const messages: string[] = []
      const send = async (queued: readonly QueuedAlert[]): Promise<string> => {
        messages.push(...queued.map(({ message }) => shown(message)))
        return 'taken'
      }
      return { messages, send }
    }
    /** A channel that answers when it is released. */
    const heldChannel = () => {
      const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const send = async (): Promise<string> => {
        begun.resolve()
        await released.promise
        return 'late'
      }
      return { begun: begun.promise, release: () => released.resolve(), send }
    }
    const refuse = async (): Promise<string> => Promise.reject(new Error('channel down'))
    const undelivered = async (key: string) => {
      const found = (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey.endsWith(`/${key}`))
      return found === undefined ? null : [found.undelivered, found.undeliveredBecause]
    }

    it('passes each message to one process, in the order of its alert, and keeps none that was accepted', async () => {
      await queue(at.one, 'ordered', 'pds-refused')
      await at.two.alerts.closeMissing({ names: ['pds-refused'], still: [], source: 'workers' }, toHttp)
      await queue(at.two, 'ordered', 'pds-refused')
      expect(await undelivered('ordered')).toEqual([3, null])
      const { messages, send } = channel()
      await Promise.all([at.one.alerts.deliver(HTTP, send), at.two.alerts.deliver(HTTP, send)])
      while ((await at.one.alerts.deliver(HTTP, send)) > 0);
      expect(messages).toEqual(['ordered opened', 'ordered closed', 'ordered opened'])
      expect(await undelivered('ordered')).toEqual([0, null])
      expect(await at.two.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toHaveLength(3)
    })

    it('queues nothing where the caller sends by itself', async () => {
      await at.one.alerts.record(alertOf(home, 'unqueued', { name: 'unexpected' }), silent, 'workers')
      await at.one.alerts.storeSent(alertOf(home, 'unqueued-too'), new Date(), silent)
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual([])
      await at.one.alerts.storeSent(alertOf(home, 'stored'), new Date(), toHttp)
      expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual(['stored opened'])
    })

    it.each([
      [
        'another process has stored its alert as sent',
        ({ alerts }: State, alert: AlertContent, sentAt: Date) => alerts.storeSent(alert, sentAt, silent),
      ],
      [
        'another process has queued its alert for another channel',
        ({ alerts }: State, alert: AlertContent) =>
          alerts.record(alert, () => [{ channel: 'webhook', notBefore: null }], 'workers'),
      ],
      [
        'another process has queued its alert for the same channel',
        ({ alerts }: State, alert: AlertContent) => alerts.record(alert, toHttp, 'workers'),
      ],
    ])('queues a message that was refused during an outage once, where %s', async (what, store) => {
      const sentAt = new Date(Date.now() - SECOND_MS)
      const alert = alertOf(home, `refused, ${what}`)
      await store(at.two, alert, sentAt)
      await at.one.alerts.storeSent(alert, sentAt, toHttp)
      await at.one.alerts.storeSent(alert, sentAt, toHttp)
      const { messages, send } = channel()
      expect(await at.two.alerts.deliver(HTTP, send)).toBe(0)
      await at.one.alerts.storeSent(alert, sentAt, toHttp)
      expect(await at.two.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual([`refused, ${what} opened`])
    })

    it('queues no message that was refused during an outage where its alert was open before, or is closed', async () => {
      const [before, closed] = [
        alertOf(home, 'open before'),
        alertOf(home, 'closed since', { name: 'watch-late' }),
      ]
      await at.two.alerts.record(before, silent, 'workers')
      await at.one.alerts.storeSent(before, new Date(Date.now() + SECOND_MS), toHttp)
      const sentAt = new Date(Date.now() - SECOND_MS)
      await at.two.alerts.storeSent(closed, sentAt, silent)
      await at.two.alerts.closeMissing({ names: ['watch-late'], still: [], source: 'workers' }, silent)
      await at.one.alerts.storeSent(closed, sentAt, toHttp)
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual([])
    })

    it('a process sends nothing that another is sending, until that one has not answered for half a minute', async () => {
      await queue(at.one, 'leased')
      const [first, second] = [channel(), channel()]
      let release = (): void => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      let begin = (): void => {}
      const begun = new Promise<void>((resolve) => (begin = resolve))
      const delivering = at.one.alerts.deliver(HTTP, async (messages) => {
        begin()
        await released
        return first.send(messages)
      })
      await begun
      await at.two.alerts.deliver(HTTP, second.send)
      expect(second.messages).toEqual([])
      await at.database.age(31 * SECOND_MS)
      await at.two.alerts.deliver(HTTP, second.send)
      expect(second.messages).toEqual(['leased opened'])
      release()
      await delivering
      expect(await at.two.alerts.deliver(HTTP, second.send)).toBe(0)
      expect([...first.messages, ...second.messages]).toHaveLength(2)
    })

    it('a channel that takes longer has a longer lease', async () => {
      await queue(at.one, 'slow')
      const held = heldChannel()
      const delivering = at.one.alerts.deliver(takerOf('http', 1, 180 * SECOND_MS), held.send)
      await held.begun
      const { messages, send } = channel()
      await at.database.age(100 * SECOND_MS)
      await at.two.alerts.deliver(HTTP, send)
      expect(messages).toEqual([])
      await at.database.age(81 * SECOND_MS)
      await at.two.alerts.deliver(HTTP, send)
      expect(messages).toEqual(['slow opened'])
      held.release()
      await delivering
    })

    it.each(['accepted', 'refused'] as const)(
      'a channel that %s a message too late ends no lease but that of its own process',
      async (late) => {
        await queue(at.one, `late-${late}`, 'seal-broken')
        await at.one.alerts.closeMissing({ names: ['seal-broken'], still: [], source: 'workers' }, toHttp)
        const [first, second] = [heldChannel(), heldChannel()]
        const sent = channel()
        const delivering = at.one.alerts.deliver(HTTP, async (messages) => {
          await first.send()
          await sent.send(messages)
          if (late === 'refused') throw new Error('channel down')
          return 'late'
        })
        await first.begun
        await at.database.age(31 * SECOND_MS)
        const taken = at.two.alerts.deliver(HTTP, second.send)
        await second.begun
        first.release()
        await delivering
        expect(sent.messages).toHaveLength(1)
        const { messages, send } = channel()
        await at.one.alerts.deliver(HTTP, send)
        expect(messages).toEqual([])
        second.release()
        await taken
        expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      },
    )

    it('a refused message stays, with the refusal, and is offered again', async () => {
      await queue(at.one, 'refused')
      expect(await at.one.alerts.deliver(HTTP, refuse)).toBe(1)
      expect(await undelivered('refused')).toEqual([1, 'channel down'])
      const { messages, send } = channel()
      expect(await at.two.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual(['refused opened'])
    })

    it('stops at the first refusal, and begins with the messages that were refused least', async () => {
      await queue(at.one, 'often')
      expect(await at.one.alerts.deliver(HTTP, refuse)).toBe(1)
      expect(await at.one.alerts.deliver(HTTP, refuse)).toBe(1)
      await queue(at.one, 'seldom')
      let offered: string[] = []
      const refuseAll = async (queued: readonly QueuedAlert[]): Promise<string> => {
        offered.push(...queued.map(({ message }) => shown(message)))
        throw new Error('channel down')
      }
      expect(await at.two.alerts.deliver(HTTP, refuseAll)).toBe(2)
      expect(offered).toEqual(['seldom opened'])
      offered = []
      const { messages, send } = channel()
      expect(await at.two.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual(['seldom opened', 'often opened'])
    })

    it('a channel that refuses, or hangs, delays no other one', async () => {
      const toBoth: Routing = () => [
        { channel: 'slack', notBefore: null },
        { channel: 'pagerduty', notBefore: null },
      ]
      await at.one.alerts.record(alertOf(home, 'both'), toBoth, 'workers')
      expect(await at.one.alerts.deliver(takerOf('slack'), refuse)).toBe(1)
      const hanging = Promise.withResolvers<string>()
      const slack = at.two.alerts.deliver(takerOf('slack'), () => hanging.promise)
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(takerOf('pagerduty'), send)).toBe(0)
      expect(messages).toEqual(['both opened'])
      hanging.resolve('late')
      expect(await slack).toBe(0)
    })

    it('passes waiting messages together, as many as the channel takes', async () => {
      const toSlack: Routing = () => [{ channel: 'slack', notBefore: null }]
      for (const key of ['one', 'two', 'three'])
        await at.one.alerts.record(alertOf(home, `together-${key}`), toSlack, 'workers')
      const calls: number[] = []
      const count = async (queued: readonly QueuedAlert[]): Promise<string> => {
        calls.push(queued.length)
        return 'taken'
      }
      expect(await at.two.alerts.deliver(takerOf('slack', 2), count)).toBe(0)
      expect(calls).toEqual([2, 1])
    })

    it('holds messages back until quiet hours are over, and drops those of an alert that closed before', async () => {
      const until = new Date(Date.now() + HOUR_MS)
      const quiet: Routing = () => [{ channel: 'email', notBefore: until }]
      const name = 'pds-failing'
      await at.one.alerts.record(alertOf(home, 'lasting', { name: 'unexpected' }), quiet, 'workers')
      await at.one.alerts.record(alertOf(home, 'passing', { name }), quiet, 'workers')
      await at.two.alerts.closeMissing({ names: [name], still: [], source: 'workers' }, quiet)
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(takerOf('email', 5), send)).toBe(0)
      expect(messages).toEqual([])
      await at.database.age(1.1 * HOUR_MS)
      expect(await at.one.alerts.deliver(takerOf('email', 5), send)).toBe(0)
      expect(messages).toEqual(['lasting opened'])
    })

    it.each([
      ['raised', ['raised']],
      ['closed and opened again', ['closed', 'opened']],
    ] as const)(
      'a channel that heard of an alert hears that it closed, where it was %s in quiet hours',
      async (what, states) => {
        const [name, key] = ['profiles-missing', `heard, ${what}`] as const
        const until = new Date(Date.now() + HOUR_MS)
        const [now, quiet] = [null, until].map((notBefore): Routing => () => [
          { channel: 'oncall', notBefore },
        ])
        const { messages, send } = channel()
        const deliver = () => at.one.alerts.deliver(takerOf('oncall', 5), send)
        const open = (routing: Routing = silent, change: Partial<AlertContent> = {}) =>
          at.one.alerts.record(alertOf(home, key, { name, severity: 'high', ...change }), routing, 'workers')
        const close = () =>
          at.two.alerts.closeMissing({ names: [name], still: [], source: 'workers' }, quiet ?? silent)
        await open(now)
        await deliver()
        for (const state of states) {
          if (state === 'closed') await close()
          else await open(quiet, { severity: 'critical' })
        }
        await close()
        expect(await deliver()).toBe(0)
        await at.database.age(1.1 * HOUR_MS)
        expect(await deliver()).toBe(0)
        expect(messages).toEqual([`${key} opened`, `${key} closed`])
      },
    )

    it('sends what was held back together with a message that is not', async () => {
      const until = new Date(Date.now() + HOUR_MS)
      const routing: Routing = ({ severity }) => [
        { channel: 'oncall', notBefore: severity === 'critical' ? null : until },
      ]
      const alert = alertOf(home, 'worse', { severity: 'high' })
      await at.one.alerts.record(alert, routing, 'workers')
      await at.two.alerts.record({ ...alert, severity: 'critical' }, routing, 'workers')
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(takerOf('oncall'), send)).toBe(0)
      expect(messages).toEqual(['worse opened', 'worse raised'])
    })

    it('keeps what was sent with the answer, and sends it again on request', async () => {
      await queue(at.one, 'kept')
      const { messages, send } = channel()
      await at.one.alerts.deliver(HTTP, refuse)
      await at.one.alerts.deliver(HTTP, send)
      const of = async () =>
        (await at.two.alerts.deliveries()).filter(({ message }) => message.dedupKey.endsWith('/kept'))
      const [sentOnce] = await of()
      expect(sentOnce).toMatchObject({
        channel: 'http',
        response: 'taken',
        refusals: 1,
        because: 'channel down',
      })
      expect(sentOnce?.sentAt).not.toBeNull()
      expect(await at.other.alerts.sendAgain(sentOnce?.id ?? '')).toBe(false)
      expect(await at.two.alerts.sendAgain('unknown')).toBe(false)
      expect(await at.two.alerts.sendAgain(sentOnce?.id ?? '')).toBe(true)
      expect((await of()).map(({ sentAt }) => sentAt === null)).toEqual([true, false])
      expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual(['kept opened', 'kept opened'])
    })

    it('delivers no message of another system', async () => {
      const theirs = alertOf(home, 'theirs', { system: home.otherSystem })
      await at.other.alerts.record(theirs, toHttp, 'workers')
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual([])
      expect(await at.other.alerts.deliver(HTTP, send)).toBe(0)
      expect(messages).toEqual(['theirs opened'])
    })
  })
}
