import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A downloaded file whose content is not the expected one: of another origin, or altered on the way. */
export class ChecksumError extends Error {
  constructor(what: string, expected: string, found: string) {
    super(
      `${what} has changed since its checksum was recorded: expected sha256 ${expected}, found ${found}. It is not used.`,
    )
    this.name = 'ChecksumError'
  }
}

/** Throws `ChecksumError` unless a file has this SHA-256, in hex. */
export async function verifyFile(what: string, path: string, expected: string): Promise<void> {
  verify(what, await fileSum(path), expected)
}

/** The same for a string. */
export function verifyText(what: string, text: string, expected: string): void {
  verify(what, createHash('sha256').update(text).digest('hex'), expected)
}

/** The same for all files of a directory together: one line each, `<sha256>  <name>`, in order of name. */
export async function verifyDirectory(what: string, path: string, expected: string): Promise<void> {
  const names = (await readdir(path)).toSorted()
  const lines: string[] = []
  for (const name of names) lines.push(`${await fileSum(join(path, name))}  ${name}\n`)
  verifyText(what, lines.join(''), expected)
}

async function fileSum(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

function verify(what: string, found: string, expected: string): void {
  if (found !== expected) throw new ChecksumError(what, expected, found)
}
