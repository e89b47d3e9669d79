// How behaviours are listed, run and reported, and waiting with a deadline.
const crypto = require('crypto')
const readline = require('readline')
const { Kafka, logLevel } = require('kafkajs')

const DEADLINE = 45_000
const LIMIT = 120_000
const AT_A_TIME = 4
const behaviours = new Map()

const behaviour = (name, options, run) => behaviours.set(name, { ...options, run })
const sleep = ms => new Promise(done => setTimeout(done, ms))

async function waitUntil(condition, what, ms = DEADLINE) {
  const end = Date.now() + ms
  for (;;) {
    const held = await condition()
    if (held) return held
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s for ${typeof what === 'function' ? what() : what}`)
    await sleep(20)
  }
}

const shown = thing => {
  const text = JSON.stringify(thing, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  return text && text.length > 300 ? text.slice(0, 300) + '…' : text
}

function equal(got, wanted, what) {
  if (shown(got) !== shown(wanted) || JSON.stringify(got) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: got ${shown(got)}, wanted ${shown(wanted)}`)
  }
}

function check(truth, what) {
  if (!truth) throw new Error(what)
}

async function failsWith(action, names, what) {
  try {
    await action()
  } catch (error) {
    const text = `${error.name} ${error.type} ${error.message} ${JSON.stringify(error.errors || '')}`
    check(names.some(name => text.toLowerCase().includes(name.toLowerCase())), `${what}: failed, but with ${text}`)
    return
  }
  throw new Error(`${what}: went through`)
}

class Context {
  constructor(bootstrap, brokers, name) {
    Object.assign(this, { bootstrap, brokers, name, open: [] })
    this.kafka = new Kafka({
      clientId: 'kafkajs',
      brokers: [bootstrap],
      logLevel: logLevel.ERROR,
      logCreator: () => ({ log, label }) => console.error(label, log.message, log.error || ''),
      retry: { initialRetryTime: 100, retries: 12, maxRetryTime: 2000 },
      requestTimeout: 30_000,
    })
  }

  fresh(what = 't') {
    return `kafkajs-${this.name}-${what}-${crypto.randomBytes(4).toString('hex')}`
  }

  async kept(thing) {
    await thing.connect()
    this.open.push(thing)
    return thing
  }

  admin() {
    this.theAdmin ||= this.kept(this.kafka.admin())
    return this.theAdmin
  }

  producer(options = {}) {
    return this.kept(this.kafka.producer({ allowAutoTopicCreation: false, ...options }))
  }

  async topic(partitions = 1, configs = {}, replication = Math.min(this.brokers, 3)) {
    const topic = this.fresh()
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
    const admin = await this.admin()
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, replicationFactor: replication, configEntries }] })
    // Brokers learn of it a moment later than the controller.
    await waitUntil(() => admin.fetchTopicMetadata({ topics: [topic] }).catch(() => false), 'the new topic')
    return topic
  }

  async produce(topic, messages, options = {}, sending = {}) {
    const producer = await this.producer(options)
    const placed = await producer.send({ topic, messages, ...sending })
    await producer.disconnect()
    return placed
  }

  // A consumer that collects what it is given, and notes each assignment of its group.
  async reader(topics, { groupId = this.fresh('g'), fromBeginning = true, autoCommit = false, readUncommitted = false, onRecord, ...options } = {}) {
    const consumer = this.kafka.consumer({
      groupId, sessionTimeout: 10_000, heartbeatInterval: 300, maxWaitTimeInMs: 200, rebalanceTimeout: 20_000, readUncommitted, ...options,
    })
    const reader = { consumer, groupId, records: [], assignments: [], held: [] }
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      reader.held = Object.entries(payload.memberAssignment).flatMap(([t, ps]) => ps.map(p => `${t}/${p}`)).sort()
      reader.assignments.push(reader.held)
    })
    const lost = () => { reader.held = [] }
    consumer.on(consumer.events.REBALANCING, lost)
    consumer.on(consumer.events.DISCONNECT, lost)
    await this.kept(consumer)
    await consumer.subscribe({ topics, fromBeginning })
    await consumer.run({
      autoCommit,
      eachMessage: async ({ topic: from, partition, message }) => {
        const record = { topic: from, partition, ...message }
        reader.records.push(record)
        if (onRecord) await onRecord(record, consumer)
      },
    })
    return reader
  }

  async read(topic, count, options = {}) {
    const { extra = 0, ...rest } = options
    const reader = await this.reader([topic], rest)
    await waitUntil(() => reader.records.length >= count, () => `${count} records, got ${reader.records.length}`)
    if (extra) await sleep(extra)
    await reader.consumer.disconnect()
    return reader.records
  }

  async close() {
    await Promise.allSettled(this.open.map(thing => thing.disconnect()))
  }
}

const answers = []
const waiting = []
const input = readline.createInterface({ input: process.stdin })
input.on('line', line => (waiting.length ? waiting.shift()(line) : answers.push(line)))

// Asks the one who started us to kill or start a broker, and waits until that is done.
async function control(line) {
  console.log(`broker ${line}`)
  const said = answers.length ? answers.shift() : await new Promise(done => waiting.push(done))
  check(said.startsWith('done'), `nobody carried out: ${line}`)
}

async function down(broker, meanwhile) {
  await control(`kill ${broker}`)
  try {
    return await meanwhile()
  } finally {
    await control(`start ${broker}`)
  }
}

async function runOne(name, bootstrap, brokers, cannot) {
  const chosen = behaviours.get(name)
  if (cannot[name]) return `${name} cannot ${cannot[name]}`
  if (!chosen) return `${name} cannot it has no call for that`
  if (brokers < (chosen.brokers || 1)) return `${name} cannot it takes ${chosen.brokers} brokers`
  const started = Date.now()
  const context = new Context(bootstrap, brokers, name)
  let timer
  const limit = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`no end after ${LIMIT / 1000} s`)), LIMIT) })
  try {
    await Promise.race([chosen.run(context), limit])
    return `${name} pass ${((Date.now() - started) / 1000).toFixed(1)}s`
  } catch (error) {
    console.error(name, error)
    return `${name} fail ${error.name}: ${error.message}`.replace(/\n/g, ' ').slice(0, 500)
  } finally {
    clearTimeout(timer)
    await Promise.race([context.close(), sleep(10_000)])
  }
}

async function main(cannot) {
  const [bootstrap, brokers, ...names] = process.argv.slice(2)
  const alone = names.filter(name => behaviours.get(name)?.alone)
  const together = names.filter(name => !alone.includes(name))
  const work = async queue => {
    for (let name; (name = queue.shift()); ) console.log(await runOne(name, bootstrap, Number(brokers), cannot))
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, () => work(together)))
  await work(alone)
  process.exit(0)
}

module.exports = { behaviour, check, control, down, equal, failsWith, main, sleep, waitUntil }
