// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchStatus } from '../api/routes';
import type { Status } from '../api/schemas';
import { useLive } from './live';
import { formatBytes, formatCount, plural } from '../ui/format';

const POLL_MILLIS = 5_000;

/** How the server is, at the foot of every page. */
export function StatusLine(): ReactNode {
  const { connected } = useLive();
  const status = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => fetchStatus(signal),
    refetchInterval: connected ? false : POLL_MILLIS,
    staleTime: 0,
  });
  return (
    <footer className="status-line" aria-label="Server">
      {status.isError ? (
        <span className="problem">{status.error.message}</span>
      ) : (
        status.data && <Facts status={status.data} />
      )}
    </footer>
  );
}

function Facts({ status }: { readonly status: Status }): ReactNode {
  const { ingest, store } = status;
  const dropped = ingest.drops.reduce((sum, drop) => sum + drop.count, 0);
  const used = store.partBytes + store.walBytes;
  const rate = ingest.spansPerSecond;
  return (
    <>
      <span>
        ingest <strong>{rate >= 10 ? formatCount(Math.round(rate)) : rate.toFixed(1)} spans/s</strong>
      </span>
      <span>
        stored <strong>{plural(store.liveSpanCount + store.partSpanCount, 'span')}</strong>
      </span>
      <span>
        on disk <strong>{formatBytes(used)}</strong>
        {store.diskLimitBytes !== undefined && <> of {formatBytes(store.diskLimitBytes)}</>}
      </span>
      {dropped > 0 && (
        <span
          className="problem"
          title={ingest.drops.map((each) => `${each.transport} ${each.reason}: ${each.count}`).join('\n')}
        >
          {formatCount(dropped)} refused or lost since the start
        </span>
      )}
      {store.corruptedPartCount > 0 && (
        <span className="problem">{plural(store.corruptedPartCount, 'part')} set aside as corrupted</span>
      )}
      <span className="spring" />
      <span>Roentgen {status.version}</span>
    </>
  );
}
