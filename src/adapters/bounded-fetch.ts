/** More than any answer that is read: a page of 100 log entries of the longest kind that the intake takes is less. */
const LONGEST_ANSWER = 32 * 1024 * 1024

/** A server's answer is longer than any it should give. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError'
}

/**
 * `fetch` for servers we do not control: the whole body is read here, within the call's own time limit and up to a
 * length, whatever `content-length` says, so no server fills our memory. A redirect is refused unless the caller says
 * otherwise: it would send what is secret in the call elsewhere. Throws `AnswerTooLongError`.
 */
export async function boundedFetch(
  input: Parameters<typeof fetch>[0],
  init: RequestInit = {},
  { longest = LONGEST_ANSWER, redirect = 'error' }: { longest?: number; redirect?: 'error' | 'manual' } = {},
): Promise<Response> {
  const answer = await fetch(input, { ...init, redirect })
  if (answer.body === null) return answer
  const { status, statusText, headers } = answer
  return new Response(await bytesOf(answer.body, longest), { status, statusText, headers })
}

async function bytesOf(body: ReadableStream<Uint8Array>, longest: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop by an error cancels the body, and with it the connection.
  for await (const chunk of body) {
    length += chunk.length
    if (length > longest) throw new AnswerTooLongError(`the answer is longer than ${longest} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
