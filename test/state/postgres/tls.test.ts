import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../../dev/servers/lib/data-dir.ts'
import { NOBODY } from '../../../dev/servers/postgres/binary.ts'
import { atEnd } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { emptyDatabase, openPostgres } from './database.ts'

/** A certificate that signs itself, so that only a client that knows it can verify it. */
async function certificateIn(folder: string, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  const made = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -addext ${names}`
  await execa('openssl', [...made.split(' '), '-keyout', key, '-out', cert])
  return { cert, key }
}

describe('the TLS mode in the address', () => {
  let connect: Awaited<ReturnType<typeof emptyDatabase>>['connect']
  let url: string
  let known: string
  let other: string
  beforeAll(async () => {
    const server = await openPostgres()
    const folder = await dataDirectory(undefined, 'tls')
    atEnd(folder.remove)
    const { cert, key } = await certificateIn(folder.path, 'localhost')
    known = cert
    other = (await certificateIn(folder.path, 'another')).cert
    if (process.getuid?.() === 0)
      for (const path of [folder.path, cert, key]) await chown(path, NOBODY.uid, NOBODY.gid)
    ;({ connect, url } = await emptyDatabase(server))
    const { db } = connect()
    const settings = { ssl_cert_file: cert, ssl_key_file: key, ssl: 'on' }
    for (const [name, value] of Object.entries(settings))
      await sql`alter system set ${sql.ref(name)} = ${sql.lit(value)}`.execute(db)
    await sql`select pg_reload_conf()`.execute(db)
    await eventually('a server with TLS', () => encrypted('?sslmode=require'))
  })

  async function encrypted(parameters: string): Promise<boolean> {
    const { rows } = await sql<{ ssl: boolean }>`
      select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(connect({ url: url + parameters }).db)
    return rows[0]?.ssl ?? false
  }

  it('encrypts without verifying, as in psql: require', async () => {
    expect(await encrypted('?sslmode=require')).toBe(true)
    expect(await encrypted('?application_name=x&sslmode=prefer')).toBe(true)
  })

  it('verifies the certificate: verify-full, or a root certificate', async () => {
    expect(await encrypted(`?sslmode=verify-full&sslrootcert=${known}`)).toBe(true)
    expect(await encrypted(`?sslmode=verify-ca&sslrootcert=${known}`)).toBe(true)
    for (const wrong of [
      'sslmode=verify-full',
      `sslmode=verify-full&sslrootcert=${other}`,
      `sslmode=require&sslrootcert=${other}`,
    ])
      await expect(encrypted(`?${wrong}`)).rejects.toThrow(/SELF_SIGNED|UNABLE_TO_VERIFY/)
  })

  it('leaves the connection in clear where there is none', async () => {
    expect(await encrypted('')).toBe(false)
    expect(await encrypted('?sslmode=disable')).toBe(false)
  })
})
