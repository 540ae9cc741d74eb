/** The hand-written part of docs/runbook.md: what is done regularly, and around a deployment. */
export const TASKS = `# Runbook

What to do when an alert fires, before and after a deployment, and regularly. The commands are for a checkout or an installed package; in docker compose put \`docker compose exec worker\` before \`holdfast\`. Each answers for one system, here \`atproto\`.

## When an alert fires

1. \`npx holdfast alerts atproto\`: what is open, since when, how many people it concerns, and what to do. Alerts with one cause are one.
2. \`npx holdfast diagnose atproto\`: one report for the incident: dependencies, blocked signups, workers, schedules. It contains nothing personal, and can be attached to a ticket.
3. Do what the alert says. Retries are automatic; to retry at once: \`npx holdfast retry atproto --problem <problem>\`
4. For one person: \`npx holdfast why atproto 'auth0|6123abc'\`
5. Afterwards: \`npx holdfast audit atproto --summary\`; it has to find nothing that was not there before.

If a repair or a deletion goes wrong, stop it first and look then: \`npx holdfast pause atproto --reason 'incident'\`, or \`npx holdfast pause atproto --deletions --reason 'incident'\`. Nothing is lost while Holdfast is paused: events are accepted and wait.

## Escalation

| severity | means | who | within |
| --- | --- | --- | --- |
| warning | a figure is unusual, or somebody has to decide; nobody is waiting | the operators, in working hours | one day |
| high | people wait or miss something, Holdfast continues by itself | the engineer on call | 4 hours, the time within which one blocked signup has to be resolved |
| critical | no signup arrives or completes, or more people are affected every minute | the engineer on call, by pager | 15 minutes |

| if | then |
| --- | --- |
| one person is blocked | the operator, by \`why\`; after 4 hours the engineer on call |
| over 10 people an hour are newly blocked | the engineer on call, and whoever runs the dependency that the alert names |
| over 50 people an hour are newly blocked, or the cause is unknown after an hour | an incident for everybody concerned; consider to pause new signups in the application |
| the dependency is a provider's (Auth0, the PDS's host, a database) | its support, with the time of the first failure from \`alerts\` and the report of \`diagnose\` |
| keys, tokens or passwords may have leaked | the owner of security at once; [keys.md](operate/keys.md), [SECURITY.md](../SECURITY.md) |

## Before a deployment

| what | command |
| --- | --- |
| nothing is wrong now | \`npx holdfast alerts atproto\` |
| the configuration is right | \`npx holdfast check atproto\` |
| a figure to compare with | \`npx holdfast audit atproto --summary\` and \`npx holdfast totals atproto --since 24h --hourly\` |
| no backfill is running, or it is paused | \`npx holdfast list atproto --stuck\`; \`npx holdfast backfill pause <run>\` |
| tables, of a system whose state is in Postgres | \`npx holdfast state apply <system>\`, before the new workers start |
| what changes | [CHANGELOG.md](../CHANGELOG.md) |

## After a deployment

| what | command |
| --- | --- |
| every worker runs the new build, with the same settings | \`npx holdfast workers atproto\` |
| the schedules are those of this version | \`npx holdfast schedules atproto apply\` |
| the configuration and a rehearsed signup succeed | \`npx holdfast check atproto --probe\` |
| new signups complete | \`npx holdfast totals atproto --since 1h --hourly\` |
| nothing is blocked that was not before | \`npx holdfast list atproto --stuck\` and \`npx holdfast audit atproto --since 1h\` |

## Roll-back

1. If records are written wrongly, \`npx holdfast pause atproto --reason 'roll-back'\` first; signups wait.
2. Start the former version of worker, server and codec, all of them: an older worker cannot continue what a newer one has begun while both run. Records that were repaired stay repaired.
3. Tables in Postgres are not rolled back: a version says at its start which it needs ([postgres.md](operate/postgres.md)).
4. \`npx holdfast workers atproto\`, then \`npx holdfast resume atproto\`
5. Signups whose task fails with a nondeterminism error were begun by the newer version: the alert \`signups-stalled\` names the way out.

## Every day

| what | command |
| --- | --- |
| open alerts, and those that closed since | \`npx holdfast alerts atproto\` |
| signups that failed or are blocked | \`npx holdfast totals atproto --since 24h --hourly\` and \`npx holdfast list atproto --stuck\` |
| events that could not be read | \`npx holdfast quarantine atproto list\` |
| the dashboard | \`ops/grafana-dashboard.json\` |

## Every week

| what | command |
| --- | --- |
| one report of everything | \`npx holdfast diagnose atproto\` |
| trends: begun, completed, blocked, time to complete | \`npx holdfast totals atproto --since 30d\` |
| anomalies: gaps that stay, and people who are ignored | \`npx holdfast audit atproto --summary\` |
| what operators did | \`npx holdfast actions atproto --last 200\` |

## Every month

| what | command |
| --- | --- |
| permissions: roles, scopes and grants, no more and no less than needed | \`npx holdfast check atproto\` |
| operators and their roles; tokens of people who left | \`HOLDFAST_OPERATORS\`, [operators.md](operate/operators.md) |
| keys: nothing is left in plain text, old keys are not needed | \`npx holdfast keys seal --dry-run\` |
| the time to complete, and the latency of webhooks | \`npx holdfast totals atproto --since 30d\` and the dashboard |
| this runbook and the recipients of alerts | [alerts.md](operate/alerts.md) |

## In the long term

| what | command |
| --- | --- |
| versions: Holdfast, Temporal, the databases, Node | [CHANGELOG.md](../CHANGELOG.md), [deploy.md](deploy.md#update) |
| archive the record of actions before it expires | \`npx holdfast actions atproto --last 10000 --json\` |
| thresholds as the number of people grows: safety limits, the pace at the PDS, the rules of Prometheus | \`HOLDFAST_DELETIONS_PER_HOUR\`, [rate-limits.md](operate/rate-limits.md), \`ops/prometheus-rules.yml\` |
| totals are kept for 400 days | \`npx holdfast totals atproto --since 400d --json\` |
| a rehearsal of a restore: what is restored is found and rebuilt | [repair.md](operate/repair.md) |
`

