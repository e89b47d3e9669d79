//! Stories of a group, each as a table.

use super::table::play;

#[test]
fn first_join_then_a_second_member_then_the_leader_leaves() {
    play(
        "
        0     join c1                      | write group(gen=0 []); c1.join MEMBER_ID_REQUIRED
        1     join c1                      |
        1     state                        | @1 c1.join gen=1 range leader=c1 [c1]; CompletingRebalance gen=1 leader=c1 [c1] waits=1
        1     tick                         |
        2     beat c1                      | c1.beat ok
        3     sync c1 give=c1:all          | write group(gen=1 [c1:all]); c1.sync all
        4     state                        | Stable gen=1 leader=c1 [c1] waits=0
        4     commit c1 t-0=5              | write t-0=5; c1.commit ok
        100   join c2                      | c2.join MEMBER_ID_REQUIRED
        101   join c2                      |
        102   state                        | PreparingRebalance gen=1 leader=c1 [c1 c2] waits=0
        103   beat c1                      | c1.beat REBALANCE_IN_PROGRESS
        104   commit c1 t-0=6              | write t-0=6; c1.commit ok
        105   join c1                      | c1.join gen=2 range leader=c1 [c1 c2]; c2.join gen=2 range leader=c1 []
        106   commit c1 t-0=7              | c1.commit REBALANCE_IN_PROGRESS
        107   sync c2                      |
        108   beat c2                      | c2.beat ok
        109   sync c1 give=c1:half,c2:rest | write group(gen=2 [c1:half c2:rest]); c1.sync half; c2.sync rest
        110   state                        | Stable gen=2 leader=c1 [c1 c2] waits=0
        111   commit c2 t-1=1 gen=1        | c2.commit ILLEGAL_GENERATION
        112   join c2                      | c2.join gen=2 range leader=c1 []
        113   sync c2                      | c2.sync rest
        200   leave c1                     | c1.leave ok ok
        201   beat c2                      | c2.beat REBALANCE_IN_PROGRESS
        202   join c2                      | c2.join gen=3 range leader=c2 [c2]
        203   sync c2 give=c2:all          | write group(gen=3 [c2:all]); c2.sync all
        204   leave c2                     | write group(gen=4 []); c2.leave ok ok
        205   state                        | Empty gen=4 leader=- [] waits=0
        206   fetch                        | fetch ok t-0=6
        207   beat c2                      | c2.beat UNKNOWN_MEMBER_ID
        ",
    );
}

#[test]
fn the_first_rebalance_waits_for_more_members() {
    play(
        "
        0     set delay=3000 |
        0     join c1 v=3    | write group(gen=0 [])
        2000  join c2 v=3    |
        2000  state          | PreparingRebalance gen=0 leader=c1? [c1? c2?] waits=0
        5900  join c3 v=3    |
        8900  tick           |
        9000  tick           | @9000 c1.join gen=1 range leader=c1 [c1 c2? c3?]; @9000 c2.join gen=1 range leader=c1 []; @9000 c3.join gen=1 range leader=c1 []
        9000  state          | CompletingRebalance gen=1 leader=c1 [c1 c2 c3] waits=3
        ",
    );
}

#[test]
fn the_first_rebalance_waits_no_longer_than_the_rebalance_timeout() {
    play(
        "
        0     set delay=3000             |
        0     join c1 v=3 rebalance=7000 | write group(gen=0 [])
        1000  join c2 v=3 rebalance=7000 |
        4000  join c3 v=3 rebalance=7000 |
        6500  join c4 v=3 rebalance=7000 |
        9000  tick                       | @7000 c1.join gen=1 range leader=c1 [c1 c2? c3? c4?]; @7000 c2.join gen=1 range leader=c1 []; @7000 c3.join gen=1 range leader=c1 []; @7000 c4.join gen=1 range leader=c1 []
        ",
    );
}

#[test]
fn a_pending_member_that_never_comes_back_lapses() {
    play(
        "
        0     join c1             | write group(gen=0 []); c1.join MEMBER_ID_REQUIRED
        1     join c1             |
        2     sync c1 give=c1:all | @1 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:all]); c1.sync all
        5000  join c2             | c2.join MEMBER_ID_REQUIRED
        5000  beat c1             | c1.beat ok
        6000  join c1             |
        6000  state               | PreparingRebalance gen=1 leader=c1 [c1] waits=0
        15000 tick                | @15000 c1.join gen=2 range leader=c1 [c1]
        15001 join c2             | c2.join UNKNOWN_MEMBER_ID
        ",
    );
}

