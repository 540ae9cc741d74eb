import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UsageError } from '../src/errors.ts'
import { planSchema, type Plan } from './plan.ts'

/** A plan kept in a file, such as those in `regressions/`. Throws `UsageError` where the file is no plan. */
export async function readPlan(file: string): Promise<Plan> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--plan ${file}: ${error.message}`)
  })
  const parsed = z
    .preprocess((content, context) => {
      try {
        return JSON.parse(String(content)) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'it is no JSON' })
        return z.NEVER
      }
    }, planSchema)
    .safeParse(text)
  if (!parsed.success) throw new UsageError(`--plan ${file} is no plan:\n${z.prettifyError(parsed.error)}`)
  return parsed.data
}
