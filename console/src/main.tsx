// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './ui/mantine.css';
import './ui/tokens.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('root: missing (expected: index.html has it)');
}
createRoot(root).render(<App />);
