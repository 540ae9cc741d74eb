import type { AuditAnswers } from '../activities/audit/answers.ts'
import type { ReadSource } from '../activities/catch-up.ts'
import type { DeletionAnswers } from '../activities/deletion/answers.ts'
import type { DependencyCheck, Inspection } from '../activities/health.ts'
import type { Env } from '../config.ts'
import type { Finding } from '../contracts/gaps.ts'
import type { CommonDeps } from '../worker/common-deps.ts'
import type { WorkerConnections } from '../worker/connections.ts'
import type { SystemActivities } from '../worker/run.ts'

/** The system's part of a worker process. */
export interface WorkerPart {
  /**
   * Reads the system's own variables. Throws one `ConfigError` that names every missing or malformed one, those of its
   * `WorkerConnections` included where they are read together.
   */
  configure(env?: Env): ConfiguredWorker
}

/** A worker's part with its configuration; nothing is connected yet. */
export interface ConfiguredWorker {
  /** Connects to the system's own servers, beside the connections that a worker has for every system. */
  connect(connections: WorkerConnections): SystemWorker
}

/** One system inside a worker process. */
export interface SystemWorker {
  /** `stopping` aborts when the workers shut down. */
  activities(stopping: AbortSignal): SystemWork
  /** Its answers to `watch`. */
  health(parts: HealthParts): HealthAnswers
  /** Starts whatever runs beside the activities. Returns a function that ends it. */
  begin?(): Promise<() => void>
  /** Finishes what was begun, and ends the system's own connections. */
  close(): Promise<void>
}

/** The activities of its own workflows, and its answers by which the activities of every system do their work. */
export interface SystemWork extends SystemActivities {
  /** The dependencies that every system has, with what the system adds to their guards. */
  readonly common: CommonDeps
  readonly audit: AuditAnswers
  /** By the names in the system's `SystemWorkflows`. */
  readonly sources: Readonly<Record<string, ReadSource>>
  readonly deletion: DeletionAnswers
}

/** The parts that `watch` has for the inspections of every system. */
export interface HealthParts {
  /** The people who are ignored; empty where the list cannot be read. */
  ignored(): Promise<ReadonlySet<string>>
}

/** The answers of one system to the question whether its signups can proceed. */
export interface HealthAnswers {
  /** Its dependencies, beside the database of Holdfast's state. */
  readonly dependencies: readonly DependencyCheck[]
  /** Conditions that only this system has, such as people without any event. */
  readonly inspections: readonly Inspection[]
  /** Whether a gap of these may be over, so that another audit is worth its cost. */
  mayBeResolved(findings: readonly Finding[]): Promise<boolean>
}
