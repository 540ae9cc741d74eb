import type { WorkerDeps } from './atproto-worker.ts'

type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>
const isStepByStep = (call: unknown): boolean =>
  typeof call === 'function' && call.constructor.name === 'AsyncGeneratorFunction'

type Around = (name: string, call: () => Promise<unknown>) => Promise<unknown>

/** The same outside world, with every call passed through `around`, by its name: `users.ensure`, `auth0.person`. */
export function interceptCalls(deps: WorkerDeps, around: Around): WorkerDeps {
  const wrapped = <T extends object>(part: string, target: T): T =>
    Object.fromEntries(
      Object.entries(target as Calls).map(([name, call]) => [
        name,
        // A part that is read step by step makes no call before its first step.
        isStepByStep(call) ? call : (...args: never[]) => around(`${part}.${name}`, () => call(...args)),
      ]),
    ) as T
  const parts = Object.entries(deps).map(([part, value]: [string, unknown]) => [
    part,
    typeof value === 'object' && value !== null && !Array.isArray(value) ? wrapped(part, value) : value,
  ])
  return {
    ...(Object.fromEntries(parts) as WorkerDeps),
    tenantOf(identity) {
      const tenant = deps.tenantOf(identity)
      return { ...tenant, auth0: wrapped('auth0', tenant.auth0) }
    },
    otherTenantsOf: (identity) =>
      deps.otherTenantsOf(identity).map((other) => ({ ...other, auth0: wrapped('auth0', other.auth0) })),
  }
}