#[test]
fn a_member_falls_silent_in_stable() {
    play(
        "
        0     set delay=1            |
        0     join c1 v=3            | write group(gen=0 [])
        0     join c2 v=3            |
        2     sync c2                | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []
        2     sync c1 give=c1:a,c2:b | write group(gen=1 [c1:a c2:b]); c1.sync a; c2.sync b
        6000  beat c2                | c2.beat ok
        10001 state                  | Stable gen=1 leader=c1 [c1 c2] waits=0
        10002 tick                   |
        10002 state                  | PreparingRebalance gen=1 leader=c2 [c2] waits=0
        10003 beat c1                | c1.beat UNKNOWN_MEMBER_ID
        10003 beat c2                | c2.beat REBALANCE_IN_PROGRESS
        10004 join c2                | c2.join gen=2 range leader=c2 [c2]
        10005 sync c2 give=c2:all    | write group(gen=2 [c2:all]); c2.sync all
        10006 state                  | Stable gen=2 leader=c2 [c2] waits=0
        ",
    );
}

#[test]
fn a_slow_member_is_left_behind_in_join() {
    play(
        "
        0     join c1 v=3         | write group(gen=0 [])
        1     sync c1 give=c1:a   | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        1     join c2 v=3         |
        5000  beat c1             | c1.beat REBALANCE_IN_PROGRESS
        14000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        23000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        32000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        41000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        50000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        59000 beat c1             | c1.beat REBALANCE_IN_PROGRESS
        60000 state               | PreparingRebalance gen=1 leader=c1 [c1 c2?] waits=0
        60001 tick                | @60001 c2.join gen=2 range leader=c2 [c2]
        60002 beat c1             | c1.beat UNKNOWN_MEMBER_ID
        60003 sync c2 give=c2:all | write group(gen=2 [c2:all]); c2.sync all
        60004 join c1             | c1.join UNKNOWN_MEMBER_ID
        ",
    );
}

#[test]
fn a_member_falls_silent_in_join() {
    play(
        "
        0     join c1 v=3       | write group(gen=0 [])
        1     sync c1 give=c1:a | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     join c2 v=3       |
        10001 tick              | @10001 c2.join gen=2 range leader=c2 [c2]
        10001 state             | CompletingRebalance gen=2 leader=c2 [c2] waits=1
        ",
    );
}

#[test]
fn members_that_do_not_sync_are_left_behind() {
    play(
        "
        0     set delay=1                |
        0     join c1 v=3 rebalance=8000 | write group(gen=0 [])
        0     join c2 v=3 rebalance=8000 |
        2     sync c1 give=c1:a,c2:b     | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []; write group(gen=1 [c1:a c2:b]); c1.sync a
        3     state                      | Stable gen=1 leader=c1 [c1 c2] waits=1
        7000  beat c1                    | c1.beat ok
        7000  beat c2                    | c2.beat ok
        8000  state                      | Stable gen=1 leader=c1 [c1 c2] waits=1
        8001  tick                       |
        8001  state                      | Stable gen=1 leader=c1 [c1 c2] waits=1
        8002  beat c2                    | c2.beat UNKNOWN_MEMBER_ID
        8003  join c1                    | c1.join gen=2 range leader=c1 [c1]
        8004  state                      | CompletingRebalance gen=2 leader=c1 [c1] waits=1
        ",
    );
}

#[test]
fn a_leader_falls_silent_in_sync() {
    play(
        "
        0     set delay=1         |
        0     join c1 v=3         | write group(gen=0 [])
        0     join c2 v=3         |
        2     sync c2             | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []
        10000 state               | CompletingRebalance gen=1 leader=c1 [c1 c2] waits=1
        10001 tick                |
        10001 state               | CompletingRebalance gen=1 leader=c1 [c1 c2] waits=1
        10002 join c2             | @10002 c2.sync REBALANCE_IN_PROGRESS; c2.join gen=2 range leader=c2 [c2]
        10003 sync c2 give=c2:all | write group(gen=2 [c2:all]); c2.sync all
        ",
    );
}

