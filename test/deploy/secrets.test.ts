import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterAll, describe, expect, it } from 'vitest'
import { rawCompose } from './compose.ts'
import { fileOf, textOf } from './files.ts'
import { AUTH0_SECRET, makeSecrets, runSecrets } from './secrets.ts'

const folder = makeSecrets()
afterAll(() => rmSync(dirname(folder), { recursive: true }))
const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe('deploy/secrets.sh', () => {
  it('makes every file that docker-compose.yml mounts, in secrets/, and no other', () => {
    const mounted = Object.entries(rawCompose().secrets)
    expect(readdirSync(folder).toSorted()).toEqual(mounted.map(([name]) => name).toSorted())
    for (const [name, { file }] of mounted) expect(file).toBe(`./secrets/${name}`)
    expect(textOf('.gitignore').split('\n')).toContain('secrets/')
  })

  it('lets its owner alone enter the folder, and each container read what it is given', () => {
    expect(modeOf(folder)).toBe('700')
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name)), name).toBe('644')
  })

  it('draws a value for each, with the one of Auth0 as it was given, and leaves open what may be empty', () => {
    const made = contents()
    const drawn = Object.values(made).filter((value) => value !== '')
    expect(new Set(drawn).size).toBe(drawn.length)
    expect(made['auth0_aesthetic_client_secret']).toBe(AUTH0_SECRET)
    expect(made['mongodb_uri']).toContain(`:${made['mongodb_password']}@`)
    expect(Object.keys(made).filter((name) => made[name] === '')).toEqual([
      'holdfast_alert_url',
      'holdfast_alert_webhook_secret',
      'holdfast_alert_webhook_url',
      'pagerduty_routing_key',
      'pds_email_smtp_url',
      'slack_webhook_url',
      'smtp_url',
      'temporal_api_key',
    ])
  })

  it('keeps what exists when it is run again, and makes what is gone', () => {
    const before = contents()
    rmSync(join(folder, 'pds_jwt_secret'))
    runSecrets(folder, 'another secret')
    const { pds_jwt_secret: made, ...kept } = contents()
    const { pds_jwt_secret: gone, ...others } = before
    expect(kept).toEqual(others)
    expect(made).toMatch(/^[0-9a-f]{48}$/)
    expect(made).not.toBe(gone)
  })

  it("fails without Auth0's secret, and says which file is missing", () => {
    rmSync(join(folder, 'auth0_aesthetic_client_secret'))
    const { exitCode, stderr } = runSecrets(folder, '')
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`${folder}/auth0_aesthetic_client_secret is missing`)
    runSecrets(folder, AUTH0_SECRET)
  })
})

describe('deploy/with-secrets.sh', () => {
  const run = (env: Record<string, string>) =>
    execa('sh', [fileOf('deploy/with-secrets.sh'), 'env'], {
      env,
      reject: false,
    })

  it('gives the program the content of each file in place of its path, and nothing for an empty one', async () => {
    const { stdout } = await run({
      SQL_PASSWORD_FILE: join(folder, 'temporal_db_password'),
      PDS_EMAIL_SMTP_URL_FILE: join(folder, 'pds_email_smtp_url'),
      SOME_CERT_FILE: '/etc/ssl/cert.pem',
    })
    const lines = stdout
      .split('\n')
      .filter((line) => /^(?:SQL_PASSWORD|PDS_EMAIL_SMTP_URL|SOME_CERT)/.test(line))
    const password = contents()['temporal_db_password']
    expect(lines.toSorted()).toEqual(['SOME_CERT_FILE=/etc/ssl/cert.pem', `SQL_PASSWORD=${password}`])
  })

  it('starts nothing when a file is missing', async () => {
    const { exitCode, stdout } = await run({ SQL_PASSWORD_FILE: join(folder, 'nowhere') })
    expect(exitCode).not.toBe(0)
    expect(stdout).toBe('')
  })

  it('starts nothing when a variable is missing that the program needs, and names it', async () => {
    const env = { REQUIRED: 'PDS_HOSTNAME PDS_SERVICE_HANDLE_DOMAINS', PDS_SERVICE_HANDLE_DOMAINS: '.a.test' }
    const { exitCode, stdout, stderr } = await run({ ...env, PDS_HOSTNAME: '' })
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'missing in the environment: PDS_HOSTNAME',
    })
    expect((await run({ ...env, PDS_HOSTNAME: 'pds.a.test' })).exitCode).toBe(0)
  })
})
