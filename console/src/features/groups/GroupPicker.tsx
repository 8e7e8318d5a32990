// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './group-picker.css';
import { Button } from '@mantine/core';
import { IconBookmarkPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { fetchGroups } from '../../api/routes';
import { DEFAULT_GROUP } from '../../app/group-scope';
import { useRange } from '../../app/range-context';

/** Of which group's traces the page is. */
export function GroupPicker(): ReactNode {
  const { group, setGroup } = useRange();
  const groups = useQuery({ queryKey: ['groups'], queryFn: ({ signal }) => fetchGroups(signal) });
  const names = (groups.data ?? []).map((each) => each.name).filter((name) => name !== DEFAULT_GROUP);
  const unknown = group !== undefined && !names.includes(group);
  return (
    <label className={`group-picker${group === undefined ? '' : ' group-chosen'}`}>
      <span>Group</span>
      <select value={group ?? ''} onChange={(event) => setGroup(event.currentTarget.value)}>
        <option value="">All traces</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {unknown && (
          <option value={group}>{groups.data === undefined ? group : `${group} (not there)`}</option>
        )}
      </select>
    </label>
  );
}

/** Opens the dialog that makes a group of the filter. */
export function SaveAsGroup(): ReactNode {
  const { filter } = useRange();
  const navigate = useNavigate();
  if (filter === '') {
    return null;
  }
  return (
    <Button
      variant="default"
      className="save-group"
      aria-label="Save as group"
      title="Save the filter as a group"
      onClick={() => void navigate({ to: '/groups', search: (before) => ({ ...before, new: '1' }) })}
    >
      <IconBookmarkPlus size={16} aria-hidden />
      <span className="save-group-text">Save as group</span>
    </Button>
  );
}
