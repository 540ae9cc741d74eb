import type { CheckWord, TextDetail } from '../words.ts'
import { filterSetting } from './log-filters.ts'
import { tenantVariable } from './tenant-variable.ts'

const streamId = ({ stream }: TextDetail): string => stream ?? '<id of the stream>'
const patchStream = (detail: TextDetail, change: string): string =>
  `auth0 api patch log-streams/${streamId(detail)} --data '${change}'`

/** Findings of `check` about the tenants of Auth0 and their log streams. */
export const AUTH0_CHECKS = {
  'auth0-client-refused': {
    sentence: ({ tenant, answer }) =>
      `Auth0 refuses a token to the application of Holdfast in tenant ${tenant ?? '<tenant>'} (${answer ?? 'refused'}).`,
    fix: (detail) =>
      `Correct ${tenantVariable(detail, 'CLIENT_ID')} and ${tenantVariable(detail, 'CLIENT_SECRET')}, and authorize that application for the Management API: deploy/auth0/README.md.`,
  },
  'auth0-scope-missing': {
    sentence: ({ tenant, scope, purpose }) =>
      `The application of Holdfast in tenant ${tenant ?? '<tenant>'} lacks the scope ${scope ?? '<scope>'}, needed to ${purpose ?? 'work'}.`,
    fix: ({ scope }) =>
      `Add ${scope ?? '<scope>'} to its grant for the Management API. The command is in deploy/auth0/README.md, all scopes are in client-grant.json.`,
  },
  'auth0-scope-superfluous': {
    sentence: ({ tenant, scopes }) =>
      `The application of Holdfast in tenant ${tenant ?? '<tenant>'} has scopes that Holdfast never uses: ${scopes ?? '<scopes>'}.`,
    fix: () =>
      'Reduce its grant for the Management API to the scopes in deploy/auth0/client-grant.json (in client-grant-probe.json if it runs probes).',
  },
  'log-stream-missing': {
    sentence: ({ tenant }) => `Tenant ${tenant ?? '<tenant>'} has no log stream of the type webhook.`,
    fix: () =>
      'auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with its address and token filled in.',
  },
  'log-stream-elsewhere': {
    sentence: ({ tenant, host, endpoint }) =>
      `No log stream of tenant ${tenant ?? '<tenant>'} posts to ${endpoint ?? 'the webhook of Holdfast'}; there is one that posts to ${host ?? 'another host'}.`,
    fix: (detail) =>
      `${patchStream(detail, `{"sink":{"httpEndpoint":"${detail['endpoint'] ?? '<HOLDFAST_URL>/webhooks/auth0/<tenant>'}"}}`)}, or correct HOLDFAST_URL.`,
  },
  'log-stream-paused': {
    sentence: ({ tenant }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} is paused: its events are not delivered, and only catch-up fetches them.`,
    fix: (detail) => patchStream(detail, '{"status":"active"}'),
  },
  'log-stream-suspended': {
    sentence: ({ tenant }) =>
      `Auth0 has suspended the log stream of tenant ${tenant ?? '<tenant>'} and does not resume it.`,
    fix: (detail) =>
      `Create it again, from the time it stopped: auth0 api delete log-streams/${streamId(detail)}, then auth0 api post log-streams --data "$(cat deploy/auth0/log-stream.json)", with the time as its "startFrom".`,
  },
  'log-stream-filtered': {
    sentence: ({ tenant, lacking }) =>
      `The filters of tenant ${tenant ?? '<tenant>'}'s log stream exclude ${lacking ?? 'events'}.`,
    fix: (detail) => patchStream(detail, detail['filters'] ?? filterSetting()),
  },
  'log-stream-format-unknown': {
    sentence: ({ tenant, format }) =>
      `The log stream of tenant ${tenant ?? '<tenant>'} uses the format ${format ?? 'unknown'}, which Holdfast cannot read.`,
    fix: (detail) => patchStream(detail, '{"sink":{"httpContentFormat":"JSONLINES"}}'),
  },
  'log-stream-token-differs': {
    sentence: (detail) =>
      `The log stream of tenant ${detail['tenant'] ?? '<tenant>'} sends a token that differs from ${tenantVariable(detail, 'LOG_TOKEN')}, so every delivery is refused.`,
    fix: (detail) =>
      `auth0 api patch log-streams/${streamId(detail)} --data "$(jq -n '.sink["httpAuthorization"] = env.${tenantVariable(detail, 'LOG_TOKEN')} | split(",")[0]')"; or correct the variable and restart the server.`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>
