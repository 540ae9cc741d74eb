import { describe, expect, it } from 'vitest'
import { DEFAULT_PROFILE_COLUMNS, parseProfileColumns } from '../../../src/domain/supabase/profile-columns.ts'

const parsed = (value: unknown) => parseProfileColumns(JSON.stringify(value))

describe('the mapping of SUPABASE_PROFILE_COLUMNS', () => {
  it('is by default the id, the address and the account type', () => {
    expect(parseProfileColumns(DEFAULT_PROFILE_COLUMNS)).toMatchObject({
      mapping: {
        idColumn: 'id',
        emailColumn: 'email',
        columns: [
          { column: 'id', from: [{ of: 'id' }], default: null },
          { column: 'email', from: [{ of: 'email' }] },
          {
            column: 'account_type',
            from: [
              { of: 'user_metadata', key: 'account_type' },
              { of: 'app_metadata', key: 'account_type' },
            ],
          },
        ],
      },
    })
  })

  it('takes columns of other names, defaults and constants', () => {
    expect(
      parsed({
        user_id: 'id',
        plan: { from: 'app_metadata.plan', default: 'free' },
        source: { default: 'holdfast' },
      }),
    ).toEqual({
      mapping: {
        idColumn: 'user_id',
        emailColumn: null,
        columns: [
          { column: 'user_id', from: [{ of: 'id' }], default: null },
          { column: 'plan', from: [{ of: 'app_metadata', key: 'plan' }], default: 'free' },
          { column: 'source', from: [], default: 'holdfast' },
        ],
      },
    })
  })

  it.each([
    ['no JSON', 'id=id', 'must be a JSON object'],
    ['a list', '["id"]', 'must be a JSON object'],
    ['no id', '{"email":"email"}', 'exactly one column the source id'],
    ['two ids', '{"id":"id","user_id":"id"}', 'exactly one column the source id'],
    ['two addresses', '{"id":"id","email":"email","contact":"email"}', 'at most one column the source email'],
    ['an unknown source', '{"id":"id","name":"metadata.name"}', 'must give the column name a source'],
    ['no source', '{"id":"id","name":[]}', 'must give the column name a source'],
    ['an unknown option', '{"id":"id","name":{"form":"email"}}', 'must give the column name a source'],
    ['an empty default', '{"id":"id","name":{"default":""}}', 'must give the column name a source'],
  ])('refuses %s', (_, text, reason) => {
    expect(parseProfileColumns(text)).toMatchObject({ refused: expect.stringContaining(reason) as string })
  })
})
