// Transactions: all or nothing, seen by those who read committed records only.
const { behaviour, check, equal, failsWith, waitUntil } = require('./harness')
const { numbered, values } = require('./records')

const transactional = (ctx, transactionalId) => ctx.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
const wanted = (prefix, count = 10) => numbered(count, { prefix }).map(message => message.value)
const batch = (topic, prefix, count = 10) => ({ topic, messages: numbered(count, { prefix }) })
const committed = async (ctx, topic, count) => values(await ctx.read(topic, count, { extra: 400 }))

behaviour('txn-commit', {}, async ctx => {
  const topic = await ctx.topic()
  const producer = await transactional(ctx, ctx.fresh('id'))
  for (const prefix of ['a', 'b']) {
    const transaction = await producer.transaction()
    await transaction.send(batch(topic, prefix))
    await transaction.commit()
  }
  equal(await committed(ctx, topic, 20), [...wanted('a'), ...wanted('b')], 'records of two committed transactions')
  equal((await ctx.read(topic, 20, { readUncommitted: true }))[10].offset, '11', 'offset after the first control record')
})

behaviour('txn-abort', {}, async ctx => {
  const topic = await ctx.topic()
  const producer = await transactional(ctx, ctx.fresh('id'))
  const lost = await producer.transaction()
  await lost.send(batch(topic, 'a'))
  await lost.abort()
  const kept = await producer.transaction()
  await kept.send(batch(topic, 'b'))
  await kept.commit()
  equal(await committed(ctx, topic, 10), wanted('b'), 'read_committed leaves the aborted records out')
  const all = values(await ctx.read(topic, 20, { readUncommitted: true }))
  equal(all, [...wanted('a'), ...wanted('b')], 'read_uncommitted shows them')
})

behaviour('txn-read-committed', {}, async ctx => {
  const topic = await ctx.topic()
  const producer = await transactional(ctx, ctx.fresh('id'))
  const transaction = await producer.transaction()
  await transaction.send(batch(topic, 'open'))
  await ctx.produce(topic, numbered(5, { prefix: 'plain' }))
  equal((await ctx.read(topic, 15, { readUncommitted: true })).length, 15, 'records that read_uncommitted shows')
  const reader = await ctx.reader([topic])
  let fetches = 0
  reader.consumer.on(reader.consumer.events.FETCH, () => { fetches += 1 })
  await waitUntil(() => fetches >= 3, 'three fetches')
  check(!reader.records.length, 'read_committed shows nothing while the transaction is open')
  await transaction.commit()
  await waitUntil(() => reader.records.length >= 15, 'records after the commit')
  equal(values(reader.records), [...wanted('open'), ...wanted('plain', 5)], 'records after the commit')
})

behaviour('txn-fencing', {}, async ctx => {
  const [topic, id] = [await ctx.topic(), ctx.fresh('id')]
  const zombie = await transactional(ctx, id)
  const old = await zombie.transaction()
  await old.send(batch(topic, 'zombie'))
  const heir = await transactional(ctx, id)
  const fresh = await heir.transaction()
  const late = async () => {
    await old.send(batch(topic, 'late'))
    await old.commit()
  }
  await failsWith(late, ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'old epoch', 'newer'], 'a commit of the producer that was replaced')
  await fresh.send(batch(topic, 'heir'))
  await fresh.commit()
  equal(await committed(ctx, topic, 10), wanted('heir'), 'records after the zombie was fenced')
})

behaviour('txn-consume-produce', {}, async ctx => {
  const [source, sink, groupId] = [await ctx.topic(), await ctx.topic(), ctx.fresh('g')]
  await ctx.produce(source, numbered(30, { prefix: 'in' }))
  const producer = await transactional(ctx, ctx.fresh('id'))
  for (const attempt of ['abort', 'commit']) {
    const reader = await ctx.reader([source], { groupId })
    await waitUntil(() => reader.records.length >= 30, '30 records to carry over')
    const transaction = await producer.transaction()
    await transaction.send({ topic: sink, messages: reader.records.map(r => ({ key: r.key, value: r.value.toString().toUpperCase() })) })
    const topics = [{ topic: source, partitions: [{ partition: 0, offset: '30' }] }]
    await transaction.sendOffsets({ consumerGroupId: groupId, topics })
    await transaction[attempt]()
    await reader.consumer.disconnect()
  }
  equal(await committed(ctx, sink, 30), wanted('in', 30).map(value => value.toUpperCase()), 'records carried over once')
  const admin = await ctx.admin()
  await waitUntil(async () => {
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [source] })
    return partitions[0].offset === '30'
  }, 'the offset committed with the transaction')
})
