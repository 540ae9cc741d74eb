import { InvalidArgumentError } from 'commander'
import { UsageError } from '../../errors.ts'

/**
 * An operator's reason for an action, for the record. Records are kept longer than people are, and deletions do not
 * search this text, so an address in it is refused: `@`, also the full-width one.
 */
export function reasonText(value: string): string {
  const text = value.trim()
  if (text === '') throw new InvalidArgumentError('It must not be empty; give a ticket number, for example.')
  if (/[@\uFE6B\uFF20]/.test(text))
    throw new InvalidArgumentError(
      "It must not contain an '@': reasons are kept after a person is deleted. Give a ticket number instead.",
    )
  return text
}

/** The reason for showing an encrypted value: it is recorded, so it is required and must not be empty. */
export function requireReason(reason: string | undefined, what: string): string {
  const stated = reason?.trim() ?? ''
  if (stated === '')
    throw new UsageError(`${what} is shown only for a stated reason, which is recorded: add --reason '…'`)
  return stated
}
