import type { Random } from './random.ts'

/** One thing that happens to a member. `lost`: no event of it arrives; a catch-up has to find it. */
export type Act =
  | { readonly does: 'join'; readonly confirmed: boolean; readonly lost: boolean }
  | { readonly does: 'confirm'; readonly lost: boolean }
  | { readonly does: 'leave'; readonly by: 'event' | 'command' }
  /** An event of before comes once more. */
  | { readonly does: 'repeat'; readonly event: 'joined' | 'confirmed' }

/** A member of a round, and what is true of them by what happened. */
export interface Member {
  readonly id: string
  readonly acts: Act[]
  confirmed: boolean
  left: boolean
  /** Their card when a round before ended. */
  card: string | null
}

/** A member with their story: it begins with a join, and may end with a departure and a late event. */
export function drawMember(random: Random): Member {
  const id = `m-${random
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0')}`
  const confirmed = random.chance(0.5)
  const acts: Act[] = [{ does: 'join', confirmed, lost: random.chance(0.3) }]
  if (!confirmed && random.chance(0.7)) acts.push({ does: 'confirm', lost: random.chance(0.4) })
  if (random.chance(0.3)) acts.push({ does: 'repeat', event: random.pick(['joined', 'confirmed']) })
  if (random.chance(0.3)) {
    acts.push({ does: 'leave', by: random.chance(0.8) ? 'event' : 'command' })
    if (random.chance(0.7)) acts.push({ does: 'repeat', event: random.pick(['joined', 'confirmed']) })
  }
  return { id, acts, confirmed: false, left: false, card: null }
}
