/** A reason why the operators' address refuses a request. */
export interface RefusalWord {
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 503
  readonly sentence: string
  readonly fix: string
}

/** Refusals of requests, beside the problems of Holdfast's dependencies. Names are never renamed once released. */
export const REFUSALS = {
  'operator-unknown': {
    status: 401,
    sentence: 'The request has no token of an operator.',
    fix: 'Send the token in the header authorization, after Bearer and a space. An entry in HOLDFAST_OPERATORS makes a token valid.',
  },
  'sign-in-unavailable': {
    status: 503,
    sentence: 'The OpenID Connect issuer does not answer, so the token cannot be verified.',
    fix: 'Bring the issuer back, or correct OPERATOR_OIDC_ISSUER. Tokens of HOLDFAST_OPERATORS work meanwhile.',
  },
  'role-insufficient': {
    status: 403,
    sentence: "The operator's role does not allow this request.",
    fix: 'Ask an operator with the required role, or give this one another role in HOLDFAST_OPERATORS.',
  },
  'origin-foreign': {
    status: 403,
    sentence: 'The request comes from a page of another origin.',
    fix: "Send it from a page of the operators' address, or from a program, without the header origin.",
  },
  'request-invalid': {
    status: 400,
    sentence: "The request's path, query or body is not valid.",
    fix: 'Correct what the detail names; /api/openapi.json describes every request.',
  },
  'body-not-json': {
    status: 415,
    sentence: 'The body of the request is not declared as JSON.',
    fix: 'Send it with content-type: application/json',
  },
  'body-too-large': {
    status: 413,
    sentence: 'The body of the request is over 1 MiB.',
    fix: 'Send a smaller request.',
  },
  'address-unknown': {
    status: 404,
    sentence: 'There is nothing at this address.',
    fix: '/api/openapi.json lists every address.',
  },
  'system-unknown': {
    status: 404,
    sentence: 'This server does not serve that system.',
    fix: 'Name one of HOLDFAST_SYSTEMS.',
  },
  'person-unknown': {
    status: 404,
    sentence: 'No person with this hash was found.',
    fix: 'Find the person by identity, code, handle or e-mail with POST /api/search, and use the id of its answer.',
  },
  'run-unknown': {
    status: 404,
    sentence: 'Temporal has no audit or backfill of this id, or it is past its retention.',
    fix: 'GET /api/runs lists them.',
  },
  'run-not-running': {
    status: 409,
    sentence: 'The run is no backfill, or has ended.',
    fix: 'GET /api/runs/:id shows how it ended.',
  },
  'plan-missing': {
    status: 409,
    sentence: 'The run made no plan that could be applied.',
    fix: 'Start a dry run with POST /api/backfills, and apply it when it has ended.',
  },
  'idempotency-key-reused': {
    status: 409,
    sentence: 'Another request was sent with the same idempotency key.',
    fix: 'Send each request with a key of its own, and a repeated one unchanged.',
  },
} as const satisfies Record<string, RefusalWord>

export type RefusalName = keyof typeof REFUSALS
