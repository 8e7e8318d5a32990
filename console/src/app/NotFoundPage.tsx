// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty } from '../ui/states';

export function NotFoundPage(): ReactNode {
  const { pathname } = useLocation();
  return (
    <Empty
      title="There is no such page"
      level={1}
      actions={
        <Button component={Link} to="/traces" size="xs">
          Go to traces
        </Button>
      }
    >
      <p>
        Nothing is at <code className="mono">{pathname}</code>. The address may be misspelt or from another
        version.
      </p>
    </Empty>
  );
}
