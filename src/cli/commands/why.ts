import type { CommandHelp } from '../../systems/command-part.ts'
import type { Command } from 'commander'
import pc from 'picocolors'
import { openState, type OpenState } from '../../state/open.ts'
import { createSignupReader } from '../../client/signup-reader.ts'
import { lazyTemporal } from '../../client/temporal.ts'
import type { WhyPage } from '../../contracts/why.ts'
import { printableIn } from '../../domain/text/printable.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { NO_TENANT } from '../../contracts/systems.ts'
import { EXIT, UsageError } from '../../errors.ts'
import { ANSWER_MS, SELECT_MS } from '../../why/query-store.ts'
import { findPeople } from '../../operations/find-people.ts'
import { buildWhyReport, type WhySources } from '../../why/build-report.ts'
import type { OnePerson } from '../../why/one-person.ts'
import { errorResult } from '../lib/error-results.ts'
import { runForSystem, systemCommand, type CommandResult, type CommonOptions } from '../lib/command.ts'
import type { CommandContext } from '../lib/context.ts'
import { moreLine } from '../format/more.ts'
import { personText, relativeTime } from '../format/print.ts'

export function whyCommand(help: CommandHelp): Command {
  return systemCommand(
    help,
    'why',
    'Show everything about one person: stage, cause, what each store has, what happened, and what to do.',
    [`why ${help.system} ${help.id}`, ...help.example.words.map((words) => `why ${help.system} ${words}`)],
  )
    .argument('<who>', `an identity as the application stores it, ${help.example.wordsAre}`)
    .action((system: string, who: string, options: CommonOptions) =>
      runForSystem(system, options, async (context) => {
        const { outside, close } = openOutside(context)
        try {
          return await whyAnswer(who, context, outside, await context.served.onePerson())
        } finally {
          await close()
        }
      }),
    )
}

async function whyAnswer(
  who: string,
  { served, env }: CommandContext,
  outside: WhySources,
  answers: OnePerson,
): Promise<CommandResult> {
  const { people } = served
  const { example } = people
  if (who.trim() === '')
    throw new UsageError(
      `Give a person: holdfast why ${outside.system} ${shellQuoted(example.identity)}, or ${example.wordsAre}`,
    )
  const { matches, unavailable, unowned } = await findPeople(who, { served, outside }, answers)
  const [identity, ...others] = matches
  const silent = unavailable.length === 0 ? '' : ` Not every store could be read: ${unavailable.join(' ')}`
  if (identity === undefined && unowned !== undefined) return errorResult(`${unowned}${silent}`)
  if (identity === undefined) return errorResult(`No person found for '${who}'.${silent}`)
  if (others.length > 0) {
    const commands = matches.map((match) => `  holdfast why ${outside.system} ${shellQuoted(match)}`)
    return {
      document: { error: `'${who}' matches ${matches.length} people`, matches },
      text: [`'${who}' matches several people:`, ...commands].join('\n'),
      exitCode: EXIT.failed,
    }
  }
  const tenant = people.locate(identity, env)?.tenant ?? NO_TENANT
  const page = await buildWhyReport({ tenant, identity }, outside, answers)
  return { document: page, text: whyText(page), exitCode: page.known ? EXIT.done : EXIT.failed }
}

/** Opens every source lazily, so that one that is not configured or unavailable only affects its own answer. */
function openOutside(context: CommandContext): { outside: WhySources; close: () => Promise<void> } {
  let client: ReturnType<typeof lazyTemporal> | null = null
  let opening: Promise<OpenState> | null = null
  /** The query to Temporal: the page does not wait for it, but the connection must not be closed before its end. */
  const asked: Promise<unknown>[] = []
  const outside: WhySources = {
    system: context.system,
    env: context.env,
    hash: (identity) => context.hash(identity),
    state: async () =>
      (opening ??= openState(context.system, context.served.state.read(context.env), {
        connectMs: SELECT_MS,
      })),
    reader: () => {
      client ??= lazyTemporal(context.config('temporal', 'keys'))
      const reader = createSignupReader(client, context.system, { answerMs: ANSWER_MS / 2 })
      return {
        status: (workflowId) => {
          const status = reader.status(workflowId)
          asked.push(status)
          return status
        },
      }
    },
    workflowIdOf: (person) => context.workflowId(person),
  }
  return {
    outside,
    async close() {
      await Promise.allSettled(asked)
      // An error of opening it was reported in each answer that needed it.
      const opened = await opening?.catch(() => null)
      await Promise.all([client?.connection.close(), opened?.close()])
    },
  }
}

/** One page, the urgent issues first. */
export function whyText(whole: WhyPage, now = Date.now()): string {
  const page = printableIn(whole)
  const { identity, tenant, stage, stageSince, problems, history, lastSuccess, notices } = page
  const since = stageSince === null ? '' : `, ${relativeTime(stageSince, now)}`
  return [
    personText({ identity: pc.bold(identity), tenant }),
    `stage     ${stage ?? 'unknown: no store that answered knows it'}${since}`,
    ...problems.flatMap(({ name, sentence, since: from }) => [
      '',
      `${pc.red(name)}: ${sentence}`,
      ...(from === null ? [] : [`Since ${from}, ${relativeTime(from, now)}.`]),
    ]),
    ...notices.map((notice) => `\n${pc.yellow('Notice:')} ${notice}`),
    '',
    pc.bold('Stores now'),
    ...page.stores.map(
      ({ store, answered, text }) => `  ${store.padEnd(14)}${answered ? text : pc.yellow(text)}`,
    ),
    '',
    pc.bold('What happened'),
    ...(history.length === 0
      ? ['  nothing is recorded']
      : history.map(({ at, last, text }) => `  ${at}  ${text}${last === at ? '' : `, last ${last}`}`)),
    ...(lastSuccess === null || stage === null
      ? []
      : [
          '',
          `This step last succeeded (for any person) ${relativeTime(lastSuccess.at, now)}, at ${lastSuccess.at}, with build ${lastSuccess.build}.`,
        ]),
    '',
    `${pc.bold('Next:')} ${page.next}`,
    `${pc.bold('What to do:')} ${page.fix ?? 'nothing'}`,
    ...moreLine(problems.map(({ name }) => name)),
  ].join('\n')
}
