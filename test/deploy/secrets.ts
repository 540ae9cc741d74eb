import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { environmentOf, type Service } from './compose.ts'
import { fileOf } from './files.ts'

export const AUTH0_SECRET = 'the client secret of auth0'

/** A new folder with the secrets that deploy/secrets.sh creates, given Auth0's. */
export function makeSecrets(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'holdfast-deploy-')), 'secrets')
  runSecrets(folder, AUTH0_SECRET)
  return folder
}

export function runSecrets(folder: string, input: string) {
  return execaSync('sh', [fileOf('deploy/secrets.sh'), folder], { input, reject: input !== '' })
}

/** The environment of a service, with the paths of its files on this machine. */
export function environmentIn(folder: string, service: Service): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environmentOf(service)).map(([name, value]) => [
      name,
      value.replace(/^\/run\/secrets\//, `${folder}/`),
    ]),
  )
}
