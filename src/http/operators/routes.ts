import { z } from 'zod'
import { OPERATOR_ROLES } from '../../domain/operators.ts'
import { runRoutes } from './api/runs.ts'
import { signupRoutes } from './api/signups.ts'
import type { OperatedSystem } from './operated-system.ts'
import { describeRoutes } from './openapi.ts'
import type { Measures } from '../metrics/connect.ts'
import { measuredRoutes } from './measured-routes.ts'
import { defineRoute, type OperatorRoute } from './route.ts'

export interface OperatorRoutesDeps {
  readonly measures: Measures
  /** The running build. */
  readonly version: string
  readonly systems: readonly OperatedSystem[]
}

/** Every route of the operators' address, the description of them all included. */
export function operatorRoutes({ version, measures, systems }: OperatorRoutesDeps): OperatorRoute[] {
  const routes: OperatorRoute[] = [
    whoAmI,
    ...measuredRoutes(measures),
    ...signupRoutes(systems),
    ...runRoutes(systems),
  ]
  const description = defineRoute({
    method: 'get',
    path: '/api/openapi.json',
    role: 'viewer',
    summary: 'This description, in OpenAPI 3.1',
    answer: { status: 200, description: 'The document.', schema: z.record(z.string(), z.unknown()) },
    handle: () => Promise.resolve(document),
  })
  const document = describeRoutes([...routes, description], version)
  return [...routes, description]
}

const whoAmI = defineRoute({
  method: 'get',
  path: '/api/operator',
  role: 'viewer',
  summary: 'The operator who sends the request',
  answer: {
    status: 200,
    description: 'Name and role.',
    schema: z.object({ name: z.string(), role: z.enum(OPERATOR_ROLES) }),
  },
  handle: ({ by }) => Promise.resolve({ name: by.name, role: by.role }),
})
