// Consumer groups: who owns what.
const { fork } = require('child_process')
const { AssignerProtocol, PartitionAssigners } = require('kafkajs')
const { behaviour, check, equal, sleep, waitUntil } = require('./harness')
const { numbered } = require('./records')

const QUICK = { sessionTimeout: 6000, heartbeatInterval: 300 }

async function hold(readers, counts) {
  const sizes = () => readers.map(reader => reader.held.length).sort()
  const there = () => JSON.stringify(sizes()) === JSON.stringify([...counts].sort())
  await waitUntil(there, () => `members that hold ${counts}, they hold ${JSON.stringify(readers.map(r => r.held))}`)
  const all = readers.flatMap(reader => reader.held)
  equal(all.length, new Set(all).size, 'partitions, each with one owner')
}

behaviour('group-join-leave', {}, async ctx => {
  const [topic, groupId] = [await ctx.topic(4), ctx.fresh('g')]
  const first = await ctx.reader([topic], { groupId, autoCommit: true, ...QUICK })
  await hold([first], [4])
  const second = await ctx.reader([topic], { groupId, autoCommit: true, ...QUICK })
  await hold([first, second], [2, 2])
  await ctx.produce(topic, Array.from({ length: 80 }, (_, i) => ({ key: 'k', value: `${i}`, partition: i % 4 })))
  await waitUntil(() => first.records.length + second.records.length >= 80, 'every record, at either member')
  await second.consumer.disconnect()
  await hold([first], [4])
  const seen = [...first.records, ...second.records].map(record => Number(record.value)).sort((a, b) => a - b)
  equal(seen, Array.from({ length: 80 }, (_, i) => i), 'records read by the group, once each')
})

behaviour('group-crash', {}, async ctx => {
  const [topic, groupId] = [await ctx.topic(4), ctx.fresh('g')]
  const first = await ctx.reader([topic], { groupId, ...QUICK })
  await hold([first], [4])
  const member = fork(`${__dirname}/member.js`, [ctx.bootstrap, groupId, topic], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  try {
    await hold([first], [2])
  } finally {
    member.kill('SIGKILL')
  }
  await hold([first], [4])
})

behaviour('assignor-roundrobin', {}, async ctx => {
  const topics = [await ctx.topic(3), await ctx.topic(3)].sort()
  const groupId = ctx.fresh('g')
  const options = { groupId, partitionAssigners: [PartitionAssigners.roundRobin], ...QUICK }
  const members = [await ctx.reader(topics, options), await ctx.reader(topics, options)]
  await hold(members, [3, 3])
})

behaviour('assignor-range', {}, async ctx => {
  // It has no range of its own, but takes one that is written for it.
  const range = ({ cluster }) => ({
    name: 'range',
    version: 0,
    assign: async ({ members, topics }) => {
      const ids = members.map(member => member.memberId).sort()
      return ids.map((memberId, at) => {
        const assignment = Object.fromEntries(topics.map(topic => {
          const all = cluster.findTopicPartitionMetadata(topic).map(p => p.partitionId).sort()
          const [share, more] = [Math.floor(all.length / ids.length), all.length % ids.length]
          const start = at * share + Math.min(at, more)
          return [topic, all.slice(start, start + share + (at < more ? 1 : 0))]
        }))
        return { memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) }) }
      })
    },
    protocol: ({ topics }) => ({ name: 'range', metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }) }),
  })
  const topics = [await ctx.topic(3), await ctx.topic(3)]
  const options = { groupId: ctx.fresh('g'), partitionAssigners: [range], ...QUICK }
  const members = [await ctx.reader(topics, options), await ctx.reader(topics, options)]
  await hold(members, [2, 4])
})

behaviour('regex-subscription', {}, async ctx => {
  const stem = ctx.fresh('stem')
  const admin = await ctx.admin()
  const replicationFactor = Math.min(ctx.brokers, 3)
  await admin.createTopics({ waitForLeaders: true, topics: ['-one', '-two'].map(end => ({ topic: stem + end, numPartitions: 2, replicationFactor })) })
  const reader = await ctx.reader([new RegExp(`^${stem}-.*`)], QUICK)
  await hold([reader], [4])
})

behaviour('commit', {}, async ctx => {
  const [topic, groupId] = [await ctx.topic(), ctx.fresh('g')]
  await ctx.produce(topic, numbered(20))
  const first = await ctx.reader([topic], { groupId, ...QUICK })
  await waitUntil(() => first.records.length >= 20, '20 records')
  await first.consumer.commitOffsets([{ topic, partition: 0, offset: '10' }])
  await first.consumer.disconnect()
  const second = await ctx.reader([topic], { groupId, ...QUICK })
  await waitUntil(() => second.records.length >= 10, 'the rest')
  equal(second.records[0].offset, '10', 'where the next consumer of the group begins')
})

behaviour('auto-commit', {}, async ctx => {
  const [topic, groupId] = [await ctx.topic(), ctx.fresh('g')]
  await ctx.produce(topic, numbered(20))
  const first = await ctx.reader([topic], { groupId, autoCommit: true, ...QUICK })
  await waitUntil(() => first.records.length >= 20, '20 records')
  await first.consumer.disconnect()
  await ctx.produce(topic, numbered(5))
  const second = await ctx.reader([topic], { groupId, autoCommit: true, ...QUICK })
  await waitUntil(() => second.records.length >= 5, 'the later records')
  equal(second.records[0].offset, '20', 'where the group goes on after an automatic commit')
})

behaviour('offset-reset', {}, async ctx => {
  const topic = await ctx.topic()
  await ctx.produce(topic, numbered(10))
  equal((await ctx.read(topic, 10, { fromBeginning: true }))[0].offset, '0', 'earliest: the first offset')
  const late = await ctx.reader([topic], { fromBeginning: false, ...QUICK })
  await hold([late], [1])
  await waitUntil(async () => {
    await ctx.produce(topic, numbered(1))
    await sleep(100)
    return late.records.length
  }, 'a record after joining')
  check(Number(late.records[0].offset) >= 10, 'latest: only what comes after joining')
})

module.exports = { QUICK, hold }
