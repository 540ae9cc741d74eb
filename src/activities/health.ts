import type { Alerts, AlertReport } from '../adapters/alerts.ts'
import type { AlertFinding, AlertMessage, AlertName } from '../contracts/alerts.ts'
import type { ProblemName } from '../contracts/problems.ts'
import type { HeldUp, Probe } from '../contracts/watch.ts'
import { naming, outsideError } from './failures.ts'

/** What `watch` looks at and does, bound to real servers by the worker. */
export interface HealthDeps {
  /** What can be asked how it is: rejects with a named problem where it is not well. */
  readonly probes: readonly (Pick<Probe, 'dependency' | 'tenant'> & { ask(): Promise<void> })[]
  readonly heldUp: () => Promise<HeldUp[]>
  /** Other troubles, each looked for by itself; `alert` is what it can find. */
  readonly looks: readonly { readonly alert: AlertName; look(): Promise<AlertFinding[]> }[]
  /** Tells everybody whom one of these problems holds up to try again; returns how many. */
  readonly retryAll: (problems: readonly ProblemName[]) => Promise<number>
  /** Tells one of them, and says which; null where there is none. */
  readonly retryOne: (problem: ProblemName) => Promise<string | null>
  readonly isHeldUp: (workflowId: string, problem: ProblemName) => Promise<boolean>
  readonly alerts: Alerts
}

export interface Looked {
  readonly findings: readonly AlertFinding[]
  /** What could not be looked for, so that nothing is said of it. */
  readonly notLookedFor: readonly AlertName[]
}

export interface HealthActivities {
  /** Asks everything signups lean on, side by side. What does not answer is asked a second time. */
  probeDependencies(): Promise<Probe[]>
  readHeldUp(): Promise<HeldUp[]>
  lookForTrouble(): Promise<Looked>
  retryHeldUp(wish: { problems: readonly ProblemName[] }): Promise<{ matched: number }>
  retryOneHeldUp(wish: { problem: ProblemName }): Promise<{ workflowId: string | null }>
  isHeldUp(signup: { workflowId: string; problem: ProblemName }): Promise<{ heldUp: boolean }>
  settleAlerts(report: AlertReport): Promise<{ alerts: readonly AlertMessage[]; undelivered: number }>
}

export function createHealthActivities(deps: HealthDeps): HealthActivities {
  const { probes, looks, alerts } = deps
  return {
    probeDependencies: naming(() =>
      Promise.all(
        probes.map(async ({ dependency, tenant, ask }): Promise<Probe> => {
          const refusal = (await refusalOf(ask)) && (await refusalOf(ask))
          return { dependency, tenant, problem: refusal?.problem ?? null, detail: refusal?.detail ?? {} }
        }),
      ),
    ),

    readHeldUp: naming(deps.heldUp),

    lookForTrouble: naming(async () => {
      const findings: AlertFinding[] = []
      const notLookedFor: AlertName[] = []
      for (const { alert, look } of looks) {
        // What it needs is away: that is an alert of its own, by its probe.
        const refusal = await refusalOf(async () => void findings.push(...(await look())))
        if (refusal !== null) notLookedFor.push(alert)
      }
      return { findings, notLookedFor }
    }),

    retryHeldUp: naming(async ({ problems }) => ({ matched: await deps.retryAll(problems) })),
    retryOneHeldUp: naming(async ({ problem }) => ({ workflowId: await deps.retryOne(problem) })),

    isHeldUp: naming(async ({ workflowId, problem }) => ({
      heldUp: await deps.isHeldUp(workflowId, problem),
    })),

    settleAlerts: naming(async (report) => {
      const said = await alerts.settle(report)
      return { alerts: said, undelivered: await alerts.deliver() }
    }),
  }
}

/** The named problem a question fails with; null where it is answered. */
async function refusalOf(ask: () => Promise<void>) {
  try {
    await ask()
    return null
  } catch (error) {
    const outside = outsideError(error)
    if (outside === null) throw error
    return outside
  }
}
