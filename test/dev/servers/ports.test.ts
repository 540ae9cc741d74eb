import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, onFreePorts } from '../../../dev/servers/lib/ports.ts'
import { StartError } from '../../../dev/servers/lib/ready.ts'

test('a start that loses its port to somebody else starts again on another', async () => {
  const tried: number[] = []
  const result = await onFreePorts([undefined], async ([port = 0]) => {
    tried.push(port)
    if (tried.length === 1) throw new StartError('address already in use', true)
    return port
  })
  expect(tried).toHaveLength(2)
  expect(result).toBe(tried[1])
  expect(tried[0]).not.toBe(tried[1])
})

test('a port that was asked for is used or the start fails', async () => {
  const tried: number[] = []
  const start = onFreePorts([4321], async ([port = 0]) => {
    tried.push(port)
    throw new StartError('address already in use', true)
  })
  await expect(start).rejects.toThrow('address already in use')
  expect(tried).toEqual([4321])
})

test('a preferred port is taken when it is free and passed over when it is not', async () => {
  const port = await freePort()
  const holder = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve) => holder.once('listening', resolve))
  try {
    expect(await freePort(port)).not.toBe(port)
  } finally {
    await new Promise((resolve) => holder.close(resolve))
  }
})
