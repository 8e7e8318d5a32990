// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './login.css';
import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { signIn } from '../../api/routes';

/** Takes the server's token, once; the server then knows the browser by a cookie. */
export function LoginPage(): ReactNode {
  const { next } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const session = await signIn(token.trim());
      queries.clear();
      queries.setQueryData(['session'], session);
      await navigate({ href: localPath(next), replace: true });
    } catch (e) {
      setProblem(e instanceof Error ? e.message : String(e));
      setBusy(false);
    }
  };

  return (
    <main className="login">
      <form className="panel login-form" onSubmit={(event) => void submit(event)}>
        <img src="/favicon.svg" alt="" width="36" height="36" />
        <h1>Sign in to Roentgen</h1>
        <p className="dim">
          This server wants a token: the line in the file that it was started with (
          <code className="mono">--token-file</code>).
        </p>
        <TextInput
          label="Token"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          value={token}
          error={problem}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

/** Returns the path to go on with: one of this server's, whatever the address says. */
export function localPath(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) && !next.startsWith('/login') ? next : '/';
}
