// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/admin.css';
import { Button } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Range } from '../../api/routes';
import { deleteGroup, fetchGroups, fetchTraceStatistics } from '../../api/routes';
import type { Group } from '../../api/schemas';
import { DEFAULT_GROUP, scopeOf } from '../../app/group-scope';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { DEFAULT_RANGE } from '../../app/time-range';
import { ConfirmDelete } from '../../ui/ConfirmDelete';
import { formatCount, formatDuration } from '../../ui/format';
import { Empty, Failure, Loading } from '../../ui/states';
import { nanosToMicros } from '../../ui/units';
import { GroupEditor } from './GroupEditor';
import { countsOf } from './counts';

/** Filters with a name: what they match, and their making and changing. */
export function GroupsPage(): ReactNode {
  const search = useSearch({ from: '/groups' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { filter, group: chosen, setGroup } = useRange();
  const [doomed, setDoomed] = useState<Group>();
  useEffect(() => {
    document.title = 'Groups · Roentgen';
  }, []);
  const groups = useQuery({ queryKey: ['groups'], queryFn: ({ signal }) => fetchGroups(signal) });

  const open = (changed: { readonly new?: string; readonly edit?: string }): void =>
    void navigate({ to: '/groups', search: (before) => ({ ...sharedSearch(before), ...changed }) });
  const keys = useMemo(() => [{ keys: 'n', label: 'New group', run: () => open({ new: '1' }) }], [navigate]);
  useKeys(keys);

  const edited = groups.data?.find((each) => each.name === search.edit);
  const saved = (): void => {
    open({});
    // Whatever was asked of the group's traces may be otherwise now.
    void queries.invalidateQueries();
  };
  return (
    <div className="admin-page">
      <div className="admin-head">
        <h1>Groups</h1>
        <p>
          A group is a filter with a name. Chosen above a page, it limits the page to its traces; with insights on,
          its services are watched for faults and slowness.
        </p>
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => open({ new: '1' })}>
          New group
        </Button>
      </div>
      {search.edit !== undefined && groups.data !== undefined && edited === undefined && (
        <p className="panel editor-preview" role="alert">
          There is no group {search.edit}. It may have been deleted.
        </p>
      )}
      {groups.isError && groups.data === undefined ? (
        <Failure title="Groups cannot be shown" error={groups.error} onRetry={() => void groups.refetch()} />
      ) : groups.data === undefined ? (
        <Loading rows={6} label="Groups are fetched" />
      ) : (
        <GroupTable groups={groups.data} onEdit={(name) => open({ edit: name })} onDelete={setDoomed} />
      )}
      {groups.data?.length === 1 && (
        <Empty
          title="There is no group of your own yet"
          actions={
            <Button size="xs" onClick={() => open({ new: '1' })}>
              Make one
            </Button>
          }
        >
          <p>Filter the map or the traces, then press Save as group beside the filter; or start from nothing here.</p>
        </Empty>
      )}
      {(search.new !== undefined || edited !== undefined) && (
        <GroupEditor
          key={edited?.name ?? ''}
          group={edited}
          filter={edited?.filter ?? filter}
          onClose={() => open({})}
          onSaved={saved}
        />
      )}
      {doomed !== undefined && (
        <ConfirmDelete
          title={`Delete the group ${doomed.name}?`}
          remove={() => deleteGroup(doomed.name)}
          onClose={() => setDoomed(undefined)}
          onDone={() => {
            setDoomed(undefined);
            if (chosen === doomed.name) {
              setGroup(undefined);
            }
            void queries.invalidateQueries();
          }}
        >
          <p>
            Its traces stay. Filters that name it, and links to its map, will match nothing; its insights stay for 30
            days.
          </p>
        </ConfirmDelete>
      )}
    </div>
  );
}

function GroupTable({
  groups,
  onEdit,
  onDelete,
}: {
  readonly groups: readonly Group[];
  readonly onEdit: (name: string) => void;
  readonly onDelete: (group: Group) => void;
}): ReactNode {
  const { range, setRange } = useRange();
  return (
    <>
      {range === undefined && (
        <p className="panel editor-preview" role="alert">
          The range of time in the address cannot be.{' '}
          <Button size="compact-xs" variant="subtle" onClick={() => setRange(DEFAULT_RANGE)}>
            Show the last hour
          </Button>
        </p>
      )}
      <div className="panel admin-scroll">
        <table className="admin-table" aria-label="Groups">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Filter</th>
              <th scope="col">Insights</th>
              <th scope="col" className="number">
                Traces
              </th>
              <th scope="col" className="number">
                Faults
              </th>
              <th scope="col" className="number">
                p95
              </th>
              <th scope="col">
                <span className="visually-hidden">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.name}>
                <th scope="row">{group.name}</th>
                <td className="grow">
                  {group.filter === '' ? (
                    <span className="dim">all traces</span>
                  ) : (
                    <code className="mono">{group.filter}</code>
                  )}
                </td>
                <td>
                  {group.insights.enabled
                    ? group.insights.notifications
                      ? 'on, told of'
                      : 'on'
                    : 'off'}
                </td>
                <Counts group={group} range={range} />
                <td>
                  <GroupActions group={group} onEdit={onEdit} onDelete={onDelete} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Counts({ group, range }: { readonly group: Group; readonly range: Range | undefined }): ReactNode {
  const scope = scopeOf(group.name, '');
  const statistics = useQuery({
    queryKey: ['trace-statistics', range?.start, range?.end, scope],
    queryFn: ({ signal }) =>
      range === undefined ? Promise.reject(new Error('no range')) : fetchTraceStatistics(range, scope, undefined, signal),
    enabled: range !== undefined,
  });
  if (statistics.isError) {
    return (
      <td colSpan={3} className="outcome-fault">
        {statistics.error.message}
      </td>
    );
  }
  const counts = statistics.data && countsOf(statistics.data);
  const p95 = statistics.data?.durations?.p95Nanos;
  return (
    <>
      <td className="number">
        {counts === undefined ? '…' : `${formatCount(counts.total)}${counts.more ? '+' : ''}`}
      </td>
      <td className={`number${counts !== undefined && counts.fault > 0 ? ' outcome-fault' : ''}`}>
        {counts === undefined ? '…' : formatCount(counts.fault)}
      </td>
      <td className="number">{p95 === undefined ? '–' : formatDuration(nanosToMicros(p95))}</td>
    </>
  );
}

function GroupActions({
  group,
  onEdit,
  onDelete,
}: {
  readonly group: Group;
  readonly onEdit: (name: string) => void;
  readonly onDelete: (group: Group) => void;
}): ReactNode {
  const { from, to } = sharedSearch(useSearch({ from: '/groups' }));
  const search = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(group.name === DEFAULT_GROUP ? {} : { group: group.name }),
  };
  return (
    <div className="admin-actions">
      <Link to="/map" search={search} aria-label={`Map of ${group.name}`}>
        Map
      </Link>
      <Link to="/traces" search={search} aria-label={`Traces of ${group.name}`}>
        Traces
      </Link>
      <Button
        size="compact-xs"
        variant="subtle"
        aria-label={`Edit ${group.name}`}
        leftSection={<IconPencil size={14} />}
        onClick={() => onEdit(group.name)}
      >
        Edit
      </Button>
      <Button
        size="compact-xs"
        variant="subtle"
        aria-label={`Delete ${group.name}`}
        leftSection={<IconTrash size={14} />}
        disabled={group.name === DEFAULT_GROUP}
        title={group.name === DEFAULT_GROUP ? 'This group is always there' : undefined}
        onClick={() => onDelete(group)}
      >
        Delete
      </Button>
    </div>
  );
}
