import type { AuditDeps } from '../audit/activities.ts'
import type { AtprotoAuditDeps } from './audit/answers.ts'
import type { SourceDeps } from './catch-up/log-page.ts'
import type { AtprotoDeletionDeps, PdsDeletionDeps } from './deletion/activities.ts'
import type { HandleWatchDeps } from './handle-watch.ts'
import type { PdsSignupDeps, SignupDeps } from './signup/activities.ts'

/**
 * The dependencies of all activities of `atproto`, as a worker connects and guards them. No activity takes this: each
 * factory names what it uses, in an interface of its own.
 */
export interface AtprotoDeps
  extends
    SignupDeps,
    PdsSignupDeps,
    AuditDeps,
    AtprotoAuditDeps,
    AtprotoDeletionDeps,
    PdsDeletionDeps,
    SourceDeps,
    HandleWatchDeps {}
