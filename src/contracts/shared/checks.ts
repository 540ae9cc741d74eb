import type { CheckWord } from '../words.ts'
import { quarantineFix } from './quarantine.ts'

/** Findings of `check` in any system. Their texts name no server of a single system. */
export const SHARED_CHECKS = {
  'environment-incomplete': {
    sentence: ({ finding }) => `The environment is incomplete: ${finding ?? 'a variable is missing'}.`,
    fix: ({ finding }) => `Set ${finding?.split(' ')[0] ?? 'HOLDFAST_*'} as described in .env.example.`,
  },
  'temporal-unreachable': {
    sentence: ({ address }) => `Temporal does not answer at ${address ?? 'its address'}.`,
    fix: () => 'Bring Temporal back, or correct TEMPORAL_ADDRESS.',
  },
  'temporal-denied': {
    sentence: ({ answer }) => `Temporal refuses the credentials (${answer ?? 'denied'}).`,
    fix: () => 'Correct TEMPORAL_API_KEY, or the certificates named by TEMPORAL_TLS_*.',
  },
  'temporal-namespace-missing': {
    sentence: ({ namespace }) => `Temporal has no namespace ${namespace ?? '<namespace>'}.`,
    fix: ({ namespace }) =>
      `temporal operator namespace create --namespace ${namespace ?? '<namespace>'} --retention 30d, or correct TEMPORAL_NAMESPACE.`,
  },
  'search-attribute-missing': {
    sentence: ({ attribute }) =>
      `The namespace lacks the search attribute ${attribute ?? '<name>'}, so no signup can start.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'search-attribute-wrong-type': {
    sentence: ({ attribute, type, found }) =>
      `The search attribute ${attribute ?? '<name>'} has the type ${found ?? 'of another attribute'}; it must have the type ${type ?? '<type>'}.`,
    fix: ({ attribute, type, namespace }) =>
      `temporal operator search-attribute remove --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --yes, then: ` +
      `temporal operator search-attribute create --namespace ${namespace ?? '<namespace>'} --name ${attribute ?? '<name>'} --type ${type ?? '<type>'}`,
  },
  'retention-too-short': {
    sentence: ({ hours }) =>
      `Temporal removes a signup ${hours ?? 'a few'} hours after it ends, too early to investigate it.`,
    fix: ({ namespace }) =>
      `temporal operator namespace update --namespace ${namespace ?? '<namespace>'} --retention 30d`,
  },
  'no-worker': {
    sentence: ({ queue, system }) => `No worker polls the queue ${queue ?? `holdfast-${system}`}.`,
    fix: () => 'Start a worker: npm run worker. Its signups then continue automatically.',
  },
  'connection-unencrypted': {
    sentence: ({ server, hosts }) =>
      `Data goes unencrypted to ${server ?? 'a server'} at ${hosts ?? 'another host'}: whoever controls the network between can read and change it.`,
    fix: ({ variable }) =>
      `Enable TLS: ${variable ?? 'TEMPORAL_TLS=true, or its equivalent in the address of that server'}`,
  },
  'worker-silent': {
    sentence: ({ worker }) =>
      `The worker ${worker ?? '<pid>@<host>'} sends no heartbeat and takes no work, although it was not stopped: it hangs or was killed.`,
    fix: ({ system }) =>
      `Stop that process and start it again. To list all workers: holdfast workers ${system}`,
  },
  'worker-settings-differ': {
    sentence: ({ worker, settings }) =>
      `The worker ${worker ?? '<pid>@<host>'} runs with a different ${settings ?? 'setting'} than this environment.`,
    fix: ({ settings, system }) =>
      `Correct ${settings ?? 'it'} there or here, wherever it is wrong, and restart the worker. To list all workers: holdfast workers ${system}`,
  },
  'blocked-despite-check': {
    sentence: ({ count, problem, since, checks, workers }) =>
      `${count === '1' ? '1 signup has' : `${count ?? 'Some'} signups have`} been blocked by ${problem ?? 'a problem'} since ${since ?? 'some time'}, although the check of ${checks ?? 'it'} succeeds with the settings of this environment. ` +
      (workers === undefined
        ? 'No worker reports different settings: either the cause has passed, or a worker cannot reach the server that this command reaches.'
        : `A different value is set in the worker ${workers}.`),
    fix: ({ problem, workers, system }) =>
      `${workers === undefined ? '' : `Correct the settings of ${workers} and restart it, or stop it. `}Then: holdfast retry ${system} --problem ${problem ?? '<problem>'}`,
  },
  'schedule-missing': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} does not exist.`,
    fix: ({ system }) => `holdfast schedules ${system} apply`,
  },
  'schedule-paused': {
    sentence: ({ schedule }) => `The schedule ${schedule ?? '<schedule>'} is paused.`,
    fix: ({ schedule }) =>
      `temporal schedule toggle --schedule-id ${schedule ?? '<schedule>'} --unpause --reason 'found by check'`,
  },
  'schedule-late': {
    sentence: ({ schedule, due }) =>
      `The schedule ${schedule ?? '<schedule>'} should have run at ${due ?? 'its time'} but has not.`,
    fix: ({ schedule }) =>
      `Check the load of Temporal, then: temporal schedule trigger --schedule-id ${schedule ?? '<schedule>'}`,
  },
  'server-unreachable': {
    sentence: ({ url, answer }) =>
      `The webhook server does not answer at ${url ?? 'HOLDFAST_URL'} (${answer ?? 'no answer'}).`,
    fix: () => 'Start it: npm run server; or correct HOLDFAST_URL and its proxy.',
  },
  'server-not-ready': {
    sentence: ({ answer }) => `The webhook server runs but is not ready (/readyz: ${answer ?? 'no'}).`,
    fix: () =>
      'It cannot reach Temporal or a database: check its log, its TEMPORAL_ADDRESS, and the address of the database.',
  },
  'key-missing': {
    sentence: ({ key, places }) =>
      `Values encrypted with the key ${key ?? '<key>'} cannot be decrypted (${places ?? 'encrypted values'}).`,
    fix: ({ key }) =>
      `Add that key to HOLDFAST_KEY, after the first one: HOLDFAST_KEY=<first>,${key ?? '<key>'}:<base64>; then restart the worker and the server.`,
  },
  'values-in-clear': {
    sentence: ({ count, places }) =>
      `${count ?? 'Some'} values that must be encrypted are stored in plain text (${places ?? 'in the data of Holdfast'}).`,
    fix: () => 'To count them: holdfast keys seal --dry-run; to encrypt them: holdfast keys seal.',
  },
  'events-quarantined': {
    sentence: ({ what }) => `${what ?? 'Events could not be read and are quarantined'}.`,
    fix: ({ system }) => quarantineFix(system),
  },
  'probe-stopped': {
    sentence: ({ step, seen }) =>
      `The test identity did not get past the step ${step ?? '<step>'} (${seen ?? 'no result'}).`,
    fix: ({ identity, system }) =>
      `Check what that step needs, then: holdfast check ${system} --probe. To delete what the probe left: holdfast delete ${system} ${identity ?? "'<id>'"}`,
  },
  'check-timed-out': {
    sentence: ({ check, seconds }) =>
      `The check ${check ?? '<check>'} got no answer within ${seconds ?? 'some'} seconds.`,
    fix: ({ check, system }) =>
      `Check the load of the server that ${check ?? 'it'} calls, then: holdfast check ${system}`,
  },
  'check-failed': {
    sentence: ({ check, answer }) =>
      `The check ${check ?? '<check>'} failed with an error that Holdfast does not know (${answer ?? 'no reason'}).`,
    fix: ({ system }) => `Fix the cause it names, then: holdfast check ${system}`,
  },
} as const satisfies Readonly<Record<string, CheckWord>>
