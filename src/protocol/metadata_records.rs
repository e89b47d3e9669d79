//! What the controller writes to the metadata log, and every broker replays.
//!
//! A record's value is a frame version, a type and a version, each a variable-length number, then
//! the struct in flexible notation.

use bytes::Bytes;
use serde::Serialize;

use crate::error::{DecodeError, DecodeErrorKind, Fault};
use crate::uuid::Uuid;
use crate::wire::{Reader, Value, Writer, messages};

messages! {
    /// A broker registered.
    RegisterBrokerRecord {
        broker_id: i32 [0+];
        is_migrating_zk_broker: bool [2+];
        incarnation_id: Uuid [0+];
        broker_epoch: i64 [0+];
        end_points: Vec<BrokerEndpoint> [0+];
        features: Vec<BrokerFeature> [0+];
        rack: Option<String> [0+] null[0+];
        fenced: bool [0+] = 1;
        in_controlled_shutdown: bool [1+];
        log_dirs: Vec<Uuid> [3+] tag 0;
        cordoned_log_dirs: Option<Vec<Uuid>> [4+] none[4+] tag 1;
    }

    /// One of `RegisterBrokerRecord::end_points`.
    BrokerEndpoint {
        name: String [0+];
        host: String [0+];
        port: u16 [0+];
        security_protocol: i16 [0+];
    }

    /// One of `RegisterBrokerRecord::features`.
    BrokerFeature {
        name: String [0+];
        min_supported_version: i16 [0+];
        max_supported_version: i16 [0+];
    }

    /// A broker's registration is gone.
    UnregisterBrokerRecord {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+];
    }

    /// A registered broker was fenced or unfenced (1 and -1; 0 is no change), began to shut down (1),
    /// or has other log directories.
    BrokerRegistrationChangeRecord {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+];
        fenced: i8 [0+] tag 0;
        in_controlled_shutdown: i8 [1+] tag 1;
        log_dirs: Vec<Uuid> [2+] tag 2;
        cordoned_log_dirs: Option<Vec<Uuid>> [3+] none[3+] tag 3;
    }

    /// A topic came to be.
    TopicRecord {
        name: String [0+];
        topic_id: Uuid [0+];
    }

    /// A topic is gone.
    RemoveTopicRecord {
        topic_id: Uuid [0+];
    }

    /// A partition came to be.
    PartitionRecord {
        partition_id: i32 [0+] = -1;
        topic_id: Uuid [0+];
        replicas: Vec<i32> [0+];
        isr: Vec<i32> [0+];
        removing_replicas: Vec<i32> [0+];
        adding_replicas: Vec<i32> [0+];
        leader: i32 [0+] = -1;
        leader_recovery_state: i8 [0+] tag 0;
        leader_epoch: i32 [0+] = -1;
        partition_epoch: i32 [0+] = -1;
        directories: Vec<Uuid> [1+];
        eligible_leader_replicas: Option<Vec<i32>> [2+] none[2+] tag 1;
        last_known_elr: Option<Vec<i32>> [2+] none[2+] tag 2;
    }

    /// A partition changed: what is null (leader: -2, recovery state: -1) stays as it was. Each such
    /// record raises the partition epoch, one that names a leader the leader epoch too.
    PartitionChangeRecord {
        partition_id: i32 [0+] = -1;
        topic_id: Uuid [0+];
        isr: Option<Vec<i32>> [0+] none[0+] tag 0;
        leader: i32 [0+] tag 1 = -2;
        replicas: Option<Vec<i32>> [0+] none[0+] tag 2;
        removing_replicas: Option<Vec<i32>> [0+] none[0+] tag 3;
        adding_replicas: Option<Vec<i32>> [0+] none[0+] tag 4;
        leader_recovery_state: i8 [0+] tag 5 = -1;
        eligible_leader_replicas: Option<Vec<i32>> [2+] none[2+] tag 6;
        last_known_elr: Option<Vec<i32>> [2+] none[2+] tag 7;
        directories: Option<Vec<Uuid>> [1+] none[1+] tag 8;
    }

    /// A setting of a resource; null removes it.
    ConfigRecord {
        resource_type: i8 [0+];
        resource_name: String [0+];
        name: String [0+];
        value: Option<String> [0+] null[0+];
    }

    /// A block of producer ids was handed out; the next one starts here.
    ProducerIdsRecord {
        broker_id: i32 [0+];
        broker_epoch: i64 [0+];
        next_producer_id: i64 [0+];
    }

    /// A feature was finalized at a level; 0 removes it.
    FeatureLevelRecord {
        name: String [0+];
        feature_level: i16 [0+];
    }
}

