// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Kbd, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { fetchServices } from '../api/routes';
import { setColorScheme, useColorScheme } from './color-scheme';
import { NAVIGATION } from './navigation';
import { itemsFor, serviceFilter } from './palette-items';
import type { PaletteItem } from './palette-items';
import { useRange } from './range-context';
import { recentFilters } from './recent-filters';
import type { SharedSearch } from './search-params';

/** Goes anywhere by a few letters: pages, services, a trace by its id, filters used before. */
export function Palette({
  opened,
  onClose,
  shared,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly shared: SharedSearch;
}): ReactNode {
  return (
    <section aria-label="Go to">
      <Modal
        withinPortal={false}
        opened={opened}
        onClose={onClose}
        withCloseButton={false}
        title="Go to"
        classNames={{ header: 'visually-hidden', body: 'palette' }}
        lockScroll={false}
        yOffset="12vh"
        padding={0}
      >
        <Choices onClose={onClose} shared={shared} />
      </Modal>
    </section>
  );
}

function Choices({
  onClose,
  shared,
}: {
  readonly onClose: () => void;
  readonly shared: SharedSearch;
}): ReactNode {
  const navigate = useNavigate();
  const { range, setFilter } = useRange();
  const scheme = useColorScheme();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const services = useQuery({
    queryKey: ['services', range?.start, range?.end],
    queryFn: ({ signal }) => (range === undefined ? { services: [] } : fetchServices(range, signal)),
  });

  const all = useMemo((): readonly PaletteItem[] => {
    const filterTraces = (filter: string): void =>
      void navigate({ to: '/traces', search: { ...shared, q: filter } });
    return [
      ...NAVIGATION.map(({ to, label, keys }): PaletteItem => ({
        id: to,
        group: 'Pages',
        label,
        hint: keys,
        run: () => void navigate({ to, search: shared }),
      })),
      {
        id: '/start',
        group: 'Pages',
        label: 'How to send spans',
        run: () => void navigate({ to: '/start', search: shared }),
      },
      {
        id: 'scheme',
        group: 'Actions',
        label: scheme.shown === 'dark' ? 'Light colours' : 'Dark colours',
        hint: 'd',
        run: () => setColorScheme(scheme.shown === 'dark' ? 'light' : 'dark'),
      },
      ...(services.data?.services ?? []).map((service): PaletteItem => ({
        id: `service ${service}`,
        group: 'Services',
        label: service,
        run: () => filterTraces(serviceFilter(service)),
      })),
      ...recentFilters().map((filter): PaletteItem => ({
        id: `filter ${filter}`,
        group: 'Recent filters',
        label: filter,
        run: () => filterTraces(filter),
      })),
    ];
  }, [navigate, scheme.shown, services.data, setFilter, shared]);
  const items = useMemo(
    () => itemsFor(typed, all, (id) => void navigate({ to: '/trace/$id', params: { id }, search: shared })),
    [typed, all, navigate, shared],
  );
  const chosen = Math.min(at, items.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen, items]);

  const choose = (item: PaletteItem | undefined): void => {
    if (item !== undefined) {
      onClose();
      item.run();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && items.length > 0) {
      event.preventDefault();
      setAt((chosen + step + items.length) % items.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(items[chosen]);
    }
  };
  return (
    <>
      <input
        className="palette-input"
        role="combobox"
        aria-label="Page, service, trace id or filter"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={items.length === 0 ? undefined : `${listId}-${chosen}`}
        aria-autocomplete="list"
        placeholder="Page, service, trace id…"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" role="listbox" id={listId} aria-label="Choices" ref={list}>
        {items.map((item, i) => (
          <div
            key={item.id}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === chosen}
            className="palette-item"
            onPointerMove={() => setAt(i)}
            onClick={() => choose(item)}
          >
            <span className={`truncate${item.group === 'Recent filters' ? ' mono' : ''}`}>{item.label}</span>
            <span className="palette-group">
              {item.hint === undefined
                ? item.group
                : item.hint.split(' ').map((key) => (
                    <Kbd key={key} size="xs">
                      {key}
                    </Kbd>
                  ))}
            </span>
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className="palette-none" role="status">
          Nothing is like that. A trace id has 32 hex digits, or X-Ray&apos;s form 1-…-….
        </p>
      )}
      {services.isError && <p className="palette-none">Services: {services.error.message}</p>}
    </>
  );
}
