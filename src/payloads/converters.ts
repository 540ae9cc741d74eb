import {
  DefaultFailureConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
} from '@temporalio/common'
import { jsonOf, MARKED, noteOf, textOf, withJson, withNote, withoutNotes } from './json-payload.ts'
import { mark, mayNeedMarks, unmark } from './marks.ts'

// Loaded by the SDK under these two names, on the Node side and inside the workflows' sandbox: pure, no Node.

/** JSON as ever, with marks around what is personal or secret. Reads what has none (the `temporal` CLI's) as it is. */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => markedPayload(defaultPayloadConverter.toPayload(value)),
  fromPayload: (payload) => defaultPayloadConverter.fromPayload(unmarkedPayload(payload)),
}

/** A failure's type stays readable; its message and stack, which may quote anything, are marked as a whole. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })

/** The same payload with marks, where it needs any. */
export function markedPayload(payload: Payload): Payload {
  const text = textOf(payload)
  if (text === null || !mayNeedMarks(text)) return payload
  const marked = mark(jsonOf(text))
  if (JSON.stringify(marked) === text) return payload
  return withJson(payload, marked, withNote(payload, MARKED, '1'))
}

/** The same payload as its reader means it, without marks. */
export function unmarkedPayload(payload: Payload): Payload {
  const text = noteOf(payload, MARKED) === null ? null : textOf(payload)
  if (text === null) return payload
  return withJson(payload, unmark(jsonOf(text)), withoutNotes(payload.metadata ?? {}, [MARKED]))
}
