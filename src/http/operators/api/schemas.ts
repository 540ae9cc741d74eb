import { z } from 'zod'
import { systemNames } from '../../../contracts/systems.ts'

const time = z.iso.datetime().describe('ISO 8601, UTC')
const names = z.array(z.string())

export const PersonId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be the keyed hash of a person, as lists and POST /api/search give it')
  .describe('The keyed hash of the person, by which deletions are named too')

export const SystemName = z.string().describe(`One of the served systems: ${systemNames().join(', ')}`)

/** Of a page: `next` of the answer before, with the same filters. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  next: z.string().optional().describe('next of the page before, with the same filters'),
}

export const Next = z.string().nullable().describe('The cursor of the next page; null at the end')

export const PersonParams = z.object({ system: SystemName, id: PersonId })

const Problem = z.object({
  name: z.string(),
  sentence: z.string(),
  fix: z.string(),
  since: time,
  attempts: z.number(),
  nextTryAt: time.nullable(),
})

export const Signup = z.object({
  id: PersonId,
  system: z.string(),
  tenant: z.string(),
  identity: z.string().describe('As the application stores it; the hash where it holds an e-mail address'),
  workflowId: z.string(),
  stage: z.string(),
  stageSince: time,
  problem: Problem.nullable(),
  code: z.string().nullable(),
  handle: z.string().nullable(),
  did: z.string().nullable(),
  waitingFor: z.object({ name: z.string(), until: time, notice: z.string() }).nullish(),
  notices: names,
})

export const SignupList = z.object({
  signups: z.array(Signup),
  next: Next,
  notices: names.describe('Notices about all signups, such as a missing worker'),
  ignored: names.describe('People left out, since they are ignored'),
})

export const Why = z.object({
  id: PersonId,
  system: z.string(),
  tenant: z.string(),
  identity: z.string(),
  stage: z.string().nullable(),
  stageSince: time.nullable(),
  problems: z.array(
    z.object({
      kind: z.enum(['problem', 'gap']),
      name: z.string(),
      sentence: z.string(),
      fix: z.string(),
      since: z.string().nullable(),
    }),
  ),
  stores: z.array(z.object({ store: z.string(), answered: z.boolean(), text: z.string() })),
  history: z.array(z.looseObject({ at: z.string(), text: z.string() })),
  lastSuccess: z.looseObject({ at: z.string(), build: z.string() }).nullable(),
  next: z.string().describe('The next automatic step'),
  fix: z.string().nullable().describe('The action an operator should take; null for none'),
  notices: names,
  known: z.boolean(),
})

export const Search = z.strictObject({
  words: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .describe('An identity, a code, a handle, a DID or an e-mail address'),
  system: SystemName.optional(),
})

export const Found = z.object({
  matches: z.array(z.object({ id: PersonId, system: z.string(), tenant: z.string(), identity: z.string() })),
  unowned: names.describe('The account, code or handle searched for, if no person owns it'),
  unavailable: names.describe('Stores that could not be searched'),
})

export const Retried = z.object({ id: PersonId, system: z.string(), workflowId: z.string() })

export const Run = z.object({
  id: z.string(),
  workflowId: z.string(),
  system: z.string(),
  type: z.enum(['audit', 'backfill']),
  status: z.string().describe('As Temporal names it: RUNNING, COMPLETED, FAILED, CANCELLED, …'),
  startedAt: time,
  closedAt: time.nullable(),
})

export const RunList = z.object({ runs: z.array(Run), next: Next })

const anything = z.record(z.string(), z.unknown()).nullable()

export const RunDetails = Run.extend({
  progress: anything.describe('While it runs and a worker answers'),
  result: anything.describe('The document that the command prints with --json, once the run has ended'),
})

const repair = {
  remove: z.boolean().optional().describe('Also removes records that nobody owns'),
  maxChanges: z.number().int().min(0).optional().describe('The most people it may change'),
}

export const Backfill = z.strictObject({
  system: SystemName.optional(),
  tenant: z.string().min(1).optional(),
  last: z.number().int().min(1).optional().describe('Only so many people, those who signed up last'),
  id: PersonId.optional(),
  fix: z.boolean().optional().describe('Repairs; without it the run only makes a plan'),
  plan: z.string().min(1).optional().describe('Applies exactly this plan, or refuses; needs fix'),
  ...repair,
})

export const Apply = z.strictObject(repair)

export const Started = z.object({ id: z.string(), workflowId: z.string(), system: z.string() })

export const RunParams = z.object({ id: z.string().min(1).max(200) })

export const Controlled = z.object({ id: z.string(), requested: z.enum(['pause', 'resume', 'cancel']) })
