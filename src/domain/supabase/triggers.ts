/** A trigger on `auth.users`, with everything that is needed to create it again. */
export interface AuthTrigger {
  readonly name: string
  /** The function it calls, with its schema: by this it is recognized, whatever its name. */
  readonly calls: string
  /** The events that fire it, in alphabetical order: `INSERT`, `UPDATE`. */
  readonly events: readonly string[]
  readonly enabled: boolean
  /** `CREATE TRIGGER …`, as Postgres writes it. */
  readonly definition: string
  /** `CREATE OR REPLACE FUNCTION …`, as Postgres writes it. */
  readonly functionText: string
  readonly functionOwner: string
  /** The texts of the functions that this one calls, as far as their names stand in its text. */
  readonly helpers: readonly string[]
}

/** The same triggers, found by every inspection between two times. ISO 8601. */
export interface TriggerInspection {
  readonly firstAt: string
  readonly lastAt: string
  readonly triggers: readonly AuthTrigger[]
}

/** A trigger that was there and enabled, and is not any more; or, with `never`, none that was ever seen. */
export interface TriggerLoss {
  readonly kind: 'missing' | 'disabled' | 'never'
  readonly trigger: AuthTrigger | null
  /** The last inspection that found it enabled, and the first that did not; null where none found it. */
  readonly between: Between | null
}

/** A trigger whose function or condition changed, or in whose place another function is called. */
export interface TriggerChange {
  readonly before: AuthTrigger
  readonly after: AuthTrigger
  readonly between: Between
}

export interface Between {
  readonly from: string
  readonly to: string
}

export interface TriggerHistory {
  readonly losses: readonly TriggerLoss[]
  /** The parts of the last change that inspections found; empty if it is only a loss. */
  readonly changes: readonly TriggerChange[]
}

interface Expected {
  readonly trigger: AuthTrigger
  readonly seenAt: string
  readonly lost: Between | null
}

/**
 * Compares all inspections, the oldest first, the current one last. A lost trigger is reported until it is there again,
 * or until another function is called in its place. A trigger that only a deletion fires creates no profile, and is left
 * out.
 */
export function compareInspections(inspections: readonly TriggerInspection[]): TriggerHistory {
  const expected = new Map<string, Expected>()
  let changes: TriggerChange[] = []
  let previous: TriggerInspection | null = null
  for (const inspection of inspections) {
    const present = new Map(creating(inspection).map((trigger) => [keyOf(trigger), trigger]))
    const usable = (key: string): boolean => present.get(key)?.enabled === true
    const until = (from: string): Between => ({ from, to: inspection.firstAt })
    changes = []
    const added = [...present].filter(([key, { enabled }]) => enabled && !expected.has(key))
    for (const [key, { trigger, seenAt, lost }] of expected) {
      if (usable(key)) continue
      const [replacement] = added
      if (replacement !== undefined && !present.has(key)) {
        expected.delete(key)
        changes.push({ before: trigger, after: replacement[1], between: until(seenAt) })
      } else if (lost === null) expected.set(key, { trigger, seenAt, lost: until(seenAt) })
    }
    for (const [key, trigger] of present) {
      const known = expected.get(key)
      if (!trigger.enabled) continue
      if (known !== undefined && contentOf(known.trigger) !== contentOf(trigger))
        changes.push({ before: known.trigger, after: trigger, between: until(known.seenAt) })
      expected.set(key, { trigger, seenAt: inspection.lastAt, lost: null })
    }
    previous = inspection
  }
  return { losses: lossesOf(expected, previous), changes }
}

function lossesOf(expected: ReadonlyMap<string, Expected>, current: TriggerInspection | null): TriggerLoss[] {
  const present = creating(current ?? { triggers: [] })
  const losses = [...expected.values()].flatMap(({ trigger, lost }): TriggerLoss[] => {
    if (lost === null) return []
    const there = present.some((one) => keyOf(one) === keyOf(trigger))
    return [{ kind: there ? 'disabled' : 'missing', trigger, between: lost }]
  })
  if (expected.size > 0) return losses
  const [disabled] = present
  return disabled === undefined
    ? [{ kind: 'never', trigger: null, between: null }]
    : [{ kind: 'disabled', trigger: disabled, between: null }]
}

/** A statement that brings back exactly what was there, to be run as the role `postgres`. */
export function restoreStatement({
  helpers,
  functionText,
  functionOwner,
  calls,
  definition,
}: AuthTrigger): string {
  const owner = functionOwner === 'postgres' ? [] : [`alter function ${calls}() owner to ${functionOwner}`]
  const parts = [...helpers, functionText, ...owner, replacing(definition)]
  return ['begin', ...parts.map((part) => part.trim()), 'commit'].map((part) => `${part};`).join('\n')
}

/** `or replace` also enables a trigger that is disabled, and needs no ownership of the table. */
function replacing(definition: string): string {
  return definition.replace(/^CREATE TRIGGER /, 'CREATE OR REPLACE TRIGGER ')
}

function creating({ triggers }: Pick<TriggerInspection, 'triggers'>): AuthTrigger[] {
  return triggers.filter(({ events }) => events.some((event) => event !== 'DELETE' && event !== 'TRUNCATE'))
}

function keyOf({ calls, events }: AuthTrigger): string {
  return `${calls} ${events.join(' ')}`
}

/** Everything but its name. */
function contentOf({ definition, functionText, functionOwner, helpers }: AuthTrigger): string {
  const withoutName = definition.replace(/^(CREATE (?:CONSTRAINT )?TRIGGER) (?:"(?:[^"]|"")+"|\S+)/, '$1')
  return JSON.stringify([withoutName, functionText, functionOwner, helpers])
}
