import { createIdHash } from '../crypto/keyring.ts'
import { collectFindings } from './findings.ts'
import type { Env } from './read.ts'
import { readSections, type Sections } from './sections.ts'

/** Settings on which workers and commands have to agree, by the variable they come from; undefined: not given. */
export type Settings = Readonly<Record<string, string | undefined>>

const LENGTH = 16

/** Those of every system, as far as they were read. */
export function sharedSettings({ mongo, keys }: Partial<Pick<Sections, 'mongo' | 'keys'>>): Settings {
  return {
    MONGODB_URI: mongo?.uri,
    MONGODB_DB: mongo?.db,
    HOLDFAST_KEY: keys?.sealing.map(({ id, bytes }) => `${id}:${bytes.toString('base64')}`).join(),
    HOLDFAST_ID_KEY: keys === undefined ? undefined : 'the key that hashes',
  }
}

/**
 * Settings as keyed hashes: equal where the values are, and without revealing them. Settings that are not given are
 * left out. `hash` is the one of `HOLDFAST_ID_KEY`.
 */
export function settingsFingerprints(
  settings: Settings,
  hash: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([variable, value]) =>
      value === undefined ? [] : [[variable, hash(`setting ${variable} ${value}`).slice(0, LENGTH)]],
    ),
  )
}

/**
 * The fingerprints of an environment that may be incomplete, with the settings of its system; empty where its
 * `HOLDFAST_ID_KEY` is missing.
 */
export function knownSettings(env: Env, own: Settings): Record<string, string> {
  const shared = readable<Pick<Sections, 'mongo' | 'keys'>>(['mongo', 'keys'], (section) =>
    readSections([section], env),
  )
  if (shared.keys === undefined) return {}
  return settingsFingerprints({ ...sharedSettings(shared), ...own }, createIdHash(shared.keys.id))
}

/** The sections that can be read; `check` names what is missing in the others. */
export function readable<T extends object, S extends keyof T = keyof T>(
  sections: readonly S[],
  readOne: (section: S) => Partial<T>,
): Partial<T> {
  const findings = collectFindings()
  return Object.assign(
    {},
    ...sections.map((section) => findings.collect(() => readOne(section))),
  ) as Partial<T>
}
