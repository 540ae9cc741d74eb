import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig, shellEnv, type Env } from '../../src/config.ts'

let folder = ''
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-test-config-'))
  file = join(folder, 'temporal.toml')
  await writeFile(
    file,
    `[profile.default]
address = "default.example.test:7233"
namespace = "from-the-file"

[profile.cloud]
address = "cloud.example.test:7233"
namespace = "people.1234"
api_key = "key-of-the-profile"
`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

const temporal = (env: Env) => loadConfig(['temporal'], env).temporal

describe('TEMPORAL_*, as the temporal command reads it', () => {
  it('is a server of this machine when nothing is said', () => {
    const { connection, namespace, uiUrl } = temporal({})
    expect([connection?.address, namespace, uiUrl]).toEqual(['127.0.0.1:7233', 'default', null])
    expect(connection?.tls ?? false).toBe(false)
  })

  it('is the default profile of the file', () => {
    const { connection, namespace } = temporal({ TEMPORAL_CONFIG_FILE: file })
    expect([connection?.address, namespace]).toEqual(['default.example.test:7233', 'from-the-file'])
  })

  it('is the profile asked for, with TLS where it has an API key', () => {
    const { connection, namespace } = temporal({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'cloud' })
    expect([connection?.address, namespace]).toEqual(['cloud.example.test:7233', 'people.1234'])
    expect(connection?.apiKey).toBe('key-of-the-profile')
    expect(connection?.tls).toBe(true)
  })

  it('prefers a variable to the file', () => {
    const env = {
      TEMPORAL_CONFIG_FILE: file,
      TEMPORAL_ADDRESS: 'env.example.test:1',
      TEMPORAL_NAMESPACE: 'env',
    }
    const { connection, namespace } = temporal(env)
    expect([connection?.address, namespace]).toEqual(['env.example.test:1', 'env'])
  })

  it('names a profile that is not there', () => {
    const load = (): unknown => temporal({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'nowhere' })
    expect(load).toThrow(ConfigError)
    expect(load).toThrow(/TEMPORAL_\*.*nowhere/)
  })

  it('says that a file cannot be read, as one finding among the others', async () => {
    const broken = join(folder, 'broken.toml')
    await writeFile(broken, '[profile.default\n')
    const load = (): unknown =>
      loadConfig(['temporal', 'mongo'], { TEMPORAL_CONFIG_FILE: broken, MONGODB_DB: 'app' })
    expect(load).toThrow(/TEMPORAL_\* or the profile file cannot be read[^]*MONGODB_URI is missing/)
  })

  it('counts an empty variable as absent: an empty key asks for no TLS', () => {
    const { connection, namespace } = temporal({
      TEMPORAL_ADDRESS: '',
      TEMPORAL_NAMESPACE: '',
      TEMPORAL_API_KEY: '',
      TEMPORAL_PROFILE: '',
      TEMPORAL_TLS_CLIENT_CERT_PATH: '',
    })
    expect([connection?.address, namespace]).toEqual(['127.0.0.1:7233', 'default'])
    expect(connection?.apiKey).toBeUndefined()
    expect(connection?.tls ?? false).toBe(false)
  })

  it("listens to the given variables alone, not to this shell's", () => {
    expect(shellEnv()['TEMPORAL_ADDRESS']).toBe('poisoned.invalid:7233')
    expect(temporal({}).connection?.address).toBe('127.0.0.1:7233')
  })
})
