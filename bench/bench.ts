import { Command, Option } from 'commander'
import { runEntry } from '../src/entry.ts'
import { machineLine } from './machine.ts'
import { benchSignups } from './signups.ts'
import { benchWebhook } from './webhook.ts'

interface BenchOptions {
  readonly people: number
  readonly rounds: number
  readonly deliveries: number
  readonly only?: keyof typeof SECTIONS
}

const SECTIONS = { signups: benchSignups, webhook: benchWebhook } as const

/** Entry: `npm run bench`. Prints the figures the README quotes, on servers of its own. */
await runEntry(async () => {
  const command = new Command('npm run bench --')
    .description('Prints the figures of the README, measured on servers it starts itself.')
    .option('--people <n>', 'people a round', Number, 200)
    .option('--rounds <n>', 'rounds', Number, 5)
    .option('--deliveries <n>', 'deliveries of each size', Number, 50)
    .addOption(new Option('--only <section>', 'one section').choices(Object.keys(SECTIONS)))
    .parse()
  const options = command.opts<BenchOptions>()
  process.stdout.write(`${machineLine()}\n`)
  for (const [name, section] of Object.entries(SECTIONS)) {
    if (options.only === undefined || options.only === name)
      process.stdout.write(`\n${await section(options)}\n`)
  }
})
