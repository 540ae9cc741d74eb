import { describe, expect, it } from 'vitest'
import type { AlertMessage, AlertName } from '../../../src/contracts/alerts.ts'
import type { State } from '../../../src/state/ports.ts'
import { alertOf } from './alerts.ts'
import { SECOND_MS, useProcesses, type Home } from './home.ts'

export function outboxContract(home: Home): void {
  describe('the outbox of alerts', () => {
    const at = useProcesses(home)
    const queue = ({ alerts }: State, key: string, name: AlertName = 'no-worker') =>
      alerts.record(alertOf(home, key, { name }), true, 'workers')
    const shown = ({ dedupKey, state }: AlertMessage): string => `${dedupKey.split('/').at(-1)} ${state}`
    const channel = () => {
      const messages: string[] = []
      return { messages, send: async (message: AlertMessage) => void messages.push(shown(message)) }
    }
    /** A channel that answers when it is released. */
    const heldChannel = () => {
      const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const send = async (): Promise<void> => {
        begun.resolve()
        await released.promise
      }
      return { begun: begun.promise, release: () => released.resolve(), send }
    }
    const refuse = async (): Promise<void> => Promise.reject(new Error('channel down'))
    const undelivered = async (key: string) => {
      const found = (await at.one.alerts.list()).find(({ dedupKey }) => dedupKey.endsWith(`/${key}`))
      return found === undefined ? null : [found.undelivered, found.undeliveredBecause]
    }

    it('passes each message to one process, in the order of its alert, and keeps none that was accepted', async () => {
      await queue(at.one, 'ordered', 'pds-refused')
      await at.two.alerts.closeMissing({ names: ['pds-refused'], still: [], source: 'workers' }, true)
      await queue(at.two, 'ordered', 'pds-refused')
      expect(await undelivered('ordered')).toEqual([3, null])
      const { messages, send } = channel()
      await Promise.all([at.one.alerts.deliver(send), at.two.alerts.deliver(send)])
      while ((await at.one.alerts.deliver(send)) > 0);
      expect(messages).toEqual(['ordered opened', 'ordered closed', 'ordered opened'])
      expect(await undelivered('ordered')).toEqual([0, null])
      expect(await at.two.alerts.deliver(send)).toBe(0)
      expect(messages).toHaveLength(3)
    })

    it('queues nothing where the caller sends by itself', async () => {
      await at.one.alerts.record(alertOf(home, 'unqueued', { name: 'unexpected' }), false, 'workers')
      await at.one.alerts.storeSent(alertOf(home, 'unqueued-too'), new Date(), false)
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual([])
      await at.one.alerts.storeSent(alertOf(home, 'stored'), new Date(), true)
      expect(await at.one.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual(['stored opened'])
    })

    it('a process sends nothing that another is sending, until that one has not answered for half a minute', async () => {
      await queue(at.one, 'leased')
      const [first, second] = [channel(), channel()]
      let release = (): void => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      let begin = (): void => {}
      const begun = new Promise<void>((resolve) => (begin = resolve))
      const delivering = at.one.alerts.deliver(async (message) => {
        begin()
        await released
        await first.send(message)
      })
      await begun
      await at.two.alerts.deliver(second.send)
      expect(second.messages).toEqual([])
      await at.database.age(31 * SECOND_MS)
      await at.two.alerts.deliver(second.send)
      expect(second.messages).toEqual(['leased opened'])
      release()
      await delivering
      expect(await at.two.alerts.deliver(second.send)).toBe(0)
      expect([...first.messages, ...second.messages]).toHaveLength(2)
    })

    it.each(['accepted', 'refused'] as const)(
      'a channel that %s a message too late ends no lease but that of its own process',
      async (late) => {
        await queue(at.one, `late-${late}`, 'signups-stalled')
        await at.one.alerts.closeMissing({ names: ['signups-stalled'], still: [], source: 'workers' }, true)
        const [first, second] = [heldChannel(), heldChannel()]
        const sent = channel()
        const delivering = at.one.alerts.deliver(async (message) => {
          await first.send()
          await sent.send(message)
          if (late === 'refused') throw new Error('channel down')
        })
        await first.begun
        await at.database.age(31 * SECOND_MS)
        const taken = at.two.alerts.deliver(second.send)
        await second.begun
        first.release()
        await delivering
        expect(sent.messages).toHaveLength(1)
        const { messages, send } = channel()
        await at.one.alerts.deliver(send)
        expect(messages).toEqual([])
        second.release()
        await taken
        expect(await at.one.alerts.deliver(send)).toBe(0)
      },
    )

    it('a refused message stays, with the refusal, and is offered again', async () => {
      await queue(at.one, 'refused')
      expect(await at.one.alerts.deliver(refuse)).toBe(1)
      expect(await undelivered('refused')).toEqual([1, 'channel down'])
      const { messages, send } = channel()
      expect(await at.two.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual(['refused opened'])
    })

    it('stops at the first refusal, and begins with the messages that were refused least', async () => {
      await queue(at.one, 'often')
      expect(await at.one.alerts.deliver(refuse)).toBe(1)
      expect(await at.one.alerts.deliver(refuse)).toBe(1)
      await queue(at.one, 'seldom')
      let offered: string[] = []
      const refuseAll = async (message: AlertMessage): Promise<void> => {
        offered.push(shown(message))
        throw new Error('channel down')
      }
      expect(await at.two.alerts.deliver(refuseAll)).toBe(2)
      expect(offered).toEqual(['seldom opened'])
      offered = []
      const { messages, send } = channel()
      expect(await at.two.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual(['seldom opened', 'often opened'])
    })

    it('delivers no message of another system', async () => {
      const theirs = alertOf(home, 'theirs', { system: home.otherSystem })
      await at.other.alerts.record(theirs, true, 'workers')
      const { messages, send } = channel()
      expect(await at.one.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual([])
      expect(await at.other.alerts.deliver(send)).toBe(0)
      expect(messages).toEqual(['theirs opened'])
    })
  })
}
