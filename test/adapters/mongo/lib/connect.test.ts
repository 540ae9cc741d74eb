import type { Db } from 'mongodb'
import { expect, it } from 'vitest'
import { connectMongo } from '../../../../src/adapters/mongo/lib/connect.ts'
import { checkMongoHealth } from '../../../../src/adapters/mongo/lib/ping.ts'
import { startMongo } from '../../../../dev/servers/mongo/mongo.ts'
import { silentProgress as progress } from '../../../../dev/servers/lib/progress.ts'
import { atEnd } from '../../../support/at-end.ts'
import { eventually } from '../../../support/eventually.ts'

it('M4: a process that started while the database was unavailable reaches it once it is back', async () => {
  const mongo = await startMongo({ progress })
  atEnd(() => mongo.stop())
  await mongo.kill()
  const { client, db } = connectMongo({ uri: mongo.uri, db: 'app', selectMs: 200 })
  atEnd(() => client.close())
  await expect(checkMongoHealth(db)).rejects.toMatchObject({ problem: 'mongo-unreachable' })
  await mongo.restart()
  await eventually('it is reached', async () => {
    await checkMongoHealth(db)
    return true
  })
})

it('M4: a database that takes a ping and does not answer it is unreachable, within the time of a health check', async () => {
  const command = (_: object, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
  await expect(checkMongoHealth({ command } as unknown as Db)).rejects.toMatchObject({
    problem: 'mongo-unreachable',
  })
})
