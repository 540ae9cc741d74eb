import { z } from 'zod'

/**
 * One round of the proof, as JSON: who there is, what the world does in which order, and which step of whom meets
 * which fault. A plan says everything, so a regression stays one when the generator changes.
 */

export const TENANTS = ['aesthetic', 'sotce'] as const

/** Calls of the worker to its outside world at which something can happen, by their adapter and name. */
export const DATABASE_CALLS = [
  'verifications.record',
  'verifications.count',
  'codeIndex.guard',
  'users.ensure',
  'users.load',
  'users.recordAccount',
  'handles.chosenBy',
  'intents.prepare',
  'intents.load',
  'intents.aim',
  'intents.settle',
  'users.recordHandle',
  'tombstones.find',
  'tombstones.set',
  'tombstones.finish',
  'personStores.erase',
  'personStores.count',
] as const
export const HTTP_CALLS = [
  'auth0.person',
  'auth0.verifiedWith',
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

/** What can happen to a server, whoever asks for it. */
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

/** What can happen in a call … */
export const FAULTS_IN_CALLS = [
  'worker dies before',
  'worker dies after',
  'answer is lost',
  'no answer',
] as const
/** … and in one over HTTP, where somebody else may answer. */
export const FAULTS_OF_HTTP = ['answers 429', 'answers 500'] as const

export const STREAM_DISTURBANCES = [
  'duplicate',
  'duplicate apart',
  'delay',
  'reorder',
  'malformed',
  'drop',
] as const

export const REPEATED = ['ss', 'sv', 'sce', 'sdu', 's', 'sapi'] as const

export const ARRIVALS = ['form', 'admin', 'social', 'federated', 'import'] as const

const who = z.int().nonnegative()
const tenant = z.enum(TENANTS)

const person = z.strictObject({
  tenant,
  /** Which address they sign up with: people of different tenants who have the same are one person in both. */
  address: z.int().nonnegative(),
  /** How they came: `federated` has an id that holds their address; of `import` no event names them. */
  via: z.enum(ARRIVALS),
  /** Verifies the present address at the end of the story, if not before. */
  verifies: z.boolean(),
})

const step = z.discriminatedUnion('does', [
  z.strictObject({ does: z.literal('verify'), who }),
  /** Somebody else's doing, of which no event tells. */
  z.strictObject({ does: z.literal('verify silently'), who }),
  z.strictObject({ does: z.literal('change address'), who }),
  z.strictObject({ does: z.literal('choose handle'), who, handle: z.string() }),
  z.strictObject({ does: z.literal('remove handle'), who }),
  /** Whoever is deleted and mentioned again signs up anew, with the address they had first. */
  z.strictObject({ does: z.literal('delete'), who, by: z.enum(['event', 'command']) }),
  z.strictObject({ does: z.literal('report again'), who, code: z.enum(REPEATED) }),
  z.strictObject({
    does: z.literal('disturb stream'),
    tenant,
    how: z.enum(STREAM_DISTURBANCES),
    count: z.int().positive(),
  }),
  z.strictObject({ does: z.literal('outage'), what: z.enum(OUTAGES) }),
  /** The world heals, and everybody arrives, before it goes on. */
  z.strictObject({ does: z.literal('settle') }),
  /** Goes on when the next fault has struck, or when none does within some seconds. */
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

/** Whether the plan has news that only a catch-up can bring. Others are played without, so that it hides nothing. */
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
