// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './span-panel.css';
import { CloseButton, SegmentedControl, Tabs } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { fetchRawSpan, fetchSpan } from '../../api/routes';
import type { Attributes, SpanDetails } from '../../api/schemas';
import { sharedSearch } from '../../app/search-params';
import { CopyButton } from '../../ui/CopyButton';
import { OutcomeMark, outcomeOf } from '../../ui/Outcome';
import { formatDuration, formatTime, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { micros, nanosToMicros } from '../../ui/units';
import { Rank } from './Rank';
import type { ExceptionFacts } from './values';
import { documentFacts, exceptionOfEvent, indented, valueText } from './values';

/** All that is known of one span. */
export function SpanPanel({
  traceId,
  spanId,
  onClose,
}: {
  readonly traceId: string;
  readonly spanId: string;
  readonly onClose: () => void;
}): ReactNode {
  const details = useQuery({
    queryKey: ['span', traceId, spanId],
    queryFn: ({ signal }) => fetchSpan(traceId, spanId, signal),
    placeholderData: keepPreviousData,
  });
  return (
    <aside className={`span-panel${details.isPlaceholderData ? ' busy' : ''}`} aria-label="Span">
      {details.isPending ? (
        <Loading label="Reading the span" />
      ) : details.isError ? (
        <>
          <CloseButton className="span-close" aria-label="Close the span" onClick={onClose} />
          <Failure
            title="The span cannot be shown"
            error={details.error}
            onRetry={() => void details.refetch()}
          />
        </>
      ) : (
        <Details details={details.data} traceId={traceId} onClose={onClose} />
      )}
    </aside>
  );
}

function Details({
  details: { span, resourceScope },
  traceId,
  onClose,
}: {
  readonly details: SpanDetails;
  readonly traceId: string;
  readonly onClose: () => void;
}): ReactNode {
  const document = documentFacts(span.document);
  const exceptions = [
    ...document.exceptions,
    ...span.events.map(exceptionOfEvent).filter((each) => each !== undefined),
  ];
  const events = span.events.filter((event) => event.name !== 'exception');
  return (
    <>
      <header className="span-head">
        <div className="span-title">
          <h2>{span.name}</h2>
          <p className="dim">
            {span.service || 'no service named'} · {span.kind === 'unspecified' ? 'kind not said' : span.kind}
            {span.segment && ' · segment'}
          </p>
        </div>
        <CloseButton aria-label="Close the span" title="Close (Esc)" onClick={onClose} />
      </header>
      <Tabs defaultValue="facts" className="span-tabs" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="facts">Facts</Tabs.Tab>
          {exceptions.length > 0 && <Tabs.Tab value="exceptions">Exceptions ({exceptions.length})</Tabs.Tab>}
          {events.length > 0 && <Tabs.Tab value="events">Events ({events.length})</Tabs.Tab>}
          {span.links.length > 0 && <Tabs.Tab value="links">Links ({span.links.length})</Tabs.Tab>}
          <Tabs.Tab value="raw">Raw</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="facts" className="span-body" tabIndex={0}>
          <dl className="pairs">
            <Pair name="status">
              <OutcomeMark outcome={outcomeOf(span)} />
            </Pair>
            {span.statusMessage !== undefined && <Pair name="message">{span.statusMessage}</Pair>}
            <Pair name="duration">
              {span.durationNanos === undefined
                ? 'in progress'
                : formatDuration(nanosToMicros(span.durationNanos))}
            </Pair>
            <Pair name="start">{formatTime(span.startEpochNanos)}</Pair>
            {span.clockSkewNanos !== '0' && (
              <Pair name="clock">
                moved by {formatDuration(nanosToMicros(span.clockSkewNanos))} to fit the caller’s
              </Pair>
            )}
            {span.peerName !== undefined && (
              <Pair name="called">
                {span.peerName} {span.peerType !== undefined && <span className="dim">{span.peerType}</span>}
              </Pair>
            )}
            {span.serviceType !== undefined && <Pair name="runs on">{span.serviceType}</Pair>}
            {span.placement === 'orphan' && (
              <Pair name="parent">
                <span className="mono">{span.parentSpanId}</span>, not received
              </Pair>
            )}
            <Pair name="span id">
              <span className="mono">{span.spanId}</span>
            </Pair>
          </dl>
          {!span.inProgress && <Rank traceId={traceId} spanId={span.spanId} name={span.name} />}
          <AttributeList
            title="Attributes"
            attributes={span.attributes}
            dropped={span.droppedAttributesCount}
          />
          <TextList title="Metadata" pairs={document.metadata} />
          <AttributeList title="Resource" attributes={resourceScope.resource.attributes} />
          {resourceScope.scope.name !== undefined && (
            <p className="dim span-scope">
              by {resourceScope.scope.name} {resourceScope.scope.version}
            </p>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="exceptions" className="span-body" tabIndex={0}>
          {exceptions.map((each, i) => (
            <Exception key={i} exception={each} />
          ))}
        </Tabs.Panel>
        <Tabs.Panel value="events" className="span-body" tabIndex={0}>
          {events.map((event, i) => (
            <section key={i}>
              <h3>
                {event.name}{' '}
                <span className="dim">
                  +
                  {formatDuration(
                    micros(Number(BigInt(event.epochNanos) - BigInt(span.startEpochNanos)) / 1_000),
                  )}
                </span>
              </h3>
              <Pairs attributes={event.attributes} />
            </section>
          ))}
          {span.droppedEventsCount !== undefined && (
            <p className="dim">The sender left {plural(span.droppedEventsCount, 'event')} out.</p>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="links" className="span-body" tabIndex={0}>
          {span.links.map((link, i) => (
            <section key={i}>
              <h3>
                <Link
                  to="/trace/$id"
                  params={{ id: link.traceId }}
                  search={(before) => ({ ...sharedSearch(before), span: link.spanId })}
                  className="mono"
                >
                  {link.traceId}
                </Link>
              </h3>
              <Pairs attributes={link.attributes} />
            </section>
          ))}
        </Tabs.Panel>
        <Tabs.Panel value="raw" className="span-body" tabIndex={0}>
          <Raw traceId={traceId} spanId={span.spanId} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Pair({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Pairs({ attributes }: { readonly attributes: Attributes }): ReactNode {
  return (
    <dl className="pairs">
      {[...attributes].map(([key, value]) => (
        <Pair key={key} name={key}>
          <span className="mono">{valueText(value)}</span>
        </Pair>
      ))}
    </dl>
  );
}

function AttributeList({
  title,
  attributes,
  dropped,
}: {
  readonly title: string;
  readonly attributes: Attributes;
  readonly dropped?: number | undefined;
}): ReactNode {
  if (attributes.size === 0 && dropped === undefined) {
    return null;
  }
  return (
    <section>
      <h3>{title}</h3>
      <Pairs attributes={attributes} />
      {dropped !== undefined && <p className="dim">The sender left {plural(dropped, 'attribute')} out.</p>}
    </section>
  );
}

function TextList({
  title,
  pairs,
}: {
  readonly title: string;
  readonly pairs: readonly (readonly [string, string])[];
}): ReactNode {
  return pairs.length === 0 ? null : (
    <section>
      <h3>{title}</h3>
      <dl className="pairs">
        {pairs.map(([key, value]) => (
          <Pair key={key} name={key}>
            <span className="mono">{value}</span>
          </Pair>
        ))}
      </dl>
    </section>
  );
}

function Exception({ exception }: { readonly exception: ExceptionFacts }): ReactNode {
  return (
    <section>
      <h3 className="outcome-fault">{exception.type || 'exception'}</h3>
      {exception.message !== '' && <p className="exception-message">{exception.message}</p>}
      {exception.stack !== '' && (
        <pre className="mono code-block" tabIndex={0}>
          {exception.stack}
        </pre>
      )}
    </section>
  );
}

function Raw({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): ReactNode {
  const [form, setForm] = useState<'xray' | 'otlp'>('xray');
  const raw = useQuery({
    queryKey: ['raw-span', traceId, spanId],
    queryFn: ({ signal }) => fetchRawSpan(traceId, spanId, signal),
  });
  if (raw.isPending) {
    return <Loading label="Reading the raw span" rows={5} />;
  }
  if (raw.isError) {
    return (
      <Failure title="The raw span cannot be shown" error={raw.error} onRetry={() => void raw.refetch()} />
    );
  }
  const shown = form === 'otlp' ? indented(raw.data.otlp) : raw.data.xray.map(indented).join('\n\n');
  return (
    <>
      <div className="raw-head">
        <SegmentedControl
          size="xs"
          aria-label="Form"
          value={form}
          onChange={(value) => setForm(value === 'otlp' ? 'otlp' : 'xray')}
          data={[
            { value: 'xray', label: 'X-Ray' },
            { value: 'otlp', label: 'OpenTelemetry' },
          ]}
        />
        <CopyButton label="Copy" text={() => shown} />
      </div>
      <pre className="mono code-block" tabIndex={0}>
        {shown}
      </pre>
    </>
  );
}
