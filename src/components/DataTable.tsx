// The figures behind a picture. Only the rows in sight are in the page, so thousands are fine.
import { useRef, useState } from 'react';
import styles from './DataTable.module.css';
import { useText } from './TextContext';
import { useSize } from './useCanvas';

export type TableValue = string | number;

export interface TableData {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableValue[])[];
}

interface DataTableProps {
  readonly table: TableData;
  /** How figures are written; by default integers in full, others with four significant digits. */
  readonly format?: (value: number, column: number) => string;
  /** CSS px. */
  readonly maxHeight?: number;
}

const ROW = 26;
const SPARE = 6;

export function DataTable({ table, format, maxHeight = 320 }: DataTableProps) {
  const { integer, significant } = useText();
  const frame = useRef<HTMLDivElement>(null);
  const { height } = useSize(frame);
  const [top, setTop] = useState(0);
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  const last = Math.min(table.rows.length, Math.ceil((top + height) / ROW) + SPARE);
  const cell = (value: TableValue, column: number) =>
    typeof value === 'string'
      ? value
      : (format?.(value, column) ?? (Number.isInteger(value) ? integer(value) : significant(value, 4)));
  const space = (rows: number) => rows > 0 && <tr aria-hidden="true" style={{ height: rows * ROW }} />;
  return (
    <div
      ref={frame}
      className={styles.frame}
      style={{ maxHeight }}
      tabIndex={0}
      role="group"
      aria-label={table.caption}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <table className={styles.table} aria-rowcount={table.rows.length + 1}>
        <caption className={styles.caption}>{table.caption}</caption>
        <thead>
          <tr>
            {table.columns.map((column, i) => (
              <th key={i} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {space(first)}
          {table.rows.slice(first, last).map((row, i) => (
            <tr key={first + i} aria-rowindex={first + i + 2} style={{ height: ROW }}>
              {row.map((value, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {cell(value, column)}
                  </th>
                ) : (
                  <td key={column} className={typeof value === 'number' ? styles.number : undefined}>
                    {cell(value, column)}
                  </td>
                ),
              )}
            </tr>
          ))}
          {space(table.rows.length - last)}
        </tbody>
      </table>
    </div>
  );
}
