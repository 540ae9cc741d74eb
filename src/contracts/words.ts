import type { Severity } from './severity.ts'
import type { SystemWorkflows } from './workflows.ts'

/** Values for a text, shown to operators. Never an e-mail, a password or a token. */
export type TextDetail = Readonly<Record<string, string>>

/** The fault, and its fix, with the command where there is one. */
export interface OperatorText {
  readonly sentence: string
  readonly fix: string
}

/** The values that the text of a problem may use besides its detail. */
export interface ProblemContext {
  readonly system: string
  readonly identity: string
  readonly detail: TextDetail
  /** The problem's name, set where the text addresses everybody who has it, not one person. */
  readonly many?: string
}

/**
 * A reason why a signup may be blocked. Only the texts may differ between two systems that have the same problem; the
 * other properties belong to the name.
 */
export interface ProblemWord {
  readonly sentence: (context: ProblemContext) => string
  readonly fix: (context: ProblemContext) => string
  /** `refused`: waiting cannot change the answer, so the signup ends with this reason. */
  readonly ends?: 'refused'
  /** A quick retry may get another answer; for all other problems it would be pointless. */
  readonly quickTry?: true
  /** Set for a rate limit, which is a planned wait: whose it is, as the subject of a sentence. */
  readonly rateLimitOf?: string
  /** It never ends by itself, so its alert is raised at once. */
  readonly alertedAtOnce?: true
  /** The severity of its alert; `warning` where it is left out. It is raised by one when the problem lasts. */
  readonly severity?: Severity
  /** As those of an alert. */
  readonly consequences?: readonly string[]
  /** The runs that it blocks, where they are not signups. */
  readonly blocks?: 'deletion'
  /** A retry does not end it sooner, or its fix retries by itself. */
  readonly retry?: false
  /** The checks that exercise its cause, and the variables that affect it. */
  readonly triedBy?: { readonly checks: RegExp; readonly settings: RegExp }
}

/**
 * How a gap is repaired without an operator: by the person's own signup workflow where external systems are involved,
 * by their `syncHandle` where only the handle is, by a database statement where that is enough. `rebuild`: also by the
 * signup, which restores what was lost as it was. `remove`: a record that nobody owns is removed, only with `--remove`.
 */
export type RepairMethod = 'signup' | 'handle' | 'database' | 'rebuild' | 'remove'

/** One gap of one identity, as far as its text depends on it. */
export interface GapContext {
  readonly identity: string
  readonly evidence: TextDetail
  readonly repair: RepairMethod | null
}

/** A gap that the records of an identity may have; one name may have other texts and repairs in another system. */
export interface GapWord {
  readonly sentence: (finding: GapContext, system: string) => string
  readonly fix: (finding: GapContext, system: string) => string
  /** Null where an operator has to decide. */
  readonly repair: RepairMethod | null
  /** It needs no action, so it is counted and raises no alert. */
  readonly alert?: false
  /** It is evidence of what is over, and does not fail an audit. */
  readonly fails?: false
  /** A person may have it because the event of their signup did not arrive. */
  readonly missedEvent?: true
}

/** The values of one finding of `check`, and the system that was checked. */
export type CheckContext = TextDetail & { readonly system: string }

export interface CheckWord {
  readonly sentence: (detail: CheckContext) => string
  readonly fix: (detail: CheckContext) => string
}

/** An alert, as far as its text depends on it. */
export interface AlertContext {
  readonly about?: string
  readonly count: number
  readonly since: string
  readonly detail?: TextDetail
}

/** An alert that is not the problem of a single signup. */
export interface AlertWord {
  readonly text: (finding: AlertContext, system: string) => OperatorText
  /** `watch`: the workflow itself; `inspection`: one of its inspections; `other`: the server, or an audit. */
  readonly raisedBy: 'watch' | 'inspection' | 'other'
  readonly severity: Severity
  /** The names of alerts that are consequences of this one: while both are found, they are lines of this alert. */
  readonly consequences?: readonly string[]
}

/** A step of a signup, which is also the stage of a signup that has not passed it. */
export interface StepWord {
  /** The subject of `… failed with <problem>`. */
  readonly doing: string
  /** The stage of a signup that has not passed the step, where `doing` does not say it. */
  readonly stage?: string
  /** The line of a history for a step that succeeded. */
  readonly done: string
  /** The lines for further outcomes of this step; `often` is empty, or `, 3 times`. */
  readonly outcomes?: Readonly<Record<string, (often: string) => string>>
  /** For a stage in which the signup waits for the person: what happens next, as a sentence. */
  readonly waiting?: string
  /** The same in a few words, for a table: `the verified e-mail`. */
  readonly waitsFor?: string
}

/** A column of an audit's rows, of which each person has one: its heading in a table, and the kind of its values. */
export interface AuditColumn {
  readonly head: string
  readonly type: 'text' | 'number' | 'yes' | 'time'
}

/** The figures of an audit. */
export interface AuditWords {
  /** Totals of the stores. */
  readonly counts: readonly string[]
  /**
   * Those of the totals that count records, of which only deletions may make fewer: a sudden loss raises `records-lost`;
   * all of them where left out.
   */
  readonly records?: readonly string[]
  /** The variable with the grace period; `HOLDFAST_GRACE_MINUTES` where left out. */
  readonly graceVariable?: string
  /** The columns of a person's row, in order, beside the identity, the tenant and the state. */
  readonly columns: Readonly<Record<string, AuditColumn>>
}

/** The kinds of words that have texts. */
export interface Words {
  problems: ProblemWord
  gaps: GapWord
  checks: CheckWord
  alerts: AlertWord
  /** Their order in a table is the one in which a signup passes them. */
  steps: StepWord
}
export type WordTables = { readonly [S in keyof Words]: Readonly<Record<string, Words[S]>> }

/** A fact of a signup's status that is a column of a table. */
export type SignupColumn = 'code' | 'handle'

/** The words of one system beside those that every system has. Pure: workflows read them. */
export interface Vocabulary extends WordTables {
  readonly workflows: SystemWorkflows
  /** Problems that are findings of `check`, too, with the same text. */
  readonly problemsOfChecks: readonly string[]
  /**
   * Dependencies of signups, as far as they can be checked, each with the problems that end as soon as it answers again;
   * the first means that it does not answer.
   */
  readonly dependencies: Readonly<Record<string, readonly [string, ...string[]]>>
  readonly audit: AuditWords
  /** The columns of a table of signups beside the stage, each with its heading. */
  readonly columns?: Readonly<Partial<Record<SignupColumn, string>>>
  /** The sentence on what happens next after such an end, where more can be said than that it is one. */
  readonly ends?: Readonly<Partial<Record<'refused' | 'expired', string>>>
  /** The sentence that a person's account was not removed with them, and its fix. `others`: keyed hashes of its holders. */
  readonly accountLeft?: (others: string) => string
}