#[test]
fn the_session_clock_stands_still_while_a_member_waits() {
    play(
        "
        0     join c1 v=3 session=30000            | write group(gen=0 [])
        1     sync c1 give=c1:a                    | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     join c2 v=3 session=6000             |
        3     join c1 session=30000                | c1.join gen=2 range leader=c1 [c1 c2?]; c2.join gen=2 range leader=c1 []
        4     sync c2                              |
        9000  sync c1 give=c1:a,c2:b session=30000 | write group(gen=2 [c1:a c2:b]); c1.sync a; c2.sync b
        10000 join c3 v=3 session=30000            |
        10001 join c2 session=6000                 |
        19000 state                                | PreparingRebalance gen=2 leader=c1 [c1 c2 c3?] waits=0
        19001 join c1 session=30000                | c1.join gen=3 range leader=c1 [c1 c2 c3?]; c2.join gen=3 range leader=c1 []; c3.join gen=3 range leader=c1 []
        24999 state                                | CompletingRebalance gen=3 leader=c1 [c1 c2 c3] waits=3
        25001 tick                                 |
        25001 state                                | PreparingRebalance gen=3 leader=c1 [c1 c3] waits=0
        ",
    );
}

#[test]
fn a_static_member_restarts_unnoticed() {
    play(
        "
        0     set delay=1                      |
        0     join c1 inst=one v=8             | write group(gen=0 [])
        0     join c2 inst=two v=8             |
        2     sync c2                          | @2 c1.join gen=1 range leader=c1 [c1 two?]; @2 c2.join gen=1 range leader=c1 []
        3     sync c1 give=c1:a,c2:b           | write group(gen=1 [c1:a c2:b]); c1.sync a; c2.sync b
        100   join c2b inst=two                | write group(gen=1 [c1:a two?:b]); c2b.join gen=1 range leader=c1 []
        101   sync c2b                         | c2b.sync b
        102   beat c2                          | c2.beat FENCED_INSTANCE_ID
        103   commit c2 t-0=1                  | c2.commit FENCED_INSTANCE_ID
        104   join c2                          | c2.join FENCED_INSTANCE_ID
        105   beat c2b                         | c2b.beat ok
        106   join c1b inst=one                | write group(gen=1 [one?:a c2b:b]); c1b.join gen=1 range leader=c1b [c1b c2b] skip
        107   state                            | Stable gen=1 leader=c1b [c1b c2b] waits=0
        108   sync c1b                         | c1b.sync a
        109   join c1c inst=one v=8            | write group(gen=1 [one?:a c2b:b]); c1c.join gen=1 range leader=c1b []
        110   join c1d inst=one proto=range,rr | write group(gen=1 [one?:a c2b:b]); c1d.join gen=1 range leader=c1d [c1d c2b] skip
        111   state                            | Stable gen=1 leader=c1d [c1d c2b] waits=0
        112   leave inst:two inst:three        | inst:two.leave ok ok UNKNOWN_MEMBER_ID
        113   state                            | PreparingRebalance gen=1 leader=c1d [c1d] waits=0
        ",
    );
}

#[test]
fn a_static_member_comes_back_with_another_protocol() {
    play(
        "
        0     set delay=1                      |
        0     join c1 inst=one proto=range,rr  | write group(gen=0 [])
        0     join c2 inst=two proto=range,rr  |
        2     sync c2                          | @2 c1.join gen=1 range leader=c1 [c1 two?]; @2 c2.join gen=1 range leader=c1 []
        2     sync c1 give=c1:a,c2:b           | write group(gen=1 [c1:a c2:b]); c1.sync a; c2.sync b
        3     join c2b inst=two proto=rr       |
        4     beat c1                          | c1.beat REBALANCE_IN_PROGRESS
        5     join c1 proto=range,rr           | c1.join gen=2 rr leader=c1 [c1 two?]; c2b.join gen=2 rr leader=c1 []
        6     sync c1 give=c1:a,c2b:b proto=rr | write group(gen=2 [c1:a c2b:b]); c1.sync a
        7     sync c2b proto=range             | c2b.sync INCONSISTENT_GROUP_PROTOCOL
        8     sync c2b proto=rr                | c2b.sync b
        ",
    );
}

