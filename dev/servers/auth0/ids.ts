import { randomBytes, randomInt } from 'node:crypto'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Random letters and digits, as in Auth0's tickets and ids. */
export const token = (length: number): string =>
  Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('')

const hex = (value: number, length: number) => value.toString(16).padStart(length, '0')

/** Ids of database users: the time in seconds, five random bytes and a counter, so that they sort by creation. */
export function createObjectIds(): (at: Date) => string {
  const own = randomBytes(5).toString('hex')
  let count = randomInt(0x1000)
  return (at) => {
    count = (count + 1) % 0x1000000
    return hex(Math.floor(at.getTime() / 1000), 8) + own + hex(count, 6)
  }
}

/** The part of a log id that contains its time, so that ids sort by time: `900` and the date to the millisecond. */
export const logIdPrefix = (at: Date): string => `900${at.toISOString().replace(/\D/g, '')}`

/** 56-digit log ids that always grow, even when the clock is set back. `last` is the newest id already given. */
export function createLogIds(last = ''): (at: Date) => string {
  let prefix = last.slice(0, 20)
  let count = Number(last.slice(20, 32))
  return (at) => {
    const wanted = logIdPrefix(at)
    count = wanted > prefix ? randomInt(1_000) : count + 1
    if (wanted > prefix) prefix = wanted
    const tail = Array.from(randomBytes(24), (byte) => byte % 10).join('')
    return prefix + String(count).padStart(12, '0') + tail
  }
}
