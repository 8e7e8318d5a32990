// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/pills.css';
import './start.css';
import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchIngest, fetchSession, fetchStatus } from '../../api/routes';
import type { Status } from '../../api/schemas';
import { useLive } from '../../app/live';
import { CopyButton } from '../../ui/CopyButton';
import { formatTime, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { Refused } from './Refused';
import { SampleCard } from './SampleCard';
import { LISTENERS, TRANSPORTS, lastArrival } from './ingest-text';
import { endpointsOf, reachable, waysOf } from './snippets';

const POLL_MILLIS = 3_000;

/** Where to send spans and how, whether any came, and what was wrong with them; or a sample to look at. */
export function StartPage(): ReactNode {
  useEffect(() => {
    document.title = 'Start · Roentgen';
  }, []);
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => fetchStatus(signal) });
  if (status.data === undefined) {
    return status.isError ? (
      <Failure
        level={1}
        title="The server does not say where it listens"
        error={status.error}
        onRetry={() => void status.refetch()}
      />
    ) : (
      <Loading label="Asking the server" />
    );
  }
  return (
    <div className="start" tabIndex={0} role="region" aria-label="Start">
      <header>
        <h1>Send spans to Roentgen</h1>
        <p className="dim">
          It takes what X-Ray and OpenTelemetry SDKs send as they are: only the address is to be set.
        </p>
      </header>
      <section className="panel start-card" aria-labelledby="start-send">
        <h2 id="start-send">
          <span className="start-step">1</span>Point a program here
        </h2>
        <Endpoints status={status.data} />
        <Ways status={status.data} />
      </section>
      <section className="panel start-card" aria-labelledby="start-wait">
        <h2 id="start-wait">
          <span className="start-step">2</span>See it arrive
        </h2>
        <Arrivals />
      </section>
      <section className="panel start-card" aria-labelledby="start-sample">
        <h2 id="start-sample">
          <span className="start-step">3</span>Or look around with sample data
        </h2>
        <SampleCard />
      </section>
    </div>
  );
}

function Endpoints({ status }: { readonly status: Status }): ReactNode {
  return (
    <dl className="start-endpoints">
      {status.listeners.map((each) => (
        <div key={each.name}>
          <dt>{LISTENERS[each.name] ?? each.name}</dt>
          <dd className="mono">
            {reachable(each.address, window.location.hostname)}
            {each.tls && <span className="dim"> TLS</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Ways({ status }: { readonly status: Status }): ReactNode {
  const { with: chosen } = useSearch({ from: '/start' });
  const navigate = useNavigate({ from: '/start' });
  const session = useQuery({ queryKey: ['session'], queryFn: ({ signal }) => fetchSession(signal) });
  const ways = waysOf(endpointsOf(status, window.location.hostname, session.data?.tokenRequired === true));
  const shown = ways.find((way) => way.key === chosen) ?? ways[0];
  return (
    <>
      {chosen !== undefined && shown?.key !== chosen && (
        <p role="status" className="start-notice">
          with={chosen} in the address is none of these: {ways.map((way) => way.key).join(', ')}.
        </p>
      )}
      <div className="pills" role="group" aria-label="Sent by">
        {ways.map((way) => (
          <button
            key={way.key}
            type="button"
            aria-pressed={way === shown}
            onClick={() =>
              void navigate({ search: (before) => ({ ...before, with: way.key }), replace: true })
            }
          >
            {way.label}
          </button>
        ))}
      </div>
      {shown?.snippets.map((snippet) => (
        <figure key={snippet.title} className="start-snippet">
          <figcaption>
            <span>{snippet.title}</span>
            <CopyButton label="Copy" text={() => snippet.code} />
          </figcaption>
          <pre tabIndex={0} aria-label={snippet.title}>
            {snippet.code}
          </pre>
          {snippet.note !== undefined && <p className="dim">{snippet.note}</p>}
        </figure>
      ))}
    </>
  );
}

/** What came, by whom; until then that it is waited for, and what was refused. */
function Arrivals(): ReactNode {
  const { connected } = useLive();
  const ingest = useQuery({
    queryKey: ['ingest'],
    queryFn: ({ signal }) => fetchIngest(signal),
    staleTime: 0,
    refetchInterval: POLL_MILLIS,
  });
  if (ingest.data === undefined) {
    return ingest.isError ? (
      <Failure
        title="The server does not say what arrived"
        error={ingest.error}
        onRetry={() => void ingest.refetch()}
      />
    ) : (
      <Loading rows={2} label="Asking what arrived" />
    );
  }
  const arrival = lastArrival(ingest.data);
  const spanCount = ingest.data.transports.reduce((sum, each) => sum + each.spanCount, 0);
  return (
    <>
      <div role="status">
        {arrival === undefined ? (
          <p className="start-waiting">
            <span className="start-pulse" aria-hidden />
            Waiting for the first span since the server started
            <Waited />
            {!connected && <span className="dim"> · asking every few seconds</span>}
          </p>
        ) : (
          <p className="start-arrived">
            <IconCircleCheck size={18} aria-hidden />
            <span>
              <strong>
                {arrival.service !== '' && arrival.service !== arrival.name && <>{arrival.service} </>}
                {arrival.name}
              </strong>{' '}
              came by {TRANSPORTS[arrival.transport]} at {formatTime(arrival.epochNanos).slice(11, 19)};{' '}
              {plural(spanCount, 'span')} since the start.
            </span>
          </p>
        )}
      </div>
      {arrival !== undefined && (
        <div className="start-actions">
          <Link className="start-primary" to="/trace/$id" params={{ id: arrival.xrayTraceId }}>
            Open the trace
          </Link>
          <Button component={Link} to="/map" size="xs" variant="default">
            Open the map
          </Button>
        </div>
      )}
      {ingest.data.refused.length > 0 ? (
        <>
          <h3>Refused lately</h3>
          <Refused refused={ingest.data.refused} />
        </>
      ) : (
        arrival === undefined && (
          <p className="dim">
            Nothing was refused either. If a program sends and nothing shows here, it has another address or
            port, speaks another protocol than the port&apos;s, or sampled its first requests out.
          </p>
        )
      )}
    </>
  );
}

/** How long it has been waited, in seconds; not spoken. */
function Waited(): ReactNode {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="dim start-clock" aria-hidden>
      {String(Math.floor(seconds / 60)).padStart(2, '0')}:{String(seconds % 60).padStart(2, '0')}
    </span>
  );
}
