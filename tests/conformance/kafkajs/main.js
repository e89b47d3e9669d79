// Runs the behaviours with kafkajs: node main.js BOOTSTRAP BROKERS BEHAVIOUR...
const { main } = require('./harness')
require('./records')
require('./transactions')
require('./groups')
require('./admin')

const NO_PROTOCOL = 'it has no group.protocol option'
main({
  'assignor-sticky': 'it has round-robin only, or what one writes for it',
  'assignor-cooperative': 'it rebalances eagerly only',
  'group-static': 'it has no group.instance.id',
  'group-failover': 'it commits through a running consumer only, which then has a broker it lost to find again; see broker-restart',
  'txn-failover': 'it gives a transaction up when its coordinator goes',
  'admin-list-offsets': 'its calls for that are watermarks and seek-to-time',
  'kip848-join-leave': NO_PROTOCOL,
  'kip848-assignors': NO_PROTOCOL,
  'kip848-static': NO_PROTOCOL,
  'kip848-regex': NO_PROTOCOL,
})
