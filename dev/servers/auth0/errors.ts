import type { ContentfulStatusCode } from 'hono/utils/http-status'

const names: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
}

/** An error response of the Management API; `body` is the one Auth0 would send. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode
  readonly body: Record<string, unknown>

  constructor(status: ContentfulStatusCode, message: string, extra: Record<string, unknown> = {}) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.body = { statusCode: status, error: names[status] ?? 'Error', message, ...extra }
  }
}

export const badBody = (what: string) =>
  new ApiError(400, `Payload validation error: '${what}'.`, { errorCode: 'invalid_body' })

export const badQuery = (what: string) =>
  new ApiError(400, `Query validation error: '${what}'.`, { errorCode: 'invalid_query_string' })

export const noSuchUser = () =>
  new ApiError(404, 'The user does not exist.', { errorCode: 'inexistent_user' })

export const notFound = (message: string, errorCode: string) => new ApiError(404, message, { errorCode })

/** An error response of the Authentication API, which has a different shape. */
export class SignupError extends Error {
  readonly body: Record<string, unknown>

  constructor(code: string, description: unknown, message: string, name = 'BadRequestError') {
    super(message)
    this.name = 'SignupError'
    this.body = { name, code, description, message, statusCode: 400 }
  }
}
