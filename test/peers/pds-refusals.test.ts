import { AtpAgent, XRPCError } from '@atproto/api'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { pdsAnswer } from '../../src/adapters/pds/errors.ts'
import { handleLabel, handleUnder } from '../../src/domain/atproto/handle.ts'
import { pdsRefusal, type PdsRefusal } from '../../src/domain/atproto/pds-refusal.ts'
import { startPds, type PdsServer } from '../../dev/servers/pds/pds.ts'
import { startPlc, type PlcServer } from '../../dev/servers/pds/plc.ts'
import { silentProgress as progress } from '../../dev/servers/lib/progress.ts'
import { address, label } from '../support/people.ts'

const servers = inject('servers')
const under = (name: string): string => handleUnder(name, servers.pdsHandleDomain)

/** The PDS's error for one createAccount, or the statement that it created the account. */
async function ask(
  account: { handle?: string; email?: string; inviteCode?: string },
  service = servers.pdsUrl,
): Promise<{ status: number; error: string; message: string } | 'made'> {
  const { server } = new AtpAgent({ service }).com.atproto
  const { handle = under(label()), email = address(), ...invite } = account
  try {
    await server.createAccount({
      handle,
      ...(email === '' ? {} : { email }),
      password: 'a password',
      ...invite,
    })
    return 'made'
  } catch (error) {
    const answer = pdsAnswer(error)
    if (answer === null) throw error
    return answer
  }
}

const meaning = async (...asked: Parameters<typeof ask>): Promise<PdsRefusal | 'made'> => {
  const answer = await ask(...asked)
  return answer === 'made' ? answer : pdsRefusal(answer)
}

describe('P1: what the real PDS refuses, and what we take it to mean', () => {
  it.each([
    ['too short', under('43')],
    ['too long', under('abcdefghijklmnopqrs')],
    ['with an inner dot', under('a.bc')],
    ['on its list of bad words', under('c00n')],
    ['of an edge hyphen', under('-abc')],
    ['with an underscore', under('a_bc')],
    ['with a space', under('a bc')],
    ['not of ASCII', under('zoë-x')],
    ['reserved', under('admin')],
  ])('a handle %s: the user code will do', async (_, handle) => {
    expect(await meaning({ handle })).toBe('handle-unfit')
  })

  it('a handle and an address that are taken', async () => {
    const [name, email] = [label(), address()]
    expect(await ask({ handle: under(name), email })).toBe('made')
    expect(await meaning({ handle: under(name) })).toBe('handle-taken')
    expect(await meaning({ email })).toBe('email-taken')
    expect(await meaning({ email: email.toUpperCase() })).toBe('email-taken')
  })

  it.each([
    ['somebody@mailinator.com', 'email-unsupported'],
    ['not an address', 'email-unsupported'],
    ['', 'email-missing'],
  ] as const)('the address "%s" means %s', async (email, refusal) => {
    expect(await meaning({ email })).toBe(refusal)
  })

  it.each([`${label()}.elsewhere.example.com`, `${label()}.local`, `${label()}.test`])(
    'the domain of %s is a matter of configuration, not of the person',
    async (handle) => {
      expect(await meaning({ handle })).toBe('domain-unsupported')
    },
  )

  it('two calls at once for one handle make one account, and the other call fails or is told', async () => {
    const [name, email] = [label(), address()]
    const meanings = await Promise.all([
      meaning({ handle: under(name), email }),
      meaning({ handle: under(name), email }),
    ])
    expect(meanings.filter((one) => one === 'made')).toHaveLength(1)
    expect(['failing', 'handle-taken', 'email-taken']).toContain(meanings.find((one) => one !== 'made'))
  })

  it('a wrong admin password', async () => {
    const { admin } = new AtpAgent({ service: servers.pdsUrl }).com.atproto
    const headers = { authorization: `Basic ${Buffer.from('admin:wrong').toString('base64')}` }
    const refused = await admin.getAccountInfo({ did: 'did:plc:aaaaaaaaaaaaaaaaaaaaaaaa' }, { headers }).then(
      () => null,
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(XRPCError)
    expect(pdsRefusal(pdsAnswer(refused) ?? { status: 0, error: '', message: '' })).toBe('admin-refused')
  })
})

describe('P1: what our own rule lets through is what the PDS takes', () => {
  it.each(['abc', 'a-c', '123', 'abcdefghijklmnopqr', 'a--b', 'ac25xadehx', 'acb25xadehacehabeh'])(
    'both take the shape of %s',
    async (name) => {
      expect(handleLabel(name)).toBe(name)
      expect(['made', 'handle-taken']).toContain(await meaning({ handle: under(name) }))
    },
  )

  it.each(['43', 'abcdefghijklmnopqrs', '-abc', 'abc-', 'a bc', 'zoë'])('neither takes %s', async (name) => {
    expect(handleLabel(name)).toBeNull()
    expect(await meaning({ handle: under(name) })).toBe('handle-unfit')
  })
})

describe('P6, P7: a PDS in trouble', () => {
  let plc: PlcServer
  let pds: PdsServer
  beforeAll(async () => {
    plc = await startPlc({ progress })
    pds = await startPds({ plcUrl: plc.url, progress, inviteRequired: true, rateLimits: true })
    return async () => {
      await pds.stop()
      await plc.stop()
    }
  })

  it('asks for an invite code, takes one once, and knows no other', async () => {
    expect(await meaning({}, pds.url)).toBe('invite-refused')
    expect(await meaning({ inviteCode: 'localhost-aaaaa-aaaaa' }, pds.url)).toBe('invite-refused')
    const { server } = new AtpAgent({ service: pds.url }).com.atproto
    const { data } = await server.createInviteCode(
      { useCount: 1 },
      {
        headers: { authorization: `Basic ${Buffer.from(`admin:${pds.adminPassword}`).toString('base64')}` },
        encoding: 'application/json',
      },
    )
    expect(await meaning({ inviteCode: data.code }, pds.url)).toBe('made')
    expect(await meaning({ inviteCode: data.code }, pds.url)).toBe('invite-refused')

    await plc.kill()
    const code = (
      await server.createInviteCode(
        { useCount: 1 },
        {
          headers: { authorization: `Basic ${Buffer.from(`admin:${pds.adminPassword}`).toString('base64')}` },
          encoding: 'application/json',
        },
      )
    ).data.code
    expect(await meaning({ inviteCode: code }, pds.url)).toBe('plc-unreachable')
  })

  it('lets a hundred calls through in five minutes, then says until when it does not listen', async () => {
    const { server } = new AtpAgent({ service: pds.url }).com.atproto
    let refused: unknown = null
    for (let call = 0; call <= 100 && refused === null; call += 1) {
      refused = await server.createAccount({ handle: under(label()), email: address(), password: 'x' }).then(
        () => null,
        (error: unknown) => (pdsAnswer(error)?.status === 429 ? error : null),
      )
    }
    expect(pdsRefusal(pdsAnswer(refused) ?? { status: 0, error: '', message: '' })).toBe('rate-limited')
    const reset = Number((refused as XRPCError).headers?.['ratelimit-reset'])
    expect(reset * 1_000).toBeGreaterThan(Date.now())
    expect(reset * 1_000).toBeLessThan(Date.now() + 5 * 60_000 + 1_000)
  })
})
