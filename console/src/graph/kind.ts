// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** What a node is, by its type; `group` stands for several. */
export type Kind = 'service' | 'database' | 'cache' | 'queue' | 'remote' | 'client' | 'group';

const QUEUES =
  /^(?:Messaging::|AWS::(?:SQS|SNS|Kinesis|Events|EventBridge|MQ|MSK))/;
const CACHES = /^(?:AWS::(?:ElastiCache|DAX|MemoryDB)|Database::(?:redis|valkey|memcached|hazelcast|ehcache))/i;
const DATABASES = /^(?:Database::|AWS::(?:DynamoDB|RDS|Redshift|DocumentDB|Neptune|Keyspaces|Timestream|S3))/;

export function kindOf(type: string): Kind {
  if (type === 'client' || type === 'remote') {
    return type;
  }
  return QUEUES.test(type) ? 'queue' : CACHES.test(type) ? 'cache' : DATABASES.test(type) ? 'database' : 'service';
}
