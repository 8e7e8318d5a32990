// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './settings.css';
import '../start/start.css';
import { Button, SegmentedControl, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchIngest, fetchSettings, fetchStatus } from '../../api/routes';
import type { Ingest, Settings, Status } from '../../api/schemas';
import { setColorScheme, useColorScheme } from '../../app/color-scheme';
import type { ColorScheme } from '../../app/color-scheme';
import { setLetterKeys, useLetterKeys } from '../../app/keys';
import { formatBytes, formatCount, formatDuration, formatTime, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { micros, toEpochMillis } from '../../ui/units';
import { Refused } from '../start/Refused';
import { SampleCard } from '../start/SampleCard';
import { LISTENERS, TRANSPORTS } from '../start/ingest-text';
import { reasonText } from '../start/snippets';

const SCHEMES: readonly { readonly value: ColorScheme; readonly label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** How the server is and is set up, and what this browser does its own way. */
export function SettingsPage(): ReactNode {
  useEffect(() => {
    document.title = 'Settings · Roentgen';
  }, []);
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => fetchStatus(signal) });
  const ingest = useQuery({
    queryKey: ['ingest'],
    queryFn: ({ signal }) => fetchIngest(signal),
    staleTime: 0,
  });
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => fetchSettings(signal) });
  return (
    <div className="settings" tabIndex={0} role="region" aria-label="Settings and status">
      <h1>Settings and status</h1>
      <div className="settings-grid">
        <Card title="Server">
          {status.data ? <Server status={status.data} /> : <Missing what="The status" query={status} />}
        </Card>
        <Card title="Storage">
          {status.data ? (
            <Storage status={status.data} settings={settings.data} />
          ) : (
            <Missing what="The status" query={status} />
          )}
        </Card>
        <Card title="Ingest" wide>
          {ingest.data ? <IngestTable ingest={ingest.data} /> : <Missing what="Ingest" query={ingest} />}
        </Card>
        <Card title="This browser">
          <Browser />
        </Card>
        <Card title="Sample data">
          <SampleCard />
        </Card>
        <Card title="Configuration in effect" wide>
          {settings.data ? (
            <Configuration settings={settings.data} />
          ) : (
            <Missing what="The configuration" query={settings} />
          )}
        </Card>
      </div>
    </div>
  );
}

