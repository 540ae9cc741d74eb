import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import {
  replaceCodeIndex,
  sharedCodes,
  type IndexReplaced,
  type SharedCode,
} from '../adapters/mongo/replace-code-index.ts'
import { openCheckContext, type CheckContext } from '../checks/context.ts'
import { diagnose } from '../checks/diagnose.ts'
import { EXIT, UsageError } from '../entry.ts'
import { answer, systemCommand, type Answer, type CommonOptions } from './command.ts'
import { diagnosisText } from './diagnose-text.ts'

interface DiagnoseOptions extends CommonOptions {
  readonly fixIndex?: boolean
  readonly yes?: boolean
}

export function diagnoseCommand(): Command {
  return systemCommand(
    'diagnose',
    'The one report to paste into an incident; nothing in it is personal or secret.',
    ['diagnose atproto', 'diagnose atproto > report.txt', 'diagnose atproto --fix-index --yes'],
  )
    .option('--fix-index', 'replace an index on users.code that does not keep codes apart')
    .option('--yes', 'replace it without asking')
    .action((system: string, options: DiagnoseOptions) =>
      answer(system, options, async ({ env }) => {
        const context = openCheckContext(env)
        try {
          if (options.fixIndex === true) return await fixIndex(context, options)
          const diagnosis = await diagnose(context)
          return {
            document: diagnosis,
            text: diagnosisText(diagnosis),
            exitCode: diagnosis.ok ? EXIT.done : EXIT.failed,
          }
        } finally {
          await context.close()
        }
      }),
    )
}

/** Duplicates first: with them there the index could not be made, and the old one would be gone. */
async function fixIndex(context: CheckContext, { yes }: DiagnoseOptions): Promise<Answer> {
  const { db } = context.mongo()
  const shared = await sharedCodes(db)
  if (shared.length > 0) return refused(shared)
  if (yes !== true && !(await agreed(db.databaseName)))
    return { document: { did: 'nothing' }, text: 'Nothing was changed.', exitCode: EXIT.failed }
  const replaced = await replaceCodeIndex(db)
  return { document: replaced, text: told(replaced) }
}

function refused(shared: readonly SharedCode[]): Answer {
  const lines = shared.map(({ code, count, identities }) => {
    const more = count > identities.length ? ` and ${count - identities.length} more` : ''
    return `  ${code ?? 'null (written out)'}: ${identities.join(', ')}${more}`
  })
  const text = [
    'Nothing was changed: these codes belong to more than one user, so no unique index can be made.',
    ...lines,
    'Give each of them a code of its own (unset it where it is null; a signup then draws one), and try again.',
  ].join('\n')
  return { document: { error: 'codes are shared', shared }, text, exitCode: EXIT.failed }
}

async function agreed(database: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError('Nobody is here to be asked. To replace the index without a question, add --yes.')
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const said = await prompt.question(`Replace the index on users.code in the database ${database}? [y/N] `)
    return /^y(es)?$/i.test(said.trim())
  } finally {
    prompt.close()
  }
}

function told(replaced: IndexReplaced): string {
  if (replaced.did === 'nothing')
    return `Nothing to change: the index ${replaced.index} keeps user codes apart.`
  const made = 'Made the index code_unique_sparse on users.code'
  return replaced.did === 'created' ? `${made}.` : `${made}, and dropped ${replaced.dropped}.`
}
