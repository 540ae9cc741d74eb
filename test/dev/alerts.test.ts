import { expect, it } from 'vitest'
import { createHttpChannel } from '../../src/adapters/notify/channels/http.ts'
import type { AlertMessage } from '../../src/contracts/alerts.ts'
import { printAlerts } from '../../dev/alerts.ts'
import { atEnd } from '../support/at-end.ts'

const opened: AlertMessage = {
  name: 'pds-unreachable',
  system: 'atproto',
  state: 'opened',
  severity: 'high',
  title: 'High: pds-unreachable in atproto',
  sentence: 'The PDS does not answer.',
  fix: 'Bring the PDS back.',
  since: '2026-11-29T06:55:54.000Z',
  count: 0,
  consequences: [],
  people: [],
  dedupKey: 'holdfast/atproto/pds-unreachable',
}

it('npm start prints alerts as they open and close', async () => {
  const said: string[] = []
  const printer = await printAlerts((text) => said.push(text))
  atEnd(() => printer.close())
  const { send } = createHttpChannel(printer.url, 'https://docs.example.com')
  await send([{ id: '1', message: opened }])
  await send([{ id: '2', message: { ...opened, state: 'closed' } }])
  expect(said).toEqual([
    '\nAlert opened: pds-unreachable, since 2026-11-29T06:55:54.000Z. The PDS does not answer.\nWhat to do: Bring the PDS back.\nMore: https://docs.example.com/problems.md#pds-unreachable',
    '\nAlert closed: pds-unreachable. It was open since 2026-11-29T06:55:54.000Z.',
  ])
})
