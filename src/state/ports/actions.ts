import type { Action, ActionOutcome, RecordedAction } from '../../contracts/actions.ts'
import type { System } from '../../contracts/systems.ts'

export interface ActionLog {
  /** Called before the action: an action that cannot be recorded is not carried out. Returns the id for its outcome. */
  begin(action: Action): Promise<string>
  /** Called after an action, but before a showing. An action has one outcome; a second one is kept beside the first. */
  end(id: string, outcome: ActionOutcome): Promise<void>
  /**
   * Newest first, at most `limit`; with `subject`, a keyed hash, only the actions on that person; with `system`, only
   * those on that system, and those on none in particular.
   */
  list(
    filter: { readonly system?: System; readonly subject?: string },
    limit: number,
  ): Promise<RecordedAction[]>
}
