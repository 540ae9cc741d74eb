import { z } from 'zod'
import { createSignupReader } from '../../../client/signup-reader.ts'
import { containsAddress } from '../../../contracts/personal.ts'
import { problemNamed } from '../../../contracts/problems.ts'
import type { SignupStatus } from '../../../contracts/signup.ts'
import { stageNames } from '../../../contracts/stages.ts'
import { NO_TENANT, type PersonRef } from '../../../contracts/systems.ts'
import { personContext } from '../../../operations/context.ts'
import { findPeople } from '../../../operations/find-people.ts'
import { listSignups } from '../../../operations/list-signups.ts'
import { signupStatus } from '../../../operations/signup-status.ts'
import { buildWhyReport } from '../../../why/build-report.ts'
import { ANSWER_MS } from '../../../why/query-store.ts'
import type { OperatedSystem } from '../operated-system.ts'
import { recorded } from '../recorded.ts'
import { Refused } from '../refused.ts'
import { defineRoute, type OperatorRoute } from '../route.ts'
import { chooseSystem, chooseSystems } from './choose-system.ts'
import { cursorAfter, placeAt } from './system-cursor.ts'
import {
  Found,
  paging,
  PersonParams,
  Retried,
  Search,
  Signup,
  SignupList,
  SystemName,
  Why,
} from './schemas.ts'

/** Lists, one person, and the retry of one; people are named by their keyed hash. */
export function signupRoutes(systems: readonly OperatedSystem[]): OperatorRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/signups',
      role: 'viewer',
      summary: 'Signups of one system after the other, running ones first, then the newest',
      query: z.object({
        system: SystemName.optional(),
        stage: z.enum(stageNames()).optional(),
        problem: z
          .string()
          .refine((name) => problemNamed(name) !== null, { error: 'must be the name of a problem' })
          .optional()
          .describe('Only those that this problem blocks'),
        stuck: z.stringbool().optional().describe('Only those that are blocked'),
        ...paging,
      }),
      answer: { status: 200, description: 'One page.', schema: SignupList },
      refusals: ['system-unknown'],
      async handle({ query: { system, stage, problem, stuck, limit, next } }) {
        const all = chooseSystems(systems, system)
        const place = placeAt(all, next)
        if (place === null) return { signups: [], next: null, notices: [], ignored: [] }
        const { of } = place
        const filter = { stage, problem: problemNamed(problem) ?? undefined, blocked: stuck }
        const page = await listSignups(of, filter, { size: limit, next: place.next })
        return {
          signups: page.signups.map((status) => shown(of, status)),
          next: cursorAfter(all, place, page.next),
          notices: [...page.notices, ...page.ofPage],
          ignored: page.ignored.map((identity) => identityShown(of, identity)),
        }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/signups/:system/:id',
      role: 'viewer',
      summary: 'One signup: its stage, and why it is blocked',
      params: PersonParams,
      answer: { status: 200, description: 'The signup.', schema: Signup },
      refusals: ['system-unknown', 'person-unknown'],
      async handle({ params }) {
        const { of, person } = await located(systems, params)
        const status = await signupStatus(of, person)
        if (status === null) throw new Refused('person-unknown', 'Temporal has no signup of this person.')
        return shown(of, status)
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/signups/:system/:id/why',
      role: 'viewer',
      summary: 'Everything about one person: stage, cause, stores, history, what to do',
      params: PersonParams,
      answer: { status: 200, description: 'The report.', schema: Why },
      refusals: ['system-unknown', 'person-unknown'],
      async handle({ params }) {
        const { of, person } = await located(systems, params)
        const { status: _, ...report } = await why(of, person)
        if (!report.known) throw new Refused('person-unknown')
        return {
          ...report,
          id: params.id,
          identity: identityShown(of, person.identity),
          problems: [...report.problems],
          stores: [...report.stores],
          history: report.history.map((line) => ({ ...line })),
          lastSuccess: report.lastSuccess === null ? null : { ...report.lastSuccess },
          notices: [...report.notices],
        }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/signups/:system/:id/retry',
      role: 'operator',
      summary: 'Retries the failed step now; a signup that has ended is started again',
      params: PersonParams,
      body: z.strictObject({}),
      answer: { status: 202, description: 'Requested; safe to repeat.', schema: Retried },
      refusals: ['system-unknown', 'person-unknown'],
      async handle({ params, by }) {
        const { of, person } = await located(systems, params)
        of.assertWrites()
        const signups = await of.signups()
        const before = await (await of.reader()).status(signups.workflowIdOf(person))
        if (before === null) throw new Refused('person-unknown', 'Temporal has no signup of this person.')
        const action = { name: 'retry', kind: 'change', people: [person.identity] } as const
        const { workflowId } = await recorded(of, by, action, () =>
          signups.notify({ ...person, hint: 'retry' }),
        )
        return { id: params.id, system: of.system, workflowId }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/search',
      role: 'viewer',
      summary:
        'Finds people by identity, code, handle or e-mail; nothing of the words is in an address or a log',
      body: Search,
      answer: { status: 200, description: 'The people whom the words may mean.', schema: Found },
      refusals: ['system-unknown'],
      async handle({ body: { words, system } }) {
        const found = await Promise.all(chooseSystems(systems, system).map((of) => search(of, words)))
        return {
          matches: found.flatMap(({ matches }) => matches),
          unowned: found.flatMap(({ unowned }) => unowned ?? []),
          unavailable: found.flatMap(({ unavailable }) => unavailable),
        }
      },
    }),
  ]
}

async function located(
  systems: readonly OperatedSystem[],
  { system, id }: { readonly system: string; readonly id: string },
): Promise<{ of: OperatedSystem; person: PersonRef }> {
  const of = chooseSystem(systems, system)
  const person = await of.people.find(id)
  if (person === null) throw new Refused('person-unknown')
  return { of, person }
}

async function why(of: OperatedSystem, person: PersonRef) {
  const [answers, temporal, { workflowIdOf }] = await Promise.all([
    of.served.onePerson(),
    of.temporal(),
    of.signups(),
  ])
  const reader = createSignupReader(temporal, of.system, { answerMs: ANSWER_MS / 2 })
  return buildWhyReport(person, { ...personContext(of), reader: () => reader, workflowIdOf }, answers)
}

async function search(of: OperatedSystem, words: string) {
  const { served, env } = of
  const found = await findPeople(words, { served, outside: personContext(of) }, await served.onePerson())
  const matches = found.matches.map((identity) => {
    const tenant = served.people.locate(identity, env)?.tenant ?? NO_TENANT
    const id = of.people.remember({ tenant, identity })
    return { id, system: of.system, tenant, identity: identityShown(of, identity) }
  })
  return { ...found, matches }
}

function shown(of: OperatedSystem, status: SignupStatus): z.input<typeof Signup> {
  const { tenant, identity } = status
  const id = of.people.remember({ tenant, identity })
  return { ...status, notices: [...status.notices], id, identity: identityShown(of, identity) }
}

function identityShown(of: OperatedSystem, identity: string): string {
  return containsAddress(identity) ? of.hash(identity) : identity
}