#[test]
fn a_static_member_that_returns_too_late_is_out() {
    play(
        "
        0     join c1 inst=one  | write group(gen=0 [])
        1     sync c1 give=c1:a | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        5000  leave c9          | c9.leave ok UNKNOWN_MEMBER_ID
        10000 state             | Stable gen=1 leader=c1 [c1] waits=0
        10001 tick              | @10001 write group(gen=2 [])
        10001 state             | Empty gen=2 leader=- [] waits=0
        10002 join c1           | c1.join UNKNOWN_MEMBER_ID
        10003 join c1 id=none   |
        ",
    );
}

#[test]
fn static_members_that_are_late_keep_their_place() {
    play(
        "
        0     join c1 inst=one session=100000 rebalance=5000 | write group(gen=0 [])
        1     sync c1 give=c1:a                              | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     join c2 rebalance=5000 v=3                     |
        5002  tick                                           | @5002 c2.join gen=2 range leader=c2 [c2 c1]
        5002  state                                          | CompletingRebalance gen=2 leader=c2 [c2 c1] waits=2
        5003  sync c2 give=c1:a,c2:b                         | write group(gen=2 [c2:b c1:a]); c2.sync b
        5004  sync c1                                        | c1.sync ILLEGAL_GENERATION
        5005  beat c1                                        | c1.beat ILLEGAL_GENERATION
        5006  beat c1 gen=2                                  | c1.beat ok
        ",
    );
}

#[test]
fn who_does_not_fit_is_refused() {
    play(
        "
        0     join c1 session=5999      | c1.join INVALID_SESSION_TIMEOUT
        0     join c1 session=1800001   | c1.join INVALID_SESSION_TIMEOUT
        0     join c1 id=nobody         | c1.join UNKNOWN_MEMBER_ID
        0     state                     | no group
        0     join c1 type=             | write group(gen=0 []); c1.join INCONSISTENT_GROUP_PROTOCOL
        0     state                     | Empty gen=0 leader=- [] waits=0
        1     join c1                   | c1.join MEMBER_ID_REQUIRED
        1     join c1 proto=range,rr    |
        2     join c2 proto=sticky      | @1 c1.join gen=1 range leader=c1 [c1]; c2.join INCONSISTENT_GROUP_PROTOCOL
        2     join c2 type=connect      | c2.join INCONSISTENT_GROUP_PROTOCOL
        3     sync c1 give=c1:a         | write group(gen=1 [c1:a]); c1.sync a
        4     sync c1 gen=0             | c1.sync ILLEGAL_GENERATION
        4     sync c1 id=nobody         | c1.sync UNKNOWN_MEMBER_ID
        4     sync c1 proto=rr          | c1.sync INCONSISTENT_GROUP_PROTOCOL
        4     sync c1 type=connect      | c1.sync INCONSISTENT_GROUP_PROTOCOL
        5     beat c1 gen=7             | c1.beat ILLEGAL_GENERATION
        5     beat c1 id=nobody         | c1.beat UNKNOWN_MEMBER_ID
        6     commit c1 t-0=1 meta=4096 | write t-0=1; c1.commit ok
        6     commit c1 t-0=1 meta=4097 | c1.commit OFFSET_METADATA_TOO_LARGE
        6     commit c1 v-0=1           | c1.commit UNKNOWN_TOPIC_OR_PARTITION
        6     commit c1 t-0=1 gen=0     | c1.commit ILLEGAL_GENERATION
        6     commit - t-0=1            | -.commit UNKNOWN_MEMBER_ID
        6     commit c1 u-0=1           | write u-0=1; c1.commit ok
        7     forget t-0 u-0 v-0        | write u-0=x; forget ok GROUP_SUBSCRIBED_TO_TOPIC ok UNKNOWN_TOPIC_OR_PARTITION
        7     delete                    | delete NON_EMPTY_GROUP
        ",
    );
}

#[test]
fn the_group_may_be_full() {
    play(
        "
        0     set delay=1 max=2      |
        0     join c1 v=3            | write group(gen=0 [])
        0     join c2 v=3            |
        0     join c3 v=3            | c3.join GROUP_MAX_SIZE_REACHED
        1     tick                   |
        2     sync c2                | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []
        2     sync c1 give=c1:a,c2:b | write group(gen=1 [c1:a c2:b]); c1.sync a; c2.sync b
        3     join c3                | c3.join GROUP_MAX_SIZE_REACHED
        4     join c2                | c2.join gen=1 range leader=c1 []
        5     join c1                |
        6     join c3                | c3.join MEMBER_ID_REQUIRED
        7     join c2                |
        ",
    );
}

