import type { ManagementClient } from 'auth0'
import { describe, expect, it } from 'vitest'
import { createAuth0Log } from '../../../src/adapters/auth0/log.ts'

const NEXT = { link: '<https://aesthetic.example/api/v2/logs?take=100&from=900>; rel="next"' }
/** Deeper than any parser accepts. */
const DEEP = `[${'['.repeat(100)}${']'.repeat(100)}]`

function logOf(body: string, headers: Record<string, string> = {}) {
  const management = { fetch: () => Promise.resolve(new Response(body, { headers })) }
  return createAuth0Log(
    { domain: 'aesthetic.example', clientId: 'client', clientSecret: 'secret' },
    management as unknown as ManagementClient,
  )
}

describe('E6: a page of the log in which no entry can be read', () => {
  it.each([null, '800'])('after %s is a problem where it leads to no other page', async (checkpoint) => {
    await expect(logOf(DEEP).logPage(checkpoint)).rejects.toMatchObject({
      problem: 'auth0-log-unreadable',
      detail: { entries: '1' },
    })
  })

  it('that only leads to itself is one too', async () => {
    await expect(logOf(DEEP, NEXT).logPage('900')).rejects.toMatchObject({ problem: 'auth0-log-unreadable' })
  })

  it('is passed where the answer names the next one', async () => {
    expect(await logOf(DEEP, NEXT).logPage('800')).toMatchObject({ next: '900' })
  })

  it('is none where there is no entry: the end of the log names its own place', async () => {
    expect(await logOf('[]').logPage('800')).toEqual({ logs: [], next: '800' })
    expect(await logOf('[]').logPage(null)).toEqual({ logs: [], next: null })
  })

  it('is none where one entry says its id', async () => {
    expect(await logOf(`[${DEEP},{"log_id":"850"}]`).logPage('800')).toMatchObject({ next: '850' })
  })
})
