import { cached, defaultCacheDir } from './cache.ts'
import { asStep } from './progress.ts'
import type { Progress } from './progress.ts'
import { fromFirstSource } from './sources.ts'
import type { Source } from './sources.ts'
import { onPath } from './tool.ts'

export interface ProgramOptions {
  /** The program to use; no other source is then asked. */
  readonly given?: string
  /** Default: the user's cache folder. */
  readonly cacheDir?: string
  readonly progress: Progress
}

/** How one program is found. */
export interface Program {
  /** As the start of a sentence: "MongoDB (the `mongod` command)". */
  readonly what: string
  /** What would satisfy it, told when every source has failed. */
  readonly hint: string
  /** The variable that names it, told in failures. */
  readonly variable: string
  /** Its name on PATH, if it may be there. */
  readonly command?: string
  /** Its directory in the cache: a new one when another version is wanted. */
  readonly cacheKey: string
  /** Its file in that directory. */
  readonly file: string
  /** Returns the path if the program runs and is new enough, and throws otherwise. */
  usable(path: string): Promise<string>
  /** Where it comes from when it is neither on PATH nor in the cache; each leaves `file` in the directory. */
  sources(directory: string): readonly Source[]
}

/**
 * The path of a program that was seen to run: the given one, or from PATH, the cache, or the program's own
 * sources in order. Throws `NoSourceError`.
 */
export async function findProgram(program: Program, options: ProgramOptions): Promise<string> {
  const { what, hint, command, file, usable } = program
  const { given, cacheDir = defaultCacheDir, progress } = options
  if (given !== undefined) {
    const source = { name: `${program.variable} (${given})`, get: () => usable(given) }
    return fromFirstSource({ what, hint, sources: [source] })
  }
  return asStep(progress, `looking for ${what}`, (step) => {
    const make = async (directory: string) => {
      const onTry = (source: string) => step.update(`getting ${what}, once: ${source}`)
      await fromFirstSource({ what, hint, sources: program.sources(directory), onTry })
    }
    const installed: Source[] = command
      ? [{ name: `\`${command}\` on PATH`, get: async () => usable(await onPath(command)) }]
      : []
    const cache: Source = {
      name: 'the cache',
      get: () => cached({ cacheDir, key: program.cacheKey, file, step, make }),
    }
    return fromFirstSource({ what, hint, sources: [...installed, cache] })
  })
}
