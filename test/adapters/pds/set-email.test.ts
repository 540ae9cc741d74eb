import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { PdsRefusedError } from '../../../src/adapters/pds/errors.ts'
import { createPds, type Pds } from '../../../src/adapters/pds/pds.ts'
import { handleUnder } from '../../../src/domain/atproto/handle.ts'
import { OutsideError } from '../../../src/domain/outside-error.ts'
import { startPds } from '../../../dev/servers/pds/pds.ts'
import { startPlc } from '../../../dev/servers/pds/plc.ts'
import { silentProgress as progress } from '../../../dev/servers/lib/progress.ts'
import { atEnd } from '../../support/at-end.ts'
import { address, label } from '../../support/people.ts'
import { pdsAdmin } from '../../support/pds.ts'

interface Place {
  readonly url: string
  readonly adminPassword: string
  readonly handleDomain: string
}

const { pdsUrl, pdsAdminPassword, pdsHandleDomain } = inject('servers')
const open: Place = { url: pdsUrl, adminPassword: pdsAdminPassword, handleDomain: pdsHandleDomain }
let byInvite: Place
beforeAll(async () => {
  const plc = await startPlc({ progress })
  const pds = await startPds({ plcUrl: plc.url, progress, inviteRequired: true })
  byInvite = pds
  atEnd(() => plc.stop())
  atEnd(() => pds.stop())
})
afterEach(() => vi.unstubAllGlobals())

async function made({ handleDomain }: Place, pds: Pds): Promise<{ did: string; email: string }> {
  const email = address()
  const handle = handleUnder(label(), handleDomain)
  const { did } = await pds.createAccount({
    handle,
    email,
    password: 'a password',
    inviteCode: await pds.inviteCode(),
  })
  return { did, email }
}

const accountsAt = ({ url, adminPassword }: Place) =>
  pdsAdmin({ PDS_URL: url, PDS_ADMIN_PASSWORD: adminPassword })

/** The PDS answers the change of an address with an internal error; all other calls succeed. */
function failing(): void {
  const through = globalThis.fetch
  const body = JSON.stringify({ error: 'InternalServerError', message: 'Internal Server Error' })
  vi.stubGlobal('fetch', (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    if (!pathname.endsWith('admin.updateAccountEmail')) return through(input, init)
    return Promise.resolve(
      new Response(body, { status: 500, headers: { 'content-type': 'application/json' } }),
    )
  })
}

describe.each([
  ['open to all', () => open],
  ['that requires invite codes', () => byInvite],
])('P4: a change of address that a PDS %s answers with 500', (_, place) => {
  const failure = (pds: Pds, did: string, email: string): Promise<unknown> =>
    pds.setEmail(did, email).then(
      () => null,
      (error: unknown) => error,
    )

  it('is email-taken where somebody holds it', async () => {
    const pds = createPds(place())
    const [own, stranger] = [await made(place(), pds), await made(place(), pds)]
    const refused = await failure(pds, own.did, stranger.email.toUpperCase())
    expect(refused).toBeInstanceOf(PdsRefusedError)
    expect(refused).toMatchObject({ refusal: 'email-taken' })
    expect(await pds.accountByDid(own.did)).toMatchObject({ email: own.email })
  })

  it("is the PDS's own fault where nobody does, and asking makes no account", async () => {
    const pds = createPds(place())
    const { did } = await made(place(), pds)
    const before = (await accountsAt(place()).accounts()).length
    failing()
    const free = address()
    const refused = await failure(pds, did, free)
    expect(refused).toBeInstanceOf(OutsideError)
    expect(refused).toMatchObject({ problem: 'pds-failing' })
    expect(await accountsAt(place()).accountsOf(free)).toEqual([])
    if (place() === byInvite) expect(await accountsAt(place()).accounts()).toHaveLength(before)
  })
})
