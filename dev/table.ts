import { createLogUpdate } from 'log-update'
import { table } from '../src/cli/format/print.ts'
import type { SignupStatus } from '../src/contracts/signup.ts'
import type { DemoSignup } from './stories/demo-people.ts'

export interface LiveTable {
  show(people: readonly DemoSignup[], statuses: readonly (SignupStatus | null)[]): void
  done(): void
}

/** The signups as they progress: redrawn in place on a terminal; elsewhere one line for every change of a stage. */
export function liveTable(stream: NodeJS.WriteStream = process.stdout): LiveTable {
  return stream.isTTY ? redrawn(stream) : printed(stream)
}

function redrawn(stream: NodeJS.WriteStream): LiveTable {
  const log = createLogUpdate(stream)
  return {
    show: (people, statuses) => log(`\n${drawn(people, statuses)}\n`),
    done: () => log.done(),
  }
}

function printed(stream: NodeJS.WriteStream): LiveTable {
  const last = new Map<string, string>()
  let final = ''
  return {
    show(people, statuses) {
      for (const [index, { name, identity }] of people.entries()) {
        const status = statuses[index]
        const words = status
          ? `${status.stage}${status.problem === null ? '' : `: ${status.problem.sentence}`}`
          : 'not started'
        if (last.get(identity) !== words) stream.write(`${name}: ${words}\n`)
        last.set(identity, words)
      }
      final = drawn(people, statuses)
    },
    done: () => void stream.write(`\n${final}\n`),
  }
}

function drawn(people: readonly DemoSignup[], statuses: readonly (SignupStatus | null)[]): string {
  return table(
    ['WHO', 'CHOSE', 'STAGE', 'CODE', 'HANDLE', 'DID', 'PROBLEM'],
    people.map(({ name, handle }, index) => {
      const status = statuses[index]
      return [
        name,
        handle ?? '-',
        status?.stage ?? '…',
        status?.code ?? '-',
        status?.handle ?? '-',
        status?.did ?? '-',
        status?.problem?.name ?? '-',
      ]
    }),
  )
}
