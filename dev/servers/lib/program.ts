import { cached, defaultCacheDir } from './cache.ts'
import { asStep } from './progress.ts'
import type { Progress } from './progress.ts'
import { fromFirstSource } from './sources.ts'
import type { Source } from './sources.ts'
import { findOnPath } from './tool.ts'

export interface ProgramOptions {
  /** The program to use; no other source is then tried. */
  readonly given?: string
  /** Default: the user's cache folder. */
  readonly cacheDir?: string
  readonly progress: Progress
}

/** The rules for finding one program. */
export interface Program {
  /** The name at the start of a sentence: "MongoDB (the `mongod` command)". */
  readonly what: string
  /** The fix, shown when every source has failed. */
  readonly hint: string
  /** The variable that names the program, shown in errors. */
  readonly variable: string
  /** Its name on PATH, if it may be there. */
  readonly command?: string
  /** Its directory in the cache; each version has another one. */
  readonly cacheKey: string
  /** Its file in that directory. */
  readonly file: string
  /** Returns the path if the program runs and is new enough, and throws otherwise. */
  usable(path: string): Promise<string>
  /** The sources for a program that is neither on PATH nor in the cache; each puts `file` into the directory. */
  sources(directory: string): readonly Source[]
}

/**
 * The path of a program that has been run successfully: the given one, or one from PATH, the cache, or the program's
 * own sources in order. Throws `NoSourceError`.
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
      const onTry = (source: string) => step.update(`downloading or building ${what} (only once): ${source}`)
      await fromFirstSource({ what, hint, sources: program.sources(directory), onTry })
    }
    const installed: Source[] = command
      ? [{ name: `\`${command}\` on PATH`, get: async () => usable(await findOnPath(command)) }]
      : []
    const cache: Source = {
      name: 'the cache',
      get: () => cached({ cacheDir, key: program.cacheKey, file, step, make }),
    }
    return fromFirstSource({ what, hint, sources: [...installed, cache] })
  })
}
