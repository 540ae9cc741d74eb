import { z } from 'zod'
import type { Measures } from '../metrics/connect.ts'
import { Refused } from './refused.ts'
import { defineRoute, type OperatorRoute } from './route.ts'

const healthSchema = z.object({
  healthPercentage: z.number().min(0).max(100).describe('Of the recent signups, those that miss nothing.'),
  recentSignupsCount: z.int().min(0).describe('Signups that began in the window.'),
  signupsMissingProfiles: z
    .int()
    .min(0)
    .describe('Of them, those whose records cannot be completed at the moment.'),
  windowHours: z.int().min(1),
})

/** The addresses that other programs read regularly. Neither costs more with the number of readers. */
export function measuredRoutes({ metrics, health }: Measures): OperatorRoute[] {
  return [
    defineRoute({
      method: 'get',
      path: '/metrics',
      role: 'viewer',
      summary: 'The metrics, for Prometheus',
      answer: {
        status: 200,
        description: "Prometheus' text format; names begin with holdfast_.",
        schema: z.string(),
        text: metrics.contentType,
      },
      handle: () => metrics.page(),
    }),
    defineRoute({
      method: 'get',
      path: '/api/systems/:system/health',
      role: 'viewer',
      summary: 'Whether the people who signed up in the last 24 hours have what they should have',
      params: z.object({ system: z.string().describe('A system of this server.') }),
      answer: { status: 200, description: 'The health.', schema: healthSchema },
      refusals: ['address-unknown'],
      async handle({ params: { system } }) {
        const found = health(system)
        if (found === null) throw new Refused('address-unknown')
        return found
      },
    }),
  ]
}
