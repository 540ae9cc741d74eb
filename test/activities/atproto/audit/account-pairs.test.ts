import { expect, it } from 'vitest'
import {
  pairAccountsByAddress,
  type AccountPairDeps,
} from '../../../../src/activities/atproto/audit/account-pairs.ts'
import { gapText } from '../../../../src/domain/gaps.ts'

const identity = 'auth0|1'
const found = {
  system: 'atproto',
  identity,
  kind: 'account-missing',
  tenant: 'aesthetic',
  evidence: {},
  repair: 'signup',
}
const account = { did: 'did:plc:a', handle: 'ac26fobev.at.example.test', address: 'hash' }

const pairsWith = async (last: string | null, opened: string | null) => {
  const intent = {
    attempted: true,
    alias: null,
    email: 'a@example.com',
    earlierEmails: [],
    password: 'drawn',
  }
  const deps = {
    handleDomain: '.at.example.test',
    personMemory: { reserveHandles: () => Promise.resolve() },
    auditSnapshot: { withAddresses: () => Promise.resolve(new Map([[identity, ['hash']]])) },
    findings: { ofPeople: () => Promise.resolve([found]) },
    applicationRecords: {
      load: () => Promise.resolve(new Map([[identity, { user: { code: 'ac26fobev' } }]])),
    },
    lastSignup: () => Promise.resolve(last === null ? null : { account: { did: last } }),
    intents: { load: () => Promise.resolve(opened === null ? null : intent) },
    pds: { accountByLogin: () => Promise.resolve({ did: opened, handle: account.handle }) },
  } as unknown as AccountPairDeps
  const audit = { auditId: 'an-audit', scope: { tenant: null, since: null, id: null, last: null } }
  return (await pairAccountsByAddress(deps, audit, [account as never])).pairs
}

it.each([
  ['its last signup names it', 'did:plc:a', null, 'last-signup', 'rebuild'],
  ['it opens with the password of our intent', null, 'did:plc:a', 'login', 'rebuild'],
  ['nothing of ours proves it', null, null, 'code-and-address', null],
  ['our intent opens another account', 'did:plc:b', 'did:plc:b', 'code-and-address', null],
])(
  'P13: an account under the code and address of a person where %s',
  async (_, last, opened, proof, repair) => {
    const pairs = await pairsWith(last, opened)
    expect(pairs).toMatchObject([{ identity, repair, evidence: { account: account.did, proof } }])
    if (repair === null && pairs[0] !== undefined)
      expect(gapText(pairs[0]).fix).toContain('Decide whether did:plc:a')
  },
)
