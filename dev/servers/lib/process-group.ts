import { readdirSync, readFileSync } from 'node:fs'

/** Signals a process group and continues it if it was stopped. False when no process of it was left. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (!send(pid, signal)) return false
  send(pid, 'SIGCONT')
  return true
}

/** Whether any process of the group still runs. */
export function groupAlive(pid: number): boolean {
  // Exited processes still answer until their parent has collected them; a container's init may take seconds.
  return send(pid, 0) && (process.platform !== 'linux' || runsOnLinux(pid))
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function runsOnLinux(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    const [state, , processGroup] = statOf(name)
    return Number(processGroup) === group && state !== 'Z' && state !== 'X'
  })
}

/**
 * State, parent and group of a process; undefined when it has just exited. The process name before them may contain
 * spaces.
 */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw error
  }
}