macro_rules! metadata_records {
    ($( $variant:ident $record:ident $type:literal version $version:literal; )*) => {
        /// A record of the metadata log.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[allow(clippy::large_enum_variant)]
        pub enum MetadataRecord {$(
            #[doc = concat!("Type ", stringify!($type), ", written in version ", stringify!($version), ".")]
            $variant($record),
        )*}

        impl MetadataRecord {
            /// The record's name in Kafka.
            pub fn name(&self) -> &'static str {
                match self {$( Self::$variant(_) => stringify!($record), )*}
            }

            fn unset(record_type: u32) -> Option<(Self, u32)> {
                match record_type {
                    $( $type => Some((Self::$variant($record::default()), $version)), )*
                    _ => None,
                }
            }

            fn parts(&self) -> (u32, i16, &dyn Value) {
                match self {$( Self::$variant(record) => ($type, $version, record), )*}
            }

            fn body_mut(&mut self) -> &mut dyn Value {
                match self {$( Self::$variant(record) => record, )*}
            }
        }

        $(
            impl From<$record> for MetadataRecord {
                fn from(record: $record) -> Self {
                    Self::$variant(record)
                }
            }
        )*
    };
}

metadata_records! {
    RegisterBroker RegisterBrokerRecord 0 version 4;
    UnregisterBroker UnregisterBrokerRecord 1 version 0;
    Topic TopicRecord 2 version 0;
    Partition PartitionRecord 3 version 2;
    Config ConfigRecord 4 version 0;
    PartitionChange PartitionChangeRecord 5 version 2;
    RemoveTopic RemoveTopicRecord 9 version 0;
    FeatureLevel FeatureLevelRecord 12 version 0;
    ProducerIds ProducerIdsRecord 15 version 0;
    BrokerRegistrationChange BrokerRegistrationChangeRecord 17 version 3;
}

const FRAME_VERSION: u32 = 1;

impl MetadataRecord {
    /// Reads a record's value.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        Self::read(&mut Reader::new(bytes, 0, true)).map_err(|fault| fault.into_error(None))
    }

    /// Writes a record's value.
    pub fn encode(&self) -> Bytes {
        let (record_type, version, body) = self.parts();
        let mut writer = Writer::new(version, true);
        writer.unsigned_varint(FRAME_VERSION);
        writer.unsigned_varint(record_type);
        writer.unsigned_varint(version as u32);
        body.write(&mut writer, false);
        writer.finish()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let at = reader.offset();
        let unsupported = |version: u32, at| {
            let version = i16::try_from(version).unwrap_or(i16::MAX);
            Fault::new(DecodeErrorKind::UnsupportedVersion { version }, at)
        };
        let frame_version = reader.unsigned_varint()?;
        if frame_version != FRAME_VERSION {
            return Err(unsupported(frame_version, at));
        }
        let at = reader.offset();
        let record_type = reader.unsigned_varint()?;
        let Some((mut record, last)) = Self::unset(record_type) else {
            let record_type = i64::from(record_type);
            return Err(Fault::new(
                DecodeErrorKind::UnknownRecordType { record_type },
                at,
            ));
        };
        let at = reader.offset();
        let version = reader.unsigned_varint()?;
        if version > last {
            return Err(unsupported(version, at));
        }
        reader.set_version(version as i16, true);
        record.body_mut().read(reader, false)?;
        Ok(record)
    }
}
