// A figure with its title: can be enlarged to the whole window, shown as a table, taken away as picture or figures.
import { Component, memo, useCallback, useContext, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { IconButton } from './Button';
import { classes } from './classes';
import { DataTable, type TableData } from './DataTable';
import { download, toCsv } from './exportFigures';
import { renderPng, renderSvg } from './exportPicture';
import { Menu, type MenuEntry } from './Menu';
import styles from './Panel.module.css';
import { PanelCaptionContext } from './panelCaption';
import { ENLARGED_SCALE, PanelScaleContext } from './panelScale';
import { ErrorState } from './States';
import { useText } from './TextContext';

export interface PanelProps {
  /** The subject of the finding. */
  readonly title: string;
  /** Layer, tokens, step, baseline. */
  readonly subtitle?: ReactNode;
  /** Controls of this figure, before the standard ones. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** The figures behind the picture, made when asked for: gives the table and the CSV. */
  readonly table?: () => TableData;
  /** File name of exports, without its ending; also switches on the pictures. What the view says of its figures (panelCaption) is added. */
  readonly exportName?: string;
  readonly className?: string;
  /** Without the enlarge button. */
  readonly fixed?: boolean;
  readonly level?: 2 | 3 | 4;
}

export function Panel({
  title,
  subtitle,
  actions,
  children,
  table,
  exportName,
  className,
  fixed = false,
  level = 2,
}: PanelProps) {
  const { t } = useText();
  const section = useRef<HTMLElement>(null);
  const figure = useRef<HTMLDivElement>(null);
  const [enlarged, setEnlarged] = useState(false);
  const [shownTable, setShownTable] = useState<TableData | null>(null);
  useEnlarged(section, enlarged, () => setEnlarged(false));
  const caption = useContext(PanelCaptionContext);
  const Heading = `h${level}` as const;

  const newest = useRef(table);
  useLayoutEffect(() => {
    newest.current = table;
  });
  const toggleTable = useCallback(() => setShownTable((shown) => (shown ? null : (newest.current?.() ?? null))), []);
  const toggleSize = useCallback(() => setEnlarged((large) => !large), []);
  const exportAs = useCallback(
    (kind: string) => {
      const name = caption ? `${exportName}-${caption.fileSuffix}` : exportName;
      const words = caption?.text ?? '';
      if (kind === 'csv' && newest.current) {
        download(`${name}.csv`, new Blob(['\ufeff', toCsv(newest.current())], { type: 'text/csv' }));
      }
      if (kind === 'svg' && section.current) download(`${name}.svg`, renderSvg(section.current, title, words));
      if (kind === 'png' && section.current) {
        void renderPng(section.current, words, window.devicePixelRatio).then(
          (picture) => picture && download(`${name}.png`, picture),
        );
      }
    },
    [exportName, caption, title],
  );

  return (
    <section ref={section} className={classes(styles.panel, enlarged && styles.enlarged, className)} aria-label={title}>
      <header className={styles.head}>
        <div className={styles.titles}>
          <Heading className={styles.title}>{title}</Heading>
          {subtitle && <p className={styles.subtitle}>{subtitle}</p>}
        </div>
        <div className={styles.actions} data-export="no">
          {actions}
          <PanelTools
            hasTable={table !== undefined}
            tableShown={shownTable !== null}
            exported={exportName !== undefined}
            fixed={fixed}
            enlarged={enlarged}
            onTable={toggleTable}
            onExport={exportAs}
            onSize={toggleSize}
          />
        </div>
      </header>
      <div ref={figure} className={styles.body}>
        {shownTable && table ? (
          <>
            <div className={styles.tableHead}>
              <span>
                {t('components.table.frozen')} · {t('components.table.rows', { count: shownTable.rows.length })}
              </span>
              <IconButton icon="restart" size="s" label={t('components.table.refresh')} onPress={() => setShownTable(table())} />
            </div>
            <DataTable table={shownTable} maxHeight={enlarged ? window.innerHeight - 140 : 320} />
          </>
        ) : (
          <FigureBoundary title={t('app.crash.title')} what={(detail) => t('app.crash.what', { detail })}>
            <PanelScaleContext value={enlarged ? ENLARGED_SCALE : 1}>{children}</PanelScaleContext>
          </FigureBoundary>
        )}
      </div>
    </section>
  );
}

interface PanelToolsProps {
  readonly hasTable: boolean;
  readonly tableShown: boolean;
  readonly exported: boolean;
  readonly fixed: boolean;
  readonly enlarged: boolean;
  readonly onTable: () => void;
  readonly onExport: (kind: string) => void;
  readonly onSize: () => void;
}

/** The standard buttons; apart, so that a figure that changes with every step does not render them each time. */
const PanelTools = memo(function PanelTools(props: PanelToolsProps) {
  const { hasTable, tableShown, exported, fixed, enlarged, onTable, onExport, onSize } = props;
  const { t } = useText();
  const exports: MenuEntry[] = [];
  if (exported) {
    exports.push({ id: 'png', label: t('components.panel.png'), icon: 'figure' });
    exports.push({ id: 'svg', label: t('components.panel.svg'), icon: 'figure' });
  }
  if (exported && hasTable) exports.push({ id: 'csv', label: t('components.panel.csv'), icon: 'table' });
  return (
    <>
      {hasTable && (
        <IconButton
          icon={tableShown ? 'figure' : 'table'}
          size="s"
          label={t(tableShown ? 'components.panel.figure' : 'components.panel.table')}
          onPress={onTable}
        />
      )}
      {exports.length > 0 && (
        <Menu
          label={t('components.panel.export')}
          trigger={<IconButton icon="download" size="s" label={t('components.panel.export')} />}
          entries={exports}
          onAction={onExport}
        />
      )}
      {!fixed && (
        <IconButton
          icon={enlarged ? 'restore' : 'enlarge'}
          size="s"
          label={t(enlarged ? 'components.panel.restore' : 'components.panel.enlarge')}
          onPress={onSize}
        />
      )}
    </>
  );
});

/** While enlarged: Escape leads back, and what lies behind takes no focus. */
function useEnlarged(section: React.RefObject<HTMLElement | null>, enlarged: boolean, leave: () => void): void {
  const leaveNewest = useRef(leave);
  useLayoutEffect(() => {
    leaveNewest.current = leave;
  });
  useEffect(() => {
    if (!enlarged) return;
    const silenced: Element[] = [];
    for (let inner: Element | null = section.current; inner && inner !== document.body; inner = inner.parentElement) {
      for (const sibling of inner.parentElement?.children ?? []) {
        if (sibling === inner || sibling.hasAttribute('inert')) continue;
        sibling.setAttribute('inert', '');
        silenced.push(sibling);
      }
    }
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) leaveNewest.current();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      for (const element of silenced) element.removeAttribute('inert');
    };
  }, [enlarged, section]);
}

interface BoundaryProps {
  readonly title: string;
  readonly what: (detail: string) => string;
  readonly children: ReactNode;
}

/** A figure that fails leaves the rest of the page standing. */
class FigureBoundary extends Component<BoundaryProps, { readonly detail: string | null }> {
  override state: { readonly detail: string | null } = { detail: null };

  static getDerivedStateFromError(error: unknown) {
    return { detail: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { detail } = this.state;
    return detail === null ? this.props.children : <ErrorState title={this.props.title} what={this.props.what(detail)} />;
  }
}
