// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fetchSampleData } from '../../api/routes';
import { useSampleData } from '../../app/use-sample-data';
import { formatTime, plural } from '../../ui/format';

/** Loads traces to look at, says which are there, and removes them. */
export function SampleCard(): ReactNode {
  const sample = useQuery({ queryKey: ['sample-data'], queryFn: ({ signal }) => fetchSampleData(signal) });
  const { load, remove } = useSampleData();
  const problem = load.error ?? remove.error ?? sample.error;
  const { data } = sample;
  return (
    <>
      {data?.loaded === true ? (
        <>
          <p>
            {plural(data.traceCount ?? 0, 'trace')} with {plural(data.spanCount ?? 0, 'span')} of a shop are
            shown
            {data.endEpochNanos !== undefined && (
              <>, of the hour before {formatTime(data.endEpochNanos).slice(0, -4)}</>
            )}
            . Some checkouts wait for the bank until their deadline has passed.
          </p>
          <div className="start-actions">
            <Button component={Link} to="/map" size="xs">
              Open the map
            </Button>
            {data.slowTraceId !== undefined && (
              <Link className="start-link" to="/trace/$id" params={{ id: data.slowTraceId }}>
                Open a slow checkout
              </Link>
            )}
            <Button size="xs" variant="default" loading={load.isPending} onClick={() => load.mutate()}>
              Load the last hour again
            </Button>
            <Button size="xs" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              Remove sample data
            </Button>
          </div>
        </>
      ) : (
        <>
          <p>
            An hour of a made-up shop: products, checkouts, a bank that is slow at times. It is shown beside
            what is received, never written to the store, and goes without a trace.
          </p>
          <div className="start-actions">
            <Button
              size="xs"
              loading={load.isPending}
              disabled={sample.isPending}
              onClick={() => load.mutate()}
            >
              Load sample data
            </Button>
          </div>
        </>
      )}
      {problem !== null && (
        <p className="outcome-fault" role="alert">
          {problem.message}
        </p>
      )}
    </>
  );
}