#[test]
fn protocols_are_chosen_by_votes() {
    play(
        "
        0     set delay=1                       |
        0     join c1 v=3 proto=range,rr,sticky | write group(gen=0 [])
        0     join c2 v=3 proto=rr,range        |
        0     join c3 v=3 proto=rr,range,rr     |
        5     tick                              | @2 c1.join gen=1 rr leader=c1 [c1 c2? c3?]; @2 c2.join gen=1 rr leader=c1 []; @2 c3.join gen=1 rr leader=c1 []
        ",
    );
}

#[test]
fn offsets_without_members() {
    play(
        "
        0     commit - t-0=3                   | write t-0=3; -.commit ok
        1     state                            | Empty gen=0 leader=- [] waits=0
        2     commit - t-1=4 t-0=5             | write t-1=4 t-0=5; -.commit ok ok
        3     fetch                            | fetch ok t-0=5 t-1=4
        4     commit - t-0=1 gen=3             | -.commit UNKNOWN_MEMBER_ID
        5     forget t-0 t-3 t-7                   | write t-0=x; forget ok ok ok UNKNOWN_TOPIC_OR_PARTITION
        6     fetch                            | fetch ok t-1=4
        7     topic-deleted t                  | write t-1=x
        8     fetch                            | fetch ok
        9     commit c9 t-0=1 id=nobody gen=-1 | write t-0=1; c9.commit ok
        10    delete                           | write t-0=x group=x; delete ok
        11    state                            | no group
        12    fetch                            | fetch ok
        13    delete                           | delete GROUP_ID_NOT_FOUND
        14    forget t-0                       | forget GROUP_ID_NOT_FOUND
        15    commit - t-0=1 gen=3             | -.commit GROUP_ID_NOT_FOUND
        16    commit - t-0=1 gen=3 v=8         | -.commit ILLEGAL_GENERATION
        ",
    );
}

#[test]
fn offsets_count_once_they_are_written() {
    play(
        "
        0     hold                        |
        0     commit - t-0=3              | write t-0=3
        1     fetch                       | fetch ok
        1     state                       | no group
        2     commit - t-0=4              | write t-0=4
        3     written                     | -.commit ok
        4     fetch                       | fetch ok t-0=3
        5     lost NOT_LEADER_OR_FOLLOWER | -.commit NOT_COORDINATOR
        6     fetch                       | fetch ok t-0=3
        7     commit - t-0=5              | write t-0=5
        8     delete                      | write t-0=x group=x
        9     delete                      | delete GROUP_ID_NOT_FOUND
        9     commit - t-0=6              | -.commit COORDINATOR_NOT_AVAILABLE
        9     join c1                     | c1.join COORDINATOR_NOT_AVAILABLE
        10    fetch                       | fetch ok
        11    lost NOT_ENOUGH_REPLICAS    | -.commit COORDINATOR_NOT_AVAILABLE
        12    lost REQUEST_TIMED_OUT      | delete COORDINATOR_NOT_AVAILABLE
        13    fetch                       | fetch ok t-0=3
        14    state                       | Empty gen=0 leader=- [] waits=0
        15    commit - t-1=6              | write t-1=6
        16    delete                      | write t-0=x t-1=x group=x
        17    written                     | -.commit ok
        18    written                     | delete ok
        19    fetch                       | fetch ok
        20    state                       | no group
        ",
    );
}

#[test]
fn an_assignment_counts_once_it_is_written() {
    play(
        "
        0     set delay=1                 |
        0     join c1 v=3                 | write group(gen=0 [])
        0     join c2 v=3                 |
        1     tick                        |
        2     hold                        | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []
        2     sync c2                     |
        2     sync c1 give=c1:a,c2:b      | write group(gen=1 [c1:a c2:b])
        3     state                       | CompletingRebalance gen=1 leader=c1 [c1 c2] waits=0
        4     lost NOT_LEADER_OR_FOLLOWER | c1.sync NOT_COORDINATOR; c2.sync NOT_COORDINATOR
        5     state                       | PreparingRebalance gen=1 leader=c1 [c1 c2] waits=0
        6     join c1                     |
        7     join c2                     | c1.join gen=2 range leader=c1 [c1 c2]; c2.join gen=2 range leader=c1 []
        8     sync c2                     |
        9     sync c1 give=c1:a,c2:b      | write group(gen=2 [c1:a c2:b])
        10    join c3 v=3                 | c1.sync REBALANCE_IN_PROGRESS; c2.sync REBALANCE_IN_PROGRESS
        11    written                     |
        12    state                       | PreparingRebalance gen=2 leader=c1 [c1 c2 c3?] waits=0
        ",
    );
}

