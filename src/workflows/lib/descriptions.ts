/** The purpose of each signal and query, as `temporal workflow metadata` and the Temporal UI show it. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  emailVerified: 'Check the provider: the e-mail may be verified. No input; the signal alone is no proof.',
  emailChanged: 'Check the provider: the e-mail may have changed. Input: {"at": "<ISO 8601>"}, or none.',
  retry: 'Retry the failed step now instead of at its next retry. No input.',
  changed: 'Check the handle again. No input.',
  requested: 'Check again at the provider whether to delete the person. No input.',
  forced: 'Delete although the provider still knows the person. No input.',
  sweep: 'Check every store once more before the deletion ends. No input.',
  pause: 'Start no further repairs; those in flight continue. No input.',
  resume: 'Continue after a pause. No input.',
  repaired: 'Sent by signups: the result of a repair that this backfill started.',
  status: 'Stage, code, account, and the problem with its sentence, its fix and the next retry.',
  problem: 'Why it is blocked, with the fix and the next retry; null if it is not blocked.',
  progress: 'The progress.',
}

export function withDescription({ name }: { readonly name: string }): { description?: string } {
  const description = DESCRIPTIONS[name]
  return description === undefined ? {} : { description }
}
