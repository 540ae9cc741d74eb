import { describe, expect, it } from 'vitest'
import { unencryptedMongoHosts, unencryptedTemporalHosts } from '../../src/domain/unencrypted.ts'

describe('connections without TLS', () => {
  it.each([
    ['mongodb://127.0.0.1:27017/', []],
    ['mongodb://[::1]:27017/app', []],
    ['mongodb://user:secret@mongo:27017/app?replicaSet=rs0', []],
    ['mongodb+srv://user:secret@cluster.example.com/app', []],
    ['mongodb://user:secret@db.example.com/app?replicaSet=rs0&tls=true', []],
    ['mongodb://user:secret@db.example.com/app?tls=false', ['db.example.com']],
    ['mongodb://user:secret@mongo:1,10.0.0.7:27017,127.0.0.1/app', ['10.0.0.7']],
    ['mongodb://db.example.com', ['db.example.com']],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/app', []],
    ['mongodb://user:secret@%2ftmp%2fmongodb-27017.sock,db.example.com', ['db.example.com']],
    ['mongodb+srv://user:secret@cluster.example.com/app?tls=false', ['cluster.example.com']],
    ['mongodb+srv://user:secret@cluster.example.com/?ssl=true', []],
  ])('to the hosts of %s', (uri, hosts) => {
    expect(unencryptedMongoHosts(uri)).toEqual(hosts)
  })

  it.each([
    ['127.0.0.1:7233', false, []],
    ['temporal:7233', false, []],
    ['temporal.example.com:7233', false, ['temporal.example.com']],
    ['https://temporal.example.com:7233', true, []],
  ])('to Temporal at %s, encrypted: %s', (address, encrypted, hosts) => {
    expect(unencryptedTemporalHosts(address, encrypted)).toEqual(hosts)
  })
})
