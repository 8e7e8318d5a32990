// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

// Asks the X-Ray API at the address given, with the unmodified AWS SDK for JavaScript, for what it knows of
// the trace given, and prints the answers as one line of JSON.
'use strict';

const {
  XRayClient,
  BatchGetTracesCommand,
  CreateGroupCommand,
  GetGroupsCommand,
  GetSamplingRulesCommand,
  GetServiceGraphCommand,
  paginateGetTraceSummaries,
} = require('@aws-sdk/client-xray');

async function main(endpoint, traceId, expression) {
  const client = new XRayClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const now = Date.now();
  const range = { StartTime: new Date(now - 3600_000), EndTime: new Date(now + 60_000) };
  const summaries = [];
  const pages = paginateGetTraceSummaries({ client }, { ...range, FilterExpression: expression });
  for await (const page of pages) {
    summaries.push(...page.TraceSummaries);
  }
  await client.send(
    new CreateGroupCommand({ GroupName: 'from-node', FilterExpression: expression }),
  );
  const refused = await client
    .send(new CreateGroupCommand({ GroupName: 'wrong', FilterExpression: 'respontime > 1' }))
    .then(() => 'none')
    .catch((e) => `${e.name}: ${e.message}`);
  const graph = await client.send(new GetServiceGraphCommand(range));
  const traces = await client.send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
  const groups = await client.send(new GetGroupsCommand({}));
  const rules = await client.send(new GetSamplingRulesCommand({}));
  console.log(
    JSON.stringify({
      found: summaries.map((summary) => summary.Id),
      refused,
      services: graph.Services.map((service) => service.Name).sort(),
      segments: traces.Traces.flatMap((trace) => trace.Segments).length,
      groups: groups.Groups.map((group) => group.GroupName),
      rules: rules.SamplingRuleRecords.map((record) => record.SamplingRule.RuleName),
    }),
  );
}

main(...process.argv.slice(2)).catch((e) => {
  console.error(e);
  process.exit(1);
});
