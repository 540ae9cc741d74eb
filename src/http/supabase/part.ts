import { connectSupabase } from '../../adapters/supabase/connect.ts'
import { createSignups } from '../../client/signups.ts'
import { loadSupabaseConfig, type SupabaseSection } from '../../config/supabase/sections.ts'
import { systemHealth } from '../../contracts/health.ts'
import { OutsideError } from '../../domain/outside-error.ts'
import { connectSupabaseIntake } from '../../intake/supabase/connect.ts'
import { recordCall } from '../../intake/supabase/last-calls.ts'
import type { Logger } from '../../logging.ts'
import type { ServerPart } from '../../systems/server-part.ts'
import { createCatchUpSoon } from './catch-up-soon.ts'
import { hookVerifier } from './hook-signature.ts'
import { createRefusedCalls } from './refused-calls.ts'
import { supabaseWebhook } from './webhook.ts'

export const SUPABASE_SERVER_SECTIONS = [
  'supabase',
  'supabaseWebhook',
  'keys',
  'operator', // no token of an operator may be the one of the webhook
] as const satisfies readonly SupabaseSection[]

/** The address for database webhooks and auth hooks of Supabase. */
export const supabaseServer: ServerPart = {
  configure(env) {
    const { supabase: settings, supabaseWebhook: webhook } = loadSupabaseConfig(SUPABASE_SERVER_SECTIONS, env)
    return {
      connect({ config, temporal, opened, hash, logger }) {
        const { calls, close } = connectSupabase(settings)
        const signups = createSignups(temporal, 'supabase', hash)
        const connections = { opened, signups, config, logger }
        const { intake, cursors } = connectSupabaseIntake(connections, settings.profilesBy, calls)
        const refused = createRefusedCalls()
        const soon = createCatchUpSoon(temporal, settings.graceMs, logger)
        const pending = new Set<Promise<void>>()
        const inBackground = (work: Promise<unknown>): void => {
          // The caller has its answer; catch-up and the audit find the user all the same.
          const settled = logged(work, logger)
          pending.add(settled)
          void settled.finally(() => pending.delete(settled))
        }
        const called = async (by: 'webhook' | 'hook'): Promise<void> => {
          soon.request()
          try {
            await recordCall(cursors, by, new Date())
          } catch (error) {
            if (!(error instanceof OutsideError)) throw error
            logger.warn({ err: error }, 'the time of a call could not be recorded')
          }
        }
        return Promise.resolve({
          addRoutes(app) {
            const { tokens, hookSecrets } = webhook
            const isSigned = hookVerifier(hookSecrets)
            app.route(
              '/webhooks/supabase',
              supabaseWebhook({ tokens, isSigned, intake, refused, called, inBackground }),
            )
          },
          dependencies: [], // the database is that of the state, which is checked for every system
          refusals: refused.findings,
          async health(windowHours) {
            const { signups: recent, missing } = await calls.signupHealth(settings.graceMs, windowHours)
            return systemHealth(recent, missing, windowHours)
          },
          async flush() {
            soon.stop()
            await Promise.all(pending)
            await intake.flush()
          },
          close,
        })
      },
    }
  },
}

async function logged(work: Promise<unknown>, logger: Pick<Logger, 'warn'>): Promise<void> {
  try {
    await work
  } catch (error) {
    logger.warn({ err: error }, 'a call of an auth hook could not be taken')
  }
}
