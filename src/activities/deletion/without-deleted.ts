import { deletionTime } from '../../domain/deletion-time.ts'
import type { Tombstones } from '../../state/ports/tombstones.ts'

/** The people who were not deleted, or whom the provider has created again since. One query. */
export async function withoutDeleted<
  T extends { readonly identity: string; readonly createdAt: Date | null },
>({ tombstones }: { readonly tombstones: Tombstones }, people: readonly T[]): Promise<T[]> {
  if (people.length === 0) return []
  const found = await tombstones.findAll(people.map(({ identity }) => identity))
  return people.filter(({ identity, createdAt }) => deletionTime(found.get(identity), createdAt) === null)
}
