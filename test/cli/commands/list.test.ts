import { beforeAll, describe, expect, it } from 'vitest'
import type { SignupPage } from '../../../src/client/signup-reader.ts'
import { holdfast, jsonOf, pageOf } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { entry, FORMATS } from '../../support/log-entries.ts'
import { startSignup, expectComplete, newPerson, reaches, type Person } from '../../support/people.ts'
import { openWebhook, type Webhook } from '../../support/webhook.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let webhook: Webhook
let waiting: Person[]
let complete: Person
beforeAll(async () => {
  world = await openWorld()
  await world.startWorker()
  webhook = openWebhook(world)
  waiting = await Promise.all([1, 2, 3, 4].map(() => newPerson(world, { verified: false })))
  complete = await newPerson(world)
  const signedUpAt = new Date().toISOString()
  for (const { identity } of waiting)
    await world.signups.notify({ tenant: 'aesthetic', identity, signedUpAt })
  await startSignup(world, complete)
  for (const person of waiting) await reaches(world, person, 'waiting-for-verification')
  await expectComplete(world, complete)
  await eventually('all can be seen', async () => (await world.reader.list({})).signups.length === 5)
})

const list = async (...args: string[]): Promise<SignupPage> => {
  const { code, document } = await pageOf(world.env, 'list', 'atproto', ...args)
  expect(code).toBe(0)
  return document
}
const names = (page: SignupPage): string[] => page.signups.map(({ identity }) => identity).toSorted()
const everybody = (): string[] => [...waiting, complete].map(({ identity }) => identity).toSorted()

describe('holdfast list', () => {
  it('shows those of one stage', async () => {
    await eventually('the stages can be seen', async () => {
      const { signups } = await world.reader.list({ stage: 'waiting-for-verification' })
      return signups.length === waiting.length
    })
    expect(names(await list('--stage', 'waiting-for-verification'))).toEqual(
      waiting.map(({ identity }) => identity).toSorted(),
    )
    expect(names(await list('--stage', 'completed'))).toEqual([complete.identity])
    expect((await list('--stage', 'expired')).signups).toEqual([])
    expect((await holdfast(world.env, 'list', 'atproto', '--stuck')).stdout.trim()).toBe('No signups.')
  })

  it('shows all of them a page at a time, each once, running ones first', async () => {
    const pages: SignupPage[] = []
    do {
      const next = pages.at(-1)?.next
      pages.push(await list('--limit', '2', ...(next ? ['--next', next] : [])))
    } while (pages.at(-1)?.next && pages.length < 6)
    expect(pages.flatMap(names).toSorted()).toEqual(everybody())
    expect(pages.every(({ signups }) => signups.length <= 2)).toBe(true)
    expect(pages.flatMap(({ signups }) => signups).at(-1)?.identity).toBe(complete.identity)
    const { stdout } = await holdfast(world.env, 'list', 'atproto', '--limit', '2')
    expect(stdout).toContain(`Next page: npx holdfast list atproto --limit 2 --next ${pages[0]?.next}`)
  })

  it('takes a next page for the filters it was handed out for alone', async () => {
    const { next } = await list('--stage', 'waiting-for-verification', '--limit', '2')
    const rest = await list('--stage', 'waiting-for-verification', '--next', next ?? '')
    expect(rest.signups).toHaveLength(2)
    const { code, stderr } = await holdfast(world.env, 'list', 'atproto', '--next', next ?? '')
    expect(code).toBe(2)
    expect(stderr).toContain('with the same filters')
    const asked = 'list atproto --stage waiting-for-verification --limit 2'
    const { stdout } = await holdfast(world.env, ...asked.split(' '))
    expect(stdout).toContain(`Next page: npx holdfast ${asked} --next ${next}`)
  })

  it('shows a person once who has been through it several times', async () => {
    const { runId } = await world.temporal.workflow.getHandle(world.idOf(complete.identity)).describe()
    await holdfast(world.env, 'signup', 'atproto', complete.identity)
    await eventually('a second run has completed and can be seen', async () => {
      const { executions } = await world.temporal.workflowService.listWorkflowExecutions({
        namespace: world.temporal.options.namespace,
        query: `WorkflowId = '${world.idOf(complete.identity)}' AND ExecutionStatus = 'Completed'`,
      })
      return executions?.length === 2 && executions[0]?.execution?.runId !== runId
    })
    expect(names(await list())).toEqual(everybody())
    expect(names(await list('--stage', 'completed'))).toEqual([complete.identity])
  })

  it.each([
    ['a stage there is not', ['--stage', 'sleeping'], 'It must be one of: recording,'],
    ['a limit of none', ['--limit', '0'], 'whole number from 1 to 1000'],
    ['a limit of words', ['--limit', 'many'], 'whole number from 1 to 1000'],
    ['a next page that is none', ['--next', 'garbage'], "'garbage' is not a page of this list"],
  ])('refuses %s, and says what it takes', async (_, args, says) => {
    const { code, document, stderr } = await jsonOf(world.env, 'list', 'atproto', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(document['error']).toContain(says)
  })
})

describe('E3: holdfast quarantine list', () => {
  it('shows what was kept aside, with why, how often and till when, and nothing of its content', async () => {
    const empty = await holdfast(world.env, 'quarantine', 'atproto', 'list')
    expect(empty).toMatchObject({ code: 0, stdout: 'Nothing is quarantined.\n' })

    const malformed = FORMATS.JSONARRAY([entry({ type: 'ss', user_name: 'someone@example.com' })])
    for (let times = 0; times < 3; times += 1) await webhook.deliver(malformed)
    await webhook.deliver('["not a log"]')
    const { code, document } = await jsonOf(world.env, 'quarantine', 'atproto', 'list')
    expect(code).toBe(0)
    expect(document['entries']).toMatchObject([
      { system: 'atproto', tenant: 'aesthetic', reason: 'not a log entry: no type', times: 1 },
      { system: 'atproto', tenant: 'aesthetic', reason: 'a "ss" event without a usable user_id', times: 3 },
    ])
    const { stdout } = await holdfast(world.env, 'quarantine', 'atproto', 'list')
    expect(stdout).toMatch(/ID +TENANT +REASON +TIMES +LAST SEEN +EXPIRES/)
    expect(stdout).toMatch(/without a usable user_id +3 +.+ago +in (89|90) ?d/)
    expect(stdout + JSON.stringify(document)).not.toContain('someone@example.com')
  })
})
