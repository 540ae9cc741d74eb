import type { AuditInput, AuditScope } from '../contracts/audit.ts'
import type { BackfillInput } from '../contracts/backfill.ts'
import { systemNames, type System } from '../contracts/systems.ts'
import { parsePastDate } from './typed-time.ts'
import { idDefect } from './identity.ts'

/** The parsed input of a run, or all of its errors, each a sentence. */
export type ParsedInput<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly complaints: string[] }

export interface AuditRequest {
  readonly system: System
  readonly scope: AuditScope
  /** Started by the schedule. */
  readonly scheduled: boolean
}

export interface BackfillRequest extends Omit<AuditRequest, 'scheduled'> {
  readonly fix: boolean
  /** With the consent to remove records that nobody owns. */
  readonly remove: boolean
  readonly plan: string | null
  readonly maxChanges: number | null
}

/** Parses plain JSON from any client, the `temporal` command included. `queueSystem`: the system of the task queue. */
export function parseAuditInput(
  input: unknown,
  queueSystem: System | null,
  now: Date,
): ParsedInput<AuditRequest> {
  return read(input, ['system', 'tenant', 'last', 'since', 'id', 'scheduled'], (given, complain) =>
    auditRequest(given as AuditInput, queueSystem, now, complain),
  )
}

export function parseBackfillInput(
  input: unknown,
  queueSystem: System | null,
  now: Date,
): ParsedInput<BackfillRequest> {
  const names = ['system', 'tenant', 'last', 'id', 'fix', 'remove', 'plan', 'maxChanges', 'carried']
  return read(input, names, (object, complain) => {
    const given = object as BackfillInput
    const { id, fix = false, remove = false, plan, maxChanges } = given
    if (typeof fix !== 'boolean') complain('fix must be true or false')
    if (typeof remove !== 'boolean') complain('remove must be true or false')
    if (plan !== undefined && typeof plan !== 'string') complain('plan must be the id of a plan')
    if (plan !== undefined && !fix) complain('plan requires fix: without it nothing would be applied')
    const scoped = [given.tenant, given.last, id].some((value) => value !== undefined)
    if (plan !== undefined && scoped)
      complain('a plan has its own scope: tenant, last and id cannot be combined with it')
    if (maxChanges !== undefined && !(Number.isInteger(maxChanges) && maxChanges >= 0))
      complain('maxChanges must be a whole number')
    const request = auditRequest(given, queueSystem, now, complain)
    if (request === null) return null
    const { system, scope } = request
    return { system, scope, fix, remove, plan: plan ?? null, maxChanges: maxChanges ?? null }
  })
}

function auditRequest(
  { system, tenant, last, since, id, scheduled = false }: AuditInput,
  queueSystem: System | null,
  now: Date,
  complain: (complaint: string) => void,
): AuditRequest | null {
  const known = system === undefined ? queueSystem : (systemNames().find((name) => name === system) ?? null)
  if (known === null) complain(`system must be one of ${systemNames().join(', ')}`)
  else if (queueSystem !== null && known !== queueSystem)
    complain(`system must be ${queueSystem} on this task queue, not ${known}`)
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === ''))
    complain('tenant must be the name of a tenant, or both')
  const wrong = id === undefined ? null : idDefect(id)
  if (wrong !== null) complain(`id must be an identity; this one ${wrong}`)
  if (id !== undefined && (last !== undefined || since !== undefined))
    complain('id cannot be combined with last or since')
  if (typeof scheduled !== 'boolean') complain('scheduled must be true or false')
  if (last !== undefined && !(Number.isInteger(last) && last > 0))
    complain('last must be a whole number of at least 1')
  const from = since === undefined ? null : parsePastDate(since, now)
  if (since !== undefined && from === null)
    complain('since must be a duration such as 10m, 2h or 3d, or a time in ISO 8601')
  if (known === null) return null
  return {
    system: known,
    scope: {
      tenant: tenant === undefined || tenant === 'both' ? null : tenant,
      last: last ?? null,
      since: from?.toISOString() ?? null,
      id: id ?? null,
    },
    scheduled,
  }
}

/** `convert` returns null only with a complaint. */
function read<T>(
  input: unknown,
  names: readonly string[],
  convert: (given: object, complain: (complaint: string) => void) => T | null,
): ParsedInput<T> {
  const given = input ?? {}
  if (typeof given !== 'object' || Array.isArray(given))
    return { ok: false, complaints: ['the input must be one JSON object'] }
  const complaints = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map(
      (name) =>
        `unknown field '${name}'; the known fields are ${names.filter((one) => one !== 'carried' && one !== 'scheduled').join(', ')}`,
    )
  const value = convert(given, (complaint) => complaints.push(complaint))
  return complaints.length === 0 && value !== null ? { ok: true, value } : { ok: false, complaints }
}
