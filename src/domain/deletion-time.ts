/** The time of a person's deletion, by their tombstone; null where the provider created them again since. */
export function deletionTime(
  tombstone: { readonly at: Date } | null | undefined,
  createdAt: Date | null,
): Date | null {
  if (tombstone === null || tombstone === undefined) return null
  return createdAt === null || createdAt <= tombstone.at ? tombstone.at : null
}
