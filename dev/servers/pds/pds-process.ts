/** Entry: the PDS. The file named by the first argument has its whole environment, under the PDS's own names. */
import { readFile } from 'node:fs/promises'
import { PDS } from '@atproto/pds'
import { LISTENING, loopbackOnly } from './atproto-process.ts'

export type PdsEnvironment = NonNullable<Parameters<typeof PDS.fromEnv>[0]>

const env = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as PdsEnvironment

await PDS.run({
  env,
  onCreated: (pds) => loopbackOnly(pds.app),
  onStarted: () => void process.stdout.write(`${LISTENING}\n`),
})
process.exit(0)
