import { loadSystems } from '../../systems/served.ts'
import type { SharedContext } from './context.ts'

interface PasswordStorage {
  /** Null where no served system stores passwords, or where the environment does not say how. */
  readonly storage: 'plain' | 'sealed' | null
  /** What is missing where the environment does not say; null where no served system stores passwords. */
  readonly unknown: string | null
  /** The sentence that passwords were left in plain text; null where none are to stay so. */
  readonly left: string | null
}

/** How the systems in HOLDFAST_SYSTEMS store passwords. They share the database, so it is the same for all of them. */
export async function passwordStorage(context: SharedContext): Promise<PasswordStorage> {
  const served = await loadSystems(context.config('systems').systems)
  const passwords = served.find((system) => system.passwords !== undefined)?.passwords
  if (passwords === undefined) return { storage: null, unknown: null, left: null }
  const storage = passwords.storage(context.env)
  return { storage, unknown: passwords.unknown, left: storage === 'plain' ? passwords.left : null }
}
