import type { Db } from 'mongodb'
import { inject } from 'vitest'
import type {
  HandleDocument,
  UserDocument,
  VerificationDocument,
} from '../../src/adapters/mongo/documents.ts'
import { atEnd } from './at-end.ts'
import { createWorld, type World, type WorldOptions } from './create-world.ts'

export type { World, WorldOptions } from './create-world.ts'

/** A separate world for one test file on the shared real servers, closed at the end of the file. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(inject('servers'), options)
  atEnd(() => world.close())
  return world
}

/** Documents of the application, by their own types. */
export function collections(db: Db) {
  return {
    verifications: db.collection<VerificationDocument>('verifications'),
    users: db.collection<UserDocument>('users'),
    handles: db.collection<HandleDocument>('@handles'),
  }
}
