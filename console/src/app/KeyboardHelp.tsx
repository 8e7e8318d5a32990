// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Kbd, Modal, Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { currentKeys, setLetterKeys, useLetterKeys } from './keys';

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

export function KeyboardHelp({
  opened,
  onClose,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const letters = useLetterKeys();
  return (
    <section aria-label="Keys">
      <Modal
        withinPortal={false}
        opened={opened}
        onClose={onClose}
        title="Keys on this page"
        centered
        size="sm"
        lockScroll={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <dl className="keys-list">
          {opened &&
            currentKeys().map(({ keys, label }) => (
              <div key={keys} style={{ display: 'contents' }}>
                <dt>
                  {keys.split(' ').map((key) => (
                    <Kbd key={key}>{KEY_NAMES[key] ?? key}</Kbd>
                  ))}
                </dt>
                <dd>{label}</dd>
              </div>
            ))}
        </dl>
        <Switch
          size="sm"
          label="Single-letter keys"
          checked={letters}
          onChange={(event) => setLetterKeys(event.currentTarget.checked)}
        />
      </Modal>
    </section>
  );
}
