import { createHash } from 'node:crypto'
import { z } from 'zod'
import { findRun, listRuns, type RunDetails as FoundRun } from '../../../client/list-runs.ts'
import { StartedOtherwise, type OneStart } from '../../../client/runs.ts'
import type { BackfillInput, BackfillResult } from '../../../contracts/backfill.ts'
import { runName } from '../../../contracts/ids.ts'
import { parseBackfillInput } from '../../../domain/run-input.ts'
import { backfillAction } from '../../../operations/backfill-action.ts'
import type { IdentifiedOperator } from '../identified.ts'
import type { OperatedSystem } from '../operated-system.ts'
import { recorded } from '../recorded.ts'
import { Refused } from '../refused.ts'
import { defineRoute, type OperatorRoute, type RouteRequest } from '../route.ts'
import { chooseSystem, chooseSystems } from './choose-system.ts'
import {
  Apply,
  Backfill,
  Controlled,
  paging,
  RunDetails,
  RunList,
  RunParams,
  Started,
  SystemName,
} from './schemas.ts'

const WISHES = ['pause', 'resume', 'cancel'] as const

/** Audits and backfills: read, start, control, and apply the plan of a dry run. */
export function runRoutes(systems: readonly OperatedSystem[]): OperatorRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/runs',
      role: 'viewer',
      summary: 'Audits and backfills, newest first',
      query: z.object({ system: SystemName.optional(), ...paging }),
      answer: { status: 200, description: 'One page.', schema: RunList },
      refusals: ['system-unknown'],
      async handle({ query: { system, limit, next } }) {
        const of = chooseSystems(systems, system)
        const [first] = of
        if (first === undefined) return { runs: [], next: null }
        const names = of.map((one) => one.system)
        return listRuns(await first.temporal(), names, { size: limit, next })
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/runs/:id',
      role: 'viewer',
      summary: 'One audit or backfill, with its progress or its result',
      params: RunParams,
      answer: { status: 200, description: 'The run.', schema: RunDetails },
      refusals: ['run-unknown'],
      async handle({ params: { id } }) {
        const { run } = await located(systems, id)
        return {
          ...run,
          progress: run.progress as Record<string, unknown> | null,
          result: run.result as Record<string, unknown> | null,
        }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/backfills',
      role: 'admin',
      summary: 'Starts a backfill: a dry run that makes a plan, or with fix a repair',
      body: Backfill,
      idempotent: true,
      answer: { status: 202, description: 'Started; GET /api/runs/:id follows it.', schema: Started },
      refusals: ['system-unknown', 'person-unknown', 'idempotency-key-reused'],
      async handle(request) {
        const { system, id, ...rest } = request.body
        const of = chooseSystem(systems, system)
        const person = id === undefined ? null : await of.people.find(id)
        if (id !== undefined && person === null) throw new Refused('person-unknown')
        return start(of, request, { ...rest, id: person?.identity })
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/runs/:id/apply',
      role: 'admin',
      summary: 'Applies exactly the plan of a dry run that has ended, or refuses where it no longer holds',
      params: RunParams,
      body: Apply,
      idempotent: true,
      answer: { status: 202, description: 'Started; GET /api/runs/:id follows it.', schema: Started },
      refusals: ['run-unknown', 'plan-missing', 'idempotency-key-reused'],
      async handle(request) {
        const { of, run } = await located(systems, request.params.id)
        const result = run.type === 'backfill' ? (run.result as BackfillResult | null) : null
        if (result === null || !result.dryRun || result.totalMissing === 0) throw new Refused('plan-missing')
        return start(of, request, { ...request.body, fix: true, plan: result.planId })
      },
    }),
    ...WISHES.map((wish) =>
      defineRoute({
        method: 'post',
        path: `/api/runs/:id/${wish}`,
        role: 'operator',
        summary: SUMMARIES[wish],
        params: RunParams,
        body: z.strictObject({}),
        answer: { status: 202, description: 'Requested; safe to repeat.', schema: Controlled },
        refusals: ['run-unknown', 'run-not-running'],
        async handle({ params: { id }, by }) {
          const { of, run } = await located(systems, id)
          if (run.type !== 'backfill' || run.status !== 'RUNNING') throw new Refused('run-not-running')
          const action = { name: `backfill ${wish}`, kind: 'change', scope: run.id } as const
          await recorded(of, by, action, async () => {
            if (!(await (await of.runs()).control(run.workflowId, wish))) throw new Refused('run-not-running')
          })
          return { id: run.id, requested: wish }
        },
      }),
    ),
  ]
}

const SUMMARIES: Record<(typeof WISHES)[number], string> = {
  pause: 'Pauses a backfill: no further repairs start; those in flight continue',
  resume: 'Resumes a paused backfill',
  cancel: 'Cancels a backfill: no further repairs start; those in flight continue',
}

async function located(
  systems: readonly OperatedSystem[],
  id: string,
): Promise<{ of: OperatedSystem; run: FoundRun }> {
  const [first] = systems
  if (first === undefined) throw new Refused('run-unknown')
  const names = systems.map(({ system }) => system)
  const run = await findRun(await first.temporal(), await first.runs(), names, id)
  if (run === null) throw new Refused('run-unknown')
  return { of: chooseSystem(systems, run.system), run }
}

type MaybeUndefined<T> = { readonly [K in keyof T]: T[K] | undefined }

function withoutUndefined(given: MaybeUndefined<BackfillInput>): BackfillInput {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** A request that changes data is recorded; one that repeats another joins its run. */
async function start(
  of: OperatedSystem,
  { by, header }: Pick<RouteRequest, 'by' | 'header'>,
  given: MaybeUndefined<BackfillInput>,
): Promise<z.input<typeof Started>> {
  const input = withoutUndefined(given)
  const parsed = parseBackfillInput(input, of.system, new Date())
  if (!parsed.ok) throw new Refused('request-invalid', `body: ${parsed.complaints.join('; ')}`)
  const tenants = of.served.people.tenants(of.env)
  if (input.tenant !== undefined && !tenants.includes(input.tenant))
    throw new Refused('request-invalid', `body.tenant: must be one of ${tenants.join(', ')}`)
  if (input.fix === true) of.assertWrites()
  const runs = await of.runs()
  const once = oneStart(header('idempotency-key'), by, input)
  const begin = () => runs.startBackfill(of.system, input, once)
  try {
    const workflowId =
      input.fix === true ? await recorded(of, by, backfillAction(input), begin) : await begin()
    return { id: runName(workflowId), workflowId, system: of.system }
  } catch (error) {
    if (!(error instanceof StartedOtherwise)) throw error
    throw new Refused('idempotency-key-reused', null, { cause: error })
  }
}

/** The key is the operator's own: two operators may use the same one. */
function oneStart(
  key: string | undefined,
  { name }: IdentifiedOperator,
  input: BackfillInput,
): OneStart | undefined {
  if (key === undefined) return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new Refused('request-invalid', 'idempotency-key: must be 1 to 255 characters without spaces')
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  const sorted = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { name: `key-${digest(`${name}\n${key}`).slice(0, 32)}`, request: digest(JSON.stringify(sorted)) }
}
