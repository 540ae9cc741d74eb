import { z } from 'zod'

/**
 * One round of the proof, as JSON: its people, the events in their order, and the faults in each person's steps. A plan
 * is complete, so a regression test stays valid when the generator changes.
 */

export const TENANTS = ['aesthetic', 'sotce'] as const

/** Calls of the worker to its outside world at which a fault can occur, by adapter and name. */
export const DATABASE_CALLS = [
  'verifications.record',
  'verifications.count',
  'codeIndex.ensureUnique',
  'users.ensure',
  'users.load',
  'users.recordAccount',
  'handles.chosenBy',
  'intents.prepare',
  'intents.load',
  'intents.recordAttempt',
  'intents.discard',
  'users.recordHandle',
  'personMemory.loadWithUser',
  'personMemory.rememberAccount',
  'tombstones.find',
  'tombstones.set',
  'tombstones.finish',
  'personalData.erase',
  'personalData.count',
] as const
export const HTTP_CALLS = [
  'auth0.person',
  'auth0.userIdsVerifiedWith',
  'pds.inviteCode',
  'pds.createAccount',
  'pds.accountByLogin',
  'pds.accountByHandle',
  'pds.accountByDid',
  'pds.setPassword',
  'pds.setEmail',
  'pds.changeHandle',
  'pds.deleteAccount',
] as const

/** Outages of a server, for all of its clients. */
export const OUTAGES = [
  'temporal restarts',
  'mongo steps down',
  'mongo restarts',
  'pds restarts',
  'pds is away',
  'plc restarts',
  'plc is away',
  'server is killed',
] as const
export type Outage = (typeof OUTAGES)[number]

/** Faults in any call … */
export const FAULTS_IN_CALLS = [
  'worker dies before',
  'worker dies after',
  'answer is lost',
  'no answer',
  /** Every further call to MongoDB in this attempt of the step is delayed, in this worker only. */
  'mongo is slow here',
] as const
/** … and faults in a call over HTTP, which another program may answer. */
export const FAULTS_OF_HTTP = ['answers 429', 'answers 500'] as const

export const STREAM_DISTURBANCES = [
  'duplicate',
  'duplicate apart',
  'delay',
  'reorder',
  'malformed',
  'drop',
] as const

/** Records that an application may lose. */
export const LOST = ['user record', 'code', 'account', 'verification record'] as const
export type Lost = (typeof LOST)[number]

export const REPEATED = ['ss', 'sv', 'sce', 'sdu', 's', 'sapi'] as const

export const ARRIVALS = ['form', 'admin', 'social', 'federated', 'import', 'hostile id'] as const

const who = z.int().nonnegative()
const tenant = z.enum(TENANTS)

const person = z.strictObject({
  tenant,
  /**
   * The number of the address they sign up with: people of different tenants who have the same one are linked
   * identities.
   */
  address: z.int().nonnegative(),
  /**
   * The origin of the person: `federated` has an id that contains their address, `hostile id` one with characters that
   * queries and paths interpret; for `import` no event names them.
   */
  via: z.enum(ARRIVALS),
  /** Verifies the present address at the end of the story, if not before. */
  verifies: z.boolean(),
})

const step = z.discriminatedUnion('does', [
  z.strictObject({ does: z.literal('verify'), who }),
  /** A verification by another program, which no event reports. */
  z.strictObject({ does: z.literal('verify silently'), who }),
  z.strictObject({ does: z.literal('change address'), who }),
  z.strictObject({ does: z.literal('choose handle'), who, handle: z.string() }),
  z.strictObject({ does: z.literal('remove handle'), who }),
  /** A person who is deleted and appears in a later step signs up again, with the address they had first. */
  z.strictObject({ does: z.literal('delete'), who, by: z.enum(['event', 'command']) }),
  z.strictObject({ does: z.literal('report again'), who, code: z.enum(REPEATED) }),
  z.strictObject({
    does: z.literal('disturb stream'),
    tenant,
    how: z.enum(STREAM_DISTURBANCES),
    count: z.int().positive(),
  }),
  z.strictObject({ does: z.literal('lose record'), who, what: z.enum(LOST) }),
  /** `users` is restored from the copy that the last `quiesce` made. */
  z.strictObject({ does: z.literal('restore users') }),
  z.strictObject({ does: z.literal('outage'), what: z.enum(OUTAGES) }),
  /** Lifts all faults and waits until all signups are complete, before the story continues. */
  z.strictObject({ does: z.literal('quiesce') }),
  /** Continues when the next fault has occurred, or when none does within some seconds. */
  z.strictObject({ does: z.literal('await fault') }),
  z.strictObject({ does: z.literal('pause'), ms: z.int().nonnegative() }),
])

const fault = z.strictObject({
  /** The n-th time that this person's steps make this call. */
  at: z.strictObject({
    who,
    call: z.enum([...DATABASE_CALLS, ...HTTP_CALLS]),
    nth: z.int().positive(),
  }),
  what: z.enum([...FAULTS_IN_CALLS, ...FAULTS_OF_HTTP, ...OUTAGES]),
})

export const planSchema = z
  .strictObject({
    people: z.array(person).min(1),
    story: z.array(step),
    faults: z.array(fault),
  })
  .refine(
    ({ people, story, faults }) =>
      [...story, ...faults.map(({ at }) => at)].every((one) => !('who' in one) || one.who < people.length),
    { error: 'a step or a fault is about somebody who is not among the people' },
  )

export type Plan = z.infer<typeof planSchema>
export type PersonPlan = Plan['people'][number]
export type Step = Plan['story'][number]
export type Fault = Plan['faults'][number]
export type Tenant = (typeof TENANTS)[number]

/**
 * Whether the plan has changes that only a catch-up can find. Other plans are played without it, so that it hides no
 * lost event.
 */
export function needsCatchUp({ people, story }: Plan): boolean {
  return (
    people.some(({ via }) => via === 'import') ||
    story.some(
      (one) => one.does === 'verify silently' || (one.does === 'disturb stream' && one.how === 'drop'),
    )
  )
}

export function isOutage(what: Fault['what']): what is Outage {
  return OUTAGES.some((outage) => outage === what)
}
