// What the client can ask of the cluster itself.
const { ConfigResourceTypes } = require('kafkajs')
const { behaviour, check, down, equal, failsWith, waitUntil } = require('./harness')
const { QUICK, hold } = require('./groups')
const { numbered, values } = require('./records')

async function settledGroup(ctx) {
  const [topic, groupId] = [await ctx.topic(), ctx.fresh('g')]
  await ctx.produce(topic, numbered(10))
  const reader = await ctx.reader([topic], { groupId, ...QUICK })
  await waitUntil(() => reader.records.length >= 10, '10 records')
  await reader.consumer.commitOffsets([{ topic, partition: 0, offset: '10' }])
  await reader.consumer.disconnect()
  return { topic, groupId }
}

const partitionsOf = async (ctx, topic) => {
  const admin = await ctx.admin()
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0].partitions.sort((a, b) => a.partitionId - b.partitionId)
}

const configOf = async (ctx, type, name) => {
  const admin = await ctx.admin()
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name }] })
  return Object.fromEntries(resources[0].configEntries.map(entry => [entry.configName, entry.configValue]))
}

const offsetOf = async (ctx, groupId, topic) => {
  const admin = await ctx.admin()
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return partitions[0].offset
}

behaviour('admin-create-topics', {}, async ctx => {
  const admin = await ctx.admin()
  const topic = await ctx.topic(3, { 'retention.ms': '86400000' })
  await waitUntil(async () => (await admin.listTopics()).includes(topic), 'the new topic among the topics')
  equal(await admin.createTopics({ topics: [{ topic }] }), false, 'creating it again')
  const create = extra => () => admin.createTopics({ topics: [{ topic: ctx.fresh(), numPartitions: 1, ...extra }] })
  await failsWith(create({ replicationFactor: ctx.brokers + 1 }), ['INVALID_REPLICATION_FACTOR', 'Replication-factor', 'replication'], 'more replicas than brokers')
  await failsWith(create({ replicationFactor: 1, configEntries: [{ name: 'no.such.config', value: '1' }] }), ['INVALID_CONFIG', 'Configuration is invalid'], 'a config that does not exist')
  await failsWith(create({ replicationFactor: 1, topic: 'what?!' }), ['INVALID_TOPIC', 'invalid topic'], 'a name that no topic may have')
})

behaviour('admin-delete-topics', {}, async ctx => {
  const admin = await ctx.admin()
  const topic = await ctx.topic()
  await admin.deleteTopics({ topics: [topic] })
  await waitUntil(async () => !(await admin.listTopics()).includes(topic), 'the topic gone')
})

behaviour('admin-describe-topics', {}, async ctx => {
  const partitions = await partitionsOf(ctx, await ctx.topic(4))
  equal(partitions.map(p => p.partitionId), [0, 1, 2, 3], 'partitions')
  for (const { leader, replicas, isr } of partitions) {
    equal(replicas.length, Math.min(ctx.brokers, 3), 'replicas')
    equal(replicas[0], leader, 'the leader is the preferred one')
    equal([...isr].sort(), [...replicas].sort(), 'in-sync replicas')
  }
})

behaviour('admin-create-partitions', {}, async ctx => {
  const admin = await ctx.admin()
  const topic = await ctx.topic(2)
  await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
  await waitUntil(async () => (await partitionsOf(ctx, topic)).length === 5, 'five partitions')
  const fewer = () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  await failsWith(fewer, ['INVALID_PARTITIONS', 'Number of partitions is invalid'], 'fewer partitions')
})

behaviour('admin-delete-records', {}, async ctx => {
  const admin = await ctx.admin()
  const topic = await ctx.topic()
  await ctx.produce(topic, numbered(20))
  // It finds no leader for a topic that it has not asked for before.
  await admin.fetchTopicOffsets(topic)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] })
  const [{ low, high }] = await admin.fetchTopicOffsets(topic)
  equal([low, high], ['15', '20'], 'first offset and end after deleting up to 15')
})

behaviour('admin-describe-configs', {}, async ctx => {
  const config = await configOf(ctx, ConfigResourceTypes.TOPIC, await ctx.topic(1, { 'retention.ms': '123456789' }))
  equal(config['retention.ms'], '123456789', 'retention.ms of the topic')
  equal(config['cleanup.policy'], 'delete', 'cleanup.policy of the topic')
  check('log.segment.bytes' in await configOf(ctx, ConfigResourceTypes.BROKER, '1'), 'configs of a broker')
})

behaviour('admin-alter-configs', {}, async ctx => {
  const admin = await ctx.admin()
  const name = await ctx.topic(1, { 'retention.ms': '123456789' })
  const configEntries = [{ name: 'max.message.bytes', value: '54321' }]
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }] })
  await waitUntil(async () => (await configOf(ctx, ConfigResourceTypes.TOPIC, name))['max.message.bytes'] === '54321', 'the new value')
  equal((await configOf(ctx, ConfigResourceTypes.TOPIC, name))['retention.ms'], '604800000', 'retention.ms, not named')
})

