import { inject } from 'vitest'
import { mongoHome } from './mongo-home.ts'
import { runContract } from './run-contract.ts'

const { mongoUri } = inject('stateServers')

// The documents of the first are named without their system, as before several could share a database.
runContract(mongoHome(mongoUri, 'atproto', 'medusa'))
runContract(mongoHome(mongoUri, 'medusa', 'atproto'))
