// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';

/** A modal dialog; its head is no landmark, as Mantine's own would be. */
export function Dialog({
  title,
  size = 'md',
  onClose,
  children,
}: {
  readonly title: string;
  readonly size?: 'md' | 'lg' | 'xl';
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Modal.Root opened onClose={onClose} size={size} lockScroll={false}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
