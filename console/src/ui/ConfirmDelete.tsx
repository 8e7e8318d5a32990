// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from './Dialog';

/** Asks before something is deleted, and says so if it could not be. */
export function ConfirmDelete({
  title,
  children,
  remove,
  onClose,
  onDone,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly remove: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const mutation = useMutation({ mutationFn: remove, onSuccess: onDone });
  return (
    <Dialog onClose={onClose} title={title}>
      <div className="editor">
        {children}
        <div className="editor-foot">
          {mutation.isError && (
            <span className="editor-problem" role="alert">
              {mutation.error.message}
            </span>
          )}
          <Button size="xs" variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button size="xs" loading={mutation.isPending} onClick={() => mutation.mutate()}>
            Delete
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
