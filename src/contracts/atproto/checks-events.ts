import type { CheckWord } from '../words.ts'
import { tenantVariable } from './tenant-variable.ts'

/** Findings of `check` about the events that arrive from Auth0. */
export const EVENT_CHECKS = {
  'signup-not-seen': {
    sentence: ({ tenant, at }) =>
      `The last signup in the log of tenant ${tenant ?? '<tenant>'}, at ${at ?? 'its time'}, has no workflow: its event did not arrive.`,
    fix: ({ system, identity }) =>
      `holdfast catch-up ${system}, or for this person: holdfast signup ${system} ${identity ?? "'<id>'"}`,
  },
  'log-gap': {
    sentence: ({ tenant, from, to }) =>
      `The log of tenant ${tenant ?? '<tenant>'} from ${from ?? 'some time'} to ${to ?? 'some time'} was deleted before catch-up read it: signups of that time may be missing.`,
    fix: ({ system, tenant }) =>
      `holdfast audit ${system} --tenant ${tenant ?? '<tenant>'}, then: holdfast catch-up ${system} --close-gap`,
  },
  'events-noted': {
    sentence: ({ tenant, days, what }) =>
      `Within ${days ?? 'the last'} days, Auth0 reported for tenant ${tenant ?? '<tenant>'}: ${what ?? 'failures'}.`,
    fix: ({ tenant, system }) =>
      `To see them by day: holdfast catch-up ${system} --status --tenant ${tenant ?? '<tenant>'}. holdfast why shows a failed verification mail, and holdfast resend sends it again. For users removed, linked or changed by SCIM: holdfast audit ${system}. For all others, see Auth0's log.`,
  },
  'webhook-tenant-unknown': {
    sentence: ({ tenant }) => `The webhook server does not know the tenant ${tenant ?? '<tenant>'}.`,
    fix: (detail) => `Set ${tenantVariable(detail, '*')} in the environment of the server, and restart it.`,
  },
  'webhook-open': {
    sentence: ({ tenant, answer }) =>
      `The webhook of tenant ${tenant ?? '<tenant>'} answers ${answer ?? 'otherwise'} to a wrong token; it must answer 401.`,
    fix: () => 'HOLDFAST_URL points to another service, or a proxy answers in place of Holdfast: correct it.',
  },
  'webhook-token-differs': {
    sentence: (detail) =>
      `The server runs with a different ${tenantVariable(detail, 'LOG_TOKEN')} than this environment.`,
    fix: (detail) => `Set the same ${tenantVariable(detail, 'LOG_TOKEN')} in both, and restart the server.`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>
