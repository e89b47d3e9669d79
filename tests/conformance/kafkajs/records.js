// Producing and consuming: what goes in comes out.
const { CompressionCodecs, CompressionTypes } = require('kafkajs')
const SnappyCodec = require('kafkajs-snappy')
const lz4 = require('lz4-napi')
const { ZstdCodec } = require('zstd-codec')
const { behaviour, check, equal, failsWith, sleep, waitUntil } = require('./harness')

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: encoder => lz4.compressFrame(encoder.buffer),
  decompress: buffer => lz4.decompressFrame(buffer),
})
const zstd = new Promise(done => ZstdCodec.run(binding => done(new binding.Simple())))
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async encoder => Buffer.from((await zstd).compress(encoder.buffer)),
  decompress: async buffer => Buffer.from((await zstd).decompress(buffer)),
})

const numbered = (count, { keys = 10, prefix = 'v' } = {}) =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i % keys}`, value: `${prefix}${i}` }))
const values = records => records.map(record => record.value.toString())
const byKey = records => {
  const found = {}
  for (const { key, value } of records) (found[key] ||= []).push(value.toString())
  return Object.fromEntries(Object.entries(found).sort())
}

async function roundTrip(ctx, messages, { partitions = 1, producer, sending } = {}) {
  const topic = await ctx.topic(partitions)
  const placed = await ctx.produce(topic, messages, producer, sending)
  const got = await ctx.read(topic, messages.length)
  equal(byKey(got), byKey(messages), 'values by key, in order')
  return { topic, placed, got }
}

behaviour('produce-consume', {}, async ctx => {
  const { placed, got } = await roundTrip(ctx, numbered(300, { keys: 20 }), { partitions: 3 })
  equal(new Set(got.map(record => record.partition)).size, 3, 'partitions with records')
  for (const { partition, baseOffset } of placed) {
    equal(baseOffset, '0', `first acknowledged offset of partition ${partition}`)
    const offsets = got.filter(record => record.partition === partition).map(record => Number(record.offset))
    equal(offsets, offsets.map((_, i) => i), `offsets of partition ${partition}`)
  }
})

for (const [name, compression] of Object.entries({ gzip: 1, snappy: 2, lz4: 3, zstd: 4 })) {
  behaviour(`codec-${name}`, {}, async ctx => {
    const messages = Array.from({ length: 200 }, (_, i) => ({ key: `k${i % 5}`, value: `value ${i} `.repeat(40) }))
    await roundTrip(ctx, messages, { partitions: 2, sending: { compression } })
  })
}

behaviour('headers', {}, async ctx => {
  const topic = await ctx.topic()
  await ctx.produce(topic, [{ key: 'k', value: 'v', headers: { a: ['1', '2'], empty: '' } }])
  const [record] = await ctx.read(topic, 1)
  equal(record.headers.a.map(String), ['1', '2'], 'a header with a repeated name')
  equal(record.headers.empty.toString(), '', 'an empty header')
})

behaviour('null-key-value', {}, async ctx => {
  const topic = await ctx.topic()
  const sent = [[null, 'v'], ['k', null], [null, null], ['', ''], ['k', '']]
  await ctx.produce(topic, sent.map(([key, value]) => ({ key, value, partition: 0 })))
  const got = await ctx.read(topic, sent.length)
  const text = bytes => bytes === null || bytes === undefined ? null : bytes.toString()
  equal(got.map(({ key, value }) => [text(key), text(value)]), sent, 'null and empty keys and values')
})

behaviour('record-1mb', {}, async ctx => {
  const topic = await ctx.topic()
  const sent = ['x', 'y', 'z'].map(letter => letter.repeat(1_000_000))
  for (const value of sent) await ctx.produce(topic, [{ key: 'k', value }])
  check(JSON.stringify(values(await ctx.read(topic, 3))) === JSON.stringify(sent), 'records of a million bytes')
})

behaviour('record-too-large', {}, async ctx => {
  const topic = await ctx.topic(1, { 'max.message.bytes': '20000' })
  const large = () => ctx.produce(topic, [{ key: 'k', value: 'x'.repeat(30_000) }], { retry: { retries: 0 } })
  await failsWith(large, ['MESSAGE_TOO_LARGE', 'larger than'], 'a record above max.message.bytes')
  await ctx.produce(topic, [{ key: 'k', value: 'x'.repeat(10_000) }])
  equal((await ctx.read(topic, 1)).length, 1, 'records after the one refused')
})

for (const [name, acks] of Object.entries({ 0: 0, 1: 1, all: -1 })) {
  behaviour(`acks-${name}`, {}, ctx => roundTrip(ctx, numbered(50), { sending: { acks } }))
}

behaviour('idempotence', {}, async ctx => {
  const { got } = await roundTrip(ctx, numbered(500), { partitions: 3, producer: { idempotent: true } })
  equal(got.length, 500, 'records, none twice')
})

behaviour('long-poll', {}, async ctx => {
  const topic = await ctx.topic()
  const reader = await ctx.reader([topic], { maxWaitTimeInMs: 20_000 })
  let fetching = false
  reader.consumer.on(reader.consumer.events.FETCH_START, () => { fetching = true })
  await waitUntil(() => reader.held.length === 1 && fetching, 'the first fetch')
  const started = Date.now()
  await ctx.produce(topic, numbered(1))
  await waitUntil(() => reader.records.length, 'the record')
  check(Date.now() - started < 10_000, `the fetch took ${Date.now() - started} ms to notice a record`)
})

behaviour('watermarks', {}, async ctx => {
  const topic = await ctx.topic()
  await ctx.produce(topic, numbered(12))
  const [{ low, high }] = await (await ctx.admin()).fetchTopicOffsets(topic)
  equal([low, high], ['0', '12'], 'first offset and end of the partition')
})

behaviour('seek', {}, async ctx => {
  const topic = await ctx.topic()
  await ctx.produce(topic, numbered(100))
  const reader = await ctx.reader([topic])
  await waitUntil(() => reader.records.length >= 100, '100 records')
  for (const offset of ['40', '7', '99']) {
    reader.records.length = 0
    reader.consumer.seek({ topic, partition: 0, offset })
    await waitUntil(() => reader.records.length, 'a record after the seek')
    equal(reader.records[0].offset, offset, `first offset after a seek to ${offset}`)
  }
})

behaviour('seek-to-time', {}, async ctx => {
  const topic = await ctx.topic()
  const base = Date.now() - 100_000
  await ctx.produce(topic, numbered(50).map((message, i) => ({ ...message, timestamp: `${base + i * 1000}` })))
  const admin = await ctx.admin()
  const at = async time => (await admin.fetchTopicOffsetsByTimestamp(topic, time))[0].offset
  equal(await at(base + 20_500), '21', 'offset of the first record at or after a time')
  equal(await at(base + 10_000_000), '50', 'beyond the last time: the end')
})

behaviour('pause-resume', {}, async ctx => {
  const topic = await ctx.topic(2)
  const reader = await ctx.reader([topic])
  await waitUntil(() => reader.held.length === 2, 'both partitions')
  reader.consumer.pause([{ topic, partitions: [0] }])
  await ctx.produce(topic, Array.from({ length: 40 }, (_, i) => ({ key: 'k', value: `${i}`, partition: i % 2 })))
  await waitUntil(() => reader.records.length >= 20, 'records of the other partition')
  await sleep(500)
  equal([...new Set(reader.records.map(record => record.partition))], [1], 'partitions read while one is paused')
  reader.consumer.resume([{ topic, partitions: [0] }])
  await waitUntil(() => reader.records.length >= 40, 'records after resuming')
})

module.exports = { numbered, values }
