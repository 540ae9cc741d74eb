import {
  loadAtprotoConfig,
  type AtprotoSection,
  type AtprotoSections,
} from '../../config/atproto/sections.ts'
import type { SharedContext } from '../lib/context.ts'

/** The configuration of a command, with the sections of this system. */
export function configOf<S extends AtprotoSection>(
  { env }: Pick<SharedContext, 'env'>,
  ...sections: S[]
): Pick<AtprotoSections, S> {
  return loadAtprotoConfig(sections, env)
}