/** The actions to take for each rule of ops/prometheus-rules.yml. */
export const RULE_ACTIONS: Readonly<Record<string, string>> = {
  HoldfastServerDown:
    'Look whether the server runs and whether Prometheus reaches the operators’ address with the token of a viewer (a 401 is in its log of targets). While no server runs, Auth0 keeps its deliveries and catch-up reads what was missed: `npx holdfast catch-up atproto` after the server is back.',
  HoldfastNoWorker:
    'Start a worker: `npm run worker`. It is listed within seconds: `npx holdfast workers atproto`. One that ends by itself names the missing variable or the database that is away in its log.',
  HoldfastAlertOpen: 'The alert says what to do: `npx holdfast alerts atproto`.',
  HoldfastSignupsFailing:
    'See which problem it is, and what to do: `npx holdfast list atproto --stuck`. Signups that failed are retried when the cause is gone.',
  HoldfastSuccessLow:
    'Signups end as refused, which a retry does not change. See by which problem: `npx holdfast totals atproto --since 24h --hourly`, then one of the people by `npx holdfast list atproto --stage refused`.',
  HoldfastBlockedLong:
    'Fix the problem that the alert names: [problems.md](problems.md). To see the people: `npx holdfast list atproto --stuck`.',
  HoldfastBlockedVeryLong:
    'As HoldfastBlockedLong. People have waited for longer than promised. If it concerns one person, see what they lack: `npx holdfast why atproto <id>`. A test account raises no alert after `npx holdfast ignore atproto <id> --until 90d --reason <reason>`.',
  HoldfastHealthLow:
    'People who signed up today miss records. `npx holdfast list atproto --stuck` has those who are blocked, `npx holdfast list atproto --stage refused` those whose signup ended; then `npx holdfast audit atproto --since 24h`.',
  HoldfastCatchUpBehind:
    'See what the reading waits for: `npx holdfast check atproto`, `npx holdfast schedules atproto list`. To read to the end now: `npx holdfast catch-up atproto`.',
  HoldfastQuarantine:
    'See the reasons: `npx holdfast quarantine atproto list`. After an update that can read them, `npx holdfast quarantine atproto retry --all`.',
  HoldfastActionsHeld:
    'A safety limit was reached: more people than usual would be deleted or repaired. Find out why before you release them; `npx holdfast alerts atproto` has the command.',
  HoldfastTokensRefused:
    'The log stream and the server have different tokens, or a stranger tries tokens: `npx holdfast check atproto`.',
  HoldfastWebhookRefusing:
    'Temporal or the database does not answer, so events are refused, and the sender keeps them. `npx holdfast check atproto` says which. When it is back: `npx holdfast catch-up atproto`.',
  HoldfastFiguresOld:
    'The server cannot read its own figures, mostly since a database or Temporal is away; its log has the reason (`metrics could not be read`). `npx holdfast check atproto`.',
}
