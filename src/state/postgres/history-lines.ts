import { sql, type RawBuilder } from 'kysely'
import type { HistoryEvent } from '../../contracts/history.ts'

/** The most lines kept for one person, the newest. */
const MOST_EVENTS = 60

interface Line {
  readonly event: HistoryEvent
  /** Adds nothing where the step has no line yet. */
  readonly quiet: boolean
}

/** An expression for the list `events` with these lines added, one after the other. */
export function withLines(events: RawBuilder<unknown>, lines: readonly Line[]): RawBuilder<unknown> {
  return lines.reduce(withLine, events)
}

/**
 * Adds one line, or increments the count of the step's last line if it is the same. `offset 0` keeps the planner from
 * repeating the inner expression at each place that reads it.
 */
function withLine(events: RawBuilder<unknown>, { event, quiet }: Line): RawBuilder<unknown> {
  const { step, outcome, problem, last } = event
  const repeated = sql`jsonb_set(list.events, array[before.place], before.line || jsonb_build_object(
    'last', ${last}::text, 'times', (before.line ->> 'times')::integer + 1))`
  const appended = sql`case when jsonb_array_length(list.events) >= ${sql.lit(MOST_EVENTS)}
    then list.events - 0 else list.events end || ${JSON.stringify(event)}::jsonb`
  return sql`(
    select case
      when before.line ->> 'outcome' = ${outcome} and before.line ->> 'problem' is not distinct from ${problem}
        then ${outcome === 'done' ? sql`list.events` : repeated}
      ${quiet ? sql`when before.line is null then list.events` : sql``}
      else ${appended}
    end
    from (select ${events} as events offset 0) as list
    left join lateral (
      select line, (place - 1)::text as place
      from jsonb_array_elements(list.events) with ordinality as lines (line, place)
      where line ->> 'step' = ${step} order by lines.place desc limit 1
    ) as before on true)`
}
