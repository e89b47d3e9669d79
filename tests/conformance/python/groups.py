"""Consumer groups: who owns what, and that nobody owns it twice."""

import threading
import time

from harness import DEADLINE, behaviour, check, equal, poll_until, wait_until
from records import numbered


class Ledger:
    """Who holds which partition, as the members are told; notes every partition that has two owners at once."""

    def __init__(self):
        self.lock = threading.Lock()
        self.owners = {}
        self.overlaps = []

    def give(self, member, partitions, in_time=True):
        with self.lock:
            for partition in partitions:
                other = self.owners.get(partition)
                if in_time and other not in (None, member):
                    self.overlaps.append((partition, other, member))
                self.owners[partition] = member

    def take(self, member, partitions):
        with self.lock:
            for partition in partitions:
                if self.owners.get(partition) == member:
                    del self.owners[partition]

    def held_by(self, member):
        with self.lock:
            return sorted(partition for partition, owner in self.owners.items() if owner == member)


class Member(threading.Thread):
    """A consumer of a group that polls until it is told to leave."""

    def __init__(self, ctx, ledger, name, topics, **options):
        super().__init__(daemon=True)
        self.ctx, self.ledger, self.name_of, self.topics = ctx, ledger, name, topics
        self.leaving = threading.Event()
        self.records, self.changes, self.trouble = [], [], None
        self.consumer = ctx.client.consumer(on_assign=self.assigned, on_revoke=self.revoked, **options)
        ctx.members.append(self)
        self.start()

    def assigned(self, partitions):
        self.changes.append(("assign", sorted(partitions)))
        self.ledger.give(self.name_of, partitions, self.ctx.client.tells_in_time)

    def revoked(self, partitions):
        self.changes.append(("revoke", sorted(partitions)))
        self.ledger.take(self.name_of, partitions)

    def run(self):
        try:
            self.consumer.subscribe(self.topics)
            while not self.leaving.is_set():
                self.records += self.consumer.poll(0.05)
            # It reads no more from here on; not every client says so itself when it closes.
            self.ledger.take(self.name_of, self.held)
            self.consumer.close()
        except Exception as error:
            self.trouble = error
        finally:
            self.ledger.take(self.name_of, self.held)

    def leave(self):
        self.leaving.set()
        self.join(DEADLINE)
        check(not self.is_alive(), "a member did not come back from closing")
        if self.trouble:
            raise self.trouble

    def abandon(self):
        self.leaving.set()

    @property
    def held(self):
        return self.ledger.held_by(self.name_of)


QUICK = {"session_ms": 6000, "heartbeat_ms": 300}


def hold(members, counts):
    def there():
        for member in members:
            if member.trouble:
                raise member.trouble
        return sorted(len(member.held) for member in members) == sorted(counts)

    wait_until(there, lambda: f"members that hold {counts}, they hold {[member.held for member in members]}")


def join_and_leave(ctx, **options):
    options["auto_commit"] = True
    topic, ledger, group = ctx.topic(4), Ledger(), ctx.fresh("g")
    first = Member(ctx, ledger, "first", [topic], group=group, **options)
    hold([first], [4])
    second = Member(ctx, ledger, "second", [topic], group=group, **options)
    hold([first, second], [2, 2])
    sent = [{"key": b"k", "value": f"{i}".encode(), "partition": i % 4} for i in range(80)]
    ctx.produce(topic, sent)
    wait_until(lambda: len(first.records) + len(second.records) >= 80, "every record, at either member")
    second.leave()
    hold([first], [4])
    first.leave()
    equal(ledger.overlaps, [], "partitions with two owners at once")
    seen = sorted(int(record.value) for record in first.records + second.records)
    equal(seen, list(range(80)), "records read by the group, once each")


@behaviour("group-join-leave")
def group_join_leave(ctx):
    join_and_leave(ctx, **QUICK)


@behaviour("group-crash", needs=("crashing_member",))
def group_crash(ctx):
    topic, ledger, group = ctx.topic(4), Ledger(), ctx.fresh("g")
    first = Member(ctx, ledger, "first", [topic], group=group, **QUICK)
    hold([first], [4])
    crash = ctx.client.crashing_member(group, topic, QUICK)
    try:
        hold([first], [2])
    finally:
        crash()
    hold([first], [4])
    first.leave()


