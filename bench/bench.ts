import { Command, Option } from 'commander'
import { runEntry } from '../src/entry.ts'
import { benchAudits } from './audit.ts'
import { machineLine } from './machine.ts'
import { benchSignups } from './signups.ts'

/** Entry: `npm run bench`. Prints the figures the README quotes, on servers of its own. */
await runEntry(async () => {
  const command = new Command('npm run bench --')
    .description('Prints the figures of the README, measured on servers it starts itself.')
    .addOption(new Option('--only <part>', 'one part alone').choices(['signups', 'audits']))
    .option('--people <n>', 'people a round', Number, 200)
    .option('--rounds <n>', 'rounds', Number, 5)
    .option('--audits <sizes>', 'populations to audit', '1000,10000,100000,1000000')
    .parse()
  const options = command.opts<{ only?: string; people: number; rounds: number; audits: string }>()
  process.stdout.write(`${machineLine()}\n`)
  if (options.only !== 'audits') process.stdout.write(`\n${await benchSignups(options)}\n`)
  if (options.only !== 'signups')
    process.stdout.write(`\n${await benchAudits(options.audits.split(',').map(Number))}\n`)
})
