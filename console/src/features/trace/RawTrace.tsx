// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { fetchRawTrace } from '../../api/routes';
import { CopyButton } from '../../ui/CopyButton';
import { formatBytes, plural } from '../../ui/format';
import { Failure, Loading } from '../../ui/states';
import { indented } from './values';

/** More text than this makes the page slow; the rest is in what is copied and downloaded. */
const MAX_SHOWN = 200_000;
/** Larger traces are asked for only on request. */
const MAX_UNASKED = 5_000;

type Form = 'xray' | 'otlp';

function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The whole trace as its protocols spell it, to look at, copy and keep. */
export function RawTrace({
  traceId,
  spanCount,
}: {
  readonly traceId: string;
  readonly spanCount: number;
}): ReactNode {
  const [form, setForm] = useState<Form>('xray');
  const [wanted, setWanted] = useState(spanCount <= MAX_UNASKED);
  const raw = useQuery({
    queryKey: ['raw-trace', traceId, form],
    queryFn: ({ signal }) => fetchRawTrace(traceId, form, signal),
    enabled: wanted,
    structuralSharing: false,
    gcTime: 60_000,
  });
  const whole = useMemo(() => {
    const documents = raw.data?.documents ?? [];
    // An array of documents is what programs read; as OpenTelemetry it is one request already.
    return form === 'otlp' ? (documents[0] ?? '') : `[${documents.join(',\n')}]`;
  }, [raw.data, form]);
  const shown = useMemo(
    () => (whole.length > MAX_SHOWN ? whole.slice(0, MAX_SHOWN) : indented(whole)),
    [whole],
  );
  return (
    <div className="trace-raw">
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
        {raw.data !== undefined && (
          <div className="trace-actions">
            <span className="dim tabular">
              {plural(raw.data.spanCount, 'span')}, {formatBytes(whole.length)}
            </span>
            <CopyButton label="Copy all" text={() => whole} />
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconDownload size={14} />}
              onClick={() => download(`trace-${traceId}-${form}.json`, whole)}
            >
              Download
            </Button>
          </div>
        )}
      </div>
      {!wanted ? (
        <div className="raw-ask">
          <p>This trace has {plural(spanCount, 'span')}; to read it as a whole takes a while.</p>
          <Button size="xs" onClick={() => setWanted(true)}>
            Read all of it
          </Button>
        </div>
      ) : raw.isPending ? (
        <Loading label="Reading the whole trace" rows={12} />
      ) : raw.isError ? (
        <Failure title="The trace cannot be shown raw" error={raw.error} onRetry={() => void raw.refetch()} />
      ) : (
        <pre className="mono code-block" tabIndex={0} aria-label="The trace as JSON">
          {shown}
          {whole.length > MAX_SHOWN && `\n… ${formatBytes(whole.length - MAX_SHOWN)} more: copy or download it`}
        </pre>
      )}
    </div>
  );
}
