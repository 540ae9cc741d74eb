import { AtpAgent } from '@atproto/api'
import { handleUnder } from '../../src/domain/atproto/handle.ts'
import { eventually } from './eventually.ts'
import type { Person } from './people.ts'
import { collections, type World } from './world.ts'

/** Stores a handle as the application does; null removes it. */
export async function chooseHandle(world: World, { identity }: Person, handle: string | null): Promise<void> {
  const { handles } = collections(world.db)
  if (handle === null) await handles.deleteOne({ _id: identity })
  else await handles.updateOne({ _id: identity }, { $set: { handle } }, { upsert: true })
}

export const fullHandle = (world: World, label: string): string =>
  handleUnder(label, world.env['PDS_HANDLE_DOMAIN'] ?? '')

/** Waits until both PDS and user record show that this is the person's handle. */
export async function hasHandle(world: World, { identity }: Person, label: string): Promise<void> {
  const handle = fullHandle(world, label)
  const agent = new AtpAgent({ service: world.env['PDS_URL'] ?? '' })
  await eventually(`the handle ${handle}`, async () => {
    const user = await collections(world.db).users.findOne({ _id: identity })
    if (user?.atproto?.handle !== handle) return false
    const { data } = await agent.com.atproto.identity.resolveHandle({ handle })
    return data.did === user.atproto.did
  })
}
