import { expect } from 'vitest'
import { createDeletions, type Deletions } from '../../src/client/deletions.ts'
import { createExecutions, type Executions } from '../../src/client/executions.ts'
import type { DeletionInput, DeletionProof } from '../../src/contracts/deletion.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { eventually } from './eventually.ts'
import type { Person } from './people.ts'
import { pdsAdmin } from './pds.ts'
import type { World } from './world.ts'

export function deletionsOf(world: World): { deletions: Deletions; executions: Executions } {
  const hash = createIdHash(Buffer.from(world.env['HOLDFAST_ID_KEY'] ?? '', 'base64'))
  return {
    deletions: createDeletions(world.temporal, hash),
    executions: createExecutions(world.temporal, hash),
  }
}

export const ref = ({ identity }: Person) => ({ tenant: 'aesthetic', identity })

/** Starts the deletion and waits for its proof. */
export async function deleted(
  world: World,
  person: Person,
  options?: Pick<DeletionInput, 'deletedAt' | 'force'>,
): Promise<DeletionProof> {
  const { workflowId } = await deletionsOf(world).deletions.start(ref(person), options)
  return (await world.temporal.workflow.getHandle(workflowId).result()) as DeletionProof
}

/** Nothing names the person any more: no document of any collection, no account, no run of theirs at Temporal. */
export async function expectGone(world: World, person: Person): Promise<void> {
  await eventually(
    'no run of theirs',
    async () => (await deletionsOf(world).executions.list(ref(person))).length === 0,
    120_000,
  )
  for (const { name } of await world.db.listCollections().toArray()) {
    const documents = await world.db.collection(name).find().toArray()
    expect(JSON.stringify(documents), name).not.toContain(person.identity)
  }
  expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
}
