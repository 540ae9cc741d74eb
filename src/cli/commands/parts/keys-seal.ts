import { ConfigError } from '../../../config.ts'
import { createKeyring } from '../../../crypto/keyring.ts'
import type { PlaintextCount, SealOutcome } from '../../../state/ports/sealed-values.ts'
import { errorResult } from '../../lib/error-results.ts'
import type { CommandResult, CommonOptions } from '../../lib/command.ts'
import { withEncryptedDatabases } from '../../lib/encrypted-fields.ts'
import { confirm } from '../../lib/confirm.ts'
import type { SharedContext } from '../../lib/context.ts'
import { plaintextCountText, sealingResult, totalPlaintext } from '../../format/keys.ts'

/**
 * Asks for confirmation: a program that reads passwords without decrypting them can no longer use them, and sealing
 * cannot be undone.
 */
export function sealKeys(
  context: SharedContext,
  { dryRun = false, yes, json }: CommonOptions & { dryRun?: boolean; yes?: boolean },
): Promise<CommandResult> {
  if (!dryRun) context.assertWrites()
  const { keys } = context.config('keys')
  return withEncryptedDatabases(context.env, async (databases) => {
    for (const { opened, fields } of databases)
      for (const { fields: passwords, missing } of fields.undecided)
        if (totalPlaintext(await opened.state.sealed.countPlaintext(passwords)) > 0)
          throw new ConfigError([missing])
    const found: PlaintextCount[] = []
    for (const { opened, fields } of databases)
      found.push(...(await opened.state.sealed.countPlaintext(fields.toSeal)))
    const [{ id: writer }] = keys.sealing
    const left = [...new Set(databases.flatMap(({ fields }) => fields.left))]
    const before = { writer, left, dryRun, places: found }
    const plain = totalPlaintext(found)
    if (dryRun || plain === 0) return sealingResult(before)

    const question = `${plaintextCountText(found)} Encrypt them with ${writer}? Every program that reads them must be able to decrypt them.`
    if (!(await confirm(question, { yes, json }))) return errorResult('Nothing was encrypted.')
    await context.acting.begin({
      name: 'keys seal',
      kind: 'change',
      requires: 'admin',
      scope: 'all plain-text values that must be encrypted',
    })
    const keyring = createKeyring(keys.sealing)
    const places: SealOutcome[] = []
    for (const { opened, fields } of databases)
      places.push(...(await opened.state.sealed.sealPlaintext(keyring, fields.toSeal)))
    return sealingResult({ ...before, places })
  })
}
