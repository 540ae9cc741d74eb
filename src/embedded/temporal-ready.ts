import { Connection } from '@temporalio/client'
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

export type SearchAttributeType = keyof typeof TYPES

export type SearchAttributes = Readonly<Record<string, SearchAttributeType>>

/** Throws until every namespace answers at the address and knows the search attributes. */
export async function namespacesAnswer(
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
      // The server registers them only for a namespace it has just made, not for one it has kept.
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

function indexedType(type: SearchAttributeType) {
  const encoded = encodeSearchAttributeIndexedValueType(TYPES[type])
  if (encoded === undefined) throw new TypeError(`no search attribute type is called ${type}`)
  return encoded
}