#[test]
fn a_group_that_could_not_be_written_never_was() {
    play(
        "
        0     set delay=3000           |
        0     hold                     |
        0     join c1 v=3              | write group(gen=0 [])
        0     lost NOT_ENOUGH_REPLICAS | c1.join COORDINATOR_NOT_AVAILABLE
        1     state                    | no group
        5000  tick                     |
        ",
    );
}

#[test]
fn a_static_member_whose_return_could_not_be_written_is_who_it_was() {
    play(
        "
        0     join c1 inst=one            | write group(gen=0 [])
        1     sync c1 give=c1:a           | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     hold                        |
        2     join c1b inst=one           | write group(gen=1 [one?:a])
        3     beat c1                     | c1.beat FENCED_INSTANCE_ID
        4     lost NOT_LEADER_OR_FOLLOWER | c1b.join NOT_COORDINATOR
        5     beat c1                     | c1.beat ok
        6     state                       | Stable gen=1 leader=c1 [c1] waits=0
        ",
    );
}

#[test]
fn a_crash_is_survived() {
    play(
        "
        0     join c1               | write group(gen=0 []); c1.join MEMBER_ID_REQUIRED
        1     join c1               |
        2     sync c1 give=c1:all   | @1 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:all]); c1.sync all
        3     commit c1 t-0=5 u-1=6 | write t-0=5 u-1=6; c1.commit ok ok
        9000  crash                 |
        9001  state                 | Stable gen=1 leader=c1 [c1] waits=0
        9002  fetch                 | fetch ok t-0=5 u-1=6
        18000 beat c1               | c1.beat ok
        18001 sync c1               | c1.sync all
        18002 commit c1 t-0=7       | write t-0=7; c1.commit ok
        18003 crash                 |
        28003 tick                  | @28003 write group(gen=2 [])
        28004 state                 | Empty gen=2 leader=- [] waits=0
        28005 fetch                 | fetch ok t-0=7 u-1=6
        28006 delete                | write t-0=x u-1=x group=x; delete ok
        28007 crash                 |
        28008 state                 | no group
        28009 fetch                 | fetch ok
        ",
    );
}

#[test]
fn who_waits_is_told_when_the_coordinator_moves() {
    play(
        "
        0     set delay=1       |
        0     join c1 v=3       | write group(gen=0 [])
        0     join c2 v=3       |
        2     sync c2           | @2 c1.join gen=1 range leader=c1 [c1 c2?]; @2 c2.join gen=1 range leader=c1 []
        3     hold              |
        3     commit - t-0=1    | -.commit UNKNOWN_MEMBER_ID
        3     sync c1 give=c1:a | write group(gen=1 [c1:a c2:])
        3     join c3 v=3       | c1.sync REBALANCE_IN_PROGRESS; c2.sync REBALANCE_IN_PROGRESS
        4     join c2           |
        5     resign            | c2.join NOT_COORDINATOR; c3.join NOT_COORDINATOR
        6     beat c1           | c1.beat NOT_COORDINATOR
        7     join c1           | c1.join NOT_COORDINATOR
        8     commit c1 t-0=1   | c1.commit NOT_COORDINATOR
        9     fetch             | fetch NOT_COORDINATOR
        10    delete            | delete NOT_COORDINATOR
        ",
    );
}

#[test]
fn offsets_nobody_needs_expire() {
    play(
        "
        0         join c1 v=3           | write group(gen=0 [])
        1         sync c1 give=c1:all   | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:all]); c1.sync all
        2         commit c1 t-0=5 u-0=6 | write t-0=5 u-0=6; c1.commit ok ok
        3         leave c1              | write group(gen=2 []); c1.leave ok ok
        604200000 fetch                 | fetch ok t-0=5 u-0=6
        604800000 fetch                 | fetch ok t-0=5 u-0=6
        605400000 tick                  | @605400000 write t-0=x u-0=x group=x
        605400001 state                 | no group
        ",
    );
}

