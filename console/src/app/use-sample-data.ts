// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { loadSampleData, removeSampleData } from '../api/routes';
import type { SampleData } from '../api/schemas';
import { useRange } from './range-context';

type Change = UseMutationResult<SampleData, Error, void>;

/** Loads and removes sample data; all that is shown is asked for anew afterwards. */
export function useSampleData(): { readonly load: Change; readonly remove: Change } {
  const queries = useQueryClient();
  const { refresh } = useRange();
  const done = async (sample: SampleData): Promise<void> => {
    queries.setQueryData(['sample-data'], sample);
    refresh();
    await queries.invalidateQueries();
  };
  const load = useMutation({ mutationFn: () => loadSampleData(), onSuccess: done });
  const remove = useMutation({ mutationFn: () => removeSampleData(), onSuccess: done });
  return { load, remove };
}
