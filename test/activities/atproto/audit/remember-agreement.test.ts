import { expect, it } from 'vitest'
import {
  rememberAgreement,
  type PeopleScanDeps,
} from '../../../../src/activities/atproto/audit/scan-people.ts'
import type { PersonFacts } from '../../../../src/domain/atproto/gap-rules.ts'
const DAY = 24 * 3_600_000
const now = new Date('2026-03-04T12:00:00.000Z')
const rules = { now, graceMs: 5 * 60_000, waitMs: 60 * DAY, handleDomain: '.at.example.com' }
const when = new Date(now.getTime() - 2 * DAY)
const whole = (identity: string): PersonFacts => ({
  identity,
  tenant: 'aesthetic',
  provider: { createdAt: when, verified: true, address: 'hash', alias: null },
  verifications: 1,
  user: { code: 'ac26fobev', when, did: 'did:plc:a', handle: 'csx.at.example.com' },
  chosenHandle: 'CSX',
  account: { state: 'active', handle: 'csx.at.example.com', address: 'hash' },
  remembered: null,
  rememberedAccount: null,
  inProgress: false,
  deletedAt: null,
  codeShared: false,
  mayInheritHandle: false,
})

it('M11: an audit remembers those who agree in all stores, and writes nothing of a deleted person', async () => {
  const written: string[] = []
  const deps = {
    personMemory: {
      rememberAll: (people: readonly { identity: string }[]) => {
        written.push(...people.map(({ identity }) => identity))
        return Promise.resolve()
      },
      forget: () => Promise.resolve(),
    },
    tombstones: {
      findAll: (identities: readonly string[]) =>
        Promise.resolve(new Map(identities.filter((one) => one === 'auth0|gone').map((one) => [one, {}]))),
    },
  }
  const judged = [whole('auth0|gone'), whole('auth0|here')]
  await rememberAgreement(deps as unknown as PeopleScanDeps, judged, rules)
  expect(written).toEqual(['auth0|here'])
})