def shares(ctx, assignor, **options):
    """Two members, two topics of three partitions: who gets what."""
    topics, ledger, group = sorted([ctx.topic(3), ctx.topic(3)]), Ledger(), ctx.fresh("g")
    members = [Member(ctx, ledger, name, topics, group=group, assignor=assignor, **QUICK, **options) for name in ("first", "second")]
    wait_until(
        lambda: sum(len(member.held) for member in members) == 6 and all(member.held for member in members),
        lambda: f"six partitions at two members, they hold {[member.held for member in members]}",
    )
    held = [[(topics.index(topic), partition) for topic, partition in member.held] for member in members]
    for member in members:
        member.leave()
    equal(ledger.overlaps, [], "partitions with two owners at once")
    return sorted(held)


@behaviour("assignor-range")
def assignor_range(ctx):
    equal(shares(ctx, "range"), [[(0, 0), (0, 1), (1, 0), (1, 1)], [(0, 2), (1, 2)]], "range: runs of each topic")


@behaviour("assignor-roundrobin")
def assignor_roundrobin(ctx):
    equal(shares(ctx, "roundrobin"), [[(0, 0), (0, 2), (1, 1)], [(0, 1), (1, 0), (1, 2)]], "roundrobin: one by one")


@behaviour("assignor-sticky")
def assignor_sticky(ctx):
    stays(ctx, "sticky")


@behaviour("assignor-cooperative")
def assignor_cooperative(ctx):
    first = stays(ctx, "cooperative-sticky")
    revoked = [partitions for change, partitions in first.changes if change == "revoke" and partitions]
    check(revoked and len(revoked[0]) == 3, f"cooperative: only what moves is revoked, but {first.changes}")


def stays(ctx, assignor):
    topic, ledger, group = ctx.topic(6), Ledger(), ctx.fresh("g")
    first = Member(ctx, ledger, "first", [topic], group=group, assignor=assignor, **QUICK)
    hold([first], [6])
    second = Member(ctx, ledger, "second", [topic], group=group, assignor=assignor, **QUICK)
    hold([first, second], [3, 3])
    kept = first.held
    third = Member(ctx, ledger, "third", [topic], group=group, assignor=assignor, **QUICK)
    hold([first, second, third], [2, 2, 2])
    if assignor != "sticky" or ctx.client.sticks:
        check(set(first.held) <= set(kept), f"{assignor}: {kept} became {first.held}, although nothing forced a move")
    # Read before it leaves: leaving revokes too.
    changes = list(first.changes)
    for member in (third, second, first):
        member.leave()
    first.changes = changes
    equal(ledger.overlaps, [], "partitions with two owners at once")
    return first


@behaviour("group-static", needs=("static_members",))
def group_static(ctx):
    topic, ledger, group = ctx.topic(4), Ledger(), ctx.fresh("g")
    options = dict(QUICK, session_ms=20_000)
    first = Member(ctx, ledger, "first", [topic], group=group, instance="one", **options)
    hold([first], [4])
    second = Member(ctx, ledger, "second", [topic], group=group, instance="two", **options)
    hold([first, second], [2, 2])
    before, changes = (first.held, second.held), len(first.changes)
    second.leave()
    second = Member(ctx, ledger, "second", [topic], group=group, instance="two", **options)
    hold([first, second], [2, 2])
    equal((first.held, second.held), before, "partitions after a static member came back")
    equal(len(first.changes), changes, "changes that the other member saw meanwhile")
    first.leave()
    second.leave()


@behaviour("kip848-join-leave", needs=("consumer_protocol",))
def kip848_join_leave(ctx):
    join_and_leave(ctx, protocol="consumer")


@behaviour("kip848-assignors", needs=("consumer_protocol",))
def kip848_assignors(ctx):
    for assignor, wanted in (("range", [2, 4]), ("uniform", [3, 3])):
        topics, ledger, group = sorted([ctx.topic(3), ctx.topic(3)]), Ledger(), ctx.fresh("g")
        options = {"group": group, "protocol": "consumer", "remote_assignor": assignor}
        members = [Member(ctx, ledger, name, topics, **options) for name in ("first", "second")]
        hold(members, wanted)
        for member in members:
            member.leave()
        equal(ledger.overlaps, [], f"{assignor}: partitions with two owners at once")


