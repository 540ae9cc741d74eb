import { inject } from 'vitest'
import { postgresHome } from './postgres-home.ts'
import { runContract } from './run-contract.ts'

runContract(postgresHome(inject('stateServers').postgresUrl, 'medusa', 'atproto'))
