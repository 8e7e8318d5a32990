// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { ReactNode } from 'react';
import type { Ingest } from '../../api/schemas';
import { formatCount, formatTime } from '../../ui/format';
import { TRANSPORTS } from './ingest-text';
import { hintFor, reasonText } from './snippets';

/** What was refused lately, why, and what to do. */
export function Refused({ refused }: { readonly refused: Ingest['refused'] }): ReactNode {
  return (
    <ul className="refused-list">
      {refused.map((each) => (
        <li key={`${each.transport} ${each.reason} ${each.message}`}>
          <p className="refused-head">
            <strong className="outcome-fault">{reasonText(each.reason)}</strong>
            <span>{TRANSPORTS[each.transport]}</span>
            <span className="dim">
              {each.count > 1 && <>{formatCount(each.count)} times, last </>}
              {formatTime(each.epochNanos)}
            </span>
          </p>
          <p className="mono refused-message">{each.message}</p>
          {hintFor(each.reason) !== undefined && <p className="dim">{hintFor(each.reason)}</p>}
        </li>
      ))}
    </ul>
  );
}
