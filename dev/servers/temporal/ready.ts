import { Connection, isGrpcServiceError } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time.js'
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js'

const TYPES = {
  Text: 'TEXT',
  Keyword: 'KEYWORD',
  Int: 'INT',
  Double: 'DOUBLE',
  Bool: 'BOOL',
  Datetime: 'DATETIME',
  KeywordList: 'KEYWORD_LIST',
} as const

const ALREADY_EXISTS = 6
const RETENTION = '1 day'

export type SearchAttributeType = keyof typeof TYPES

export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>

/** Throws until every namespace answers at the address and has the search attributes. */
export async function checkNamespaces(
  address: string,
  namespaces: readonly string[],
  searchAttributes: SearchAttributes,
): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2 seconds' })
  try {
    for (const namespace of namespaces) {
      await connection.workflowService.describeNamespace({ namespace })
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
      const missing = Object.entries(searchAttributes).filter(([name]) => !(name in customAttributes))
      if (missing.length === 0) continue
      // The server registers them only for a namespace that it has just created, not for one from kept data.
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, indexedType(type)])),
      })
      throw new Error(`${namespace} does not know ${missing.map(([name]) => name).join(', ')} yet`)
    }
  } finally {
    await connection.close()
  }
}

/** Creates the namespaces that are missing. */
export async function ensureNamespaces(address: string, namespaces: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2 seconds' })
  try {
    for (const namespace of namespaces) {
      try {
        await connection.workflowService.registerNamespace({
          namespace,
          workflowExecutionRetentionPeriod: msToTs(RETENTION),
        })
      } catch (error) {
        if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error
      }
    }
  } finally {
    await connection.close()
  }
}

/**
 * Throws until every namespace can be queried by every search attribute: a server with several services knows a new one
 * some seconds after it was registered, and until then refuses workflows that set it.
 */
export async function checkQueries(
  address: string,
  namespaces: readonly string[],
  searchAttributes: SearchAttributes,
): Promise<void> {
  const query = Object.keys(searchAttributes)
    .map((name) => `${name} IS NULL`)
    .join(' AND ')
  const connection = await Connection.connect({ address, connectTimeout: '2 seconds' })
  try {
    for (const namespace of namespaces)
      await connection.workflowService.countWorkflowExecutions({ namespace, query })
  } finally {
    await connection.close()
  }
}

function indexedType(type: SearchAttributeType) {
  const encoded = encodeSearchAttributeIndexedValueType(TYPES[type])
  if (encoded === undefined) throw new TypeError(`no search attribute type is called ${type}`)
  return encoded
}
