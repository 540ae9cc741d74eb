import { z } from 'zod'
import { ApiError } from './errors.ts'
import { field } from './fields.ts'

const number = z.string().regex(/^\d+$/).transform(Number)
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

export const pageQuery = {
  page: number.optional(),
  per_page: number.pipe(z.number().max(100)).optional(),
  include_totals: flag.optional(),
  sort: z
    .string()
    .regex(/^[\w.]+:-?1$/)
    .optional(),
  fields: z.string().optional(),
  include_fields: flag.optional(),
  q: z.string().optional(),
}

export interface PageParams {
  page?: number | undefined
  per_page?: number | undefined
  include_totals?: boolean | undefined
  fields?: string | undefined
  include_fields?: boolean | undefined
}

/** Only the named fields, or all but them. */
export function pick(item: object, { fields, include_fields = true }: PageParams): object {
  if (fields === undefined || fields === '') return item
  const names = new Set(fields.split(','))
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name) === include_fields))
}

/** One page in Auth0's shape, within its limit of 1,000 results for a query. */
export function pageOf(found: readonly object[], wish: PageParams, name: string, always = false): object {
  const { page = 0, per_page = 50, include_totals = false } = wish
  const start = page * per_page
  if (start >= 1000) {
    throw new ApiError(400, 'You can only page through the first 1000 records.', {
      errorCode: 'invalid_paging',
    })
  }
  const items = found.slice(start, Math.min(start + per_page, 1000)).map((item) => pick(item, wish))
  if (!include_totals && !always) return items
  return { start, limit: per_page, length: items.length, total: found.length, [name]: items }
}

/** Sorted by one field, as `created_at:1` or `created_at:-1`; users without the field come first. */
export function sorted<T extends object>(items: readonly T[], sort: string): T[] {
  const [name = '', direction] = sort.split(':')
  const sign = direction === '-1' ? -1 : 1
  const key = (item: T) => {
    const value = field(item, name)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
  }
  return items.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0))
}
