import type { Finding, Gap, Repair } from '../contracts/gaps.ts'
import { shellQuoted } from './shell.ts'

interface GapText {
  readonly sentence: (finding: Finding) => string
  /** What to do, with the command where there is one. */
  readonly fix: (finding: Finding) => string
  /** Null where a person has to decide: Holdfast deletes nothing and takes nothing away. */
  readonly repair: Repair | null
}

const backfill = ({ identity }: Finding): string =>
  `holdfast backfill atproto --id ${shellQuoted(identity)} --fix`
const says = ({ evidence }: Finding, name: string): string => evidence[name] ?? 'unknown'

/** Every kind of gap in one place: the audit's page, the plan and the backfill read it. */
const TABLE: Record<Gap, GapText> = {
  'verification-missing': {
    sentence: () => 'Signed up, and has no verification record.',
    fix: backfill,
    repair: 'signup',
  },
  'user-missing': {
    sentence: () => 'Signed up, and has no user record and so no code.',
    fix: backfill,
    repair: 'signup',
  },
  'code-missing': {
    sentence: ({ evidence }) => `The user record has no ${evidence['lacks'] ?? 'code'}.`,
    fix: backfill,
    repair: 'database',
  },
  'code-malformed': {
    sentence: () => 'The user code is not of the form this system draws.',
    fix: () => 'It may be in use: decide whether it stays. To have a new one drawn, unset users.code first.',
    repair: null,
  },
  'code-duplicate': {
    sentence: (finding) => `The user code ${says(finding, 'code')} belongs to somebody else too.`,
    fix: (finding) =>
      `Decide who keeps it, unset users.code of the others, then for each: ${backfill(finding)}`,
    repair: null,
  },
  'account-missing': {
    sentence: () => 'The e-mail is verified, and there is no account on the PDS.',
    fix: backfill,
    repair: 'signup',
  },
  'account-gone': {
    sentence: (finding) => `The account ${says(finding, 'did')} is ${says(finding, 'account')}.`,
    fix: () =>
      'Find out at the PDS who did it and why. For a new account, with a new DID, unset users.atproto and run the backfill.',
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
    sentence: (finding) => `No user record names the account ${finding.identity}.`,
    fix: () => 'Decide at the PDS whether it stays. Holdfast removes no account it was not asked to.',
    repair: null,
  },
  'record-unowned': {
    sentence: (finding) => `The provider does not know this person; there is still: ${says(finding, 'has')}.`,
    fix: () => 'Decide whether they were deleted there. Holdfast removes nothing it was not asked to.',
    repair: null,
  },
  'identity-only': {
    sentence: () => 'The provider knows this person, and there is no record of them at all.',
    fix: backfill,
    repair: 'signup',
  },
  'unverified-too-long': {
    sentence: () => 'Has not verified the e-mail within HOLDFAST_WAIT_DAYS.',
    fix: () => 'Nothing has to be done: a later verification starts the signup again.',
    repair: null,
  },
  'index-not-equivalent': {
    sentence: (finding) =>
      finding.evidence['index'] === undefined
        ? 'There is no index on users.code.'
        : `The index ${finding.evidence['index']} on users.code is not ${says(finding, 'lacks')}.`,
    fix: ({ evidence }) =>
      'Look for code-duplicate first, then in mongosh: ' +
      (evidence['index'] === undefined ? '' : `db.users.dropIndex('${evidence['index']}'); `) +
      'db.users.createIndex({ code: 1 }, { unique: true, sparse: true })',
    repair: null,
  },
}

export function gapText(finding: Finding): { sentence: string; fix: string } {
  const { sentence, fix } = TABLE[finding.kind]
  return { sentence: sentence(finding), fix: fix(finding) }
}

export function repairOf(kind: Gap): Repair | null {
  return TABLE[kind].repair
}

/** Whether somebody has to do something, a backfill included: who simply never verifies is counted, and no alert. */
export function asksForSomebody(kind: Gap): boolean {
  return kind !== 'unverified-too-long'
}
