import { shellQuoted } from '../text/shell.ts'
import type { GapContext, GapWord } from '../words.ts'
import { codeIndexText } from './code-index.ts'

const backfill = ({ identity }: GapContext, system: string): string =>
  `holdfast backfill ${system} --id ${shellQuoted(identity)} --fix`
const says = ({ evidence }: GapContext, name: string): string => evidence[name] ?? 'unknown'

/** The evidence that an account is the person's, in words that follow its name. */
const PROOFS: Readonly<Record<string, string>> = {
  created: 'which Holdfast created for this person',
  login: 'which Holdfast created for this person',
  agreed: 'which an audit found to be theirs',
  'last-signup': 'the account with which their last signup completed',
  'code-and-address': 'with their own code as handle and their verified address',
  address: 'which has their verified address; nothing else shows that it is theirs',
}

/** Every kind of gap in one place, for the audit's page, the plan and the backfill. */
export const ATPROTO_GAPS = {
  'verification-missing': {
    sentence: () => 'The person signed up but has no verification record.',
    fix: backfill,
    repair: 'signup',
    missedEvent: true,
  },
  'user-missing': {
    sentence: ({ evidence }) =>
      evidence['code'] === undefined
        ? 'The person signed up but has no user record, and therefore no code.'
        : `The user record is lost. Holdfast has stored its code: ${evidence['code']}.`,
    fix: backfill,
    repair: 'signup',
    missedEvent: true,
  },
  'code-missing': {
    sentence: ({ evidence }) => `The user record has no ${evidence['lacks'] ?? 'code'}.`,
    fix: backfill,
    repair: 'database',
  },
  'code-malformed': {
    sentence: () => 'The user code does not have the format of the codes that Holdfast generates.',
    fix: () =>
      'The code may be in use: decide whether to keep it. To get a new one, unset users.code and run the backfill.',
    repair: null,
  },
  'code-duplicate': {
    sentence: (finding) => `The user code ${says(finding, 'code')} belongs to another person too.`,
    fix: (finding, system) =>
      `Decide which person keeps it, unset users.code of the others, then for each of them: ${backfill(finding, system)}`,
    repair: null,
  },
  'account-missing': {
    sentence: ({ evidence: { account, handle, proof } }) =>
      account === undefined
        ? 'The e-mail is verified, but there is no account on the PDS.'
        : `The user record contains no account, but the PDS hosts ${account} (${handle ?? 'no handle'}), ${PROOFS[proof ?? ''] ?? 'which may be theirs'}.`,
    fix: (finding, system) =>
      finding.evidence['account'] === undefined || finding.repair !== null
        ? backfill(finding, system)
        : `Decide whether ${finding.evidence['account']} is theirs: Holdfast has no proof of it, so a backfill neither ` +
          'adopts it nor creates another. If it is theirs, put its DID and handle into users.atproto. If it is not, ask its owner to ' +
          `change its address, then: ${backfill(finding, system)}`,
    repair: 'signup',
    missedEvent: true,
  },
  'account-gone': {
    sentence: (finding) => `The account ${says(finding, 'did')} is ${says(finding, 'account')}.`,
    fix: () =>
      'Find out at the PDS why this happened, and restore the account there if it was a mistake. If the PDS no longer ' +
      'hosts it and the person should get a new one, with a new DID, unset users.atproto and run the backfill.',
    repair: null,
  },
  'handle-differs': {
    sentence: (finding) =>
      `The account's handle is ${says(finding, 'account')}; it should be ${says(finding, 'wanted')}, and the user record says ${says(finding, 'record')}.`,
    fix: backfill,
    repair: 'handle',
  },
  'email-differs': {
    sentence: () => "The account's e-mail address is not the one verified at the provider.",
    fix: backfill,
    repair: 'signup',
  },
  'account-unowned': {
    sentence: (finding) =>
      finding.evidence['remembered'] === undefined
        ? `No user record refers to the account ${finding.identity}, and Holdfast has no record of its owner.`
        : `No user record refers to the account ${finding.identity}. In Holdfast's own records it belongs to ${finding.evidence['remembered']}.`,
    fix: ({ identity, evidence: { remembered } }, system) =>
      remembered === undefined
        ? `Find its owner by its handle and its posts: holdfast why ${system} ${shellQuoted(identity)}. It is safe to ` +
          'leave it. Holdfast never removes such an account; removing it at the PDS also removes its posts, follows and handle, for good.'
        : `To see what this person has now: holdfast why ${system} ${shellQuoted(remembered)}. It is safe to leave the account.`,
    repair: null,
  },
  'record-unowned': {
    sentence: (finding) =>
      `The provider does not know this person, but these still exist: ${says(finding, 'has')}.`,
    fix: ({ identity }, system) =>
      `Find out whether the person was deleted at the provider. If so: holdfast delete ${system} ${shellQuoted(identity)}. Holdfast deletes nothing without that command.`,
    repair: null,
  },
  'identity-only': {
    sentence: () => 'The provider knows this person, but the application has no record of them.',
    fix: backfill,
    repair: 'signup',
    missedEvent: true,
  },
  'deleted-but-present': {
    sentence: (finding) =>
      `This person was deleted (there is a tombstone), but ${says(finding, 'collection')} still has a document of them.`,
    fix: (_, system) =>
      'No action needed: the audit requested another pass of the deletion, and the next audit checks again. ' +
      `A deletion that does not complete is shown by: holdfast list ${system} --stuck`,
    repair: null,
  },
  'unverified-too-long': {
    sentence: () => 'The person has not verified the e-mail within HOLDFAST_WAIT_DAYS.',
    fix: () => 'No action needed: a later verification starts the signup again.',
    repair: null,
    alert: false,
  },
  'index-not-equivalent': {
    sentence: ({ evidence }, system) =>
      evidence['fault'] === undefined
        ? 'There is no index on users.code yet; the next signup creates it.'
        : codeIndexText(evidence, system).sentence,
    fix: ({ evidence }, system) => codeIndexText(evidence, system).fix,
    repair: null,
  },
} as const satisfies Readonly<Record<string, GapWord>>
