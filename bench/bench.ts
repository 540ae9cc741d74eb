import { Command } from 'commander'
import { runEntry } from '../src/entry.ts'
import { machineLine } from './machine.ts'
import { benchSignups } from './signups.ts'

/** Entry: `npm run bench`. Prints the figures the README quotes, on servers of its own. */
await runEntry(async () => {
  const command = new Command('npm run bench --')
    .description('Prints the figures of the README, measured on servers it starts itself.')
    .option('--people <n>', 'people a round', Number, 200)
    .option('--rounds <n>', 'rounds', Number, 5)
    .parse()
  const options = command.opts<{ people: number; rounds: number }>()
  process.stdout.write(`${machineLine()}\n\n${await benchSignups(options)}\n`)
})
