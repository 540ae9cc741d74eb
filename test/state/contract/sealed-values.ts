import { describe, expect, it } from 'vitest'
import type { State } from '../../../src/state/ports.ts'
import { useProcesses, type Home } from './home.ts'
import { hash, ringOf } from './quarantine.ts'

export function sealedValuesContract(home: Home): void {
  describe('sealed values', () => {
    const at = useProcesses(home)
    const quarantine = (state: State, ...ids: [string, ...string[]]) =>
      state.quarantine({ keyring: ringOf(...ids), hash, keepDays: 30 })
    const entries = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({ tenant: 't', reason: 'r', content: `entry ${from + n}` }))

    it('of the state are sealed again with the first key, by two processes at once, and lose nothing', async () => {
      await quarantine(at.one, 'old').store(entries(0, 450))
      await quarantine(at.one, 'lost').store(entries(1_000, 2))
      await quarantine(at.one, 'new').store(entries(2_000, 3))
      const ring = ringOf('new', 'old')
      const [fields, others] = await Promise.all([
        at.one.sealed.rotate(ring, at.one.sealed.fields),
        at.two.sealed.rotate(ring, at.two.sealed.fields),
      ])
      const resealed = [...fields, ...others].reduce((sum, one) => sum + one.resealed, 0)
      expect(resealed).toBe(450)
      const again = await at.two.sealed.rotate(ring, at.two.sealed.fields)
      expect(again.reduce((sum, one) => sum + one.resealed, 0)).toBe(0)
      expect(again.reduce((sum, one) => sum + one.unopened, 0)).toBe(2)
      expect(again.find(({ unopened }) => unopened > 0)).toMatchObject({
        plain: 0,
        keys: { lost: 2, new: 453 },
      })
      const ids = await quarantine(at.two, 'new').ids()
      const opened = await Promise.all(ids.map((id) => quarantine(at.two, 'new', 'lost').open(id)))
      const contents = [...entries(0, 450), ...entries(1_000, 2), ...entries(2_000, 3)].map(
        (one) => one.content,
      )
      expect(new Set(opened.map((one) => one?.content))).toEqual(new Set(contents))
    })

    it('are sampled, one for each key in use, with their places', async () => {
      const samples = await at.two.sealed.samples(at.two.sealed.fields)
      expect(new Set(samples.map(({ keyId }) => keyId))).toEqual(new Set(['new', 'lost']))
      for (const { sealed, place } of samples)
        expect(ringOf('new', 'lost').open(sealed, place)).toMatch(/^entry \d+$/)
      const unsampled = at.two.sealed.fields.map(({ isSampled: _isSampled, ...field }) => field)
      expect(await at.two.sealed.samples(unsampled)).toEqual([])
    })

    it('in lists are sampled too, whatever their place in the list', async () => {
      const { list, putList } = at.database.secrets
      const place = (person: string) => ({ ...list.context, person })
      const sealed = (key: string, person: string) => ringOf(key).seal(`in a list of ${key}`, place(person))
      await putList('none', [])
      await putList('plain', ['in plain text'])
      await putList('both', ['in plain text', sealed('old', 'both'), sealed('new', 'both')])
      const samples = await at.one.sealed.samples([list])
      expect(samples.map(({ keyId }) => keyId).toSorted()).toEqual(['new', 'old'])
      for (const { keyId, sealed: value, place: where } of samples)
        expect(ringOf(keyId).open(value, where)).toBe(`in a list of ${keyId}`)
    })

    it('of the application are sealed where they are in plain text, once, and stay where they are not', async () => {
      const { field, put, get } = at.database.secrets
      const name = { collection: field.collection, field: field.path }
      const ring = ringOf('new', 'old')
      const place = (person: string) => ({ ...field.context, person })
      const sealed = ringOf('old').seal('sealed before', place('before'))
      await put('before', sealed)
      await put('empty', '')
      for (let n = 0; n < 450; n += 1) await put(`p/${n}'`, `plain ${n}`)
      expect(await at.one.sealed.countPlaintext([field])).toEqual([{ ...name, plain: 450 }])
      const [one, two] = await Promise.all([
        at.one.sealed.sealPlaintext(ring, [field]),
        at.two.sealed.sealPlaintext(ring, [field]),
      ])
      expect([...one, ...two].reduce((sum, done) => sum + done.sealed, 0)).toBe(450)
      expect(await at.two.sealed.sealPlaintext(ring, [field])).toEqual([{ ...name, sealed: 0, plain: 0 }])
      for (const n of [0, 7, 449]) {
        const id = `p/${n}'`
        const value = await get(id)
        expect(ring.open(value ?? '', place(id))).toBe(`plain ${n}`)
      }
      expect([await get('before'), await get('empty')]).toEqual([sealed, ''])
      const [rotated] = await at.one.sealed.rotate(ring, [field])
      expect(rotated).toMatchObject({ ...name, resealed: 1, unopened: 0, plain: 0, keys: { new: 451 } })
      expect(ring.open((await get('before')) ?? '', place('before'))).toBe('sealed before')
    })
  })
}
