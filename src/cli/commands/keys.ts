import { Argument, Command } from 'commander'
import { createKeyring } from '../../crypto/keyring.ts'
import type { RotatedField } from '../../state/ports/sealed-values.ts'
import { UsageError } from '../../errors.ts'
import { runCommand, withExamples, type CommandResult, type CommonOptions } from '../lib/command.ts'
import type { SharedContext } from '../lib/context.ts'
import { withEncryptedDatabases } from '../lib/encrypted-fields.ts'
import { sealKeys } from './parts/keys-seal.ts'
import { rotationResult } from '../format/keys.ts'

interface KeysOptions extends CommonOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export function keysCommand(): Command {
  return withExamples(
    new Command('keys')
      .description(
        'rotate: re-encrypt everything in the databases of all served systems with the first key of HOLDFAST_KEY. seal: encrypt plain-text values that must be encrypted. Both are safe while everything runs, and safe to repeat.',
      )
      .addArgument(new Argument('<action>', 'the action').choices(['rotate', 'seal'])),
    [
      'keys rotate',
      'keys rotate --json | jq .stillNeeded',
      'keys seal --dry-run',
      'keys seal --yes --json | jq .plain',
    ],
  )
    .option('--dry-run', 'seal: count plain-text values, and change nothing')
    .option('--yes', 'seal: do not ask for confirmation')
    .action((action: string, options: KeysOptions) =>
      runCommand(options, (context) =>
        action === 'seal' ? sealKeys(context, options) : rotate(context, options),
      ),
    )
}

async function rotate(context: SharedContext, { dryRun, yes }: KeysOptions): Promise<CommandResult> {
  if (dryRun === true || yes === true)
    throw new UsageError('--dry-run and --yes are options of keys seal, not of keys rotate.')
  context.assertWrites()
  const { keys } = context.config('keys')
  const keyring = createKeyring(keys.sealing)
  return withEncryptedDatabases(context.env, async (databases) => {
    await context.acting.begin({
      name: 'keys rotate',
      kind: 'change',
      requires: 'admin',
      scope: 'all encrypted values',
    })
    const places: RotatedField[] = []
    for (const { opened, fields } of databases)
      places.push(...(await opened.state.sealed.rotate(keyring, fields.all)))
    return rotationResult(
      places,
      keys.sealing.map(({ id }) => id),
      databases.flatMap(({ fields }) => fields.toSeal),
    )
  })
}
