// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';

const SHOWN_MILLIS = 2_000;

/** Copies a text, and says whether that worked. */
export function CopyButton({
  label,
  text,
}: {
  readonly label: string;
  readonly text: () => string;
}): ReactNode {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') {
      return undefined;
    }
    const timer = setTimeout(() => setState('idle'), SHOWN_MILLIS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setState('done');
    } catch {
      // Browsers give no clipboard to pages that did not come over TLS or from this machine.
      setState('failed');
    }
  };
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={state === 'done' ? <IconCheck size={14} /> : <IconCopy size={14} />}
      onClick={() => void copy()}
    >
      {state === 'done' ? 'Copied' : state === 'failed' ? 'The browser does not let it' : label}
    </Button>
  );
}
