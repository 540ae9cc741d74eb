import { SHARED_ALERTS } from '../shared/alerts.ts'
import { otherVersion } from '../shared/phrases.ts'
import { countedPeople } from '../text/counted.ts'
import type { AlertWord } from '../words.ts'
import { notAdoptedText } from './not-adopted.ts'

/** Alerts of `atproto`, and what the shared ones say of Auth0. */
export const ATPROTO_ALERTS = {
  'temporal-unreachable': {
    text: () => ({
      ...SHARED_ALERTS['temporal-unreachable'].text(),
      fix: 'Bring Temporal back, or correct TEMPORAL_ADDRESS. Auth0 resends the refused events, and catch-up reads the rest.',
    }),
    severity: 'critical',
    consequences: ['no-worker', 'worker-silent', 'watch-late'],
    raisedBy: 'other',
  },
  'signups-missing': {
    text: ({ about, count }, system) => ({
      sentence: `Auth0 lists ${countedPeople(count)} of tenant ${about ?? '-'} who signed up recently and have no signup in Holdfast.`,
      fix: `Check the log stream: holdfast check ${system}. To start the missing signups: holdfast catch-up ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'signups-stalled': {
    text: (finding, system) => ({
      ...SHARED_ALERTS['signups-stalled'].text(finding, system),
      fix: `Look at the last event of one of them in the Temporal UI (to list them: holdfast list ${system} --stage recording). ${otherVersion}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'catch-up-behind': {
    text: ({ about, detail }, system) => ({
      sentence: `Catch-up is ${detail?.['lag'] ?? 'far'} behind in Auth0's log of tenant ${about ?? '-'}.`,
      fix: `To read the log now and see what prevents it: holdfast catch-up ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'log-gap': {
    text: ({ about, detail }, system) => ({
      sentence: `Auth0's log of tenant ${about ?? '-'} from ${detail?.['from'] ?? '?'} to ${detail?.['to'] ?? '?'} was deleted before catch-up read it.`,
      fix: `Signups of that time can be found only by comparing all users: holdfast audit ${system}`,
    }),
    severity: 'high',
    raisedBy: 'inspection',
  },
  'tokens-refused': {
    text: (finding, system) => ({
      ...SHARED_ALERTS['tokens-refused'].text(finding, system),
      fix: `If Auth0 sends them, the log stream and the server have different tokens: holdfast check ${system}. If not, a third party is guessing tokens: block the sender at your proxy, and replace the token if it may be known.`,
    }),
    severity: 'high',
    raisedBy: 'other',
  },
  'account-not-adopted': {
    text: ({ count, detail }, system) =>
      notAdoptedText(system, { count, ...(detail?.['did'] === undefined ? {} : { did: detail['did'] }) }),
    severity: 'warning',
    raisedBy: 'inspection',
  },
} as const satisfies Readonly<Record<string, AlertWord>>
