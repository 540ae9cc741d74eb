import { replaceCodeIndex, type IndexReplacement } from '../../adapters/mongo/replace-code-index.ts'
import { sharedCodes, FULL_PASS_MS, type SharedCode } from '../../adapters/mongo/shared-codes.ts'
import type { System } from '../../contracts/systems.ts'
import { CODE_INDEX, codeIndexText } from '../../contracts/atproto/code-index.ts'
import { EXIT } from '../../errors.ts'
import type { RepairOptions } from '../../systems/command-part.ts'
import { mongoOf } from '../../state/open.ts'
import { runOwn, type CommandResult } from '../lib/command.ts'
import { confirm } from '../lib/confirm.ts'
import type { CommandContext } from '../lib/context.ts'

/** `diagnose --fix-index`: replaces an index on `users.code` that does not keep codes unique. */
export function fixIndex(system: string, options: RepairOptions): Promise<void> {
  return runOwn({ systems: ['atproto'] }, 'diagnose --fix-index', system, options, (context) => {
    context.assertWrites()
    return replaceIndex(context, options)
  })
}

/** The number of shared codes, and of people for each, that the refusal names. */
const NAMED = { most: 20, people: 5 } as const

/** Duplicates are checked first: with them the new index could not be created, after the old one was dropped. */
async function replaceIndex(context: CommandContext, options: RepairOptions): Promise<CommandResult> {
  const { db } = mongoOf(await context.opened())
  const shared = await sharedCodes(db, { withinMs: FULL_PASS_MS, ...NAMED })
  if (shared.length > 0) return refused(shared)
  if (!(await confirm(`Replace the index on users.code in the database ${db.databaseName}?`, options)))
    return { document: { did: 'nothing' }, text: 'Nothing was changed.', exitCode: EXIT.failed }
  await context.acting.begin({ name: 'diagnose --fix-index', kind: 'change', scope: 'users.code' })
  const replaced = await replaceCodeIndex(db, { rename: options.details.has('rename') })
  const done = ['nothing', 'created', 'replaced', 'dropped'].includes(replaced.did)
  return {
    document: replaced,
    text: replacementText(context.system, replaced),
    exitCode: done ? EXIT.done : EXIT.failed,
  }
}

function refused(shared: readonly SharedCode[]): CommandResult {
  const lines = shared.map(({ code, count, identities }) => {
    const more = count > identities.length ? ` and ${count - identities.length} more` : ''
    return `  ${typeof code === 'string' ? code : `${JSON.stringify(code)} (not a string)`}: ${identities.join(', ')}${more}`
  })
  const text = [
    'Nothing was changed: these codes belong to more than one user, so no unique index can be created.',
    ...lines,
    'Give each of these users a unique code (unset it if it is null or not a string; Holdfast then generates one), and try again.',
  ].join('\n')
  return { document: { error: 'codes are shared', shared }, text, exitCode: EXIT.failed }
}

function replacementText(system: System, replaced: IndexReplacement): string {
  if (replaced.did === 'full' || replaced.did === 'unsupported') {
    const { did: fault, ...words } = replaced
    const { sentence, fix } = codeIndexText({ fault, ...words }, system)
    return `Nothing was changed. ${sentence}\n${fix}`
  }
  if (replaced.did === 'name-taken')
    return `Nothing was changed. The index ${replaced.index} keeps user codes unique, and the name ${CODE_INDEX} belongs to an index on other fields.`
  if (replaced.did === 'nothing')
    return `Nothing to change: the index ${replaced.index} keeps user codes unique.`
  if (replaced.did === 'dropped')
    return `Dropped the index ${replaced.dropped}. The index ${replaced.index} keeps user codes unique.`
  const made = `Created the index ${replaced.index} on users.code`
  return replaced.did === 'created' ? `${made}.` : `${made}, and dropped ${replaced.dropped}.`
}
