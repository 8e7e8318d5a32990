// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider, Popover, Tooltip, createTheme } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { useColorScheme } from './color-scheme';
import { createConsoleRouter } from './router';

const MAX_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // The server may be on this very machine, whatever the browser thinks of the network.
      networkMode: 'always',
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < MAX_RETRIES && error instanceof ApiError && error.retriable,
      retryDelay: (attempt) => 500 * 2 ** attempt,
    },
  },
});

const router = createConsoleRouter(queries);

// Colours, fonts and sizes are those of ui/tokens.css; Mantine must add no style element, which the content
// security policy forbids.
const theme = createTheme({
  respectReducedMotion: true,
  components: {
    // Beside what they belong to, so that they are in the same landmark.
    Tooltip: Tooltip.extend({ defaultProps: { withinPortal: false, openDelay: 300 } }),
    Popover: Popover.extend({ defaultProps: { withinPortal: false } }),
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

export function App(): ReactNode {
  const { shown } = useColorScheme();
  return (
    <MantineProvider
      theme={theme}
      forceColorScheme={shown}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
