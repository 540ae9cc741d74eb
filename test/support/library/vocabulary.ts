import { POSTGRES_CHECKS, POSTGRES_PROBLEMS_OF_CHECKS } from '../../../src/contracts/postgres/checks.ts'
import { POSTGRES_PROBLEMS } from '../../../src/contracts/postgres/problems.ts'
import type { ProblemWord, Vocabulary } from '../../../src/contracts/words.ts'

declare module '../../../src/contracts/systems.ts' {
  interface SystemNames {
    library: true
  }
}
declare module '../../../src/contracts/vocabulary.ts' {
  interface Vocabularies {
    library: typeof LIBRARY_VOCABULARY
  }
}

const LIBRARY_UNREACHABLE = {
  sentence: () => "The library's database does not answer.",
  fix: () => 'Bring it back, or correct LIBRARY_DB_URL.',
}

const LIBRARY_REFUSED = {
  sentence: ({ detail }) => `The library's database refused a card (${detail['answer'] ?? 'no code'}).`,
  fix: () => 'Correct the reserved number of the member.',
} as const satisfies ProblemWord

/** The words of the library: its members are the people, and each must own a card. */
export const LIBRARY_VOCABULARY = {
  workflows: {
    signup: 'librarySignup',
    others: [],
    activityQueues: {},
    localActivities: [],
    canaries: [],
    hasTenants: false,
    sources: ['members'],
    otherIdsOf: () => [],
  },
  steps: {
    recording: { doing: 'Looking up the member', done: 'the member was found' },
    'waiting-for-verification': {
      doing: 'Checking whether the member is confirmed',
      stage: 'Waiting for the front desk to confirm the member',
      done: 'the member is confirmed',
      waiting: 'The card is issued as soon as the front desk confirms the member.',
    },
    'creating-card': { doing: 'Issuing the card', done: 'the card was issued' },
  },
  problems: {
    ...POSTGRES_PROBLEMS,
    'library-unreachable': LIBRARY_UNREACHABLE,
    'library-refused': LIBRARY_REFUSED,
  },
  gaps: {
    'card-missing': {
      sentence: () => 'The member is confirmed but has no card.',
      fix: ({ identity }, system) => `holdfast signup ${system} ${identity}`,
      repair: 'signup',
      missedEvent: true,
    },
    'card-unissued': {
      sentence: () => 'The front desk has reserved a number, but the card was not issued.',
      fix: ({ identity }, system) => `holdfast backfill ${system} --id ${identity} --fix`,
      repair: 'database',
    },
    'card-unowned': {
      sentence: () => 'The member of this card is gone.',
      fix: ({ identity }, system) => `holdfast backfill ${system} --id ${identity} --fix --remove`,
      repair: 'remove',
    },
  },
  checks: { ...POSTGRES_CHECKS, 'library-unreachable': LIBRARY_UNREACHABLE },
  problemsOfChecks: [...POSTGRES_PROBLEMS_OF_CHECKS, 'library-unreachable'],
  alerts: {},
  dependencies: {
    postgres: ['postgres-unreachable', 'postgres-denied'],
    library: ['library-unreachable'],
  },
  audit: { counts: ['members', 'cards'], columns: { card: { head: 'CARD', type: 'text' } } },
  columns: { code: 'CARD' },
} as const satisfies Vocabulary
