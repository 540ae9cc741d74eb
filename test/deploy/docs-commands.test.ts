import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { programFor } from '../../src/cli/program.ts'
import { plannedSchedules } from '../../src/client/planned-schedules.ts'
import { PDS_TASK_QUEUE } from '../../src/contracts/atproto/workflows.ts'
import { taskQueueOf } from '../../src/contracts/systems.ts'
import { parseAuditInput, parseBackfillInput } from '../../src/domain/run-input.ts'
import * as workflows from '../../src/workflows/index.ts'
import { readDevOptions } from '../../dev/options.ts'
import { rawCompose } from './compose.ts'
import { commandsOf, documents, wordsOf } from './documents.ts'
import { textOf } from './files.ts'

/** The placeholders of the documents, each with a valid value. */
const VALUES: Readonly<Record<string, string>> = {
  '<problem>': 'pds-unreachable',
  '<name>': 'pds-unreachable',
  '<n>': '10',
  '<day>': '2099-01-31',
}

const all = documents().flatMap((document) =>
  [...new Set(commandsOf(document))].map((command) => [document.path, command] as const),
)
const those = (start: RegExp) => all.filter(([, command]) => start.test(command))

it('finds the commands of the documents', () => {
  expect(those(/holdfast/).length).toBeGreaterThan(60)
  expect(those(/^temporal/).length).toBeGreaterThan(10)
})

describe('a command of Holdfast in a document', () => {
  it.each(those(/^(?:npx )?holdfast |^docker compose exec .*holdfast /))('%s: %s', async (_, command) => {
    const [name = '', ...words] = wordsOf(command.replace(/^.*?holdfast /, '')).map(
      (word) => VALUES[word] ?? word,
    )
    const parser = (await programFor([name])).commands.find((known) => known.name() === name)
    expect(parser, `there is no command ${name}`).toBeDefined()
    if (parser === undefined || words.length === 0) return // named in a sentence
    const ofSystem = parser.registeredArguments[0]?.name() === 'system'
    const args = ofSystem && words[0]?.startsWith('--') === true ? ['atproto', ...words] : words // the short form
    if (ofSystem)
      expect(['atproto', 'supabase', '<system>', 'alerts', 'pause', 'resume', 'cancel']).toContain(args[0])
    const complaints: string[] = []
    parser
      .exitOverride()
      .configureOutput({ writeErr: (text) => complaints.push(text) })
      .action(() => undefined)
    try {
      parser.parse(args, { from: 'user' })
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error
      complaints.push(error.message)
    }
    expect(complaints).toEqual([])
  })
})

describe('a `temporal` command in a document', () => {
  const queues = [taskQueueOf('atproto'), taskQueueOf('supabase'), PDS_TASK_QUEUE]
  const messages = [
    ...textOf('src/contracts/messages.ts').matchAll(/define(?:Signal|Query)[^(]*\('([^']+)'/g),
  ]
  const known = messages.map(([, name]) => name)
  const schedules = [
    ...plannedSchedules('atproto', [{ tenant: 'aesthetic', note: 'its log' }]),
    ...plannedSchedules('supabase', [{ tenant: '-', note: 'its users' }]),
  ].map(({ id }) => id)
  const readers: Readonly<Record<string, (input: unknown) => { ok: boolean }>> = {
    backfill: (input) => parseBackfillInput(input, 'atproto', new Date()),
    audit: (input) => parseAuditInput(input, 'atproto', new Date()),
  }

  it.each(those(/^temporal /))('%s: %s', (_, command) => {
    const words = wordsOf(command)
    const option = (name: string): string | undefined =>
      words.includes(name) ? words[words.indexOf(name) + 1] : undefined
    const type = option('--type')
    const queue = option('--task-queue')
    const input = option('--input')
    const schedule = option('--schedule-id')
    const signal = words[2] === 'signal' ? option('--name') : undefined
    if (words[2] === 'start' && type !== undefined) expect(Object.keys(workflows)).toContain(type)
    if (words[2] === 'query') expect(known).toContain(type)
    if (signal !== undefined) expect(known).toContain(signal)
    if (queue !== undefined) expect(queues).toContain(queue)
    if (schedule !== undefined && !schedule.includes('<')) expect(schedules).toContain(schedule)
    if (input !== undefined) {
      const read = readers[type ?? '']?.(JSON.parse(input))
      if (read !== undefined) expect(read).toMatchObject({ ok: true })
    }
  })
})

describe('an npm or docker command in a document', () => {
  it.each(those(/^npm /))('%s: %s', (_, command) => {
    const [, verb = '', ...rest] = wordsOf(command)
    if (verb === 'run' && rest.length === 0) return // named in a sentence
    if (verb === 'run') expect(packageJson.scripts).toHaveProperty([rest[0] ?? ''])
    else expect(['install', 'ci', 'start', 'test', 'pack']).toContain(verb)
    if (verb === 'start') expect(() => readDevOptions(rest.filter((word) => word !== '--'))).not.toThrow()
  })

  it.each(those(/^docker compose exec /))('%s: %s', (_, command) => {
    const service = wordsOf(command.replace(/^docker compose exec(?: --env \S+)? /, ''))[0] ?? ''
    expect(rawCompose().services).toHaveProperty(service)
  })
})
