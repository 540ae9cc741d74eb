import { expect } from 'vitest'
import { createDeletions, type Deletions, type DeletionOptions } from '../../src/client/deletions.ts'
import { createPersonWorkflows, type PersonWorkflows } from '../../src/client/person-workflows.ts'
import type { DeletionProof } from '../../src/contracts/deletion.ts'
import { createIdHash } from '../../src/crypto/keyring.ts'
import { eventually } from './eventually.ts'
import type { Person } from './people.ts'
import { pdsAdmin } from './pds.ts'
import type { World } from './world.ts'

/**
 * Late records are deleted some time after they appear: each late event may cost a round of the deletion, which waits
 * 75 s for a step that may still be in flight at the PDS, and a late event may come during that wait.
 */
export const LATE_MS = 300_000

export function deletionsOf(world: World): { deletions: Deletions; executions: PersonWorkflows } {
  const hash = createIdHash(Buffer.from(world.env['HOLDFAST_ID_KEY'] ?? '', 'base64'))
  return {
    deletions: createDeletions(world.temporal, 'atproto', hash),
    executions: createPersonWorkflows(world.temporal, 'atproto', hash, { ackMs: 0 }),
  }
}

export const ref = ({ identity }: Person) => ({ tenant: 'aesthetic', identity })

/** Starts the deletion and waits for its proof. */
export async function deleted(
  world: World,
  person: Person,
  options?: DeletionOptions,
): Promise<DeletionProof> {
  const { workflowId } = await deletionsOf(world).deletions.start(ref(person), options)
  return (await world.temporal.workflow.getHandle(workflowId).result()) as DeletionProof
}

/** Expects that nothing names the person: no document of any collection, no account, no run of theirs at Temporal. */
export async function expectGone(world: World, person: Person): Promise<void> {
  await eventually(
    'no run of theirs',
    async () => (await deletionsOf(world).executions.list(ref(person))).length === 0,
    LATE_MS,
    250, // many deletions may be waited for in parallel
  )
  for (const { name } of await world.db.listCollections().toArray()) {
    const documents = await world.db.collection(name).find().toArray()
    expect(JSON.stringify(documents), name).not.toContain(person.identity)
  }
  expect(await pdsAdmin(world.env).accountsOf(person.email)).toEqual([])
}