behaviour('admin-describe-cluster', {}, async ctx => {
  const { brokers, controller, clusterId } = await (await ctx.admin()).describeCluster()
  equal(brokers.map(broker => broker.nodeId).sort(), Array.from({ length: ctx.brokers }, (_, i) => i + 1), 'brokers')
  check(clusterId.length === 22, `cluster id ${clusterId}`)
  check(brokers.some(broker => broker.nodeId === controller), `controller ${controller}`)
})

behaviour('admin-reassign', { brokers: 3 }, async ctx => {
  const admin = await ctx.admin()
  const topic = await ctx.topic(1, {}, 1)
  await ctx.produce(topic, numbered(20))
  const [old] = (await partitionsOf(ctx, topic))[0].replicas
  const replicas = [old === 1 ? 2 : 1, old === 3 ? 2 : 3]
  await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 0, replicas }] }] })
  await waitUntil(async () => {
    const { topics } = await admin.listPartitionReassignments({ topics: [{ topic, partitions: [0] }] })
    return !topics.length
  }, 'the end of the reassignment')
  // Brokers learn of the end a moment later than the controller.
  await waitUntil(async () => `${(await partitionsOf(ctx, topic))[0].replicas}` === `${replicas}`, 'the new replicas')
  await waitUntil(async () => (await partitionsOf(ctx, topic))[0].isr.length === 2, 'the new replicas in sync')
  equal((await ctx.read(topic, 20)).length, 20, 'records after moving')
})

behaviour('admin-list-groups', {}, async ctx => {
  const { groupId } = await settledGroup(ctx)
  const { groups } = await (await ctx.admin()).listGroups()
  check(groups.some(group => group.groupId === groupId), 'the group among the groups')
})

behaviour('admin-describe-groups', {}, async ctx => {
  const admin = await ctx.admin()
  const [topic, groupId] = [await ctx.topic(2), ctx.fresh('g')]
  const reader = await ctx.reader([topic], { groupId, ...QUICK })
  await hold([reader], [2])
  const state = async () => {
    const { groups } = await admin.describeGroups([groupId])
    return `${groups[0].state} ${groups[0].members.length}`
  }
  await waitUntil(async () => (await state()) === 'Stable 1', 'one member in a stable group')
  await reader.consumer.disconnect()
  await waitUntil(async () => (await state()) === 'Empty 0', 'an empty group')
})

behaviour('admin-delete-groups', {}, async ctx => {
  const admin = await ctx.admin()
  const { topic, groupId } = await settledGroup(ctx)
  await admin.deleteGroups([groupId])
  const { groups } = await admin.listGroups()
  check(!groups.some(group => group.groupId === groupId), 'the group is gone')
  const busy = ctx.fresh('g')
  await hold([await ctx.reader([topic], { groupId: busy, ...QUICK })], [1])
  await failsWith(() => admin.deleteGroups([busy]), ['NON_EMPTY_GROUP', 'Error in DeleteGroups'], 'deleting a group with members')
})

behaviour('admin-group-offsets', {}, async ctx => {
  const { topic, groupId } = await settledGroup(ctx)
  equal(await offsetOf(ctx, groupId, topic), '10', 'the committed offset')
})

behaviour('admin-alter-group-offsets', {}, async ctx => {
  const admin = await ctx.admin()
  const { topic, groupId } = await settledGroup(ctx)
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '4' }] })
  equal(await offsetOf(ctx, groupId, topic), '4', 'the altered offset')
  await admin.resetOffsets({ groupId, topic, earliest: false })
  equal(await offsetOf(ctx, groupId, topic), '-1', 'the offset reset to the latest')
})

behaviour('broker-restart', { alone: true, brokers: 3 }, async ctx => {
  const topic = await ctx.topic(6, { 'min.insync.replicas': '2' })
  const producer = await ctx.producer({ idempotent: true })
  let [sent, round] = [0, 0]
  // One key a send: where a send goes to several brokers and one dies, this client forgets the records whose
  // new leader has answered it already (`brokersWithoutResponse` in its sendMessages.js), and tells of success.
  const rounds = async count => {
    for (const end = round + count; round < end; round++) {
      const key = `k${round % 12}`
      const messages = Array.from({ length: 20 }, () => ({ key, value: `${sent++}` }))
      await producer.send({ topic, messages, acks: -1 })
    }
  }
  await rounds(8)
  await down(2, () => rounds(12))
  await rounds(10)
  const got = await ctx.read(topic, sent, { extra: 500 })
  const numbers = values(got).map(Number)
  equal([...new Set(numbers)].sort((a, b) => a - b), Array.from({ length: sent }, (_, i) => i), 'every acknowledged record')
  for (const key of new Set(got.map(record => record.key.toString()))) {
    const run = got.filter(record => record.key.toString() === key).map(record => Number(record.value))
    equal(run, [...run].sort((a, b) => a - b), `order of ${key}`)
  }
})
