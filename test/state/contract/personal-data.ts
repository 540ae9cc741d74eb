import { describe, expect, it } from 'vitest'
import { signupWorkflowId } from '../../../src/contracts/ids.ts'
import type { NamedPerson } from '../../../src/contracts/systems.ts'
import type { State } from '../../../src/state/ports.ts'
import type { PersonRecords } from '../../../src/state/ports/personal-data.ts'
import { resultOf } from './audits.ts'
import { DAY_MS, useProcesses, type Home } from './home.ts'
import { byBytes, ODD_IDS } from './odd-texts.ts'
import { hash, ringOf } from './quarantine.ts'

/** The stores that `remember` fills. */
const STORES = [
  'history',
  'ignored',
  'old_deletions',
  'failed_mails',
  'audit_findings',
  'audit_people',
  'audit_marks',
  'audits',
  'plans',
  'quarantine',
]

/** The records of a system that keeps them elsewhere. */
const NO_RECORDS: PersonRecords = {
  erase: async () => ({}),
  count: async () => ({}),
  read: async () => ({}),
  namedPeople: async () => ({ people: [], next: null }),
  hasRecords: async () => false,
  mentionsOf: async () => [],
}

const EMPTY_SCOPE = { tenant: null, last: null, since: null }

export function personalDataContract(home: Home): void {
  describe('the data on a person', () => {
    const at = useProcesses(home)
    const open = (state: State, records: Partial<PersonRecords> = {}, keyring = ringOf('k1')) =>
      state.personalData({ keyring, hash, records: { ...NO_RECORDS, ...records } })
    const personOf = (identity: string): NamedPerson => ({ tenant: 't', identity, userId: identity })
    const remember = async (state: State, system: typeof home.system, identity: string): Promise<void> => {
      const until = new Date(Date.now() + DAY_MS)
      const scope = { ...EMPTY_SCOPE, id: identity }
      const id = `${system}-${hash(identity).slice(0, 12)}`
      await state.stepHistory('b').record(identity, [{ step: 'recording', outcome: 'done' }])
      await state.ignored.add({ tenant: 't', identity, until, reason: 'r' })
      await state.oldDeletions.record({ identity, tenant: 't', deletedAt: new Date(0) })
      await state.notedEvents.record('t', [{ code: 'fv', identity, at: null, logId: id }])
      const kind = 'user-missing'
      await state.findings.add(`${id}-audit`, [
        { system, identity, tenant: 't', kind, since: null, evidence: {}, repair: null },
      ])
      await state.findings.addPeople(`${id}-audit`, [
        { identity, tenant: 't', state: 'healthy', signedUpAt: null },
      ])
      await state.marks.add(`${id}-audit`, 'running', [signupWorkflowId(system, 't', identity, hash)])
      await state.findings.saveResult(resultOf(system, `${id}-audit`, { scope }))
      const plan = {
        planId: `${id}-plan`,
        audit: `${id}-audit`,
        digest: '',
        people: 1,
        byDatabase: 0,
        skipped: 0,
      }
      await state.plans.save({ ...plan, scope, population: 1 })
      const content = JSON.stringify({ user_id: identity })
      await state
        .quarantine({ keyring: ringOf('k1'), hash, keepDays: 1 })
        .store([{ tenant: 't', reason: 'r', content }])
    }
    const everyStore = Object.fromEntries(STORES.map((store) => [home.storeName(store), 1]))

    it('is counted, read and erased in every store, for this person alone', async () => {
      const [person, similar] = [personOf("auth0|p/1'"), personOf("auth0|p/1'x")]
      for (const { identity } of [person, similar]) await remember(at.one, home.system, identity)
      const data = open(at.two)
      expect(await data.count(person)).toEqual(everyStore)
      const read = await data.read(person)
      const found = Object.entries(read).filter(([, documents]) => documents.length > 0)
      expect(Object.fromEntries(found.map(([store, documents]) => [store, documents.length]))).toEqual(
        everyStore,
      )
      expect(JSON.stringify(read[home.storeName('quarantine')])).toContain('user_id')
      expect(JSON.stringify(read)).not.toContain("p/1'x")

      expect(await data.erase('application', person)).toEqual({})
      expect(await data.erase('holdfast', person)).toEqual(everyStore)
      expect(await data.erase('holdfast', person)).toEqual({})
      expect(await data.count(person)).toEqual({})
      expect(await data.count(similar)).toEqual(everyStore)
      expect(await at.one.stepHistory('b').load(person.identity)).toEqual([])
      expect(await at.one.notedEvents.failedMail(person.identity)).toBeNull()
    })

    it('is found under any id', async () => {
      const odd = ODD_IDS.filter((identity) => identity.includes('|') && identity.length < 100)
      for (const identity of ['auth0|$x%_', 'auth0|\u{1f600}\\"', ...odd]) {
        await remember(at.one, home.system, identity)
        expect(await open(at.two).erase('holdfast', personOf(identity))).toEqual(everyStore)
      }
    })

    it('of another system stays', async () => {
      const person = personOf('auth0|both')
      await remember(at.one, home.system, person.identity)
      expect(await open(at.other).count(person)).toEqual({})
      expect(await open(at.other).erase('holdfast', person)).toEqual({})
      expect(await open(at.one).count(person)).toEqual(everyStore)
      await remember(at.other, home.otherSystem, person.identity)
      expect(await open(at.one).erase('holdfast', person)).toEqual(everyStore)
      expect(await open(at.other).count(person)).toEqual(everyStore)
    })

    it('includes the records that only the system has', async () => {
      const person = personOf('auth0|elsewhere')
      const asked: string[] = []
      const data = open(at.one, {
        erase: async (of, { identity }) => {
          asked.push(`erase ${of} ${identity}`)
          return { profiles: 1 }
        },
        count: async () => ({ profiles: 2 }),
        read: async () => ({ profiles: [{ id: 1 }] }),
        hasRecords: async (identity) => identity === person.identity,
        mentionsOf: async () => [hash('ana@example.com')],
      })
      expect(await data.erase('application', person)).toEqual({ profiles: 1 })
      expect(await data.erase('holdfast', person)).toEqual({ profiles: 1 })
      expect(asked).toEqual(['erase application auth0|elsewhere', 'erase holdfast auth0|elsewhere'])
      expect(await data.count(person)).toEqual({ profiles: 2 })
      expect(await data.read(person)).toMatchObject({ profiles: [{ id: 1 }] })
      expect([await data.hasRecords(person.identity), await data.hasRecords('x')]).toEqual([true, false])
      const store = at.one.quarantine({ keyring: ringOf('k1'), hash, keepDays: 1 })
      await store.store([{ tenant: 't', reason: 'r', content: 'to: ANA@example.com, bo@example.com' }])
      await store.store([{ tenant: 'u', reason: 'r', content: 'to: ana@example.com' }])
      expect(await data.count(person)).toEqual({ profiles: 2, [home.storeName('quarantine')]: 1 })
      expect(await data.erase('holdfast', person)).toMatchObject({ [home.storeName('quarantine')]: 1 })
    })

    it('in entries with too many names is found by decrypting them, or counted as unreadable', async () => {
      const person = personOf('auth0|in-many')
      const ids = Array.from({ length: 600 }, (_, n) => `auth0|other-${n}`)
      const store = at.one.quarantine({ keyring: ringOf('k1'), hash, keepDays: 1 })
      await store.store([
        { tenant: 't', reason: 'r', content: JSON.stringify([...ids, person.identity]) },
        { tenant: 't', reason: 'r', content: JSON.stringify([...ids, `${person.identity}x`]) },
      ])
      expect(await open(at.two).countUnreadable(person)).toBe(0)
      expect(await open(at.two, {}, ringOf('k2')).countUnreadable(person)).toBe(2)
      expect(await open(at.two).count(person)).toEqual({ [home.storeName('quarantine')]: 1 })
      expect(await open(at.two).erase('holdfast', person)).toEqual({ [home.storeName('quarantine')]: 1 })
      expect(await store.ids()).toHaveLength((await at.one.quarantineSummary()).count)
    })

    it('is listed person by person, page by page, each store in the order of its bytes', async () => {
      const database = await home.create()
      try {
        const [one, other] = [await database.open(home.system), await database.open(home.otherSystem)]
        for (const identity of ODD_IDS)
          await one.stepHistory('b').record(identity, [{ step: 'recording', outcome: 'done' }])
        await one.ignored.add({
          tenant: 't',
          identity: 'a',
          until: new Date(Date.now() + DAY_MS),
          reason: 'r',
        })
        await one.oldDeletions.record({ identity: 'é', tenant: 't', deletedAt: new Date() })
        await other.stepHistory('b').record('theirs', [{ step: 'recording', outcome: 'done' }])
        await database.written()
        const data = open(one, {
          namedPeople: async (after) => ({
            people: [{ identity: `app-${after?.id ?? ''}`, collection: 'profiles' }],
            next: after === null ? { collection: 'profiles', id: '1' } : null,
          }),
        })
        const found = new Map<string, string[]>()
        for (let after: Parameters<typeof data.namedPeople>[0] = null; ;) {
          const { people, next } = await data.namedPeople(after, 4)
          expect(people.length).toBeLessThanOrEqual(4)
          for (const { identity, collection } of people)
            found.set(collection, [...(found.get(collection) ?? []), identity])
          if (next === null) break
          after = next
        }
        expect(found).toEqual(
          new Map([
            ['profiles', ['app-', 'app-1']],
            [home.storeName('history'), byBytes(ODD_IDS)],
            [home.storeName('ignored'), ['a']],
            [home.storeName('old_deletions'), ['é']],
          ]),
        )
      } finally {
        await database.drop()
      }
    })
  })
}
