import { readFile } from 'node:fs/promises'
import { temporal } from '@temporalio/proto'
import type { LibraryWorld } from '../world.ts'

/**
 * Searches every history, as Temporal stores it, and these logs for the passwords and keys of the processes: the library
 * has no other text that is sealed. The search has to find one of `names` in a history too, or it proves nothing.
 */
export async function findLeaks(
  { env, world: { temporal: client } }: LibraryWorld,
  names: readonly string[],
  logs: readonly string[],
): Promise<string[]> {
  const secrets = secretsOf(env)
  const hasSecret = (text: string): boolean => secrets.some((secret) => text.includes(secret))
  const found = new Set<string>()
  let seen = false
  for await (const { workflowId, runId } of client.workflow.list()) {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: env['TEMPORAL_NAMESPACE'] ?? '',
      execution: { workflowId, runId },
    })
    for (const event of history?.events ?? []) {
      const type = temporal.api.enums.v1.EventType[event.eventType ?? 0]
      for (const text of textsOf(event)) {
        if (hasSecret(text)) found.add(`a secret stands in clear in ${type} of ${workflowId}`)
        seen ||= names.some((name) => text.includes(name))
      }
    }
  }
  for (const log of logs)
    if (hasSecret(await readFile(log, 'utf8'))) found.add(`a secret stands in clear in ${log}`)
  return seen ? [...found] : ['the search for texts in clear finds nothing at all']
}

function secretsOf(env: LibraryWorld['env']): string[] {
  const variables = ['HOLDFAST_KEY', 'HOLDFAST_ID_KEY', 'HOLDFAST_OPERATOR_TOKEN']
  const [key = '', ...others] = variables.map((name) => env[name] ?? '')
  const secrets = [key.slice(key.indexOf(':') + 1), ...others, new URL(env['LIBRARY_DB_URL'] ?? '').password]
  if (secrets.includes('')) throw new Error('a secret of the processes is not known')
  return secrets
}

/** Every text in a message, payloads decoded. */
function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (value instanceof Uint8Array) yield Buffer.from(value).toString('utf8')
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* textsOf(inner)
}
