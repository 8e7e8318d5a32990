// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchGroups } from '../../api/routes';
import { useRange } from '../../app/range-context';
import { Empty } from '../../ui/states';

/** No trace of the group that the page is of. */
export function NothingOfGroup({ group }: { readonly group: string }): ReactNode {
  const { setGroup } = useRange();
  const groups = useQuery({ queryKey: ['groups'], queryFn: ({ signal }) => fetchGroups(signal) });
  const gone = groups.data !== undefined && !groups.data.some((each) => each.name === group);
  return (
    <Empty
      title={gone ? `There is no group ${group}` : `Nothing of the group ${group} in this time`}
      actions={
        <Button size="xs" onClick={() => setGroup(undefined)}>
          Show all traces
        </Button>
      }
    >
      <p>
        {gone
          ? 'It may have been deleted, or the address may name it wrongly.'
          : 'No trace in this range of time is in the group. Another range may have some.'}
      </p>
    </Empty>
  );
}
