import { z } from 'zod'
import { REFUSALS, type RefusalName } from '../../contracts/shared/refusals.ts'
import type { OperatorRoute } from './route.ts'

/** The refusals that every address has, and those of an address with a body. */
const OF_ALL: readonly RefusalName[] = [
  'request-invalid',
  'operator-unknown',
  'role-insufficient',
  'origin-foreign',
]
const OF_BODIES: readonly RefusalName[] = ['body-not-json', 'body-too-large']

type Json = Readonly<Record<string, unknown>>

/** The routes as an OpenAPI 3.1 document; its schemas are those by which requests are parsed. */
export function describeRoutes(routes: readonly OperatorRoute[], version: string): Json {
  const paths = Map.groupBy(routes, ({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'))
  return {
    openapi: '3.1.1',
    info: {
      title: 'Holdfast',
      version,
      description: "The operators' address of Holdfast. Times are ISO 8601 in UTC.",
    },
    servers: [{ url: '/' }],
    security: [{ operatorToken: [] }],
    paths: Object.fromEntries(
      [...paths].map(([path, all]) => [
        path,
        Object.fromEntries(all.map((route) => [route.method, operation(route)])),
      ]),
    ),
    components: {
      securitySchemes: {
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The token of an operator. A trusted proxy identifies operators by its header instead.',
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'fix'],
          properties: {
            type: { type: 'string', format: 'uri-reference', description: 'Its entry in problems.md.' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            fix: { type: 'string', description: 'What to do.' },
          },
        },
      },
    },
  }
}

function operation(route: OperatorRoute): Json {
  const { status, description, schema, text } = route.answer
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: `For the role ${route.role} and above.`,
    parameters: [
      ...parameters('path', route.params),
      ...parameters('query', route.query),
      ...(route.idempotent === true ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: jsonSchema(route.body, 'input') } } } }),
    responses: {
      [status]: {
        description,
        content: { [text ?? 'application/json']: { schema: jsonSchema(schema, 'output') } },
      },
      ...refusals(route),
      default: { description: 'A failure of Holdfast or of what it depends on.', content: PROBLEM },
    },
  }
}

/** `GET /api/runs/:id` is `getRunsId`. */
function operationId({ method, path }: OperatorRoute): string {
  const words = path.split(/[^a-zA-Z]+/).filter((word) => word !== '' && word !== 'api')
  return [method, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

function refusals(route: OperatorRoute): Json {
  const names = [...OF_ALL, ...(route.body === undefined ? [] : OF_BODIES), ...(route.refusals ?? [])]
  const byStatus = Map.groupBy(new Set(names), (name) => REFUSALS[name].status)
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((name) => `${name}: ${REFUSALS[name].sentence}`).join(' '),
        content: PROBLEM,
      },
    ]),
  )
}

const IDEMPOTENCY_KEY: Json = {
  name: 'idempotency-key',
  in: 'header',
  description: 'A request that is repeated with the same key joins the first one, also after its end.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: type,
  }))
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
