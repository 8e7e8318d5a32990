// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchStatus } from '../api/routes';
import { plural } from '../ui/format';
import { useSampleData } from './use-sample-data';

/** Says on every page that not all that is shown was received. */
export function SampleBanner(): ReactNode {
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => fetchStatus(signal) });
  const { remove } = useSampleData();
  const sample = status.data?.sampleData;
  if (sample === undefined) {
    return null;
  }
  return (
    <aside className="sample-banner" aria-label="Sample data">
      <span>
        Sample data is loaded: {plural(sample.traceCount, 'trace')} of a made-up shop stand beside what was
        received.
      </span>
      {remove.isError && <span className="outcome-fault">{remove.error.message}</span>}
      <Button size="compact-xs" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
        Remove
      </Button>
    </aside>
  );
}
