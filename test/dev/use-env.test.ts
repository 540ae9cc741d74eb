import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { freePort } from '../../dev/servers/lib/ports.ts'
import { DEMO_PEOPLE } from '../../dev/stories/demo-people.ts'
import { scopesNeeded } from '../support/checking.ts'
import { runNode } from '../support/command.ts'
import { collections, openWorld } from '../support/world.ts'

const DEV = fileURLToPath(new URL('../../dev/start.ts', import.meta.url))

it('npm start -- --use-env --demo plays the five on the servers that the shell names', async () => {
  const world = await openWorld({ auth0Scopes: [...scopesNeeded, 'create:users', 'update:users'] })
  const port = String(await freePort())
  const env = { ...world.env, PORT: port, HOST: '127.0.0.1', HOLDFAST_URL: `http://127.0.0.1:${port}` }
  const { code, stdout, stderr } = await runNode([DEV, '--use-env', '--demo', '--exit'], env)
  expect({ code, stderr: stderr.replaceAll(/^.*(starting|done).*$/gm, '').trim() }).toEqual({
    code: 0,
    stderr: '',
  })
  expect(stdout).toContain('Five people sign up in tenant aesthetic')
  const accounts = await collections(world.db).users.countDocuments({ 'atproto.did': { $type: 'string' } })
  expect(accounts).toBe(DEMO_PEOPLE.filter(({ verifies }) => verifies).length)
})

it('npm start -- --use-env says everything that the environment lacks, and starts nothing', async () => {
  const { code, stdout, stderr } = await runNode([DEV, '--use-env'], { MONGODB_URI: 'mongodb://127.0.0.1:1' })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('PDS_URL is missing')
  expect(stderr).toContain('HOLDFAST_KEY is missing')
})
