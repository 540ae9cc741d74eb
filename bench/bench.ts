import { Command, Option } from 'commander'
import { runEntry } from '../src/entry.ts'
import { benchAudits } from './audit.ts'
import { benchBackfill } from './backfill.ts'
import { machineLine } from './machine.ts'
import { benchRetention } from './retention.ts'
import { benchScrapes } from './scrapes.ts'
import { benchSignups } from './signups.ts'
import { benchState } from './state.ts'
import { benchStory } from './story.ts'
import { benchWaiting } from './waiting.ts'
import { benchWatch } from './watch.ts'
import { benchWebhook } from './webhook.ts'

interface BenchOptions {
  readonly only?: keyof typeof SECTIONS
  readonly people: number
  readonly rounds: number
  readonly deliveries: number
  readonly waiting: number
  readonly verified: number
  readonly audits: string
  readonly repairs: number
  readonly hours: number
  readonly audited: number
  readonly blocked: string
  readonly stuck: number
  readonly ms: number
}

/** In the order of their output; each runs on servers of its own. */
const SECTIONS = {
  signups: (options: BenchOptions) => benchSignups(options),
  webhook: (options: BenchOptions) => benchWebhook(options),
  waiting: (options: BenchOptions) => benchWaiting(options),
  audits: ({ audits }: BenchOptions) => benchAudits(audits.split(',').map(Number)),
  retention: ({ audited, hours }: BenchOptions) => benchRetention(audited, hours),
  backfill: ({ repairs }: BenchOptions) => benchBackfill(repairs),
  watch: ({ blocked }: BenchOptions) => benchWatch(blocked.split(',').map(Number)),
  scrapes: ({ waiting, stuck }: BenchOptions) => benchScrapes({ waiting, stuck }),
  state: ({ ms }: BenchOptions) => benchState(ms),
  story: () => benchStory(),
} as const

/** Entry: `npm run bench`. Prints the figures that the README quotes, on servers of its own. */
await runEntry(async () => {
  const command = new Command('npm run bench --')
    .description('Prints the figures of the README, measured on servers it starts itself.')
    .addOption(new Option('--only <section>', 'one section alone').choices(Object.keys(SECTIONS)))
    .option('--people <n>', 'signups: people a round', Number, 200)
    .option('--rounds <n>', 'signups: rounds', Number, 5)
    .option('--deliveries <n>', 'webhook: deliveries of each size', Number, 50)
    .option('--waiting <n>', 'waiting, scrapes: people who wait for their verification', Number, 10_000)
    .option('--verified <n>', 'waiting: of them, how many verify, one by one', Number, 50)
    .option('--audits <sizes>', 'audits: people in each population', '1000,10000,100000,1000000')
    .option('--audited <n>', 'retention: people of each hourly audit', Number, 100_000)
    .option('--hours <n>', 'retention: hourly audits', Number, 100)
    .option('--repairs <n>', 'backfill: people to repair', Number, 1_000)
    .option('--blocked <sizes>', 'watch: signups that wait for a database that fails', '0,150,1000')
    .option('--stuck <n>', 'scrapes: signups that are blocked, beside those that wait', Number, 1_000)
    .option('--ms <n>', 'state: milliseconds for which each operation runs', Number, 1_000)
    .parse()
  const options = command.opts<BenchOptions>()
  process.stdout.write(`${machineLine()}\n`)
  for (const [name, run] of Object.entries(SECTIONS)) {
    if (options.only === undefined || options.only === name) process.stdout.write(`\n${await run(options)}\n`)
  }
})