function Card({
  title,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className={`panel settings-card${wide ? ' settings-wide' : ''}`} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Missing({
  what,
  query,
}: {
  readonly what: string;
  readonly query: { readonly error: Error | null; readonly refetch: () => unknown };
}): ReactNode {
  return query.error === null ? (
    <Loading rows={4} label={what} />
  ) : (
    <Failure title={`${what} cannot be shown`} error={query.error} onRetry={() => void query.refetch()} />
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Server({ status }: { readonly status: Status }): ReactNode {
  const [now] = useState(() => Date.now());
  const start = toEpochMillis(status.startEpochNanos);
  return (
    <>
      <dl className="settings-facts">
        <Fact name="Version">{status.version}</Fact>
        <Fact name="Up for">
          {formatDuration(micros(Math.max(0, Math.round((now - start) / 1_000)) * 1_000_000))}
        </Fact>
        <Fact name="Started">{formatTime(status.startEpochNanos).slice(0, -4)}</Fact>
        {status.listeners.map((each) => (
          <Fact key={each.name} name={LISTENERS[each.name] ?? each.name}>
            <span className="mono">{each.address}</span>
            {each.tls && <span className="dim"> TLS</span>}
          </Fact>
        ))}
      </dl>
      <Button component={Link} to="/start" size="xs" variant="default">
        How to send spans
      </Button>
    </>
  );
}

function Storage({
  status: { store, disk, sampleData },
  settings,
}: {
  readonly status: Status;
  readonly settings: Settings | undefined;
}): ReactNode {
  const used = store.partBytes + store.walBytes;
  const retention = settings?.settings.find((each) => each.key === 'store.retention')?.value;
  const share = disk === undefined ? undefined : 1 - disk.usableBytes / disk.totalBytes;
  return (
    <>
      <dl className="settings-facts">
        <Fact name="Spans in parts">
          {formatCount(store.partSpanCount)} in {plural(store.partCount, 'part')}
        </Fact>
        <Fact name="Spans in memory">
          {formatCount(store.liveSpanCount)}, {formatBytes(store.liveBytes)}
          {sampleData !== undefined && (
            <span className="dim"> ({formatCount(sampleData.spanCount)} of them sample data)</span>
          )}
        </Fact>
        <Fact name="On disk">
          {formatBytes(used)}
          {store.diskLimitBytes === undefined ? ', no limit' : ` of ${formatBytes(store.diskLimitBytes)}`}
          <span className="dim"> (log {formatBytes(store.walBytes)})</span>
        </Fact>
        {retention !== undefined && <Fact name="Kept for">{retention}</Fact>}
        <Fact name="Deleted by retention">{plural(store.deletedSpanCount, 'span')} since the start</Fact>
        {store.corruptedPartCount > 0 && (
          <Fact name="Set aside">
            <span className="outcome-fault">{plural(store.corruptedPartCount, 'corrupted part')}</span>
          </Fact>
        )}
        {disk !== undefined && (
          <Fact name="Data folder">
            <span className="mono settings-path">{disk.dataFolder}</span>
          </Fact>
        )}
      </dl>
      {disk !== undefined && share !== undefined && (
        <div className="settings-disk">
          <meter
            min={0}
            max={1}
            low={0.8}
            high={0.9}
            optimum={0}
            value={share}
            aria-label={`File system ${Math.round(share * 100)} % full`}
          />
          <span>
            {formatBytes(disk.usableBytes)} of {formatBytes(disk.totalBytes)} free in its file system
          </span>
        </div>
      )}
    </>
  );
}

function IngestTable({ ingest }: { readonly ingest: Ingest }): ReactNode {
  return (
    <>
      <table className="settings-table">
        <thead>
          <tr>
            <th scope="col">Transport</th>
            <th scope="col" className="number">
              Spans since the start
            </th>
            <th scope="col">Last</th>
            <th scope="col">Refused or lost</th>
          </tr>
        </thead>
        <tbody>
          {ingest.transports.map((each) => (
            <tr key={each.transport}>
              <th scope="row">{TRANSPORTS[each.transport]}</th>
              <td className="number">{formatCount(each.spanCount)}</td>
              <td>
                {each.lastArrival === undefined ? (
                  <span className="dim">none yet</span>
                ) : (
                  <>
                    {formatTime(each.lastArrival.epochNanos).slice(0, -4)}{' '}
                    <Link to="/trace/$id" params={{ id: each.lastArrival.xrayTraceId }}>
                      {each.lastArrival.service} {each.lastArrival.name}
                    </Link>
                  </>
                )}
              </td>
              <td>
                {each.drops.length === 0 ? (
                  <span className="dim">none</span>
                ) : (
                  each.drops.map((drop) => (
                    <div key={drop.reason} className="outcome-fault">
                      {formatCount(drop.count)} {reasonText(drop.reason)}
                    </div>
                  ))
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {ingest.refused.length > 0 && (
        <>
          <h3>Refused lately</h3>
          <Refused refused={ingest.refused} />
        </>
      )}
    </>
  );
}

function Browser(): ReactNode {
  const scheme = useColorScheme();
  const letters = useLetterKeys();
  return (
    <dl className="settings-facts">
      <Fact name="Colours">
        <SegmentedControl
          size="xs"
          aria-label="Colours"
          data={SCHEMES.map((each) => ({ ...each }))}
          value={scheme.chosen}
          onChange={(value) => setColorScheme(value as ColorScheme)}
        />
      </Fact>
      <Fact name="Keys">
        <Switch
          size="sm"
          label="Single-letter keys"
          checked={letters}
          onChange={(event) => setLetterKeys(event.currentTarget.checked)}
        />
      </Fact>
      <Fact name="Times are in">
        {new Intl.DateTimeFormat().resolvedOptions().timeZone}, as the system says
      </Fact>
    </dl>
  );
}

function Configuration({ settings: { settings } }: { readonly settings: Settings }): ReactNode {
  const changed = settings.filter((each) => each.source !== undefined);
  return (
    <>
      <p className="dim">
        {changed.length === 0
          ? 'All are as they are by default.'
          : `${plural(changed.length, 'setting')} set, the others by default.`}{' '}
        Change them by <code className="mono">--set KEY=VALUE</code> or in a settings file, then start the
        server again.
      </p>
      <div className="settings-scroll" tabIndex={0} role="region" aria-label="All settings">
        <table className="settings-table">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {settings.map((each) => (
              <tr key={each.key}>
                <th scope="row" className="mono">
                  {each.key}
                </th>
                <td className="mono settings-path">
                  {each.value === '' ? <span className="dim">none</span> : each.value}
                </td>
                <td>{each.source ?? <span className="dim">default</span>}</td>
                <td className="dim">{each.meaning}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