@behaviour("kip848-static", needs=("consumer_protocol",))
def kip848_static(ctx):
    topic, ledger, group = ctx.topic(4), Ledger(), ctx.fresh("g")
    options = {"group": group, "protocol": "consumer"}
    first = Member(ctx, ledger, "first", [topic], instance="one", **options)
    second = Member(ctx, ledger, "second", [topic], instance="two", **options)
    hold([first, second], [2, 2])
    before = (first.held, second.held)
    second.leave()
    second = Member(ctx, ledger, "second", [topic], instance="two", **options)
    hold([first, second], [2, 2])
    equal((first.held, second.held), before, "partitions after a static member came back")
    first.leave()
    second.leave()


@behaviour("kip848-regex", needs=("consumer_protocol",))
def kip848_regex(ctx):
    stem, ledger, group = ctx.fresh("stem"), Ledger(), ctx.fresh("g")
    for end in ("-one", "-two"):
        ctx.client.create_topic(stem + end, 2, min(ctx.brokers, 3), {})
    member = Member(ctx, ledger, "first", ["^" + stem + "-.*"], group=group, protocol="consumer")
    hold([member], [4])
    ctx.client.create_topic(stem + "-three", 1, min(ctx.brokers, 3), {})
    hold([member], [5])
    member.leave()


@behaviour("regex-subscription", needs=("regex_subscription",))
def regex_subscription(ctx):
    stem, ledger, group = ctx.fresh("stem"), Ledger(), ctx.fresh("g")
    for end in ("-one", "-two"):
        ctx.client.create_topic(stem + end, 2, min(ctx.brokers, 3), {})
    member = Member(ctx, ledger, "first", ["^" + stem + "-.*"], group=group, **QUICK)
    hold([member], [4])
    member.leave()


@behaviour("commit")
def commit(ctx):
    topic, group = ctx.topic(), ctx.fresh("g")
    ctx.produce(topic, numbered(20))
    consumer = ctx.client.consumer(group=group, max_records=20, **QUICK)
    try:
        consumer.subscribe([topic])
        poll_until(consumer, 20)
        consumer.commit(topic, 0, 10)
        equal(consumer.committed(topic, 0), 10, "the committed offset")
    finally:
        consumer.close()
    consumer = ctx.client.consumer(group=group, **QUICK)
    try:
        consumer.subscribe([topic])
        equal(poll_until(consumer, 10)[0].offset, 10, "where the next consumer of the group begins")
    finally:
        consumer.close()


@behaviour("auto-commit")
def auto_commit(ctx):
    topic, group = ctx.topic(), ctx.fresh("g")
    ctx.produce(topic, numbered(20))
    consumer = ctx.client.consumer(group=group, auto_commit=True, **QUICK)
    consumer.subscribe([topic])
    poll_until(consumer, 20)
    consumer.close()
    ctx.produce(topic, numbered(5, prefix="later"))
    consumer = ctx.client.consumer(group=group, auto_commit=True, **QUICK)
    try:
        consumer.subscribe([topic])
        equal(poll_until(consumer, 5)[0].offset, 20, "where the group goes on after an automatic commit")
    finally:
        consumer.close()


@behaviour("offset-reset")
def offset_reset(ctx):
    topic = ctx.topic()
    ctx.produce(topic, numbered(10))
    consumer = ctx.client.consumer(group=ctx.fresh("g"), reset="earliest", **QUICK)
    consumer.subscribe([topic])
    equal(poll_until(consumer, 10)[0].offset, 0, "earliest: the first offset")
    consumer.close()
    ledger = Ledger()
    member = Member(ctx, ledger, "late", [topic], group=ctx.fresh("g"), reset="latest", **QUICK)
    hold([member], [1])
    # Its position is only fixed with its first fetch, so records come until one arrives.
    deadline = time.time() + DEADLINE
    while not member.records and time.time() < deadline:
        ctx.produce(topic, numbered(1, prefix="late"))
        time.sleep(0.1)
    member.leave()
    check(member.records and member.records[0].offset >= 10, "latest: only what comes after joining")
