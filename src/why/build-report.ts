import type { SignupReader } from '../client/signup-reader.ts'
import { isEndStage } from '../contracts/stages.ts'
import type { PersonRef } from '../contracts/systems.ts'
import { findWord } from '../contracts/vocabulary.ts'
import type { WhyPage } from '../contracts/why.ts'
import {
  deletionSentence,
  heldDeletionSentence,
  pausedDeletionSentence,
  undeleteCommand,
  unknownDeletionSentence,
} from '../domain/deletion-text.ts'
import { historyText } from '../domain/history.ts'
import { fixFor, nextWithoutAction, currentStep, problemsOf } from '../domain/why.ts'
import { queryStore, storeAnswer, valueOrNull } from './query-store.ts'
import { loadDeletionState } from './deletion.ts'
import type { OnePerson, PersonContext } from './one-person.ts'

/** The sources of the report. Each is a function, so that one that is not configured affects only its own answer. */
export interface WhySources extends PersonContext {
  readonly reader: () => Pick<SignupReader, 'status'>
  readonly workflowIdOf: (person: PersonRef) => string
}

/**
 * The report on one person. All stores, those of the system included, are queried in parallel, each with a short time
 * limit.
 */
export async function buildWhyReport(
  person: PersonRef,
  outside: WhySources,
  answers: OnePerson,
): Promise<WhyPage> {
  const { tenant, identity } = person
  const { system } = outside
  const loaded = answers.ready?.() ?? Promise.resolve()
  const inTime = <T>(question: () => Promise<T>) => queryStore(system, question, loaded)
  const [seen, temporal, history, successes, ignored, deletion] = await Promise.all([
    answers.look(person, outside),
    inTime(async () => {
      await loaded // its time-outs count from the call on, even if this process is busy
      const found = await outside.reader().status(outside.workflowIdOf(person))
      return found === null ? null : (answers.currentNotices?.(outside)(found) ?? found)
    }),
    inTime(async () => (await outside.state()).state.stepHistory('').load(identity)),
    inTime(async () => (await outside.state()).state.stepHistory('').lastSuccesses()),
    inTime(async () => (await outside.state()).state.ignored.list()),
    inTime(() => loadDeletionState(identity, outside)),
  ])

  const status = valueOrNull(temporal)
  const { stage, gaps, ...judged } = seen.judge({ status, deletion })
  const { tombstone, heldSince, pausedSince } = valueOrNull(deletion) ?? NOT_DELETED
  const atProvider = seen.atProvider === 'known'
  // A person whom the provider no longer knows is deleted, or about to be.
  const goes = tombstone?.finishedAt === null || (seen.atProvider === 'unknown' && tombstone === null)
  const running = status !== null && (!isEndStage(status.stage) || status.problem !== null)
  const problems = problemsOf(status, gaps)
  const known = status !== null || judged.known
  const at = { status: running ? status : null, stage, problems }
  const missed = gaps.some(({ kind }) => findWord('gaps', system, kind)?.missedEvent === true)
  const theirs = valueOrNull(ignored)?.find((one) => one.identity === identity)

  return {
    system,
    tenant,
    identity,
    stage,
    stageSince: status !== null && status.stage === stage ? status.stageSince : null,
    problems,
    stores: [
      ...seen.stores,
      storeAnswer('Temporal', temporal, (found) =>
        found === null ? 'no signup, or its retention has passed' : `${found.workflowId}, ${found.stage}`,
      ),
    ],
    history: (valueOrNull(history) ?? []).map((event) => ({ ...event, text: historyText(system, event) })),
    lastSuccess: (valueOrNull(successes) ?? []).find(({ step }) => step === currentStep(stage)) ?? null,
    next: nextWithoutAction({ system, ...at, missed, asked: temporal.asked }),
    fix:
      fixFor(system, identity, { ...at, known, ofSystem: judged.fix }) ??
      (judged.deleted && atProvider
        ? `To let the person sign up again: ${undeleteCommand(system, identity)}`
        : null),
    notices: [
      ...(status?.notices ?? []),
      ...(deletion.asked ? [] : [unknownDeletionSentence(deletion.because)]),
      ...(tombstone === null ? [] : [deletionSentence(system, identity, tombstone)]),
      ...(heldSince === null ? [] : [heldDeletionSentence(system, heldSince, atProvider)]),
      ...(pausedSince !== null && goes ? [pausedDeletionSentence(system, pausedSince)] : []),
      ...judged.notices,
      ...(theirs === undefined ? [] : [`Ignored until ${theirs.until}: ${theirs.reason}`]),
    ],
    status,
    known,
  }
}

const NOT_DELETED = { tombstone: null, heldSince: null, pausedSince: null }
