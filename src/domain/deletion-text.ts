import type { System } from '../contracts/systems.ts'
import { shellQuoted } from '../contracts/text/shell.ts'
import { vocabularyOf } from '../contracts/vocabulary.ts'

/** The origin of a deletion, in words. */
const BY = {
  event: "by the provider's event",
  command: "by an operator's command",
  force: "by an operator's command with --force, although the provider knew the person",
} as const

/** The sentence that a person was deleted, when and how. */
export function deletionSentence(
  system: System,
  identity: string,
  deletion: {
    readonly at: Date
    readonly finishedAt: Date | null
    readonly by: keyof typeof BY | null
    readonly leftTo?: readonly string[]
  },
): string {
  const how = deletion.by === null ? '' : `, ${BY[deletion.by]}`
  const at = deletion.at.toISOString()
  return deletion.finishedAt === null
    ? `'${identity}' is being deleted, as of ${at}${how}.`
    : `'${identity}' was deleted as of ${at}${how}. ${accountLeftSentence(system, deletion.leftTo ?? []) ?? 'No data of the person is kept.'}`
}

/** The sentence that an account was not removed with a person, and with whom it stays; null where none stays. */
export function accountLeftSentence(system: System, leftTo: readonly string[]): string | null {
  if (leftTo.length === 0) return null
  const others = leftTo.join(', ')
  return (
    vocabularyOf(system).accountLeft?.(others) ??
    `Their account was not removed, because another person has it too (keyed hash of their id: ${others}).`
  )
}

/**
 * The sentence with the number of accounts that stayed so, in all tenants; null where there are none. Only keyed hashes
 * of the people are stored, so it cannot list them.
 */
export function accountsLeftSentence(system: System, count: number): string | null {
  if (count === 0) return null
  return (
    `In all tenants, ${count === 1 ? 'the account of 1 deleted person' : `the accounts of ${count} deleted people`} stayed with another person whose user record refers to it too. ` +
    'Holdfast keeps only hashes of the ids of deleted people, so it cannot list them. ' +
    `holdfast delete printed this when it deleted the person; for a deleted person whose id you still know: holdfast why ${system} '<id of the deleted person>'`
  )
}

/** The command that lets a deleted person sign up again. */
export function undeleteCommand(system: System, identity: string): string {
  return `holdfast undelete ${system} ${shellQuoted(identity)} --reason <why>`
}

/** The sentence that a requested deletion is held; `signedUpAgain`: the provider now knows the person. */
export function heldDeletionSentence(system: System, heldSince: string, signedUpAgain: boolean): string {
  const held = `The safety limit has blocked the deletion of this person since ${heldSince}. To release all blocked deletions: holdfast resume ${system} --deletions.`
  return signedUpAgain
    ? `${held} The person has signed up again since, or was never deleted at the provider: once released, the deletion checks the provider again and deletes nothing.`
    : held
}

/** The sentence that all deletions are paused, for a person whose deletion waits for that. */
export function pausedDeletionSentence(system: System, since: string): string {
  return `Deletions have been paused since ${since}. To resume them: holdfast resume ${system} --deletions.`
}

/** The sentence that no store shows whether a person was deleted, and why. */
export function unknownDeletionSentence(because: string): string {
  return `It is unknown whether this person was deleted, because the record of deletions cannot be read (${because}). Stages and gaps that depend on it are not shown.`
}