#[test]
fn an_empty_group_without_offsets_is_swept() {
    play(
        "
        0     join c1 v=3         | write group(gen=0 [])
        1     sync c1 give=c1:all | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:all]); c1.sync all
        2     leave c1            | write group(gen=2 []); c1.leave ok ok
        599999 state               | Empty gen=2 leader=- [] waits=0
        600000 tick                | @600000 write group=x
        600001 state               | no group
        ",
    );
}

#[test]
fn old_clients_leave_one_by_one() {
    play(
        "
        0     join c1 v=0  | write group(gen=0 [])
        0     tick         | @0 c1.join gen=1 range leader=c1 [c1]
        1     leave c9 v=1 | c9.leave UNKNOWN_MEMBER_ID UNKNOWN_MEMBER_ID
        2     leave c1 v=1 | write group(gen=2 []); c1.leave ok ok
        ",
    );
}

#[test]
fn a_commit_keeps_the_session_alive() {
    play(
        "
        0     join c1 v=3       | write group(gen=0 [])
        1     sync c1 give=c1:a | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        9000  commit c1 t-0=1   | write t-0=1; c1.commit ok
        18000 commit c1 t-0=2   | write t-0=2; c1.commit ok
        27999 state             | Stable gen=1 leader=c1 [c1] waits=0
        28000 tick              | @28000 write group(gen=2 [])
        ",
    );
}

#[test]
fn a_silent_newcomer_is_answered_after_five_minutes() {
    play(
        "
        0     join c1 inst=one session=1000000 rebalance=2000000 | write group(gen=0 [])
        1     sync c1 give=c1:a                                  | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     join c2 v=3                                        |
        300001 state                                              | PreparingRebalance gen=1 leader=c1 [c2? c1] waits=0
        300002 tick                                               | @300002 c2.join UNKNOWN_MEMBER_ID
        ",
    );
}

#[test]
fn who_waits_for_a_write_is_told_when_the_coordinator_moves() {
    play(
        "
        0     join c1 v=3       | write group(gen=0 [])
        1     sync c1 give=c1:a | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     hold              |
        3     commit c1 t-0=1   | write t-0=1
        4     leave c1          | write group(gen=2 [])
        5     commit - t-0=1    | write t-0=1
        6     delete            | write t-0=x group=x
        7     resign            | c1.commit NOT_COORDINATOR; c1.leave NOT_COORDINATOR; -.commit NOT_COORDINATOR; delete NOT_COORDINATOR
        8     written           |
        ",
    );
}

#[test]
fn a_member_that_asks_twice_is_answered_twice() {
    play(
        "
        0     join c1 v=3       | write group(gen=0 [])
        1     sync c1 give=c1:a | @0 c1.join gen=1 range leader=c1 [c1]; write group(gen=1 [c1:a]); c1.sync a
        2     join c2           | c2.join MEMBER_ID_REQUIRED
        3     join c2           |
        4     join c2           | c2.join REBALANCE_IN_PROGRESS
        5     join c1           | c1.join gen=2 range leader=c1 [c1 c2]; c2.join gen=2 range leader=c1 []
        6     sync c2           |
        7     sync c2           | c2.sync REBALANCE_IN_PROGRESS
        8     sync c1 give=c2:b | write group(gen=2 [c1: c2:b]); c1.sync ; c2.sync b
        ",
    );
}

#[test]
fn a_static_member_returns_just_before_a_rebalance() {
    play(
        "
        0     set delay=1            |
        0     join c1 inst=one       | write group(gen=0 [])
        0     join c3 v=3            |
        3     sync c3                | @2 c3.join gen=1 range leader=one? []; @2 c1.join gen=1 range leader=c1 [c3 c1]
        3     sync c1 give=c1:a,c3:c | write group(gen=1 [c3:c c1:a]); c3.sync c; c1.sync a
        4     hold                   |
        4     join c1b inst=one      | write group(gen=1 [c3:c one?:a])
        5     join c2 v=3            |
        6     written                |
        7     join c3                | c2.join gen=2 range leader=one? []; c3.join gen=2 range leader=one? []; c1b.join gen=2 range leader=c1b [c2 c3 c1b]
        8     sync c1b give=c1b:a    | write group(gen=2 [c2: c3: c1b:a])
        9     written                | c1b.sync a
        ",
    );
}
