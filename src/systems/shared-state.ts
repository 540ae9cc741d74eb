import { loadConfig, type Env } from '../config.ts'
import { openState, type OpenState } from '../state/open.ts'
import { loadSystem } from './served.ts'

/**
 * The state that keeps what belongs to no single system, such as the record of values that the codec decrypted: that of
 * the system in HOLDFAST_SHARED_STATE. Throws a `ConfigError` where its database is not configured.
 */
export async function sharedState(env?: Env): Promise<OpenState> {
  const { sharedState: name } = loadConfig(['sharedState'], env)
  const { state } = await loadSystem(name)
  return openState(name, state.read(env))
}
