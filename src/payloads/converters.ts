import {
  ApplicationFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
} from '@temporalio/common'
import { withoutPersonal } from '../contracts/personal.ts'
import {
  parseJson,
  TAGGED,
  metadataOf,
  jsonTextOf,
  withJson,
  withMetadata,
  withoutMetadata,
} from './json-payload.ts'
import { tagSensitive, mayBeSensitive, untag } from './sensitive-fields.ts'

// Loaded by the SDK under these two names, on the Node side and inside the workflows' sandbox: pure, no Node.

/**
 * Ordinary JSON with marks around everything personal or secret. Payloads without marks (the `temporal` CLI's) are read
 * unchanged.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => tagPayload(defaultPayloadConverter.toPayload(value)),
  fromPayload: (payload) => defaultPayloadConverter.fromPayload(untagPayload(payload)),
}

/** Beginning of the SDK's message about a query or an update that a workflow does not have; it lists those it has. */
const UNKNOWN_HANDLER = 'Workflow did not register a handler for'

/**
 * A failure's type stays readable; its message and stack, which may quote anything, are marked as a whole. The
 * exceptions are messages about invalid input: the person who typed it reads them at Temporal, where nothing is
 * decrypted.
 */
class SealedFailures extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true })
  }

  override errorToFailure(...args: Parameters<DefaultFailureConverter['errorToFailure']>) {
    const [error] = args
    const failure = super.errorToFailure(...args)
    const complaint = complaintOf(error)
    if (complaint !== null) {
      failure.message = withoutPersonal(complaint)
      failure.encodedAttributes = null
    }
    return failure
  }
}

function complaintOf(error: unknown): string | null {
  if (error instanceof ApplicationFailure && error.type === 'bad-input') return error.message
  return error instanceof Error && error.message.startsWith(UNKNOWN_HANDLER) ? error.message : null
}

export const failureConverter = new SealedFailures()

/** The same payload with marks, where it needs them. */
export function tagPayload(payload: Payload): Payload {
  const text = jsonTextOf(payload)
  if (text === null || !mayBeSensitive(text)) return payload
  const marked = tagSensitive(parseJson(text))
  if (JSON.stringify(marked) === text) return payload
  return withJson(payload, marked, withMetadata(payload, TAGGED, '1'))
}

/** The same payload as its reader expects it, without marks. */
export function untagPayload(payload: Payload): Payload {
  const text = metadataOf(payload, TAGGED) === null ? null : jsonTextOf(payload)
  if (text === null) return payload
  return withJson(payload, untag(parseJson(text)), withoutMetadata(payload.metadata ?? {}, [TAGGED]))
}
