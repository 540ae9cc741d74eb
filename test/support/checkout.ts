import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { atEnd } from './at-end.ts'

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** A second checkout of this code, so that a test never reads the `.holdfast/env` of a developer's checkout. */
export async function copyCheckout(): Promise<{ path: string; leaveEnv(text: string): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-test-checkout-'))
  atEnd(() => rm(path, { recursive: true }))
  for (const part of ['src', 'dev', 'bin', 'package.json'])
    await cp(root(part), join(path, part), { recursive: true })
  await symlink(root('node_modules'), join(path, 'node_modules'))
  return {
    path,
    async leaveEnv(text) {
      await mkdir(join(path, '.holdfast'), { recursive: true })
      await writeFile(join(path, '.holdfast', 'env'), text)
    },
  }
}
