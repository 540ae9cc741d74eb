import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChecksumError, verifyDirectory, verifyFile } from '../../dev/servers/lib/checksum.ts'
import { TEMPORAL_COMMAND } from '../../dev/servers/temporal/binary.ts'
import { verifyBuild } from '../../dev/servers/temporal/go-build.ts'

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex')

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-checksums-'))
  await writeFile(join(directory, 'b.jar'), 'second')
  await writeFile(join(directory, 'a.jar'), 'first')
})
afterAll(() => rm(directory, { recursive: true }))

describe('the checksum of what a server is made from', () => {
  const file = (): string => join(directory, 'a.jar')

  it('is that of the file', async () => {
    await expect(verifyFile('It', file(), sumOf('first'))).resolves.toBeUndefined()
    await expect(verifyFile('It', file(), sumOf('other'))).rejects.toThrow(
      `It has changed since its checksum was recorded: expected sha256 ${sumOf('other')}, found ${sumOf('first')}. It is not used.`,
    )
  })

  it('is that of every file of a directory, its name included', async () => {
    const lines = `${sumOf('first')}  a.jar\n${sumOf('second')}  b.jar\n`
    await expect(verifyDirectory('They', directory, sumOf(lines))).resolves.toBeUndefined()
    await writeFile(join(directory, 'c.jar'), '')
    await expect(verifyDirectory('They', directory, sumOf(lines))).rejects.toThrow(ChecksumError)
  })

  it('is for a build with Go that of the module, and of all modules in it where they are known', () => {
    const mod = '\tmod\tgithub.com/temporalio/cli\tv1.5.1\th1:0RZMk14BWxz44Xg6ciDQvpfAMffoG3J7/K03ql80teY='
    const dep = '\tdep\texample.com/other\tv1.0.0\th1:AAAA='
    expect(() =>
      verifyBuild(TEMPORAL_COMMAND, `temporal: go1.26\n${mod}\n${dep}\n`, 'darwin-arm64'),
    ).not.toThrow()
    expect(() => verifyBuild(TEMPORAL_COMMAND, `${mod}\n${dep}\n`, 'linux-x64')).toThrow(ChecksumError)
    expect(() => verifyBuild(TEMPORAL_COMMAND, `${mod.replace('h1:0', 'h1:1')}\n`, 'darwin-arm64')).toThrow(
      ChecksumError,
    )
    expect(() => verifyBuild(TEMPORAL_COMMAND, '', 'darwin-arm64')).toThrow('found none')
  })
})
