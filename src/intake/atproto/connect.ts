import { estimateUsers } from '../../adapters/mongo/application-records.ts'
import { createMissingRecords } from '../../adapters/mongo/missing-records.ts'
import type { TenantName } from '../../config/atproto/tenants.ts'
import { createIdHash } from '../../crypto/keyring.ts'
import { createPersonMemory, type PersonMemory } from '../../state/mongo/atproto/person-memory.ts'
import { mongoOf } from '../../state/open.ts'
import { connectIntake, type IntakeConnections, type IntakeParts } from '../connect.ts'
import { createListedUsers, type TakeListedUsers } from './listed-users.ts'
import { createLostRecords } from './lost-records.ts'
import { createEventReader } from './read-event.ts'
import { rescanUsersFrom } from './rescan.ts'

export interface AtprotoIntake extends IntakeParts {
  readonly takeListedUsers: TakeListedUsers
  readonly personMemory: PersonMemory
}

export interface AtprotoIntakeConnections extends IntakeConnections {
  /** All tenants: an event about another tenant's person is refused. */
  readonly tenants: readonly TenantName[]
}

export function connectAtprotoIntake(connections: AtprotoIntakeConnections): AtprotoIntake {
  const { opened, config, tenants } = connections
  const { db } = mongoOf(opened)
  const hash = createIdHash(config.keys.id)
  const personMemory = createPersonMemory(db)
  const missingRecords = createMissingRecords(db)
  const limits = { deletions: null, repairs: null }
  const safetyLimits = opened.state.safetyLimits(limits, () => estimateUsers(db))
  const admitLost = createLostRecords({ personMemory, safetyLimits, hash })
  const parts = connectIntake(connections, (cursors) => ({
    readEvent: createEventReader(tenants),
    async incomplete(identities) {
      const found = await missingRecords.withoutRecords(identities)
      await admitLost([...found], 'records')
      return found
    },
    rescanFrom: (tenant, from) => rescanUsersFrom(cursors, tenant, from),
  }))
  const takeListedUsers = createListedUsers({
    intake: parts.intake,
    missingRecords,
    admitLost,
    tenants,
    hash,
  })
  return { ...parts, takeListedUsers, personMemory }
}
