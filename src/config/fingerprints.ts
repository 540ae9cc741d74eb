import { createIdHash } from '../crypto/keyring.ts'
import { collectFindings } from './findings.ts'
import type { Env } from './read.ts'
import type { StateLocation } from './state.ts'
import { readSections, type Sections } from './sections.ts'

/** Settings on which workers and commands have to agree, by the variable they come from; undefined: not given. */
export type Settings = Readonly<Record<string, string | undefined>>

const LENGTH = 16

/** Those of every system, as far as they were read. */
export function sharedSettings({ keys }: Partial<Pick<Sections, 'keys'>>): Settings {
  return {
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

/** The parts of a system that name the settings on which workers and commands have to agree. */
interface SettingsOwner {
  readonly settings: (env: Env) => Settings
  readonly state: Pick<StateLocation, 'read' | 'variables'>
}

/** The settings in an environment that may be incomplete: the general ones that can be read, and the system's own. */
export function settingsOf({ settings, state }: SettingsOwner, env: Env): Settings {
  const shared = readable<Pick<Sections, 'keys'>>(['keys'], (section) => readSections([section], env))
  const located = collectFindings().collect(() => state.read(env))
  return {
    ...(located === undefined ? {} : state.variables(located)),
    ...sharedSettings(shared),
    ...settings(env),
  }
}

/**
 * The fingerprints of an environment that may be incomplete, with the settings of its system; empty where its
 * `HOLDFAST_ID_KEY` is missing.
 */
export function knownSettings(env: Env, owner: SettingsOwner): Record<string, string> {
  const { keys } = readable<Pick<Sections, 'keys'>>(['keys'], (section) => readSections([section], env))
  if (keys === undefined) return {}
  return settingsFingerprints(settingsOf(owner, env), createIdHash(keys.id))
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
