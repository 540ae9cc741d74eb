import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { documents } from '../../../deploy/documents.ts'
import { client, start } from './support.ts'

const run = promisify(execFile)

/** The commands that docs/laptop.md has a person type, without those that need the other servers. */
function typed(word: string): string {
  const page = documents().find(({ path }) => path === 'docs/laptop.md')
  const block = page?.blocks.find((one) => one.includes(word)) ?? ''
  return block.replaceAll(/^(?:\. \.holdfast\/env|npx holdfast .*)$/gm, '')
}

test('docs/laptop.md signs a person up, verifies them, and makes another', async () => {
  const auth0 = await start()
  const env = {
    AUTH0_AESTHETIC_DOMAIN: auth0.url,
    AUTH0_AESTHETIC_CLIENT_ID: client.clientId,
    AUTH0_AESTHETIC_CLIENT_SECRET: client.clientSecret,
  }
  const script = [typed('/dbconnections/signup'), typed('token=$('), typed('seventh@example.com')].join('\n')
  await run('bash', ['-ec', script], { env: { ...env, PATH: '/usr/bin:/bin' } })
  const people = auth0.users().map(({ email, email_verified }) => `${email} ${email_verified}`)
  expect(people.toSorted()).toEqual(['seventh@example.com true', 'sixth@example.com true'])
})

test('docs/laptop.md injects faults that the stand-in takes, and lifts them', async () => {
  const auth0 = await start()
  const lines = typed('/_faults')
    .split('\n')
    .filter((line) => line.startsWith('curl'))
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) {
    const { stdout } = await run('bash', ['-ec', line.replace('curl -s', 'curl -sS --fail')], {
      env: { AUTH0_AESTHETIC_DOMAIN: auth0.url, PATH: '/usr/bin:/bin' },
    })
    if (!line.includes('/limits')) expect(stdout, line).toMatch(/^\{/)
  }
  expect(auth0.faults.current()).toEqual({})
})
