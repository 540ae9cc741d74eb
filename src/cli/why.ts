import type { Command } from 'commander'
import pc from 'picocolors'
import { connectMongo } from '../adapters/mongo/connect.ts'
import { createSignupReader } from '../client/signup-reader.ts'
import { lazyTemporal } from '../client/temporal.ts'
import type { WhyPage } from '../contracts/why.ts'
import { shellQuoted } from '../domain/shell.ts'
import { EXIT } from '../entry.ts'
import { ANSWER_MS, SELECT_MS } from '../why/ask.ts'
import { whyPage } from '../why/gather.ts'
import type { WhyOutside } from '../why/outside.ts'
import { resolvePerson } from '../why/resolve.ts'
import { no } from './answers.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import type { CommandContext } from './context.ts'
import { ago } from './print.ts'

export function whyCommand(): Command {
  return systemCommand(
    'why',
    'Everything on one person: where they are, why, what each store says, what happened, and what mends it.',
    [
      "why atproto 'auth0|6123abc'",
      'why atproto ac25xadeh',
      'why atproto @somebody',
      'why atproto somebody.at.example.com --json',
      'why atproto somebody@example.com',
    ],
  )
    .argument(
      '<who>',
      'an identity as the application stores it, a user code, a handle, or an e-mail address',
    )
    .action((system: string, who: string, options: CommonOptions) =>
      answer(system, options, async (context) => {
        const { outside, close } = openOutside(context)
        try {
          return await whyAnswer(who, outside)
        } finally {
          await close()
        }
      }),
    )
}

async function whyAnswer(who: string, outside: WhyOutside): Promise<Answer> {
  const { matches, unasked } = await resolvePerson(who, outside)
  const [identity, ...others] = matches
  const silent = unasked.length === 0 ? '' : ` Not everybody could be asked: ${unasked.join(' ')}`
  if (identity === undefined) return no(`Nobody is known as '${who}'.${silent}`)
  if (others.length > 0) {
    const commands = matches.map((match) => `  holdfast why atproto ${shellQuoted(match)}`)
    return {
      document: { error: `'${who}' may be any of ${matches.length} people`, matches },
      text: [`'${who}' may be any of these:`, ...commands].join('\n'),
      exitCode: EXIT.failed,
    }
  }
  const page = await whyPage(identity, outside)
  return { document: page, text: whyText(page), exitCode: page.known ? EXIT.done : EXIT.failed }
}

/** Everything lazily: what is not configured, or away, is the silence of one store. */
function openOutside(context: CommandContext): { outside: WhyOutside; close: () => Promise<void> } {
  let client: ReturnType<typeof lazyTemporal> | null = null
  let mongo: ReturnType<typeof connectMongo> | null = null
  /** What Temporal was asked: the page does not wait for it, closing the connection has to. */
  const asked: Promise<unknown>[] = []
  const outside: WhyOutside = {
    tenants: () => context.config('tenants').tenants,
    tenantNames: () => context.config('tenantNames').tenantNames,
    pds: () => context.config('pds').pds,
    waitDays: () => context.config('signup').signup.waitDays,
    db: () => {
      mongo ??= connectMongo({ ...context.config('mongo').mongo, selectMs: SELECT_MS })
      return mongo.db
    },
    reader: () => {
      client ??= lazyTemporal(context.config('temporal', 'keys'))
      const reader = createSignupReader(client, { answerMs: ANSWER_MS / 2 })
      return {
        status: (workflowId) => {
          const status = reader.status(workflowId)
          asked.push(status)
          return status
        },
      }
    },
    workflowIdOf: (tenant, identity) => context.workflowId({ tenant, identity }),
  }
  return {
    outside,
    async close() {
      await Promise.allSettled(asked)
      await Promise.all([client?.connection.close(), mongo?.client.close()])
    },
  }
}

/** One page, the urgent things first. */
export function whyText(page: WhyPage, now = Date.now()): string {
  const { identity, tenant, stage, stageSince, troubles, history, lastSuccess, notices } = page
  const since = stageSince === null ? '' : `, ${ago(stageSince, now)}`
  return [
    `${pc.bold(identity)} (${tenant})`,
    `stage     ${stage ?? 'unknown to everybody who could be asked'}${since}`,
    ...troubles.flatMap(({ name, sentence, since: from }) => [
      '',
      `${pc.red(name)}: ${sentence}`,
      ...(from === null ? [] : [`Since ${from}, ${ago(from, now)}.`]),
    ]),
    ...notices.map((notice) => `\n${pc.yellow('Notice:')} ${notice}`),
    '',
    pc.bold('What each store says now'),
    ...page.stores.map(({ store, asked, says }) => `  ${store.padEnd(14)}${asked ? says : pc.yellow(says)}`),
    '',
    pc.bold('What happened'),
    ...(history.length === 0
      ? ['  nothing is written down']
      : history.map(({ at, last, words }) => `  ${at}  ${words}${last === at ? '' : `, last ${last}`}`)),
    ...(lastSuccess === null || stage === null
      ? []
      : [
          '',
          `This step last succeeded for anybody ${ago(lastSuccess.at, now)}, at ${lastSuccess.at}, under ${lastSuccess.build}.`,
        ]),
    '',
    `${pc.bold('By itself:')} ${page.next}`,
    `${pc.bold('What to do:')} ${page.fix ?? 'nothing'}`,
  ].join('\n')
}
