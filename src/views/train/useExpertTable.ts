// What lies behind a heatmap of layers × experts, as a table.
import type { TableData } from '../../components/DataTable';
import { useText } from '../../components/TextContext';

/** @returns builds the table of `values` [layers, experts] when it is asked for. @param rowLabel names a layer by its row */
export function useExpertTable(
  layers: number,
  experts: number,
  rowLabel: (row: number) => string,
): (values: Float32Array, caption: string) => () => TableData {
  const { t } = useText();
  return (values, caption) => () => ({
    caption,
    columns: [
      t('train.balance.layer'),
      ...Array.from({ length: experts }, (_, column) => t('train.expert.short', { expert: column })),
    ],
    rows: Array.from({ length: layers }, (_, row) => [rowLabel(row), ...values.subarray(row * experts, (row + 1) * experts)]),
  });
}
