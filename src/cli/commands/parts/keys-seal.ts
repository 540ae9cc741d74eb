import { countPlaintext, sealPlaintext } from '../../../state/mongo/sealing/seal-plaintext.ts'
import { ConfigError } from '../../../config.ts'
import { createKeyring } from '../../../crypto/keyring.ts'
import { errorResult } from '../../lib/error-results.ts'
import type { CommandResult, CommonOptions } from '../../lib/command.ts'
import { allEncryptedFields } from '../../lib/encrypted-fields.ts'
import { confirm } from '../../lib/confirm.ts'
import type { SharedContext } from '../../lib/context.ts'
import { plaintextCountText, sealingResult, totalPlaintext } from '../../format/keys.ts'

/**
 * Asks for confirmation: a program that reads passwords without decrypting them can no longer use them, and sealing
 * cannot be undone.
 */
export async function sealKeys(
  context: SharedContext,
  { dryRun = false, yes, json }: CommonOptions & { dryRun?: boolean; yes?: boolean },
): Promise<CommandResult> {
  if (!dryRun) context.assertWrites()
  const { keys } = context.config('keys')
  const { toSeal, undecided, left } = await allEncryptedFields(context.env)
  const { db } = context.mongo()
  for (const { fields, missing } of undecided)
    if (totalPlaintext(await countPlaintext(db, fields)) > 0) throw new ConfigError([missing])
  const found = await countPlaintext(db, toSeal)
  const [{ id: writer }] = keys.sealing
  const before = { writer, left, dryRun, places: found }
  const plain = totalPlaintext(found)
  if (dryRun || plain === 0) return sealingResult(before)

  const question = `${plaintextCountText(found)} Encrypt them with ${writer}? Every program that reads them must be able to decrypt them.`
  if (!(await confirm(question, { yes, json }))) return errorResult('Nothing was encrypted.')
  await context.acting.begin({
    name: 'keys seal',
    kind: 'change',
    scope: 'all plain-text values in MongoDB that must be encrypted',
  })
  return sealingResult({
    ...before,
    places: await sealPlaintext(db, createKeyring(keys.sealing), toSeal),
  })
}
