import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, it } from 'vitest'
import { operatorRoutes } from '../../../src/http/operators/routes.ts'
import { describeRoutes } from '../../../src/http/operators/openapi.ts'
import { NO_MEASURES } from '../../support/no-measures.ts'

const routes = operatorRoutes({ version: '0.1.0', measures: NO_MEASURES, systems: [] })

it('describes every route in valid OpenAPI 3.1, each under its own name', async () => {
  const document = describeRoutes(routes, '0.1.0')
  expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
  const operations = Object.entries(
    document['paths'] as Record<string, Record<string, { operationId: string }>>,
  )
  const described = operations.flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  const paths = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect(described.toSorted()).toEqual(paths.toSorted())
  const ids = operations.flatMap(([, methods]) =>
    Object.values(methods).map(({ operationId }) => operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

it('would be refused with a path whose parameter is not described', async () => {
  const [route] = routes
  if (route === undefined) throw new Error('no route')
  const broken = describeRoutes([{ ...route, method: 'head' as 'get', refusals: [] }], '') as {
    openapi?: string
  }
  expect(
    (await new Validator().validate({ ...broken, openapi: '3.1.1', paths: { signups: {} } })).valid,
  ).toBe(false)
})
