import type { AuditInput, AuditScope } from '../contracts/audit.ts'
import type { BackfillInput } from '../contracts/backfill.ts'
import { SYSTEMS, type System } from '../contracts/systems.ts'
import { momentOf } from './duration.ts'

/** Everything that is wrong with what a run was started with, each a sentence. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly complaints: string[] }

export interface AuditRequest {
  readonly system: System
  readonly scope: AuditScope
}

export interface BackfillRequest extends AuditRequest {
  readonly fix: boolean
  readonly plan: string | null
  readonly maxChanges: number | null
}

/** Reads plain JSON from anybody, the `temporal` command included. `queueSystem`: the system of the task queue. */
export function readAuditInput(input: unknown, queueSystem: System | null, now: Date): Checked<AuditRequest> {
  return read(input, ['system', 'tenant', 'last', 'since'], (given, complain) =>
    auditRequest(given as AuditInput, queueSystem, now, complain),
  )
}

export function readBackfillInput(
  input: unknown,
  queueSystem: System | null,
  now: Date,
): Checked<BackfillRequest> {
  const names = ['system', 'tenant', 'last', 'id', 'fix', 'plan', 'maxChanges', 'carried']
  return read(input, names, (object, complain) => {
    const given = object as BackfillInput
    const { id, fix = false, plan, maxChanges } = given
    if (id !== undefined && (typeof id !== 'string' || id === '')) complain('id must be an identity')
    if (id !== undefined && given.last !== undefined) complain('id and last exclude one another')
    if (typeof fix !== 'boolean') complain('fix must be true or false')
    if (plan !== undefined && typeof plan !== 'string') complain('plan must be the id of a plan')
    if (plan !== undefined && !fix) complain('plan needs fix: without it nothing would be applied')
    const scoped = [given.tenant, given.last, id].some((value) => value !== undefined)
    if (plan !== undefined && scoped)
      complain('a plan has its own scope: tenant, last and id do not go with it')
    if (maxChanges !== undefined && !(Number.isInteger(maxChanges) && maxChanges >= 0))
      complain('maxChanges must be a whole number')
    const { system, scope } = auditRequest(given, queueSystem, now, complain)
    return {
      system,
      scope: { ...scope, id: id ?? null },
      fix,
      plan: plan ?? null,
      maxChanges: maxChanges ?? null,
    }
  })
}

function auditRequest(
  { system, tenant, last, since }: AuditInput,
  queueSystem: System | null,
  now: Date,
  complain: (complaint: string) => void,
): AuditRequest {
  const known = system === undefined ? queueSystem : (SYSTEMS.find((name) => name === system) ?? null)
  if (known === null) complain(`system must be one of ${SYSTEMS.join(', ')}`)
  if (tenant !== undefined && (typeof tenant !== 'string' || tenant === ''))
    complain('tenant must be the name of a tenant, or both')
  if (last !== undefined && !(Number.isInteger(last) && last > 0))
    complain('last must be a whole number from 1')
  const from = since === undefined ? null : momentOf(since, now)
  if (since !== undefined && from === null) complain('since must be like 10m, 2h, 3d, or a time in ISO 8601')
  return {
    system: known ?? 'atproto',
    scope: {
      tenant: tenant === undefined || tenant === 'both' ? null : tenant,
      last: last ?? null,
      since: from?.toISOString() ?? null,
      id: null,
    },
  }
}

function read<T>(
  input: unknown,
  names: readonly string[],
  convert: (given: object, complain: (complaint: string) => void) => T,
): Checked<T> {
  const given = input ?? {}
  if (typeof given !== 'object' || Array.isArray(given))
    return { ok: false, complaints: ['the input must be one JSON object'] }
  const complaints = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => `there is no '${name}': it takes ${names.filter((one) => one !== 'carried').join(', ')}`)
  const value = convert(given, (complaint) => complaints.push(complaint))
  return complaints.length === 0 ? { ok: true, value } : { ok: false, complaints }
}
