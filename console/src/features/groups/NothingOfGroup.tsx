// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useRange } from '../../app/range-context';
import { Empty } from '../../ui/states';

/** No trace of the group that the page is of. */
export function NothingOfGroup({ group }: { readonly group: string }): ReactNode {
  const { setGroup } = useRange();
  return (
    <Empty
      title={`Nothing of the group ${group} in this time`}
      actions={
        <Button size="xs" onClick={() => setGroup(undefined)}>
          Show all traces
        </Button>
      }
    >
      <p>No trace in this range of time is in the group. Another range may have some.</p>
    </Empty>
  );
}
