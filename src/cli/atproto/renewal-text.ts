import type { System } from '../../contracts/systems.ts'
import { isProblemName } from '../../contracts/problems.ts'
import { shellQuoted } from '../../contracts/text/shell.ts'
import { EXIT } from '../../errors.ts'
import type { RenewalReport } from './renew-passwords.ts'
import type { RenewalsBegun } from '../../state/mongo/atproto/renewals.ts'
import type { CommandResult } from '../lib/command.ts'
import { moreLine } from '../format/more.ts'
import { table } from '../format/print.ts'

/** The text of a dry run: the changes a renewal would make now. */
export function renewalPreviewText({
  total,
  begun,
  done,
  since,
  drawn,
}: RenewalsBegun & { readonly total: number; readonly drawn: number }): string {
  return [
    `Passwords stored: ${total}.`,
    ...(begun === 0 || since === null
      ? []
      : [
          `The renewal begun at ${since.toISOString()} was interrupted and is continued: ${done} of ${begun} are done.`,
        ]),
    ...drawnText(drawn),
  ].join(' ')
}

/**
 * A signup keeps its drawn password, so a password from before the leak can only be renewed once the signup is
 * complete.
 */
function drawnText(drawn: number): string[] {
  if (drawn === 0) return []
  return [
    `Signups in progress whose password is already stored: ${drawn}; run this again when they have completed.`,
  ]
}

export function renewalResult(
  system: System,
  { counts, failures }: RenewalReport,
  drawn: number,
): CommandResult {
  const rows = [
    ['renewed', counts.renewed],
    ['already renewed by the interrupted renewal that this one continues', counts.before],
    ['the account no longer exists on the PDS', counts.gone],
    ['renewed, but the login failed: app passwords may remain', counts['not-opened']],
    ['failed', counts.failed],
  ].map(([what, count]) => [String(count), String(what)])
  const ended = counts.failed + counts['not-opened'] === 0
  const lines = [
    table(['ACCOUNTS', ''], rows),
    '',
    ...failures.map(({ identity, problem }) => `${identity}: ${problem}`),
    ...moreLine(failures.map(({ problem }) => problem).filter(isProblemName)),
    ended
      ? 'Sessions and app passwords are revoked. Access tokens issued before remain valid for up to two hours.'
      : `Not all passwords were renewed. To see why: holdfast why ${system} ${shellQuoted(failures[0]?.identity ?? '<id>')}; then run this again: it continues with the same passwords.`,
    ...drawnText(drawn),
  ]
  return {
    document: { dryRun: false, ended, counts, failures, drawn },
    text: lines.join('\n'),
    exitCode: ended ? EXIT.done : EXIT.failed,
  }
}
