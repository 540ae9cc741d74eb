import { shellEnv } from '../../src/config.ts'

/** CI machines are slower than ours, and differ; only a test that fails is longer for it. */
const IN_CI = 4

/** How long a test waits for a condition, in milliseconds, where our own machine needs at most `ms`. */
export const patience = (ms: number): number => (shellEnv()['CI'] === undefined ? ms : ms * IN_CI)
