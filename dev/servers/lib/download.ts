import { copyFile, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Download } from './download-process.ts'
import { runTool } from './tool.ts'

/** Fetches the program by a library's own download, and puts it at `target`. */
export async function download(what: Download, target: string, signal: AbortSignal): Promise<string> {
  return inScratch(dirname(target), async (scratch) => {
    const entry = fileURLToPath(new URL('download-process.ts', import.meta.url))
    const args = [entry, what, scratch]
    const output = await runTool({ label: 'the download', command: process.execPath, args, signal })
    const path = output.trim().split('\n').at(-1) ?? ''
    await copyFile(path, target)
    return target
  })
}

/** Runs `work` with an empty directory inside `parent` that is removed afterwards. */
export async function inScratch<T>(parent: string, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = join(parent, 'scratch')
  await mkdir(scratch, { recursive: true })
  try {
    return await work(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
